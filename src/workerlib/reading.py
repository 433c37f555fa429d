"""Reads nodes as parts of the model.

The classes of the model are the schema: how a field is read follows from its annotation. Nothing that can be written is refused or dropped:
a value of an unexpected kind stays in `extra` or `malformed` as it is, with a diagnostic.
"""

from __future__ import annotations

import posixpath
import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import TypeAlias, TypeVar, cast

from attrs import NOTHING, fields, frozen

from workerlib import model
from workerlib.definitions import Definitions
from workerlib.diagnostic import Diagnostic, Severity
from workerlib.guessing import nearest
from workerlib.keypath import KeyPath
from workerlib.model import Archive, IncludedText, Number, Part, SourceDefinition, Tagged, Value
from workerlib.scalars import STANDARD, is_text, scalar_value, short_tag
from workerlib.spellings import SPELLINGS, Entries, Seen, Spelled, entries_of
from workerlib.text import Alias, Entry, Mapping, Node, Scalar, Sequence, Source

P = TypeVar("P", bound=Part)
Path: TypeAlias = tuple[str | int, ...]
_A_WHOLE_NUMBER = "a whole number"
_WHOLE = re.compile(r"0|-?[1-9][0-9]{0,999}")  # to convert thousands of digits takes long, and Python refuses to


# ---- what is said -------------------------------------------------------------------------------------------------------------------

_E, _W, _I = Severity.ERROR, Severity.WARNING, Severity.INFO
_KINDS = {
    "wrong-type": ("WL130", _E),
    "unknown-key": ("WL131", _W),
    "dot-key-ignored": ("WL132", _W),
    "unknown-tag": ("WL133", _W),
    "key-not-text": ("WL134", _W),
    "cron-command": ("WL135", _E),
    "toolstack-wrong": ("WL136", _E),
    "web-keys-mixed": ("WL137", _E),
    "source-path-string": ("WL138", _W),
    "relationship-implied": ("WL139", _W),
    "read-twice": ("WL146", _W),
    "mount-source": ("WL155", _E),
    "workers-not-mapping": ("WL215", _E),
    "mount-string": ("WL551", _W),
    "mount-local": ("WL552", _W),
    "relationship-string": ("WL553", _I),
    "cron-cmd": ("WL554", _W),
    "stack-list": ("WL555", _W),
    "stack-spelling": ("WL556", _W),
    "toolstack-key": ("WL557", _W),
    "web-document-root": ("WL558", _W),
    "switch-bool": ("WL559", _W),
    "key-without-effect": ("WL560", _W),
}
_OF_FIXED = frozenset(("mount-source",))  # said of the old layouts only
_OF_FLEX = frozenset(("mount-local",))  # said of the current layout only
_SECTIONS = ("applications", "services", "routes")
_NAME_INSIDE = frozenset((model.Application,))  # old files give its name inside
_STRICT = (model.Worker, model.Mount, model.Cron, model.Rule)  # the platform refuses unknown keys here
_AUTHORIZATIONS = frozenset(("authorizations",))
_OF_PLATFORM: dict[type[Part], frozenset[str]] = {  # in what its API answers or its command line checks, and in no documentation
    Part: frozenset(("tasks",)),
    model.Application: frozenset(("image", "egress", "authorizations", "tasks")),
    model.Web: _AUTHORIZATIONS,
    model.Worker: _AUTHORIZATIONS,
}
_WITHOUT_EFFECT: dict[type[Part], str] = {model.Web: "move_to_root", model.Runtime: "quicklisp"}  # each has meant something once
_COMMANDS = (model.Commands, model.JobCommands)
_SAID_OF_KEYS = ("cron-command", "toolstack-wrong", "web-keys-mixed")  # which says more than that a key is unknown
_TOLD = 1000  # findings of a kind; a file may have a hundred thousand, which nobody reads
_NAMED = (model.Worker, model.Relationship)  # whose names other parts, and people, write elsewhere
_SPELLED: dict[type[Part], str] = {
    model.Extension: "a name, or a mapping with `name`",
    model.Mount: "a mapping with `source`",
    model.Package: "a name, or a mapping with `package`",
    model.Relationship: "`service` and `endpoint`, or `service:endpoint`",
    model.StackRuntime: "`name@version`, with options below it or without",
}


