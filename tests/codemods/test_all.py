"""What holds for every codemod, by being there."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import attrs
import pytest
from tests.support import check_noop, check_rewritten

from workerlib.layout import CONFIG
from workerlib.migrate import Options, plan
from workerlib.migrate.registry import codemods
from workerlib.rewrite import Rewrite

HERE = Path(__file__).parent
ARCHIVE = {".upsun/solr/main/schema.xml": "<schema/>\n"}  # for an example that names a folder

every_codemod = pytest.mark.parametrize("rewrite", [pytest.param(rewrite, id=rewrite.name) for rewrite in codemods()])


def module_of(rewrite: Rewrite) -> str:
    return rewrite.module.rpartition(".")[2]


@every_codemod
def test_the_example_is_true(rewrite: Rewrite) -> None:
    example = rewrite.example
    options = attrs.asdict(example.options, recurse=False)
    before, after = ({".upsun/config.yaml": text} | ARCHIVE for text in (example.before, example.after))
    if before == after:
        assert check_noop(module_of(rewrite), before, **options), "an example of a report has something to report"
    else:
        gone = ["# MB"] if rewrite.name == "resource-keys" else []  # it stands beside a key that leaves
        check_rewritten(module_of(rewrite), before, after, loses=gone, **options)


@every_codemod
def test_the_manual_says_what_it_does_why_and_who_says_so(rewrite: Rewrite) -> None:
    summary, *reasons = rewrite.manual.strip().split("\n\n")
    assert re.fullmatch(r"[A-Z][^\n]{10,130}[.]", summary)
    assert len(reasons) >= 2
    assert reasons[-1].startswith("Vendor documentation: ")


@every_codemod
def test_the_code_is_its_own(rewrite: Rewrite) -> None:
    assert re.fullmatch(r"WL5\d\d", rewrite.code)
    assert Counter(other.code for other in codemods())[rewrite.code] == 1


@every_codemod
def test_there_are_tests_of_its_name(rewrite: Rewrite) -> None:
    assert (HERE / f"test_{module_of(rewrite)}.py").is_file()


@every_codemod
def test_it_can_be_read_at_one_sitting(rewrite: Rewrite) -> None:
    source = (HERE.parents[1] / "codemods" / (rewrite.module.replace(".", "/") + ".py")).read_text(encoding="utf-8")
    assert len(source.splitlines()) < 120


@pytest.mark.parametrize("tag", ["!t", "!<x>", "!!str", "!include"])
@pytest.mark.parametrize(
    "lines",
    [
        "mounts: TAG\n  /a: shared:files/x",
        "mounts:\n  /a: TAG {source: local}",
        "crons: TAG\n  a: {spec: '0 * * * *', cmd: make}",
        "crons:\n  a: TAG {spec: '0 * * * *', cmd: make}",
        "workers: TAG\n  w: {size: S}",
        "workers:\n  w: TAG\n    size: S",
        "web: TAG\n  document_root: /",
        "relationships: TAG\n  a: b:c",
        "resources: TAG\n  base_memory: 64",
    ],
)
def test_what_a_tag_makes_of_a_mapping_is_not_known_and_left(tag: str, lines: str) -> None:
    kept = [] if lines.startswith("resources") else [f"    {line}" for line in lines.replace("TAG", tag).split("\n")]
    files = {".platform.app.yaml": f"name: shop\ntype: php:8.4\n{lines.replace('TAG', tag)}\n".encode()}
    found = plan(files, Options(explicit_relationships=True)).files[CONFIG]
    assert (found or b"").decode().split("\n") == ["applications:", "  shop:", "    type: php:8.4", *kept, ""]
