"""Several files become one set of definitions: each layout's files are taken apart into applications, services and routes.

Only the three sections are merged; an application, service or route is taken whole from one file. Source: the vendor's page
"YAML file structure" (Upsun Flex).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from attrs import define, field, frozen

from workerlib.definitions import Definition, Definitions
from workerlib.diagnostic import Diagnostic, Origin, Severity
from workerlib.errors import ConfigurationError
from workerlib.including import Includer, source_root
from workerlib.layout import LayoutFile, Role
from workerlib.text import Entry, Mapping, Node, Scalar, Sequence, Source, dealias

SECTIONS = ("applications", "services", "routes")


@frozen
class LoadedFile:
    """A layout file and what it says."""

    file: LayoutFile
    source: Source


@define
class Merger:
    """Collects definitions file by file, and every mistake that leaves a definition without a meaning.

    `last_wins` decides what a second definition of one name means: an error, or that the first is forgotten.
    """

    includer: Includer
    last_wins: bool = False
    definitions: Definitions = field(factory=Definitions)
    mistakes: list[Diagnostic] = field(factory=list)

    def merge(self, loaded: Iterable[LoadedFile]) -> Definitions:
        """The definitions of all files.

        Raises ConfigurationError with all mistakes: a definition or section that is not a mapping, an application without a usable name,
        two definitions of one name, a root outside the project, and what :class:`~workerlib.including.Includer` refuses.
        """
        for one in loaded:
            if one.source.root is not None:
                self.take(one)
        self.definitions.inclusions = self.includer.inclusions
        if self.mistakes:
            raise ConfigurationError(*self.mistakes)
        return self.definitions

    def take(self, one: LoadedFile) -> None:
        root = one.source.root
        assert root is not None
        if one.file.role is Role.APPLICATION:
            self.application(None, root, one, one.file.folder)
            return
        for section, node in self.sections(root, one):
            if section == "applications":
                self.applications(node, one)
            else:
                self.entries(section, node, one)

    def sections(self, root: Node, one: LoadedFile) -> Iterator[tuple[str, Node]]:
        """The sections that a file holds, by name."""
        if one.file.role is not Role.CONFIG:
            section = one.file.role.value
            wrapped = wrapper(root, section)
            yield section, wrapped.value if wrapped else root
            return
        seen = dealias(root)
        if not isinstance(seen, Mapping):
            self.mistake("not-a-mapping", "expected `applications`, `services` and `routes`, found no mapping", root, "write these keys")
            return
        for name, entry in self.definitions.entries(seen).items():
            if name in SECTIONS:
                yield name, entry.value
            elif not name.startswith("."):  # the platform ignores such keys: a place for anchors
                self.definitions.other[name] = entry

    def applications(self, node: Node, one: LoadedFile) -> None:
        seen = dealias(node)
        if isinstance(seen, Sequence) and one.file.role is Role.APPLICATIONS:
            for item in seen.items:
                self.application(None, item, one, "")
        elif isinstance(seen, Mapping):
            for name, entry in self.definitions.entries(seen).items():
                if not name.startswith("."):
                    self.application(entry, entry.value, one, "")
        elif not (isinstance(seen, Scalar) and seen.is_null):
            self.mistake(
                "not-a-mapping", "applications: expected a mapping of names to applications", node, "write one key for each application"
            )

    def entries(self, section: str, node: Node, one: LoadedFile) -> None:
        seen = dealias(node)
        if isinstance(seen, Scalar) and seen.is_null:
            return
        if not isinstance(seen, Mapping):
            self.mistake("not-a-mapping", f"{section}: expected a mapping", node, f"write one key for each of the {section}")
            return
        known: dict[str, Entry] = getattr(self.definitions, section)
        for name, entry in self.definitions.entries(seen).items():
            if name.startswith("."):
                continue
            if name in known and not self.last_wins:
                self.mistake(
                    "duplicate-name",
                    f"{section}.{name}: defined a second time, first at {known[name].key.origin}",
                    entry.key,
                    "delete one of them",
                )
            known[name] = entry
            self.includer.look(entry.value, None, (one.file.folder,))

    def application(self, entry: Entry | None, node: Node, one: LoadedFile, root: str) -> None:
        bases = (one.file.folder,)
        self.includer.look_at_tag(node, None, bases)
        seen = self.includer.see(node)
        if isinstance(seen, Scalar) and seen.tag == "!include" and entry is not None:
            named = entry.key
            name = entry.name or ""
        elif not isinstance(seen, Mapping):
            self.mistake("not-a-mapping", "expected an application, which is a mapping, found none", node, "write its properties as keys")
            return
        else:
            inner = self.definitions.entries(seen).get("name")
            named, name = self.name_of(entry, inner, seen)
            if name is None:
                return
        if name in self.definitions.applications and not self.last_wins:
            first = self.definitions.applications[name].key.origin
            self.mistake(
                "duplicate-name", f"applications.{name}: defined a second time, first at {first}", named, "rename or delete one of them"
            )
            return
        if isinstance(seen, Mapping):
            given = source_root(self.definitions.entries(seen), self.includer)
            if given is not None:
                root = normal_root(given.value)
                if root.startswith(".."):
                    self.mistake(
                        "root-outside",
                        f"applications.{name}: expected `source.root` inside the project, found `{given.value}`",
                        given,
                        "write a path below the root",
                    )
                    return
            folder = seen.source.folder
            inside = (folder, root, one.file.folder) if seen.source is not one.source else (root, one.file.folder)
            self.includer.look(seen, name, tuple(dict.fromkeys(inside)))
        self.definitions.applications[name] = Definition(name, named, node, one.source, root)

    def name_of(self, entry: Entry | None, inner: Entry | None, application: Mapping) -> tuple[Node, str | None]:
        """Where an application's name is written, and the name; None after a mistake."""
        written = dealias(inner.value) if inner else None
        if inner and not (isinstance(written, Scalar) and not written.is_null and written.value):
            self.mistake("no-name", "`name`: expected an application's name", inner.value, "write one, in lower-case letters and digits")
            return inner.value, None
        inside = written.value if isinstance(written, Scalar) else None
        if entry is None:
            if inner is None or inside is None:
                self.mistake(
                    "no-name", "expected `name`, since an application needs one", application, "add `name: ` and the application's name"
                )
                return application, None
            named: Node = inner.value
            name = inside
        else:
            named, name = entry.key, entry.name or ""
            if inside is not None and inside != name:
                self.mistake(
                    "bad-name", f"applications.{name}: `name` says `{inside}`", written or named, "delete `name`, or make both equal"
                )
                return named, None
        if not name or "/" in name or ".." in name or "--" in name:
            self.mistake("bad-name", f"expected a name without `/`, `..` and `--`, found `{name}`", named, "rename the application")
            return named, None
        return named, name

    def mistake(self, name: str, message: str, node: Node, advice: str) -> None:
        self.mistakes.append(Diagnostic(_CODES[name], name, Severity.ERROR, message, node.origin, advice))


