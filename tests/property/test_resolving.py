"""Laws of resolving, over made-up applications."""

from __future__ import annotations

import pytest
from attrs import evolve, fields
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from workerlib.factoring import expand, factor
from workerlib.model import (
    ABSENT,
    Access,
    Application,
    Build,
    Commands,
    Cron,
    Firewall,
    Hooks,
    Mount,
    OutboundRule,
    Project,
    Relationship,
    Resources,
    Stack,
    StackRuntime,
    Web,
    Worker,
)
from workerlib.properties import PROPERTIES, InWorker
from workerlib.resolving import Effective, Reason, effective, rebuild_needed, resolve

# Few values of each property, so that instances often have the same.
OF_INSTANCES: dict[str, tuple[object, ...]] = {
    "relationships": ({}, {"db": Relationship(service="db")}, {"mq": Relationship(service="rabbit")}),
    "mounts": ({}, {"a": Mount(source="tmp", source_path="a")}, {"b": Mount(source="storage", source_path="b")}),
    "variables": ({}, {"env": {"A": "b"}}, {"env": {"A": "c"}, "php": {"x": "y"}}),
    "access": (Access(ssh="admin"), Access(ssh="contributor")),
    "firewall": (Firewall(), Firewall(outbound=(OutboundRule(ports=(443,)),))),
    "additional_hosts": ({}, {"a": "192.0.2.1"}),
    "timezone": ("UTC", "Asia/Tokyo"),
    "container_profile": ("BALANCED", "HIGH_CPU"),
    "size": ("AUTO", "S"),
    "disk": (128, 256),
    "resources": (Resources(base_memory=64), Resources(base_memory=128)),
}
OF_APPLICATIONS: dict[str, tuple[object, ...]] = {
    "type": ("php:8.4", "composable:26.05"),
    "stack": (Stack(), Stack(runtimes=(StackRuntime(name="php", version="8.4"),))),
    "build": (Build(flavor="none"),),
    "hooks": (Hooks(build="make"), Hooks(deploy="x"), Hooks(build="make", post_deploy="y")),
    "crons": ({"a": Cron(spec="1 * * * *")},),
}


def some(values: dict[str, tuple[object, ...]]) -> SearchStrategy[dict[str, object]]:
    """Some of these fields; a field may also be null."""
    return st.fixed_dictionaries({}, optional={name: st.sampled_from((*choices, None)) for name, choices in values.items()})


COMMANDS = st.fixed_dictionaries({}, optional={"commands": st.sampled_from((Commands(start="a"), Commands(), None))})
INSTANCES = st.builds(lambda one, other: one | other, some(OF_INSTANCES), COMMANDS)
WEBS = st.one_of(st.just(ABSENT), st.just(None), INSTANCES.map(lambda values: Web(**values)))
WORKERS = st.dictionaries(st.sampled_from(["q", "mail", "x-1"]), INSTANCES, max_size=3).map(
    lambda found: {name: Worker(name=name, **values) for name, values in found.items()}
)
APPLICATIONS = st.builds(
    lambda one, other, web, workers: Application(name="shop", web=web, workers=workers, **one, **other),
    some(OF_INSTANCES),
    some(OF_APPLICATIONS),
    WEBS,
    WORKERS,
)
NAMES = [row.name for row in PROPERTIES if row.inherited]


def instances(app: Application) -> list[Effective]:
    return [effective(app, worker) for worker in (None, *app.workers)]


@given(APPLICATIONS)
def test_every_property_of_an_instance_is_own_inherited_shared_default_or_absent(app: Application) -> None:
    names = {row.name for row in PROPERTIES} - {"web", "workers"}
    for one in instances(app):
        assert set(one.reasons) == names
        assert all(one.explain(name).text for name in names)


