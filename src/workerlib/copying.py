"""The text of a node as it is to be written in another place: re-indented, in braces where those are around it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from workerlib.edits import Edit, apply, reindent
from workerlib.errors import UsageError
from workerlib.placing import closing, in_flow, is_beside, outer_column
from workerlib.text import LINE_BREAK, Alias, Anchored, Entry, Node, Scalar, Sequence, dealias
from workerlib.yaml_writing import Written, is_special, scalar


def copied(node: Anchored, place: Node, edits: Iterable[Edit] = (), *, anchored: bool) -> tuple[str, str]:
    """A node's text with edits of it, for the place of another: what goes there, and what goes below the line.

    `anchored` if the copy is to have the node's anchor.
    """
    needs_block = (node.is_block or not node.style) if isinstance(node, Scalar) else not node.flow
    if needs_block and in_flow(place):
        return in_braces(node, anchored=anchored), ""
    source, step = node.source, place.source.step
    last = closing(source)
    edits = [*edits, *([last] if last else [])]
    properties = " ".join(part for part in (anchored and f"&{node.anchor}", _tag(node)) if part)
    new = outer_column(place)
    if not isinstance(node, Scalar) and not node.flow:
        # From the line's start on, since the edits may take whole lines out.
        start = node.body if is_beside(source, node.body) else source.line_start(node.body)
        body = apply(source.text, edits, start, node.end).lstrip(" ")
        if not body.strip():
            return f"{properties} {{}}".lstrip(), ""
        indent = new + step
        return properties, f"{place.source.newline}{' ' * indent}{_shifted(body, indent - source.column(node.body))}"
    body = _shifted(apply(source.text, edits, node.body, node.end), new - outer_column(node))
    if isinstance(node, Scalar) and node.is_block and not node.value:
        body = "''"  # a header without lines would take in what comes below it
    head = f"{properties} {body}" if properties and body else properties or body
    if isinstance(node, Scalar) and node.is_block:
        cut = LINE_BREAK.search(head)
        first, below = (head[: cut.start()], head[cut.start() :]) if cut else (head, "")
        return (first if anchored else first.split(" #")[0].rstrip()), below  # a copy leaves the comment to its original
    return head, ""


def _shifted(text: str, by: int) -> str:
    """Text whose first line stays where it is put, and whose other lines move."""
    cut = LINE_BREAK.search(text)
    return text[: cut.end()] + reindent(text[cut.end() :], by) if cut else text


def _tag(node: Anchored) -> str:
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
            if tag := _tag(one):
                out.append(f"{tag} ")
        if isinstance(one, Alias):
            out.append(f"{one.text} ")
        elif isinstance(one, Scalar):
            out.append(_scalar_in_braces(one))
        elif isinstance(one, Sequence):
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


def rescued(
    lost: list[Anchored], gone: Callable[[Node], bool], inner: Callable[[Anchored], list[Edit]]
) -> Iterator[tuple[Alias, str, str]]:
    """For nodes that leave while aliases of them stay: each alias that becomes the node, what is written for it, and what below its line.

    `gone` tells what leaves, `inner` which edits lie in a node. A node that holds another lost one takes it along, unless that is written.
    """
    ids = {id(node) for node in lost}
    written: set[int] = set()

    def write(node: Anchored, place: Alias) -> tuple[str, str]:
        written.add(id(node))
        source = node.source
        edits = inner(node)
        for other in source.anchors:
            if other is not node and node.start <= other.start < node.end and id(other) in ids:
                if id(other) in written:
                    edits = [e for e in edits if not (other.start <= e.start and e.end <= other.end)]
                    edits.append(Edit(source.path, other.start, other.end, f"*{other.anchor}"))
                written.add(id(other))
        for alias in source.aliases:
            target = alias.target
            if node.start <= alias.start < node.end and id(target) in ids and id(target) not in written:
                head, below = write(target, alias)
                edits += [Edit(source.path, alias.start, alias.end, head)]
                edits += [Edit(source.path, at := source.line_end(alias.end), at, below)] if below else []
        return copied(node, place, edits, anchored=True)

    for node in lost[:1]:
        for alias in node.source.aliases:
            if id(alias.target) in ids and id(alias.target) not in written and not gone(alias):
                yield (alias, *write(alias.target, alias))


def written_out(node: Node, place: Node) -> tuple[str, str]:
    """A copy of a node for the place of another: without anchors, and with aliases only where they mean the same there."""
    if isinstance(node, Alias):
        if _means_the_same(node, place):
            return node.text, ""
        node = node.target
    source = node.source
    edits: list[Edit] = []
    for anchor in source.anchors:
        if node.start < anchor.start < node.end:
            at = source.text.index("&", anchor.start)
            stop = at + 1 + len(anchor.anchor or "")
            edits.append(Edit(source.path, at, stop + (source.text[stop : stop + 1] == " "), ""))
    for alias in source.aliases:
        if node.start <= alias.start < node.end and not _means_the_same(alias, place):
            head, below = written_out(alias.target, alias)
            edits += [Edit(source.path, alias.start, alias.end, head)]
            edits += [Edit(source.path, at := source.line_end(alias.end), at, below)] if below else []
    return copied(node, place, edits, anchored=False)


def _means_the_same(alias: Alias, place: Node) -> bool:
    """Whether an alias would name the same node if it stood in another place: the last anchor of that name before it."""
    if alias.source is not place.source:
        return False
    earlier = [a for a in place.source.anchors if a.anchor == alias.name and a.start < place.start]
    return max(earlier, key=lambda a: a.start, default=None) is alias.target


def pair_written_out(entry: Entry, place: Node) -> tuple[str, str]:
    """A copy of an entry, as the value of `place` would be, with its key."""
    key = dealias(entry.key)
    name = key.source.text[key.body : key.end]
    head, below = written_out(entry.value, place)
    return f"{name}: {head}".rstrip(), below
