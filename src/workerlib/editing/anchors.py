"""What leaves a file, and the anchored nodes in it that aliases still need: the first alias that stays becomes the node."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate

from attrs import define, evolve, field, frozen

from workerlib.editing.copying import copied, in_place_of, renamed
from workerlib.editing.edits import Edit
from workerlib.text import Alias, Anchored, Entry, Node, Source, walk
from workerlib.text import Sequence as Items


@frozen(eq=False, repr=False)
class Region:
    """Characters that leave with an entry or value: up to `last`, and to `end` with what is beside it.

    `of` tells whose change takes them out, `by` the name of the codemod. Of what is `whole`, nothing stays in its place; what `moves`
    comes back elsewhere.
    """

    file: str
    start: int
    last: int
    end: int
    by: str
    of: int
    whole: bool = False
    moves: bool = False

    def holds(self, edit: Edit) -> bool:
        """Whether an edit has no effect any more since all that it would change leaves."""
        return edit.file == self.file and self.start <= edit.start <= max(self.last, self.end - 1) and edit.end <= self.end

    def takes(self, node: Node) -> bool:
        """Whether a node of the file leaves."""
        return self.start <= node.start < self.last


@frozen(eq=False, repr=False)
class Wanted:
    """An edit, and whose it is: the `id` of the mapping, list of items or other node whose change it is a part of, or 0."""

    of: int
    edit: Edit


class Around:
    """Finds the regions around a place, without a look at each: thousands of keys may leave at once."""

    def __init__(self, regions: Iterable[Region]) -> None:
        self.here: dict[str, list[Region]] = defaultdict(list)
        for region in sorted(regions, key=lambda r: r.start):
            self.here[region.file].append(region)
        # How far a region or any before it reaches: where that is not far enough, none of them is around a place.
        self.reach = {file: list(accumulate((max(r.last, r.end) for r in here), max)) for file, here in self.here.items()}

    def __call__(self, file: str, place: int) -> Iterator[Region]:
        here, reach = self.here.get(file, ()), self.reach.get(file, ())
        at = bisect_right(here, place, key=lambda r: r.start)
        while at and reach[at - 1] >= place:
            at -= 1
            yield here[at]

    def leaves(self, node: Node) -> bool:
        """Whether a node leaves."""
        return any(r.takes(node) for r in self(node.source.path, node.start))

    def last_lines(self, entry: Entry) -> Region | None:
        """What leaves of the inside of an entry, together with the end of the entry's last line."""
        source, at = entry.key.source, entry.key.source.line_end(entry.end)
        found = (r for r in self(source.path, at) if r.whole and r.start > entry.start and r.end >= at)
        return min(found, key=lambda r: r.start, default=None)


def kept(found: Iterable[Wanted], regions: Iterable[Region]) -> list[Edit]:
    """The edits without those inside of what leaves as a whole, or of what the same codemod replaces."""
    around = Around(regions)

    def is_kept(wanted: Wanted) -> bool:
        edit = wanted.edit
        here = (r for r in around(edit.file, edit.start) if r.of != wanted.of and (r.whole or r.by == edit.by))
        return not any(r.holds(edit) for r in here)

    return [wanted.edit for wanted in found if is_kept(wanted)]


class Near:
    """Finds what is wanted, and what leaves, between two places of a file, without a look at all of it."""

    def __init__(self, found: Sequence[Wanted], regions: Sequence[Region]) -> None:
        self.found, self.regions = found, regions
        self.of: dict[int, list[int]] = defaultdict(list)
        self.starts, self.leaving = dict[str, list[tuple[int, int]]](), dict[str, list[tuple[int, int]]]()
        for index, wanted in enumerate(found):
            self.of[wanted.of].append(index)
            self.starts.setdefault(wanted.edit.file, []).append((wanted.edit.start, index))
        for index, region in enumerate(regions):
            self.leaving.setdefault(region.file, []).append((region.start, index))
        for places in (*self.starts.values(), *self.leaving.values()):
            places.sort()

    def wanted(self, file: str, first: int, last: int, owners: Iterable[int]) -> Iterator[Wanted]:
        """What is wanted from `first` to before `last`, and what is part of a change of one of the owners, as it was wanted."""
        here = {index for _, index in _between(self.starts.get(file, []), first, last)}
        here.update(index for owner in owners for index in self.of.get(owner, ()) if self.found[index].edit.file == file)
        return (self.found[index] for index in sorted(here))

    def gone(self, file: str, first: int, last: int) -> list[Region]:
        """What leaves behind `first`, up to `last`."""
        here = sorted(index for _, index in _between(self.leaving.get(file, []), first + 1, last + 2))
        return [region for region in map(self.regions.__getitem__, here) if region.last <= last]


