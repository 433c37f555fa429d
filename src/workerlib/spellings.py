"""Old and short spellings, seen as the current one.

The format has several ways to write one thing: a mount as a string, a cron's `cmd`, a relationship without its service. Each function here
takes the node of one part and gives the entries that the current spelling would have; what it adds stands at the place of what it replaces,
so that places stay true. A function that meets something else than what it knows changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from collections.abc import Mapping as MappingABC
from typing import TypeAlias

from attrs import define, field, frozen

from workerlib.definitions import Definitions
from workerlib.model import Application, Cron, Extension, Mount, Package, Part, Relationship, Stack, StackRuntime, Switch, Web
from workerlib.scalars import scalar_value
from workerlib.text import Entry, Mapping, Node, Scalar, Sequence, Source

Seen: TypeAlias = Scalar | Mapping | Sequence  # a node with aliases and includes looked through
Entries: TypeAlias = dict[str, Entry]
Note: TypeAlias = Callable[[str, Node, str, str], None]  # name of the diagnostic, place, message, help


@frozen(eq=False, repr=False)
class Spelled:
    """A part as it is written. `name` is the key that it stands under, `entries` are None where it is no mapping."""

    name: str
    node: Seen
    entries: Entries | None
    look: Definitions
    note: Note

    def text(self, key: str) -> str | None:
        """The text under a key, None where there is none."""
        return text_of(self.look.see(self.entries[key].value)) if self.entries and key in self.entries else None

    def within(self, key: str) -> Entries | None:
        """The entries of the mapping under a key; empty where nothing is written, None where that is no mapping."""
        if not self.entries or key not in self.entries:
            return {}
        node = self.look.see(self.entries[key].value)
        return entries_of(self.look, node) if isinstance(node, Mapping) else None


def entries_of(look: Definitions, mapping: Mapping) -> Entries:
    """The entries by key, merge keys applied. A key that is a collection counts by its text, so that its entry is not lost."""
    entries = {entry.name: entry for entry in mapping.entries if entry.name is not None}
    odd = len(entries) < len(mapping.entries)
    if "<<" in entries:
        entries = look.entries(mapping)
    if odd:
        entries |= {" ".join(entry.key.text.split()): entry for entry in mapping.entries if entry.name is None}
    return entries


def text_of(node: Node) -> str | None:
    """The text of a scalar; None for null, numbers, truth values and everything else."""
    value = scalar_value(node) if isinstance(node, Scalar) else None
    return value if isinstance(value, str) else None


def _text(at: Node, value: str, style: str = '"') -> Scalar:
    return Scalar(at.source, at.start, at.end, None, None, at.start, value, style)


def _sequence(at: Node, items: Iterable[Node]) -> Sequence:
    return Sequence(at.source, at.start, at.end, None, None, at.start, flow=True, items=list(items))


_UNWRITTEN = Mapping(Source("", ""), 0, 0, None, None, 0, flow=True)  # what holds the entries that are made here


def _entry(key: Node, value: Node, name: str) -> Entry:
    return Entry(_UNWRITTEN, key, value, name)


def _mapping(at: Node, entries: Entries) -> Mapping:
    """A mapping of these entries, under the names that they have here."""
    renamed = [_entry(entry.key, entry.value, name) for name, entry in entries.items()]
    return Mapping(at.source, at.start, at.end, None, None, at.start, flow=True, entries=renamed)


def _entries(at: Node, values: MappingABC[str, Node]) -> Entries:
    return {name: _entry(at, value, name) for name, value in values.items()}


# ---- mounts, relationships, crons ---------------------------------------------------------------------------------------------------

_STRING_MOUNT = re.compile(r"shared:files(?:/(.*))?")
_SOURCES = {"local": "instance", "temporary": "tmp"}


def string_mount(text: str) -> str | None:
    """The folder that a mount of before November 2017 names, without slashes around it; None where the text is no such mount."""
    found = _STRING_MOUNT.fullmatch(text)
    return (found[1] or "").strip("/") if found else None


def mount(part: Spelled) -> Entries | None:
    """``shared:files/x`` is an instance mount with that source path; `local` and `temporary` are old words for `instance` and `tmp`."""
    written = text_of(part.node)
    if part.entries is None:
        folder = string_mount(written) if written is not None else None
        if folder is None:
            return None
        advice = "write `source: instance` (Fixed: `local`), `source_path`"
        part.note("mount-string", part.node, f"expected a mapping, found `{written}`", advice)
        return _entries(part.node, {"source": _text(part.node, "instance"), "source_path": _text(part.node, folder)})
    entries = dict(part.entries)
    if (word := part.text("source")) in _SOURCES:
        old = entries["source"]
        if word == "local":
            part.note("mount-local", old.value, "`source: local` is an old name of `instance`", "write `source: instance`")
        entries["source"] = _entry(old.key, _text(old.value, _SOURCES[word]), "source")
    elif word == "instance":
        part.note(
            "mount-source", entries["source"].value, "`source`: expected `local`, `tmp` or `service`, found `instance`", "write `local`"
        )
    if (part.text("source_path") or "").startswith("shared:files"):
        message = "`source_path` is taken for the folder of this name, not for a source and a path"
        part.note("source-path-string", entries["source_path"].value, message, "write the path alone")
    if "source_path" not in entries:
        entries["source_path"] = _entry(part.node, _text(part.node, part.name.strip("/")), "source_path")
    elif (path_written := part.text("source_path")) is not None and path_written.strip("/") != path_written:
        old = entries["source_path"]
        if isinstance(seen := part.look.see(old.value), Scalar):
            entries["source_path"] = _entry(old.key, _text(old.value, path_written.strip("/"), seen.style), "source_path")
    return entries


def relationship(part: Spelled) -> Entries | None:
    """Null and a mapping without `service` name the service of the relationship's own name; ``db:mysql`` is a service and its endpoint."""
    node = part.node
    if part.entries is None:
        if isinstance(node, Scalar) and node.is_null:
            return _entries(node, {"service": _text(node, part.name)})
        written = text_of(node) or ""
        service, _, endpoint = written.partition(":")
        if written.count(":") != 1:
            return None
        part.note(
            "relationship-string",
            node,
            f"`{written}` is the old form of a relationship",
            "write `service` and `endpoint`, as `migrate --explicit-relationships` does",
        )
        return _entries(node, {"service": _text(node, service), "endpoint": _text(node, endpoint)})
    entries = {name: entry for name, entry in part.entries.items() if name not in ("service", "endpoint") or not _is_null(part, entry)}
    if "service" not in entries:
        if "endpoint" in entries:
            message = f"expected `service` beside `endpoint`, found none: `{part.name}` is taken for it"
            part.note("relationship-implied", entries["endpoint"].key, message, f"write `service: {part.name}`")
        entries["service"] = _entry(node, _text(node, part.name), "service")
    return entries


