"""The scripts that look at real projects, on projects of our own."""

from __future__ import annotations

import json
import runpy
import sys
from pathlib import Path

import pytest
from tests.test_reference import ROOT, script

PROJECTS = {
    "old": {
        ".platform.app.yaml": "name: app\ntype: php:8.4\ndisk: 512\nmounts: {a: 'shared:files/a'}\nbuild: {caches: {x: {watch: [y]}}}\n"
    },
    "new": {".upsun/config.yaml": "applications:\n  shop: {type: 'nodejs:24', build: {flavor: none}}\n  api: {type: 'nodejs:16'}\n"},
    "broken": {".upsun/config.yaml": "applications: [\n"},
}


@pytest.fixture
def corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, files in PROJECTS.items():
        for path, text in files.items():
            (tmp_path / name / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name / path).write_text(text)
    (tmp_path / "manifest.json").write_text(json.dumps([{"id": name} for name in PROJECTS]))
    monkeypatch.setenv("WORKERLIB_CORPUS", str(tmp_path))
    return tmp_path


def test_forms_are_counted_with_what_becomes_of_them(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    verdicts = corpus / "verdicts.json"
    verdicts.write_text(json.dumps([{"id": "old", "verdict": "migrated"}]))
    assert script("forms_of_corpus").main(str(verdicts)) == 0
    rows = capsys.readouterr().out.splitlines()
    assert "| mounts as strings | 1 | 1 | 1 | 0 | 0 | 0 | 1 migrated |" in rows
    assert "| `build.caches` | 1 | 1 | 0 | 1 | 0 | 0 | 1 migrated |" in rows
    assert "| a single-runtime `type` | 2 | 3 | 1 | 2 | 0 | 0 | 1 migrated |" in rows
    assert "| (cannot be read) | 1 | 0 | 0 | 0 | 0 | 0 |  |" in rows


def test_what_stays_is_counted(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert script("kept_of_corpus").main() == 0
    said = capsys.readouterr().out.splitlines()
    assert said[:2] == ["1 projects are migrated", ""]
    assert "scalars: 10 of 14 kept, 71.43%" in said
    assert "lines: 2 of 5 kept, 40.00%" in said
    assert {"| lift | 1 | 0 |", "| resource-keys | 2 | 0 |", "| string-mounts | 0 | 1 |"} <= set(said)
    assert "scalars and lines that do not stay, and no codemod declares: 0" in said


def test_what_no_codemod_declares_is_told(corpus: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    counting = script("kept_of_corpus")
    monkeypatch.setattr(counting, "codemods", tuple)
    assert counting.main() == 1
    assert "disk\n512\n" in capsys.readouterr().out


@pytest.mark.parametrize(("rule", "faults"), [({}, 0), ({"type": "string"}, 1)])
def test_stacks_are_checked(corpus: Path, capsys: pytest.CaptureFixture[str], rule: dict[str, str], faults: int) -> None:
    pytest.importorskip("jsonschema")
    application = {"properties": {"stack": rule}}
    schema = corpus / "schema.json"
    schema.write_text(json.dumps({"properties": {"applications": {"additionalProperties": application}}}))
    assert script("stacks_of_corpus").main(str(schema)) == (1 if faults else 0)
    said = capsys.readouterr().out
    assert "     1  converted\n" in said
    assert "     1  channel N has no nodejs N\n" in said
    assert f"{faults} faults\n" in said


@pytest.mark.parametrize("name", ["compare_schema", "forms_of_corpus", "kept_of_corpus", "stacks_of_corpus"])
def test_a_script_that_is_told_nothing_says_what_to_tell_it(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("jsonschema")
    monkeypatch.delenv("WORKERLIB_CORPUS", raising=False)
    monkeypatch.setattr(sys, "argv", [name])
    with pytest.raises(SystemExit, match=rf"Usage: ``.*python scripts/{name}\.py"):
        runpy.run_path(str(ROOT / "scripts" / f"{name}.py"), run_name="__main__")
