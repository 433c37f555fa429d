"""``python -m workerlib.migrate``: what it shows, what it exits with, and that it touches nothing that it was not asked to."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from workerlib import __version__
from workerlib.__main__ import main
from workerlib.changes import JOURNAL
from workerlib.layout import FileError
from workerlib.migrate import __main__ as cli
from workerlib.migrate import advice, journal, planning, registry
from workerlib.migrate.diff import unified

SHOP = {
    ".platform.app.yaml": (
        "# The shop\n"
        "name: shop\n"
        "type: php:8.4\n"
        "disk: 2048\n"
        "mounts:\n"
        "    media: {source: local, source_path: media}\n"
        "crons:\n"
        "    clean:\n"
        "        spec: '*/2 * * * *'\n"
        "        cmd: ./clean\n"
        "workers:\n"
        "    queue:\n"
        "        size: S\n"
        "        commands: {start: ./queue}\n"
    ),
    ".platform/routes.yaml": '"https://{default}/": {type: upstream, upstream: "shop:http"}\n',
    ".platform/services.yaml": "front:\n    type: varnish:7.2\n    configuration:\n        vcl: !include {type: string, path: shop.vcl}\n",
    ".platform/shop.vcl": "sub vcl_recv {}\n",
    "README.md": "# Shop\n\nSee .platform/routes.yaml.\n",
}
CURRENT = {".upsun/config.yaml": "applications:\n    shop:\n        type: php:8.4\n"}
BROKEN = {".platform.app.yaml": "name: shop\ntype: php:8.1\ntype: php:8.4\n"}
EMPTY = {"README.md": "nothing\n"}

Make = Callable[..., str]


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "WORKERLIB_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Make a project with these files; its path, as a user would write it."""

    def made(files: Mapping[str, str | bytes], name: str = "project") -> str:
        for path, text in files.items():
            place = tmp_path / name / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(text if isinstance(text, bytes) else text.encode())
        (tmp_path / name).mkdir(exist_ok=True)
        return name

    return made


def contents(root: str) -> dict[str, bytes]:
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in sorted(Path(root).rglob("*")) if p.is_file() and ".git" not in p.parts}


def git(root: str, *arguments: str, given: bytes = b"") -> str:
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "core.autocrlf=false")
    done = subprocess.run(["git", "-C", root, *identity, *arguments], input=given, capture_output=True, check=False)  # noqa: S607
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def run(*arguments: str, **more: Any) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([sys.executable, "-m", "workerlib.migrate", *arguments], capture_output=True, check=False, **more)


# ---- the exit status ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("files", "arguments", "status"),
    [
        (CURRENT, (), 0),
        (CURRENT, ("--check",), 0),
        (CURRENT, ("--write",), 0),
        (CURRENT, ("--recover",), 0),
        (SHOP, (), 0),
        (SHOP, ("--write",), 0),
        (SHOP, ("--check", "--only", "string-mounts"), 0),
        (SHOP, ("--check",), 1),
        (SHOP, ("--check", "--quiet"), 1),
        (SHOP, ("--only", "lfit"), 2),
        (SHOP, ("--force",), 2),
        (SHOP, ("--stage",), 2),
        (BROKEN, (), 3),
        (BROKEN, ("--check",), 3),
        (BROKEN, ("--write",), 3),
        (EMPTY, (), 3),
        (EMPTY, ("--check",), 3),
        ({**SHOP, **CURRENT}, (), 3),
        ({**SHOP, **CURRENT}, ("--overwrite",), 0),
    ],
)
def test_the_exit_status(files: dict[str, str], arguments: tuple[str, ...], status: int, make: Make) -> None:
    assert cli.main([make(files), *arguments]) == status


@pytest.mark.parametrize(
    ("projects", "status"),
    [
        ((CURRENT, SHOP), 1),
        ((SHOP, CURRENT), 1),
        ((BROKEN, SHOP), 3),
        ((SHOP, EMPTY), 3),
        ((BROKEN, None, SHOP), 2),
        ((None, BROKEN), 2),
    ],
)
def test_of_several_projects_the_worst_counts(projects: tuple[dict[str, str] | None, ...], status: int, make: Make) -> None:
    paths = [make(files, f"p{number}") if files is not None else "missing" for number, files in enumerate(projects)]
    assert cli.main(["--check", *paths]) == status


@pytest.mark.parametrize("arguments", [["--bogus"], ["--write", "--check"], ["--mounts", "floppy"], ["--format", "xml"]])
def test_wrong_options_end_in_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    assert ended.value.code == 2


