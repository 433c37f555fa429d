"""Codemods over one file: what they want to change of it, and what is said.

Each says what to do with one kind of end of a path: what is read, what is written, what only asks. The path itself changes only if every
end that it leads to could be rewritten; otherwise all stays, and is reported.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

import libcst as cst
from attrs import define, evolve, field

from workerlib.diagnostic import Diagnostic
from workerlib.editing.edits import Edit, EditConflictError, apply
from workerlib.python import calls
from workerlib.python.codemod import Elsewhere, PythonRewrite, Site
from workerlib.python.codes import LEFT, RELATIVE, TEXT
from workerlib.python.flows import Flow, Mention, Message, Read, Sink, Write
from workerlib.python.following import Effort, trace
from workerlib.python.lookups import How, uses
from workerlib.python.module import Module
from workerlib.python.places import FIXED, MENTION, TEMPORARY, UNKNOWN, CannotFollowError, Context, Made, New, Old, named_by
from workerlib.python.renaming import path_edits
from workerlib.python.virtual import WORDS


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
    effort = Effort()
    flows = [trace(module, root, text, effort) for root, text in _roots(module)]
    runner = _Runner(module, _with_writes(module, context, flows), rewrites, elsewhere or (lambda _: None))
    writing_first = sorted(flows, key=lambda flow: not any(isinstance(sink, Write) for sink in flow.sinks))
    done = {id(flow): runner.plan(flow) for flow in writing_first}  # what is written tells what is read back
    planned = [done[id(flow)] for flow in flows]
    writing = any(isinstance(sink, Write) for one in planned for sink in one.flow.sinks)
    stuck = next((one.flow.root for one in planned if one.flow.problem is not None), None)
    imports: dict[str, str] = {}
    _together(module, planned)
    fit = _fit(module.text, [edit for one in planned if one.flow.problem is None for edit in one.edits])
    for one in planned:
        if writing and stuck is not None and one.flow.problem is None:
            line = module.origin(stuck).span
            where = f" (line {line.line})" if line else ""
            reason = f"this program writes files, and another of its paths cannot be followed{where}"
            one.flow.problem = CannotFollowError(reason, "adapt them together")
        if one.flow.problem is None:
            if fit or _fit(module.text, [*outcome.edits, *one.edits]):
                outcome.edits += one.edits
                outcome.notes += one.notes
                imports |= one.imports
                continue
            one.flow.problem = CannotFollowError("it is used in two ways that exclude each other", "adapt it yourself")
        outcome.left += 1
        outcome.notes.append(_left(module, one.flow))
    outcome.edits[:0] = [_import(module, name, by) for name, by in sorted(imports.items())]  # first where both are put in one place
    return outcome


def _together(module: Module, planned: Sequence[_Planned]) -> None:
    """Leave a path that one call takes together with a path that is left: a copy from the new file to an old one would be wrong."""
    around: set[cst.CSTNode] = set()  # the nodes in which a path is left

    def leave(flow: Flow) -> None:
        node: cst.CSTNode | None = flow.at or flow.root
        while node is not None and node not in around:
            around.add(node)
            node = module.parents.get(node)

    for one in planned:
        if one.flow.problem is not None:
            leave(one.flow)
    for one in planned:
        if one.flow.problem is None and any(sink.node in around for sink in one.flow.sinks if isinstance(sink, Mention)):
            one.flow.problem = CannotFollowError("it is used together with a path that is left", "adapt them together")
            leave(one.flow)


def _fit(text: str, edits: Iterable[Edit]) -> bool:
    """Whether no edit changes what another one does."""
    try:
        apply(text, edits)
    except EditConflictError:
        return False
    return True


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
    return evolve(context, written=frozenset(written), made=tuple(made), written_back=frozenset(_written_back(module, flows)))


def _written_back(module: Module, flows: Sequence[Flow]) -> Iterator[cst.CSTNode]:
    """Where a value that was loaded is written as a whole."""
    sinks = [sink for flow in flows for sink in flow.sinks]
    dumps = [sink.node for sink in sinks if isinstance(sink, Write) and not sink.text]
    for read in (sink for sink in sinks if dumps and isinstance(sink, Read)):
        for use in uses(module, read.node)[0]:
            if use.how is How.WHOLE and use.sure and any(module.within(use.node, dump) for dump in dumps):
                yield use.node


_Place: TypeAlias = tuple[str, tuple[str, ...], cst.CSTNode | None]


@define(eq=False)
class _Runner:
    module: Module
    context: Context
    rewrites: Sequence[PythonRewrite]
    elsewhere: Elsewhere
    written: list[tuple[_Place, New]] = field(factory=list)  # where, and as what

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
            for sink in sorted(flow.sinks, key=lambda sink: not isinstance(sink, Write)):
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
            found = MENTION.search(sink.path.text)
            known = found is None or UNKNOWN not in sink.path.text[found.end() :]
            reason = "it leads to a file of the old folder that is no configuration" if known else "which file it leads to is not known"
            raise CannotFollowError(reason, "see where that file is to be")
        # Of what is written the codemod says where it goes, since the file may be that of another project.
        new = New("", ()) if old is None or isinstance(sink, Write) else self.find(sink, old)
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
            raise CannotFollowError("the codemod for it is not asked for", "run the other codemods, too")
        if old is not None:
            planned.edits += path_edits(self.module, sink.path.pieces, old, new, done[-1])
        if isinstance(sink, Write):
            self.written.append((self.place(sink), new))

    def find(self, sink: Sink, old: Old) -> New:
        """What an old path becomes that is not written here. Raises CannotFollowError where that cannot be told."""
        if isinstance(sink, Mention | Message):
            return self.context.find_path(old)
        here = self.place(sink)
        found = {new for place, new in self.written if place[:2] == here[:2]}
        if len(found) > 1:
            found = {new for place, new in self.written if place == here} or found
        if not found:
            found = {self.context.find(old)}
            if here[0].startswith(UNKNOWN):  # it may be a file that is written, under another name
                found |= {new for place, new in self.written if place[0] == here[0]}
        if len(found) > 1:
            raise CannotFollowError("this program writes such files, and which one is read is not known", "adapt it yourself")
        (new,) = found
        if any(WORDS.search(key) for key in new.keys):
            raise CannotFollowError("the name of the application in it is not known", "adapt it yourself")
        return new

    def place(self, sink: Read | Write) -> _Place:
        """Where a file is: its path, what stands for the parts of it that are not known, and the function in which it does."""
        function = self.module.function(sink.opened if isinstance(sink, Write) else sink.node)
        unknown = [piece.node for piece in sink.path.pieces if piece.text is None or piece.text.startswith(TEMPORARY)]
        return sink.path.text, tuple(map(self.module.source, unknown)), function


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
    """A note on every comment, docstring and literal of bytes that names an old file."""
    written: list[cst.Comment | cst.SimpleString] = [*module.all(cst.Comment), *module.all(cst.SimpleString)]
    for node in written:
        found = MENTION.search(node.value)
        if found and isinstance(node, cst.SimpleString) and "b" in node.prefix:
            shown = module.source(node)
            yield LEFT(f"`{shown}` is left as it is: it is written as bytes", module.origin(node), "adapt it yourself")
        elif found and (isinstance(node, cst.Comment) or _is_docstring(module, node)):
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
