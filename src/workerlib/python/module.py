"""One Python file as libcst sees it: places as characters of its text, and names as what they may stand for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeVar, cast

import libcst as cst
import libcst.matchers as m
import libcst.metadata as meta
from attrs import define, field
from libcst.metadata.scope_provider import ScopeVisitor

from workerlib.diagnostic import Origin, Span
from workerlib.python import calls

_N = TypeVar("_N", bound=cst.CSTNode)
_LINE_BREAK = re.compile(r"\r\n?|\n")
# What is inside of these is not done in the order in which statements stand.
_PUT_OFF = (cst.Lambda, cst.CompFor, cst.BaseComp, cst.SimpleStatementSuite, cst.Module, cst.IfExp, cst.BooleanOperation)
_DEEPEST = 8  # steps from a name to what it was assigned from


class _ScopeVisitor(ScopeVisitor):
    """Patterns of ``match`` bind names, too, which libcst's own visitor takes for uses of them."""

    def visit_MatchAs(self, node: cst.MatchAs) -> bool:  # noqa: N802 - libcst's name for it
        return self._captured(node.name, node.pattern)

    def visit_MatchStar(self, node: cst.MatchStar) -> bool:  # noqa: N802 - libcst's name for it
        return self._captured(node.name)

    def visit_MatchMapping(self, node: cst.MatchMapping) -> bool:  # noqa: N802 - libcst's name for it
        return self._captured(node.rest, *node.elements)

    def _captured(self, name: cst.Name | None, *parts: cst.CSTNode | None) -> bool:
        for part in parts:
            if part is not None:
                part.visit(self)
        if name is not None:
            self.scope.record_assignment(name.value, name)
        return False


class _Scopes(meta.ScopeProvider):
    def visit_Module(self, node: cst.Module) -> bool:  # noqa: N802 - libcst's name for it
        visitor = _ScopeVisitor(self)
        node.visit(visitor)
        visitor.infer_accesses()
        return False