def test_options_may_stand_between_paths(make: Make) -> None:
    assert cli.main([make(CURRENT, "a"), "--check", make(SHOP, "b")]) == 1


# ---- what is written ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [(), ("--check",), ("--quiet",), ("--format", "json"), ("--check", "--format", "sarif")])
def test_a_preview_writes_nothing(arguments: tuple[str, ...], make: Make) -> None:
    path = make(SHOP)
    before = contents(path)
    cli.main([path, *arguments])
    assert contents(path) == before


@pytest.mark.parametrize("files", [BROKEN, EMPTY, {**SHOP, **CURRENT}, {**SHOP, "api/.platform.app.yaml": "name: shop\n"}])
def test_a_refused_project_stays_as_it_is(files: dict[str, str], make: Make) -> None:
    path = make(files)
    before = contents(path)
    assert cli.main(["--write", path]) == 3
    assert contents(path) == before


def test_a_second_run_does_nothing(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    path = make(SHOP)
    assert cli.main(["--write", path]) == 0
    after = contents(path)
    assert sorted(after) == [".upsun/config.yaml", ".upsun/shop.vcl", "README.md"]
    capsys.readouterr()
    assert cli.main(["--write", path]) == 0
    assert contents(path) == after
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("project: nothing to do, the configuration is that of Upsun Flex already\n")
    assert cli.main(["--check", path]) == 0


def test_the_other_projects_are_migrated_when_one_is_refused(make: Make) -> None:
    broken, shop = make(BROKEN, "broken"), make(SHOP, "shop")
    assert cli.main(["--write", broken, shop]) == 3
    assert ".upsun/config.yaml" in contents(shop)


def test_the_old_files_stay_where_that_is_asked_for(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    path = make(SHOP)
    assert cli.main(["--write", "--keep-old", path]) == 0
    assert set(contents(path)) == {*SHOP, ".upsun/config.yaml", ".upsun/shop.vcl"}
    assert (
        "Delete the old files before you push: both layouts together stop a deployment\n     - .platform.app.yaml"
        in capsys.readouterr().err
    )


def test_an_old_layout_that_stays_is_not_to_be_deleted(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--only", "resource-keys", make(SHOP)]) == 0
    assert "Delete the old files" not in capsys.readouterr().err


def test_files_that_git_does_not_have_are_refused_unless_forced(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    path = make(SHOP)
    git(path, "init", "--quiet")
    before = contents(path)
    assert cli.main(["--write", path]) == 3
    assert "not committed" in capsys.readouterr().err
    assert contents(path) == before
    assert cli.main(["--write", "--force", path]) == 0
    assert ".upsun/config.yaml" in contents(path)


def test_the_result_is_staged_where_that_is_asked_for(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    path = make(SHOP)
    git(path, "init", "--quiet")
    git(path, "add", "--all")
    git(path, "commit", "--quiet", "-m", "x")
    assert cli.main(["--write", "--stage", path]) == 0
    assert "A  .upsun/config.yaml" in git(path, "status", "--short", "--no-renames")
    err = capsys.readouterr().err
    assert 'git -C project commit -m "Move to the configuration of Upsun Flex"' in err
    assert "git -C project add" not in err


# ---- the diff -----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "files",
    [
        SHOP,
        {path: text.replace("\n", "\r\n") for path, text in SHOP.items()},
        {**SHOP, ".platform.app.yaml": SHOP[".platform.app.yaml"].rstrip("\n")},
        {**SHOP, ".platform/routes.yaml": ""},
        {**SHOP, ".platform/shop.vcl": b"\xff\x00 no text\n"},
        {**SHOP, "my app/.platform.app.yaml": "name: my\ntype: php:8.4\n"},
        {**SHOP, 'grün "quoted"/.platform.app.yaml': "name: gruen\ntype: php:8.4\n"},
        {".upsun/config.yaml": "applications:\n  shop:\n    type: php:8.4\n    crons:\n      a: {spec: '0 * * * *', cmd: ./a}\n"},
    ],
    ids=["shop", "CRLF", "no-final-newline", "empty-file", "binary", "space", "quoted", "current"],
)
def test_git_applies_the_diff_and_has_what_a_write_has(files: Mapping[str, str | bytes], make: Make, capfdbinary: Any) -> None:
    shown, written = make(files, "shown"), make(files, "written")
    assert cli.main([shown]) == 0
    patch = capfdbinary.readouterr().out
    git(shown, "init", "--quiet")
    git(shown, "apply", "-", given=patch)
    assert cli.main(["--write", written]) == 0
    assert contents(shown) == contents(written)


def test_a_moved_file_is_a_rename(make: Make) -> None:
    plan = planning.plan(make(SHOP))
    assert (
        "diff --git a/.platform/shop.vcl b/.upsun/shop.vcl\n"
        "similarity index 100%\n"
        "rename from .platform/shop.vcl\n"
        "rename to .upsun/shop.vcl\n"
    ) in plan.diff()


def test_only_a_line_feed_ends_a_line_of_the_diff(make: Make) -> None:
    plan = planning.plan(make({".platform.app.yaml": "name: a\ntype: php:8.4\r\nhooks: {build: 'a\u2003b'}\rcrons: {}\n"}))
    assert "No newline" not in unified(plan.changes, plan.moves)


def test_notes_stand_apart_where_there_is_nothing_to_do(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    cli.main([make({".upsun/config.yaml": CURRENT[".upsun/config.yaml"] + "        relationships: {db: 'db:mysql'}\n"})])
    assert "already\n\ninfo[WL553 relationship-string]: 1 place\n" in capsys.readouterr().err


def test_nothing_to_do_has_an_empty_diff(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    cli.main([make(CURRENT)])
    assert capsys.readouterr().out == ""


class Terminal:
    """What stands for a terminal of some width."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.monkeypatch = monkeypatch

    def of(self, columns: int) -> None:
        self.monkeypatch.setenv("COLUMNS", str(columns))
        self.monkeypatch.setenv("NO_COLOR", "1")
        self.monkeypatch.setattr(sys.stdout, "isatty", lambda: True)


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    return Terminal(monkeypatch)


def test_a_terminal_shows_what_changes_in_the_text_and_what_for(make: Make, capsys: pytest.CaptureFixture[str], terminal: Terminal) -> None:
    terminal.of(80)
    cli.main([make(SHOP)])
    out = capsys.readouterr().out
    assert ".platform.app.yaml:1 > .upsun/config.yaml:1  lift, resource-keys, local-mounts,\n        cron-commands\n" in out
    assert "    2 - name: shop\n    3 +     shop:\n    4           type: php:8.4\n    4 - disk: 2048\n" in out
    assert "# The shop" in out
    assert "diff --git" not in out


def test_people_are_told_before_they_write_what_git_could_not_bring_back(
    make: Make, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make(SHOP)
    git(path, "init", "--quiet")
    git(path, "add", "--all")
    git(path, "commit", "--quiet", "-m", "x")
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    said = "--write\n     - git could not bring back .platform.app.yaml (not committed as it is): commit or stash, or write all the same"
    cli.main([path])
    assert said not in capsys.readouterr().err
    (Path(path) / ".platform.app.yaml").write_text(SHOP[".platform.app.yaml"] + "# new\n")
    cli.main([path])
    assert said in capsys.readouterr().err


def test_a_part_of_the_diff_is_of_one_file(make: Make, capsys: pytest.CaptureFixture[str], terminal: Terminal) -> None:
    terminal.of(80)
    apps = {f"{name}/.platform.app.yaml": f"name: {name}\ntype: php:8.4\n" for name in ("a", "b")}
    cli.main([make(apps | {".platform/routes.yaml": "# all\n'https://{default}/': {type: upstream, upstream: 'a:http'}\n"})])
    out = capsys.readouterr().out
    heads = [line for line in out.splitlines() if " > " in line]
    assert heads == [
        "a/.platform.app.yaml:1 > .upsun/config.yaml:1  lift",
        "b/.platform.app.yaml:1 > .upsun/config.yaml:6  lift",
        ".platform/routes.yaml:1 > .upsun/config.yaml:11  lift",
    ]
    assert out.count("- name: ") == 2


def test_on_a_narrow_terminal_changed_lines_go_on_below_their_text(
    make: Make, capsys: pytest.CaptureFixture[str], terminal: Terminal
) -> None:
    terminal.of(40)
    name = "a_name_that_is_longer_than_the_terminal"
    cli.main(
        [make({".platform.app.yaml": f"name: shop\ntype: 'php:8.4'\ncrons:\n  x:\n    spec: '0 1 * * *'\n    cmd: {name}\n"}), "--quiet"]
    )
    assert "    6 -     cmd: a_name_that_is_longer_t\n        han_the_terminal\n" in capsys.readouterr().out


def test_a_terminal_compares_files_that_stay_with_themselves(make: Make, capsys: pytest.CaptureFixture[str], terminal: Terminal) -> None:
    terminal.of(80)
    cli.main([make({**SHOP, "api/.platform.app.yaml": "name: api\ntype: php:8.4\ndisk: 1\n"}), "--only", "resource-keys"])
    out = capsys.readouterr().out
    assert [line for line in out.splitlines() if line[6:7] in ("-", "+")] == [
        "    4 - disk: 2048",
        "   13 -         size: S",
        "    3 - disk: 1",
    ]


def test_a_wide_terminal_shows_old_and_new_side_by_side(make: Make, capsys: pytest.CaptureFixture[str], terminal: Terminal) -> None:
    terminal.of(160)
    cli.main([make(SHOP)])
    lines = capsys.readouterr().out.splitlines()
    found = next(line for line in lines if "cmd: ./clean" in line)
    assert found.index("|") == 79
    assert found.split("|")[0].strip() == "10 -         cmd: ./clean"
    assert found.split("|")[1].strip() == "10 +                 commands:"


def test_a_terminal_does_not_obey_the_text_of_a_project(make: Make, capsys: pytest.CaptureFixture[str], terminal: Terminal) -> None:
    terminal.of(80)
    cli.main([make({".platform.app.yaml": "name: a\ntype: php:8.4\nhooks: {build: 'a\u202eb'}\ndisk: 1 # \u202ex\n"})])
    out, err = capsys.readouterr()
    assert "\u202e" not in out + err
    assert "\\u202ex" in out


# ---- the report ---------------------------------------------------------------------------------------------------------------------


def test_the_report_says_what_changes_and_what_to_do(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    path = make(SHOP)
    assert cli.main([path]) == 0
    err = capsys.readouterr().err
    assert err.startswith("project: would change; nothing is written yet\n")
    for part in (
        "1 application   shop with 1 worker queue\n",
        "1 service       front\n",
        "moved files     .platform/shop.vcl > .upsun/shop.vcl\n",
        "proved          1 application and 1 worker configured as before",
        "nothing to do: ",
        "     - shop: cron `clean` runs at `*/2 * * * *`\n",
        "     - README.md:3\n",
        "       python -m workerlib.migrate project --write\n",
        "       platform mount:download --app shop --all --target mounts/shop\n",
        "       upsun mount:upload --app shop --mount media --source mounts/shop/media\n",
        "       upsun resources:set --size shop--queue:0.5 --disk shop:2048\n",
    ):
        assert part in err
    assert err.count("Only Upsun Flex reads .upsun/") == 1


def test_once_written_the_report_says_what_it_did(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    path = make(SHOP)
    cli.main([path])
    err = capsys.readouterr().err
    assert "\nWhat it does\n" in err
    assert "\nWhat to know, by the lines of the new files\n\ninfo[" in err
    cli.main([path, "--write"])
    err = capsys.readouterr().err
    assert err.startswith("project: migrated\n")
    assert "\nWhat it did\n" in err
    assert "\nWhat to know\n\ninfo[" in err
    assert "Write the changes" not in err


def test_the_command_to_write_keeps_the_options(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    cli.main([make(SHOP, "my shop"), "--mounts", "storage", "--split"])
    assert "       python -m workerlib.migrate --mounts storage --split 'my shop' --write\n" in capsys.readouterr().err


def test_quiet_leaves_the_diff_and_the_errors(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--quiet", make(SHOP, "a"), make(BROKEN, "b")]) == 3
    out, err = capsys.readouterr()
    assert out.startswith("diff --git ")
    assert err.startswith("b: refused, and left as it is\n")


def test_quiet_says_nothing_of_what_is_written(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--quiet", "--write", make(SHOP)]) == 0
    assert capsys.readouterr() == ("", "")


def test_several_projects_are_counted(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    cli.main(["--check", make(SHOP, "a"), make(BROKEN, "b"), make(EMPTY, "c"), make(CURRENT, "d")])
    assert capsys.readouterr().err.endswith("4 projects: 1 would change, 1 refused, 1 without configuration, 1 unchanged\n")


def test_a_project_that_was_in_the_current_layout_needs_no_new_project(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    cli.main([make({".upsun/config.yaml": "applications:\n  shop:\n    type: php:8.4\n    disk: 512\n    mounts: {a: {source: local}}\n"})])
    err = capsys.readouterr().err
    assert "upsun resources:set --disk shop:512\n" in err
    assert "mount:upload" not in err
    assert "project:create" not in err
    assert "Only Upsun Flex" not in err


def test_names_are_quoted_for_the_shell(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    cli.main([make({".platform.app.yaml": "name: '$(rm x)'\ntype: php:8.4\nmounts: {'a;b': {source: local}}\n"})])
    assert "upsun mount:upload --app '$(rm x)' --mount 'a;b' --source 'mounts/$(rm x)/a;b'\n" in capsys.readouterr().err


def test_what_stays_in_an_old_folder_is_named(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    cli.main([make({**SHOP, ".platform/notes.txt": "x", ".platform/local/state.yaml": "x"})])
    err = capsys.readouterr().err
    assert "nothing in the configuration refers to it\n     - .platform/notes.txt\n" in err
    assert "state.yaml" not in err


def test_crons_that_run_too_often_for_upsun_flex_are_named(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    specs = {"a": "*/2 * * * *", "b": "0-4 * * * *", "c": "H/5 * * * *", "d": "@daily", "e": "0 * * * *"}
    crons = "".join(f"  {name}: {{spec: '{spec}', commands: {{start: x}}}}\n" for name, spec in specs.items())
    cli.main([make({".platform.app.yaml": f"name: app\ntype: php:8.4\ncrons:\n{crons}"})])
    err = capsys.readouterr().err
    assert [line.strip() for line in err.splitlines() if "runs at" in line] == [
        "- app: cron `a` runs at `*/2 * * * *`",
        "- app: cron `b` runs at `0-4 * * * *`",
    ]


def test_a_worker_that_has_its_mounts_from_its_application_is_named_once(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    mounts = "mounts: {a: {source: local}, b: {source: storage}, c: {source: tmp}}\n"
    workers = "workers: {one: {commands: {start: x}}, two: {mounts: {d: {source: storage}}, commands: {start: x}}}\n"
    cli.main([make({".platform.app.yaml": f"name: app\ntype: php:8.4\n{mounts}{workers}"})])
    err = capsys.readouterr().err
    lines = [line.strip() for line in err.splitlines()]
    assert [line.partition(" --source")[0] for line in lines if line.startswith("upsun mount:upload")] == [
        "upsun mount:upload --app app --mount a",
        "upsun mount:upload --app app --mount b",
        "upsun mount:upload --app app --worker two --mount d",
    ]
    assert "for those, add `--worker one`" in " ".join(err.split())


# ---- other files that name the old ones ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "cp .platform.app.yaml x",
        "- .platform/**",
        "path: './.platform/routes.yaml'",
        "COPY .platform /app",
        "see `.platform`",
        "$ROOT/.platform/",
    ],
)
def test_a_file_that_names_the_old_ones_is_found(text: str, make: Make) -> None:
    plan = planning.plan(make({**SHOP, "README.md": "", ".github/workflows/ci.yml": f"a\n{text}\n"}))
    assert advice.mentions(plan) == [(".github/workflows/ci.yml", 2)]


@pytest.mark.parametrize(
    "text",
    ["docs.platform.sh", "config.platform/", "os().platform == 1", ".platformsh/", ".platform-x/", "import platform", "x\0.platform/"],
)
def test_a_file_that_names_something_else_is_not(text: str, make: Make) -> None:
    plan = planning.plan(make({**SHOP, "README.md": text, "node_modules/a.js": ".platform/", "large.txt": ".platform/" * 50_000}))
    assert advice.mentions(plan) == []


def test_the_new_configuration_is_looked_at_too(make: Make) -> None:
    plan = planning.plan(make({".platform.app.yaml": "name: a\ntype: php:8.4\nhooks: {build: cp .platform/x y}\n"}))
    assert advice.mentions(plan) == [(".upsun/config.yaml", 4)]


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
def test_links_out_of_the_project_are_not_followed(make: Make, tmp_path: Path) -> None:
    path = make({**SHOP, "README.md": ""})
    (tmp_path / "secret").write_text(".platform/")
    (Path(path) / "link").symlink_to(tmp_path / "secret")
    os.mkfifo(Path(path) / "pipe")
    assert advice.mentions(planning.plan(path)) == []


# ---- usual mistakes -----------------------------------------------------------------------------------------------------------------


def test_a_folder_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["missing"]) == 2
    assert capsys.readouterr().err == "error: missing: expected the folder of a project, found nothing there\n"


def test_a_file_instead_of_a_folder(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    path = make(SHOP)
    for file in (".platform.app.yaml", ".platform/services.yaml"):
        assert cli.main([f"{path}/{file}"]) == 2
        assert capsys.readouterr().err.endswith("found a file; name the project's folder: project\n")


def test_the_folder_above_the_project(make: Make, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    make({".platform/services.yaml": "", "README.md": ""}, "repos/shop")
    assert cli.main(["repos"]) == 3
    assert "perhaps you meant `python -m workerlib.migrate repos/shop`" in capsys.readouterr().err


def test_a_folder_whose_configuration_has_another_extension(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    path = make({".platform/services.yml": "db: {type: mariadb:11.4}\n"})
    assert cli.main([path]) == 3
    assert "help: rename `.platform/services.yml` to `.platform/services.yaml`" in capsys.readouterr().err


def test_an_old_file_of_another_extension_is_no_file_to_include(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    path = make({**SHOP, ".platform/routes.yml": "{}\n"})
    assert cli.main([path]) == 0
    err = capsys.readouterr().err
    assert "`.platform/routes.yml` is not read, since its name does not end in `.yaml`" in " ".join(err.split())
    assert "help: rename it to `.platform/routes.yaml` and run this again, or delete it" in err


def test_an_old_file_whose_name_is_nearly_right_is_to_be_renamed(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    path = make({".platform.app.yaml": "name: shop\ntype: php:8.4\n", ".platform/service.yaml": "{}\n", ".platform/app.yaml": "{}\n"})
    assert cli.main([path]) == 0
    err = " ".join(capsys.readouterr().err.split())
    assert "`.platform/service.yaml` is not read, but `.platform/services.yaml` would be" in err
    assert "help: rename it to `.platform/services.yaml` and run this again, or delete it" in err
    assert "`.platform/app.yaml` is named nowhere in the configuration and stays where it is" in err  # the right one is there


def test_layouts_that_move_together_are_told_apart(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    path = make({".magento.app.yaml": "name: shop\ntype: php:8.4\n", "node/.platform.app.yaml": "name: node\ntype: nodejs:24\n"})
    assert cli.main([path]) == 0
    err = " ".join(capsys.readouterr().err.split())
    assert "layout from Upsun Fixed, formerly Platform.sh, and Adobe Commerce Cloud, to Upsun Flex" in err


def test_comments_that_leave_with_what_they_are_about_are_counted(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    text = "# The shop\nname: shop  # ours\ntype: php:8.4\nsize: S  # small\nresources:\n  # why\n  base_memory: 64\n"
    assert cli.main([make({".platform.app.yaml": text})]) == 0
    assert "no comment lost, but for 2 in what was removed;" in " ".join(capsys.readouterr().err.split())


def test_what_is_removed_is_told_though_nothing_can_be_set_for_it(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    text = "name: shop\ntype: php:8.4\ndisk: !include disk.yaml\nworkers: {q: {size: big, commands: {start: ./q}}}\n"
    assert cli.main([make({".platform.app.yaml": text})]) == 0
    said = " ".join(capsys.readouterr().err.split())
    assert "Set CPU, memory and disk, which the files no longer say" in said
    assert "- applications.shop.disk: expected a whole number of MB, found `!include disk.yaml`; it is ignored" in said
    assert "- applications.shop.workers.q.size: expected AUTO, S, M, L, XL, 2XL or 4XL, found `big`; it is ignored" in said
    assert "upsun resources:set" not in said


def test_nothing_is_to_be_set_where_the_files_said_nothing(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([make({".platform.app.yaml": "name: shop\ntype: php:8.4\nsize: AUTO\n"})]) == 0
    assert "Set CPU, memory and disk" not in capsys.readouterr().err


def test_a_folder_inside_the_project(
    make: Make, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make({**SHOP, "public/index.php": ""})
    monkeypatch.chdir(tmp_path / "project" / "public")
    assert cli.main([]) == 3
    err = capsys.readouterr().err
    assert err.startswith("public: no configuration here\n")
    assert "perhaps you meant `python -m workerlib.migrate ..`" in err


def test_an_application_at_the_top_of_a_file_is_shown_there(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    path = make({".upsun/config.yaml": "# the shop\ntype: php:8.4\nservices: {}\n"})
    for words in (["migrate", path], ["check", path], ["explain", "shop", path]):
        assert main(words) == 3
        captured = capsys.readouterr()
        said = " ".join((captured.out + captured.err).split())
        assert f"--> {path}/.upsun/config.yaml:2:1 | 2 | type: php:8.4" in said
        assert "help: write it in an application, below its name" in said


def test_the_folder_of_one_of_several_applications(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    path = make({**SHOP, "api/.platform.app.yaml": "name: api\ntype: php:8.4\n"})
    assert cli.main([f"{path}/api"]) == 0
    assert "warning: this seems to be a part of the project `project`" in capsys.readouterr().err


def test_a_folder_of_several_projects(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    make(SHOP, "repos/shop")
    assert cli.main(["repos"]) == 0
    assert "warning: `repos/shop` has a folder of configuration of its own" in capsys.readouterr().err


def test_a_refusal_shows_the_place(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    cli.main([make(BROKEN)])
    assert capsys.readouterr().err == (
        "project: refused, and left as it is\n\n"
        "error[WL104 duplicate-key]: key `type` stands twice in one mapping, first at .platform.app.yaml:2:1\n"
        " --> project/.platform.app.yaml:3:1\n"
        "  |\n"
        "3 | type: php:8.4\n"
        "  | ^^^^\n"
        "  = help: delete or rename one of them\n\n"
    )


# ---- codemods -----------------------------------------------------------------------------------------------------------------------


def test_the_list_names_every_codemod(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--list"]) == 0
    out = capsys.readouterr().out
    assert [line.split()[0] for line in out.splitlines() if not line.startswith(" ")] == ["lift", *registry.names()[1:]]


@pytest.mark.parametrize("name", ["lift", *(rewrite.name for rewrite in registry.codemods())])
def test_every_codemod_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--explain", name]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"{name} (")
    assert ("Before:\n" in out) == (name != "lift")


def test_a_codemod_that_does_not_exist_is_guessed(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--explain", "cron-command"]) == 2
    assert capsys.readouterr().err == "error: there is no codemod `cron-command`; did you mean `cron-commands`?\n"
    assert cli.main(["--explain", ""]) == 2
    assert capsys.readouterr().err == "error: there is no codemod ``; see --list\n"


def test_what_is_left_out_is_said(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    cli.main(["--skip", "cron-commands", make(SHOP)])
    assert "  left out: cron-commands\n" in capsys.readouterr().err


# ---- for programs -------------------------------------------------------------------------------------------------------------------


def test_json_tells_all(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--format", "json", make(SHOP, "a"), make(BROKEN, "b")]) == 3
    out, err = capsys.readouterr()
    assert err == ""
    first, second = json.loads(out)["projects"]
    assert (first["path"], first["outcome"], first["applications"]) == ("a", "would change", {"shop": ["queue"]})
    assert {"path": ".upsun/config.yaml", "kind": "create"} in first["changes"]
    assert ("changed", "cron-commands") in [(one["outcome"], one["codemod"]) for one in first["codemods"]]
    assert first["resources"]["command"] == "upsun resources:set --size shop--queue:0.5 --disk shop:2048"
    assert first["next"][0] == {
        "title": "Write the changes",
        "commands": ["python -m workerlib.migrate --format json a --write"],
        "notes": [],
    }
    assert first["diff"].startswith("diff --git ")
    assert (second["outcome"], second["diagnostics"][0]["file"], second["diagnostics"][0]["line"]) == ("refused", "b/.platform.app.yaml", 3)


def test_sarif_tells_code_review_what_is_not_migrated(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--check", "--format", "sarif", make(SHOP)]) == 1
    results = json.loads(capsys.readouterr().out)["runs"][0]["results"]
    places = [r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for r in results if r["ruleId"] == "WL500"]
    assert "project/.platform.app.yaml" in places


def test_github_shows_a_refusal_beside_the_line(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--check", "--format", "github", make(BROKEN)]) == 3
    assert capsys.readouterr().out.startswith("::error file=project/.platform.app.yaml,line=3,col=1,title=WL104 duplicate-key::key `type`")


# ---- what goes wrong ----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Callable[[BaseException], None]:
    def fail_with(error: BaseException) -> None:
        def fail(*arguments: object, **more: object) -> None:
            raise error

        monkeypatch.setattr(cli, "plan", fail)

    return fail_with


@pytest.mark.parametrize("error", [KeyError("x"), RecursionError("deep"), MemoryError()])
def test_a_mistake_of_ours_is_no_traceback(
    error: Exception, failing: Callable[[BaseException], None], make: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    failing(error)
    assert cli.main([make(SHOP)]) == 3
    err = capsys.readouterr().err
    assert f"error[WL199 internal-error]: {type(error).__name__}: " in err
    assert "please report it" in err


def test_a_mistake_of_ours_can_be_looked_into(
    failing: Callable[[BaseException], None], make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(KeyError("x"))
    monkeypatch.setenv("WORKERLIB_DEBUG", "1")
    with pytest.raises(KeyError):
        cli.main([make(SHOP)])


def test_a_file_that_cannot_be_read_is_a_refusal(
    failing: Callable[[BaseException], None], make: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    failing(FileError("a.yaml: expected a file that can be read, found: Permission denied"))
    assert cli.main([make(SHOP)]) == 3
    assert "a.yaml: expected a file that can be read" in capsys.readouterr().err


def test_an_interrupt_is_said(failing: Callable[[BaseException], None], make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    failing(KeyboardInterrupt())
    assert cli.main([make(SHOP)]) == 130
    assert capsys.readouterr().err == "interrupted: every project is either migrated or as it was\n"


def test_the_package_of_codemods_is_missing(monkeypatch: pytest.MonkeyPatch, make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(registry, "PACKAGE", "no_such_package")
    registry.codemods.cache_clear()
    assert cli.main([make(SHOP)]) == 3
    assert capsys.readouterr().err.startswith("error: the package `no_such_package` is missing")


def test_an_interrupted_write_is_not_previewed(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    path = make({**SHOP, f"{JOURNAL}/old/x": "x"})
    assert cli.main([path]) == 3
    assert "run again with --recover" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [("--recover",), ("--write",)])
def test_an_interrupted_write_is_finished(arguments: tuple[str, ...], make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make(SHOP)

    class Killed(BaseException):
        pass

    def die(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(journal.Journal, "_end", die)
        patch.setattr(journal.Journal, "undo", die)
        with pytest.raises(Killed):
            cli.main(["--write", path])
    assert (Path(path) / JOURNAL).exists()
    assert cli.main([*arguments, path]) == 0
    assert sorted(contents(path)) == [".upsun/config.yaml", ".upsun/shop.vcl", "README.md"]


# ---- as a process -------------------------------------------------------------------------------------------------------------------


def test_the_version() -> None:
    done = run("--version")
    assert (done.returncode, done.stdout.decode().strip()) == (0, __version__)


def test_the_help_has_examples_and_exit_statuses() -> None:
    out = run("--help").stdout.decode()
    assert "examples:\n" in out
    assert "  3  a project was refused" in out


def test_the_status_of_the_process_and_its_streams(make: Make) -> None:
    done = run("--check", make(SHOP, "a"), make(BROKEN, "b"))
    assert (done.returncode, done.stdout) == (3, b"")
    assert b"Traceback" not in done.stderr


def test_who_stops_reading_the_diff_still_gets_the_status(make: Make) -> None:
    path = make({**SHOP, ".platform/shop.vcl": "# x\n" * 100_000, ".platform.app.yaml": SHOP[".platform.app.yaml"] + "# x\n" * 100_000})
    command = [sys.executable, "-m", "workerlib.migrate", path]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.close()
    _, err = process.communicate()
    assert process.returncode == 0
    assert b"What to do next" in err
    assert b"Traceback" not in err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
def test_a_full_disk_under_the_diff_is_said(make: Make) -> None:
    with Path("/dev/full").open("wb") as full:
        command = [sys.executable, "-m", "workerlib.migrate", make(SHOP)]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 3
    assert b"No space left" in done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="a way of shells")
def test_streams_that_are_closed_from_the_start(make: Make) -> None:
    command = f"'{sys.executable}' -m workerlib.migrate --check {make(SHOP)} >&- 2>&-"
    assert subprocess.run(command, shell=True, check=False).returncode == 1  # noqa: S602


def test_a_pipe_costs_no_import_of_what_it_does_not_need(make: Make) -> None:
    code = (
        "import sys; from workerlib.migrate.__main__ import main; status = main(sys.argv[1:]); "
        "print([m for m in ('rich', 'libcst', 'subprocess', 'workerlib.migrate.write', 'json') if m in sys.modules], status)"
    )
    done = subprocess.run([sys.executable, "-c", code, "--check", make(SHOP)], capture_output=True, check=False)
    assert done.stdout.decode().strip() == "[] 1"


def test_the_command_to_paste_keeps_the_values_of_options_that_read_like_a_path(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    make(SHOP, "shop")
    cli.main(["--python", "--app", "shop", "--stack", "shop", "shop"])
    assert "python -m workerlib.migrate --python --app shop --stack shop shop --write" in capsys.readouterr().err