def cron(part: Spelled) -> Entries | None:
    """`cmd` is `commands.start`."""
    entries = part.entries
    if not entries or "cmd" not in entries:
        return entries
    old = entries["cmd"]
    if "commands" in entries:
        part.note("cron-command", old.key, "expected `commands` or `cmd`, found both", "delete `cmd`")
        return entries
    part.note("cron-cmd", old.key, "`cmd` was replaced by `commands.start`", "write `commands: {start: ...}`")
    entries = {name: entry for name, entry in entries.items() if name != "cmd"}
    commands = _mapping(old.value, {"start": _entry(old.key, old.value, "start")})
    return {**entries, "commands": _entry(old.key, commands, "commands")}


def switch(part: Spelled) -> Entries | None:
    """A truth value instead of a mapping that says whether it is `enabled`."""
    if part.entries is None and isinstance(part.node, Scalar) and isinstance(scalar_value(part.node), bool):
        part.note("switch-bool", part.node, f"expected a mapping, found `{part.node.value}`", "write `enabled` below it")
        return _entries(part.node, {"enabled": part.node})
    return part.entries


def _is_null(part: Spelled, entry: Entry) -> bool:
    node = part.look.see(entry.value)
    return isinstance(node, Scalar) and node.is_null


# ---- images -------------------------------------------------------------------------------------------------------------------------

# Languages of composable images, and those of single-runtime images that people expect there.
RUNTIMES = frozenset("bun clojure dotnet elixir golang java nodejs perl php python ruby rust sbcl".split())
STACK_LISTS = ("runtimes", "packages")


