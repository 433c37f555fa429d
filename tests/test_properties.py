"""The table of properties, held against the model in both directions and against the vendor's statements row by row."""

from __future__ import annotations

import pytest
from attrs import fields

from workerlib.model import Application, Instance, Web, Worker
from workerlib.properties import PROPERTIES, PROPERTY, Images, InWorker, Status
from workerlib.reading import shape_of
from workerlib.resolving import Effective

OF_INSTANCES = set(shape_of(Instance).forms)


def test_no_property_has_two_rows() -> None:
    assert len(PROPERTY) == len(PROPERTIES)


def test_every_row_has_a_field_where_it_may_be_written() -> None:
    assert {row.name for row in PROPERTIES if row.application} <= set(shape_of(Application).forms)
    assert {row.name for row in PROPERTIES if row.web} <= set(shape_of(Web).forms)
    assert {row.name for row in PROPERTIES if row.worker is InWorker.REPLACE} <= set(shape_of(Worker).forms)


def test_every_field_has_a_row_that_says_it_may_be_written_there() -> None:
    assert {row.name for row in PROPERTIES if row.application} == set(shape_of(Application).forms)
    assert {row.name for row in PROPERTIES if row.web} == set(shape_of(Web).forms)
    assert {row.name for row in PROPERTIES if row.worker is InWorker.REPLACE} == set(shape_of(Worker).forms)


def test_an_effective_instance_has_every_property() -> None:
    names = {field.name for field in fields(Effective)}
    assert {row.name for row in PROPERTIES} - {"web", "workers"} <= names


def test_what_is_inherited_may_be_set_by_all_three() -> None:
    inherited = {row.name for row in PROPERTIES if row.inherited}
    assert inherited == OF_INSTANCES
    assert all(PROPERTY[name].application and PROPERTY[name].web and PROPERTY[name].worker is InWorker.REPLACE for name in inherited)


@pytest.mark.parametrize("name", ["type", "stack", "source", "build", "dependencies", "runtime", "hooks", "operations", "preflight"])
def test_all_instances_share_what_they_are_built_from(name: str) -> None:
    assert PROPERTY[name].worker is InWorker.SHARED
    assert not PROPERTY[name].web


@pytest.mark.parametrize("name", ["crons", "locations", "upstream"])
def test_a_worker_has_no(name: str) -> None:
    assert PROPERTY[name].worker is InWorker.ABSENT


@pytest.mark.parametrize("name", ["build", "dependencies", "runtime"])
def test_of_single_runtime_images_only(name: str) -> None:
    assert PROPERTY[name].images is Images.SINGLE


def test_a_stack_is_of_composable_images_only() -> None:
    assert [row.name for row in PROPERTIES if row.images is Images.COMPOSABLE] == ["stack"]


def test_sizes_and_disks_are_for_upsun_fixed() -> None:
    assert {row.name for row in PROPERTIES if row.status is Status.FIXED} == {"size", "disk"}


def test_defaults() -> None:
    stated = {row.name: row.default for row in PROPERTIES if row.default not in ({}, None)}
    assert stated == {
        "source": {"root": ""},
        "size": "AUTO",
        "access": {"ssh": "contributor"},
        "timezone": "UTC",
        "preflight": {"enabled": True, "ignored_rules": ()},
    }


@pytest.mark.parametrize("row", PROPERTIES, ids=lambda row: row.name)
def test_names_the_page_of_the_vendor(row: object) -> None:
    page = getattr(row, "page", "")
    assert page.startswith(("Upsun docs: ", "Upsun Fixed docs: ", "Published JSON schema"))
