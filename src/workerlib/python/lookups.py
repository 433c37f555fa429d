"""Which keys of a loaded value a program uses, as far as that can be followed."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum

import libcst as cst
import libcst.matchers as m
import libcst.metadata as meta
from attrs import define, field, frozen

from workerlib.python import calls
from workerlib.python.arguments import parameter
from workerlib.python.module import Module

_DEEPEST = 60
_SAME = frozenset(("builtins.dict", "copy.copy", "copy.deepcopy", "typing.cast"))  # these give what they are given
_HARMLESS = frozenset(f"builtins.{name}" for name in "len bool isinstance type id".split())


class How(Enum):
    """How a value is used."""

    LOOKED_UP = "looked up"  # an expression is the value at these keys
    SET = "set"  # something is assigned to these keys, or they are deleted
    ASKED = "asked"  # whether there is such a key
    WHOLE = "whole"  # the value goes where it is not followed, with all that is in it


@frozen
class Use:
    """Where the value at some keys is used, None for a key that is not known; `sure` unless its name may hold something else."""

    keys: tuple[str | None, ...]
    node: cst.CSTNode
    how: How
    sure: bool = True


def uses(module: Module, node: cst.CSTNode, keys: tuple[str | None, ...] = ()) -> tuple[list[Use], list[str]]:
    """What becomes of a value: each longest lookup of its keys, and each place where it is lost from sight.

    With it, the names of this file under which other files could have the value.
    """
    walk = _Walk(module)
    return list(walk.uses(node, keys, sure=True)), list(dict.fromkeys(walk.names))


@define(eq=False)
class _Walk:
    module: Module
    seen: set[cst.CSTNode] = field(factory=set)
    names: list[str] = field(factory=list)

    def uses(self, node: cst.CSTNode, keys: tuple[str | None, ...], *, sure: bool) -> Iterator[Use]:
        if node in self.seen or len(self.seen) > _DEEPEST * 10:
            return
        self.seen.add(node)
        module, parent = self.module, self.module.parent(node)
        match parent:
            case cst.Subscript(value=value, slice=[cst.SubscriptElement(slice=cst.Index(value=key))]) if value is node:
                yield from self.lookup(parent, (*keys, module.constant(key)), sure=sure)
            case cst.Attribute(value=value, attr=cst.Name("get" | "pop" | "setdefault")) if value is node and _call(module, parent):
                call = _call(module, parent)
                assert call is not None
                found = module.constant(call.args[0].value) if call.args else None
                if parent.attr.value == "setdefault":
                    yield Use((*keys, found), call, How.SET, sure)
                    yield from (use for use in self.uses(call, (*keys, found), sure=sure) if use.how is not How.WHOLE)
                else:
                    yield from self.lookup(call, (*keys, found), sure=sure)
            case cst.Attribute(value=value, attr=cst.Name("update")) if value is node and (call := _call(module, parent)):
                yield Use(keys, call, How.SET, sure)
            case cst.Attribute(value=value, attr=cst.Name("values" | "items")) if value is node and (loop := _loop(module, parent)):
                yield Use((*keys, None), parent, How.ASKED, sure)
                yield from self.bound(loop, (*keys, None), sure=sure)
            case cst.Assign():
                for target in parent.targets:
                    yield from self.bound(target.target, keys, sure=sure)
            case cst.Element() if (taker := module.taker(node)) is not None:
                yield from self.bound(taker, keys, sure=sure)
            case cst.AnnAssign(value=value) if value is node:
                yield from self.bound(parent.target, keys, sure=sure)
            case cst.NamedExpr(value=value) if value is node:
                yield from self.bound(parent.target, keys, sure=sure)
                yield from self.uses(parent, keys, sure=sure)
            case cst.ComparisonTarget(operator=cst.In() | cst.NotIn()):
                comparison = cst.ensure_type(module.parent(parent), cst.Comparison)
                yield Use((*keys, module.constant(comparison.left)), comparison, How.ASKED, sure)
            case cst.BooleanOperation() | cst.IfExp() if not (isinstance(parent, cst.IfExp) and parent.test is node):
                yield from self.uses(parent, keys, sure=sure)
            case cst.Comparison(left=left, comparisons=[cst.ComparisonTarget(operator=cst.Is() | cst.IsNot())]) if left is node:
                pass
            case cst.If() | cst.While() | cst.CompIf() | cst.IfExp() | cst.UnaryOperation() | cst.Expr() | cst.Assert():
                pass
            case cst.Match():
                for case in parent.cases:
                    yield from self.matched(case.pattern, node, keys, sure=sure)
            case cst.For(iter=value) | cst.CompFor(iter=value) if value is node:
                yield Use((*keys, None), node, How.ASKED, sure)
            case cst.Return():
                yield from self.returned(parent, node, keys, sure=sure)
            case cst.Arg():
                yield from self.passed(parent, node, keys, sure=sure)
            case _:
                yield Use(keys, node, How.WHOLE, sure)

    def lookup(self, node: cst.CSTNode, keys: tuple[str | None, ...], *, sure: bool) -> Iterator[Use]:
        """An expression is the value at some keys: what becomes of it, or this lookup itself if nothing more is looked up in it."""
        if self.module.is_target(node):
            yield Use(keys, node, How.SET, sure)
            return
        found = list(self.uses(node, keys, sure=sure))
        told = [use for use in found if len(use.keys) > len(keys) or use.how is How.SET]
        yield from told or (Use(keys, node, How.LOOKED_UP, sure),)

    def matched(self, pattern: cst.CSTNode, node: cst.CSTNode, keys: tuple[str | None, ...], *, sure: bool) -> Iterator[Use]:
        """A pattern takes the value apart."""
        match pattern:
            case cst.MatchMapping():
                for element in pattern.elements:
                    found = self.module.constant(element.key)
                    yield Use((*keys, found), element.key, How.ASKED, sure)
                    yield from self.matched(element.pattern, element.key, (*keys, found), sure=sure)
                if pattern.rest is not None:
                    yield Use(keys, node, How.WHOLE, sure)
            case cst.MatchOr():
                for one in pattern.patterns:
                    yield from self.matched(one.pattern, node, keys, sure=sure)
            case cst.MatchAs(pattern=inner, name=name):
                if inner is not None:
                    yield from self.matched(inner, node, keys, sure=sure)
                if name is not None:
                    yield from self.bound(name, keys, sure=sure)
            case cst.MatchClass(patterns=[], kwds=[]) | cst.MatchValue() | cst.MatchSingleton():
                pass
            case _:
                yield Use(keys, node, How.WHOLE, sure)

    def _holds(self, binding: meta.BaseAssignment, target: cst.Name) -> bool:
        """Whether a binding is that of the target, or binds None, in which nothing can be looked up."""
        if not isinstance(binding, meta.Assignment):
            return False
        value = self.module.value(binding.node)
        return binding.node is target or (value is not None and m.matches(value, m.Name("None")))

    def bound(self, target: cst.CSTNode, keys: tuple[str | None, ...], *, sure: bool) -> Iterator[Use]:
        """A target takes the value."""
        if isinstance(target, cst.Attribute) and isinstance(target.value, cst.Name):
            yield Use(keys, target, How.WHOLE, sure)
            alike = m.Attribute(value=m.Name(target.value.value), attr=m.Name(target.attr.value))
            for attribute in self.module.all(cst.Attribute):
                if attribute is not target and m.matches(attribute, alike):  # most likely, it is the same attribute of the same object
                    yield from (use for use in self.uses(attribute, keys, sure=False) if use.how is not How.WHOLE)
            return
        if not isinstance(target, cst.Name) or isinstance(self.module.scope(target), meta.ClassScope):
            yield Use(keys, target, How.WHOLE, sure)
            return
        if self.module.is_global(target):
            self.names.append(target.value)
        alone = all(self._holds(one, target) for one in self.module.bindings(target))
        for use in self.module.uses(target):
            yield from self.uses(use, keys, sure=sure and alone)

    def returned(self, statement: cst.Return, node: cst.CSTNode, keys: tuple[str | None, ...], *, sure: bool) -> Iterator[Use]:
        """A function of this file returns the value: what its calls do with it."""
        function = cst.ensure_type(self.module.function(statement), cst.FunctionDef)
        if self.module.is_global(function.name):
            self.names.append(function.name.value)
        called = [self.module.parent(use) for use in self.module.uses(function.name)]
        plain = self.module.only_binding(function.name) is function and self.module.is_plain(function)
        in_class = isinstance(self.module.scope(function), meta.ClassScope)
        if in_class or not plain or not called or not all(isinstance(call, cst.Call) for call in called):
            yield Use(keys, node, How.WHOLE, sure)
            return
        sure = sure and len(self.module.returns(function)) == 1
        for call in called:
            yield from self.uses(call, keys, sure=sure)

    def passed(self, arg: cst.Arg, node: cst.CSTNode, keys: tuple[str | None, ...], *, sure: bool) -> Iterator[Use]:
        """A call takes the value: what the function does with it."""
        call = self.module.parent(arg)
        if not isinstance(call, cst.Call):
            yield Use(keys, node, How.WHOLE, sure)
            return
        names = self.module.names(call.func)
        if names and names <= _HARMLESS:
            return
        if names and names <= _SAME and not arg.keyword and not arg.star:
            yield from self.uses(call, keys, sure=sure)
            return
        function = self.module.only_binding(call.func) if isinstance(call.func, cst.Name) else None
        param = parameter(function, call, arg) if isinstance(function, cst.FunctionDef) and not arg.star else None
        if param is None:
            yield Use(keys, node, How.WHOLE, sure)
            return
        # Other calls may pass something else.
        sure = sure and self.module.only_binding(param.name) is param and len(self.module.uses(call.func)) == 1  # type: ignore[arg-type]
        for use in self.module.uses(param.name):
            yield from self.uses(use, keys, sure=sure)


def only_loads(module: Module, load: cst.CSTNode, lookup: cst.CSTNode) -> bool:
    """Whether an expression loads a file and looks something up in it, and nothing else happens in it."""
    direct = [lookup.value] if isinstance(lookup, cst.Subscript) else []
    if isinstance(lookup, cst.Call) and isinstance(lookup.func, cst.Attribute):
        direct = [lookup.func.value]
    return direct == [load] and _plain(module, load)


def _plain(module: Module, node: cst.CSTNode, depth: int = 0) -> bool:
    """Whether nothing happens in a part of a program but that files are opened and loaded."""
    known = calls.LOAD | calls.OPEN | calls.JOIN | calls.SAME_PATH | calls.FOLDER
    methods = m.Attribute(attr=m.OneOf(*(m.Name(name) for name in ("open", "read", "read_text", "read_bytes", "joinpath"))))
    for call in m.findall(node, m.Call()):
        assert isinstance(call, cst.Call)
        names = module.names(call.func)
        helper = module.only_binding(call.func) if isinstance(call.func, cst.Name) else None
        follows = isinstance(helper, cst.FunctionDef) and depth < _DEEPEST and _plain(module, helper.body, depth + 1)
        if not ((names and names <= known) or m.matches(call.func, methods) or follows):
            return False
    return not m.findall(node, m.NamedExpr() | m.Global() | m.Nonlocal() | m.Raise())


def _call(module: Module, attribute: cst.Attribute) -> cst.Call | None:
    parent = module.parent(attribute)
    return parent if isinstance(parent, cst.Call) and parent.func is attribute else None


def _loop(module: Module, attribute: cst.Attribute) -> cst.CSTNode | None:
    """The target that takes each value in ``for x in node.values()`` or ``for k, x in node.items()``."""
    call = _call(module, attribute)
    loop = module.parents.get(call) if call is not None else None
    if call is None or not isinstance(loop, cst.For | cst.CompFor) or loop.iter is not call:
        return None
    if attribute.attr.value == "values":
        return loop.target
    pair = loop.target.elements if isinstance(loop.target, cst.Tuple) else ()
    return pair[1].value if len(pair) == 2 else None
