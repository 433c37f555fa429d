"""The text of a node as it is to be written in another place: re-indented, in braces where those are around it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from workerlib.editing.edits import Edit, apply, reindent
from workerlib.editing.surroundings import closing, in_flow, is_beside, outer_column
from workerlib.editing.writing import Written, is_special, scalar
from workerlib.errors import UsageError
from workerlib.text import LINE_BREAK, Alias, Anchored, Entry, Mapping, Node, Scalar, Source, dealias, parse, starting
from workerlib.text import Sequence as SequenceNode


def copied(node: Anchored, place: Node, edits: Sequence[Edit] = (), *, anchored: bool) -> tuple[str, str]:
    """A node's text with edits of it, for the place of another: what goes there, and what goes below the line.

    `anchored` if the copy is to have the node's anchor.
    """
    needs_block = (node.is_block or not node.style) if isinstance(node, Scalar) else not node.flow
    if needs_block and in_flow(place):
        return in_braces(remade(node, edits), anchored=anchored), ""
    return _copied(node, outer_column(place), place.source, edits, anchored=anchored)


def remade(node: Node, edits: Sequence[Edit]) -> Node:
    """A node as it is after edits of its text."""
    if not edits or isinstance(node, Alias):
        return node
    source = node.source
    head, below = _copied(node, 0, source, edits, anchored=True)
    text = f"k: {head}{below}{source.newline}"
    root = parse(Source(source.path, text), known=source.anchors).root
    assert isinstance(root, Mapping)
    return root.entries[0].value


def _copied(node: Anchored, new: int, goal: Source, edits: Sequence[Edit], *, anchored: bool) -> tuple[str, str]:
    """A copy for a place outside of braces, in a collection at column `new` of another file."""
    source, last = node.source, closing(node.source)
    edits = [*edits, *([last] if last else [])]
    properties = " ".join(part for part in (anchored and node.anchor and f"&{renamed(node, edits)}", tag_of(node)) if part)
    if not isinstance(node, Scalar) and not node.flow:
        # From the line's start on, since the edits may take whole lines out.
        start = node.body if is_beside(source, node.body) else source.line_start(node.body)
        body = apply(source.text, edits, start, node.end).lstrip(" ")
        if any(e.start < node.end <= e.end and not e.text for e in edits):  # its last line leaves
            body = re.sub(r"(?:\r\n|\n|\r)\Z", "", body)
        indent = new + goal.step
        below = f"{goal.newline}{' ' * indent}{_shifted(body, indent - source.column(node.body))}"
        if re.fullmatch(r"(?:[ \r\n]++|#[^\r\n]*+)*+", body):  # nothing but comments
            return f"{properties} {'{}' if isinstance(node, Mapping) else '[]'}".lstrip(), below if body.strip() else ""
        return properties, below
    body = _shifted(apply(source.text, edits, node.body, node.end), new - outer_column(node))
    if isinstance(node, Scalar) and node.is_block and not node.value:
        body = "''"  # a header without lines would take in what comes below it
    head = f"{properties} {body}" if properties and body else properties or body
    if isinstance(node, Scalar) and node.is_block:
        cut = LINE_BREAK.search(head)
        first, below = (head[: cut.start()], head[cut.start() :]) if cut else (head, "")
        return first.split(" #")[0].rstrip(), below  # a copy leaves the comment to its original
    return head, ""


def _shifted(text: str, by: int) -> str:
    """Text whose first line stays where it is put, and whose other lines move."""
    cut = LINE_BREAK.search(text)
    return text[: cut.end()] + reindent(text[cut.end() :], by) if cut else text


def anchor_name(node: Anchored) -> tuple[int, int]:
    """Start and end of the name of a node's anchor."""
    found = re.compile(rf"&{re.escape(node.anchor or '')}(?=[\s,\[\]{{}}]|\Z)").search(node.source.text, node.start)
    assert found is not None
    return found.start() + 1, found.end()


