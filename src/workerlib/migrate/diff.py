"""The changes of a plan as text: a unified diff that programs can apply, and one for people, which looks through moves and indentation."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from itertools import groupby, zip_longest
from typing import TypeAlias

from attrs import frozen

from workerlib.changes import FileChange
from workerlib.characters import cells, visible
from workerlib.layout import MemoryFiles, discover
from workerlib.migrate.matching import Matcher
from workerlib.migrate.registry import LIFT
from workerlib.report import Screen

# ---- for programs -------------------------------------------------------------------------------------------------------------------


def unified(changes: Iterable[FileChange], moves: Mapping[str, str]) -> str:
    """The changes in git's form of a unified diff, as ``git apply`` reads it.

    `moves` leads from the old path of a moved file to the new one: that is shown as a rename. Of files that are not text in UTF-8 it is
    only said that they differ.
    """
    by_path = {change.path: change for change in changes}
    renamed = {
        new: by_path[old]
        for old, new in moves.items()
        if old in by_path and by_path[old].after is None and new in by_path and by_path[new].before is None
    }
    hidden = {change.path for change in renamed.values()}
    return "".join(_file(change, renamed.get(path)) for path, change in by_path.items() if path not in hidden)


def _file(change: FileChange, renamed: FileChange | None) -> str:
    before, after = (renamed or change).before, change.after
    old, new = (_quoted(f"{side}/{path}") for side, path in (("a", renamed.path if renamed else change.path), ("b", change.path)))
    head = f"diff --git {old} {new}\n"
    if renamed:
        same = "similarity index 100%\n" if before == after else ""
        head += f"{same}rename from {_quoted(renamed.path)}\nrename to {_quoted(change.path)}\n"
    elif before is None:
        head += "new file mode 100644\n"
    elif after is None:
        head += "deleted file mode 100644\n"
    old, new = ("/dev/null" if data is None else name for name, data in ((old, before), (new, after)))
    if before == after:
        return head
    if not (_is_text(before) and _is_text(after)):
        return f"{head}Binary files {old} and {new} differ\n"
    hunks = [*_hunks(before or b"", after or b"")]
    if hunks:  # an empty file that comes or goes has none
        head += "".join(f"{mark} {name}{chr(9) * (' ' in name)}\n" for mark, name in (("---", old), ("+++", new)))
    return head + "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in hunks)


def _hunks(before: bytes, after: bytes) -> Iterator[str]:
    """The lines of a unified diff below its head. Of a large file mostly little changes: the rest is not taken apart."""
    first, last = _around_changes(before, after)
    skipped = before.count(b"\n", 0, first)
    old, new = (_lines(data[first : len(data) - last]) for data in (before, after))
    for group in Matcher(old, new).get_grouped_opcodes(_CONTEXT):
        (_, a, _, c, _), (_, _, b, _, d) = group[0], group[-1]
        yield f"@@ -{_range(skipped + a, b - a)} +{_range(skipped + c, d - c)} @@\n"
        for tag, i, j, k, m in group:
            marked = [(" ", old[i:j])] if tag == "equal" else [("-", old[i:j]), ("+", new[k:m])]
            yield from (f"{mark}{line}" for mark, lines in marked for line in lines)


_CONTEXT = 3  # lines


def _range(start: int, length: int) -> str:
    """Lines of a file in the head of a hunk: those of none stand behind the line that is named."""
    return f"{start + 1}" if length == 1 else f"{start + bool(length)},{length}"


def _around_changes(before: bytes, after: bytes) -> tuple[int, int]:
    """How many bytes at the beginning and at the end of two texts are whole lines that stay, and further than the context from changes."""
    same = _same(before, after, min(len(before), len(after)))
    first = same
    for _ in range(_CONTEXT + 1):
        first = before.rfind(b"\n", 0, max(first - 1, 0)) + 1
    most = min(len(before), len(after)) - same
    at = len(before) - _same(before[::-1], after[::-1], most)
    for _ in range(_CONTEXT + 1):
        at = before.find(b"\n", at) + 1 or len(before)
    return first, len(before) - at


def _same(one: bytes, other: bytes, most: int) -> int:
    """How many bytes at the beginning are the same, of at most so many."""
    least = 0
    while least < most:
        half = (least + most + 1) // 2
        least, most = (half, most) if one[least:half] == other[least:half] else (least, half - 1)
    return least


def _is_text(data: bytes | None) -> bool:
    """Whether this is text in UTF-8."""
    if data is None or data.isascii():
        return b"\0" not in (data or b"")
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return b"\0" not in data


def _lines(data: bytes | None) -> list[str]:
    """The lines of a text, as git counts them: only a line feed ends one. None of what is no text in UTF-8."""
    parts = (data or b"").decode().split("\n") if _is_text(data) else [""]
    return [f"{part}\n" for part in parts[:-1]] + parts[-1:] * bool(parts[-1])


def _quoted(path: str) -> str:
    """A path as git writes it: in quotes where it holds a quote, a backslash or a control character."""
    if path.isprintable() and not {'"', "\\"} & set(path):
        return path
    named = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
    data = ((c, c.encode("utf-8", "surrogateescape")) for c in path)
    return '"' + "".join(named.get(c) or (c if c.isprintable() else "".join(f"\\{byte:03o}" for byte in code)) for c, code in data) + '"'


# ---- for people ---------------------------------------------------------------------------------------------------------------------

_LARGE = 4000  # lines; where none stands only once, the comparison takes a time that grows with their square
_WIDE = 140  # columns, from which old and new stand side by side


@frozen
class Line:
    """A line of a file, by its number from 1, without its end."""

    file: str
    number: int
    text: str


Row: TypeAlias = tuple[str, Line | None, Line | None]
"""How a line of the old files and one of the new ones stand to each other: the same (blank), or changed, gone or new (``!``)."""


Places: TypeAlias = Mapping[str, Sequence[tuple[int, str]]]
"""The lines of each new file, and of each old one that goes, that codemods changed, and their names."""


@frozen
class Hunk:
    """A part of the diff: where it stands, the codemods that it is for, and its rows."""

    where: str
    codemods: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def stacked(self) -> Iterator[tuple[str, Line]]:
        """The lines with the marks of a diff, old ones above the new ones that replace them."""
        for tag, run in groupby(self.rows, lambda row: row[0]):
            lines = list(run)
            for side, mark in ((2, " "),) if tag == " " else ((1, "-"), (2, "+")):
                for line in (row[side] for row in lines):
                    if isinstance(line, Line):
                        yield mark, line


def hunks(changes: Sequence[FileChange], moves: Mapping[str, str], places: Places) -> list[Hunk] | None:
    """What changes in the text, apart from where it stands and how far it is indented.

    None where there is no text to compare, or so much that it would take long.
    """
    before = {change.path: change.before for change in changes if change.before is not None}
    order = _in_order(before)
    number, moved = {path: at for at, path in enumerate(order)}, set(moves.values())
    coming = [change for change in changes if change.after is not None and change.path not in moved]
    coming.sort(key=lambda change: number.get(change.path, -1))
    old = [line for path in order if path not in moves for line in _numbered(path, before[path])]
    new = [line for change in coming for line in _numbered(change.path, change.after)]
    if not new or len(old) + len(new) > _LARGE:
        return None
    matcher = Matcher([line.text.strip() for line in old], [line.text.strip() for line in new], autojunk=False)
    groups = ([row for operation in group for row in _rows(operation, old, new)] for group in matcher.get_grouped_opcodes(2))
    parts = [part for rows in groups for part in _by_file(rows)]
    gone = {change.path for change in changes if change.after is None}
    names: dict[tuple[str, int], list[str]] = {}
    for path, found in places.items():
        for line, name in found:
            names.setdefault((path, line), []).append(name)
    return [Hunk(_where(rows), _for_what(rows, names, gone), tuple(rows)) for rows in parts]


def review(screen: Screen, changes: Sequence[FileChange], moves: Mapping[str, str], places: Places) -> bool:
    """Show these hunks. False, and nothing shown, where there are none to show."""
    found = hunks(changes, moves, places)
    if found is None:
        return False
    screen.line(("What changes in the text, moves and indentation apart", "bold"))
    for hunk in found:
        screen.line()
        screen.prose(", ".join(hunk.codemods), (f"{hunk.where}  ", "bold"), " " * 8, "cyan")
        (_beside if screen.width >= _WIDE else _below)(screen, hunk)
    return True


def _in_order(files: Mapping[str, bytes]) -> list[str]:
    """The paths of old files in the order in which their text is in the new ones."""
    return list(dict.fromkeys((*(file.path for file in discover(MemoryFiles(files))), *files)))


def _numbered(path: str, data: bytes | None) -> Iterator[Line]:
    return (Line(path, number, text.rstrip("\r\n")) for number, text in enumerate(_lines(data), 1))


def _rows(operation: tuple[str, int, int, int, int], old: Sequence[Line], new: Sequence[Line]) -> Iterator[Row]:
    tag, *(a, b, c, d) = operation
    return ((" " if tag == "equal" else "!", *pair) for pair in zip_longest(old[a:b], new[c:d]))


def _by_file(rows: Iterable[Row]) -> list[list[Row]]:
    """Rows apart where another file begins, so that each part is of the files that its heading names; without parts that change nothing."""
    parts: list[list[Row]] = [[]]
    waiting: list[Row] = []  # rows without an old line belong to what follows, if that is of another old file
    old_file = new_file = None
    for row in rows:
        _, old, new = row
        if new and new_file not in (None, new.file):
            parts[-1] += waiting
            waiting = []
            parts.append([])
        elif old and old_file not in (None, old.file):
            parts.append([])
        old_file, new_file = old.file if old else old_file, new.file if new else new_file
        waiting.append(row)
        if old:
            parts[-1] += waiting
            waiting = []
    parts[-1] += waiting
    return [part for part in parts if any(tag == "!" for tag, _, _ in part)]


def _where(rows: Sequence[Row]) -> str:
    ends = [next((line for row in rows if (line := row[side])), None) for side in (1, 2)]
    return " > ".join(dict.fromkeys(f"{line.file}:{line.number}" for line in ends if isinstance(line, Line)))


def _for_what(rows: Sequence[Row], names: Mapping[tuple[str, int], Sequence[str]], gone: Container[str]) -> tuple[str, ...]:
    """Which codemods the changes are for: the lift where it is for none. What comes in is told at one of the two lines around it."""
    by: dict[str, None] = {}
    start = None
    for index, row in enumerate(rows):
        if row[0] == "!":
            start = index if start is None else start
            if index + 1 == len(rows) or rows[index + 1][0] == " ":  # the end of a change
                changed = rows[max(0, start - 1) : index + 2]
                lines = [old for _, old, _ in changed if old and old.file in gone] + [new for _, _, new in rows[start : index + 2] if new]
                found = [name for line in lines for name in names.get((line.file, line.number), ())]
                by |= dict.fromkeys(found or [LIFT])
                start = None
    return tuple(by)


_STYLES = {" ": "dim", "-": "red", "+": "green"}


def _below(screen: Screen, hunk: Hunk) -> None:
    """Old lines above the new ones that replace them."""
    for mark, line in hunk.stacked:
        pieces = _folded(line, mark, screen.width)
        if mark == " " and len(pieces) > 1:  # what stays need not be read to its end
            pieces = [f"{pieces[0][:-3]}..."]
        for piece in pieces:
            screen.line((piece, _STYLES[mark]))


def _beside(screen: Screen, hunk: Hunk) -> None:
    """Old lines to the left, new ones to the right."""
    width = (screen.width - 3) // 2
    for tag, old, new in hunk.rows:
        marks, styles = ("  ", ("dim", "dim")) if tag == " " else ("-+", ("red", "green"))
        sides = [_folded(line, mark, width) for line, mark in zip((old, new), marks, strict=True)]
        for left, right in zip_longest(*sides, fillvalue=""):
            screen.line((left + " " * (width - cells(left)), styles[0]), (" | ", "dim"), (right, styles[1]))


def _folded(line: Line | None, mark: str, width: int) -> list[str]:
    """A line with its number, in as many pieces as it needs in a column."""
    if line is None:
        return []
    text = visible(line.text).replace("\t", "    ")
    room = width - 8 if text.isascii() else (width - 8) // 2
    pieces = [text[at : at + room] for at in range(0, len(text), room)] or [""]
    return [f"{line.number:5} {mark} {pieces[0]}", *(" " * 8 + piece for piece in pieces[1:])]
