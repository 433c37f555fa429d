"""The codemods there are: every module of ``workerlib_codemods.yaml``, found by its file, and those of other distributions."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module

from workerlib.errors import UsageError, WorkerlibError
from workerlib.migrate.plugins import plugins
from workerlib.rewrite import Options, Rewrite

PACKAGE = "workerlib_codemods.yaml"
LIFT = "lift"  # the move to the current layout, which all codemods follow


@cache
def codemods() -> tuple[Rewrite, ...]:
    """All codemods for YAML, in the order of their names, ours first.

    Raises WorkerlibError where their package is missing or empty: a migration without codemods would be wrong without a word.
    """
    try:
        package = import_module(PACKAGE)
    except ImportError as error:
        raise WorkerlibError(f"the package `{PACKAGE}` is missing ({error}); install workerlib again") from error
    names = sorted(m.name for m in pkgutil.iter_modules(package.__path__))
    found = tuple(import_module(f"{PACKAGE}.{name}").rewrite for name in names if not name.startswith("_"))
    if not found:
        raise WorkerlibError(f"the package `{PACKAGE}` holds no codemod; install workerlib again")
    return (*found, *plugins([LIFT, *(rewrite.name for rewrite in found)]))


def chosen(options: Options) -> tuple[Rewrite, ...]:
    """The codemods that the options ask for. Raises UsageError for a name that there is none of."""
    names = [LIFT, *(rewrite.name for rewrite in codemods())]
    for name in (*options.only, *options.skip):
        known(name, names)
    return tuple(r for r in codemods() if (not options.only or r.name in options.only) and r.name not in options.skip)


def known(name: str, names: list[str]) -> None:
    """Raise UsageError where `name` is none of `names`, with the nearest one."""
    if name not in names:
        from difflib import get_close_matches  # rarely needed, and slow to import

        near = get_close_matches(name, names, 1)
        raise UsageError(f"there is no codemod `{name}`" + (f"; did you mean `{near[0]}`?" if near else "; see --list"))