@define(eq=False)
class Module:
    """A parsed file. Raises libcst.ParserSyntaxError, or RecursionError, where it cannot be parsed."""

    path: str
    text: str
    shadowed: frozenset[str] = frozenset()  # names of modules that may be others than those of the standard library and the index
    tree: cst.Module = field(init=False)
    parents: Mapping[cst.CSTNode, cst.CSTNode] = field(init=False)
    _positions: Mapping[cst.CSTNode, Any] = field(init=False)
    _scopes: Mapping[cst.CSTNode, meta.Scope | None] = field(init=False)
    _starts: list[int] = field(init=False)
    _accesses: dict[str, list[meta.Access]] = field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        wrapper = meta.MetadataWrapper(cst.parse_module(self.text), unsafe_skip_copy=True)
        self.tree = wrapper.module
        # All at once, which takes fewer walks. What each provider gives is not told to type checkers.
        try:
            found: Any = wrapper.resolve_many((meta.ParentNodeProvider, meta.PositionProvider, _Scopes))
        except KeyError:  # what becomes of a RecursionError in libcst, which looks up a place that it did not come to
            raise RecursionError("maximum recursion depth exceeded") from None
        self.parents = found[meta.ParentNodeProvider]
        self._positions = found[meta.PositionProvider]
        self._scopes = found[_Scopes]
        for scope in {scope for scope in self._scopes.values() if scope is not None}:
            for access in scope.accesses:
                self._accesses.setdefault(_first_name(access.node), []).append(access)
        self._starts = [0, *(found.end() for found in _LINE_BREAK.finditer(self.text))]

    # ---- places

    def span(self, node: cst.CSTNode) -> tuple[int, int]:
        """The characters of a node, without parentheses around it."""
        place = self._positions[node]
        return self._starts[place.start.line - 1] + place.start.column, self._starts[place.end.line - 1] + place.end.column

    def outer_span(self, node: cst.BaseExpression) -> tuple[int, int]:
        """The characters of an expression, with parentheses around it."""
        start, end = self.span(node)
        return (self.span(node.lpar[0])[0] if node.lpar else start), (self.span(node.rpar[-1])[1] if node.rpar else end)

    def source(self, node: cst.CSTNode) -> str:
        """The text of a node."""
        start, end = self.span(node)
        return self.text[start:end]

    def quoted_like(self, node: cst.CSTNode, text: str) -> str:
        """A string literal, in the quotes of the last one in a node."""
        return quoted(text, next((c for c in reversed(self.source(node)) if c in "\"'"), '"'))

    def origin(self, node: cst.CSTNode) -> Origin:
        """Where a node stands."""
        start, end = self.span(node)
        place = self._positions[node].start
        return Origin(self.path, Span(start, end, place.line, place.column + 1))

    def line_start(self, at: int) -> int:
        """Where the line of a character begins."""
        return max(start for start in self._starts if start <= at)

    def line_end(self, at: int) -> int:
        """Where the line of a character ends, before its line break."""
        found = _LINE_BREAK.search(self.text, at)
        return found.start() if found else len(self.text)

    def all(self, *kinds: type[_N]) -> list[_N]:
        """All nodes of some kinds, in the order of the text."""
        return sorted((node for node in self.parents if isinstance(node, kinds)), key=self.span)

    # ---- around a node

    def parent(self, node: cst.CSTNode) -> cst.CSTNode:
        """The node that a node is part of."""
        return self.parents[node]

    def within(self, node: cst.CSTNode, outer: cst.CSTNode) -> bool:
        """Whether a node is `outer` or part of it."""
        found: cst.CSTNode | None = node
        while found is not None and found is not outer:
            found = self.parents.get(found)
        return found is outer

    def scope(self, node: cst.CSTNode) -> meta.Scope | None:
        """The scope that the names of a node are looked up in."""
        found: cst.CSTNode | None = node
        while found is not None:
            if (scope := self._scopes.get(found)) is not None:
                return scope
            found = self.parents.get(found)
        return None

    # ---- names

    def global_import(self, name: str, node: cst.CSTNode) -> bool | None:
        """Whether a name is that of an imported module where a node stands: False for a name that is free, None for another meaning."""
        scope = self.scope(node)
        found = list(scope[name]) if scope is not None else []
        if not found:
            return False
        return True if all(isinstance(one, meta.ImportAssignment) and _imported(one, name) == {name} for one in found) else None

    def bindings(self, name: cst.Name) -> list[meta.BaseAssignment]:
        """All that gives a name a value where it stands, which ``name: int`` alone does not."""
        scope = self.scope(name)
        return [one for one in scope[name.value] if not self._only_declares(one)] if scope is not None else []

    def _only_declares(self, binding: meta.BaseAssignment) -> bool:
        parent = self.parents.get(binding.node) if isinstance(binding, meta.Assignment) else None
        return isinstance(parent, cst.AnnAssign) and parent.value is None

    def is_global(self, name: cst.Name) -> bool:
        """Whether a name is one of the whole file, which other files can use."""
        return any(isinstance(one.scope, meta.GlobalScope) for one in self.bindings(name))

    def only_binding(self, name: cst.Name) -> cst.CSTNode | None:
        """The one node that binds a name: a target, parameter, function or class; None where there is not exactly one."""
        found = self.bindings(name)
        return found[0].node if len(found) == 1 and isinstance(found[0], meta.Assignment) else None

    def uses(self, name: cst.Name) -> list[cst.CSTNode]:
        """All places in this file that may look a name up, for the scope in which it is bound here."""
        own, found = set(self.bindings(name)), set[cst.CSTNode]()
        for access in self._accesses.get(name.value, ()):
            scope = access.scope
            # The body of a class may look up what is outside of it before it binds the name itself.
            around = scope.parent[name.value] if isinstance(scope, meta.ClassScope) else ()
            if not own.isdisjoint((*scope[name.value], *around)):
                found.add(access.node)
        return sorted(found, key=self.span)

    def value(self, target: cst.CSTNode) -> cst.BaseExpression | None:
        """What is assigned to a target, where that is one expression."""
        parent = self.parents.get(target)
        if isinstance(parent, cst.AssignTarget):
            return cst.ensure_type(self.parents[parent], cst.Assign).value
        if isinstance(parent, cst.AnnAssign | cst.NamedExpr) and parent.target is target:
            return parent.value
        return next((value for taker, value in self._side_by_side(parent) if taker is target), None)

    def targets(self, value: cst.CSTNode) -> int:
        """How many targets take a value: several in ``a = b = value``."""
        parent = self.parents.get(value)
        return len(parent.targets) if isinstance(parent, cst.Assign) else 1

    def taker(self, value: cst.CSTNode) -> cst.BaseExpression | None:
        """The target that takes one of the values in ``a, b = x, y``."""
        return next((taker for taker, one in self._side_by_side(self.parents.get(value)) if one is value), None)

    def _side_by_side(self, element: cst.CSTNode | None) -> list[tuple[cst.BaseExpression, cst.BaseExpression]]:
        """The targets and their values in ``a, b = x, y``, of which an element is given."""
        found: cst.CSTNode | None = element
        for kind in (cst.Element, cst.Tuple):
            if not isinstance(found, kind):
                return []
            found = self.parents[found]
        assign = self.parents[found] if isinstance(found, cst.AssignTarget) else found
        if not isinstance(assign, cst.Assign) or len(assign.targets) != 1:
            return []
        targets, values = assign.targets[0].target, assign.value
        if not (isinstance(targets, cst.Tuple) and isinstance(values, cst.Tuple) and len(targets.elements) == len(values.elements)):
            return []
        if not all(isinstance(one, cst.Element) for one in (*targets.elements, *values.elements)):
            return []
        return [(a.value, b.value) for a, b in zip(targets.elements, values.elements, strict=True)]

    def is_target(self, node: cst.CSTNode) -> bool:
        """Whether something is assigned to an expression, or it is deleted."""
        found, parent = node, self.parents[node]
        while isinstance(parent, cst.Element | cst.StarredElement | cst.Tuple | cst.List):
            found, parent = parent, self.parents[parent]
        if isinstance(parent, cst.AnnAssign | cst.AugAssign | cst.For | cst.CompFor):
            return parent.target is found
        return isinstance(parent, cst.AssignTarget | cst.Del | cst.AsName)

    # ---- functions

    def function(self, node: cst.CSTNode) -> cst.CSTNode | None:
        """The innermost function that a node is inside of."""
        found = self.parents.get(node)
        while found is not None and not isinstance(found, cst.FunctionDef | cst.Lambda):
            found = self.parents.get(found)
        return found

    def returns(self, function: cst.FunctionDef) -> list[cst.CSTNode]:
        """The statements that return from a function; those of functions inside of it do not."""
        return [one for one in m.findall(function.body, m.Return()) if self.function(one) is function]

    def is_plain(self, function: cst.FunctionDef) -> bool:
        """Whether a call of a function runs it and gives what it returns, as far as decorators and the like say."""
        kept = all((names := self.names(one.decorator)) and names <= calls.KEEPS for one in function.decorators)
        yields = any(self.function(one) is function for one in m.findall(function.body, m.Yield()))
        return kept and not yields and function.asynchronous is None

    def names(self, node: cst.CSTNode, depth: int = 0) -> frozenset[str]:
        """What an expression may be, as dotted names of what is imported or built in; empty where it may be something else.

        A call is written as ``pathlib.Path()``. A name that is None where an import failed counts as what is imported.
        """
        if depth > _DEEPEST:
            return frozenset()
        if isinstance(node, cst.Attribute):
            return frozenset(f"{name}.{node.attr.value}" for name in self.names(node.value, depth + 1))
        if isinstance(node, cst.Call):
            return frozenset(f"{name}()" for name in self.names(node.func, depth + 1))
        return self._looked_up(node, depth) if isinstance(node, cst.Name) else frozenset()

    def _looked_up(self, name: cst.Name, depth: int) -> frozenset[str]:
        out: set[str] = set()
        for binding in self.bindings(name):
            if isinstance(binding, meta.Assignment) and not isinstance(binding, meta.ImportAssignment):
                value = self.value(binding.node)
                if isinstance(value, cst.Name) and value.value == "None":
                    continue
                found = self.names(value, depth + 1) if value is not None else frozenset[str]()
            elif isinstance(binding, meta.ImportAssignment):
                found = frozenset(one for one in _imported(binding, name.value) if one.partition(".")[0] not in self.shadowed)
            else:
                found = frozenset((f"builtins.{name.value}",))
            if not found:
                return frozenset()
            out |= found
        return frozenset(out)

    def constant(self, node: cst.CSTNode | None) -> str | None:
        """The value of a plain string literal."""
        if isinstance(node, cst.SimpleString | cst.ConcatenatedString):
            value = node.evaluated_value
            return value if isinstance(value, str) else None
        return None

    def statement(self, node: cst.CSTNode) -> cst.CSTNode | None:
        """The statement that a node is part of, if a line can be put before it: it stands in a block, and nothing of it is put off."""
        found = node
        while not isinstance(found, cst.BaseStatement) or isinstance(found, cst.SimpleStatementSuite):
            if isinstance(found, _PUT_OFF):
                return None
            found = self.parents[found]
        return found if isinstance(self.parents[found], cst.IndentedBlock | cst.Module) else None


def quoted(text: str, quote: str) -> str:
    """A string literal, in these quotes if the text does not need others."""
    plain = text.isprintable() and "\\" not in text and quote not in text
    return f"{quote}{text}{quote}" if plain else repr(text)


def _first_name(node: cst.CSTNode) -> str:
    while isinstance(node, cst.Attribute):
        node = node.value
    return node.value if isinstance(node, cst.Name) else ""


def _imported(binding: meta.ImportAssignment, name: str) -> set[str]:
    """What an import binds a name to."""
    for alias in cast("Any", binding.node).names:
        alias = cast("cst.ImportAlias", alias)
        from_module = isinstance(binding.node, cst.ImportFrom)
        bound = alias.evaluated_alias or (alias.evaluated_name if from_module else alias.evaluated_name.partition(".")[0])
        if bound == name and from_module:
            return {f"{binding.get_module_name_for_import()}.{alias.evaluated_name}"}
        if bound == name:
            return {alias.evaluated_name if alias.asname else bound}
    return set()