_CODES = {
    "not-a-mapping": "WL110",
    "no-name": "WL111",
    "bad-name": "WL112",
    "duplicate-name": "WL113",
    "root-outside": "WL114",
    "no-applications": "WL115",
}


def no_applications(where: str) -> ConfigurationError:
    """The error for a project that defines no application at all."""
    return ConfigurationError(
        Diagnostic(
            _CODES["no-applications"],
            "no-applications",
            Severity.ERROR,
            "expected at least one application, found none",
            Origin(where),
            "run this in the folder that holds `.platform.app.yaml`, `.platform`, `.upsun` or the like",
        )
    )


def wrapper(root: Node, section: str) -> Entry | None:
    """The entry of a file that repeats the name of its section as its only key, as in the current layout."""
    root = dealias(root)
    if not isinstance(root, Mapping):
        return None
    keys = [e for e in root.entries if e.name is None or not e.name.startswith(".")]
    if len(keys) != 1 or keys[0].name != section:
        return None
    inner = dealias(keys[0].value)
    named = isinstance(inner, Mapping) and inner.get("type")
    if named and isinstance(dealias(named.value), Scalar):
        return None  # a service or an application that happens to have this name
    return keys[0]


def normal_root(text: str) -> str:
    """A folder below the project's root as ``a/b``; empty for the root itself, beginning with ``..`` where it lies outside."""
    parts: list[str] = []
    for part in text.split("/"):
        if part == ".." and parts and parts[-1] != "..":
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)
