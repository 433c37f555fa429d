"""What a codemod for Python is: what it does with one kind of end of a path."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias, TypeVar

import libcst as cst
from attrs import define, field, frozen

from workerlib.diagnostic import Diagnostic, Severity
from workerlib.editing.edits import Edit
from workerlib.python.flows import Flow, Sink
from workerlib.python.module import Module, quoted
from workerlib.python.places import CannotFollowError, Context, New, Old
from workerlib.rewrite import Options

_S = TypeVar("_S", bound=Sink)


@frozen
class PythonExample:
    """A program before and after a codemod, in a project whose only application is `shop`."""

    before: str
    after: str
    options: Options = Options()


Elsewhere: TypeAlias = "Callable[[str], str | None]"
Notes: TypeAlias = "Iterable[Diagnostic] | None"


@define(eq=False)
class Site:
    """An end of a path, and what becomes of it. `old` is None for a path inside a longer message."""

    module: Module
    context: Context
    flow: Flow
    old: Old | None
    new: New
    rewrite: PythonRewrite
    elsewhere: Elsewhere
    done: tuple[str, ...] = ()  # the codemods that had their way with it before
    edits: list[Edit] = field(factory=list)
    imports: set[str] = field(factory=set)
    instead: list[Edit] = field(factory=list)

    def private(self, name: cst.Name) -> None:
        """Raise CannotFollowError where another file uses a name of this one."""
        if self.module.is_global(name) and (other := self.elsewhere(name.value)):
            raise CannotFollowError(f"`{name.value}` is used in `{other}`, too", "adapt them together")

    @property
    def quote(self) -> str:
        """The quotes that the old path stands in."""
        node: cst.CSTNode = self.flow.root
        while not isinstance(node, cst.SimpleString | cst.FormattedString):
            node = self.module.parent(node)
        return node.quote[0] if isinstance(node, cst.SimpleString) else node.start[-1]

    def quoted(self, text: str) -> str:
        """A string literal, in the quotes of the old path."""
        return quoted(text, self.quote)

    def replace(self, start: int, end: int, text: str) -> None:
        """Want other characters in the place of some."""
        self.edits.append(Edit(self.module.path, start, end, text, self.rewrite.name))

    def replace_all(self, start: int, end: int, text: str) -> None:
        """Want other characters in the place of some, whatever else is wanted of them."""
        self.instead.append(Edit(self.module.path, start, end, text, self.rewrite.name))

    def note(self, node: cst.CSTNode, message: str, help: str | None = None, *, severity: Severity = Severity.WARNING) -> Diagnostic:
        """Something to tell the user about a place."""
        return Diagnostic(self.rewrite.code, self.rewrite.name, severity, message, self.module.origin(node), help)


def _written(manual: str | None) -> str:
    assert manual, "a codemod needs a docstring: it is its manual"
    return manual


@define(eq=False)
class PythonRewrite:
    """A codemod for Python; see :class:`workerlib.rewrite.Rewrite` for its fields."""

    module: str
    manual: str = field(converter=_written)
    code: str
    example: PythonExample
    safe: bool = True
    handlers: list[tuple[type[Sink], Callable[[Site, Sink], Notes]]] = field(factory=list)

    @property
    def name(self) -> str:
        """The name for ``--only``, ``--skip`` and ``--explain``."""
        return "python-" + self.module.rpartition(".")[2].replace("_", "-")

    @property
    def summary(self) -> str:
        """What it does, in one sentence."""
        return self.manual.strip().partition("\n")[0]

    def on(self, kind: type[_S]) -> Callable[[Callable[[Site, _S], Notes]], Callable[[Site, _S], Notes]]:
        """Register a function for one kind of end. It changes the site, or raises CannotFollowError."""

        def register(handler: Callable[[Site, _S], Notes]) -> Callable[[Site, _S], Notes]:
            self.handlers.append((kind, handler))  # type: ignore[arg-type]  # it is called with ends of its kind only
            return handler

        return register
