"""One Python file as libcst sees it: places as characters of its text, and names as what they may stand for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeVar, cast

import libcst as cst
import libcst.metadata as meta
from attrs import define, field

from workerlib.diagnostic import Origin, Span

_N = TypeVar("_N", bound=cst.CSTNode)
_LINE_BREAK = re.compile(r"\r\n?|\n")
# What is inside of these is not done in the order in which statements stand.
_PUT_OFF = (cst.Lambda, cst.CompFor, cst.BaseComp, cst.SimpleStatementSuite, cst.Module, cst.IfExp, cst.BooleanOperation)
_DEEPEST = 8  # steps from a name to what it was assigned from


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

    def __attrs_post_init__(self) -> None:
        wrapper = meta.MetadataWrapper(cst.parse_module(self.text), unsafe_skip_copy=True)
        self.tree = wrapper.module
        # All at once, which takes fewer walks. What each provider gives is not told to type checkers.
        found: Any = wrapper.resolve_many((meta.ParentNodeProvider, meta.PositionProvider, meta.ScopeProvider))
        self.parents = found[meta.ParentNodeProvider]
        self._positions = found[meta.PositionProvider]
        self._scopes = found[meta.ScopeProvider]
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
        """All that binds a name where it stands."""
        scope = self.scope(name)
        return list(scope[name.value]) if scope is not None else []

    def only_binding(self, name: cst.Name) -> cst.CSTNode | None:
        """The one node that binds a name: a target, parameter, function or class; None where there is not exactly one."""
        found = self.bindings(name)
        return found[0].node if len(found) == 1 and isinstance(found[0], meta.Assignment) else None

    def uses(self, name: cst.Name) -> list[cst.CSTNode]:
        """All places in this file that may look a name up, for the scope in which it is bound here."""
        return sorted({access.node for one in self.bindings(name) for access in one.references}, key=self.span)

    def value(self, target: cst.CSTNode) -> cst.BaseExpression | None:
        """What is assigned to a target, where that is one expression."""
        parent = self.parents.get(target)
        if isinstance(parent, cst.AssignTarget):
            return cst.ensure_type(self.parents[parent], cst.Assign).value
        if isinstance(parent, cst.AnnAssign | cst.NamedExpr) and parent.target is target:
            return parent.value
        return None

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
