"""The engine of the checks, and the table of all codes. Each check has its cases in ``tests/checks``."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from tests.checks.cases import Case

from workerlib import checking
from workerlib.checking import RULES, TABLE, Selection, check, configured
from workerlib.diagnostic import Diagnostic, Severity
from workerlib.errors import UsageError
from workerlib.loading import load, loads
from workerlib.merging import merge
from workerlib.model import Application, Commands, Mount, Project, Worker

ROOT = Path(__file__).parents[1]
CODEMODS = [path.stem for path in (ROOT / "codemods" / "workerlib_codemods").glob("*/[!_]*.py")]
MODULES = ("crons", "files", "images", "references", "structure", "style", "workers")
WRONG = """\
applications:
  shop:
    type: 'python:3.9'
    workers:
      queue:
        crons: {}
        commands: {start: ./run}
"""

# ---- the table ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["select", "ignore"])
def test_text_in_place_of_several_selectors_is_refused(name: str) -> None:
    wrong: Any = {name: "WL2"}
    with pytest.raises(UsageError, match=rf"^{name}: expected a tuple of names, found the text `WL2`; write `\('WL2',\)`$"):
        Selection(**wrong)


@pytest.mark.parametrize("name", ["select", "ignore"])
def test_a_selector_of_no_check_is_refused_here_as_on_the_command_line(name: str) -> None:
    given: Any = {name: ("worker-cron",)}
    with pytest.raises(UsageError, match=rf"^{name}: there is no check `worker-cron`; did you mean `worker-crons`\?$"):
        check(Project(), Selection(**given))


def test_codes_and_names_are_given_once() -> None:
    for counted in (Counter(row.code for row in TABLE), Counter(row.name for row in TABLE)):
        assert [value for value, count in counted.items() if count > 1] == []


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_a_row_says_what_a_reader_needs(row: object) -> None:
    code, name, message, advice, page = (str(getattr(row, key)) for key in ("code", "name", "message", "help", "page"))
    assert re.fullmatch(r"WL[1-6]\d\d", code)
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", name)
    assert message
    assert advice
    assert page


def test_every_rule_has_cases_for_and_against() -> None:
    cases = [case for name in MODULES for case in import_module(f"tests.checks.test_{name}").CASES]
    assert all(isinstance(case, Case) for case in cases)
    assert {case.name for case in cases} == {rule.row.name for rule in RULES}


def used() -> Iterator[tuple[str, str]]:
    """Every code with its name, as the source has them."""
    places = [*(ROOT / "src" / "workerlib").rglob("*.py"), *(ROOT / "codemods").rglob("*.py")]
    for path in (path for path in places if path.parent.name != "checks"):
        text = path.read_text()
        yield from re.findall(r'"(WL\d{3})",\s*"([a-z-]+)"(?!:)', text)
        yield from ((code, name) for name, code in re.findall(r'"([a-z-]+)": \(?"(WL\d{3})"', text))
        if path.stem in CODEMODS:
            yield from ((code, path.stem.replace("_", "-")) for code in re.findall(r'\bcode="(WL\d{3})"', text))


def test_every_code_in_the_package_stands_for_one_name() -> None:
    table = {(row.code, row.name) for row in TABLE}
    pairs = table | set(used())
    assert {name for _, name in pairs - table} == {rewrite.replace("_", "-") for rewrite in CODEMODS}
    for counted in (Counter(code for code, _ in pairs), Counter(name for _, name in pairs)):
        assert [value for value, count in counted.items() if count > 1] == []


# ---- what is said -------------------------------------------------------------------------------------------------------------------


def codes(text: str, selection: Selection | None = None) -> list[str]:
    return [one.name for one in check(loads(text), selection)]


def test_a_diagnostic_says_where_what_and_what_to_do() -> None:
    (found,) = [one for one in check(loads(WRONG)) if one.name == "worker-crons"]
    assert str(found) == (
        ".upsun/config.yaml:6:9: error: applications.shop.workers.queue: `crons` is not available in a worker [worker-crons]\n"
        "  help: move it to the application: cron jobs run on its web instance only"
    )


def test_a_project_in_order_has_nothing_to_say() -> None:
    assert check(loads("applications: {shop: {type: 'php:8.4'}}")) == ()


def test_all_mistakes_are_told_at_once_in_the_order_of_the_text() -> None:
    text = "routes: {a: {type: mirror}}\n" + WRONG + "services: {db: {}}\n"
    assert codes(text) == ["route-type", "type-retired", "worker-crons", "type-missing"]


def test_what_was_seen_while_reading_is_part_of_it() -> None:
    assert codes("applications: {shop: {type: 'php:8.4', relationships: {a: 5}, mounts: {t: 'shared:files/t'}}}") == [
        "wrong-type",
        "mount-string",
    ]


def test_a_key_that_a_rule_knows_is_not_called_unknown() -> None:
    assert codes("applications: {shop: {type: 'php:8.4', web: {locations: {/: {rules: {a: {root: b}}}}}}}") == ["location-rule"]


def test_a_mistake_in_an_included_file_is_found_there() -> None:
    files = {
        ".upsun/config.yaml": b"applications: {shop: {type: 'php:8.4', workers: !include {type: yaml, path: workers.yaml}}}\n",
        "workers.yaml": b"queue:\n  commands: {start: './run &'}\n",
    }
    assert [str(one.origin) for one in check(load(files))] == ["workers.yaml:2:14"]


def test_names_may_hold_braces_and_quotes() -> None:
    text = """
