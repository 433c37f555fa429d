"""Bring an old layout into the current one by moving and re-indenting slices of its text. All other changes are left to codemods."""

from __future__ import annotations

from workerlib.lifting.planning import NAME, Lifted, left_behind, lift, written_down

__all__ = ["NAME", "Lifted", "left_behind", "lift", "written_down"]
