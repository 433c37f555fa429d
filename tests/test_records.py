"""A project as rows."""

from __future__ import annotations

import pytest

from workerlib import loads

TEXT = """\
applications:
  shop:
    type: 'php:8.4'
    runtime: {extensions: [redis]}
    variables: {env: {MODE: base, N: 010}}
    mounts: {uploads: {source: storage}}
    workers:
      queue: {commands: {start: ./q}, mounts: {}}
services:
  db: {type: 'mariadb:11.8', configuration: {schemas: [main]}}
routes:
  https://{default}/: {type: upstream, upstream: 'shop:http'}
"""


def rows(*keys: str, **wanted: str | None) -> list[tuple[object, ...]]:
    found = loads(TEXT).to_records()
    return [tuple(row[key] for key in keys) for row in found if all(row[key] == value for key, value in wanted.items())]


def test_a_row_says_what_it_is_of_which_value_why_and_where() -> None:
    assert loads(TEXT).to_records()[0] == {
        "section": "applications",
        "name": "shop",
        "application": "shop",
        "worker": None,
        "property": "type",
        "path": "type",
        "value": "php:8.4",
        "reason": "shared",
        "file": ".upsun/config.yaml",
        "line": 3,
        "column": 5,
    }


def test_values_are_single_and_text() -> None:
    assert rows("path", "value", name="shop", property="variables") == [("variables.env.MODE", "base"), ("variables.env.N", "010")]
    assert rows("path", "value", name="shop", property="runtime") == [("runtime.extensions[0].name", "redis")]


def test_an_empty_collection_that_a_worker_states_is_a_row_and_an_empty_default_is_none() -> None:
    assert rows("path", "value", "reason", name="shop--queue", property="mounts") == [("mounts", "{}", "own")]
    assert rows("path", name="shop", property="relationships") == []


def test_a_worker_has_what_it_inherits_with_the_place_where_that_is_written() -> None:
    found = rows("path", "reason", "line", name="shop--queue", worker="queue", property="variables")
    assert found == [("variables.env.MODE", "inherited", 5), ("variables.env.N", "inherited", 5)]


def test_services_and_routes_have_rows() -> None:
    assert rows("name", "path", "value", "line", section="services") == [
        ("db", "type", "mariadb:11.8", 10),
        ("db", "configuration.schemas[0]", "main", 10),
    ]
    assert rows("name", "path", "value", section="routes") == [
        ("https://{default}/", "type", "upstream"),
        ("https://{default}/", "upstream", "shop:http"),
    ]


def test_each_column_has_one_type() -> None:
    kinds = {key: {type(row[key]) for row in loads(TEXT).to_records()} - {type(None)} for key in loads(TEXT).to_records()[0]}
    assert all(found in ({str}, {int}) for found in kinds.values())


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_a_table_can_be_made_of_the_rows(library: str) -> None:
    tables = pytest.importorskip(library)
    assert tables.DataFrame(loads(TEXT).to_records()).shape == (len(loads(TEXT).to_records()), 11)
