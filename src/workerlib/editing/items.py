"""Items that come into a sequence, and one that leaves it, as edits.

A comment beside an item leaves with it, one above it stays.
"""

from __future__ import annotations

from collections.abc import Iterator

from workerlib.editing.edits import Edit
from workerlib.editing.surroundings import comments_above, is_beside, opening
from workerlib.editing.writing import Value, block, flow
from workerlib.errors import UsageError
from workerlib.text import Sequence


def coming(sequence: Sequence, index: int, value: Value, by: str) -> Iterator[Edit]:
    """Write a value as the item at `index` of a sequence that is not empty; what stands from there on moves back."""
    source, items = sequence.source, sequence.items
    if sequence.flow:
        at = items[index - 1].end if index else items[0].start
        yield Edit(source.path, at, at, f", {flow(value)}" if index else f"{flow(value)}, ", by)
        return
    column = source.column(sequence.body)
    lines = [" " * column + line if line else "" for line in block("-", value, source.step)]
    if index:
        at = source.line_end(items[index - 1].end)
        yield Edit(source.path, at, at, "".join(source.newline + line for line in lines), by)
        return
    text = source.newline.join([*lines, ""])
    if is_beside(source, sequence.body):
        yield Edit(source.path, sequence.body, sequence.body, text[column:] + " " * column, by)
    else:
        at = comments_above(source, source.line_start(sequence.body))
        yield Edit(source.path, at, at, text, by)


def leaving(sequence: Sequence, index: int, by: str) -> Iterator[Edit]:
    """Take the item at `index` out of a sequence; with its last one it becomes ``[]``, never null.

    Raises UsageError where a comment stands among items in brackets, since nobody can tell which of them it is about.
    """
    source, items = sequence.source, sequence.items
    item, last = items[index], index + 1 == len(items)
    if sequence.flow:
        if not last:
            start, end = item.start, items[index + 1].start
        else:  # it goes with the comma before it, or with all that is between the brackets
            start, end = (items[index - 1].end, item.end) if index else (sequence.body + 1, sequence.end - 1)
        if any(start <= comment < end for comment, _ in source.comments()):
            raise UsageError(f"{item.origin}: expected items without comments among them; set the list as a whole")
        yield Edit(source.path, start, end, "", by)
        return
    dash = sequence.dash(index)
    if len(items) == 1:
        opened = opening(sequence)
        if is_beside(source, dash) or not source.before(opened).strip():
            yield Edit(source.path, dash, source.line_end(item.end), "[]", by)
            return
        yield Edit(source.path, opened, opened, " []", by)
    elif not index and is_beside(source, dash):  # the next item comes up beside what stands there
        yield Edit(source.path, dash, sequence.dash(1), "", by)
        return
    yield Edit(source.path, source.line_start(dash), source.next_line(item.end), "", by)
