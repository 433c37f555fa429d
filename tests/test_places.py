"""The places where people work: hooks for pre-commit and a workflow for GitHub name commands that there are, and that do as is said."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from workerlib.__main__ import main
from workerlib.layout import LAYOUTS, MemoryFiles, discover

ROOT = Path(__file__).parent.parent
HOOKS: list[dict[str, Any]] = YAML(typ="safe").load(ROOT / ".pre-commit-hooks.yaml")
WORKFLOW: dict[str, Any] = YAML(typ="safe").load(ROOT / "examples/github-actions/upsun.yml")
STEPS: list[dict[str, Any]] = WORKFLOW["jobs"]["check"]["steps"]


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The example, in the current folder."""
    shutil.copytree(ROOT / "examples/shop", tmp_path / "shop")
    monkeypatch.chdir(tmp_path / "shop")
    return tmp_path / "shop"


# ---- pre-commit ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("hook", "status"), [("workerlib-check", 0), ("workerlib-migrate", 1)])
def test_a_hook_runs_a_command_that_there_is(shop: Path, hook: str, status: int) -> None:
    entry = next(one["entry"] for one in HOOKS if one["id"] == hook)
    script, *arguments = shlex.split(entry)
    assert script == "workerlib"
    assert main(arguments) == status


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_hooks_run_for_the_files_of_each_layout_and_for_no_others(layout: Any) -> None:
    files = [f"{layout.folder}/{name}" for name in ("config.yaml", "routes.yaml", "services.yaml", "applications.yaml", "conf/deep.vcl")]
    files += [f"{folder}{layout.application_file}" for folder in ("", "api/") if layout.application_file]
    others = ["README.md", "src/platform/app.yaml", "my.platform.app.yaml.txt", "docs/.upsunny/x"]
    assert [path for path in (*files, *others) if re.search(HOOKS[0]["files"], path)] == files
    assert {one.path for one in discover(MemoryFiles(dict.fromkeys(files, b"")))} <= set(files)


# ---- GitHub -------------------------------------------------------------------------------------------------------------------------


def test_the_commands_of_the_workflow_run_as_it_needs_them(shop: Path) -> None:
    """Each step as GitHub runs it: with ``bash -e``, and `workerlib` as the script that is installed."""
    script = f'workerlib() {{ {shlex.quote(sys.executable)} -m workerlib "$@"; }}\n'
    runs = [step["run"] for step in STEPS if "workerlib" in step.get("run", "") and "pip" not in step["run"]]
    done = [subprocess.run(("bash", "-e", "-c", script + run), capture_output=True, text=True, check=False) for run in runs]  # noqa: S607
    assert [one.returncode for one in done] == [0, 0], done
    log = json.loads((shop / "workerlib.sarif").read_text())
    assert log["version"] == "2.1.0"
    assert ".platform.app.yaml" in {one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for one in log["runs"][0]["results"]}
    assert "::warning file=.platform.app.yaml,title=WL500 not-migrated::" in done[1].stdout


def test_what_is_uploaded_is_what_was_written() -> None:
    uploaded = next(step["with"]["sarif_file"] for step in STEPS if "upload-sarif" in step.get("uses", ""))
    assert any(step.get("run", "").endswith(f"--format sarif > {uploaded}") for step in STEPS)
    assert WORKFLOW["jobs"]["check"]["permissions"]["security-events"] == "write"


# ---- notebooks ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", sorted((ROOT / "docs/notebooks").glob("*.ipynb")), ids=lambda path: path.stem)
def test_notebooks_are_kept_without_results(path: Path) -> None:
    """They run when the documentation is built; what is kept of a run would only be old."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert code
    assert [cell["source"] for cell in code if cell["outputs"] or cell["execution_count"]] == []
