"""Slices of a file's text, edited and re-indented, for the file that several become: what belongs to which definition, where it ends."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Container, Iterable
from functools import cached_property
from itertools import accumulate

from attrs import define, field, frozen

from workerlib.editing import Edit, apply, reindent, with_newlines
from workerlib.editing.block_scalars import apart, stays_between
from workerlib.editing.edits import in_order
from workerlib.editing.surroundings import closing, comments_above, indentation, last_scalar_before
from workerlib.text import Mapping, Node, Scalar, Source, starting


@frozen(eq=False, repr=False)
class Region:
    """Characters of a file, from the start of a line to the start of another."""

    start: int
    end: int


@define(eq=False, repr=False)
class Slicer:
    """A file of which slices are taken. Their lines end in a line feed, whatever the file has, and none holds a document's markers.

    `wanted` is what is to change in the file, in order; what is cut out is told by :meth:`without`. A slice is made of the edits in it,
    without a look at the others: a file may hold thousands of definitions.
    """

    source: Source
    wanted: list[Edit] = field(factory=list)

    @cached_property
    def edits(self) -> list[Edit]:
        """What is wanted, and what keeps apart the text that it brings together."""
        return in_order([*self.wanted, *apart(self.source, self.wanted)])

    @classmethod
    def of(cls, source: Source, edits: Iterable[Edit]) -> Slicer:
        """The slices of a file without ``---``, ``...`` and directives, ready to be followed by another file's."""
        return cls(source).without([*edits, *_markers(source), *_end(source)])

    def without(self, cuts: Iterable[Edit]) -> Slicer:
        """The same file with other text, or none, in some places; what was to change there does not matter any more."""
        cuts = sorted(cuts, key=lambda c: c.start)
        starts, reach = [c.start for c in cuts], [-1, *accumulate((c.end for c in cuts), max)]
        stays = [e for e in self.wanted if reach[bisect_right(starts, e.start)] < e.end]
        return Slicer(self.source, in_order(stays + cuts))

    def within(self, region: Region) -> Slicer:
        """The same file as far as a region of it goes: what is to change there, and what of the text before it belongs to that."""
        first, stop = self._at(region.start, region.end)
        at = min(region.start, *(e.start for e in self.edits[first : first + 1]), region.end)
        while first and not stays_between(self.source.text, self.edits[first - 1].end, at):
            first -= 1
            at = self.edits[first].start
        return Slicer(self.source, self.edits[first:stop])

    def _at(self, start: int, end: int) -> tuple[int, int]:
        """The first of the edits that may have to do with characters `start` to `end`, and the one behind the last."""
        return bisect_left(self.edits, start, key=lambda e: e.end), bisect_right(self.edits, end, key=lambda e: e.start)

    def text(self, start: int, end: int) -> str:
        """Characters `start` to `end`, edited."""
        first, stop = self._at(start, end)
        return with_newlines(apply(self.source.text, self.edits[first:stop], start, end), "\n")

    def lines(self, start: int, end: int, by: int) -> str:
        """Whole lines, edited and indented `by` columns more, with a line feed at the end."""
        text = self.text(start, end)
        return reindent(text if not text or text.endswith("\n") else text + "\n", by)

    def comments(self, start: int, end: int, indent: int) -> str:
        """The comments between two places, each on a line of its own."""
        comments = self.source.comments()
        first, stop = (bisect_left(comments, (at,)) for at in (start, end))
        return "".join(f"{' ' * indent}{self.source.text[a:b]}\n" for a, b in comments[first:stop])

    def pair(self, key: str, value: Node, end: int, indent: int) -> str:
        """A key and, behind it, the value as it is written, and all up to `end`, whose lines keep their distance from the key's."""
        source = self.source
        head, found, rest = self.text(value.start, end).partition("\n")
        # Lines of a block stand right of the key; those of braces go with the line on which they open.
        was = source.column(value.body) - 2 if isinstance(value, Mapping) and not value.flow else indentation(source, value.start)
        text = f"{' ' * indent}{key}: {head}".rstrip() + found + reindent(rest, indent - was)
        return text if text.endswith("\n") else text + "\n"


def region_end(source: Source, end: int, column: int, limit: int) -> int:
    """Where the lines of a definition end: its last one, and the comments below it that stand further to the right than its key."""
    at = stop = source.next_line(end)
    while at < limit:
        line = source.text[at : source.line_end(at)]
        if line.strip() and not (line.lstrip().startswith("#") and indentation(source, at) > column):
            break
        at = source.next_line(at)
        if line.strip():
            stop = at
    return min(stop, limit)


def comment_lines_above(source: Source, line: int, start: int) -> int:
    """Where the comment lines directly above a line begin, but not before `start`; the line itself where there are none."""
    at, comments = max(comments_above(source, line), start), source.comments()
    while at < line:  # a scalar's own lines may begin with a hash too
        index, following = bisect_left(comments, (at,)), source.next_line(at)
        if index < len(comments) and comments[index][0] < following:
            break
        at = following
    return at


def properties(mapping: Mapping) -> tuple[list[Edit], str]:
    """Edits that take a mapping's anchor and tag from before its first key, and how they are written behind another key."""
    source = mapping.source
    if mapping.start == mapping.body:
        return [], ""
    found = re.match(r"(?:[&!]\S*[ \t]*)+", source.text[mapping.start : mapping.body])
    assert found is not None
    end = mapping.start + found.end()
    alone = not source.before(mapping.start).strip(" -") and not source.text[end : source.line_end(end)].strip()
    cut = (source.line_start(mapping.start), source.next_line(end)) if alone else (mapping.start, end)
    return [Edit(source.path, *cut, "")], " " + found[0].strip()


def ends_open(source: Source, names: Container[int], start: int, end: int) -> bool:
    """Whether a region may end, once `names` left it, ids of nodes, with a block scalar that takes in every empty line below it."""
    inside = starting(source.scalars, start, end)
    last = next((node for node in reversed(inside) if id(node) not in names), None)
    return last is not None and keeps_line_breaks(last)


def keeps_line_breaks(node: Scalar) -> bool:
    """Whether a scalar is a block scalar with the indicator ``+``."""
    return node.is_block and "+" in node.source.text[node.body : node.body + 3]


def _end(source: Source) -> list[Edit]:
    """Edits that prepare the end of a file for what comes below it: no blanks on a line that has no break."""
    last, line = closing(source), source.line_start(len(source.text))
    scalar = last_scalar_before(source, line)
    blank = not source.text[line:].strip() and not (scalar and scalar.end > line)
    return [last] if last else [Edit(source.path, line, len(source.text), "")] if blank and source.text[line:] else []


def _markers(source: Source) -> list[Edit]:
    """Edits that take directives, ``---`` and ``...`` out, each with its line if nothing else stands there."""
    text, document = source.text, source.document
    found = list(re.finditer(r"^%.*", text[: document.start], re.MULTILINE)) if document.explicit else []
    places = [(m.start(), source.line_end(m.start())) for m in found]
    places += [(document.start - 3, document.start)] if document.explicit else []
    places += [(document.end, document.end + 3)] if text.startswith("...", document.end) and source.root is not None else []
    out = []
    for start, end in places:
        rest = text[end : source.line_end(end)]
        stop = end + len(rest) - len(rest.lstrip(" \t")) if rest.strip() else source.next_line(start)
        out.append(Edit(source.path, start, stop, ""))
    return out
