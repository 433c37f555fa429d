"""From the model to plain data and to YAML, for new configuration, and from plain data back to the model.

Existing files are never written from here: see :mod:`workerlib.editing`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from io import StringIO
from typing import TYPE_CHECKING, TypeAlias, Union

from attrs import evolve

from workerlib import text
from workerlib.convert import structure
from workerlib.definitions import Definition, Definitions, Inclusion
from workerlib.errors import UsageError
from workerlib.layout import CONFIG
from workerlib.model import (
    ABSENT,
    Archive,
    Extension,
    Instance,
    Mount,
    Number,
    Package,
    Part,
    Project,
    Relationship,
    SourceDefinition,
    StackRuntime,
    Tagged,
    given_project,
    nowhere,
)
from workerlib.properties import PROPERTIES
from workerlib.reading import shape_of
from workerlib.scalars import STANDARD, is_text, number_text
from workerlib.spellings import RUNTIMES
from workerlib.text import Entry, Node, Scalar, Source

if TYPE_CHECKING:
    from ruamel.yaml.nodes import Node as YamlNode
    from ruamel.yaml.resolver import VersionedResolver

Data: TypeAlias = Union[str, int, float, bool, Number, Archive, Tagged, Sequence["Data"], Mapping[str, "Data"], None]  # noqa: UP007

_ORDER = {row.name: number for number, row in enumerate(PROPERTIES)}


# ---- model to data ------------------------------------------------------------------------------------------------------------------


def unstructure(project: Project) -> dict[str, Data]:
    """The project as dictionaries and lists, in the shape of a file of the current layout and in its current spelling.

    A number whose text Python would write otherwise (``1.10``, ``0755``), an archive and an unknown tag stay what they are in the model,
    since nothing plain says the same. A text that is included from a file is written out.
    """
    given_project(project)
    sections = (("applications", project.applications), ("services", project.services), ("routes", project.routes))
    named: dict[str, Data] = {section: plain_data(parts) for section, parts in sections if parts}
    return named | {key: plain_data(value) for key, value in project.extra.items()}


def plain_data(value: object, key: str = "") -> Data:
    """A value of the model as plain data, as it stands under `key`."""
    match value:
        case Part():
            return _part(value, key)
        case Mapping():
            return {name: plain_data(inner, name) for name, inner in value.items()}
        case tuple():
            return [plain_data(item) for item in value]
        case Number() if str(value.value) == value.text and not isinstance(value.value, str):
            return value.value
        case None | str() | int() | Number() | Archive() | Tagged():
            return value
    raise AssertionError(value)


def _part(part: Part, key: str) -> Data:
    if part.malformed is not ABSENT:
        return plain_data(part.malformed)
    forms = shape_of(type(part)).forms
    names = sorted(forms, key=_ORDER.__getitem__) if isinstance(part, Instance) else list(forms)
    values = {name: value for name in names if (value := getattr(part, name)) is not ABSENT}
    given = {name: plain_data(value, name) for name, value in values.items() if forms[name].nullable or value not in _NOTHING}
    for name, rest in part.extra.items():
        fitting, other = given.get(name), plain_data(rest)
        given[name] = {**fitting, **other} if isinstance(fitting, Mapping) and isinstance(other, Mapping) else other
    match part, given:
        case Mount(), {"source_path": path} if path == key.strip("/"):
            del given["source_path"]
        case Relationship(), {"service": service} if service == key and len(given) == 1:
            return None
        case (Extension(), {"name": str(name)}) | (Package(), {"package": str(name)}) if len(given) == 1:
            return name
        case SourceDefinition(), {"root": ""}:
            given["root"] = "/"
        case StackRuntime(), {"name": str(name)}:
            options = {key: value for key, value in given.items() if key not in ("name", "version")}
            full = f"{name}@{part.version}" if part.version is not ABSENT else name
            return {full: options} if options else full if "@" in full or name in RUNTIMES else {full: None}
        case _:
            pass
    return given


_NOTHING: tuple[object, ...] = ({}, (), SourceDefinition())  # what fields hold that are never absent


# ---- data to model ------------------------------------------------------------------------------------------------------------------


def from_data(data: Mapping[str, Data]) -> Project:
    """The project that plain data stands for; it takes what :func:`unstructure` gives, and every other spelling of it.

    Raises UsageError where an application, service or route cannot be told from the data.
    """
    source = Source(CONFIG, "")
    made = _Nodes(source)
    found = Definitions(inclusions=made.inclusions)
    for section, value in data.items():
        entry = made.entry(section, value)
        if section not in ("applications", "services", "routes"):
            found.other[section] = entry
            continue
        if not isinstance(entry.value, text.Mapping):
            raise UsageError(f"{section}: expected a mapping, found {type(value).__name__}")
        entries = {str(inner.name): inner for inner in entry.value.entries}
        if section == "applications":
            found.applications = {n: Definition(n, e.key, e.value, source, _root(e.value)) for n, e in entries.items()}
        elif section == "services":
            found.services = entries
        else:
            found.routes = entries
    project = structure(found)
    return evolve(
        project,
        applications={name: evolve(app, origin=nowhere) for name, app in project.applications.items()},
        diagnostics=tuple(evolve(one, origin=None) for one in project.diagnostics),
        origin=nowhere,
    )


def _root(application: Node) -> str:
    """The root that an application states, without slashes around it."""
    given = application
    for key in ("source", "root"):
        entry = given.get(key) if isinstance(given, text.Mapping) else None
        if entry is None:
            return ""
        given = entry.value
    parts = given.value.split("/") if isinstance(given, Scalar) and not given.is_null else []
    return "/".join(part for part in parts if part not in ("", "."))


class _Nodes:
    """Makes nodes of plain data. They stand nowhere: an empty source holds them all."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.inclusions: dict[int, Inclusion] = {}

    def scalar(self, value: str, style: str = "", tag: str | None = None) -> Scalar:
        return Scalar(self.source, 0, 0, tag, None, 0, value, style)

    def entry(self, key: str, value: Data) -> Entry:
        return Entry(self.mapping([]), self.scalar(key, '"'), self.node(value), key)

    def mapping(self, entries: list[Entry]) -> text.Mapping:
        return text.Mapping(self.source, 0, 0, None, None, 0, flow=True, entries=entries)

    def node(self, value: Data) -> Scalar | text.Mapping | text.Sequence:
        match value:
            case None:
                return self.scalar("")
            case str():
                return self.scalar(value, '"')
            case bool():
                return self.scalar(str(value).lower())
            case int() | float():
                return self.scalar(number_text(value))
            case Number():
                return self.scalar(value.text, tag=f"{STANDARD}int")
            case Sequence():
                return text.Sequence(self.source, 0, 0, None, None, 0, flow=True, items=[self.node(item) for item in value])
            case Mapping():
                return self.mapping([self.entry(key, inner) for key, inner in value.items()])
            case Tagged():
                node = self.node(plain_data(value.value))
                node.tag = STANDARD + value.tag[2:] if value.tag.startswith("!!") else value.tag
                return node
            case Archive():
                node = self.scalar(value.path, tag="!archive")
                self.inclusions[id(node)] = Inclusion(node, "archive", node, (), None, value.path, value.files)
                return node


