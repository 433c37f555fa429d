"""Where things stand around a node: what opens it, how far it is indented, and what comes to stand behind it."""

from __future__ import annotations

import re
from bisect import bisect_left

from workerlib.editing.edits import Edit
from workerlib.text import Alias, Entry, Mapping, Node, Scalar, Sequence, Source, skip_blank, starting


def around(node: Node) -> Mapping | Sequence | None:
    """The collection that a node is written in, None for the root."""
    parent = node.source.parents.get(id(node))
    return parent.mapping if isinstance(parent, Entry) else parent


def in_flow(node: Node) -> bool:
    """Whether a node is written inside braces or brackets."""
    outer = around(node)
    return outer is not None and outer.flow


def indentation(source: Source, at: int) -> int:
    """How many blanks begin the line that holds character `at`."""
    start = source.line_start(at)
    found = _BLANKS.match(source.text, start)
    return found.end() - start if found else 0


def outer_column(node: Node) -> int:
    """The column of the keys or dashes between which a node is written; inside braces and brackets, the indentation of its line."""
    outer = around(node)
    if outer is None or outer.flow:
        return indentation(node.source, node.start)
    return node.source.column(outer.body)


def opening(node: Node) -> int:
    """Behind what opens a node that is written below: its anchor and tag, or else the colon or dash; 0 for a root that nothing opens."""
    source = node.source
    if not isinstance(node, Alias) and node.body > node.start:
        at = end = node.start
        while at < node.body:  # comments may stand between and behind them
            end = at + len(source.text[at : node.body].split()[0])
            at = skip_blank(source.text, end)
        return end
    parent = source.parents.get(id(node))
    if isinstance(parent, Entry):
        return skip_blank(source.text, parent.key.end) + 1
    if parent is not None:
        index = next(i for i, item in enumerate(parent.items) if item is node)
        return parent.dash(index) + 1
    return source.document.start


def comment_opens(node: Node) -> bool:
    """Whether a block collection has comment lines between what opens it and its first key or dash."""
    if isinstance(node, (Alias, Scalar)) or node.flow:
        return False
    text, at = node.source.text, opening(node)
    return bool(text[node.source.line_end(at) : node.body].strip())


def is_beside(source: Source, at: int) -> bool:
    """Whether something stands before `at` on its line, such as a dash."""
    return bool(source.before(at).strip(" "))


def alias_of(entry: Entry) -> Alias | None:
    """An alias that stands for an entry, for something around it or in it, or stands in it: what others say would change with the entry."""
    source, start, end = entry.key.source, entry.key.start, entry.end
    found = starting(source.aliases, start, end)[:1]
    nodes: list[Node] = [*starting(source.anchors, start, end)] if source.aliases else []
    outer: Node | None = entry.mapping if source.aliases else None
    while outer is not None:
        nodes.append(outer)
        outer = around(outer)
    found += (alias for node in nodes for alias in source.uses.get(id(node), ())[:1])
    return min(found, key=lambda alias: alias.start, default=None)


def comments_above(source: Source, line: int) -> int:
    """Where the comment lines directly above a line begin; the line itself where there are none."""
    comments = source.comments()
    index = bisect_left(comments, (line, line)) - 1  # a scalar may hold lines that look like comments
    while line > source.document.start and index >= 0:
        start = comments[index][0]
        if source.next_line(start) != line or source.before(start).strip(" "):
            break
        line, index = source.line_start(start), index - 1
    return line


def last_scalar_before(source: Source, at: int) -> Scalar | None:
    """The last scalar that starts before a place."""
    index = bisect_left(source.scalars, at, key=lambda n: n.start)
    return source.scalars[index - 1] if index else None


def closing(source: Source) -> Edit | None:
    """For a block scalar that ends a file without a last line break: its header saying so, for when something comes below it."""
    last = source.scalars[-1] if source.scalars else None
    if last is None or not last.is_block or last.end < len(source.text) or not last.value:
        return None
    old = source.text[last.body + 1 : source.line_end(last.body)].partition("#")[0].rstrip()
    return None if "-" in old else Edit(source.path, last.body + 1, last.body + 1 + len(old), old.strip("+") + "-")


_BLANKS = re.compile(" *")
