"""What a codemod for Python is, and how those that are chosen run over one file.

Each says what to do with one kind of end of a path: what is read, what is written, what only asks. The path itself changes only if every end
that it leads to could be rewritten; otherwise all stays, and is reported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, ClassVar, TypeAlias, TypeVar

import libcst as cst
import libcst.matchers as m
from attrs import define, evolve, field, frozen
from libcst.codemod import CodemodCommand, CodemodContext

from workerlib.diagnostic import Diagnostic, Severity
from workerlib.edits import Edit, EditConflictError, apply
from workerlib.pythonic.flow import Flow, Mention, Read, Sink, Write, trace
from workerlib.pythonic.module import Module
from workerlib.pythonic.paths import path_edits
from workerlib.pythonic.places import MENTION, UNKNOWN, CannotFollowError, Context, New, Old, named_by

_LEFT = "WL610"


@frozen
class PythonExample:
    """A program before and after a codemod, in a project whose only application is `shop`."""

    before: str
    after: str


@define(eq=False)
class Site:
    """An end of a path, with what the old file becomes; `old` is None for a path inside a longer message."""

    module: Module
    context: Context
    flow: Flow
    sink: Any  # Read, Write or Mention, as the handler asked for
    old: Old | None
    new: New
    rewrite: PythonRewrite
    edits: list[Edit] = field(factory=list)
    imports: set[str] = field(factory=set)

    @property
    def quote(self) -> str:
        """The quotes that the old path stands in."""
        node: cst.CSTNode = self.flow.root
        while not isinstance(node, cst.SimpleString | cst.FormattedString):
            node = self.module.parent(node)
        return node.quote[0] if isinstance(node, cst.SimpleString) else node.start[-1]

    def quoted(self, text: str) -> str:
        """A string literal, in the quotes of the old path."""
        return f"{self.quote}{text}{self.quote}"

    def replace(self, start: int, end: int, text: str) -> None:
        """Want other characters in the place of some."""
        self.edits.append(Edit(self.module.path, start, end, text, self.rewrite.name))

    def note(self, node: cst.CSTNode, message: str, help: str | None = None, *, severity: Severity = Severity.WARNING) -> Diagnostic:
        """Something to tell the user about a place."""
        return Diagnostic(self.rewrite.code, self.rewrite.name, severity, message, self.module.origin(node), help)


Handler: TypeAlias = Callable[[Site], Iterable[Diagnostic] | None]
_H = TypeVar("_H", bound=Handler)


@define(eq=False)
class PythonRewrite:
    """A codemod for Python; see :class:`workerlib.rewrite.Rewrite` for its fields. One that is `optional` may be left out without harm."""

    module: str
    manual: str
    code: str
    example: PythonExample
    safe: bool = True
    optional: bool = False
    handlers: list[tuple[type, Handler]] = field(factory=list)

    @property
    def name(self) -> str:
        """The name for ``--only``, ``--skip`` and ``--explain``."""
        return "python-" + self.module.rpartition(".")[2].replace("_", "-")

    @property
    def summary(self) -> str:
        """What it does, in one sentence."""
        return self.manual.strip().partition("\n")[0]

    def on(self, kind: type[Sink]) -> Callable[[_H], _H]:
        """Register a function for one kind of end. It changes the site, or raises CannotFollowError."""

        def register(handler: _H) -> _H:
            self.handlers.append((kind, handler))
            return handler

        return register


# ---- one file -----------------------------------------------------------------------------------------------------------------------


@define(eq=False)
class Result:
    """What codemods want of a file: `edits`, and what to tell. `exports` are names that other modules must not use for that."""

    edits: list[Edit] = field(factory=list)
    notes: list[Diagnostic] = field(factory=list)
    left: int = 0


@define(eq=False)
class _Planned:
    flow: Flow
    edits: list[Edit] = field(factory=list)
    notes: list[Diagnostic] = field(factory=list)
    imports: set[str] = field(factory=set)


def run(module: Module, context: Context, rewrites: Sequence[PythonRewrite], elsewhere: Callable[[str], bool] = lambda name: False) -> Result:
    """Let codemods say what they want to change of a file. `elsewhere` tells whether another file uses a name of this one."""
    result = Result(notes=list(_texts(module)))
    planned = [_plan(module, context, rewrites, trace(module, root, text), elsewhere) for root, text in _roots(module)]
    writing = any(isinstance(sink, Write) for one in planned for sink in one.flow.sinks)
    whole = not writing or all(one.flow.problem is None for one in planned)
    imports: set[str] = set()
    for one in planned:
        if one.flow.problem is None and not whole:
            one.flow.problem = CannotFollowError("another path of this program cannot be followed, and it writes files", "adapt them together")
        if one.flow.problem is None:
            try:
                apply(module.text, [*result.edits, *one.edits])
                result.edits += one.edits
                result.notes += one.notes
                imports |= one.imports
                continue
            except EditConflictError:
                one.flow.problem = CannotFollowError("it is used in two ways that exclude each other", "adapt it yourself")
        result.left += 1
        result.notes.append(_left(module, one.flow))
    result.edits += [_import(module, name) for name in sorted(imports)]
    return result


def _plan(module: Module, context: Context, rewrites: Sequence[PythonRewrite], flow: Flow, elsewhere: Callable[[str], bool]) -> _Planned:
    planned = _Planned(flow)
    if flow.problem is not None:
        return planned
    try:
        if not flow.sinks:
            raise CannotFollowError("nothing that it leads to is known", "adapt it yourself if it is used")
        if shared := next(filter(elsewhere, sorted(flow.exports)), None):
            raise CannotFollowError(f"`{shared}` is a name that other files use, too", "adapt them together")
        for sink in flow.sinks:
            flow.at = sink.node
            _end(module, context, rewrites, planned, sink)
        flow.at = None
        if relative := next((s for s in flow.sinks if not s.path.text.startswith((UNKNOWN, "/")) and named_by(s.path.text)), None):
            planned.notes.append(_relative(module, relative))
    except CannotFollowError as problem:
        flow.problem = problem
    return planned


def _end(module: Module, context: Context, rewrites: Sequence[PythonRewrite], planned: _Planned, sink: Sink) -> None:
    old = named_by(sink.path.text)
    if old is None and not isinstance(sink, Mention):
        raise CannotFollowError("it leads to a file of the old folder that is no configuration", "see where that file is to be")
    new = New("", ()) if old is None or isinstance(sink, Write) else context.find(old)
    found = False
    for rewrite in rewrites:
        for kind, handler in rewrite.handlers:
            if isinstance(sink, kind):
                site = Site(module, context, planned.flow, sink, old, new, rewrite)
                planned.notes += handler(site) or ()
                planned.edits += site.edits
                planned.imports |= site.imports
                new = site.new
                found = found or (not rewrite.optional and site.edits != []) or isinstance(sink, Mention)
    if not found:
        raise CannotFollowError("the codemod for it is not asked for", "run without --only and --skip")
    if old is not None:
        planned.edits += path_edits(module, sink.path.pieces, old, new)


def _roots(module: Module) -> Iterator[tuple[cst.CSTNode, str]]:
    """The literals that name an old file, or mention one, with their text."""
    for node in m.findall(module.tree, m.SimpleString() | m.FormattedStringText()):
        text = node.value if isinstance(node, cst.FormattedStringText) else module.constant(node)
        if text is not None and MENTION.search(text) and not _is_docstring(module, node):
            yield node, text


def _is_docstring(module: Module, node: cst.CSTNode) -> bool:
    parent = module.parent(node)
    return isinstance(parent, cst.Expr | cst.ConcatenatedString) and isinstance(module.parent(parent), cst.SimpleStatementLine | cst.Expr)


def _texts(module: Module) -> Iterator[Diagnostic]:
    """A note on every comment and docstring that names an old file."""
    for node in m.findall(module.tree, m.Comment() | m.SimpleString()):
        text = node.value if isinstance(node, cst.Comment | cst.SimpleString) else ""
        if (found := MENTION.search(text)) and (isinstance(node, cst.Comment) or _is_docstring(module, node)):
            kind = "comment" if isinstance(node, cst.Comment) else "docstring"
            yield Diagnostic(
                "WL611", "python-text", Severity.INFO, f"this {kind} names `{found[0]}`", module.origin(node), "say where that is now"
            )


def _left(module: Module, flow: Flow) -> Diagnostic:
    assert flow.problem is not None
    text = module.source(flow.root)
    shown = f"`{text}`" if len(text) <= 60 and "\n" not in text else "a text that names an old file"
    at = flow.at or flow.root
    line = module.origin(at).span
    here = module.origin(flow.root)
    where = f" (line {line.line})" if line and here.span and line.line != here.span.line else ""
    return Diagnostic(_LEFT, "python-left", Severity.WARNING, f"{shown} is left as it is: {flow.problem.reason}{where}", here, flow.problem.help)


def _relative(module: Module, sink: Sink) -> Diagnostic:
    message = "the path is relative, so that it depends on the working directory"
    help = "start the program in the folder that the old path was meant for"
    return Diagnostic("WL612", "python-relative", Severity.INFO, message, module.origin(sink.path.node), help)


def _import(module: Module, name: str) -> Edit:
    """An import of a module, behind the last import that stands at the top of a file."""
    place: cst.CSTNode | None = None
    for statement in module.tree.body:
        first = statement.body[0] if isinstance(statement, cst.SimpleStatementLine) and statement.body else None
        if isinstance(first, cst.Import | cst.ImportFrom):
            place = statement
        elif not (place is None and isinstance(first, cst.Expr) and isinstance(first.value, cst.SimpleString)):
            break
        elif place is None:
            place = statement
    newline = module.tree.default_newline
    if place is None:
        at = module.span(module.tree.body[0])[0]
        return Edit(module.path, at, at, f"import {name}{newline}", "python-imports")
    at = module.span(place)[1]
    return Edit(module.path, at, at, f"{newline}import {name}", "python-imports")


# ---- libcst's own runner ------------------------------------------------------------------------------------------------------------


class Command(CodemodCommand):
    """A codemod for ``python -m libcst.tool codemod``."""

    rewrites: ClassVar[tuple[PythonRewrite, ...]] = ()

    def __init__(self, context: CodemodContext, app: str | None = None) -> None:
        super().__init__(context)
        self.app = app

    @classmethod
    def add_args(cls, arg_parser: Any) -> None:
        arg_parser.add_argument("--app", metavar="NAME", help="the application whose file an old path names", default=None)

    def transform_module_impl(self, tree: cst.Module) -> cst.Module:
        module = Module(self.context.filename or "<stdin>", tree.code)
        result = run(module, self.known(), self.rewrites)
        for note in result.notes:
            self.warn(str(note))
        return cst.parse_module(apply(module.text, result.edits))

    def known(self) -> Context:
        """What is known: nothing but the application's name."""
        return evolve(Context(), app=self.app)


__all__ = ["Command", "Mention", "PythonExample", "PythonRewrite", "Read", "Result", "Site", "Write", "run"]
