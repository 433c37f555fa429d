"""Bring an old layout into the current one by moving and re-indenting slices of its text. All other changes are left to codemods."""

from __future__ import annotations

from workerlib.lifting.planning import (
    NAME,
    Lifted,
    included_no_more,
    left_behind,
    left_by_writing_down,
    lift,
    roots_moved_away,
    roots_not_stated,
    written_down,
)
from workerlib.lifting.roots import without_unstated

__all__ = [
    "NAME",
    "Lifted",
    "included_no_more",
    "left_behind",
    "left_by_writing_down",
    "lift",
    "roots_moved_away",
    "roots_not_stated",
    "without_unstated",
    "written_down",
]
