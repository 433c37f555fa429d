"""The editor: from intentions to edits, in block and in flow style."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from attrs import define, field

from workerlib.editing import items
from workerlib.editing.anchors import Around, Near, Region, Rescue, Wanted, inside, kept
from workerlib.editing.block_scalars import settled
from workerlib.editing.copying import anchor_name, in_place_of, pair_written_out, tag_of, written_out
from workerlib.editing.edits import Edit, with_newlines
from workerlib.editing.entries import Addition, Change
from workerlib.editing.moving import Moved, key_as, refuse_move
from workerlib.editing.surroundings import (
    comment_opens,
    in_flow,
    is_beside,
    opening,
)
from workerlib.editing.writing import Value, Written, block, double_quoted, flow, scalar, single_quoted
from workerlib.errors import UsageError
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
    merging,
    skip_blank,
)
from workerlib.text import Sequence as SequenceNode

_RESCUED = -1  # instead of the id of a mapping: what is written for an alias whose anchor leaves


class SharedValueError(UsageError):
    """A value was to change that several places share through an anchor; :meth:`Editor.expand` sets one place free."""


@define(eq=False, repr=False)
class Editor:
    """Collects intentions, and turns them into edits. `by` is set to the name of the codemod at work.

    What is wanted inside of an entry that leaves is done where that text goes, if it moves or an alias needs it, and is dropped otherwise.
    """

    by: str = ""
    _edits: list[Wanted] = field(factory=list)
    _replaced: list[Region] = field(factory=list)  # collections that leave for another value, and items that leave
    _changes: dict[int, Change] = field(factory=dict)  # by id of the mapping
    _count: int = 0  # of what they hold
    _sources: dict[str, Source] = field(factory=dict)  # of all files that change

    def __len__(self) -> int:
        """How many intentions there are so far."""
        return len(self._edits) + self._count

    def edits(self) -> dict[str, list[Edit]]:
        """All edits, by file, in order. May be asked for repeatedly."""
        if not self:
            return {}
        moving = {id(a.moved.entry) for change in self._changes.values() for a in change.added if a.moved}
        regions = [*self._replaced, *(region for change in self._changes.values() for region in _regions(change, moving))]
        made, around = dict[int, list[Wanted]](), Around(regions)
        for change in self._changes.values():
            self._make(change, made, regions, around)
        found = [*self._edits, *(wanted for one in made.values() for wanted in one)]
        copies: list[Wanted] = []
        wanted_in, leaving = defaultdict[str, list[Wanted]](list), defaultdict[str, list[Region]](list)
        for wanted in found:
            wanted_in[wanted.edit.file].append(wanted)
        for region in regions:
            leaving[region.file] += [region] if not region.moves else []
        for source in self._sources.values():
            if not leaving[source.path] or not source.aliases:
                continue
            rescue = Rescue(source, wanted_in[source.path], leaving[source.path])
            for alias, head, below in rescue.copies():
                by = rescue.by(alias.target)
                regions.append(Region(source.path, alias.start, alias.end - 1, alias.end, by, _RESCUED))
                copies += (Wanted(_RESCUED, e) for e in in_place_of(alias, head, below, by))
        # Copies first, since their lines belong directly below the alias, before any key that comes behind it.
        found = [*copies, *found]
        out: dict[str, list[Edit]] = defaultdict(list)
        for edit in kept(found, regions):
            out[edit.file].append(edit)
        return {path: settled(self._sources[path], edits) for path, edits in out.items()}

    def _make(self, change: Change, made: dict[int, list[Wanted]], regions: Sequence[Region], around: Around) -> list[Wanted]:
        """The edits of a change; of those inside of what it moves first, since they are made where that goes."""
        if id(change.mapping) not in made:
            for addition in change.added:
                if moved := addition.moved:
                    entry = moved.entry
                    parts = [self._make(c, made, regions, around) for c in self._changes.values() if _is_in(c.mapping, entry)]
                    found = [*self._edits, *(wanted for part in parts for wanted in part)]
                    addition.text = moved.text(change.mapping, inside([entry.key, entry.value], Near(found, regions)))
            made[id(change.mapping)] = [Wanted(id(change.mapping), e) for e in change.edits(around)]
        return made[id(change.mapping)]

    # ---- keys

    def remove(self, entry: Entry) -> None:
        """Take a key with its value out of its mapping, with the comment on its line; the comments above stay."""
        removed = self._change(entry.mapping).removed
        self._count += id(entry) not in removed
        removed.setdefault(id(entry), (entry, self.by))

    def rename(self, entry: Entry, name: str) -> None:
        """Write another key, behind the anchor and tag of the old one."""
        self._want(entry.key.source, [key_as(entry, scalar(name, in_flow=entry.mapping.flow), self.by)])

    def nest(self, entry: Entry, *names: str) -> None:
        """Put a value deeper: ``cmd: x`` with the names ``commands``, ``start`` becomes ``commands: {start: x}``, in the style there."""
        source, *outer = entry.key.source, *names[:-1]
        start, end = entry.start, entry.end
        self.rename(entry, names[-1])
        if not outer:
            return
        if entry.mapping.flow:
            self._add(source, start, start, "".join(f"{scalar(name, in_flow=True)}: {{" for name in outer))
            self._add(source, end, end, " " * source.text.endswith(":", start, end) + "}" * len(outer))
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
        refuse_move(entry, mapping, after)
        moved = Moved(entry, name)
        moved.text(mapping)
        above, line = moved.above
        if above < line:
            self.cut(entry.key.source, above, line)
        self.remove(entry)
        self._count += 1
        self._change(mapping).added.append(Addition("", None, after, self.by, moved))

    # ---- items

    def add_item(self, sequence: SequenceNode, index: int, value: Value) -> None:
        """Write a value as the item at `index`, from 0 to the number of items; those from there on move back."""
        if sequence.items:
            self._want(sequence.source, items.coming(sequence, index, value, self.by), id(sequence.items))
        else:
            self.replace(sequence, [value])

    def remove_item(self, sequence: SequenceNode, index: int) -> None:
        """Take an item out, with the comment on its line. Raises UsageError where comments stand among items in brackets."""
        source, item = sequence.source, sequence.items[index]
        self._want(source, list(items.leaving(sequence, index, self.by)), id(sequence.items))
        end = item.end if sequence.flow else source.next_line(item.end)
        self._replaced.append(Region(source.path, item.start, item.end, end, self.by, id(sequence.items), whole=True))

    # ---- values

    def replace(self, node: Node, value: Value) -> None:
        """Write another value, after the anchor and tag that stand there; an alias is replaced as a whole.

        A mapping or sequence takes block style, except inside braces and brackets. A comment beside the old value stays.
        """
        source = node.source
        start = node.start if isinstance(node, Alias) else node.body
        parent = source.parents.get(id(node))
        if isinstance(node, (Mapping, SequenceNode)):
            self._replaced.append(Region(source.path, start, node.end - 1, node.end, self.by, id(node)))
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
        at = source.line_end(node.end)
        self._add(source, at, at, below, id(node))

    def expand(self, what: Alias | Entry) -> None:
        """Write a copy of what an alias stands for, or of the pairs that a merge key brings, so that this one place can change alone."""
        if isinstance(what, Alias):
            self._want(what.source, in_place_of(what, *written_out(what.target, what), self.by), id(what))
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
        if what.mapping.flow and pairs:
            self._add(source, what.start, what.end, ", ".join(head for head, _ in pairs), id(what.value))
            return
        end = what.end if pairs else source.line_end(what.end)
        lines = [source.text[a:b] for a, b in source.comments() if what.start < a < end]  # they say why it was there
        if what.mapping.flow or not (pairs or lines):
            self.remove(what)
            return
        head, below = pairs[0] if pairs else ("{}", "")
        if pairs or len(what.mapping.entries) == 1:
            lines.append(head)
        indent = f"{source.newline}{' ' * source.column(what.start)}"
        self._add(source, what.start, end, indent.join(lines), id(what.value))
        below += "".join(f"{indent}{head}{below}" for head, below in pairs[1:])
        if below:
            at = source.line_end(end)
            self._add(source, at, at, below, id(what.value))

    def expand_use(self, alias: Alias) -> None:
        """Expand an alias, or the merge key that spreads it, alone or in a list."""
        self.expand(merging(alias) or alias)

    def write_out(self, node: Node, other: Node, texts: Iterable[tuple[Scalar, str]] = ()) -> None:
        """Write a copy of another node, such as what an include stands for, in place of this one; `texts` is what scalars in it say."""
        changes = [Edit(other.source.path, one.body, one.end, quoted(text, one).text) for one, text in texts]
        head, below = (with_newlines(text, node.source.newline) for text in written_out(other, node, changes))
        self._want(node.source, in_place_of(node, head, below, self.by), id(node))

    def add_merged(self, merge: Entry, entry: Entry) -> None:
        """Write a copy of one entry that a merge key brings behind it, where it stands for what is merged."""
        source = merge.key.source
        head, below = pair_written_out(entry, merge.value)
        at, text = merge.end, f", {head}"
        if not merge.mapping.flow:
            at, text = source.line_end(merge.end), f"{source.newline}{' ' * source.column(merge.start)}{head}{below}"
        self._add(source, at, at, text, id(merge.value))

    def rename_anchor(self, node: Anchored, name: str) -> None:
        """Give an anchor another name, and every alias of it."""
        source = node.source
        self._add(source, *anchor_name(node), name)
        for alias in source.uses.get(id(node), ()):
            self._add(source, alias.start + 1, alias.end, name)

    # ---- text

    def take_over(self, other: Editor) -> None:
        """Want all that another editor wants, in which a change was tried."""
        self._edits += other._edits
        self._replaced += other._replaced
        self._sources |= other._sources
        self._count += other._count
        for change in other._changes.values():
            mine = self._change(change.mapping)
            mine.removed |= {key: gone for key, gone in change.removed.items() if key not in mine.removed}
            mine.added += change.added

    def insert(self, source: Source, at: int, text: str) -> None:
        """Put text at a place of a file."""
        self._add(source, at, at, text)

    def untag(self, node: Anchored) -> None:
        """Take out the tag of a node, with the blank before it."""
        text = node.source.text
        at = text.index("!", node.start)  # no anchor holds this character
        self.cut(node.source, at - (text[at - 1 : at] == " "), at + len(tag_of(node)))

    def cut(self, source: Source, start: int, end: int) -> None:
        """Take characters out of a file."""
        self._add(source, start, end, "")

    def _add(self, source: Source, start: int, end: int, text: str, of: int = 0) -> None:
        self._want(source, [Edit(source.path, start, end, text, self.by)], of)

    def _want(self, source: Source, edits: Iterable[Edit], of: int = 0) -> None:
        self._sources[source.path] = source
        self._edits += (Wanted(of, edit) for edit in edits)

    def _change(self, mapping: Mapping) -> Change:
        self._sources[mapping.source.path] = mapping.source
        return self._changes.setdefault(id(mapping), Change(mapping))

    def _put(self, node: Node, start: int, text: str) -> None:
        """Write the first line of a node anew, from `start` on; nothing, if what it becomes stands below."""
        source, before = node.source, node.source.text[max(0, start - 1) : start]
        parent = source.parents.get(id(node))
        if start == node.end:  # nothing was written
            if isinstance(parent, Entry) and not source.text.startswith(":", skip_blank(source.text, parent.key.end)):
                gap = "" if parent.mapping.flow else source.newline + " " * source.column(parent.start)
                text = f"{gap}: {text}"
            elif before.strip() and text:
                text = f" {text}"
        elif not text or (not isinstance(node, (Alias, Scalar)) and not node.flow):
            if not self._leaves_a_comment(node, start):
                while start and source.text[start - 1] in " \r\n":
                    start -= 1
            if text and start == opening(node):
                text = f" {text}"
            elif text:
                self._add(source, opening(node), opening(node), f" {text}", id(node))
                text = ""
        elif before == ":":
            text = f" {text}"  # it stood directly behind a quoted key
        if isinstance(node, Scalar) and node.is_block:
            header = source.text[node.body : min(node.end, source.line_end(node.body))]
            text += header[len(header.split(" ")[0]) :].rstrip()
        self._add(source, start, node.end, text, id(node))

    def _leaves_a_comment(self, node: Node, start: int) -> bool:
        """Whether comments beside a value and above it would become one if it left with its line break."""
        source = node.source
        beside, above = source.text[node.end : source.line_end(node.end)], source.text[opening(node) : start]
        return "#" in beside and "#" in above


def quoted(text: str, like: Node | None = None, default: str = "") -> Written:
    """A text in the quotes of another scalar, or else in the default ones."""
    mark = like.style if isinstance(like, Scalar) and like.style in ("'", '"') else default
    write = {"'": single_quoted, '"': double_quoted}.get(mark, scalar)
    return Written(write(text) if text.isprintable() else double_quoted(text))


def parent_entry(node: Node) -> Entry | None:
    """The entry that a node is the value of."""
    parent = node.source.parents.get(id(node))
    return parent if isinstance(parent, Entry) and parent.value is node else None


def _is_in(mapping: Mapping, entry: Entry) -> bool:
    same, outer = mapping.source is entry.key.source, mapping is entry.mapping  # a mapping may start where its first entry does
    return same and not outer and entry.start <= mapping.start < entry.end


def _regions(change: Change, moving: set[int]) -> Iterator[Region]:
    """What leaves with the entries that a change removes; `moving` are the ids of entries that are written elsewhere."""
    source = change.mapping.source
    for entry, by in change.removed.values():
        end = entry.end if entry.mapping.flow else source.next_line(entry.end)
        yield Region(source.path, entry.start, entry.end, end, by, id(change.mapping), whole=True, moves=id(entry) in moving)
