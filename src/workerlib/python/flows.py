"""What is found by following a path: the expressions that are made of it, and the ends that it leads to."""

from __future__ import annotations

import re
from typing import TypeAlias

import libcst as cst
from attrs import define, field, frozen

from workerlib.python.places import MENTION, UNKNOWN, CannotFollowError


@frozen
class Piece:
    """A part of a path: its text, None where it is not known; `glued` to what is before it, not behind a slash."""

    node: cst.CSTNode
    text: str | None
    glued: bool = False


@frozen
class PathOf:
    """An expression is a path; `node` is the expression."""

    node: cst.CSTNode
    pieces: tuple[Piece, ...]
    is_object: bool = False  # a pathlib.Path

    @property
    def text(self) -> str:
        """The path, as far as it is known."""
        out = ""
        for piece in self.pieces:
            out += ("/" if out and not piece.glued and not out.endswith("/") else "") + (UNKNOWN if piece.text is None else piece.text)
        return out

    def stands_alone(self, node: cst.CSTNode) -> bool:
        """Whether a piece of a text begins with a word of its own, so that it may name a file."""
        index = next((index for index, piece in enumerate(self.pieces) if piece.node is node), None)
        if index is None:
            return False
        before = PathOf(self.node, self.pieces[:index]).text if self.pieces[index].glued else ""
        return not MENTION.match(self.pieces[index].text or "") or not before or re.match(r"[\s\"'`(\[{<:,=]", before[-1]) is not None


@frozen
class Handle:
    """An expression is an open file."""

    path: PathOf
    opened: cst.CSTNode
    writing: bool


@frozen
class Text:
    """An expression is the text of a file."""

    path: PathOf


State: TypeAlias = PathOf | Handle | Text


@frozen
class Read:
    """`node` is what the file was loaded to."""

    path: PathOf
    node: cst.CSTNode


@frozen
class Write:
    """`value` is dumped to the file, or written as `text`; before the call `opened`, with the path `outer`, its folder must exist."""

    path: PathOf
    node: cst.CSTNode
    value: cst.BaseExpression
    opened: cst.CSTNode
    outer: PathOf
    text: bool = False


@frozen
class Mention:
    """Only the path matters to this call."""

    path: PathOf
    node: cst.Call


@frozen
class Message:
    """A call, or an ``assert``, tells the user of the path, or of a text that names it."""

    path: PathOf
    node: cst.CSTNode


Sink: TypeAlias = Read | Write | Mention | Message


@define(eq=False)
class Flow:
    """All places that a path leads to. `exports` are names through which other modules could use it."""

    root: cst.CSTNode
    sinks: list[Sink] = field(factory=list)
    exports: set[str] = field(factory=set)
    problem: CannotFollowError | None = None
    at: cst.CSTNode | None = None  # where the problem is
