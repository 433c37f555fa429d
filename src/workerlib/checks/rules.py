"""What a check is: a row of the table of codes, and a function that looks at one part of a project."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias, TypeVar, cast

from attrs import field, frozen

from workerlib.diagnostic import Severity
from workerlib.keypath import KeyPath
from workerlib.model import Application, Project

ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO
T = TypeVar("T")


@frozen
class Row:
    """What a code stands for. `message` and `help` may name values in braces; `page` is the vendor's page that says so."""

    code: str
    name: str
    severity: Severity
    message: str
    help: str
    page: str


@frozen
class Finding:
    """Something that a rule found: the keys that lead to it from what the rule looked at, and the values for message and help.

    `message`, `help` and `severity` replace those of the rule where it has several to say.
    """

    keys: tuple[str | int, ...]
    values: Mapping[str, object]
    message: str | None = None
    help: str | None = None
    severity: Severity | None = None


Findings: TypeAlias = Iterable[Finding]


def found(
    *keys: str | int, message: str | None = None, help: str | None = None, severity: Severity | None = None, **values: object
) -> Finding:
    """A finding at these keys."""
    return Finding(keys, values, message, help, severity)


@frozen
class Scope:
    """What surrounds the part that a rule looks at: the project, the application if it is in one, and its key path.

    `current` says whether the part is written in the current layout; old ones are those of Upsun Fixed.
    """

    project: Project
    current: bool = True
    application: Application | None = None
    path: KeyPath = KeyPath()


@frozen
class Rule:
    """A check: its row, the class of what it looks at (:class:`Project`, a part, an effective instance, or the files), and how."""

    row: Row
    of: type
    look: Callable[[object, Scope], Findings] = field(repr=False)


def rule(
    code: str, name: str, severity: Severity, of: type[T], message: str, help: str, *, page: str
) -> Callable[[Callable[[T, Scope], Findings]], Rule]:
    """Make a function a check. It gets each `of` that a project has, subclasses included, and yields what it found there."""

    def make(function: Callable[[T, Scope], Findings]) -> Rule:
        return Rule(Row(code, name, severity, message, help, page), of, cast("Callable[[object, Scope], Findings]", function))

    return make


def listed(names: Iterable[str], word: str = "or") -> str:
    """Names in backticks, as a sentence has them: `a`, `b` or `c`."""
    *most, last = [f"`{name}`" for name in names] or ["nothing"]
    return f"{', '.join(most)} {word} {last}" if most else last
