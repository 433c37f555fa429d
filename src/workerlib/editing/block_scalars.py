"""What edits bring to stand below a block scalar must not become part of it: blank lines, and comments that stand far to the right."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from attrs import evolve, frozen

from workerlib.editing.edits import Edit, in_order
from workerlib.editing.surroundings import closing, last_scalar_before, outer_column
from workerlib.text import LINE_BREAK, Source


def settled(source: Source, edits: Iterable[Edit]) -> list[Edit]:
    """Edits of a file, in order, and more of them that keep apart what they bring together.

    Comments that come to stand below a block scalar are indented no further than its key. Lines of blanks become empty there, and leave
    where the scalar keeps empty lines. A block scalar at the end of a file gets its last line break, or says that it has none.
    """
    given = _Settling(source, _off_comments(source, in_order(edits))).ended()
    return in_order((*given, *apart(source, given)))


def apart(source: Source, edits: Iterable[Edit]) -> list[Edit]:
    """More edits, which keep apart what some edits of a file bring together."""
    settling = _Settling(source, in_order(edits))
    return [edit for index in range(len(settling.given)) for edit in settling.below(index)]


def _off_comments(source: Source, edits: list[Edit]) -> list[Edit]:
    """Edits that leave a blank before a comment which stood directly behind what they change."""
    text = source.text
    glued = {e.end for e in edits if e.end and text.startswith("#", e.end) and text[e.end - 1] not in " \t\r\n"}
    if not glued:
        return edits
    glued &= {start for start, _ in source.comments()}
    last = {edit.end: index for index, edit in enumerate(edits) if edit.end in glued}
    return [evolve(e, text=f"{e.text} ") if last.get(e.end) == i and e.text[-1:] not in _BREAKS else e for i, e in enumerate(edits)]


def below_another(source: Source, *, keeps: bool) -> list[Edit]:
    """Edits of the head of a file that comes below another, which may end with a block scalar that `keeps` empty lines."""
    settling, root = _Settling(source, []), source.root
    above = _Open(0 if root is None else source.column(root.start), keeps)
    starts = dict.fromkeys((0, source.next_line(source.document.start) if source.document.explicit else 0))
    return [edit for at in starts for edit in settling.settle(at, len(source.text), above, "")]


def above_key(lines: str, column: int, *, keeps: bool) -> str:
    """Lines for above a key at `column`, below what may end with a block scalar that `keeps` empty lines.

    They are blank and comments, and may go on with the key.
    """
    out, at = "", 0
    while found := _BLANK_OR_DEEP.match(lines, at):
        comment = found["comment"]
        if comment and len(found["indent"]) <= column:
            break
        out += f"{' ' * column}{comment}" if comment else "" if keeps else "\n"
        keeps = keeps and not comment
        at = found.end()
    return out + lines[at:]


def stays_between(text: str, start: int, at: int) -> bool:
    """Whether anything but blanks, or a comment beside what stands before, is left between two changes of a text."""
    if _BESIDE.fullmatch(text, start, at):
        return False
    size = 64  # characters before `at`: there may be no change in thousands of lines above
    while not text[max(start, at - size) : at].strip():
        if at - size <= start:
            return False
        size *= 8
    return True


@frozen(eq=False, repr=False)
class _Open:
    """A block scalar that may go on below: comments at `column` or left of it end it, and it may keep the empty lines that follow."""

    column: int
    keeps: bool


@frozen(eq=False, repr=False)
class _Settling:
    source: Source
    given: list[Edit]

    def below(self, index: int) -> Iterator[Edit]:
        """Settle the lines below an edit, up to the next one."""
        source, edit = self.source, self.given[index]
        at = edit.end
        if source.before(at) or edit.text[:1] in _BREAKS:
            rest = source.text[at : source.line_end(at)].strip()
            if rest and not rest.startswith("#"):
                return
            at = source.next_line(at)
        after = self.given[index + 1] if index + 1 < len(self.given) else None
        if (after is None or after.start > at) and self.is_between(at) and (above := self.above(index)):
            yield from self.settle(at, after.start if after else len(source.text), above, edit.by)

    def is_between(self, at: int) -> bool:
        """Whether a line is blank or a comment, and not a part of a scalar."""
        source = self.source
        line = source.text[at : source.line_end(at)].lstrip(" ")
        if at == len(source.text) or (line and not line.startswith("#")):
            return False
        scalar = last_scalar_before(source, at)
        return scalar is None or scalar.end <= at

    def added(self, index: int) -> tuple[str, int]:
        """What the edits up to one of them put behind the last character that stays, with the blanks between; and where that ends."""
        text, added = self.source.text, ""
        at = self.given[index].end
        for number in range(index, -1, -1):
            edit = self.given[number]
            added, at = edit.text + added, edit.start
            start = self.given[number - 1].end if number else 0
            if stays_between(text, start, at):
                break
            added, at = text[start:at] + added, start
        return added, at

    def above(self, index: int) -> _Open | None:
        """The block scalar that stands last when the edits up to one of them are made, if nothing ends it."""
        source = self.source
        added, at = self.added(index)
        column = min((_indentation(line) for line in LINE_BREAK.split(source.before(at) + added) if line.strip()), default=0)
        if headers := _HEADER.findall(added):
            replaced = last_scalar_before(source, self.given[index].end)
            if replaced is not None and replaced.start >= at:  # it may have stood on a line of its own, right of its key
                column = min(column, outer_column(replaced))
            return _Open(column, any("+" in header for header in headers))
        scalar = last_scalar_before(source, at)
        if scalar is None or not scalar.is_block:
            return None
        goes_on = column > outer_column(scalar)
        if source.text[max(scalar.end, source.line_end(scalar.body)) : at].strip() or (added.strip() and not goes_on):
            return None
        return _Open(outer_column(scalar), "+" in source.text[scalar.body : source.line_end(scalar.body)].split(" ")[0])

    def settle(self, at: int, stop: int, above: _Open, by: str) -> Iterator[Edit]:
        """Settle the blank lines and comments from a line on, up to where the next edit is."""
        source, text, keeps = self.source, self.source.text, above.keeps
        while at < len(text) and at <= stop:
            end, following = source.line_end(at), source.next_line(at)
            line = text[at:end].lstrip(" ")
            if stop < end or (line and not line.startswith("#")):
                return
            indent = end - at - len(line)
            if line and indent > above.column:
                yield Edit(source.path, at + above.column, at + indent, "", by)
            elif not line and keeps and stop >= following:
                yield Edit(source.path, at, following, "", by)
            elif not line and indent:
                yield Edit(source.path, at, end, "", by)
            keeps = keeps and not line
            at = following

    def ended(self) -> list[Edit]:
        """The edits that are given, and what comes of them at the end of the file."""
        source, given, size = self.source, list(self.given), len(self.source.text)
        end = given[-1] if given and given[-1].end == size else None
        if end and end.text and (end.text[:1] in _BREAKS or end.text[-1:] not in _BREAKS) and _HEADER.search(self.added(len(given) - 1)[0]):
            given[-1] = evolve(end, text=end.text + source.newline)
        last = closing(source) if any(e.start == size and e.text[:1] in _BREAKS for e in given) else None
        if last and not any(e.start <= last.start < e.end for e in given):
            given.append(last)
        return given


_BREAKS = ("\n", "\r")
_BLANK_OR_DEEP = re.compile(r"(?P<indent> *)(?:\n|(?P<comment>#.*\n))")
_BESIDE = re.compile(r"[ ]*#[^\r\n]*")
# The header of a block scalar, at the end of a line; a script may hold what looks like it.
_HEADER = re.compile(r"(?<![^\s])[|>][-+1-9]{0,2}(?=[ ]*(?:[ ]#[^\r\n]*)?(?:[\r\n]|\Z))")


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
