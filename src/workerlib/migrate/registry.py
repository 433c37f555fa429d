"""The codemods there are: the modules of ``workerlib_codemods.yaml`` and ``.python``, found by file, and those of other distributions."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from workerlib.errors import UsageError, WorkerlibError
from workerlib.guessing import nearest
from workerlib.migrate.plugins import plugins
from workerlib.rewrite import Options, Rewrite

if TYPE_CHECKING:
    from workerlib.python.codemod import PythonRewrite

PACKAGE = "workerlib_codemods.yaml"
PYTHON = "workerlib_codemods.python"  # imported on demand only: libcst takes over 200 ms
PREFIX = "python-"  # of the names of its codemods
LIFT = "lift"  # the move to the current layout, which all codemods follow


@cache
def codemods() -> tuple[Rewrite, ...]:
    """All codemods for YAML, in the order of their names, ours first.

    Raises WorkerlibError where their package is missing or empty: a migration without codemods would be wrong without a word.
    """
    found = tuple(import_module(f"{PACKAGE}.{name}").rewrite for name in _modules(PACKAGE))
    return (*found, *plugins([LIFT, *(rewrite.name for rewrite in found)]))


@cache
def python_codemods() -> tuple[PythonRewrite, ...]:
    """All codemods for Python, in the order of their names. Raises WorkerlibError as :func:`codemods` does."""
    return tuple(import_module(f"{PYTHON}.{name}").rewrite for name in _modules(PYTHON))


def names() -> list[str]:
    """The names of all codemods; those for Python are not imported for it."""
    return [LIFT, *(rewrite.name for rewrite in codemods()), *(PREFIX + name.replace("_", "-") for name in _modules(PYTHON))]


def named(name: str) -> Rewrite | PythonRewrite | None:
    """The codemod of a name, None for the lift."""
    found = next((one for one in codemods() if one.name == name), None)
    return found or next((one for one in (python_codemods() if name.startswith(PREFIX) else ()) if one.name == name), None)


@cache
def _modules(package: str) -> list[str]:
    try:
        path = import_module(package).__path__
    except ImportError as error:
        raise WorkerlibError(f"the package `{package}` is missing ({error}); install workerlib again") from error
    found = sorted(m.name for m in pkgutil.iter_modules(path) if not m.name.startswith("_"))
    if not found:
        raise WorkerlibError(f"the package `{package}` holds no codemod; install workerlib again")
    return found


def chosen(options: Options) -> tuple[Rewrite, ...]:
    """The codemods that the options ask for. Raises UsageError for a name that there is none of."""
    there = names()
    for name in (*options.only, *options.skip):
        known(name, there)
    if not options.python and any(name.startswith(PREFIX) for name in options.only):
        raise UsageError("codemods for Python run with --python only")
    return tuple(rewrite for rewrite in codemods() if wanted(options, rewrite.name))


def chosen_python(options: Options) -> tuple[PythonRewrite, ...]:
    """The codemods for Python that the options ask for."""
    return tuple(rewrite for rewrite in python_codemods() if wanted(options, rewrite.name)) if options.python else ()


def wanted(options: Options, name: str) -> bool:
    """Whether the options ask for a codemod."""
    return (not options.only or name in options.only) and name not in options.skip


def known(name: str, names: list[str]) -> None:
    """Raise UsageError where `name` is none of `names`, with the nearest one."""
    if name not in names:
        raise UsageError(f"there is no codemod `{name}`; {nearest(name, names, 'see --list')}")
