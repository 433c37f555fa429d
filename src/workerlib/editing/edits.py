"""Edits: what is to change in the characters of a file, and how that is applied; and the moving of whole lines."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate
from operator import attrgetter

from attrs import field, frozen

from workerlib.errors import WorkerlibError
from workerlib.text import LINE_BREAK


@frozen(order=True)
class Edit:
    """Characters `start` to `end` of a file's text become `text`. `by` names the codemod that wants it."""

    file: str
    start: int
    end: int
    text: str
    by: str = field(default="", eq=False)


class EditConflictError(WorkerlibError):
    """Two codemods want to change the same characters in different ways."""


def in_order(edits: Iterable[Edit]) -> list[Edit]:
    """Edits of one file by place, equal ones once; those that insert at one place keep the order in which they were wanted."""
    return sorted(dict.fromkeys(edits), key=_PLACE)


_PLACE = attrgetter("start", "end")


def apply(text: str, edits: Iterable[Edit], start: int = 0, end: int | None = None) -> str:
    """`text` from `start` to `end` with the edits that lie in it; equal edits count once.

    What is inserted where a line begins belongs to that line, and so not to a slice that ends before it.

    Raises EditConflictError where two edits overlap.
    """
    end = len(text) if end is None else end
    out: list[str] = []
    at = start
    last: Edit | None = None
    for edit in in_order(edits):
        if last is not None and edit.start < last.end:
            line = len(LINE_BREAK.findall(text, 0, edit.start)) + 1
            shared = text[edit.start : min(edit.end, last.end)] or text[last.start : last.end]
            both = f"`{last.by}` and `{edit.by}` both change {shared!r}"
            raise EditConflictError(f"{edit.file}:{line}: {both}, each in its way; run one of them at a time with --only")
        last = edit
        inserts = edit.start == edit.end and start <= edit.start <= end and not (edit.start == end > start and _begins_line(text, end))
        if not inserts and (edit.end <= start or edit.start >= end):
            continue
        if edit.start < start:  # the slice that it starts in holds what it says
            at = min(edit.end, end)
            continue
        out += (text[at : edit.start], edit.text)
        at = max(at, min(edit.end, end))
    out.append(text[at:end])
    return "".join(out)


def _begins_line(text: str, at: int) -> bool:
    return at < len(text) and text[at - 1] in "\r\n"


def shifted(edits: Sequence[Edit]) -> Callable[[int], int]:
    """Where a character of a text is when edits, in order, are made: at the start of what replaces it, if that is so."""
    starts = [edit.start for edit in edits]
    shifts = [0, *accumulate(len(edit.text) - (edit.end - edit.start) for edit in edits)]

    def after(at: int) -> int:
        count = bisect_left(starts, at)
        if count and edits[count - 1].end > at:
            return edits[count - 1].start + shifts[count - 1]
        return at + shifts[count]

    return after


def reindent(text: str, by: int) -> str:
    """Whole lines of YAML, `by` columns further to the right, or to the left where that is negative.

    Every line that is not empty moves, also those inside scalars: a line of blanks inside a block scalar is part of its value. Where a line
    has less indentation than is to go, it loses what it has.
    """
    if by > 0:
        indent = " " * by
        if "\r" in text:
            return _LINE.sub(lambda line: indent + line[0], text)
        return "\n".join([indent + line if line else line for line in text.split("\n")])  # a third of the time
    return re.sub(rf"(?:\A|(?<=\n)|(?<=\r)(?!\n)) {{1,{-by}}}", "", text) if by else text


_LINE = re.compile(r"[^\r\n]+")


def with_newlines(text: str, newline: str) -> str:
    """`text` with every line break written as `newline`. No value depends on it: YAML reads every line break as a line feed."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", newline)
