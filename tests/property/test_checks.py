"""Whatever a project holds, checks say what is wrong with it, each finding with a code of the table and advice, and none raises."""

from __future__ import annotations

from hypothesis import given, settings
from tests.property.test_model_round_trip import PROJECTS

from workerlib.checking import TABLE, check
from workerlib.comparing import compare
from workerlib.loading import loads
from workerlib.model import Project
from workerlib.plain import dumps

CODES = {row.code: row.name for row in TABLE}


@given(PROJECTS)
@settings(max_examples=30)
def test_whatever_a_project_holds_is_checked(project: Project) -> None:
    for one in check(loads(dumps(project))):
        assert CODES[one.code] == one.name
        assert one.message
        assert one.help


@given(PROJECTS)
@settings(max_examples=30)
def test_a_project_that_was_made_is_checked_like_one_that_was_read(project: Project) -> None:
    # That a key is null gives way to what says more of the same place, and only what was read has places.
    made = {(one.code, one.message) for one in check(project) if one.name != "null-value"}
    assert made <= {(one.code, one.message) for one in check(loads(dumps(project)))}


@given(PROJECTS, PROJECTS)
@settings(max_examples=30)
def test_any_two_projects_are_compared(old: Project, new: Project) -> None:
    assert bool(compare(old, new)) == bool(compare(new, old))
    assert not compare(old, old)
