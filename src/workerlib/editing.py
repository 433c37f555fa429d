"""From intentions to edits of the text: set, add, remove, rename, nest and re-indent, in block and in flow style.

An :class:`Editor` collects what is wanted of the nodes of any number of files, then says which characters that changes. It is the only place
that knows how YAML is written; what calls it handles nodes.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from collections.abc import Mapping as MappingABC
from typing import TypeAlias

from attrs import define, field, frozen

from workerlib.errors import WorkerlibError
from workerlib.text import LINE_BREAK, Alias, Entry, Mapping, Node, Scalar, Source, children, skip_blank, walk
from workerlib.text import Sequence as SequenceNode

# ---- edits --------------------------------------------------------------------------------------------------------------------------


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


def apply(text: str, edits: Iterable[Edit], start: int = 0, end: int | None = None) -> str:
    """`text` from `start` to `end` with the edits that lie in it; equal edits count once.

    Raises EditConflictError where two edits overlap.
    """
    end = len(text) if end is None else end
    out: list[str] = []
    at = start
    last: Edit | None = None
    for edit in sorted(set(edits)):
        if edit.start < start or edit.end > end or (edit.start == end < len(text)):
            continue  # what is put in at the start of a line belongs to that line
        if last is not None and edit.start < last.end:
            raise EditConflictError(
                f"{edit.file}: `{last.by}` and `{edit.by}` both change characters {edit.start} to {last.end}: "
                f"{text[edit.start : last.end]!r}; run one of them at a time with --only"
            )
        out += (text[at : edit.start], edit.text)
        at, last = max(at, edit.end), edit
    out.append(text[at:end])
    return "".join(out)


def reindent(text: str, by: int) -> str:
    """Whole lines of YAML, `by` columns further to the right, or to the left where that is negative.

    Every line that is not empty moves, also those inside scalars: a line of blanks inside a block scalar is part of its value. Where a line
    has less indentation than is to go, it loses what it has.
    """
    if not by:
        return text
    if by > 0:
        return _FULL_LINE.sub(" " * by, text)
    return re.sub(rf"(?:\A|(?<=\n)|(?<=\r)(?!\n)) {{1,{-by}}}", "", text)


_FULL_LINE = re.compile(r"(?:\A|(?<=\n)|(?<=\r)(?!\n))(?=[^\r\n])")


def with_newlines(text: str, newline: str) -> str:
    """`text` with every line break written as `newline`. No value depends on it: YAML reads every line break as a line feed."""
    return LINE_BREAK.sub(newline, text)


# ---- new values ---------------------------------------------------------------------------------------------------------------------


@frozen
class Written:
    """A scalar that is to be written exactly so, since this is how its author wrote it."""

    text: str


Value: TypeAlias = "str | int | bool | None | Written | MappingABC[str, Value] | Sequence[Value]"

# What YAML 1.1 or 1.2 reads as something else than text, what begins with an indicator, and what holds one.
_SPECIAL = re.compile(
    r"(?:[-+]?[0-9][0-9_,.:eExXoO+-]*[a-fA-F0-9]*|[-+]?\.(?:inf|nan)|true|false|yes|no|on|off|y|n|null|~|<<|=|\.)", re.IGNORECASE
)
_PLAIN = re.compile(
    r"(?![-?:,\[\]{}#&*!|>'\"%@`\s])(?:(?![\s#:,\[\]{}])[ -~\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|(?<! )[ ](?=[^\s#])|:(?=[^\s,\[\]{}])|(?<=\S)#)+|-[A-Za-z./]\S*(?<!:)"
)


def scalar(value: str | int | bool | None | Written) -> str:
    """A scalar as it is written in YAML: plain where no reader can mistake it, quoted otherwise."""
    if isinstance(value, Written):
        return value.text
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if _PLAIN.fullmatch(value) and not _SPECIAL.fullmatch(value):
        return value
    if value.isprintable():
        return "'" + value.replace("'", "''") + "'"
    return '"' + "".join(_escaped(c) for c in value) + '"'


def _escaped(char: str) -> str:
    if char in '"\\':
        return "\\" + char
    if char.isprintable():
        return char
    return {"\n": "\\n", "\t": "\\t", "\r": "\\r"}.get(char) or (f"\\u{ord(char):04x}" if ord(char) < 0x10000 else f"\\U{ord(char):08x}")


def flow(value: Value) -> str:
    """A value in flow style, on one line."""
    if isinstance(value, MappingABC):
        return "{" + ", ".join(f"{scalar(k)}: {flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(map(flow, value)) + "]"
    return scalar(value)


def block(key: str, value: Value, step: int) -> list[str]:
    """``key: value`` in block style, as lines; what lies below is indented by `step` columns."""
    start = key if key == "-" else f"{key}:"
    if isinstance(value, MappingABC) and value:
        below = [line for k, v in value.items() for line in block(scalar(k), v, step)]
        if key == "-":
            return [f"- {below[0]}", *(f"  {line}" for line in below[1:])]
        return [start, *(" " * step + line for line in below)]
    if isinstance(value, Sequence) and not isinstance(value, str) and value:
        return [start, *(" " * step + line for item in value for line in block("-", item, step))]
    if isinstance(value, str) and "\n" in value and _LITERAL.fullmatch(value):
        text = value.rstrip("\n")
        chomping = "" if value == text + "\n" else "-" if value == text else "+"
        width = max(step, 2)
        return [f"{start} |{chomping}", *(" " * width + line if line else "" for line in (text + value[len(text) + 1 :]).split("\n"))]
    return [f"{start} {flow(value)}"]


_LITERAL = re.compile(r"[!-~\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff][\n -~\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*")


# ---- the editor ---------------------------------------------------------------------------------------------------------------------


@define
class Editor:
    """Collects intentions, and turns them into edits. `by` is set to the name of the codemod at work."""

    by: str = ""
    _edits: list[Edit] = field(factory=list)
    _removed: dict[int, list[tuple[Entry, str]]] = field(factory=lambda: defaultdict(list))

    def __len__(self) -> int:
        """How many intentions there are so far."""
        return len(self._edits) + sum(map(len, self._removed.values()))

    def edits(self) -> dict[str, list[Edit]]:
        """All edits, by file, in order. May be asked for repeatedly."""
        out: dict[str, set[Edit]] = defaultdict(set)
        for edit in self._edits:
            out[edit.file].add(edit)
        for removed in self._removed.values():
            for edit in _removals(removed):
                out[edit.file].add(edit)
        for anchored in self._lost_anchors():
            out[anchored.file].add(anchored)
        return {file: sorted(edits) for file, edits in out.items()}

    def remove(self, entry: Entry) -> None:
        """Take a key with its value out of its mapping, with the comment on its line; the comments above stay."""
        known = self._removed[id(entry.mapping)]
        if all(e is not entry for e, _ in known):
            known.append((entry, self.by))

    def rename(self, entry: Entry, name: str) -> None:
        """Write another key."""
        key = entry.key
        self._add(key.source, key.start if isinstance(key, Alias) else key.body, key.end, scalar(name))

    def replace(self, node: Node, value: Value) -> None:
        """Write another value, after the anchor and tag that stand there; an alias is replaced as a whole.

        A mapping or sequence takes flow style inside flow collections and in place of anything but a scalar, block style elsewhere.
        """
        start = node.start if isinstance(node, Alias) else node.body
        entry = parent_entry(node)
        if entry is None or entry.mapping.flow or not _is_collection(value):
            self._add(node.source, start, node.end, _spaced(node, start, flow(value)))
            return
        source = node.source
        indent = " " * source.column(entry.key.start)
        lines = "".join(f"{source.newline}{indent}{line}" for line in block("", value, step_of(source))[1:])
        blank = len(source.text[:start].rstrip(" "))  # no blanks are left behind the key; a comment there stays where it is
        self._add(source, blank, node.end, "")
        self._add(source, source.line_end(node.end), source.line_end(node.end), lines)

    def insert(self, source: Source, at: int, text: str) -> None:
        """Put text at a place of a file."""
        self._add(source, at, at, text)

    def cut(self, source: Source, start: int, end: int) -> None:
        """Take characters out of a file."""
        self._add(source, start, end, "")

    def nest(self, entry: Entry, *names: str) -> None:
        """Put a value deeper: ``cmd: x`` with the names ``commands``, ``start`` becomes ``commands: {start: x}``, in the style around it."""
        source, key, end = entry.key.source, entry.key, entry.end
        if entry.mapping.flow:
            self._add(source, key.start, key.end, ": {".join(map(scalar, names)))
            self._add(source, end, end, "}" * (len(names) - 1))
            return
        indent, step = source.column(key.start), step_of(source)
        lines = [f"{' ' * (i * step)}{scalar(name)}" for i, name in enumerate(names)]
        self._add(source, key.start, key.end, f":{source.newline}{' ' * indent}".join(lines))
        shift = " " * (step * (len(names) - 1))
        for found in LINE_BREAK.finditer(source.text, key.end, end):
            if source.line_end(found.end()) > found.end():
                self._add(source, found.end(), found.end(), shift)

    def add(self, mapping: Mapping, name: str, value: Value, *, after: Entry | None = None) -> None:
        """Write a new key, behind the entry `after`, or as the first of the mapping."""
        source = mapping.source
        if mapping.flow:
            pair = f"{scalar(name)}: {flow(value)}"
            if after is not None:
                self._add(source, after.end, after.end, f", {pair}")
            elif mapping.entries:
                self._add(source, mapping.entries[0].key.start, mapping.entries[0].key.start, f"{pair}, ")
            else:
                self._add(source, mapping.body + 1, mapping.end - 1, pair)
            return
        first = mapping.entries[0].key.start
        indent = source.column(first)
        step = step_of(source)
        text = f"{source.newline}{' ' * indent}".join(block(scalar(name), value, step))
        if after is not None:
            at = source.line_end(after.end)
            self._add(source, at, at, f"{source.newline}{' ' * indent}{text}")
        elif source.text[source.line_start(first) : first].strip():  # beside a dash
            self._add(source, first, first, f"{text}{source.newline}{' ' * indent}")
        else:
            at = _opening(mapping)
            self._add(source, at, at, f"{' ' * indent}{text}{source.newline}")

    def rename_anchor(self, node: Node, name: str) -> None:
        """Give an anchor another name, and every alias of it."""
        source = node.source
        found = re.compile(rf"&{re.escape(node.anchor or '')}(?=[\s,\[\]{{}}]|\Z)").search(source.text, node.start)
        assert found is not None
        self._add(source, found.start() + 1, found.end(), name)
        for alias in source.aliases:
            if alias.target is node:
                self._add(source, alias.start + 1, alias.end, name)

    def _add(self, source: Source, start: int, end: int, text: str) -> None:
        self._edits.append(Edit(source.path, start, end, text, self.by))

    def _lost_anchors(self) -> list[Edit]:
        """Edits that write an anchored node out where its first alias stands that stays, for anchors that leave with a removed key."""
        out = []
        for removed in self._removed.values():
            for entry, by in removed:
                source = entry.key.source
                for node in source.anchors:
                    if not (entry.key.start <= node.start < entry.end) or node.end > entry.end:
                        continue
                    stays = [a for a in source.aliases if a.target is node and not self._is_removed(a)]
                    if stays:
                        out.append(Edit(source.path, stays[0].start, stays[0].end, _moved(node, stays[0]), by))
        return out

    def _is_removed(self, node: Node) -> bool:
        return any(
            entry.key.source is node.source and entry.key.start <= node.start < entry.end
            for removed in self._removed.values()
            for entry, _ in removed
        )


def _is_collection(value: Value) -> bool:
    return isinstance(value, (MappingABC, Sequence)) and not isinstance(value, str) and bool(value)


def _spaced(node: Node, start: int, text: str) -> str:
    """`text` with a blank before it where nothing was written behind the colon or dash."""
    before = node.source.text[start - 1 : start]
    return f" {text}" if before in (":", "-") and start == node.end else text


def step_of(source: Source) -> int:
    """By how many columns most block mappings of a file stand right of what holds them; 2 where there is none."""
    counts: dict[int, int] = defaultdict(int)
    for node in walk(source.root) if source.root else ():
        if isinstance(node, Mapping) and not node.flow:
            outer = source.column(node.entries[0].key.start)
            for entry in node.entries:
                if isinstance(entry.value, Mapping) and not entry.value.flow:
                    counts[source.column(entry.value.entries[0].key.start) - outer] += 1
    return max(counts, key=lambda step: (counts[step], -step)) if counts else 2


def parent_entry(node: Node) -> Entry | None:
    """The entry that a node is the value of."""
    if node.source.root is None:
        return None
    for other in walk(node.source.root):
        if isinstance(other, Mapping):
            for entry in other.entries:
                if entry.value is node:
                    return entry
    return None


def _opening(mapping: Mapping) -> int:
    """The start of the line below the one that opens a block mapping: that of its key, its anchor, or its dash."""
    source = mapping.source
    entry = parent_entry(mapping)
    if mapping.start < mapping.body:
        at = mapping.start
    elif entry is not None:
        at = entry.key.end
    else:
        return source.line_start(mapping.entries[0].key.start)
    return source.next_line(at)


def _moved(node: Scalar | Mapping | SequenceNode, alias: Alias) -> str:
    """An anchored node as it is to be written in place of an alias."""
    source = node.source
    if isinstance(node, Scalar) and node.style not in ("|", ">") and not LINE_BREAK.search(node.text):
        return node.text
    entry = parent_entry(alias)
    old = source.column(source.line_start(node.start))
    old = len(source.text[source.line_start(node.start) : node.start]) - len(
        source.text[source.line_start(node.start) : node.start].lstrip(" ")
    )
    new = source.column(entry.key.start) if entry else source.column(alias.start)
    head, found, rest = node.text.partition(source.newline)
    return head + found + reindent(rest, new - old)


# ---- removing -----------------------------------------------------------------------------------------------------------------------


def _removals(removed: list[tuple[Entry, str]]) -> list[Edit]:
    """Edits that take entries, all of one mapping, out of it."""
    mapping = removed[0][0].mapping
    gone = {id(entry): by for entry, by in removed}
    if mapping.flow:
        return _flow_removals(mapping, gone)
    source, by = mapping.source, removed[0][1]
    out = [_line_removal(mapping, e, gone[id(e)]) for e in mapping.entries if id(e) in gone]
    if len(out) < len(mapping.entries):
        return out
    # Nothing is left: an empty mapping, where the first key or the line that opens the mapping has room for it.
    first = mapping.entries[0].key.start
    beside = bool(source.text[source.line_start(first) : first].strip())
    entry = parent_entry(mapping)
    if beside:
        return [Edit(source.path, first, source.line_end(mapping.entries[0].end), "{}", by), *out[1:]]
    if mapping.start < mapping.body:
        at = mapping.start + len(source.text[mapping.start : mapping.body].split("\n")[0].split(" #")[0].rstrip())
    elif entry is not None:
        at = skip_blank(source.text, entry.key.end) + 1
    else:
        outer = next((n for n in walk(source.root) if isinstance(n, SequenceNode) and mapping in n.items), None) if source.root else None
        if outer is None:
            return [Edit(out[0].file, out[0].start, out[0].end, "{}" + source.newline, by), *out[1:]]
        before = source.text[: mapping.start]
        at = before.rindex("-") + 1
    return [Edit(source.path, at, at, " {}", by), *out]


def _line_removal(mapping: Mapping, entry: Entry, by: str) -> Edit:
    """Take an entry of a block mapping out: its lines, or what stands beside a dash."""
    source = mapping.source
    start = _key_start(entry)
    line = source.line_start(start)
    if not source.text[line:start].strip(" "):
        return Edit(source.path, line, source.next_line(entry.end), "", by)
    index = mapping.entries.index(entry)
    end = source.line_end(entry.end)
    following = mapping.entries[index + 1] if index + 1 < len(mapping.entries) else None
    if following is not None and not source.text[end : following.key.start].strip():
        return Edit(source.path, start, _key_start(following), "", by)  # the next key comes up beside the dash
    return Edit(source.path, len(source.text[:start].rstrip(" ")), end, "", by)


def _key_start(entry: Entry) -> int:
    """Where an entry starts: its key, or the ``?`` before it."""
    text = entry.key.source.text
    before = text[: entry.key.start].rstrip(" \t")
    return len(before) - 1 if before.endswith("?") and before[-2:-1] in ("", " ", "\n", "\r", "{", ",", "-") else entry.key.start


def _flow_removals(mapping: Mapping, gone: MappingABC[int, str]) -> list[Edit]:
    source, text = mapping.source, mapping.source.text
    entries = mapping.entries
    out: list[Edit] = []
    for first, last in _runs([id(e) in gone for e in entries]):
        by = gone[id(entries[first])]
        start, end = _key_start(entries[first]), entries[last].end
        behind = skip_blank(text, end)
        if text.startswith(",", behind):
            end = behind + 1
            if last + 1 < len(entries):
                end += len(text[end:]) - len(text[end:].lstrip(" "))
        elif first and not text[entries[first - 1].end : start].strip(" ,"):
            start = entries[first - 1].end  # the last of its line goes with the comma before it
        line, stop = source.line_start(start), source.line_end(end)
        if not text[line:start].strip() and not _without_comment(text[end:stop]) and line > mapping.start and stop < mapping.end:
            start, end = line, source.next_line(end)
        out.append(Edit(source.path, start, end, "", by))
    return out


def _without_comment(text: str) -> str:
    stripped = text.strip()
    return "" if stripped.startswith("#") else stripped


def _runs(flags: list[bool]) -> list[tuple[int, int]]:
    """First and last index of every unbroken run of true."""
    out: list[tuple[int, int]] = []
    for index, flag in enumerate(flags):
        if flag and index and flags[index - 1]:
            out[-1] = (out[-1][0], index)
        elif flag:
            out.append((index, index))
    return out
