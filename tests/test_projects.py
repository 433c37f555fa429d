"""Whole projects, before and after: `tests/projects/<case>/before` migrates to `after`, file by file.

Set WORKERLIB_UPDATE=1 to write `after` anew, then read the difference.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from workerlib import plan

PROJECTS = Path(__file__).parent / "projects"
SHOP = Path(__file__).parent.parent / "examples" / "shop"


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.mark.parametrize("case", sorted(p.name for p in PROJECTS.iterdir()))
def test_project(case: str, tmp_path: Path) -> None:
    before, after = PROJECTS / case / "before", PROJECTS / case / "after"
    work = tmp_path / "project"
    shutil.copytree(SHOP if case == "shop" else before, work)
    plan(work).apply()
    assert not plan(work)
    if os.environ.get("WORKERLIB_UPDATE"):
        shutil.rmtree(after, ignore_errors=True)
        shutil.copytree(work, after)
    assert contents(work) == contents(after)
