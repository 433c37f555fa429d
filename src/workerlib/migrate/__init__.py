"""Plan and apply a migration: the Python side of ``python -m workerlib.migrate``."""

from __future__ import annotations

TYPE_CHECKING = False  # that of `typing`

if TYPE_CHECKING:
    from workerlib.migrate.fleet import Done, migrate_many
    from workerlib.migrate.planning import Plan, plan
    from workerlib.rewrite import Options

__all__ = ["Done", "Options", "Plan", "migrate_many", "plan"]

_HOMES = {
    "workerlib.migrate.fleet": ("Done", "migrate_many"),
    "workerlib.migrate.planning": ("Plan", "plan"),
    "workerlib.rewrite": ("Options",),
}

if not TYPE_CHECKING:  # type checkers see the imports above

    def __getattr__(name: str) -> object:
        from importlib import import_module

        for module, names in _HOMES.items():
            if name in names:
                return getattr(import_module(module), name)
        raise AttributeError(f"module `workerlib.migrate` has no attribute `{name}`")
