"""Real projects, where there are any: every one is migrated with a proof, or refused for a reason that is in the documentation."""

from __future__ import annotations

import json
import os
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from workerlib import RefusedError, plan, topology
from workerlib.layout import MemoryFiles
from workerlib.loading import load_tree

CORPUS = os.environ.get("WORKERLIB_CORPUS", "")
PROJECTS = [entry["id"] for entry in json.loads((Path(CORPUS) / "manifest.json").read_text())] if CORPUS else []
REASONS = {
    "not-yaml",
    "not-text",
    "ambiguous-yaml",
    "several-documents",
    "duplicate-key",
    "not-a-mapping",
    "no-name",
    "bad-name",
    "duplicate-name",
    "no-applications",
    "both-layouts",
    "include-path",
    "include-cycle",
    "root-outside",
}


@pytest.mark.skipif(not CORPUS, reason="WORKERLIB_CORPUS is not set")
@pytest.mark.parametrize("repository", sorted({project.rpartition("/")[0] for project in PROJECTS}) or ["none"])
def test_every_project_is_migrated_or_refused_for_a_reason(repository: str) -> None:
    for project in (p for p in PROJECTS if p.rpartition("/")[0] == repository):
        root = Path(CORPUS) / project
        try:
            found = plan(root)
        except RefusedError as error:
            if not {d.name for d in error.diagnostics} <= REASONS:
                pytest.fail(f"{project}: {error}")
            continue
        files = {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}
        after = {path: data for path, data in (files | dict(found.files)).items() if data is not None}
        assert list(load_tree(MemoryFiles(after)).definitions.applications) == list(found.applications)
        # What is shown of it is small, and the picture is well-formed whatever names there are.
        assert len(found.project._repr_html_()) < 100_000
        ET.fromstring(topology(found.project).svg)  # noqa: S314 - our own text
