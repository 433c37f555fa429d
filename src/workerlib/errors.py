"""What can go wrong, as exceptions.

Mistakes in a configuration are :class:`~workerlib.diagnostic.Diagnostic` values, collected and returned. An exception is raised where there
is no result to return: a file that cannot be read as YAML, a project that cannot be migrated, a disk that is full. A message begins with
the file or key path, names keys in backticks, says what was expected before what was found, and leaves advice to `help`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from workerlib.diagnostic import Diagnostic

if TYPE_CHECKING:
    from attrs import Attribute


class WorkerlibError(Exception):
    """Root of all exceptions of workerlib."""


class UsageError(WorkerlibError):
    """The library or a command was asked for something that it does not have."""


class ConfigurationError(WorkerlibError):
    """A configuration cannot be read. `diagnostics` says why, where, and what to do; it is never empty."""

    def __init__(self, *diagnostics: Diagnostic) -> None:
        super().__init__(*diagnostics)
        self.diagnostics = diagnostics

    def __str__(self) -> str:
        return "\n".join(map(str, self.diagnostics))


class RefusedError(ConfigurationError):
    """A project is left untouched, since it cannot be changed without a risk."""


class WriteError(WorkerlibError):
    """A change could not be written; everything is as it was, or will be after the next run. The message says which, and why."""


def several(_owner: object, attribute: Attribute[tuple[str, ...]], value: object) -> None:
    """Validate a field that holds several names. Raises UsageError for one text, whose letters would be taken for them."""
    if isinstance(value, str):
        raise UsageError(f"{attribute.name}: expected a tuple of names, found the text `{value}`; write `({value!r},)`")
