"""The laws of merging projects: what holds for all, and the one thing that does not, with the reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from attrs import evolve, fields
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.property.test_model_round_trip import named

from workerlib.loading import loads
from workerlib.merging import merge
from workerlib.model import ABSENT, Application, Part, Project, Route, Service, Worker

P = TypeVar("P", bound=Part)

# Few names, so that projects meet.
PROJECTS = st.builds(
    Project,
    applications=named(Application, st.sampled_from(["api", "shop"])),
    services=named(Service, st.sampled_from(["db", "cache"])),
    routes=named(Route, st.sampled_from(["https://{default}/", "http://x/"])),
    extra=st.dictionaries(st.sampled_from(["x", "y"]), st.text(max_size=2), max_size=2),
)


def well_formed(project: Project) -> Project:
    """The project without what stands where a mapping was expected."""
    applications = {name: evolve(app, workers=_proper(app.workers)) for name, app in project.applications.items()}
    return evolve(project, applications=applications, services=_proper(project.services), routes=_proper(project.routes))


def _proper(parts: Mapping[str, P]) -> Mapping[str, P]:
    return {name: part for name, part in parts.items() if part.malformed is ABSENT}


WELL_FORMED = PROJECTS.map(well_formed)


@given(PROJECTS)
def test_an_empty_project_adds_nothing(project: Project) -> None:
    assert merge(project) == merge(project, Project()) == merge(Project(), project) == project


@given(PROJECTS)
def test_a_project_over_itself_is_itself(project: Project) -> None:
    assert merge(project, project) == project


@given(PROJECTS, PROJECTS, PROJECTS)
@settings(max_examples=20)
def test_several_overlays_are_laid_one_over_the_other(a: Project, b: Project, c: Project) -> None:
    assert merge(a, b, c) == merge(merge(a, b), c)


@given(WELL_FORMED, WELL_FORMED, WELL_FORMED)
def test_merging_is_associative_where_definitions_are_mappings(a: Project, b: Project, c: Project) -> None:
    assert merge(merge(a, b), c) == merge(a, merge(b, c))


@given(WELL_FORMED, WELL_FORMED)
def test_the_later_one_wins_property_by_property(below: Project, above: Project) -> None:
    merged = merge(below, above)
    for name, app in above.applications.items():
        for field in fields(Application):
            stated = getattr(app, field.name)
            if field.eq and field.name not in ("web", "workers", "extra", "source") and stated is not ABSENT:
                assert getattr(merged.applications[name], field.name) == stated
        for key, worker in app.workers.items():
            commands = merged.applications[name].workers[key].commands
            assert commands == (worker.commands if worker.commands is not ABSENT else commands)


@given(WELL_FORMED, WELL_FORMED)
def test_nothing_comes_from_nowhere_and_no_definition_is_lost(below: Project, above: Project) -> None:
    merged = merge(below, above)
    for section in ("applications", "services", "routes"):
        assert set(getattr(merged, section)) == {*getattr(below, section), *getattr(above, section)}


def test_merging_is_not_associative_over_what_is_no_mapping() -> None:
    """What is no mapping has no properties: it hides what is below, and what is above hides it."""
    below, above = (
        Project(applications={"a": Application(name="a", workers={"w": worker})})
        for worker in (Worker(name="w", timezone="UTC"), Worker(name="w", disk=5))
    )
    between = loads("applications: {a: {workers: {w: text}}}")
    left, right = merge(merge(below, between), above), merge(below, merge(between, above))
    assert left.applications["a"].workers["w"] == Worker(name="w", disk=5)
    assert right.applications["a"].workers["w"] == Worker(name="w", timezone="UTC", disk=5)
