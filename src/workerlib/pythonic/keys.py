"""Which keys of a loaded value a program uses, as far as that can be followed."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst
from attrs import frozen

from workerlib.pythonic.module import Module

_DEEPEST = 60


@frozen
class Use:
    """An expression that is the value at some keys, None for a key that is not known; `sure` unless its name may hold something else."""

    keys: tuple[str | None, ...]
    node: cst.BaseExpression
    sure: bool = True


def uses(module: Module, node: cst.CSTNode, keys: tuple[str | None, ...] = (), *, sure: bool = True, depth: int = 0) -> Iterator[Use]:
    """What becomes of a value: each expression in which some of its keys are looked up, the longest only."""
    if depth > _DEEPEST:
        return
    inner = _looked_up(module, node, keys)
    if inner is not None:
        found = list(uses(module, inner.node, inner.keys, sure=sure, depth=depth + 1))
        yield from found or [Use(inner.keys, inner.node, sure)]
        return
    parent = module.parents.get(node)
    targets: list[cst.CSTNode] = []
    if isinstance(parent, cst.Assign):
        targets = [target.target for target in parent.targets]
    elif isinstance(parent, cst.AnnAssign | cst.NamedExpr) and parent.value is node:
        targets = [parent.target]
    elif loop := _gone_through(module, node):
        targets, keys = [loop], (*keys, None)
    for target in targets:
        if isinstance(target, cst.Name):
            alone = module.only_binding(target) is target
            for use in module.uses(target):
                yield from uses(module, use, keys, sure=sure and alone, depth=depth + 1)
    if isinstance(parent, cst.NamedExpr) and parent.value is node:
        yield from uses(module, parent, keys, sure=sure, depth=depth + 1)


def _looked_up(module: Module, node: cst.CSTNode, keys: tuple[str | None, ...]) -> Use | None:
    """``node[key]`` or ``node.get(key)``."""
    parent = module.parents.get(node)
    match parent:
        case cst.Subscript(value=value, slice=[cst.SubscriptElement(slice=cst.Index(value=key))]) if value is node:
            return Use((*keys, module.constant(key)), parent)
        case cst.Attribute(value=value, attr=cst.Name("get" | "pop" | "setdefault")) if value is node:
            call = module.parent(parent)
            if isinstance(call, cst.Call) and call.func is parent and call.args:
                return Use((*keys, module.constant(call.args[0].value)), call)
    return None


def _gone_through(module: Module, node: cst.CSTNode) -> cst.CSTNode | None:
    """The target that takes each value in ``for x in node.values()`` or ``for k, x in node.items()``."""
    attribute = module.parents.get(node)
    if not isinstance(attribute, cst.Attribute) or attribute.value is not node or attribute.attr.value not in ("values", "items"):
        return None
    call = module.parent(attribute)
    loop = module.parents.get(call)
    if not isinstance(loop, cst.For | cst.CompFor) or loop.iter is not call:
        return None
    if attribute.attr.value == "values":
        return loop.target
    pair = loop.target.elements if isinstance(loop.target, cst.Tuple) else ()
    return pair[1].value if len(pair) == 2 else None