applications:
  '{a}"': {type: 'php{0}:8.4', relationships: {'{x}': '{b}:{c}'}, web: {locations: {'{d}': {}}}, crons: {'{e}': {spec: '{f}'}}}
services: {'{b': {type: '{g}@{h}'}}
routes: {'https://{default}/': {type: upstream, upstream: '{b}:http'}}
"""
    assert {"relationship-unknown", "route-upstream", "type-format", "type-unknown", "cron-spec", "location-path"} <= set(codes(text))


def test_dot_keys_are_not_looked_into() -> None:
    assert codes("applications: {shop: {type: 'php:8.4', workers: {.base: {crons: {}}}}}") == ["dot-key-ignored"]


def test_a_merged_project_is_checked() -> None:
    old = loads("applications: {shop: {type: 'python:3.9'}}")
    assert [str(one.origin) for one in check(merge(old, loads("services: {db: {type: 'redis:8.0'}}")))] == [".upsun/config.yaml:1:23"]


# ---- what is wanted -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("select", "ignore", "expected"),
    [
        ((), (), ["type-retired", "worker-crons"]),
        (("WL2",), (), ["worker-crons"]),
        (("WL404",), (), ["type-retired"]),
        (("type-retired", "WL201"), (), ["type-retired", "worker-crons"]),
        ((), ("worker-crons",), ["type-retired"]),
        (("WL",), ("WL4",), ["worker-crons"]),
        (("WL2",), ("WL201",), []),
    ],
)
def test_what_is_selected(select: tuple[str, ...], ignore: tuple[str, ...], expected: list[str]) -> None:
    assert codes(WRONG, Selection(select, ignore)) == expected


def test_pyproject_selects_and_ignores(tmp_path: Path) -> None:
    (tmp_path / ".upsun").mkdir()
    (tmp_path / ".upsun" / "config.yaml").write_text(WRONG)
    assert [one.name for one in check(load(tmp_path))] == ["type-retired", "worker-crons"]
    (tmp_path / "pyproject.toml").write_text('[tool.workerlib]\nignore = ["worker-crons"]\n')
    assert [one.name for one in check(load(tmp_path))] == ["type-retired"]
    assert [one.name for one in check(load(tmp_path), Selection(select=("WL2",)))] == ["worker-crons"]


ALONE = {
    ".platform.app.yaml": "name: shop\ntype: 'php:8.4'\nrelationships: {db: 'db:mysql'}\n",
    ".platform/routes.yaml": "'https://{default}/': {type: upstream, upstream: 'shop:http'}\n",
    ".platform/services.yaml": "db: {type: 'mariadb:11.8', disk: 256}\n",
    ".upsun/shop.yaml": "applications: {s: {type: 'php:8.4', relationships: {db: 'db:x'}, mounts: {m: {source: service, service: f}}}}\n",
    ".upsun/more.yaml": "applications: {a: {type: 'php:8.4'}, b: {type: 'php:8.4', mounts: {m: {source: storage, service: shop}}}}\n",
}


@pytest.mark.parametrize("name", ALONE)
def test_what_one_file_of_several_names_may_stand_in_another(tmp_path: Path, name: str) -> None:
    for path, text in ALONE.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    assert [str(one) for one in check(load(tmp_path / name)) if one.severity is not Severity.INFO] == []


@pytest.mark.parametrize("name", [".upsun/config.yaml", ".upsun/shop.yaml", "any.yaml"])
def test_what_the_only_file_names_has_to_be_there(tmp_path: Path, name: str) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("applications: {shop: {type: 'php:8.4', relationships: {db: {service: db}}}}\n")
    assert [one.name for one in check(load(tmp_path / name))] == ["relationship-unknown"]


def test_codes_of_codemods_and_beginnings_of_codes_may_be_named() -> None:
    assert configured("[tool.workerlib]\nignore = ['WL', 'WL2', 'WL504']\n").ignore == ("WL", "WL2", "WL504")


@pytest.mark.parametrize("text", ["", "tool = 5\n", "[tool]\n", "[tool.other]\nname = 'workerlib'\n", "[tool.workerlib]\n"])
def test_a_pyproject_may_say_nothing(text: str) -> None:
    assert configured(text) == Selection()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x", "pyproject.toml: "),
        ("[tool.workerlib]\nonly = []", "pyproject.toml: tool.workerlib: expected `select` or `ignore`, found `only`"),
        ("[tool.workerlib]\nselect = 'WL2'", "pyproject.toml: tool.workerlib.select: expected a list of codes and names"),
        ("[tool.workerlib]\nselect = [2]", "pyproject.toml: tool.workerlib.select: expected a list of codes and names"),
        (
            "[tool.workerlib]\nignore = ['worker-cron']",
            "pyproject.toml: tool.workerlib.ignore: there is no check `worker-cron`; did you mean `worker-crons`?",
        ),
        (
            "[tool.workerlib]\nignore = ['WL299']",
            "pyproject.toml: tool.workerlib.ignore: there is no check `WL299`; docs/checks.md lists all",
        ),
        ("[tool]\nworkerlib = 5", "pyproject.toml: tool.workerlib: expected a table with `select` and `ignore`"),
    ],
)
def test_a_pyproject_that_cannot_be_understood(text: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        configured(text)
    assert str(caught.value).startswith(message)


# ---- comments -----------------------------------------------------------------------------------------------------------------------


def kept(text: str) -> list[Diagnostic]:
    return [one for one in check(loads(text)) if one.name == "worker-crons"]


@pytest.mark.parametrize(
    "text",
    [
        WRONG.replace("crons: {}", "crons: {}  # workerlib: ignore[WL201]"),
        WRONG.replace("crons: {}", "crons: {}  #workerlib:ignore[ WL404 , worker-crons ] since it is new"),
        WRONG.replace("        crons: {}", "        # workerlib: ignore[WL2]\n        # and more\n\n        crons: {}"),
        WRONG.replace("crons: {}", "crons: {}  # new  # workerlib: ignore[WL201]"),
        WRONG.replace("crons: {}", "crons: {}  # workerlib: ignore[WL201]").replace("\n", "\r\n"),
    ],
    ids=["on the line", "among others", "above", "behind other words", "with CRLF"],
)
def test_a_comment_ignores(text: str) -> None:
    assert kept(text) == []


@pytest.mark.parametrize(
    "text",
    [
        WRONG.replace("crons: {}", "crons: {}  # workerlib: ignore[WL202]"),
        WRONG.replace("crons: {}", "crons: {}  # workerlib: ignore"),
        WRONG.replace("queue:", "queue:  # workerlib: ignore[WL201]"),
        WRONG.replace("        crons: {}", "        crons: {}\n        # workerlib: ignore[WL201]"),
        WRONG.replace("crons: {}", "crons: {a: '# workerlib: ignore[WL201]'}"),
        "# workerlib: ignore[WL201]\n\n" + WRONG,
    ],
    ids=["another code", "no code", "another line", "below", "text", "the first line only"],
)
def test_a_comment_ignores_only_what_it_says_where_it_says(text: str) -> None:
    assert len(kept(text)) == 1


def test_a_comment_in_an_included_file_ignores() -> None:
    files = {
        ".upsun/config.yaml": b"applications: {shop: {type: 'php:8.4', workers: !include workers.yaml}}\n",
        "workers.yaml": b"queue:\n  commands: {start: './run &'}  # workerlib: ignore[worker-background]\n",
    }
    assert check(load(files)) == ()


def test_a_comment_that_ignores_what_there_is_not_is_told() -> None:
    text = WRONG.replace("crons: {}", "crons: {}  # workerlib: ignore[WL201, worker-cron, WL299, WL501, ]")
    found = [(str(one.origin), one.message, one.help) for one in check(loads(text)) if one.name == "unknown-check"]
    assert found == [
        (".upsun/config.yaml:6:47", "there is no check `worker-cron`", "did you mean `worker-crons`?"),
        (".upsun/config.yaml:6:60", "there is no check `WL299`", "docs/checks.md lists all"),
    ]


# ---- the page -----------------------------------------------------------------------------------------------------------------------


def test_the_page_lists_what_the_table_holds() -> None:
    page = (ROOT / "docs" / "checks.md").read_text(encoding="utf-8")
    assert all(f"### {row.code} {row.name}\n" in page for row in TABLE)


def test_what_a_worker_inherits_is_said_once_of_a_project_made_in_python_too() -> None:
    mounts = {"a": Mount(source="tmp"), "a/b": Mount(source="tmp")}
    worker = Worker(name="queue", commands=Commands(start="./queue"))
    project = Project(applications={"shop": Application(name="shop", type="php:8.4", mounts=mounts, workers={"queue": worker})})
    assert [one.message for one in check(project) if one.name == "mount-overlap"] == ["applications.shop: mounts `a` and `a/b` overlap"]


def test_a_file_is_searched_once_for_comments_that_ignore_something(monkeypatch: pytest.MonkeyPatch) -> None:
    searched = Counter[str]()

    class Pattern:
        def search(self, text: str, *_: int) -> None:
            searched[text] += 1

    monkeypatch.setattr(checking, "_COMMENT", Pattern())
    text = "applications:\n" + "".join(f"  a{n}: {{type: 'php:8.4'}}\n" for n in range(5))
    check(loads(text))
    assert searched == {text: 1}
