"""Where the path of an old file goes in a program: to what is read, what is written, and what only asks about it.

A path is followed from its literal through names that are bound once, through `os.path.join`, `/` and f-strings, into functions of the
same module and out of them. Whatever else happens to it ends the search: then nothing that it leads to may change.
"""

from __future__ import annotations

import libcst as cst
import libcst.matchers as m
import libcst.metadata as meta
from attrs import define, field, frozen

from workerlib.python import calls
from workerlib.python.arguments import BY_HAND, argument, dumped, keyword, parameter, takes_dump, writes
from workerlib.python.composed import BRACES, PERCENT, filled, operands, pieces
from workerlib.python.flows import Flow, Handle, Mention, Message, PathOf, Piece, Read, State, Text, Write
from workerlib.python.module import Module
from workerlib.python.places import CannotFollowError

_DEEPEST = 40
_MOST = 50_000  # parts of paths that are looked at in one file: many times what any program has that is written by people
_PERCENT_OF_TUPLE = m.BinaryOperation(operator=m.Modulo(), right=m.Tuple())


@define
class Effort:
    """What following all paths of a file may take."""

    left: int = _MOST

    def spend(self, parts: int) -> None:
        """Take note of the parts of a path that were looked at. Raises CannotFollowError where they are too many."""
        self.left -= parts
        if self.left < 0:
            raise _lost("the paths of this file are too many, or of too many parts, to be followed")


def trace(module: Module, root: cst.CSTNode, text: str, effort: Effort | None = None) -> Flow:
    """Follow a literal that names an old file, or a part of one. `effort` is shared by all of a file."""
    flow = Flow(root)
    tracer = _Tracer(module, flow, effort or Effort())
    try:
        tracer.follow(root, PathOf(root, (Piece(root, text),)))
    except CannotFollowError as error:
        flow.problem, flow.at = error, tracer.at
    return flow


@frozen
class _Frame:
    """A function of the module that was entered through a call, with the path as the argument that was followed."""

    function: cst.FunctionDef
    call: cst.Call
    path: PathOf


