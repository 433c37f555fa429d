"""The vendor's page on `workers`, sentence by sentence: the rows that rewrites and the `resources:set` command hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from workerlib.loading import load, loads
from workerlib.migrate.planning import plan
from workerlib.sizing import resources

OLD = """\
name: myapp
type: 'python:3.14'
source: {root: "/"}
workers:
    queue:
        commands:
            start: |
                ./worker.sh
"""
LISTED = """\
applications:
    myapp:
        source:
            root: "/"
        stack: [ "python@3.14" ]
        workers:
            queue:
                commands:
                    start: |
                        ./worker.sh
"""


def test_row_18_a_size_is_suggested_where_one_was_stated_only() -> None:
    small = load({".platform.app.yaml": OLD.replace("queue:", "queue:\n        size: S").encode()})
    assert resources(small).command == "upsun resources:set --size myapp--queue:0.5"
    assert resources(load({".platform.app.yaml": OLD.encode()})).command is None


def rewritten(folder: Path, path: str, text: str) -> str:
    """The configuration of a project of one file, once it is migrated."""
    (folder / path).parent.mkdir(exist_ok=True)
    (folder / path).write_text(text)
    data = plan(folder).files[".upsun/config.yaml"]
    assert data is not None
    return data.decode()


def test_row_19_the_command_keeps_its_style(tmp_path: Path) -> None:
    text = rewritten(tmp_path, ".platform.app.yaml", OLD)
    assert "                    start: |\n                        ./worker.sh\n" in text
    assert 'source: {root: "/"}\n' in text


def test_row_20_the_list_becomes_the_current_form_and_nothing_else_changes(tmp_path: Path) -> None:
    text = rewritten(tmp_path, ".upsun/config.yaml", LISTED)
    current = """type: 'composable:26.05'\n        stack: {runtimes: [ "python@3.14" ]}"""
    assert text == LISTED.replace('stack: [ "python@3.14" ]', current)


def test_row_20_a_single_runtime_image_stays(tmp_path: Path) -> None:
    (tmp_path / ".upsun").mkdir()
    (tmp_path / ".upsun" / "config.yaml").write_text(LISTED.replace('stack: [ "python@3.14" ]', "type: 'python:3.14'"))
    assert plan(tmp_path).files == {}


def test_row_22_one_command_names_every_instance() -> None:
    text = "name: shop\ntype: 'php:8.4'\nsize: L\nworkers: {mail: {commands: {start: ./m}}, queue: {size: S, commands: {start: ./q}}}\n"
    found = resources(load({".platform.app.yaml": text.encode()}))
    assert found.command == "upsun resources:set --size shop:2,shop--mail:2,shop--queue:0.5"


def test_row_22_what_states_no_size_is_named_all_the_same() -> None:
    found = resources(loads("applications: {shop: {type: 'php:8.4', workers: {mail: {commands: {start: ./m}}}}}"))
    assert [one.name for one in found.instances] == ["shop", "shop--mail"]
    assert found.command is None


@pytest.mark.parametrize(("size", "cpu"), [("S", "0.5"), ("M", "0.5"), ("L", "2"), ("XL", "4")])
def test_row_23_sizes_are_told_in_cpu(size: str, cpu: str) -> None:
    text = OLD.replace("queue:", f"queue:\n        size: {size}")
    assert resources(load({".platform.app.yaml": text.encode()})).command == f"upsun resources:set --size myapp--queue:{cpu}"
