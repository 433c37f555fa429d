"""The checks against the JSON schema that the vendor publishes: every disagreement is known, and judged.

The schema is not part of this project: WORKERLIB_SCHEMA is the path of a copy.
"""

from __future__ import annotations

import json
import os
import runpy
from pathlib import Path
from typing import Any

import pytest
from tests.checks.cases import files

from workerlib.checking import TABLE
from workerlib.layout import MemoryFiles
from workerlib.loading import load_tree

jsonschema = pytest.importorskip("jsonschema")
ROOT = Path(__file__).parents[1]
SCRIPT = runpy.run_path(str(ROOT / "scripts" / "compare_schema.py"))
SCHEMA = os.environ.get("WORKERLIB_SCHEMA", "")
CORPUS = os.environ.get("WORKERLIB_CORPUS", "")
needs_schema = pytest.mark.skipif(not SCHEMA, reason="WORKERLIB_SCHEMA names no schema")
MINE = {
    "properties": {
        "applications": {
            "additionalProperties": {
                "properties": {
                    "type": {"type": "string"},
                    "hooks": {"properties": {"build": {"type": "string"}}, "additionalProperties": False},
                },
                "additionalProperties": False,
            }
        }
    }
}


def found(text: str, schema: dict[str, Any] | None = None) -> list[tuple[str, str, str]]:
    """Who refuses what, and what the checks say of it."""
    validator = jsonschema.Draft7Validator(schema or json.loads(Path(SCHEMA).read_text()))
    tree = load_tree(MemoryFiles({path: text.encode() for path, text in files(text).items()}))
    return [(one.refused_by, one.path, one.says) for one in SCRIPT["disagreements"](tree, validator)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hooks: {build: make}", []),
        ("hooks: {build: 5}", []),
        ("hooks: {build: !include {type: string, path: gone.sh}}", [("checks", "include-missing", "include-missing")]),
        ("cron: {}", [("schema", "applications.*.*", "unknown-key")]),
        ("hooks: {bild: make}", [("schema", "applications.*.*.*", "unknown-key")]),
        ("crons: {}", [("schema", "applications.shop.crons", "")]),
        ("type: 'php:99'", [("checks", "type-unknown", "type-unknown")]),
    ],
)
def test_disagreements_are_found(text: str, expected: list[tuple[str, str, str]]) -> None:
    assert found(text, MINE) == expected


def test_of_alternatives_the_nearest_counts() -> None:
    schema = {"oneOf": [{"type": "string"}, {"properties": {"build": {"type": "string"}, "deploy": {"type": "string"}}}]}
    assert list(SCRIPT["refusals"](jsonschema.Draft7Validator(schema), {"build": 5})) == [("build",)]


def test_all_that_is_judged_is_a_check() -> None:
    names = {row.name for row in TABLE}
    assert {row.says for row in SCRIPT["REFUSED_BY_SCHEMA"]} - {""} <= names
    assert set(SCRIPT["WHY"]) <= names
    page = (ROOT / "docs" / "schema.md").read_text()
    assert all(f"| `{row.path}` | " in page and f" | {row.why} |" in page for row in SCRIPT["REFUSED_BY_SCHEMA"])
    assert all(f"`{name}`" in page for name in SCRIPT["WHY"])


@needs_schema
@pytest.mark.parametrize("row", SCRIPT["REFUSED_BY_SCHEMA"], ids=lambda row: f"{row.path} {row.says}")
def test_the_schema_still_refuses_what_was_judged(row: Any) -> None:
    assert ("schema", row.path, row.says) in found(row.example)


@needs_schema
@pytest.mark.skipif(not CORPUS, reason="WORKERLIB_CORPUS names no folder of projects")
def test_every_disagreement_about_real_projects_is_judged(capsys: pytest.CaptureFixture[str]) -> None:
    status = SCRIPT["main"](SCHEMA, CORPUS)
    assert "**not judged**" not in capsys.readouterr().out
    assert status == 0
