"""Paths that are put together in a program: of which parts, and what is known of each."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

import libcst as cst
from attrs import evolve

from workerlib.python import calls
from workerlib.python.flows import Piece
from workerlib.python.module import Module
from workerlib.python.places import ROOT, TEMPORARY, UNKNOWN

_DEEPEST = 40
_Of: TypeAlias = Callable[[cst.CSTNode], tuple[Piece, ...]]
BRACES = re.compile(r"\{[^{}]*\}")
_NAMED = re.compile(r"%\(|\{[^{}:!]")
PERCENT = re.compile(r"%(?:\(\w+\))?[-#0 +]*+\d*(?:\.\d+)?[a-zA-Z]")


def pieces(module: Module, whole: cst.CSTNode, part: cst.CSTNode, have: tuple[Piece, ...]) -> tuple[Piece, ...] | None:
    """What an expression is put together from, None where it does not put a path together."""

    def of(node: cst.CSTNode) -> tuple[Piece, ...]:
        if node is part:
            return have
        return pieces(module, node, part, have) or (Piece(node, known(module, node)),)

    def glued(*parts: Sequence[Piece]) -> tuple[Piece, ...]:
        first, *rest = (part for part in parts if part)
        return (*first, *(Piece(p.node, p.text, p.glued or p is part[0]) for part in rest for p in part))

    match whole:
        case cst.SimpleString() if (text := module.constant(whole)) is not None:
            return (Piece(whole, text),)
        case cst.ConcatenatedString():
            return glued(*map(of, _in_a_row(whole, part)))
        case cst.FormattedString():
            return glued(*(_formatted(part_of, of) for part_of in whole.parts)) if whole.parts else None
        case cst.BinaryOperation(operator=cst.Modulo(), left=left, right=right) if left is not part:
            return glued(*_message(module, left, PERCENT, operands(right), of)) or None
        case cst.Call(func=cst.Attribute(value=left, attr=cst.Name("format")), args=args) if left is not part:
            return glued(*_message(module, left, BRACES, [arg.value for arg in args], of)) or None
        case cst.BinaryOperation(operator=cst.Divide()):
            return tuple(piece for one in _in_a_row(whole, part) for piece in of(one))
        case cst.BinaryOperation(operator=cst.Add()):
            return glued(*map(of, _in_a_row(whole, part)))
        case cst.Call(func=cst.Attribute(value=base, attr=cst.Name("joinpath"))) if whole.args:
            return (*of(base), *(piece for arg in whole.args for piece in of(arg.value)))
        case cst.Call() if whole.args and (names := module.names(whole.func)) and names <= calls.JOIN:
            return tuple(piece for arg in whole.args for piece in of(arg.value))
    return None


def _in_a_row(whole: cst.ConcatenatedString | cst.BinaryOperation, part: cst.CSTNode) -> list[cst.CSTNode]:
    """The operands of an operator that is used several times in a row; `part` is one of them, whatever it is."""
    out: list[cst.CSTNode] = []
    pending: list[cst.CSTNode] = [whole]
    while pending:
        node = pending.pop()
        if node is not part and isinstance(node, cst.ConcatenatedString | cst.BinaryOperation) and _operator(node) is _operator(whole):
            pending += (node.right, node.left)
        else:
            out.append(node)
    return out


def _operator(node: cst.ConcatenatedString | cst.BinaryOperation) -> type:
    return type(node.operator) if isinstance(node, cst.BinaryOperation) else type(node)


def _formatted(part: cst.CSTNode, of: _Of) -> tuple[Piece, ...]:
    """One part of an f-string."""
    if isinstance(part, cst.FormattedStringText):
        return (Piece(part, part.value),)
    expression = cst.ensure_type(part, cst.FormattedStringExpression)
    plain = expression.conversion is None and expression.format_spec is None
    return of(expression.expression) if plain else (Piece(part, None),)


def operands(right: cst.BaseExpression) -> list[cst.BaseExpression]:
    """The values that ``%`` fills in."""
    return [element.value for element in right.elements] if isinstance(right, cst.Tuple) else [right]


def filled(
    module: Module, pieces: tuple[Piece, ...], placeholder: re.Pattern[str], values: Sequence[cst.BaseExpression]
) -> tuple[Piece, ...]:
    """The pieces of a template, in which what is not known may stand for a placeholder; those without a name take values in turn."""
    turn = iter(values)

    def value(found: re.Match[str]) -> str:
        given = _taken(found[0], turn)
        return UNKNOWN if given is None else module.constant(given) or known(module, given) or UNKNOWN

    return tuple(evolve(piece, text=None if piece.text is None else placeholder.sub(value, piece.text)) for piece in pieces)


def _taken(placeholder: str, turn: Iterator[cst.BaseExpression]) -> cst.BaseExpression | None:
    """The value that comes to stand for a placeholder as it is; None for one that is found by name, or written in another form."""
    value = None if _NAMED.match(placeholder) else next(turn, None)
    return value if placeholder in ("{}", "%s") else None


def _message(
    module: Module, template: cst.CSTNode, placeholder: re.Pattern[str], values: Sequence[cst.BaseExpression], of: _Of
) -> list[tuple[Piece, ...]]:
    """The parts of a text that is filled in with a path."""
    text, turn, at = module.constant(template), iter(values), 0
    out = []
    for found in placeholder.finditer(text or ""):
        given = _taken(found[0], turn)
        out += [(Piece(template, (text or "")[at : found.start()]),), (Piece(template, None),) if given is None else of(given)]
        at = found.end()
    return [part for part in (*out, (Piece(template, (text or "")[at:]),)) if part[0].text != ""] if text is not None else []


def known(module: Module, node: cst.CSTNode, depth: int = 0) -> str | None:
    """The path that an expression is, as far as this file alone says: a constant, or something around the file itself."""
    if depth > _DEEPEST:
        return None
    match node:
        case cst.Name("__file__"):
            return f"{ROOT}/{module.path}" if not module.bindings(node) and module.path else None
        case cst.Name():
            binding = module.only_binding(node)
            if _is_temporary(module, node, binding):
                return TEMPORARY
            value = module.value(binding) if binding is not None else None
            return None if value is None else module.constant(value) or known(module, value, depth + 1)
        case cst.Attribute(value=inner, attr=cst.Name("parent")):
            return _above(known(module, inner, depth + 1))
        case cst.Subscript(
            value=cst.Attribute(value=inner, attr=cst.Name("parents")), slice=[cst.SubscriptElement(slice=cst.Index(value=index))]
        ):
            return _above(known(module, inner, depth + 1), int(index.value) + 1) if isinstance(index, cst.Integer) else None
        case cst.Call(func=cst.Attribute(value=inner, attr=cst.Name(name)), args=[]) if name in calls.SAME_PATH_METHODS:
            return known(module, inner, depth + 1)
        case cst.Call(args=[cst.Arg(value=inner, keyword=None)]) if names := module.names(node.func):
            if names <= calls.PATH_CLASSES | calls.SAME_PATH:
                return known(module, inner, depth + 1)
            return _above(known(module, inner, depth + 1)) if names <= calls.FOLDER else None
    return None


def _is_temporary(module: Module, name: cst.Name, binding: cst.CSTNode | None) -> bool:
    """Whether a name stands for a folder that is made for a while: by pytest, or by the module `tempfile`."""
    if isinstance(binding, cst.Param):
        return name.value in ("tmp_path", "tmpdir")
    item = module.parents.get(module.parents[binding]) if binding is not None else None
    value = item.item if isinstance(item, cst.WithItem) else module.value(binding) if binding is not None else None
    return value is not None and bool(found := module.names(value)) and found <= calls.TEMPORARY


def _above(path: str | None, levels: int = 1) -> str | None:
    """The folder around a path that begins at the project's root, None where that is not known."""
    for _ in range(levels):
        path = path.rpartition("/")[0] if path and path.startswith(f"{ROOT}/") else None
    return path
