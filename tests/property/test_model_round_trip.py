"""Whole projects, made up: written as YAML or as plain data and read again, each is what it was."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from workerlib import model
from workerlib.loading import loads
from workerlib.model import ABSENT, Application, Mount, Number, Part, Project, Relationship, Route, Service, Tagged, Value
from workerlib.plain import dumps, from_data, unstructure
from workerlib.reading import Form, Reader, shape_of
from workerlib.spellings import RUNTIMES

Values: TypeAlias = SearchStrategy[object]

# What a file can hold, be it as an escape; letters and signs that mean something to YAML come up more often.
SIGNS = st.text(st.sampled_from("ab1 .:-#&*!|>'\"%@`{}[],?~\\/\n\t<="), max_size=8)
TEXTS = st.one_of(
    SIGNS, st.text(st.characters(exclude_categories=["Cs"]), max_size=8), st.sampled_from(["on", "null", "0755", "1.10", "12:30", "<<"])
)
NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,4}(-[a-z0-9])?", fullmatch=True)
NUMBERS = st.sampled_from(["0", "5", "-3", "1.10", "0755", "1e3", ".inf", "12:30", "2024-01-31"]).map(Number)
SCALARS = st.one_of(TEXTS, st.booleans(), st.none(), NUMBERS)
VALUES: SearchStrategy[Value] = st.recursive(
    st.one_of(SCALARS, st.builds(Tagged, st.sampled_from(["!x", "!secret"]), TEXTS)),
    lambda inner: st.one_of(st.lists(inner, max_size=2).map(tuple), st.dictionaries(TEXTS, inner, max_size=2)),
    max_leaves=4,
)
MAPPINGS = st.dictionaries(TEXTS, VALUES, max_size=2)
# What is no mapping, and no other spelling of one.
NO_PARTS = st.one_of(NUMBERS, st.just(("x",)), st.builds(Tagged, st.just("!x"), TEXTS))
EXTRA = st.dictionaries(st.sampled_from(["unknown", "x y", "5", "on", ".dot"]), VALUES, max_size=1)

SIMPLE: dict[Callable[..., object], Values] = {
    Reader.text: TEXTS,
    Reader.whole: st.integers(-10, 10**6),
    Reader.boolean: st.booleans(),
    Reader.text_or_whole: st.one_of(TEXTS, st.integers()),
    Reader.text_or_boolean: st.one_of(TEXTS, st.booleans()),
    Reader.texts: st.lists(TEXTS, max_size=2).map(tuple),
    Reader.wholes: st.lists(st.integers(), max_size=2).map(tuple),
    Reader.values: MAPPINGS,
    Reader.groups: st.dictionaries(TEXTS, MAPPINGS, max_size=2),
}


@st.composite
def named(draw: DrawFn, kind: type[Part], names: SearchStrategy[str]) -> dict[str, Part]:
    """Parts by name; a part that has a name knows it."""
    return {key: usual(draw(parts(kind)), key) for key in draw(st.lists(names, unique=True, min_size=1, max_size=2))}


def usual(part: Part, key: str) -> Part:
    """The part as reading gives it: with its name, and with what is filled in from it."""
    if shape_of(type(part)).named:
        part = evolve(part, name=key)  # type: ignore[call-arg]
    if part.malformed is not ABSENT:
        return part
    match part:
        case Mount(source_path=path):
            path = key.strip("/") if path is ABSENT else path and path.strip("/")
            word = {"local": "instance", "temporary": "tmp"}.get(str(part.source), part.source)
            return evolve(part, source_path=path, source=word)
        case Relationship(service=service):
            return evolve(part, service=key if service is ABSENT else service)
    return part


def field(form: Form) -> Values:
    """What may be the value of a field."""
    some: Values
    if form.read in SIMPLE:
        some = SIMPLE[form.read]
    elif form.container == "each":
        some = named(form.kind, TEXTS if form.kind is not model.Worker else NAMES)
    elif form.container == "all":
        some = st.lists(parts(form.kind), min_size=1, max_size=2).map(tuple)
    else:
        some = parts(form.kind, well_formed=True)
    return st.one_of(some, some, some, st.none()) if form.nullable else some


SPECIAL: dict[tuple[type[Part], str], Values] = {
    (model.SourceDefinition, "root"): st.sampled_from(["", "api", "a/b"]),
    (model.StackRuntime, "name"): st.sampled_from([*sorted(RUNTIMES), "other"]),
    (model.StackRuntime, "version"): st.one_of(st.just(ABSENT), NAMES),
}
ALWAYS = {model.Application: {"source"}, model.SourceDefinition: {"root"}, model.StackRuntime: {"name"}}


@st.composite
def parts(draw: DrawFn, kind: type[Part], *, well_formed: bool = False) -> Part:
    """Parts of a kind, in all ways that a file can say."""
    shape = shape_of(kind)
    values: dict[str, object] = {"name": ""} if shape.named else {}
    if not well_formed and kind not in (Application, model.StackRuntime) and draw(st.integers(0, 9)) == 9:
        return kind(**values, malformed=draw(NO_PARTS))  # type: ignore[arg-type]
    some = st.lists(st.sampled_from(sorted(shape.forms)), unique=True, min_size=min(2, len(shape.forms)), max_size=6)
    for key in sorted({*draw(some), *ALWAYS.get(kind, ())}):
        values[key] = draw(SPECIAL[kind, key] if (kind, key) in SPECIAL else field(shape.forms[key]))
    return kind(**values, extra=draw(EXTRA))  # type: ignore[arg-type]


PROJECTS = st.builds(
    Project,
    applications=named(Application, NAMES),
    services=named(Service, NAMES),
    routes=named(Route, st.sampled_from(["https://{default}/", "http://x/", "5"])),
)


@settings(max_examples=60, deadline=None)
@given(PROJECTS)
def test_a_project_comes_back_from_yaml(project: Project) -> None:
    assert loads(dumps(project)) == project


@settings(max_examples=60, deadline=None)
@given(PROJECTS)
def test_a_project_comes_back_from_plain_data(project: Project) -> None:
    assert from_data(unstructure(project)) == project


@settings(max_examples=30, deadline=None)
@given(PROJECTS)
def test_writing_twice_changes_nothing(project: Project) -> None:
    written = dumps(project)
    assert dumps(loads(written)) == written
