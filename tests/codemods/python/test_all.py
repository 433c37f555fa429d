"""What holds for every codemod for Python, by being there."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from tests.sources import ALONE, check_rewritten

from workerlib.checks.codes import ROWS
from workerlib.migrate.registry import python_codemods
from workerlib.python.codemod import PythonRewrite

HERE = Path(__file__).parent

every_codemod = pytest.mark.parametrize("rewrite", [pytest.param(rewrite, id=rewrite.name) for rewrite in python_codemods()])


def module_of(rewrite: PythonRewrite) -> str:
    return rewrite.module.rpartition(".")[2]


@every_codemod
def test_the_example_is_true(rewrite: PythonRewrite) -> None:
    check_rewritten(rewrite.name, rewrite.example.before, rewrite.example.after, project=ALONE)


@every_codemod
def test_the_manual_says_what_it_does_why_and_who_says_so(rewrite: PythonRewrite) -> None:
    summary, *reasons = rewrite.manual.strip().split("\n\n")
    assert re.fullmatch(r"[A-Z][^\n]{10,130}[.]", summary)
    assert len(reasons) >= 2
    assert reasons[-1].startswith("Vendor documentation: ")


def test_each_code_and_name_is_given_once() -> None:
    given = [(row.code, row.name) for row in ROWS] + [(rewrite.code, rewrite.name) for rewrite in python_codemods()]
    assert [one for column in zip(*given, strict=True) for one, count in Counter(column).items() if count > 1] == []


@every_codemod
def test_the_code_is_one_of_python(rewrite: PythonRewrite) -> None:
    assert re.fullmatch(r"WL62\d", rewrite.code)


@every_codemod
def test_there_are_tests_of_its_name(rewrite: PythonRewrite) -> None:
    assert (HERE / f"test_{module_of(rewrite)}.py").is_file()


@every_codemod
def test_it_can_be_read_at_one_sitting(rewrite: PythonRewrite) -> None:
    source = (HERE.parents[2] / "codemods" / (rewrite.module.replace(".", "/") + ".py")).read_text(encoding="utf-8")
    assert len(source.splitlines()) < 120


def run_with_libcst(folder: Path, command: str, *arguments: str) -> str:
    """Run a codemod over a folder as ``python -m libcst.tool`` does; what it says."""
    words = [sys.executable, "-m", "libcst.tool", "codemod", *command.split(), "--no-format", "--jobs", "1", *arguments, "."]
    done = subprocess.run(words, cwd=folder, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stderr


@every_codemod
def test_it_runs_in_the_runner_of_libcst(rewrite: PythonRewrite, tmp_path: Path) -> None:
    (tmp_path / "tool.py").write_text(rewrite.example.before)
    run_with_libcst(tmp_path, f"-x {rewrite.module}.Command", "--app", "shop")
    assert (tmp_path / "tool.py").read_text() == rewrite.example.after


def test_the_runner_of_libcst_keeps_encodings_and_says_what_it_leaves(tmp_path: Path) -> None:
    asks = b"import os\nos.path.exists('/a/.platform.app.yaml')\n"
    reads = b"import yaml\nprint(yaml.safe_load(open('/a/.platform.app.yaml')))\n"
    before = {
        "latin.py": b"# coding: latin-1\nx = '\xe9'\n" + asks,
        "mark.py": b"\xef\xbb\xbf" + asks.replace(b"\n", b"\r\n"),
        "other.py": b"# coding: latin-1\nx = '\xe9'\n",
        "reads.py": reads,
    }
    for name, data in before.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / ".libcst.codemod.yaml").write_text("modules: [workerlib_codemods.python]\nformatter: []\n")
    said = run_with_libcst(tmp_path, "paths.Command")
    assert {name: (tmp_path / name).read_bytes() for name in before} == {
        **before,
        "mark.py": before["mark.py"].replace(b".platform.app.yaml", b".upsun/config.yaml"),
    }
    assert "latin.py: warning: expected text in UTF-8, found another encoding" in said
    assert "which application is meant is not known" in said
