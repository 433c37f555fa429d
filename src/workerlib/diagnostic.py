"""Plain values that say where something stands, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from attrs import frozen

from workerlib.upward import Displayed


@frozen(order=True)
class Span:
    """A stretch of a file's text: characters `start` to `end` (from 0, end not included), with its first line and column (from 1)."""

    start: int
    end: int
    line: int
    column: int


@frozen(order=True)
class Origin:
    """Where a value was written: the file, as a path below the project's root with ``/``, and the place in it."""

    file: str
    span: Span | None = None

    def __str__(self) -> str:
        return f"{self.file}:{self.span.line}:{self.span.column}" if self.span else self.file


class Severity(Enum):
    """How much a diagnostic matters."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@frozen
class Diagnostic(Displayed):
    """One thing to tell the user about a configuration.

    `code` (``WL201``) and `name` (``worker-crons``) are stable; `message` starts with the key path where there is one and
    says what was expected, then what was found; `help` says what to do.
    """

    code: str
    name: str
    severity: Severity
    message: str
    origin: Origin | None = None
    help: str | None = None

    def __str__(self) -> str:
        where = f"{self.origin}: " if self.origin else ""
        advice = f"\n  help: {self.help}" if self.help else ""
        return f"{where}{self.severity.value}: {self.message} [{self.name}]{advice}"


class Diagnostics(tuple[Diagnostic, ...], Displayed):
    """Diagnostics in the order of the text; a tuple that notebooks show as a table."""

    __slots__ = ()


def in_order(one: Diagnostic) -> tuple[bool, str, int, str]:
    """Where a diagnostic stands among others in the order of the text, as a key to sort by: those without a place come last."""
    origin = one.origin
    if origin is None:
        return True, "", 0, one.code
    return False, origin.file, origin.span.start if origin.span else 0, one.code


def as_diagnostics(found: Iterable[Diagnostic]) -> Diagnostics:
    """Convert a field. A function, since attrs needs 2 ms to find the parameters of a class that takes them over from a built-in one."""
    return Diagnostics(found)
