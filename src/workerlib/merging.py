"""Several files become one set of definitions, and several projects one project, by one table.

Of files only the three sections are merged; an application, service or route is taken whole from one file. Source: the vendor's page
"YAML file structure" (Upsun Flex). Of projects the later one wins, property by property: :func:`merge`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from collections.abc import Mapping as MappingABC
from functools import reduce
from os import PathLike
from typing import TypeAlias, cast

from attrs import Factory, define, evolve, field, fields, frozen

from workerlib.definitions import Definition, Definitions
from workerlib.diagnostic import Diagnostic, Origin, Severity
from workerlib.errors import ConfigurationError, expect
from workerlib.including import Includer, source_root
from workerlib.keypath import KeyPath, key_path
from workerlib.layout import LayoutFile, ProjectFiles, Role, to_rename
from workerlib.model import ABSENT, Application, Part, Project, Value, given_project
from workerlib.properties import PROPERTY
from workerlib.scalars import is_tagged
from workerlib.text import Entry, Mapping, Node, Scalar, Sequence, Source, dealias


@frozen(eq=False, repr=False)
class MergeRule:
    """What stands at `pattern` is merged key by key: in projects, and in files where `files` says so. ``*`` in it is any one key.

    Raises UsageError for a text that is no path.
    """

    pattern: KeyPath = field(converter=key_path)
    files: bool = False


# What no row names is taken whole from the last that has it.
MERGE_RULES = (
    MergeRule("applications", files=True),
    MergeRule("services", files=True),
    MergeRule("routes", files=True),
    MergeRule("applications.*"),
    MergeRule("applications.*.web"),
    MergeRule("applications.*.workers"),
    MergeRule("applications.*.workers.*"),
    MergeRule("services.*"),
    MergeRule("routes.*"),
)
SECTIONS = tuple(str(rule.pattern) for rule in MERGE_RULES if rule.files)

# ---- files --------------------------------------------------------------------------------------------------------------------------


@frozen(eq=False, repr=False)
class LoadedFile:
    """A layout file and what it says."""

    file: LayoutFile
    source: Source


@define(eq=False, repr=False)
class Merger:
    """Collects definitions file by file, and every mistake that leaves a definition without a meaning.

    `last_wins` decides what a second definition of one name means: an error, or that the first is forgotten.
    """

    includer: Includer
    last_wins: bool
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
        self.definitions.diagnostics = self.includer.diagnostics
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
            several = isinstance(root, Sequence) and any(isinstance(dealias(item), Mapping) for item in root.items)
            advice = "write `applications`, and below it each of these under its name" if several else "write these keys"
            self.mistake("not-a-mapping", "expected `applications`, `services` and `routes`, found no mapping", root, advice)
            return
        for entry in seen.entries:
            if entry.name is None:  # a key that is a collection counts by its text, as it does below
                self.definitions.other[" ".join(entry.key.text.split())] = entry
        for name, entry in self.definitions.entries(seen).items():
            if name in SECTIONS:
                yield name, entry.value
            elif name.startswith("."):  # the platform ignores such keys: a place for anchors
                self.definitions.ignored.append(entry)
            else:
                self.definitions.other[name] = entry

    def applications(self, node: Node, one: LoadedFile) -> None:
        seen = dealias(node)
        if is_tagged(seen):
            self.mistake(
                "not-a-mapping", "applications: expected a mapping without a tag", node, "write it here, or include each application"
            )
        elif one.file.role is Role.APPLICATIONS and isinstance(seen, Mapping) and (alone := _name_of_one(seen)):
            advice = f"write `- ` before it and indent what follows, or move the file to `{one.file.layout.application_file}`"
            self.mistake("not-a-mapping", "expected applications, found the keys of one", alone, advice)
        elif isinstance(seen, Sequence) and one.file.role is Role.APPLICATIONS:
            for item in seen.items:
                self.application(None, item, one, "")
        elif isinstance(seen, Mapping):
            for name, entry in self.named("applications", seen):
                if name.startswith("."):
                    self.definitions.ignored.append(entry)
                else:
                    self.application((entry.key, name), entry.value, one, "")
        elif not (isinstance(seen, Scalar) and seen.is_null):
            self.mistake(
                "not-a-mapping", "applications: expected a mapping of names to applications", node, "write one key for each application"
            )

    def named(self, section: str, mapping: Mapping) -> Iterator[tuple[str, Entry]]:
        """What a section defines, by name."""
        for entry in mapping.entries:
            if entry.name is None:
                self.mistake("bad-name", f"{section}: expected a name, found `{entry.key.text}`", entry.key, "write a name as the key")
        yield from self.definitions.entries(mapping).items()

    def entries(self, section: str, node: Node, one: LoadedFile) -> None:
        seen = dealias(node)
        if isinstance(seen, Scalar) and seen.is_null:
            return
        if not isinstance(seen, Mapping) or is_tagged(seen):
            self.mistake("not-a-mapping", f"{section}: expected a mapping", node, f"write one key for each of the {section}")
            return
        known: dict[str, Entry] = getattr(self.definitions, section)
        for name, entry in self.named(section, seen):
            if name.startswith("."):
                self.definitions.ignored.append(entry)
                continue
            if name in known and not self.last_wins:
                self.mistake(
                    "duplicate-name",
                    f"{section}.{name}: defined a second time, first at {known[name].key.origin}",
                    entry.key,
                    "delete one of them",
                )
                continue
            known[name] = entry
            self.includer.look(entry.value, None, (one.file.folder,))

    def application(self, under: tuple[Node, str] | None, node: Node, one: LoadedFile, root: str) -> None:
        """Take an application, whose root is `root` unless it states another; `under` is the key that it stands under, if it does."""
        self.includer.look_at_tag(node, None, (one.file.folder,))
        seen = self.includer.see(node)
        if isinstance(seen, Scalar) and under is not None and self.is_missing(seen):
            named: tuple[Node, str] | None = under
        elif under is None and (missing := self.missing(seen)):
            self.mistakes += missing  # the file that holds its name
            return
        elif isinstance(seen, Mapping) and not self.is_empty(seen):
            named = self.name_of(under, seen, one)
        else:
            advice = "write its properties as keys"
            if isinstance(seen, Sequence) and one.file.role is Role.APPLICATION:
                advice = f"write one application without a dash, or move the file to `{_together(one)}`"
            self.mistake("not-a-mapping", "expected an application, which is a mapping, found none", node, advice)
            return
        if named is None or self.is_second(*named):
            return
        key, name = named
        if isinstance(seen, Mapping):
            stated = self.root_of(name, seen, one, root)
            if stated is None:
                return
            root = stated
            folder = seen.source.folder
            inside = (folder, root, one.file.folder) if seen.source is not one.source else (root, one.file.folder)
            self.includer.look(seen, name, tuple(dict.fromkeys(inside)))
        self.definitions.applications[name] = Definition(name, key, node, one.source, root)

    def is_missing(self, node: Scalar) -> bool:
        """Whether a scalar includes a file that is not there, which was said."""
        return node.tag == "!include" and not self.is_empty(node)

    def missing(self, node: Node) -> list[Diagnostic]:
        """What was said of the file that a node includes, if it is not there."""
        return [d for d in self.includer.diagnostics if d.name == "include-missing" and d.origin == node.origin]

    def is_empty(self, node: Node) -> bool:
        """Whether a node includes a file of YAML that holds nothing."""
        found = self.includer.inclusions.get(id(node))
        return found is not None and isinstance(found.content, Source)

    def name_of(self, under: tuple[Node, str] | None, application: Mapping, one: LoadedFile) -> tuple[Node, str] | None:
        """Where an application's name is written, and the name; None after a mistake."""
        inner = self.definitions.entries(application).get("name")
        if inner is not None:
            written = dealias(inner.value)
            if not isinstance(written, Scalar) or written.is_null or not written.value:
                self.mistake(
                    "no-name", "`name`: expected an application's name", inner.value, "write one, in lower-case letters and digits"
                )
                return None
            key, name = under or (inner.value, written.value)
            if written.value != name:
                self.mistake(
                    "bad-name", f"applications.{name}: `name` says `{written.value}`", written, "delete `name`, or make both equal"
                )
                return None
        elif under is not None:
            key, name = under
        else:
            advice = "add `name: ` and the application's name"
            if _holds_several(application):
                advice = f"write the application alone, with its `name`, or move the file to `{_together(one)}`"
            self.mistake("no-name", "expected `name`, since an application needs one", application, advice)
            return None
        if not name or "/" in name or ".." in name or "--" in name:
            self.mistake("bad-name", f"expected a name without `/`, `..` and `--`, found `{name}`", key, "rename the application")
            return None
        return key, name

    def is_second(self, key: Node, name: str) -> bool:
        """Whether an application of that name is defined already, and that is a mistake."""
        first = self.definitions.applications.get(name)
        if first is None or self.last_wins:
            return False
        if first.key is key:  # one text, read for where it stands and by an include
            advice, place = f"delete the include in {first.source.path}, since this file is read by itself", first.node.origin
        else:
            advice, place = "rename or delete one of them", first.key.origin
        self.mistake("duplicate-name", f"applications.{name}: defined a second time, first at {place}", key, advice)
        return True

    def root_of(self, name: str, application: Mapping, one: LoadedFile, implied: str) -> str | None:
        """The root that an application states, or else the one that its place implies; None after a mistake."""
        entries = self.definitions.entries(application)
        if source := entries.get("source"):
            # What it includes may state the root, so its own path starts from where the layout has it.
            bases = dict.fromkeys((implied, application.source.folder, one.file.folder))
            self.includer.look_at_tag(source.value, name, tuple(bases))
        given = source_root(entries, self.includer)
        if given is None:
            return implied
        root = normal_root(given.value)
        if root.startswith(".."):
            message = f"applications.{name}: expected `source.root` inside the project, found `{given.value}`"
            self.mistake("root-outside", message, given, "write a path below the root")
            return None
        return root

    def mistake(self, name: str, message: str, node: Node, advice: str) -> None:
        self.mistakes.append(Diagnostic(_CODES[name], name, Severity.ERROR, message, node.origin, advice))


