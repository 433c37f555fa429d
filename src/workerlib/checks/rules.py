"""What a check is: a row of the table of codes, and a function that looks at one part of a project."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import count
from typing import TypeAlias, TypeVar, overload

from attrs import Factory, field, frozen

from workerlib.diagnostic import Severity
from workerlib.model import Application, Project
from workerlib.properties import PROPERTY
from workerlib.resolving import Effective, Reason

ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO
T = TypeVar("T")
U = TypeVar("U")
V = TypeVar("V")


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

    `message`, `help` and `severity` replace those of the rule where it has several to say; in `help` no value is filled in.
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
    """What surrounds the part that a rule looks at.

    `instances` are all that run, by deployed name, and `workers` the names of workers, alone and as deployed. `application` is the one that
    the part is in, if any, and `path` leads to the part. `current` says whether it is written in the current layout; the old ones are those
    of Upsun Fixed. `whole` is False where one file of several was read: what it names may stand in another. `guesses` counts the names that
    somebody may have meant.
    """

    project: Project
    instances: Mapping[str, Effective] = Factory(dict)
    workers: frozenset[str] = frozenset()
    guesses: Iterator[int] = Factory(count)
    application: Application | None = None
    current: bool = True
    path: tuple[str | int, ...] = ()
    whole: bool = True

    @classmethod
    def of(cls, project: Project, instances: Mapping[str, Effective], *, whole: bool) -> Scope:
        """What surrounds all parts of a project."""
        workers = frozenset(name for deployed, one in instances.items() if one.worker is not None for name in (one.worker, deployed))
        return cls(project, instances, workers, whole=whole)

    @property
    def composable(self) -> bool:
        """Whether the application has a composable image; a stack makes it one, with or without a `type`."""
        app = self.application
        return app is not None and (bool(app.stack) or str(app.type).startswith("composable:"))


@frozen
class Rule:
    """A check: its row, the class or classes of what it looks at, and how.

    A class is a part of the model, `Project`, `Effective` for what runs, or `Definitions` for the files.
    """

    row: Row
    of: type | tuple[type, ...]
    look: Callable[[object, Scope], Findings] = field(repr=False)


@overload
def rule(
    code: str, name: str, severity: Severity, of: type[T], message: str, help: str, *, page: str
) -> Callable[[Callable[[T, Scope], Findings]], Rule]: ...
@overload
def rule(
    code: str, name: str, severity: Severity, of: tuple[type[T], type[U]], message: str, help: str, *, page: str
) -> Callable[[Callable[[T | U, Scope], Findings]], Rule]: ...
@overload
def rule(
    code: str, name: str, severity: Severity, of: tuple[type[T], type[U], type[V]], message: str, help: str, *, page: str
) -> Callable[[Callable[[T | U | V, Scope], Findings]], Rule]: ...
def rule(
    code: str, name: str, severity: Severity, of: type | tuple[type, ...], message: str, help: str, *, page: str
) -> Callable[[Callable[..., Findings]], Rule]:
    """Make a function a check. It is called for everything of the class `of`, or of one of several, and yields what it finds there."""

    def make(function: Callable[..., Findings]) -> Rule:
        return Rule(Row(code, name, severity, message, help, page), of, function)

    return make


def written_at(one: Effective, *keys: str | int) -> tuple[str | int, ...]:
    """The path below which an instance has a value from: its own, or that of the application."""
    name = str(keys[0])
    own = one.reasons[name] is Reason.OWN and PROPERTY[name].web
    inside = () if not own else ("web",) if one.worker is None else ("workers", one.worker)
    return ("applications", one.application, *inside, *keys)


def listed(names: Iterable[str], word: str = "or") -> str:
    """Names in backticks, as a sentence has them: `a`, `b` or `c`."""
    *most, last = [f"`{name}`" for name in names] or ["nothing"]
    return f"{', '.join(most)} {word} {last}" if most else last
