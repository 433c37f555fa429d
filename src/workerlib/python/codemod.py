"""What a codemod for Python is, and how those that are chosen run over one file.

Each says what to do with one kind of end of a path: what is read, what is written, what only asks. The path itself changes only if every
end that it leads to could be rewritten; otherwise all stays, and is reported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, TypeAlias, TypeVar

import libcst as cst
from attrs import define, evolve, field, frozen
from libcst.codemod import CodemodCommand, CodemodContext

from workerlib.diagnostic import Diagnostic, Severity
from workerlib.editing.edits import Edit, EditConflictError, apply
from workerlib.python import calls
from workerlib.python.codes import LEFT, RELATIVE, TEXT
from workerlib.python.flows import Flow, Mention, Message, Sink, Write
from workerlib.python.following import trace
from workerlib.python.module import Module, quoted
from workerlib.python.places import FIXED, MENTION, CannotFollowError, Context, Made, New, Old, named_by
from workerlib.python.renaming import path_edits
from workerlib.rewrite import Options

if TYPE_CHECKING:
    import argparse

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

    def private(self, name: str) -> None:
        """Raise CannotFollowError where another file uses a name of this one."""
        if other := self.elsewhere(name):
            raise CannotFollowError(f"`{name}` is used in `{other}`, too", "adapt them together")

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


# ---- one file -----------------------------------------------------------------------------------------------------------------------


@define(eq=False)
class Outcome:
    """What codemods want of a file: `edits`, and what to tell; `left` says how many sites stay although they name an old file."""

    edits: list[Edit] = field(factory=list)
    notes: list[Diagnostic] = field(factory=list)
    left: int = 0


@define(eq=False)
class _Planned:
    flow: Flow
    edits: list[Edit] = field(factory=list)
    notes: list[Diagnostic] = field(factory=list)
    imports: dict[str, str] = field(factory=dict)  # with the codemod that needs it
    instead: list[Edit] = field(factory=list)


def run(module: Module, context: Context, rewrites: Sequence[PythonRewrite], elsewhere: Elsewhere | None = None) -> Outcome:
    """Let codemods say what they want to change of a file. `elsewhere` names another file that uses a name of this one, if there is one."""
    outcome = Outcome(notes=list(_texts(module)))
    flows = [trace(module, root, text) for root, text in _roots(module)]
    runner = _Runner(module, _with_writes(module, context, flows), rewrites, elsewhere or (lambda _: None))
    planned = [runner.plan(flow) for flow in flows]
    writing = any(isinstance(sink, Write) for one in planned for sink in one.flow.sinks)
    stuck = next((one.flow.root for one in planned if one.flow.problem is not None), None)
    imports: dict[str, str] = {}
    _together(module, planned)
    for one in planned:
        if writing and stuck is not None and one.flow.problem is None:
            line = module.origin(stuck).span
            where = f" (line {line.line})" if line else ""
            reason = f"this program writes files, and another of its paths cannot be followed{where}"
            one.flow.problem = CannotFollowError(reason, "adapt them together")
        if one.flow.problem is None:
            try:
                apply(module.text, [*outcome.edits, *one.edits])
                outcome.edits += one.edits
                outcome.notes += one.notes
                imports |= one.imports
                continue
            except EditConflictError:
                one.flow.problem = CannotFollowError("it is used in two ways that exclude each other", "adapt it yourself")
        outcome.left += 1
        outcome.notes.append(_left(module, one.flow))
    outcome.edits[:0] = [_import(module, name, by) for name, by in sorted(imports.items())]  # first where both are put in one place
    return outcome


def _together(module: Module, planned: Sequence[_Planned]) -> None:
    """Leave a path that one call takes together with a path that is left: a copy from the new file to an old one would be wrong."""
    for one in planned:
        stuck = [other.flow.at or other.flow.root for other in planned if other.flow.problem is not None]
        calls = [sink.node for sink in one.flow.sinks if isinstance(sink, Mention)]
        if one.flow.problem is None and any(module.within(at, call) for at in stuck for call in calls):
            one.flow.problem = CannotFollowError("it is used together with a path that is left", "adapt them together")


def _with_writes(module: Module, context: Context, flows: Sequence[Flow]) -> Context:
    """What is known, with what the program itself writes and makes."""
    written: set[str] = set()
    made: list[Made] = []
    for sink in (sink for flow in flows for sink in flow.sinks):
        old = named_by(sink.path.text)
        if isinstance(sink, Write) and old is not None:
            written.add(old.section)
        elif (
            isinstance(sink, Mention)
            and old is not None
            and old.section == "folder"
            and calls.makes(module.names(sink.node.func), sink.node)
        ):
            made.append(Made(old.base, sink.node, calls.lenient(sink.node)))
    return evolve(context, written=frozenset(written), made=tuple(made))


@define(eq=False)
class _Runner:
    module: Module
    context: Context
    rewrites: Sequence[PythonRewrite]
    elsewhere: Elsewhere

    def plan(self, flow: Flow) -> _Planned:
        """What is to change for one path."""
        planned = _Planned(flow)
        if flow.problem is not None:
            return planned
        try:
            if not flow.sinks:
                raise CannotFollowError("nothing that it leads to is known", "adapt it yourself if it is used")
            for name in sorted(flow.exports):
                if other := self.elsewhere(name):
                    raise CannotFollowError(f"`{name}` is used in `{other}`, too", "adapt them together")
            opened = [sink.opened for sink in flow.sinks if isinstance(sink, Write)]
            if any(opened.count(one) > 1 for one in opened):
                raise CannotFollowError("it is written in several steps", "adapt it yourself")
            for sink in flow.sinks:
                flow.at = sink.node
                self.end(planned, sink)
            flow.at = None
            planned.edits = [
                e for e in planned.edits if not any(whole.start <= e.start and e.end <= whole.end for whole in planned.instead)
            ]
            planned.edits += planned.instead
            if relative := next((s for s in flow.sinks if not isinstance(s, Message) and not s.path.text.startswith(FIXED)), None):
                message = "the path is relative, so that it depends on the working directory"
                planned.notes.append(RELATIVE(message, self.module.origin(relative.path.node), "start the program in the project's root"))
        except CannotFollowError as problem:
            flow.problem = problem
        return planned

    def end(self, planned: _Planned, sink: Sink) -> None:
        """What is to change for one end of a path. Raises CannotFollowError where nothing may."""
        old = named_by(sink.path.text)
        if old is None and not isinstance(sink, Mention | Message):
            raise CannotFollowError("it leads to a file of the old folder that is no configuration", "see where that file is to be")
        # Of what is written the codemod says where it goes, since the file may be that of another project.
        new = New("", ()) if old is None or isinstance(sink, Write) else self.context.find(old)
        done: list[str] = []
        for rewrite in self.rewrites:
            for kind, handler in rewrite.handlers:
                if isinstance(sink, kind):
                    site = Site(self.module, self.context, planned.flow, old, new, rewrite, self.elsewhere, tuple(done))
                    planned.notes += handler(site, sink) or ()
                    planned.edits += site.edits
                    planned.instead += site.instead
                    planned.imports |= dict.fromkeys(site.imports, rewrite.name)
                    new = site.new
                    done.append(rewrite.name)
        if not done or (isinstance(sink, Write) and not new.file):
            raise CannotFollowError("the codemod for it is not asked for", "run without --only and --skip")
        if old is not None:
            planned.edits += path_edits(self.module, sink.path.pieces, old, new, done[-1])


def _roots(module: Module) -> Iterator[tuple[cst.CSTNode, str]]:
    """The literals that name an old file, or mention one, with their text."""
    for node in module.all(cst.SimpleString, cst.FormattedStringText):
        text = node.value if isinstance(node, cst.FormattedStringText) else module.constant(node)
        if text is not None and MENTION.search(text) and not _is_docstring(module, node):
            yield node, text


def _is_docstring(module: Module, node: cst.CSTNode) -> bool:
    parent = module.parent(node)
    return isinstance(parent, cst.Expr) or (isinstance(parent, cst.ConcatenatedString) and _is_docstring(module, parent))


def _texts(module: Module) -> Iterator[Diagnostic]:
    """A note on every comment and docstring that names an old file."""
    written: list[cst.Comment | cst.SimpleString] = [*module.all(cst.Comment), *module.all(cst.SimpleString)]
    for node in written:
        if (found := MENTION.search(node.value)) and (isinstance(node, cst.Comment) or _is_docstring(module, node)):
            kind = "comment" if isinstance(node, cst.Comment) else "docstring"
            yield TEXT(f"this {kind} names `{found[0]}`", module.origin(node), "say where that is now")


def _left(module: Module, flow: Flow) -> Diagnostic:
    assert flow.problem is not None
    text = module.source(flow.root)
    shown = f"`{text}`" if len(text) <= 60 and "\n" not in text else "a text that names an old file"
    line = module.origin(flow.at or flow.root).span
    here = module.origin(flow.root)
    where = f" (line {line.line})" if line and here.span and line.line != here.span.line else ""
    return LEFT(f"{shown} is left as it is: {flow.problem.reason}{where}", here, flow.problem.help)


def _import(module: Module, name: str, by: str) -> Edit:
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
        return Edit(module.path, at, at, f"import {name}{newline}", by)
    at = module.line_end(module.span(place)[1])
    return Edit(module.path, at, at, f"{newline}import {name}", by)


# ---- libcst's own runner ------------------------------------------------------------------------------------------------------------


class Runner(CodemodCommand):
    """A codemod for ``python -m libcst.tool codemod``: what is known there is the file, and the name that ``--app`` gives."""

    def __init__(self, context: CodemodContext, app: str | None = None) -> None:
        super().__init__(context)
        self.app = app

    @classmethod
    def rewrites(cls) -> tuple[PythonRewrite, ...]:
        """The codemods that run: a command of its own says which."""
        return ()

    @staticmethod
    def add_args(arg_parser: argparse.ArgumentParser) -> None:
        arg_parser.add_argument("--app", metavar="NAME", help="the application whose file an old path names", default=None)

    def transform_module_impl(self, tree: cst.Module) -> cst.Module:
        module = Module(self.context.filename or "<stdin>", tree.code)
        planner = import_module("workerlib.migrate.planning").in_memory(Options())  # a higher layer, which this runner alone does without
        outcome = run(module, Context(app=self.app, planner=planner), self.rewrites())
        for note in outcome.notes:
            self.warn(str(note))
        return cst.parse_module(apply(module.text, outcome.edits))