def _made(kind: type[P], values: dict[str, object]) -> P:
    """A part with these fields; the readers that its annotations name have seen to their types."""
    return cast("Callable[..., P]", kind)(**values)


def _described(value: Value) -> str:
    match value:
        case str():
            shown = " ".join(value.split())
            return f"text `{shown if len(shown) <= 40 else shown[:37] + '...'}`"
        case bool():
            return f"`{str(value).lower()}`"
        case Number():
            return f"`{value.text}`"
        case None:
            return "nothing"
        case tuple():
            return "a list"
        case Archive():
            return "a folder"
        case Tagged():
            return f"a value tagged `{value.tag}`"
        case _:
            return "a mapping"


# ---- reading ------------------------------------------------------------------------------------------------------------------------


@frozen(eq=False, repr=False)
class _Misfit:
    """A value that a field cannot hold. Of a mapping, it may hold the `fitting` part; `rest` is the other. `item` is what to show of it."""

    expected: str
    fitting: object = None
    rest: Value = None
    item: Value | model.Absent = model.ABSENT


@frozen(eq=False, repr=False)
class Form:
    """How a field is read, and its parts: `container` is ``each`` for a mapping of them, ``all`` for a list, ``one``, or empty for none."""

    read: Callable[[Reader, Form, str, Seen, Path], object]
    nullable: bool
    container: str = ""
    kind: type[Part] = Part


