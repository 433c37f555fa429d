"""Projects that mean harm are refused or migrated: in bounded time and memory, with no traceback, and with nothing touched outside.

By default every fourth of the ways out is tried, and nothing that is large; WORKERLIB_HOSTILE=all tries all.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

pytest.importorskip("resource", reason="needs the limits of Unix")

from tests import hostile

EVERY = os.environ.get("WORKERLIB_HOSTILE") == "all"
COMMANDS = (
    ("check",),
    ("check", "--format", "github"),
    ("resolve", "--format", "json"),
    ("migrate", "--python"),
    ("migrate", "--write", "--split"),
)
OUT = list(hostile.ways_out())
PROJECTS = [
    *OUT[:: 1 if EVERY else 4],
    *(one for one in (*hostile.texts(), *hostile.files(), *hostile.programs()) if EVERY or not one.heavy),
]


@pytest.fixture(scope="module", autouse=True)
def _warm() -> None:
    hostile.warm()


@pytest.mark.skipif(sys.platform == "darwin", reason="memory cannot be limited there")
@pytest.mark.parametrize("project", PROJECTS, ids=[f"{n}: {one.name!a}" for n, one in enumerate(PROJECTS)])
def test_a_project_that_means_harm(project: hostile.Hostile, tmp_path: Path) -> None:
    root = hostile.lay(project, tmp_path)
    done = hostile.run(root, COMMANDS)
    assert done.faults == (), done.said[-1000:]
    assert done.said