def renamed(node: Anchored, edits: Iterable[Edit]) -> str | None:
    """The name of a node's anchor, with edits of it."""
    return next((edit.text for edit in edits if node.anchor and (edit.start, edit.end) == anchor_name(node)), node.anchor)


def tag_of(node: Anchored) -> str:
    """A node's tag as it is written."""
    return next((part for part in node.source.text[node.start : node.body].split() if part.startswith("!")), "")


def in_braces(node: Node, *, anchored: bool) -> str:
    """A node on one line, its scalars quoted where braces ask for it; comments are left out."""
    out: list[str] = []
    # Iterative, since what is nested is not ours: what is still to be written, last first.
    pending: list[Node | str] = [node]
    while pending:
        one = pending.pop()
        if isinstance(one, str):
            out.append(one)
            continue
        if not isinstance(one, Alias):
            if one.anchor and anchored:
                out.append(f"&{one.anchor} ")
            if tag := tag_of(one):
                out.append(f"{tag} ")
        if isinstance(one, Alias):
            out.append(f"{one.text} ")
        elif isinstance(one, Scalar):
            out.append(_scalar_in_braces(one))
        elif isinstance(one, SequenceNode):
            parts: list[Node | str] = ["["]
            for item in one.items:
                parts += [item, ", "]
            pending += reversed([*parts[: -1 if one.items else None], "]"])
        else:
            parts = ["{"]
            for entry in one.entries:
                parts += [entry.key, ": ", entry.value, ", "]
            pending += reversed([*parts[: -1 if one.entries else None], "}"])
    return "".join(out).rstrip()


def _scalar_in_braces(node: Scalar) -> str:
    text = node.source.text[node.body : node.end]
    if node.style in ("'", '"') and not LINE_BREAK.search(text):
        return text
    if node.style or "\n" in node.value:
        return scalar(node.value, in_flow=True)
    if not node.value:
        return "''" if node.tag else "null"
    written = scalar(Written(node.value), in_flow=True)
    if written != node.value and is_special(node.value):  # such as 12:30, a number to some
        raise UsageError(f"{node.origin}: `{node.value}` cannot be written inside braces; put it in quotes if it is text")
    return written


def written_out(node: Node, place: Node, changes: Sequence[Edit] = ()) -> tuple[str, str]:
    """A copy of a node, with changes, for the place of another: without anchors, and with aliases only where they mean the same there."""
    if isinstance(node, Alias):
        if _means_the_same(node, place):
            return node.text, ""
        node = node.target
    source = node.source
    edits = list(changes)
    for anchor in starting(source.anchors, node.start + 1, node.end):
        start, stop = anchor_name(anchor)
        nothing = anchor.start + 1 == start and anchor.end == stop  # else brackets might hold no item there
        edits.append(Edit(source.path, start - 1, stop + (source.text[stop : stop + 1] == " "), "null" * nothing))
    for alias in starting(source.aliases, node.start, node.end):
        if not _means_the_same(alias, place):
            edits += in_place_of(alias, *written_out(alias.target, alias))
    return copied(node, place, edits, anchored=False)


def _means_the_same(alias: Alias, place: Node) -> bool:
    """Whether an alias would name the same node if it stood in another place: the last anchor of that name before it."""
    if alias.source is not place.source:
        return False
    earlier = starting(place.source.named.get(alias.name, []), 0, place.start)
    return bool(earlier) and earlier[-1] is alias.target


def pair_written_out(entry: Entry, place: Node) -> tuple[str, str]:
    """A copy of an entry, as the value of `place` would be, with its key."""
    key = dealias(entry.key)
    name = key.source.text[key.body : key.end]
    head, below = written_out(entry.value, place)
    return f"{name}: {head}".rstrip(), below


def in_place_of(node: Node, head: str, below: str, by: str = "") -> Iterator[Edit]:
    """Write text for a node, such as an alias, and lines below the one that it stands on."""
    source = node.source
    start = node.start if head else len(source.text[: node.start].rstrip(" "))
    yield Edit(source.path, start, node.end, head, by)
    if below:
        at = source.line_end(node.end)
        yield Edit(source.path, at, at, below, by)