class Reader:
    """Reads the nodes of one project, and collects what there is to say about them."""

    def __init__(self, definitions: Definitions) -> None:
        self.look = definitions
        self.diagnostics: dict[tuple[str, str, int], Diagnostic] = {}
        self.told: Counter[tuple[str, Severity | None]] = Counter()
        self.current = True  # whether what is read now is written in the current layout
        self.root = ""  # of the application that is read now

    def see(self, node: Node) -> Seen:
        """The node that is meant: aliases and included files are looked through, and an empty file is null."""
        if not isinstance(node, Alias) and node.tag is None:
            return node
        seen = self.look.see(node)
        found = self.look.inclusions.get(id(seen))
        if found is not None and isinstance(found.content, Source):
            return Scalar(seen.source, seen.start, seen.end, None, None, seen.start, "", "")
        return seen

    def note(self, name: str, path: Path, node: Node, message: str, advice: str | None = None, severity: Severity | None = None) -> None:
        """Say something about a node, once however many paths lead to it; of more than 1,000 such findings that there are more."""
        key = (name, node.source.path, node.start)
        if self.is_told(name, node, severity) or name in (_OF_FIXED if self.current else _OF_FLEX):
            return
        self.told[name, severity] += 1
        if self.enough(name, severity):
            message += f"; of more than {_TOLD:,} such findings no more are told"
        code, usual = _KINDS[name]
        where = f"{KeyPath(path)}: " if path else ""
        self.diagnostics[key] = Diagnostic(code, name, severity or usual, where + message, node.origin, advice)

    def is_told(self, name: str, node: Node, severity: Severity | None = None) -> bool:
        """Whether this is said of the node already, or so much of the kind that no more will be."""
        return self.enough(name, severity) or (name, node.source.path, node.start) in self.diagnostics

    def enough(self, name: str, severity: Severity | None = None) -> bool:
        """Whether so much was said of this kind that no more will be."""
        return self.told[name, severity] > _TOLD

    # -- parts

    def part(self, kind: type[P], name: str, node: Node, path: Path, known: dict[str, object] | None = None) -> P:
        """A part, from the node that stands under `name`. `known` are fields that are set already."""
        seen = self.see(node)
        entries = self.entries(kind, name, seen, path)
        if entries is not None:
            return self.build(kind, name, entries, path, known)
        value = self.value(seen)
        if not isinstance(value, Tagged):
            self.misfit(kind, path, node, _SPELLED.get(kind, "a mapping"), value)
        values: dict[str, object] = {**(known or {}), "malformed": value}
        if shape_of(kind).named:
            values["name"] = name
        return _made(kind, values)

    def entries(self, kind: type[Part], name: str, seen: Seen, path: Path) -> Entries | None:
        """The entries of a part as the current spelling has them, None where it is no mapping in any spelling."""
        entries = None
        if seen.tag is None or seen.tag == STANDARD + "map":
            entries = entries_of(self.look, seen) if isinstance(seen, Mapping) else None
            if (spelling := SPELLINGS.get(kind)) is not None:
                return spelling(Spelled(name, seen, entries, self.look, partial(self._note, path)))
        return entries

    def _note(self, path: Path, name: str, node: Node, message: str, advice: str) -> None:
        self.note(name, path, node, message, advice)

    def build(self, kind: type[P], name: str, entries: Entries, path: Path, known: dict[str, object] | None = None) -> P:
        """A part from its entries."""
        shape = shape_of(kind)
        values = dict(known) if known else {}
        extra: dict[str, Value] = {}
        if shape.named:
            values["name"] = name
        for key, entry in entries.items():
            node = entry.value
            seen = self.see(node)
            form = shape.forms.get(key)
            if form is None:
                if key == "name" and kind in _NAME_INSIDE and isinstance(seen, Scalar) and seen.value == name:
                    continue
                extra[key] = self.value(seen)
                self.unknown(kind, key, entry, path)
                continue
            if isinstance(seen, Scalar) and not seen.style and seen.is_null:
                if form.nullable:
                    values[key] = None
                elif form.kind is not SourceDefinition:
                    extra[key] = None
                continue
            value = form.read(self, form, key, seen, (*path, key))
            if not isinstance(value, _Misfit):
                values[key] = value
                continue
            if value.fitting is not None:
                values[key] = value.fitting
            extra[key] = rest = self.value(seen) if value.rest is None else value.rest
            found = rest if value.item is model.ABSENT else value.item
            if not isinstance(found, Tagged):  # of which more is said elsewhere, such as that the file is not there
                self.misfit(form.kind, (*path, key), node, value.expected, found)
        values["extra"] = extra
        return _made(kind, values)

    def misfit(self, kind: type[Part], path: Path, node: Node, expected: str, found: Value) -> None:
        """Say that a value, which a part of this kind or its field would be, is of another kind than expected."""
        name = "workers-not-mapping" if kind is model.Worker else "wrong-type"
        advice = f"write {expected}"
        if expected.startswith("text") and isinstance(found, Number | bool):
            advice = "put it in quotes"
        elif isinstance(found, str) and (f"`{found}`" in expected or (expected == _A_WHOLE_NUMBER and _WHOLE.fullmatch(found))):
            advice = "take it out of its quotes"
        elif isinstance(found, str) and found.endswith(",") and (found[:-1] in ("true", "false") or _WHOLE.fullmatch(found[:-1])):
            advice = "leave out the comma: it is part of the text"
        self.note(name, path, node, f"expected {expected}, found {_described(found)}", advice)

    def named(self, path: Path, key: Node) -> None:
        """Say of a name that some readers of YAML take for something else than text, such as ``1`` and ``on``."""
        if isinstance(key, Scalar) and not key.style and not is_text(key.value):
            self.note("key-not-text", path, key, f"`{key.value}` is read as text, which other readers of YAML do not", "put it in quotes")

    def unknown(self, kind: type[Part], key: str, entry: Entry, path: Path) -> None:
        if key.startswith("."):
            message = f"`{key}` begins with a dot, so the platform ignores it"
            targets = entry.key.source.targets
            used = bisect_left(targets, entry.key.start) < bisect_right(targets, entry.value.end)
            other = f"write `/{key}`" if kind is model.Mount else "rename or delete it"  # a slash makes a hidden folder a mount
            advice = "nothing is wrong: it is there for its anchors" if used else other
            self.note("dot-key-ignored", path, entry.key, message, advice, _I if used else None)
            return
        if issubclass(kind, (model.Web, model.Worker)) and (key == "name" or key in shape_of(model.Application).forms):
            return  # of the application, but not for an instance: a check says which and why
        if any((name, entry.key.source.path, entry.key.start) in self.diagnostics for name in _SAID_OF_KEYS):
            return
        if key in _OF_PLATFORM.get(kind, ()):
            text, advice = "is known to the platform's API, and to no documentation", "delete it, unless you know what it does"
            self.note("unknown-key", path, entry.key, f"`{key}` {text}", advice, _I)
            return
        if any(issubclass(kind, dead) and key == name for dead, name in _WITHOUT_EFFECT.items()):
            self.note("key-without-effect", path, entry.key, f"`{key}` has no effect any more", "delete it")
            return
        if issubclass(kind, model.Package):
            return  # a package may have options of its own
        strict = issubclass(kind, _STRICT) or (issubclass(kind, _COMMANDS) and path[2:3] in (("workers",), ("crons",)))
        severity = _E if strict else None
        if self.is_told("unknown-key", entry.key, severity):
            return  # what is meant takes long to find out
        names = _SECTIONS if kind is Part else shape_of(kind).forms
        advice = self.place_of(kind, path, key, entry) or nearest(key, names, "delete it, or correct its name")
        self.note("unknown-key", path, entry.key, f"`{key}` is not a known key here", advice, severity)

    def read_twice(self, entry: Entry) -> None:
        """Say of a key at the top of a file that somebody includes the file, once for each file."""
        file = entry.key.source
        message = f"`{file.path}` is included, and read as a file of its own too, in which `{entry.name}` is not a known key"
        folder = posixpath.dirname(file.path)
        self.note("read-twice", (), file.root or entry.key, message, f"move it into a folder below `{folder}`")

    def place_of(self, kind: type[Part], path: Path, key: str, entry: Entry) -> str | None:
        """Advice for a key that means something elsewhere: what it says tells where."""
        if issubclass(kind, model.Application):
            if key in _SECTIONS:
                return "it belongs to the project: write it outside of the application"
            return "it is a service: write it outside of the application" if self.section_of(entry) == "services" else None
        if path[:1] == ("applications",) and key in shape_of(model.Application).forms and isinstance(self.see(entry.value), Mapping):
            return f"it belongs to the application: write it outside of `{path[2]}`"
        if kind is not Part:
            return None
        if "://" in key:
            return "write it below `routes`"
        if key == "name":
            return "write what it says as a key below `applications`, and the application below that"
        if key in shape_of(model.Application).forms:
            return "write it in an application, below its name"
        section = self.section_of(entry)
        return f"write it below `{section}`" if section else None

    def section_of(self, entry: Entry) -> str | None:
        """The section of a definition that has its image as `type`, such as ``services``; None for another value."""
        from workerlib.images import images  # rarely needed

        seen = self.see(entry.value)
        stated = entries_of(self.look, seen).get("type") if isinstance(seen, Mapping) else None
        written = self.see(stated.value) if stated else None
        found = images().get(written.value.partition(":")[0]) if isinstance(written, Scalar) else None
        return ("services" if found.kind == "service" else "applications") if found else None

    # -- values

    def value(self, node: Node) -> Value:
        """A node as free-form data."""
        node = self.see(node)
        if node.tag is None:
            if isinstance(node, Scalar):
                return scalar_value(node)
            if isinstance(node, Mapping):
                return {key: self.value(entry.value) for key, entry in entries_of(self.look, node).items()}
            return tuple([self.value(item) for item in node.items])
        return self.tagged(node)

    def tagged(self, node: Seen) -> Value:
        assert node.tag is not None
        found = self.look.inclusions.get(id(node))
        if found is not None and found.content is not None and not isinstance(found.content, Source):
            match found.content:
                case bytes() if found.kind == "binary":
                    from base64 import b64encode

                    return IncludedText(b64encode(found.content).decode(), found.path.value)
                case bytes():
                    return IncludedText(found.content.decode(errors="surrogateescape"), found.path.value)
                case files:
                    return Archive(files, found.path.value)
        value: Value
        if isinstance(node, Scalar):
            value = scalar_value(node)
        elif isinstance(node, Mapping):
            value = {key: self.value(entry.value) for key, entry in entries_of(self.look, node).items()}
        else:
            value = tuple([self.value(item) for item in node.items])
        if not isinstance(node, Scalar) and node.tag not in (STANDARD + "map", STANDARD + "seq"):
            value = Tagged(short_tag(node.tag), value)
        if isinstance(value, Tagged) and value.tag not in ("!include", "!archive"):
            self.note("unknown-tag", (), node, f"`{value.tag}` is not a tag of the format", "write the value without it")
        return value

    def text(self, form: Form, key: str, seen: Seen, path: Path) -> object:
        if isinstance(seen, Scalar) and seen.tag is None:
            value: object = scalar_value(seen)
        else:
            value = self.tagged(seen) if seen.tag is not None else None
        return value if isinstance(value, str) else _Misfit("text")

    def whole(self, form: Form, key: str, seen: Seen, path: Path) -> object:
        value = scalar_value(seen) if isinstance(seen, Scalar) else None
        return int(value.text) if isinstance(value, Number) and _WHOLE.fullmatch(value.text) else _Misfit(_A_WHOLE_NUMBER)

    def boolean(self, form: Form, key: str, seen: Seen, path: Path) -> object:
        value = scalar_value(seen) if isinstance(seen, Scalar) else None
        return value if isinstance(value, bool) else _Misfit("`true` or `false`")

    def text_or_whole(self, form: Form, key: str, seen: Seen, path: Path) -> object:
        value = self.text(form, key, seen, path)
        value = self.whole(form, key, seen, path) if isinstance(value, _Misfit) else value
        return _Misfit("text or a whole number") if isinstance(value, _Misfit) else value

    def text_or_boolean(self, form: Form, key: str, seen: Seen, path: Path) -> object:
        value = self.text(form, key, seen, path)
        value = self.boolean(form, key, seen, path) if isinstance(value, _Misfit) else value
        return _Misfit("text, `true` or `false`") if isinstance(value, _Misfit) else value

    def texts(self, form: Form, key: str, seen: Seen, path: Path) -> object:
        return self.items(self.text, form, key, seen, path)

    def wholes(self, form: Form, key: str, seen: Seen, path: Path) -> object:
        return self.items(self.whole, form, key, seen, path)

    def items(self, read: Callable[[Form, str, Seen, Path], object], form: Form, key: str, seen: Seen, path: Path) -> object:
        if not isinstance(seen, Sequence) or seen.tag is not None:
            return _Misfit("a list")
        found = [read(form, key, self.see(item), path) for item in seen.items]
        wrong = next((at for at, one in enumerate(found) if isinstance(one, _Misfit)), None)
        if wrong is None:
            return tuple(found)
        return _Misfit(f"a list of items that are each {cast('_Misfit', found[wrong]).expected}", item=self.value(seen.items[wrong]))

    def values(self, form: Form, key: str, seen: Seen, path: Path) -> object:
        value = self.value(seen) if isinstance(seen, Mapping) else None
        return value if isinstance(value, dict) else _Misfit("a mapping")

    def groups(self, form: Form, key: str, seen: Seen, path: Path) -> object:
        """A mapping of mappings of free-form data."""
        value = self.value(seen) if isinstance(seen, Mapping) else None
        if not isinstance(value, dict):
            return _Misfit("a mapping")
        rest = {name: inner for name, inner in value.items() if not isinstance(inner, dict)}
        if not rest:
            return value
        wrong = {name: inner for name, inner in rest.items() if not isinstance(inner, Tagged)} or rest
        where = ", ".join(f"`{name}`" for name in wrong)
        fitting = {name: inner for name, inner in value.items() if name not in rest}
        return _Misfit(f"a mapping below {where}", fitting, rest, next(iter(wrong.values())))

    # -- parts as values of fields

    def one(self, form: Form, key: str, seen: Seen, path: Path) -> object:
        entries = self.entries(form.kind, key, seen, path)
        return _Misfit("a mapping") if entries is None else self.build(form.kind, key, entries, path)

    def source(self, form: Form, key: str, seen: Seen, path: Path) -> object:
        part = self.one(form, key, seen, path)
        if not isinstance(part, SourceDefinition):
            return part
        extra = {name: value for name, value in part.extra.items() if name != "root" or value is not None}  # null states no root
        return SourceDefinition(root=self.root, operations=part.operations, extra=extra)

    def each(self, form: Form, key: str, seen: Seen, path: Path) -> object:
        """A mapping of names to parts."""
        if not isinstance(seen, Mapping) or seen.tag not in (None, STANDARD + "map"):
            return _Misfit("a mapping")
        parts = {}
        for name, entry in entries_of(self.look, seen).items():
            if name.startswith("."):
                self.unknown(form.kind, name, entry, path)
            elif form.kind in _NAMED:
                self.named(path, entry.key)
            parts[name] = self.part(form.kind, name, entry.value, (*path, name))
        return parts

    def all(self, form: Form, key: str, seen: Seen, path: Path) -> object:
        """A list of parts."""
        if not isinstance(seen, Sequence) or seen.tag is not None:
            return _Misfit("a list")
        return tuple([self.part(form.kind, "", item, (*path, number)) for number, item in enumerate(seen.items)])