def toolstack(part: Spelled) -> Entries | None:
    """``toolstack: php:drupal`` is ``type: php`` with ``build.flavor: drupal``."""
    entries = part.entries
    if not entries or "toolstack" not in entries:
        return entries
    old = entries["toolstack"]
    language, _, flavor = (part.text("toolstack") or "").partition(":")
    build = part.within("build")
    if not language or not flavor or "type" in entries or build is None:
        found = "`type` beside it" if "type" in entries else "another value"
        message = f"`toolstack`: expected a language and a flavor (`php:composer`), and no `type`; found {found}"
        part.note("toolstack-wrong", old.key, message, "delete it, and write `type` and `build.flavor`")
        return entries
    part.note("toolstack-key", old.key, "`toolstack` was replaced by `type` and `build.flavor`", f"write `type: '{language}:<version>'`")
    entries = {name: entry for name, entry in entries.items() if name != "toolstack"}
    build = {**build, "flavor": _entry(old.key, _text(old.value, flavor), "flavor")}
    return {
        **entries,
        "type": _entry(old.key, _text(old.value, language), "type"),
        "build": _entry(old.key, _mapping(old.value, build), "build"),
    }


def stack(part: Spelled) -> Entries | None:
    """A list, or one name, instead of `runtimes` and `packages`: what has an ``@`` is a runtime."""
    node, sorter = part.node, _Sorter(part)
    if part.entries is not None:
        sorter.others = {name: entry for name, entry in part.entries.items() if name not in STACK_LISTS}
        sorter.take_sections(part.entries)
    elif isinstance(node, Sequence):
        part.note("stack-list", node, "expected `runtimes` and `packages`, found a list", "name the lists of the two kinds")
        for item in node.items:
            sorter.take_item(item)
    elif text_of(node) is not None:
        part.note("stack-list", node, "expected `runtimes` and `packages`, found one name", "name the lists of the two kinds")
        sorter.take_item(node)
    else:
        return None
    lists = {name: items for name, items in sorter.found.items() if items and name not in sorter.others}
    return sorter.others | {name: _entry(node, _sequence(node, items), name) for name, items in lists.items()}


@define(eq=False, repr=False)
class _Sorter:
    """Sorts what a stack holds into `runtimes` and `packages`; `others` are entries that stay as they are."""

    part: Spelled
    found: dict[str, list[Node]] = field(factory=lambda: {section: [] for section in STACK_LISTS})
    others: Entries = field(factory=dict)

    def take_item(self, item: Node) -> None:
        """Sort an item of a list that does not say which kind it holds."""
        part, seen = self.part, self.part.look.see(item)
        entries = entries_of(part.look, seen) if isinstance(seen, Mapping) and seen.tag is None else {}
        if entries and set(entries) <= set(STACK_LISTS):
            part.note("stack-spelling", item, "expected a mapping, found one inside a list", "move its keys below `stack`")
            self.take_sections(entries)
        elif any("@" in name for name in entries) or "@" in (text_of(seen) or ""):
            self.found["runtimes"].append(item)
        else:
            self.found["packages"].append(item)

    def take_sections(self, entries: Entries) -> None:
        """Take the lists of both kinds from their entries."""
        for section in (name for name in entries if name in STACK_LISTS):
            value = self.part.look.see(entries[section].value)
            if isinstance(value, Sequence):
                self.take_list(section, value.items)
            elif text_of(value) is not None:
                self.part.note("stack-spelling", value, f"`{section}`: expected a list, found one name", "write it as a list of one")
                self.take_list(section, [value])
            else:
                self.others[section] = entries[section]

    def take_list(self, section: str, items: Iterable[Node]) -> None:
        """Take the items of one kind; what is no runtime is a package."""
        for item in items:
            name = text_of(self.part.look.see(item))
            misplaced = section == "runtimes" and name is not None and "@" not in name and ":" not in name and name not in RUNTIMES
            if misplaced:
                self.part.note("stack-spelling", item, f"`{name}` is not a runtime", "move it to `packages`")
            self.found["packages" if misplaced else section].append(item)


def stack_runtime(part: Spelled) -> Entries | None:
    """``php@8.4``, alone or with options below or beside it."""
    entries = part.entries
    options: Entries = {}
    if entries is None:
        place: Node = part.node
        written = text_of(part.node)
    else:
        names = [name for name in entries if "@" in name] or list(entries)
        if len(names) != 1:
            return None
        place, written = entries[names[0]].key, names[0]
        below = part.look.see(entries[names[0]].value)
        beside = {name: entry for name, entry in entries.items() if name != names[0]}
        if beside:
            part.note("stack-spelling", place, f"options of `{written}` stand beside it", "indent them by two more spaces")
        if isinstance(below, Mapping):
            options = entries_of(part.look, below)
        elif not (isinstance(below, Scalar) and below.is_null):
            return None
        options = options | beside
    if written is None or not {"name", "version"}.isdisjoint(options):
        return None
    name, at, version = written.partition("@")
    named = {"name": _text(place, name)} | ({"version": _text(place, version)} if at else {})
    return _entries(place, named) | options


