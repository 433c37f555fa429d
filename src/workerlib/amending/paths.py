"""Where a key path leads in the text of a project: through aliases, merge keys and includes, as far as there is something."""

from __future__ import annotations

from attrs import frozen

from workerlib.keypath import KeyPath
from workerlib.loading import Tree
from workerlib.scalars import is_tagged
from workerlib.text import Alias, Entry, Mapping, Node, Sequence, dealias, is_merge, merged_entries, merged_mappings


@frozen
class Way:
    """How far a path leads in the text: the `entries` or items of those of its parts that are there, from the name on.

    `crossed` are the aliases and merge keys that are met before the end, `within` every node that the last one stands in. `holder` is the
    mapping that has the last key, written in it or merged into it.
    """

    path: KeyPath
    entries: tuple[Entry | Node, ...]
    crossed: tuple[Alias | Entry, ...]
    within: tuple[Node, ...]
    holder: Mapping | None = None

    @property
    def complete(self) -> bool:
        return len(self.entries) == len(self.path) - 1

    @property
    def hidden(self) -> list[Entry]:
        """The merge keys that would bring the last key, were it not written beside them."""
        return bringing(self.holder, str(self.path.parts[-1])) if self.holder is not None and self.complete and not self.crossed else []

    @property
    def rest(self) -> tuple[str | int, ...]:
        """The parts that are not there."""
        return self.path.parts[1 + len(self.entries) :]


def way(tree: Tree, path: KeyPath) -> Way:
    """The way of a path of two parts or more: a section, a name, and so on."""
    look = tree.definitions
    section, name, *rest = path.parts
    start: Entry | Node | None
    if section == "applications":
        definition = look.applications.get(str(name))
        start = (entry_of(definition.key) or definition.node) if definition else None
    else:
        start = (look.services if section == "services" else look.routes).get(str(name))
    if start is None:
        return Way(path, (), (), ())
    entries, crossed, within = [start], list[Alias | Entry](), list[Node]()
    holder: Mapping | None = None
    for part in rest:
        node = value_of(entries[-1])
        if isinstance(node, Alias):
            crossed.append(node)
        seen = look.see(node)
        within += dict.fromkeys((dealias(node), seen))
        found: Entry | Node | None = None
        if is_tagged(seen):
            break
        if isinstance(seen, Mapping) and isinstance(part, str):
            found = merged_entries(seen).get(part)
            if found is not None and found.mapping is not seen:
                crossed += bringing(seen, part)[:1]
                within.append(found.mapping)
        elif isinstance(seen, Sequence) and isinstance(part, int) and part < len(seen.items):
            found = seen.items[part]
        if found is None:
            break
        entries.append(found)
        holder = seen if isinstance(seen, Mapping) else None
    return Way(path, tuple(entries), tuple(crossed), tuple(within), holder)


def bringing(mapping: Mapping, name: str) -> list[Entry]:
    """The merge keys of a mapping whose mappings have a key of this name."""
    return [e for e in mapping.entries if is_merge(e) and any(name in merged_entries(m) for m in merged_mappings(e))]


def value_of(place: Entry | Node) -> Node:
    """The value of an entry; an item is its own."""
    return place.value if isinstance(place, Entry) else place


def entry_of(key: Node) -> Entry | None:
    """The entry that a node is the key of."""
    parent = key.source.parents.get(id(key))
    return parent if isinstance(parent, Entry) and parent.key is key else None