@given(APPLICATIONS)
def test_a_worker_shares_what_is_built_and_has_nothing_of_the_web_instance(app: Application) -> None:
    web = effective(app)
    for worker in instances(app)[1:]:
        for row in PROPERTIES:
            if row.worker is InWorker.SHARED and row.name != "hooks":
                assert getattr(worker, row.name) == getattr(web, row.name)
        assert worker.hooks == Hooks(build=web.hooks.build)
        assert (worker.crons, worker.locations, worker.upstream) == ({}, {}, None)


@given(APPLICATIONS, WEBS)
def test_no_worker_sees_the_web_instance(app: Application, web: Web) -> None:
    other = evolve(app, web=web)
    assert instances(app)[1:] == instances(other)[1:]


@given(APPLICATIONS)
def test_what_is_set_is_as_written_as_a_whole(app: Application) -> None:
    for worker in app.workers.values():
        one = effective(app, worker.name)
        for name in NAMES:
            own, shared = getattr(worker, name), getattr(app, name)
            written = next((value for value in (own, shared) if value is not ABSENT and value is not None), None)
            if written is not None:
                assert getattr(one, name) == written
                assert one.reasons[name] is (Reason.OWN if written is own else Reason.INHERITED) or own == shared


@given(APPLICATIONS)
def test_equal_definitions_have_equal_instances(app: Application) -> None:
    """What the proof of a migration relies on: it compares definitions, and instances only where those differ."""
    turned = {f.name: dict(reversed(value.items())) for f in fields(Application) if isinstance(value := getattr(app, f.name), dict)}
    other = evolve(app, **turned)  # type: ignore[arg-type]
    assert other == app
    assert {one.name: one for one in instances(other)} == {one.name: one for one in instances(app)}


@given(APPLICATIONS)
def test_null_is_as_if_it_were_not_written(app: Application) -> None:
    def without(part: Application | Worker | Web) -> dict[str, object]:
        return {f.name: ABSENT for f in fields(type(part)) if getattr(part, f.name) is None}

    workers = {name: evolve(worker, **without(worker)) for name, worker in app.workers.items()}  # type: ignore[arg-type]
    web = evolve(app.web, **without(app.web)) if app.web else ABSENT  # type: ignore[arg-type]
    other = evolve(app, **{**without(app), "web": web, "workers": workers})  # type: ignore[arg-type]
    assert instances(other) == instances(app)


@given(APPLICATIONS)
def test_factored_or_expanded_each_instance_is_the_same(app: Application) -> None:
    assert instances(factor(app)) == instances(app)
    assert instances(expand(app)) == instances(app)


@given(APPLICATIONS)
def test_factoring_and_expanding_depend_on_the_instances_only(app: Application) -> None:
    factored, expanded = factor(app), expand(app)
    assert factor(factored) == factored == factor(expanded)
    assert expand(expanded) == expanded == expand(factored)


@given(APPLICATIONS)
def test_factored_is_never_longer(app: Application) -> None:
    def statements(one: Application) -> int:
        parts = (one, one.web or Web(), *one.workers.values())
        return sum(getattr(part, name) is not ABSENT and getattr(part, name) is not None for part in parts for name in NAMES)

    assert statements(factor(app)) <= min(statements(app), statements(expand(app)))


@given(APPLICATIONS, APPLICATIONS)
def test_a_build_is_needed_for_a_change_or_not_in_both_directions(one: Application, other: Application) -> None:
    assert rebuild_needed(one, other) == rebuild_needed(other, one)
    assert not rebuild_needed(one, one)


@pytest.mark.parametrize("field", [row.name for row in PROPERTIES if row.application and not row.rebuilds])
@given(one=APPLICATIONS, other=APPLICATIONS)
@settings(max_examples=20)
def test_what_no_build_depends_on_needs_none(field: str, one: Application, other: Application) -> None:
    bare = evolve(one, web=ABSENT, workers={})
    changed = evolve(bare, **{field: getattr(evolve(other, web=ABSENT, workers={}), field)})
    assert not rebuild_needed(bare, changed)


@given(APPLICATIONS)
def test_deployed_names(app: Application) -> None:
    assert list(resolve(Project(applications={"shop": app}))) == ["shop", *(f"shop--{name}" for name in app.workers)]