def package(part: Spelled) -> Entries | None:
    """A package that is given as its name only."""
    return part.entries if text_of(part.node) is None else _entries(part.node, {"package": part.node})


def extension(part: Spelled) -> Entries | None:
    """An extension that is given as its name only."""
    return part.entries if text_of(part.node) is None else _entries(part.node, {"name": part.node})


# ---- web ----------------------------------------------------------------------------------------------------------------------------

_OLD_WEB = ("document_root", "passthru", "index_files", "expires", "whitelist", "blacklist")
# What was served where no `whitelist` was written.
WHITELIST = tuple(
    (
        r"\.css$ \.js$ \.gif$ \.jpe?g$ \.png$ \.tiff?$ \.wbmp$ \.ico$ \.jng$ \.bmp$ \.svgz?$ \.midi?$ \.mpe?ga$ \.mp2$ \.mp3$ \.m4a$ "
        r"\.ra$ \.weba$ \.3gpp?$ \.mp4$ \.mpe?g$ \.mpe$ \.ogv$ \.mov$ \.webm$ \.flv$ \.mng$ \.asx$ \.asf$ \.wmv$ \.avi$ \.ogx$ \.swf$ "
        r"\.jar$ \.ttf$ \.eot$ \.woff$ \.otf$ /robots\.txt$"
    ).split()
)


def web(part: Spelled) -> Entries | None:
    """`document_root` and the keys of its time are a location ``/``; files that no whitelist names are not served."""
    entries = part.entries
    old = {name: entry for name, entry in (entries or {}).items() if name in _OLD_WEB}
    if not entries or not old:
        return entries
    if part.within("locations") != {}:
        for name, entry in old.items():
            message = f"`{name}` has no meaning beside `locations`, which replaced it"
            part.note("web-keys-mixed", entry.key, message, "move it into a location, or delete it")
        return entries
    root = part.text("document_root") if "document_root" in entries else "/public"
    front = part.text("passthru") if "passthru" in entries else "/index.php"
    served, refused = _patterns(part, "whitelist"), _patterns(part, "blacklist")
    if root is None or front is None or served is None or refused is None:
        return entries
    first = next(iter(old.values())).key
    part.note("web-document-root", first, f"`{'`, `'.join(old)}`: replaced by `locations`", "write `locations./`")
    if "whitelist" not in entries or _is_null(part, entries["whitelist"]):
        served = dict.fromkeys(WHITELIST, first)
    rules = {name: _entries(at, {"allow": _text(at, "true", "")}) for name, at in served.items()}
    rules |= {name: _entries(at, {"allow": _text(at, "false", "")}) for name, at in refused.items()}
    location = _entries(first, {"root": _text(first, root.strip("/")), "passthru": _text(first, "/" + front.lstrip("/"))})
    location |= {new: entries[name] for name, new in (("index_files", "index"), ("expires", "expires")) if name in entries}
    location |= _entries(first, {"allow": _text(first, "false" if served else "true", "")})
    if rules:
        inner = {name: _entry(first, _mapping(first, rule), name) for name, rule in rules.items()}
        location["rules"] = _entry(first, _mapping(first, inner), "rules")
    rest = {name: entry for name, entry in entries.items() if name not in _OLD_WEB and name != "locations"}
    return rest | _entries(first, {"locations": _mapping(first, {"/": _entry(first, _mapping(first, location), "/")})})


def _patterns(part: Spelled, key: str) -> dict[str, Node] | None:
    """The patterns of a list with their places; None where that is no list of texts."""
    if not part.entries or key not in part.entries or _is_null(part, part.entries[key]):
        return {}
    node = part.look.see(part.entries[key].value)
    if not isinstance(node, Sequence):
        return None
    seen: list[Node] = [part.look.see(item) for item in node.items]
    patterns = {text: item for item in seen if (text := text_of(item)) is not None}
    return patterns if len(patterns) == len(seen) else None


SPELLINGS: MappingABC[type[Part], Callable[[Spelled], Entries | None]] = {
    Application: toolstack,
    Cron: cron,
    Extension: extension,
    Mount: mount,
    Package: package,
    Relationship: relationship,
    Stack: stack,
    StackRuntime: stack_runtime,
    Switch: switch,
    Web: web,
}
