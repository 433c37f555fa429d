"""Editing skills that take several nodes together: keys that move below new ones, list items that become keys."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from workerlib.editing.editor import Editor
from workerlib.editing.edits import apply, reindent
from workerlib.editing.surroundings import comments_above
from workerlib.editing.writing import Value, Written, block, flow, scalar
from workerlib.text import LINE_BREAK, Entry, Node, Scalar
from workerlib.text import Sequence as SequenceNode

Item: TypeAlias = "Entry | tuple[str, Value]"


def gather(edit: Editor, names: Sequence[str], items: Sequence[Item], inner: Editor) -> None:
    """Put keys of one mapping, and new keys with their values, below `names`, in place of the first of them.

    Comments directly above a key go along, and so does all that stands between two neighbours. `inner` says what else changes in the keys.
    """
    taken = sorted((item for item in items if isinstance(item, Entry)), key=lambda entry: entry.start)
    source, flat = taken[0].key.source, taken[0].mapping.flow
    changes = inner.edits().get(source.path, ())
    if flat:
        pairs = (apply(source.text, changes, i.start, i.end) if isinstance(i, Entry) else flow(dict([i]))[1:-1] for i in items)
        edit.insert(source, taken[0].start, ": {".join((*map(scalar, names), ", ".join(pairs))) + "}" * len(names))
        edit.cut(source, taken[0].start, taken[0].end)
        for entry in taken[1:]:
            edit.remove(entry)
        return
    column, parent = source.column(taken[0].start), source.parents.get(id(taken[0].mapping))
    step = column - source.column(parent.start) if isinstance(parent, Entry) else source.step
    spans = {id(entry): _lines(entry, taken) for entry in taken}
    lines = [f"{' ' * (column + depth * step)}{scalar(name)}:" for depth, name in enumerate(names)]
    for item in items:
        if isinstance(item, Entry):
            lines.append(reindent(apply(source.text, changes, *spans[id(item)]), step * len(names)).rstrip("\r\n"))
        else:
            lines += (" " * (column + step * len(names)) + line for line in block(scalar(item[0]), item[1], step))
    first = spans[id(taken[0])][0]
    to_the_end = sum(stop - start for start, stop in spans.values()) == len(source.text) - first
    ends_open = to_the_end and source.column(len(source.text)) > 0
    edit.insert(source, first, source.newline.join(lines) + ("" if ends_open else source.newline))
    for start, stop in spans.values():
        edit.cut(source, start, stop)


def keys_of(node: Node) -> list[str]:
    """The items of a list in block style that can become keys as they stand; none where they cannot."""
    if not isinstance(node, SequenceNode) or node.flow or node.anchor or not all(map(_can_be_key, node.items)):
        return []
    return [item.value for item in node.items if isinstance(item, Scalar)]


def items_to_keys(edit: Editor, items: Node, values: Mapping[str, Value]) -> None:
    """Write a list as a mapping: its items become keys as they stand, with their values on the same line; further pairs go behind them.

    The list is one that :func:`keys_of` has keys of, in the order of `values`.
    """
    assert isinstance(items, SequenceNode)
    source, parent = items.source, items.source.parents[id(items)]
    column, shift = source.column(items.body), ""
    if isinstance(parent, Entry) and source.column(parent.start) == column:
        shift = " " * source.step
        for start in source.lines:
            if parent.key.end < start < items.end and source.line_end(start) > start:
                edit.insert(source, start, shift)
    pairs = list(values.items())
    for index, (item, (_, value)) in enumerate(zip(items.items, pairs, strict=False)):
        edit.cut(source, items.dash(index), item.start)
        edit.insert(source, item.end, f": {flow(value)}")
    for name, value in pairs[len(items.items) :]:
        edit.insert(source, source.line_end(items.end), f"{source.newline}{' ' * column}{shift}{scalar(name)}: {flow(value)}")


def put_before(edit: Editor, entry: Entry, name: str, value: Value) -> None:
    """Write a new key directly above another one, below the comments there."""
    source = entry.key.source
    between = ", " if entry.mapping.flow else source.newline + " " * source.column(entry.start)
    edit.insert(source, entry.start, f"{name}: {flow(value)}{between}")


def drop(edit: Editor, node: SequenceNode, gone: list[Node]) -> None:
    """Take items out of a list of which others stay, each with the comment on its line."""
    source, leaving = node.source, {id(item) for item in gone}
    last = max((index for index, item in enumerate(node.items) if id(item) not in leaving), default=-1)
    for index, item in enumerate(node.items):
        if id(item) not in leaving:
            continue
        if not node.flow:
            line = source.line_start(item.start)  # with the line break before it: something may come in behind the last item
            edit.cut(source, line - (2 if source.text.endswith("\r\n", 0, line) else 1), source.line_end(item.end))
        elif index < last:
            edit.cut(source, item.start, node.items[index + 1].start)
        else:
            edit.cut(source, node.items[index - 1].end, item.end)


def tagged(tag: str, value: Scalar) -> str:
    """A scalar on one line under another tag, in its own quotes if it has any."""
    own = value.style in ("'", '"') and value.start == value.body
    return f"{tag} {value.text if own else scalar(value.value, in_flow=True)}"


def put_in_place(edit: Editor, node: Node, text: str) -> None:
    """Write text for a node, for its anchor and tag too."""
    edit.cut(node.source, node.start, node.end)
    edit.insert(node.source, node.start, text)


def on_one_line(value: Value) -> Value:
    """A value that block style is to write on one line."""
    return Written(flow(value))


def has_comments(node: Node, *, beside: bool = False) -> bool:
    """Whether a comment stands inside a node, or `beside` its last line."""
    end = node.source.line_end(node.end) if beside else node.end
    comments = node.source.comments()
    return bisect_left(comments, (node.start,)) < bisect_left(comments, (end,))


def _can_be_key(node: Node) -> bool:
    """Whether a node is a scalar on one line, without anchor and tag."""
    return isinstance(node, Scalar) and node.start == node.body and not node.is_block and not LINE_BREAK.search(node.text)


def _lines(entry: Entry, taken: Sequence[Entry]) -> tuple[int, int]:
    """Start and end of an entry's lines: with the comments directly above, or all that stands below a neighbour that is taken, too."""
    source, neighbours = entry.key.source, entry.mapping.entries
    before = neighbours[neighbours.index(entry) - 1] if entry is not neighbours[0] else None
    if before is not None and any(before is other for other in taken):
        return source.next_line(before.end), source.next_line(entry.end)
    floor = source.next_line(before.end) if before else 0
    return max(floor, comments_above(source, source.line_start(entry.start))), source.next_line(entry.end)