# ---- data to text -------------------------------------------------------------------------------------------------------------------


def dumps(project: Project) -> str:
    """The project as one file of the current layout.

    Texts of several lines are literal blocks, and what YAML 1.1 or 1.2 could take for something else than text is quoted. An archive is
    written as the path that it was read from.
    """
    from ruamel.yaml import YAML

    yaml = YAML(typ="safe", pure=True)
    yaml.width = 4096
    yaml.default_flow_style = False
    out = StringIO()
    yaml.serialize(_yaml(unstructure(project), yaml.resolver), out)
    return out.getvalue()


def _style(value: str) -> str | None:
    """How a text is written: plain where every reader takes that for text, and as a block where it has several lines."""
    if _ESCAPED.search(value):
        return '"'
    if "\n" in value:
        return '"' if value[0].isspace() else "|"
    return None if is_text(value) else "'"


_ESCAPED = re.compile("[^\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")


def _yaml(value: Data, resolver: VersionedResolver) -> YamlNode:
    from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

    def scalar(content: str, style: str | None = None) -> ScalarNode:
        """A scalar that is written plain, if its content can be."""
        return ScalarNode(resolver.resolve(ScalarNode, content, (True, False)), content, style=style)

    match value:
        case str():
            return ScalarNode(f"{STANDARD}str", value, style=_style(value))
        case None:
            return scalar("")
        case bool():
            return scalar(str(value).lower())
        case int() | float():
            return scalar(number_text(value))
        case Number():
            return ScalarNode(f"{STANDARD}int", value.text, style="'") if is_text(value.text) else scalar(value.text)
        case Archive():
            return ScalarNode("!archive", value.path)
        case Tagged():
            node = _yaml(plain_data(value.value), resolver)
            node.tag = STANDARD + value.tag[2:] if value.tag.startswith("!!") else value.tag
            return node
        case Sequence():
            return SequenceNode(f"{STANDARD}seq", [_yaml(item, resolver) for item in value], flow_style=not value)
        case Mapping():
            pairs = [(_yaml(key, resolver), _yaml(inner, resolver)) for key, inner in value.items()]
            return MappingNode(f"{STANDARD}map", pairs, flow_style=not value)
