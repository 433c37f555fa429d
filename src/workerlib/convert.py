"""From the nodes of a project to its model, and from a key path to its place in the text.

How nodes are read is :mod:`workerlib.reading`; how old spellings are seen as the current one, :mod:`workerlib.spellings`.
"""

from __future__ import annotations

from collections.abc import Callable

from workerlib import model
from workerlib.definitions import Definition, Definitions
from workerlib.diagnostic import Origin, in_order
from workerlib.keypath import KeyPath, key_path
from workerlib.layout import CURRENT, below
from workerlib.model import Application, Part, Project, Route, Service, SourceDefinition
from workerlib.reading import Path, Reader, shape_of
from workerlib.spellings import Entries, entries_of
from workerlib.text import Mapping, Node, Scalar, Sequence


def structure(definitions: Definitions) -> Project:
    """The model of what a project's files define.

    Mistakes and old spellings become `Project.diagnostics`, in the order of the text; nothing that could be read as YAML raises.
    """
    reader = Reader(definitions)
    # What a file says that is included as well belongs to where that is, and is no more than a mistake at the top.
    included = {id(found.content) for found in definitions.inclusions.values()}
    extra = {name: entry for name, entry in definitions.other.items() if id(entry.key.source) not in included}
    _names(reader, definitions, extra)
    return Project(
        applications={name: _application(reader, definition) for name, definition in definitions.applications.items()},
        services={name: reader.part(Service, name, entry.value, ("services", name)) for name, entry in definitions.services.items()},
        routes={name: reader.part(Route, name, entry.value, ("routes", name)) for name, entry in definitions.routes.items()},
        extra={name: reader.value(entry.value) for name, entry in extra.items()},
        diagnostics=sorted((*definitions.diagnostics, *reader.diagnostics.values()), key=in_order),
        origin=Places(definitions),
    )


def _names(reader: Reader, definitions: Definitions, extra: Entries) -> None:
    """Say what there is to say of the keys at the top of files, and of those that definitions stand under."""
    for definition in definitions.applications.values():
        reader.named(("applications",), definition.key)
    for entry in definitions.services.values():
        reader.named(("services",), entry.key)
    for name, entry in definitions.other.items():
        if name in extra:
            reader.unknown(Part, name, entry, ())
        else:
            reader.read_twice(entry)
    for entry in definitions.ignored:
        reader.unknown(Part, str(entry.name), entry, ())


def _application(reader: Reader, definition: Definition) -> Application:
    path = ("applications", definition.name)
    reader.current = below(definition.source.path, CURRENT.folder)
    reader.root = definition.root
    known = {"source": SourceDefinition(root=definition.root), "origin": Places(reader.look, path)}
    return reader.part(Application, definition.name, definition.node, path, known)


# ---- places -------------------------------------------------------------------------------------------------------------------------


class Places:
    """Finds where the value of a key path is written: its key, or the item of a list. `base` is the path that all others start from.

    A pickled project keeps its values, not its places.
    """

    __slots__ = ("base", "definitions", "known")

    def __init__(self, definitions: Definitions, base: Path = ()) -> None:
        self.definitions = definitions
        self.base = base
        # What was looked up: a mapping of thousands of keys is asked for each of them.
        self.known: dict[tuple[int, type[Part] | None], Entries] = {}

    def __call__(self, path: KeyPath | str) -> Origin | None:
        parts = (*self.base, *key_path(path))
        found = self.find(parts)
        return found.origin if found is not None else None

    def find(self, parts: Path) -> Node | None:
        """The node in which the last key of the path, or the item, is written; None where nothing is."""
        start = self.start(*parts[:2])
        if start is None:
            return None
        place, node, kind = start
        container = "one"
        for part in parts[1 if parts[0] in self.definitions.other else 2 :]:
            seen = self.definitions.see(node)
            if isinstance(part, int):
                if not isinstance(seen, Sequence) or part >= len(seen.items):
                    return None
                place = node = seen.items[part]
                container = "one"
                continue
            if container == "each":
                entries = self.entries(seen, None)
                container = "one"
            else:
                entries = self.entries(seen, kind)
                form = shape_of(kind).forms.get(part)
                container, kind = (form.container, form.kind) if form else ("", Part)
            if part not in entries:
                return None
            place, node = entries[part].key, entries[part].value
        return place

    def entries(self, node: Scalar | Mapping | Sequence, kind: type[Part] | None) -> Entries:
        """The entries of a part of some kind in the current spelling, or of a mapping of names, which has none."""
        key = id(node), kind
        if key not in self.known:
            if kind is not None:
                self.known[key] = Reader(self.definitions).entries(kind, "", node, ()) or {}  # what it notes is known already
            else:
                self.known[key] = entries_of(self.definitions, node) if isinstance(node, Mapping) else {}
        return self.known[key]

    def start(self, section: str | int = "", name: str | int = "") -> tuple[Node, Node, type[Part]] | None:
        """Where a definition is written, or an unknown key at the top; what stands there, and what that is to be."""
        found = self.definitions
        if section in found.other:
            return found.other[str(section)].key, found.other[str(section)].value, Part
        if not isinstance(name, str):
            return None
        if section == "applications" and name in found.applications:
            definition = found.applications[name]
            return definition.key, definition.node, Application
        if section == "services" and name in found.services:
            return found.services[name].key, found.services[name].value, Service
        if section == "routes" and name in found.routes:
            return found.routes[name].key, found.routes[name].value, Route
        return None

    def __deepcopy__(self, _memo: object) -> Places:
        return self  # what was read does not change

    def __reduce__(self) -> tuple[Callable[[], object], tuple[()]]:
        return _no_places, ()


def _no_places() -> object:
    return model.nowhere