@define(eq=False)
class _Tracer:
    module: Module
    flow: Flow
    effort: Effort
    frames: list[_Frame] = field(factory=list)
    at: cst.CSTNode | None = None
    steps: int = 0

    def follow(self, node: cst.CSTNode, state: State) -> None:
        """Go on from an expression to what uses it. Raises CannotFollowError where that is not known."""
        self.at = node
        self.steps += 1
        if self.steps > _DEEPEST * 10 or len(self.frames) > _DEEPEST:
            raise _lost("its way is too long to follow")
        parent = self.module.parent(node)
        if isinstance(state, PathOf) and (whole := self.composed(node, parent, state)) is not None:
            self.follow(whole.node, whole)
        elif (
            isinstance(state, PathOf)
            and isinstance(parent, cst.BinaryOperation)
            and m.matches(parent.operator, m.Modulo())
            and parent.left is node
        ):
            self.follow(parent, PathOf(parent, filled(self.module, state.pieces, PERCENT, operands(parent.right))))
        elif isinstance(parent, cst.Arg):
            call = self.module.parent(parent)
            self.argument(parent, call if isinstance(call, cst.Call) else None, state)
        elif isinstance(parent, cst.Assign):
            for target in parent.targets:
                self.bind(target.target, state)
        elif isinstance(parent, cst.AnnAssign) and parent.value is node:
            self.bind(parent.target, state)
        elif (taker := self.module.taker(node)) is not None:
            self.bind(taker, state)
        elif isinstance(parent, cst.NamedExpr) and parent.value is node:
            self.bind(parent.target, state)
            self.follow(parent, state)
        elif isinstance(parent, cst.WithItem) and isinstance(state, Handle):
            self.bind_with(parent, state)
        elif isinstance(parent, cst.Param) and parent.default is node and isinstance(state, PathOf):
            self.default(parent, state)
        elif isinstance(parent, cst.Return):
            self.returned(parent, state)
        elif isinstance(parent, cst.Attribute) and parent.value is node:
            self.attribute(parent, state)
        elif isinstance(parent, cst.Assert) and parent.msg is node and isinstance(state, PathOf):
            self.flow.sinks.append(Message(state, parent))
        elif isinstance(parent, cst.Expr) and not isinstance(state, PathOf):
            pass
        elif isinstance(parent, cst.FormattedStringExpression) and isinstance(state, PathOf):
            raise _lost("it becomes part of a text")
        else:
            raise _lost(_described(parent))

    # ---- paths that are put together

    def composed(self, node: cst.CSTNode, parent: cst.CSTNode, state: PathOf) -> PathOf | None:
        """The larger path that a path is a direct part of."""
        if isinstance(parent, cst.FormattedStringExpression):
            parent = self.module.parent(parent)
        if isinstance(parent, cst.Element) and m.matches(whole := self.module.parent(self.module.parent(parent)), _PERCENT_OF_TUPLE):
            parent = whole
        if isinstance(parent, cst.Arg):
            call = self.module.parent(parent)
            if isinstance(call, cst.Call) and any(arg.keyword or arg.star for arg in call.args):
                return None
            parent = call
        self.effort.spend(1)
        found = pieces(self.module, parent, node, state.pieces)
        if found is None:
            return None
        self.effort.spend(len(found))
        is_object = m.matches(parent, m.BinaryOperation(operator=m.Divide()))
        if isinstance(parent, cst.Call):
            is_object = m.matches(parent.func, m.Attribute(attr=m.Name("joinpath"))) or self.module.names(parent.func) <= calls.PATH_CLASSES
        return PathOf(parent, found, is_object)

    # ---- names

    def bind(self, target: cst.CSTNode, state: State) -> None:
        """Go on to all uses of a name that a value is assigned to."""
        if not isinstance(target, cst.Name):
            raise _lost(f"it is kept in `{self.module.source(target)}`")
        scope = self.module.scope(target)
        if isinstance(scope, meta.ClassScope):
            raise _lost(f"it is kept in the class attribute `{target.value}`")
        if self.module.only_binding(target) is not target:
            raise _lost(f"`{target.value}` is bound in more than one place")
        uses = [use for use in self.module.uses(target) if use is not target]
        if isinstance(state, PathOf) and self.module.is_global(target):
            self.flow.exports.add(target.value)
        value = self.module.value(target)
        if not uses and not isinstance(self.module.parent(target), cst.NamedExpr) and (value is None or self.module.targets(value) == 1):
            raise _lost(f"`{target.value}` is not used in this file", "if another one uses it, adapt both")
        for use in uses:
            self.follow(use, _at(use, state))

    def bind_with(self, item: cst.WithItem, state: Handle) -> None:
        """Go on to the uses of an open file inside of its `with`."""
        block = cst.ensure_type(self.module.parent(item), cst.With)
        name = item.asname.name if item.asname else None
        if not isinstance(name, cst.Name):
            return
        inner = [b.node for b in self.module.bindings(name) if isinstance(b, meta.Assignment) and b.node is not name]
        if any(self.module.within(node, block) for node in inner):
            raise _lost(f"`{name.value}` is bound again inside of the `with`")
        for use in self.module.uses(name):
            if self.module.within(use, block):
                self.follow(use, state)

    # ---- functions of the module

    def enter(self, function: cst.FunctionDef, call: cst.Call, given: cst.Arg | cst.Param, state: PathOf) -> None:
        """Follow an argument into a function, or the default of a parameter that is called without it."""
        name = function.name.value
        if not self.module.is_plain(function) or any(frame.function is function for frame in self.frames):
            raise _lost(f"it is passed to `{name}`, which cannot be followed")
        param = given if isinstance(given, cst.Param) else parameter(function, call, given)
        if param is None:
            raise _lost(f"it is passed to `{name}` in a way that cannot be followed")
        if self.module.only_binding(param.name) is not param:
            raise _lost(f"`{param.name.value}` is bound again in `{name}`")
        self.frames.append(_Frame(function, call, state))
        for use in self.module.uses(param.name):
            self.follow(use, _at(use, state))
        self.frames.pop()

    def returned(self, statement: cst.Return, state: State) -> None:
        """Go on to the calls of the function that returns a value."""
        if self.frames:
            frame = self.frames.pop()
            self.follow(frame.call, _at(frame.call, state))
            self.frames.append(frame)
            return
        function = cst.ensure_type(self.module.function(statement), cst.FunctionDef)
        uses = self.module.uses(function.name)
        in_class = isinstance(self.module.scope(function), meta.ClassScope)
        if in_class or not self.module.is_plain(function) or self.module.only_binding(function.name) is not function:
            raise _lost(f"`{function.name.value}` returns it")
        if len(self.module.returns(function)) != 1 or not uses:
            raise _lost(f"`{function.name.value}` returns it", "adapt its callers, too")
        if self.module.is_global(function.name):
            self.flow.exports.add(function.name.value)
        for use in uses:
            call = self.module.parent(use)
            if not isinstance(call, cst.Call) or call.func is not use:
                raise _lost(f"`{function.name.value}`, which returns it, is used as a value")
            self.follow(call, _at(call, state))

    def default(self, param: cst.Param, state: PathOf) -> None:
        """Follow the default of a parameter into its function, once for each call that leaves the argument out."""
        function = self.module.parent(self.module.parent(param))
        if not isinstance(function, cst.FunctionDef) or not isinstance(self.module.scope(function), meta.GlobalScope):
            raise _lost("it is the default of a parameter that is not followed")
        name = function.name.value
        self.flow.exports.add(name)
        uses = [self.module.parent(use) for use in self.module.uses(function.name)]
        if not uses or self.module.only_binding(function.name) is not function:
            raise _lost(f"it is a default of `{name}`, whose calls are not known")
        entered = False
        for call in uses:
            if not isinstance(call, cst.Call) or not (m.matches(call.func, m.Name(name))) or any(arg.star for arg in call.args):
                raise _lost(f"it is a default of `{name}`, whose calls are not known")
            if argument(function, call, param) is None:
                self.enter(function, call, param, state)
                entered = True
        if not entered:
            raise _lost(f"it is a default of `{name}` that no call in this file uses")

    # ---- calls

    def argument(self, arg: cst.Arg, call: cst.Call | None, state: State) -> None:
        """What a call does with an argument."""
        if call is None:
            raise _lost("it is the argument of a class")
        names = self.module.names(call.func)
        first = bool(call.args) and call.args[0] is arg and not arg.star
        match state:
            case PathOf():
                self.path_argument(arg, call, names, state, first=first)
            case Handle(writing=False) | Text() if names and names <= calls.LOAD and (first or keyword(arg) == "stream"):
                self.loaded(call, state.path)
            case Handle(writing=True) if names and names <= calls.DUMP and takes_dump(call, arg):
                self.written(call, dumped(call), state.path, state.opened)
            case _:
                what = "its text is read" if isinstance(state, Text) else "the open file is passed on"
                raise _lost(f"{what} by `{self.module.source(call.func)}`, which is not known to be a YAML library")

    def path_argument(self, arg: cst.Arg, call: cst.Call, names: frozenset[str], state: PathOf, *, first: bool) -> None:
        if names and names <= calls.OPEN and (first or keyword(arg) == "file"):
            self.follow(call, Handle(state, call, writes(self.module, call, 1)))
        elif names and first and names <= calls.SAME_PATH:
            self.follow(call, PathOf(call, state.pieces))
        elif names and first and state.is_object and names <= calls.LOAD_PATH:
            self.loaded(call, state)
        elif names and state.is_object and names <= calls.DUMP_PATH and takes_dump(call, arg):
            self.written(call, dumped(call), state, call)
        elif names and first and names <= calls.ASK | calls.COPY | calls.MAKE:
            self.flow.sinks.append(Mention(state, call))
        elif self.tells(call, names):
            self.flow.sinks.append(Message(state, call))
        elif isinstance(call.func, cst.Name) and isinstance(function := self.module.only_binding(call.func), cst.FunctionDef):
            self.enter(function, call, arg, state)
        else:
            raise _lost(f"it is passed to `{self.module.source(call.func)}`, which is not followed")

    def tells(self, call: cst.Call, names: frozenset[str]) -> bool:
        """Whether a call only shows a message: it prints, logs, or makes an exception that is raised."""
        return isinstance(self.module.parent(call), cst.Raise) or bool(names and names <= calls.TELL)

    def attribute(self, attribute: cst.Attribute, state: State) -> None:
        """What a method does."""
        call, name = self.module.parent(attribute), attribute.attr.value
        if not isinstance(call, cst.Call) or call.func is not attribute:
            raise _lost(f"its `{name}` is used")
        match state:
            case PathOf() if name == "format":
                values = [arg.value for arg in call.args if not arg.keyword and not arg.star]
                self.follow(call, PathOf(call, filled(self.module, state.pieces, BRACES, values)))
            case PathOf() if name == "open":
                self.follow(call, Handle(state, call, writes(self.module, call, 0)))
            case PathOf() if name in ("read_text", "read_bytes"):
                self.follow(call, Text(state))
            case PathOf() if name in ("write_text", "write_bytes") and call.args and not call.args[0].star:
                self.text_written(call, call.args[0].value, state, call)
            case PathOf() if name in calls.SAME_PATH_METHODS:
                self.follow(call, PathOf(call, state.pieces, state.is_object and name != "as_posix"))
            case PathOf() if name in calls.ASK_METHODS or name == "mkdir":
                self.flow.sinks.append(Mention(state, call))
            case Handle(writing=False) if name == "read" and not call.args:
                self.follow(call, Text(state.path))
            case Handle(writing=True) if name == "write" and call.args and not call.args[0].star:
                self.text_written(call, call.args[0].value, state.path, state.opened)
            case Handle() if name in ("close", "flush"):
                pass
            case _:
                raise _lost(f"`{name}` is called on it")

    # ---- ends

    def loaded(self, call: cst.CSTNode, path: PathOf) -> None:
        """A file became a value: here, or for whoever called the function that this is the result of."""
        if not self.frames:
            self.flow.sinks.append(Read(path, call))
            return
        parent, uses = self.module.parent(call), [call]
        if isinstance(parent, cst.Assign) and len(parent.targets) == 1 and isinstance(name := parent.targets[0].target, cst.Name):
            if self.module.only_binding(name) is not name:
                raise _lost(f"`{name.value}` is bound in more than one place")
            uses = self.module.uses(name)
        frame = self.frames.pop()
        helper = frame.function.name.value
        if len(self.module.returns(frame.function)) != 1:
            raise _lost(f"`{helper}` returns something else, too")
        for use in uses:
            whole, last = self.module.parent(use), use
            while isinstance(whole, cst.BooleanOperation) and whole.left is last and isinstance(whole.operator, cst.Or):
                whole, last = self.module.parent(whole), whole  # what stands behind `or` is for empty files
            if not isinstance(whole, cst.Return):
                self.at = use
                raise _lost(f"`{helper}` uses what it loads")
            self.loaded(frame.call, path)
        self.frames.append(frame)

    def written(self, call: cst.CSTNode, value: cst.BaseExpression, path: PathOf, opened: cst.CSTNode, *, text: bool = False) -> None:
        """A value is dumped to a file. Inside a function, it must be an argument of it."""
        outer = path
        for frame in reversed(self.frames):
            param = self.module.only_binding(value) if isinstance(value, cst.Name) else None
            arg = argument(frame.function, frame.call, param) if isinstance(param, cst.Param) else None
            if arg is None or len(self.module.uses(cst.ensure_type(param, cst.Param).name)) != 1:
                raise _lost(f"`{frame.function.name.value}` does more with what it writes")
            value, opened, outer = arg.value, frame.call, frame.path
        self.flow.sinks.append(Write(path, call, value, opened, outer, text))

    def text_written(self, call: cst.CSTNode, value: cst.BaseExpression, path: PathOf, opened: cst.CSTNode) -> None:
        """Text is written to a file: that of a dump, or any other."""
        if isinstance(value, cst.Name) and (binding := self.module.only_binding(value)) is not None and self.module.uses(value) == [value]:
            inner = self.module.value(binding)
            value = inner if isinstance(inner, cst.Call) and self.module.names(inner.func) & calls.DUMP else value
        dumps = isinstance(value, cst.Call) and (names := self.module.names(value.func)) and names <= calls.DUMP
        if isinstance(value, cst.Call) and dumps and len([arg for arg in value.args if not arg.keyword]) == 1:
            self.written(call, dumped(value), path, opened)
        else:
            self.written(call, value, path, opened, text=True)


def _lost(reason: str, help: str = BY_HAND) -> CannotFollowError:
    return CannotFollowError(reason, help)


def _at(node: cst.CSTNode, state: State) -> State:
    """The same value, as another expression."""
    return PathOf(node, state.pieces, state.is_object) if isinstance(state, PathOf) else state


def _described(parent: cst.CSTNode) -> str:
    """Where a value goes that is not followed, in words."""
    kinds: tuple[tuple[type | tuple[type, ...], str], ...] = (
        ((cst.ComparisonTarget, cst.Comparison), "it is compared"),
        ((cst.Element, cst.StarredElement, cst.List, cst.Tuple, cst.Set), "it is part of a list"),
        ((cst.DictElement, cst.Dict), "it is part of a dictionary"),
        (cst.IfExp, "it is one of two values"),
        (cst.BooleanOperation, "it is one of several values"),
        (cst.Expr, "it is a docstring, or not used"),
        ((cst.Yield, cst.Await), "it is passed on"),
        ((cst.For, cst.CompFor), "it is gone through in a loop"),
        (cst.MatchValue, "it is matched"),
    )
    return next((text for kind, text in kinds if isinstance(parent, kind)), "it is used in a way that is not followed")