def _together(one: LoadedFile) -> str:
    """Where a layout has all applications in one file."""
    return f"{one.file.layout.folder}/applications.yaml"


def _name_of_one(applications: Mapping) -> Node | None:
    """The key `name` where a file that is to hold applications by name holds one without."""
    entry = applications.get("name")
    value = dealias(entry.value) if entry else None
    return entry.key if entry and isinstance(value, Scalar) and not is_tagged(value) else None


def _holds_several(application: Mapping) -> bool:
    """Whether what is to be one application seems to be several by name."""
    values = [dealias(entry.value) for entry in application.entries]
    known = any(entry.name in PROPERTY for entry in application.entries)
    return application.get("applications") is not None or (not known and all(isinstance(value, Mapping) for value in values))


_CODES = {
    "not-a-mapping": "WL110",
    "no-name": "WL111",
    "bad-name": "WL112",
    "duplicate-name": "WL113",
    "root-outside": "WL114",
    "no-applications": "WL115",
}


def no_applications(
    where: str | PathLike[str] | None, files: ProjectFiles, definitions: Definitions | None = None, said: Iterable[Diagnostic] = ()
) -> ConfigurationError:
    """The error for a project that defines no application at all; `where` is its folder, None for one in memory.

    What was `said` of the first key that has no meaning at the top of its file, of those that there are `definitions` of, tells why.
    """
    folder = "run this in the folder that holds `.platform.app.yaml`, `.platform`, `.upsun` or the like"
    top = {entry.key.origin for entry in definitions.other.values()} if definitions else ()
    if why := next((one for one in said if one.name == "unknown-key" and one.origin in top), None):
        message = f"expected at least one application, found none: {why.message}"
        return ConfigurationError(Diagnostic(_CODES["no-applications"], "no-applications", Severity.ERROR, message, why.origin, why.help))
    return ConfigurationError(
        Diagnostic(
            _CODES["no-applications"],
            "no-applications",
            Severity.ERROR,
            "expected at least one application, found none",
            Origin(str(where)) if where is not None else None,
            to_rename(files) or folder,
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


# ---- projects -----------------------------------------------------------------------------------------------------------------------

Places: TypeAlias = Callable[[KeyPath], Origin | None]


def merge(base: Project, *overlays: Project, rules: Iterable[MergeRule] = MERGE_RULES) -> Project:
    """One project of several: what a later one states wins over the earlier, and each value keeps its place.

    A property of an application, of its web instance, of a worker, a service or a route is taken whole: an overlay with one variable has
    that one only. `rules` may name what else is merged key by key, such as ``MergeRule("applications.*.variables")``. Null in place of what
    is merged key by key adds nothing. A `source` that is as if it were not written states nothing.
    """
    for project in (base, *overlays):
        given_project(project)
    expect("rules", rules, Iterable)
    patterns = tuple(_pattern(rule) for rule in rules)
    return reduce(lambda below, above: _Overlaying(patterns, below, above).merged(), overlays, base)


def _pattern(rule: MergeRule) -> KeyPath:
    expect("rules", rule, MergeRule)
    return rule.pattern


@define(eq=False, repr=False)
class _Overlaying:
    """Lays one project over another. `taken` says for each path that was decided on from which of them the value is."""

    patterns: tuple[KeyPath, ...]
    below: Project
    above: Project
    taken: dict[KeyPath, Project] = field(factory=dict)

    def merged(self) -> Project:
        below, above = self.below, self.above
        origin = MergedPlaces(self.taken)
        self.taken[KeyPath(())] = above
        sections = {name: self.value(KeyPath((name,)), getattr(below, name), getattr(above, name)) for name in SECTIONS}
        applications = cast("dict[str, Application]", sections.pop("applications"))
        placed = {name: evolve(app, origin=MergedPlaces(self.taken, ("applications", name))) for name, app in applications.items()}
        extra = self.value(KeyPath(()), below.extra, above.extra)
        diagnostics = tuple(dict.fromkeys((*below.diagnostics, *above.diagnostics)))
        make = cast("Callable[..., Project]", Project)
        return make(applications=placed, extra=extra, diagnostics=diagnostics, origin=origin, **sections)

    def value(self, path: KeyPath, below: object, above: object) -> object:
        """The value at a path, of which both state something or ABSENT."""
        if not path or any(path.matches(pattern) for pattern in self.patterns):
            if below is not ABSENT and above is None:
                return self.take(path, self.below, below)
            if isinstance(below, MappingABC) and isinstance(above, MappingABC):
                keys = dict.fromkeys((*below, *above))
                return {key: self.value(path / key, below.get(key, ABSENT), above.get(key, ABSENT)) for key in keys}
            if isinstance(below, Part) and isinstance(above, Part) and below.malformed is above.malformed is ABSENT:
                return self.part(path, below, above)
        return self.take(path, self.below, below) if above is ABSENT else self.take(path, self.above, above)

    def part(self, path: KeyPath, below: Part, above: Part) -> Part:
        """A part of properties. What a property has that does not fit stands in `extra`, and goes where the property goes."""
        values: dict[str, object] = {}
        extra: dict[str, Value] = {}
        known = {f.name: _empty(f.default) for f in fields(type(above)) if f.name != "extra"}
        for key in dict.fromkeys((*known, *below.extra, *above.extra)):
            stated = [part for part in (below, above) if key in part.extra or getattr(part, key, ABSENT) != known.get(key, ABSENT)]
            if len(stated) == 2 and not any(key in part.extra for part in stated):
                values[key] = self.value(path / key, getattr(below, key), getattr(above, key))
            elif stated:
                one = stated[-1]
                self.take(path / key, self.above if one is above else self.below, one)
                if key in known:
                    values[key] = getattr(one, key)
                if key in one.extra:
                    extra[key] = one.extra[key]
        return cast("Callable[..., Part]", evolve)(above, **{**known, **values}, extra=extra)

    def take(self, path: KeyPath, project: Project, value: object) -> object:
        self.taken[path] = project
        return value


def _empty(default: object) -> object:
    """What a field holds where nothing is written."""
    return {} if isinstance(default, type(Factory(dict))) else default


@frozen(eq=False, repr=False)
class MergedPlaces:
    """Finds where a value of a merged project is written: in the project that it was taken from. `base` as for a loaded one."""

    taken: MappingABC[KeyPath, Project]
    base: tuple[str, ...] = ()

    def __call__(self, path: KeyPath | str) -> Origin | None:
        whole = KeyPath((*self.base, *key_path(path)))
        decided = whole
        while decided not in self.taken and decided:
            decided = decided.parent
        project = self.taken.get(decided)
        if project is None:
            return None
        match whole.parts:
            case ("applications", name, *inner) if app := project.applications.get(str(name)):
                return app.origin(KeyPath(tuple(inner)))
        return project.origin(whole)