def _between(places: list[tuple[int, int]], first: int, stop: int) -> list[tuple[int, int]]:
    return places[bisect_left(places, (first, -1)) : bisect_left(places, (stop, -1))]


def inside(nodes: Sequence[Node], near: Near) -> list[Edit]:
    """The edits in the text of nodes that leave, as far as they matter where a copy of that text goes.

    `nodes` are one node, or the key and value of an entry.
    """
    first, last = nodes[0].start, nodes[-1].end
    owners = {id(part) for node in nodes for one in walk(node) for part in ((one, one.items) if isinstance(one, Items) else (one,))}
    path = nodes[0].source.path
    edits = kept(near.wanted(path, first, last, owners), near.gone(path, first, last))
    return [edit for edit in edits if edit.start >= first and (edit.text or edit.start > first or edit.end < last)]  # not what takes it out


@define(eq=False, repr=False)
class Rescue:
    """Finds the aliases of a file that stay while their anchors leave."""

    source: Source
    found: Sequence[Wanted]
    regions: Sequence[Region]
    around: Around = field(init=False)
    edited: Around = field(init=False)
    near: Near = field(init=False)
    named: list[tuple[int, int, Node]] = field(init=False)  # the anchored nodes and the aliases, by place
    anchors: Counter[str | None] = field(init=False)
    order: dict[int, int] = field(init=False)  # of the regions
    written: set[int] = field(factory=set)  # ids of the nodes that are written somewhere else

    def __attrs_post_init__(self) -> None:
        self.around = Around(self.regions)
        self.edited = Around(Region(e.file, e.start, e.end, e.end, e.by, 0) for e in (wanted.edit for wanted in self.found))
        self.near = Near(self.found, self.regions)
        self.named = sorted((one.start, at, one) for at, one in enumerate((*self.source.anchors, *self.source.aliases)))
        self.anchors = Counter(one.anchor for one in self.source.anchors)
        self.order = {id(region): at for at, region in enumerate(self.regions)}

    def by(self, node: Node) -> str:
        """The name of the codemod that takes a node out."""
        here = (region for region in self.around(node.source.path, node.start) if region.takes(node))
        return min(here, key=lambda region: self.order[id(region)]).by

    def copies(self) -> Iterator[tuple[Alias, str, str]]:
        """Each alias that becomes the node which it names, what is written for it, and what below its line."""
        for alias in self.source.aliases:
            if self.needs(alias) and not self.around.leaves(alias) and not self.edited.leaves(alias):
                yield (alias, *self.copy(alias.target, alias))

    def needs(self, alias: Alias) -> bool:
        return id(alias.target) not in self.written and self.around.leaves(alias.target)

    def copy(self, node: Anchored, place: Alias) -> tuple[str, str]:
        """A copy of a node for the place of an alias: with its anchor, and with those in it that no other copy has."""
        self.written.add(id(node))
        edits = inside([node], self.near)
        gone = self.near.gone(self.source.path, node.start, node.end)
        at = node.start
        for part in self.references(node):
            if part.start < at or any(r.takes(part) for r in gone):
                continue
            if isinstance(part, Alias):
                edits += in_place_of(part, *self.copy(part.target, part)) if self.needs(part) else ()
            elif id(part) in self.written and self.anchors[part.anchor] == 1:
                name = renamed(part, edits)
                edits = [e for e in edits if not part.start <= e.start < part.end]
                edits.append(Edit(part.source.path, part.start, part.end, f"*{name}"))
                at = part.end
            else:
                self.written.add(id(part))
        # What comes below the last line goes before the comment beside it, which is not copied.
        edits = [evolve(e, start=node.end, end=node.end) if e.start == e.end > node.end else e for e in edits]
        return copied(node, place, edits, anchored=True)

    def references(self, node: Node) -> list[Node]:
        """The anchored nodes and the aliases below a node."""
        first, stop = (bisect_left(self.named, at, key=lambda row: row[0]) for at in (node.start + 1, node.end))
        return [one for _, _, one in self.named[first:stop]]
