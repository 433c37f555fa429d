"""From intentions to edits of the text: set, add, remove, rename, move, nest and expand, in block and in flow style.

An :class:`Editor` collects what is wanted of the nodes of any number of files, then says which characters that changes. Together with the
modules that it is made of, it is the only place that knows how YAML is written; what calls it handles nodes.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate

from attrs import define, field, frozen

from workerlib import items
from workerlib.copying import in_braces, pair_written_out, rescued, written_out
from workerlib.edits import Edit, EditConflictError, apply, in_order, reindent, with_newlines
from workerlib.errors import UsageError
from workerlib.placing import (
    closing,
    comment_opens,
    comments_above,
    in_flow,
    indentation,
    is_beside,
    lines_below,
    may_keep,
    opening,
    outer_column,
)
from workerlib.removing import Addition, Change
from workerlib.text import (
    LINE_BREAK,
    Alias,
    Anchored,
    Entry,
    Mapping,
    Node,
    Scalar,
    Source,
    is_merge,
    merged_entries,
    merged_mappings,
    skip_blank,
)
from workerlib.text import Sequence as SequenceNode
from workerlib.yaml_writing import Value, Written, block, flow, scalar

__all__ = [
    "Edit",
    "EditConflictError",
    "Editor",
    "SharedValueError",
    "Value",
    "Written",
    "apply",
    "block",
    "flow",
    "parent_entry",
    "quoted",
    "reindent",
    "scalar",
    "step_of",
    "with_newlines",
]


_RESCUED = -1  # instead of the id of a mapping: what is written for an alias whose anchor leaves


class SharedValueError(UsageError):
    """A value was to change that several places share through an anchor; :meth:`Editor.expand` sets one place free."""


@frozen
class _Region:
    """Characters that leave with an entry, up to `last` or the end of the line; `of` is the mapping whose change says so."""

    file: str
    start: int
    last: int
    end: int
    by: str
    of: int

    def holds(self, edit: Edit) -> bool:
        return edit.file == self.file and self.start <= edit.start <= max(self.last, self.end - 1) and edit.end <= self.end


class _Around:
    """Finds the regions that hold an edit, without a look at each: thousands of keys may leave at once."""

    def __init__(self, regions: Iterable[_Region]) -> None:
        self.here: dict[str, list[_Region]] = defaultdict(list)
        for region in sorted(regions, key=lambda r: r.start):
            self.here[region.file].append(region)
        # How far a region or any before it reaches: where that is not far enough, none of them holds the edit.
        self.reach = {file: list(accumulate((max(r.last, r.end) for r in here), max)) for file, here in self.here.items()}

    def __call__(self, edit: Edit) -> Iterator[_Region]:
        here, reach = self.here.get(edit.file, ()), self.reach.get(edit.file, ())
        at = bisect_right(here, edit.start, key=lambda r: r.start)
        while at and reach[at - 1] >= edit.start:
            at -= 1
            if here[at].holds(edit):
                yield here[at]


@define
class Editor:
    """Collects intentions, and turns them into edits. `by` is set to the name of the codemod at work.

    What one codemod wants inside of what it removes is done where that text goes, if an alias needs it, and is dropped otherwise.
    """

    by: str = ""
    _edits: list[Edit] = field(factory=list)
    _changes: dict[int, Change] = field(factory=dict)  # by id of the mapping
    _count: int = 0  # of what they hold
    _sources: dict[str, Source] = field(factory=dict)  # of all files that change

    def __len__(self) -> int:
        """How many intentions there are so far."""
        return len(self._edits) + self._count

    def edits(self) -> dict[str, list[Edit]]:
        """All edits, by file, in order. May be asked for repeatedly."""
        found = [(0, e) for e in self._edits]
        removed = [(entry, by, id(c.mapping)) for c in self._changes.values() for entry, by in c.removed.values()]
        leaving: dict[str, list[Entry]] = defaultdict(list)
        for entry, _, _ in removed:
            leaving[entry.key.source.path].append(entry)
        found += [(id(c.mapping), e) for c in self._changes.values() for e in c.edits(leaving[c.mapping.source.path])]
        regions = [
            _Region(e.key.source.path, e.start, e.end, e.end if e.mapping.flow else e.key.source.next_line(e.end), by, of)
            for e, by, of in removed
        ]
        for source in {id(e.key.source): e.key.source for e, _, _ in removed}.values():
            here = [r for r in regions if r.file == source.path]
            for alias, head, below in _rescues(source, here, [e for _, e in found]):
                by = next(r.by for r in here if r.start <= alias.target.start < r.last)
                regions.append(_Region(source.path, alias.start, alias.end - 1, alias.end, by, _RESCUED))
                # First, since its lines belong directly below the alias, before any key that comes behind it.
                found = [*((_RESCUED, e) for e in _in_place_of(alias, head, below, by)), *found]
        around = _Around(regions)
        kept = [e for of, e in found if not any(r.of != of and r.by == e.by for r in around(e))]
        out: dict[str, list[Edit]] = defaultdict(list)
        for edit in kept:
            out[edit.file].append(edit)
        for path, edits in out.items():
            source = self._sources[path]
            grows = any(e.start == len(source.text) and e.text[:1] in ("\n", "\r") for e in edits)
            if grows and (last := closing(source)) and not any(e.start <= last.start < e.end for e in edits):
                edits.append(last)
        return {file: in_order(edits) for file, edits in out.items()}

    # ---- keys

    def remove(self, entry: Entry) -> None:
        """Take a key with its value out of its mapping, with the comment on its line; the comments above stay."""
        removed = self._change(entry.mapping).removed
        self._count += id(entry) not in removed
        removed.setdefault(id(entry), (entry, self.by))

    def rename(self, entry: Entry, name: str) -> None:
        """Write another key, behind the anchor and tag of the old one."""
        self._want(entry.key.source, [_key_as(entry, scalar(name, in_flow=entry.mapping.flow), self.by)])

    def nest(self, entry: Entry, *names: str) -> None:
        """Put a value deeper: ``cmd: x`` with the names ``commands``, ``start`` becomes ``commands: {start: x}``, in the style there."""
        source, *outer = entry.key.source, *names[:-1]
        start, end = entry.start, entry.end
        self.rename(entry, names[-1])
        if not outer:
            return
        if entry.mapping.flow:
            self._add(source, start, start, "".join(f"{scalar(name, in_flow=True)}: {{" for name in outer))
            self._add(source, end, end, " " * source.text.endswith(":", 0, end) + "}" * len(outer))
            return
        indent, step = " " * source.column(start), " " * source.step
        opened = [f"{step * i}{scalar(name)}:{source.newline}{indent}" for i, name in enumerate(outer)]
        self._add(source, start, start, "".join(opened) + step * len(outer))
        for found in LINE_BREAK.finditer(source.text, start, end):
            if source.line_end(found.end()) > found.end():
                self._add(source, found.end(), found.end(), step * len(outer))

    def add(self, mapping: Mapping | Scalar, name: str, value: Value, *, after: Entry | None = None) -> None:
        """Write a new key, behind the entry `after`, or as the first of the mapping; null counts as an empty mapping."""
        if isinstance(mapping, Scalar):
            self.replace(mapping, {name: value})
        else:
            self._change(mapping).added.append(Addition(name, value, after, self.by))
            self._count += 1

    def set(self, mapping: Mapping, path: Sequence[str], value: Value) -> None:
        """Write a value at a path below a mapping: in place of the one that is there, or under a new last key.

        Raises SharedValueError where the path leads through an alias or merge key, UsageError where through a scalar or sequence.
        """
        name, *rest = path
        entry = mapping.get(name)
        if entry is None:
            if rest and name in merged_entries(mapping):
                raise SharedValueError(f"{mapping.origin}: `{name}` is merged from another mapping; expand the merge key first")
            for key in reversed(rest):
                value = {key: value}
            last = mapping.entries[-1] if mapping.entries else None
            self.add(mapping, name, value, after=last)
        elif not rest:
            self.replace(entry.value, value)
        elif isinstance(entry.value, Mapping):
            self.set(entry.value, rest, value)
        elif isinstance(entry.value, Alias):
            raise SharedValueError(f"{entry.value.origin}: `{name}` is an alias of `&{entry.value.name}`; expand it first")
        elif isinstance(entry.value, Scalar) and entry.value.is_null:
            for key in reversed(rest):
                value = {key: value}
            self.replace(entry.value, value)
        else:
            raise UsageError(f"{entry.value.origin}: expected a mapping as `{name}`, found {entry.value.text[:40]!r}")

    def move(self, entry: Entry, mapping: Mapping, name: str | None = None, *, after: Entry | None = None) -> None:
        """Write an entry elsewhere, behind the entry `after` or first, with the comments above, beside and inside it.

        Raises UsageError where an alias would come to stand before its anchor, and for what cannot be written inside braces.
        """
        _refuse_move(entry, mapping, after)
        source, target, start = entry.key.source, mapping.source, entry.start
        old, new = entry.mapping.flow, mapping.flow
        top, stop = start, entry.end if old else source.line_end(entry.end)
        if not old and not is_beside(source, start):
            line = source.line_start(start)
            top = comments_above(source, line)
            self.cut(source, top, line)
        column = indentation(source, start) if old else source.column(start)
        chunk = source.text[top:stop] if top < start else " " * column + source.text[start:stop]
        if new and (not old or LINE_BREAK.search(chunk)):
            if "#" in chunk or not (old or isinstance(entry.value, Scalar)):
                raise UsageError(f"{entry.key.origin}: `{entry.name}` cannot be moved into braces as it is written")
            key = scalar(name, in_flow=True) if name else in_braces(entry.key, anchored=True)
            text = f"{key}: {in_braces(entry.value, anchored=True)}"
        else:
            key = scalar(name, in_flow=new) if name else source.text[_key_body(entry) : entry.key.end]
            last = closing(source) if stop == len(source.text) else None
            edits = [_key_as(entry, key, self.by), *([last] if last else [])]
            chunk = chunk[: -(stop - start)] + apply(source.text, edits, start, stop)
            text = reindent(chunk, 0 if new else target.column(mapping.entries[0].start) - column).lstrip(" ")
        if old and "#" in source.text[stop : source.line_end(stop)]:
            raise UsageError(f"{entry.key.origin}: the comment behind `{entry.name}` cannot be moved out of braces")
        self.remove(entry)
        self._count += 1
        self._change(mapping).added.append(Addition(entry.name or "", None, after, self.by, with_newlines(text, target.newline)))

    # ---- items

    def add_item(self, sequence: SequenceNode, index: int, value: Value) -> None:
        """Write a value as the item at `index`, from 0 to the number of items; those from there on move back."""
        if sequence.items:
            self._want(sequence.source, items.coming(sequence, index, value, self.by))
        else:
            self.replace(sequence, [value])

    def remove_item(self, sequence: SequenceNode, index: int) -> None:
        """Take an item out, with the comment on its line. Raises UsageError where comments stand among items in brackets."""
        self._want(sequence.source, items.leaving(sequence, index, self.by))

    # ---- values

    def replace(self, node: Node, value: Value) -> None:
        """Write another value, after the anchor and tag that stand there; an alias is replaced as a whole.

        A mapping or sequence takes block style, except inside braces and brackets. A comment beside the old value stays.
        """
        source = node.source
        start = node.start if isinstance(node, Alias) else node.body
        parent = source.parents.get(id(node))
        if in_flow(node) or parent is None:
            self._put(node, start, flow(value))
            return
        column = source.column(parent.body if isinstance(parent, SequenceNode) else parent.start)
        # Behind an anchor or tag, the first key of an item would take them for itself; an item below its dash stays there.
        beside_dash = isinstance(parent, SequenceNode) and start == node.start and is_beside(source, start)
        first, *rest = block("-" if beside_dash else "", value, source.step)
        head = first[1:].strip(" ")
        if head.startswith("|") and comment_opens(node):
            self._put(node, start, flow(value))  # the lines of a block of text must follow its header
            return
        self._put(node, start, head)
        if not rest:
            return
        indent = f"{source.newline}{' ' * column}"
        below = "".join(indent + line if line else source.newline for line in rest)
        self._want(source, lines_below(source, source.line_end(node.end), below, column, self.by, open_end=True))

    def expand(self, what: Alias | Entry) -> None:
        """Write a copy of what an alias stands for, or of the pairs that a merge key brings, so that this one place can change alone."""
        if isinstance(what, Alias):
            self._want(what.source, _in_place_of(what, *written_out(what.target, what), self.by))
            return
        if not is_merge(what):
            raise UsageError(f"{what.key.origin}: expected a merge key, found `{what.name}`")
        own = {e.name for e in what.mapping.entries}
        merged: dict[str, Entry] = {}
        for base in merged_mappings(what):
            for name, entry in merged_entries(base).items():
                merged.setdefault(name, entry)
        pairs = [pair_written_out(e, what.value) for name, e in merged.items() if name not in own]
        source = what.key.source
        if not pairs:
            self.remove(what)
        elif what.mapping.flow:
            self._add(source, what.start, what.end, ", ".join(head for head, _ in pairs))
        else:
            indent = f"{source.newline}{' ' * source.column(what.start)}"
            head, below = pairs[0]
            self._add(source, what.start, what.end, head)
            below += "".join(f"{indent}{head}{below}" for head, below in pairs[1:])
            if below:
                at, column, keeps = source.line_end(what.end), source.column(what.start), may_keep(head + below)
                self._want(source, lines_below(source, at, below, column, self.by, open_end=True, keeps=keeps))

    def rename_anchor(self, node: Node, name: str) -> None:
        """Give an anchor another name, and every alias of it."""
        source = node.source
        found = re.compile(rf"&{re.escape(node.anchor or '')}(?=[\s,\[\]{{}}]|\Z)").search(source.text, node.start)
        assert found is not None
        self._add(source, found.start() + 1, found.end(), name)
        for alias in source.aliases:
            if alias.target is node:
                self._add(source, alias.start + 1, alias.end, name)

    # ---- text

    def insert(self, source: Source, at: int, text: str) -> None:
        """Put text at a place of a file."""
        self._add(source, at, at, text)

    def cut(self, source: Source, start: int, end: int) -> None:
        """Take characters out of a file."""
        self._add(source, start, end, "")

    def _add(self, source: Source, start: int, end: int, text: str) -> None:
        self._want(source, [Edit(source.path, start, end, text, self.by)])

    def _want(self, source: Source, edits: Iterable[Edit]) -> None:
        self._sources[source.path] = source
        self._edits += edits

    def _change(self, mapping: Mapping) -> Change:
        self._sources[mapping.source.path] = mapping.source
        return self._changes.setdefault(id(mapping), Change(mapping))

    def _put(self, node: Node, start: int, text: str) -> None:
        """Write the first line of a node anew, from `start` on; nothing, if what it becomes stands below."""
        source, before = node.source, node.source.text[:start]
        parent = source.parents.get(id(node))
        if start == node.end:  # nothing was written
            if isinstance(parent, Entry) and not source.text.startswith(":", skip_blank(source.text, parent.key.end)):
                gap = "" if parent.mapping.flow else source.newline + " " * source.column(parent.start)
                text = f"{gap}: {text}"
            elif before[-1:].strip() and before[-1:] not in ("[", "{", ",") and text:
                text = f" {text}"
        elif not text or (not isinstance(node, (Alias, Scalar)) and not node.flow):
            start = len(before.rstrip(" \r\n"))
            if text and start == opening(node):
                text = f" {text}"
            elif text:
                self._add(source, opening(node), opening(node), f" {text}")
                text = ""
        elif before.endswith(":"):
            text = f" {text}"  # it stood directly behind a quoted key
        if isinstance(node, Scalar) and node.is_block:
            header = source.text[node.body : min(node.end, source.line_end(node.body))]
            text += header[len(header.split(" ")[0]) :].rstrip()
        self._add(source, start, node.end, text)


def quoted(text: str, like: Node | None = None, default: str = "") -> Written:
    """A text in the quotes of another scalar, or else in the default ones."""
    mark = like.style if isinstance(like, Scalar) and like.style in ("'", '"') else default
    return Written(f"{mark}{text}{mark}")


def step_of(source: Source) -> int:
    """By how many columns most block mappings of a file stand right of what holds them; 2 where there is none."""
    return source.step


def parent_entry(node: Node) -> Entry | None:
    """The entry that a node is the value of."""
    parent = node.source.parents.get(id(node))
    return parent if isinstance(parent, Entry) and parent.value is node else None


def _key_body(entry: Entry) -> int:
    return entry.key.start if isinstance(entry.key, Alias) else entry.key.body


def _key_as(entry: Entry, text: str, by: str) -> Edit:
    """Write a key otherwise; a blank comes between it and a value that stood directly behind it, as in ``{"a":1}``."""
    key, start = entry.key, _key_body(entry)
    whole = key.source.text
    if key.end == start:
        return Edit(key.source.path, start, start, f" {text}", by)
    if whole.startswith(":", key.end) and whole[key.end + 1 : key.end + 2].strip():
        return Edit(key.source.path, start, key.end + 1, f"{text}: ", by)
    return Edit(key.source.path, start, key.end, text, by)


def _in_place_of(alias: Alias, head: str, below: str, by: str) -> Iterator[Edit]:
    """Write text for an alias, and lines below the one that it stands on."""
    source = alias.source
    start = alias.start if head else len(source.text[: alias.start].rstrip(" "))
    yield Edit(source.path, start, alias.end, head, by)
    if below:
        keeps = may_keep(head + below)
        yield from lines_below(source, source.line_end(alias.end), below, outer_column(alias), by, open_end=True, keeps=keeps)


def _rescues(source: Source, regions: list[_Region], edits: list[Edit]) -> Iterator[tuple[Alias, str, str]]:
    """Aliases that stay while their anchors leave, and what is to be written for them: the first one becomes the anchored node."""

    def gone(node: Node) -> bool:
        return any(r.start <= node.start < r.last for r in regions)

    def inner(node: Anchored) -> list[Edit]:
        return [e for e in edits if e.file == source.path and node.start <= e.start < node.end]

    lost = [node for node in source.anchors if gone(node)]
    return rescued(lost, gone, inner) if lost else iter(())


def _refuse_move(entry: Entry, mapping: Mapping, after: Entry | None) -> None:
    """Refuse a move that would part an alias from its anchor, or put it before."""
    source, other = entry.key.source, mapping.source is not entry.key.source
    goal = after.end if after else mapping.start
    for alias in source.aliases:
        moves, stays = (entry.start <= n.start < entry.end for n in (alias, alias.target))
        if moves == stays:
            continue
        target = alias.target
        late = target.end > goal or target.start <= mapping.start < target.end if moves else alias.start < goal
        if other or late:
            raise UsageError(f"{alias.origin}: `{entry.name}` cannot be moved, since `{alias.text}` would stand before its anchor")
