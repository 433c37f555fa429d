"""The model's values: what is equal, what is not, and how they show."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from typing import assert_type

import pytest
from attrs.exceptions import FrozenInstanceError

from workerlib import loads, model
from workerlib.model import (
    ABSENT,
    Absent,
    Application,
    Archive,
    Commands,
    Cron,
    IncludedText,
    Location,
    Mount,
    Number,
    Part,
    Project,
    Redirect,
    Redirects,
    Relationship,
    Rule,
    Service,
    Tagged,
    Web,
    Worker,
)

PARTS = [kind for kind in vars(model).values() if isinstance(kind, type) and issubclass(kind, Part)]


def test_absent_is_neither_null_nor_empty() -> None:
    assert Web(mounts=ABSENT) != Web(mounts=None)
    assert Web(mounts=ABSENT) != Web(mounts={})
    assert Web(mounts=None) != Web(mounts={})


def test_absent_is_false_and_survives_pickling() -> None:
    assert not ABSENT
    assert pickle.loads(pickle.dumps(ABSENT)) is ABSENT  # noqa: S301


def test_type_checkers_narrow_absent_and_null() -> None:
    mounts = Application(name="shop").mounts
    assert_type(mounts, Mapping[str, Mount] | Absent | None)
    assert_type(mounts or {}, Mapping[str, Mount] | dict[str, Mount])
    if mounts is not ABSENT and mounts is not None:
        assert_type(mounts, Mapping[str, Mount])


@pytest.mark.parametrize("kind", PARTS)
def test_parts_are_frozen_and_have_slots(kind: type[Part]) -> None:
    with pytest.raises(FrozenInstanceError):
        setattr(object.__new__(kind), "extra", {})  # noqa: B010  (what type checkers refuse)
    assert kind.__dictoffset__ == 0


def test_shows_what_is_given_only() -> None:
    assert repr(Worker(name="queue", commands=Commands(start="./q"))) == "Worker(name='queue', commands=Commands(start='./q'))"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5", 5),
        ("-5", -5),
        ("0755", 755),
        ("0o17", 15),
        ("0x1F", 31),
        ("1.10", 1.1),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("-.inf", float("-inf")),
    ],
)
def test_a_number_knows_its_value(text: str, value: float) -> None:
    assert Number(text).value == value
    assert type(Number(text).value) is type(value)


@pytest.mark.parametrize("text", ["12:30", "2024-01-01", "1_000"])
def test_what_is_a_number_to_yaml_1_1_only_has_its_text_as_value(text: str) -> None:
    assert Number(text).value == text


def test_numbers_are_equal_by_their_text_and_never_to_text_or_truth_values() -> None:
    assert Number("1.10") != Number("1.1")
    assert Number("0755") != Number("755")
    others: tuple[object, ...] = (5, "5", True)
    assert Number("5") not in others
    assert Number("1") not in others


def test_an_included_text_is_equal_by_its_content() -> None:
    assert IncludedText("a\n", "one.sh") == IncludedText("a\n", "two.sh") == "a\n"
    assert IncludedText("a", "one.sh") != IncludedText("b", "one.sh")
    copied = pickle.loads(pickle.dumps(IncludedText("a", "one.sh")))  # noqa: S301
    assert (copied, copied.path) == ("a", "one.sh")


def test_an_archive_is_equal_by_its_files() -> None:
    assert Archive((("a", "1"),), "here") == Archive((("a", "1"),), "there")
    assert Archive((("a", "1"),)) != Archive((("a", "2"),))


def test_a_tagged_value_is_not_its_value() -> None:
    other: object = "a"
    assert Tagged("!x", "a") != other
    assert Tagged("!x", "a") != Tagged("!y", "a")


def test_a_mount_and_a_relationship_are_those_of_their_own_name_where_they_state_none() -> None:
    made = Application(
        name="a",
        mounts={"/var/x": Mount(source="tmp"), "y": Mount(source="tmp", source_path="z")},
        relationships={"db": Relationship(), "cache": Relationship(endpoint="redis")},
    )
    loaded = loads(
        "applications:\n  a:\n    mounts: {/var/x: {source: tmp}, y: {source: tmp, source_path: z}}\n"
        "    relationships: {db: , cache: {endpoint: redis}}\n"
    ).applications["a"]
    assert made == loaded
    assert (made.mounts or {})["/var/x"] == Mount(source="tmp", source_path="var/x")
    assert Service(name="s", relationships={"db": Relationship()}).relationships == {"db": Relationship(service="db")}


def test_what_cannot_be_used_is_not_filled_in() -> None:
    wrong = {"a": Mount(extra={"source_path": ()}), "b": Mount(malformed="x")}
    assert Web(mounts=wrong).mounts == wrong


def test_the_order_of_rules_is_compared() -> None:
    one, other = {"a": Rule(allow=True), "b": Rule(allow=False)}, {"b": Rule(allow=False), "a": Rule(allow=True)}
    assert Location(rules=one) != Location(rules=other)
    assert Location(rules=one) == Location(rules=dict(one))


def test_the_order_of_redirect_paths_is_compared() -> None:
    one, other = {"a": Redirect(to="x"), "b": Redirect(to="y")}, {"b": Redirect(to="y"), "a": Redirect(to="x")}
    assert Redirects(paths=one) != Redirects(paths=other)


def test_the_order_of_other_mappings_is_not_compared() -> None:
    one, other = {"a": Cron(spec="1"), "b": Cron(spec="2")}, {"b": Cron(spec="2"), "a": Cron(spec="1")}
    assert Application(name="x", crons=one) == Application(name="x", crons=other)


def test_places_and_diagnostics_are_not_compared() -> None:
    assert Application(name="x", origin=lambda _path: None) == Application(name="x")
    assert Project(origin=lambda _path: None) == Project()


def test_the_root_of_an_application_is_that_of_its_source() -> None:
    assert Application(name="x", source=model.SourceDefinition(root="api")).root == "api"
