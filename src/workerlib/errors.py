"""What can go wrong, as exceptions.

Mistakes in a configuration are :class:`~workerlib.diagnostic.Diagnostic` values, collected and returned. An exception is raised where there
is no result to return: a file that cannot be read as YAML, a project that cannot be migrated, a disk that is full. A message begins with
the file or key path, names keys in backticks, says what was expected before what was found, and leaves advice to `help`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from workerlib.diagnostic import Diagnostic

if TYPE_CHECKING:
    from attrs import Attribute

T = TypeVar("T")


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


def expect(name: str, value: object, *kinds: type, advice: str = "") -> None:
    """Raise UsageError unless the argument `name` is of one of these types.

    Without it a caller whose types nobody checks would meet whatever fails first, far from the mistake, or get a wrong answer.
    """
    if not isinstance(value, kinds):
        wanted = " or ".join(f"`{_type_name(kind)}`" for kind in kinds)
        raise UsageError(f"{name}: expected {wanted}, found `{_type_name(type(value))}`{advice and f'; {advice}'}")


def _type_name(kind: type) -> str:
    return "None" if kind is type(None) else kind.__name__


def typed(*kinds: type) -> Callable[[object, Attribute[T], T], None]:
    """Make a validator of a field that raises UsageError for a value of another type."""
    return lambda _owner, attribute, value: expect(attribute.name, value, *kinds)


def several(_owner: object, attribute: Attribute[tuple[str, ...]], value: object) -> None:
    """Validate a field that holds several names. Raises UsageError for all else, such as one text, whose letters would count."""
    if isinstance(value, str):
        raise UsageError(f"{attribute.name}: expected a tuple of names, found the text `{value}`; write `({value!r},)`")
    if not isinstance(value, tuple) or not all(isinstance(one, str) for one in value):
        raise UsageError(f"{attribute.name}: expected a tuple of names, found `{value!r}`")
