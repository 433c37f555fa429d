"""Entries that leave a mapping, and others that come into it, as edits.

A comment beside a key leaves with it, one above it stays. A mapping that loses its last key becomes ``{}``, never null.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from attrs import define, field

from workerlib.editing.anchors import Around
from workerlib.editing.edits import Edit
from workerlib.editing.moving import Moved
from workerlib.editing.surroundings import comments_above, is_beside, opening
from workerlib.editing.writing import Value, block, flow, scalar
from workerlib.text import LINE_BREAK, Entry, Mapping, skip_blank


@define(eq=False, repr=False)
class Addition:
    """A pair that is to come into a mapping: behind the entry `after`, or first. One that `moved` has a `text` when that is known."""

    name: str
    value: Value
    after: Entry | None
    by: str
    moved: Moved | None = None
    text: str | None = None

    def lines(self, mapping: Mapping, indent: str) -> str:
        """The pair in block style; below its first line, at the indentation of its mapping."""
        source = mapping.source
        return self.text or f"{source.newline}{indent}".join(block(scalar(self.name), self.value, source.step))

    def pair(self) -> str:
        """The pair in flow style."""
        return self.text or f"{scalar(self.name, in_flow=True)}: {flow(self.value)}"


@define(eq=False, repr=False)
class Change:
    """What is to leave a mapping and to come into it."""

    mapping: Mapping
    removed: dict[int, tuple[Entry, str]] = field(factory=dict)  # by id of the entry, with the name of the codemod
    added: list[Addition] = field(factory=list)

    def edits(self, around: Around) -> Iterator[Edit]:
        """What that changes in the text of the mapping; `around` knows what else leaves."""
        return self.in_flow() if self.mapping.flow else self.in_block(around)

    def is_gone(self, entry: Entry) -> bool:
        return id(entry) in self.removed

    def by(self, entry: Entry) -> str:
        return self.removed[id(entry)][1]

    def place(self, addition: Addition) -> Entry | None:
        """The entry that stays behind which an addition comes."""
        entries = self.mapping.entries
        index = next((i for i, e in enumerate(entries) if e is addition.after), -1)
        return next((e for e in reversed(entries[: index + 1]) if not self.is_gone(e)), None)

    # ---- block style

    def in_block(self, around: Around) -> Iterator[Edit]:
        mapping, source = self.mapping, self.mapping.source
        entries = mapping.entries
        first, indent = entries[0], " " * source.column(entries[0].start)
        stays = next((e for e in entries if not self.is_gone(e)), None)
        leading: list[tuple[str, str]] = []  # additions that come first, with the names of their codemods
        for one in self.added:
            text = one.lines(mapping, indent)
            after = self.place(one)
            if after is None:
                leading.append((text, one.by))
            elif last := around.last_lines(after):
                at = source.line_start(last.start)
                end = source.text[source.line_end(after.end) : source.next_line(after.end)]  # none where the file ends without
                yield Edit(source.path, at, at, f"{indent}{text}{end}", one.by)
            else:
                at = source.line_end(after.end)
                yield Edit(source.path, at, at, f"{source.newline}{indent}{text}", one.by)
        gone = [e for e in entries if self.is_gone(e)]
        if stays is None:
            by = leading[0][1] if leading else self.by(first)
            yield from self.all_anew(f"{source.newline}{indent}".join(text for text, _ in leading), by)
            gone = gone[1:]
        elif self.is_gone(first) and is_beside(source, first.start):
            run = entries[: entries.index(stays) + 1]
            if any(source.text[source.line_end(e.end) : after.start].strip() for e, after in pairwise(run)):
                text = f"{source.newline}{indent}".join(text for text, _ in leading)
                start = first.start if text else len(source.text[: first.start].rstrip(" "))
                yield Edit(source.path, start, source.line_end(first.end), text, self.by(first))
                leading, gone = [], gone[1:]
            else:  # the first key that stays comes up beside the dash
                yield Edit(source.path, first.start, stays.start, "", self.by(first))
                gone = [e for e in gone if e.start > stays.start]
        for text, by in leading if stays else ():
            if is_beside(source, first.start):
                yield Edit(source.path, first.start, first.start, f"{text}{source.newline}{indent}", by)
            else:
                at = self.top()
                yield Edit(source.path, at, at, f"{indent}{text}{source.newline}", by)
        yield from map(self.lines_of, gone)

    def lines_of(self, entry: Entry) -> Edit:
        """Take the lines of an entry out."""
        source = self.mapping.source
        return Edit(source.path, source.line_start(entry.start), source.next_line(entry.end), "", self.by(entry))

    def all_anew(self, text: str, by: str) -> Iterator[Edit]:
        """Nothing stays: the first entry leaves, and what comes, or an empty mapping, is written where there is room for it."""
        source, first = self.mapping.source, self.mapping.entries[0]
        opened = opening(self.mapping)
        end = source.line_end(first.end)
        if text or is_beside(source, first.start):
            yield Edit(source.path, first.start, end, text or "{}", by)
        elif not source.text[source.line_start(opened) : opened].strip():  # the root, opened by nothing
            yield Edit(source.path, first.start, end, "{}", by)
        else:
            yield Edit(source.path, opened, opened, " {}", by)
            yield self.lines_of(first)

    def top(self) -> int:
        """Where a new first line goes: below what opens the mapping; in a root, above comments that do not head the file."""
        source = self.mapping.source
        opened = opening(self.mapping)
        if source.text[source.line_start(opened) : opened].strip():
            return source.next_line(opened)
        line = source.line_start(self.mapping.entries[0].start)
        above = comments_above(source, line)
        return above if LINE_BREAK.search(source.text, opened, above) else line

    # ---- flow style

    def in_flow(self) -> Iterator[Edit]:
        mapping, source, text = self.mapping, self.mapping.source, self.mapping.source.text
        entries = mapping.entries
        stays = next((e for e in entries if not self.is_gone(e)), None)
        braces = text.startswith("{", mapping.body)
        pairs = [a.pair() for a in self.added]
        if stays is None:
            by = self.added[0].by if self.added else self.by(entries[0])
            if not braces:
                yield Edit(source.path, mapping.body, mapping.end, "{" + ", ".join(pairs) + "}", by)
            elif "#" not in text[mapping.body : mapping.end]:
                yield Edit(source.path, mapping.body + 1, mapping.end - 1, ", ".join(pairs), by)
            else:
                yield Edit(source.path, mapping.body + 1, mapping.body + 1, ", ".join(pairs), by)
                yield from self.pairs_out()
            return
        if self.added and not braces:  # a pair in a sequence, [a: b]
            yield Edit(source.path, mapping.body, mapping.body, "{", self.added[0].by)
        for one, pair in zip(self.added, pairs, strict=True):
            after = self.place(one)
            if after is None:
                yield Edit(source.path, stays.start, stays.start, f"{pair}, ", one.by)
            else:
                yield Edit(source.path, after.end, after.end, f", {pair}", one.by)
        if self.added and not braces:
            yield Edit(source.path, mapping.end, mapping.end, "}", self.added[0].by)
        yield from self.pairs_out()

    def pairs_out(self) -> Iterator[Edit]:
        """Take pairs out of braces, each unbroken run of them with as many commas."""
        entries, source, text = self.mapping.entries, self.mapping.source, self.mapping.source.text
        for first, last in self.runs():
            start, end = entries[first].start, entries[last].end
            behind = skip_blank(text, end)
            if text.startswith(",", behind):
                end = behind + 1
                rest = text[end : source.line_end(end)].lstrip(" ")
                if not rest.startswith("#"):
                    end = source.line_end(end) - len(rest)
            elif first and not self.is_gone(entries[first - 1]) and not text[entries[first - 1].end : start].strip(" ,"):
                start = entries[first - 1].end  # the last of its line goes with the comma before it
            line, stop = source.line_start(start), source.line_end(end)
            rest = text[end:stop].strip()
            if not text[line:start].strip() and (not rest or rest.startswith("#")):
                start, end = line, source.next_line(end)
            yield Edit(source.path, start, end, "", self.by(entries[first]))

    def runs(self) -> Iterator[tuple[int, int]]:
        """First and last index of the entries that leave together: without one that stays, or a comment, between them."""
        entries, text = self.mapping.entries, self.mapping.source.text
        start = None
        for index, entry in enumerate(entries):
            if not self.is_gone(entry):
                continue
            start = index if start is None else start
            after = entries[index + 1] if index + 1 < len(entries) else None
            if after is None or not self.is_gone(after) or "#" in text[entry.end : after.start]:
                yield start, index
                start = None
