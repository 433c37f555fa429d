"""Plan and apply a migration: the Python side of ``python -m workerlib.migrate``."""

from __future__ import annotations

from workerlib.migrate.planning import Plan, plan
from workerlib.rewrite import Options

__all__ = ["Options", "Plan", "plan"]