# ---- the schema ---------------------------------------------------------------------------------------------------------------------


@frozen(eq=False, repr=False)
class Shape:
    """The fields of a part by key; `named` where its key is its name."""

    forms: dict[str, Form]
    named: bool


_VALUES: dict[str, Callable[[Reader, Form, str, Seen, Path], object]] = {
    "str": Reader.text,
    "int": Reader.whole,
    "bool": Reader.boolean,
    "str | int": Reader.text_or_whole,
    "str | bool": Reader.text_or_boolean,
    "Names": Reader.texts,
    "tuple[int, ...]": Reader.wholes,
    "Values": Reader.values,
    "Mapping[str, Values]": Reader.groups,
}
_PARTS = (
    ("each", re.compile(r"Mapping\[str, (\w+)\]"), Reader.each),
    ("all", re.compile(r"tuple\[(\w+), \.\.\.\]"), Reader.all),
    ("one", re.compile(r"(SourceDefinition)"), Reader.source),
    ("one", re.compile(r"(\w+)"), Reader.one),
)
_NO_KEYS = frozenset(("extra", "malformed", "origin"))


_SHAPES: dict[type[Part], Shape] = {}


def shape_of(kind: type[Part]) -> Shape:
    """How the fields of a part are read, from their annotations."""
    found = _SHAPES.get(kind)
    if found is None:
        own = {field.name: field for field in fields(kind) if field.name not in _NO_KEYS}
        named = "name" in own and own["name"].default is NOTHING
        forms = {name: _form(str(field.type)) for name, field in own.items() if not (named and name == "name")}
        found = _SHAPES[kind] = Shape(forms, named)
    return found


def _form(annotation: str) -> Form:
    nullable = annotation.startswith("Maybe[")
    inner = annotation[6:-1] if nullable else annotation.removesuffix(" | Absent")
    if inner in _VALUES:
        return Form(_VALUES[inner], nullable)
    container, found, read = next((c, f, read) for c, pattern, read in _PARTS if (f := pattern.fullmatch(inner)))
    return Form(read, nullable, container, getattr(model, found[1]))
