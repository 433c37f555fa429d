"""The command line: what it shows, in which form, with which status, and never a traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from workerlib.__main__ import EXAMPLES, main, parser
from workerlib.invoked import command
from workerlib.layout import CONFIG
from workerlib.revisions import RevisionFiles

TEXT = """\
applications:
  shop:
    type: 'php:8.4'
    variables: {env: {MODE: base}}
    mounts: {uploads: {source: storage}}
    web: {commands: {start: ./web}}
    workers:
      queue: &w
        commands: {start: ./q}
        variables: {env: {MODE: own}}  # its own
      mail: {<<: *w, timezone: UTC}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write(tmp_path, TEXT)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    return tmp_path


def write(folder: Path, text: str) -> None:
    (folder / ".upsun").mkdir(exist_ok=True)
    (folder / CONFIG).write_text(text)


def git(*arguments: str) -> None:
    subprocess.run(("git", "-c", "user.name=n", "-c", "user.email=e", *arguments), check=True, capture_output=True)  # noqa: S607


@pytest.fixture
def repository(folder: Path) -> Path:
    git("init", "-q")
    git("add", ".")
    git("commit", "-q", "-m", "first")
    return folder


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = main(arguments)
    captured = capsys.readouterr()
    return status, captured.out, captured.err


# ---- check --------------------------------------------------------------------------------------------------------------------------


def test_check_is_content_with_what_is_right(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(folder, TEXT.replace("      mail: {<<: *w, timezone: UTC}\n", ""))
    status, _out, _err = run(capsys, "check")
    assert status == 0


@pytest.mark.parametrize("form", ["text", "json", "sarif", "github"])
def test_check_finds_errors_in_every_form(folder: Path, capsys: pytest.CaptureFixture[str], form: str) -> None:
    write(folder, "applications: {shop: {type: 'php:8.4', mounts: [a]}}\n")
    status, out, _err = run(capsys, "check", "--format", form)
    assert status == 1
    assert "wrong-type" in out
    if form in ("json", "sarif"):
        assert json.loads(out)


def test_check_leads_to_files_from_where_the_user_is(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "a").mkdir()
    write(folder / "a", "applications: {shop: {type: 'php:8.4', mounts: [a]}}\n")
    _status, out, _err = run(capsys, "check", "a")
    assert f"--> a/{CONFIG}:1:" in out
    assert "^" in out


def test_check_goes_on_after_what_cannot_be_read(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "a").mkdir()
    write(folder / "a", "a: [\n")
    status, out, _err = run(capsys, "check", "a", ".")
    assert status == 3
    assert "not-yaml" in out


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes there")
def test_check_goes_on_after_a_folder_that_is_not_there_and_a_file_that_is_none(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "pipe/.upsun").mkdir(parents=True)
    os.mkfifo(folder / "pipe" / CONFIG)
    write(folder, "applications: {shop: {type: 'php:8.4', mounts: [a]}}\n")
    status, out, err = run(capsys, "check", "pipe", ".")
    assert status == 3
    assert "error[WL130 wrong-type]" in out
    assert err == "error: pipe/.upsun/config.yaml: expected a file that can be read, found: no regular file\n2 errors\n"
    status, out, err = run(capsys, "check", "nowhere", "pipe", ".", "--format", "json")
    assert status == 2
    assert [(one["code"], one["message"]) for one in json.loads(out)] == [
        ("WL198", "nowhere: expected the folder of a project, found nothing there"),
        ("WL193", "pipe/.upsun/config.yaml: expected a file that can be read, found: no regular file"),
        ("WL130", "applications.shop.mounts: expected a mapping, found a list"),
    ]
    assert err == ""


def test_one_file_is_checked_and_named_as_it_is_reached(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "api").mkdir()
    (folder / "api" / ".platform.app.yaml").write_text("name: api\ntype: 'php:99'\n")
    _status, out, _err = run(capsys, "check", "api/.platform.app.yaml", "--format", "json")
    assert [(one["name"], one["file"], one["line"]) for one in json.loads(out)] == [("type-unknown", "api/.platform.app.yaml", 2)]
    _status, out, _err = run(capsys, "check", "api/.platform.app.yaml")
    assert "2 | type: 'php:99'\n" in out


def test_a_file_of_no_layout_is_named_as_it_is_given(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "drafts").mkdir()
    (folder / "drafts/new.yaml").write_text("applications: {shop: {type: 'php:99'}}\n")
    (folder / "drafts/no.yaml").write_text("a: [\n")
    status, out, _err = run(capsys, "check", "drafts/new.yaml", "drafts/no.yaml", "--format", "json")
    assert status == 3
    assert [(one["name"], one["file"], one["line"]) for one in json.loads(out)] == [
        ("type-unknown", "drafts/new.yaml", 1),
        ("not-yaml", "drafts/no.yaml", 2),
    ]
    _status, out, _err = run(capsys, "check", "drafts/new.yaml")
    assert "--> drafts/new.yaml:1:23\n" in out
    assert "1 | applications: {shop: {type: 'php:99'}}\n" in out


@pytest.mark.parametrize("option", ["--select", "--ignore"])
def test_a_check_that_there_is_not_cannot_be_chosen(folder: Path, capsys: pytest.CaptureFixture[str], option: str) -> None:
    status, out, err = run(capsys, "check", option, "worker-cron")
    assert (status, out) == (2, "")
    assert err == f"error: {option}: there is no check `worker-cron`; did you mean `worker-crons`?\n"


# ---- resolve and explain ------------------------------------------------------------------------------------------------------------


def test_resolve_shows_every_instance(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _err = run(capsys, "resolve")
    assert status == 0
    assert [line for line in out.splitlines() if line and not line.startswith(" ")] == ["shop", "shop--queue", "shop--mail"]
    assert "  variables          own        `{env: {MODE: own}}`\n" in out


def test_resolve_of_one_instance_as_data(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _err = run(capsys, "resolve", "--instance", "shop--queue", "--format", "json", str(folder))
    data = json.loads(out)
    assert status == 0
    assert list(data) == ["shop--queue"]
    assert data["shop--queue"]["commands"] == {"start": "./q"}
    assert data["shop--queue"]["mounts"] == {"uploads": {"source": "storage"}}


def test_a_default_of_upsun_fixed_is_shown_where_it_holds(folder: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert " size " not in run(capsys, "resolve")[1]
    assert "shop.size" not in run(capsys, "explain", "shop")[1]
    assert "size" not in json.loads(run(capsys, "resolve", "--format", "json")[1])["shop"]
    assert "default holds: `enabled: true`\n" in run(capsys, "explain", "shop.preflight")[1]
    assert "default holds: `AUTO`, on Upsun Fixed alone\n" in run(capsys, "explain", "shop.size")[1]
    write(folder, TEXT.replace("        commands: {start: ./q}\n", "        commands: {start: ./q}\n        size: S\n"))
    assert "  size               own        `S`\n" in run(capsys, "resolve")[1]
    (tmp_path / "fixed").mkdir()
    (tmp_path / "fixed/.platform.app.yaml").write_text("name: shop\ntype: php:8.4\n")
    assert "  size               default    `AUTO`\n" in run(capsys, "resolve", "fixed")[1]


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("shop--queue.variables.env.MODE", "own `variables` counts"),
        ("applications.shop.workers.queue.variables.env.MODE", "own `variables` counts"),
        ("applications.shop.web.mounts", "inherited from the application"),
        ("shop--queue.crons", "a worker has no `crons`"),
        ("shop", "applications.shop.timezone: `UTC`"),
    ],
)
def test_explain_says_why_and_where(folder: Path, capsys: pytest.CaptureFixture[str], key: str, said: str) -> None:
    status, out, _err = run(capsys, "explain", key)
    assert status == 0
    assert said in out


def test_explain_shows_the_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _status, out, _err = run(capsys, "explain", "shop--queue.variables.env.MODE")
    assert out.splitlines() == [
        "applications.shop.workers.queue.variables.env.MODE: `own`",
        "  the worker's own `variables` counts and replaces the application's as a whole",
        "  --> .upsun/config.yaml:10:27",
        "   |",
        "10 |         variables: {env: {MODE: own}}  # its own",
        "   |                           ^^^^",
    ]


def test_explain_of_what_is_not_there_shows_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "explain", "shop.type.upper")[1].splitlines()[0] == "applications.shop.type.upper: nothing"


def test_explain_for_code_scanning_and_for_workflows(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _status, out, _err = run(capsys, "explain", "shop--queue.variables.env.MODE", "--format", "github")
    assert out.startswith("::notice file=.upsun/config.yaml,line=10,col=27,title=WL604 value-explained::applications.shop.workers.queue.")
    _status, out, _err = run(capsys, "explain", "shop--queue.crons", "--format", "sarif")
    (result,) = json.loads(out)["runs"][0]["results"]
    assert (result["ruleId"], result["level"]) == ("WL604", "note")
    assert (
        result["message"]["text"]
        == "applications.shop.workers.queue.crons: a worker has no `crons`: cron jobs run on the web instance only"
    )


def test_explain_as_data(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _status, out, _err = run(capsys, "explain", "shop--mail.variables.env.MODE", "--format", "json")
    (found,) = json.loads(out)
    assert (found["value"], found["reason"], found["origin"]) == ("own", "own", f"{CONFIG}:10:27")
    (found,) = json.loads(run(capsys, "explain", "shop.variables.env.NONE", "--format", "json")[1])
    assert (found["value"], found["reason"]) == (None, "absent")
    (folder / "there").mkdir()
    write(folder / "there", TEXT)
    (found,) = json.loads(run(capsys, "explain", "shop.mounts", "there", "--format", "json")[1])
    assert (found["value"], found["origin"]) == ({"uploads": {"source": "storage"}}, f"there/{CONFIG}:5:5")


def test_a_value_is_cut_on_a_terminal_unless_it_was_asked_for(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder, TEXT.replace("{env: {MODE: own}}", "{env: {MODE: own, QUEUE: orders, REGION: north}}"))
    value = "`{env: {MODE: own, QUEUE: orders, REGION: north}}`\n"
    assert f"  variables          own        {value}" in run(capsys, "resolve", "--instance", "shop--queue")[1]
    assert f"queue.variables: {value}" in run(capsys, "explain", "shop--queue.variables")[1]
    monkeypatch.setenv("COLUMNS", "70")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert (
        "  variables          own        `{env: {MODE: own, QUEUE: orders, ...`\n" in run(capsys, "resolve", "--instance", "shop--queue")[1]
    )
    assert ".variables: `{env: {MODE: own, QUEUE: ...`\n" in run(capsys, "explain", "shop--queue")[1]
    first, second = run(capsys, "explain", "shop--queue.variables")[1].splitlines()[:2]
    assert first == "applications.shop.workers.queue.variables: `{env: {MODE: own, QUEUE:"
    assert second == "    orders, REGION: north}}`"


# ---- compare ------------------------------------------------------------------------------------------------------------------------


def test_compare_of_two_folders(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "new").mkdir()
    write(folder / "new", TEXT.replace("./q", "./r").replace("uploads:", "files:"))
    status, out, _err = run(capsys, "compare", ".", "new")
    assert status == 1
    assert "  command: applications.shop.workers.queue.commands.start\n" in out
    assert "destroys data" in out
    assert "built again: shop\n" in out


@pytest.mark.parametrize("form", ["json", "sarif", "github"])
def test_compare_for_programs(repository: Path, capsys: pytest.CaptureFixture[str], form: str) -> None:
    write(repository, TEXT.replace("./web", "./other"))
    status, out, _err = run(capsys, "compare", "HEAD", "--format", form)
    assert status == 0
    assert "applications.shop.commands.start" in out


def test_compare_of_two_revisions_touches_no_file(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(repository, TEXT.replace("./web", "./other"))
    git("commit", "-q", "-a", "-m", "second")
    write(repository, "not: [yaml\n")
    status, out, _err = run(capsys, "compare", "HEAD~1", "HEAD")
    assert (status, (repository / CONFIG).read_text()) == (0, "not: [yaml\n")
    assert "`./web` > `./other`" in out
    assert run(capsys, "compare", "HEAD", "HEAD")[1] == "nothing changes for any instance, service or route\n"


def test_compare_of_a_project_below_the_repositorys_root(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repository / "sub").mkdir()
    write(repository / "sub", TEXT)
    git("add", ".")
    git("commit", "-q", "-m", "sub")
    write(repository / "sub", TEXT.replace("./q", "./r"))
    status, out, _err = run(capsys, "compare", "HEAD", "sub", "--project", "sub")
    assert status == 0
    assert "`./q` > `./r`" in out


@pytest.mark.parametrize("name", ["nowhere", "--output=x", "HEAD:.upsun", "a b", ""])
def test_compare_with_what_is_no_revision(repository: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    status, _out, err = run(capsys, "compare", "--", name, ".")
    assert status == 2
    assert "expected a folder, or a revision of git" in err


@pytest.mark.parametrize("words", ["workerlib check", "workerlib.migrate --python --format json"])
def test_modules_of_the_project_are_not_run(folder: Path, words: str) -> None:
    for name in ("attr", "attrs", "rich", "ruamel", "libcst", "json", "argparse", "difflib", "workerlib_codemods"):
        (folder / f"{name}.py").write_text("open('ran', 'w')\n")
    done = subprocess.run((sys.executable, "-m", *words.split()), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert not (folder / "ran").exists()


def test_no_git_to_read_a_revision_with(repository: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    (repository / "git").write_text("#!/bin/sh\ntouch ran\n")
    (repository / "git").chmod(0o755)
    monkeypatch.setenv("PATH", ".")  # where Windows looks in any case
    status, _out, err = run(capsys, "compare", "HEAD")
    assert (status, err) == (2, "error: to read a revision, expected the program `git`, found none: install it\n")
    assert not (repository / "ran").exists()


def test_no_more_of_a_file_in_a_revision_is_read_than_may_be(repository: Path) -> None:
    files = RevisionFiles(repository, "HEAD")
    assert files.read(CONFIG, 5) == (repository / CONFIG).read_bytes()[:5]
    assert files.read(CONFIG, 1_000_000) == (repository / CONFIG).read_bytes()


def test_links_in_a_revision_are_followed_below_the_project_only(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repository / CONFIG).rename(repository / "real.yaml")
    (repository / CONFIG).symlink_to("../real.yaml")
    git("add", "-A")
    git("commit", "-q", "-m", "link")
    assert run(capsys, "compare", "HEAD~1", "HEAD")[0] == 0
    (repository / CONFIG).unlink()
    (repository / CONFIG).symlink_to("../../../../etc/hostname")
    git("commit", "-q", "-a", "-m", "out")
    status, _out, err = run(capsys, "compare", "HEAD~1", "HEAD")
    assert status == 3
    assert "expected a file of revision `HEAD`, found none" in err


# ---- set ----------------------------------------------------------------------------------------------------------------------------

KEY = "applications.shop.workers.queue.commands.start"


def test_set_shows_what_would_change_and_writes_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = run(capsys, "set", "applications.shop.web.commands.start", "./x")
    assert status == 0
    assert "-    web: {commands: {start: ./web}}\n+    web: {commands: {start: ./x}}\n" in out
    assert "nothing is written yet" in err
    assert (folder / CONFIG).read_text() == TEXT


def test_set_writes_when_told_to(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _err = run(capsys, "set", "applications.shop.type", "php:8.5", "--write")
    assert (status, out) == (0, "")
    assert (folder / CONFIG).read_text() == TEXT.replace("'php:8.4'", "php:8.5")
    assert "nothing to do" in run(capsys, "set", "applications.shop.type", "php:8.5", "--write")[2]


def test_set_writes_nothing_that_would_be_wrong(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (folder / CONFIG).read_text()
    status, out, err = run(capsys, "set", "applications.shop.workers.queue.disk", "much", "--expand", "--write")
    assert (status, out) == (3, "")
    assert "error[WL130 wrong-type]: applications.shop.workers.queue.disk: expected a whole number, found text `much`\n" in err
    assert err.endswith("error: nothing is written, since the configuration would be wrong\n")
    assert (folder / CONFIG).read_text() == before
    status, out, err = run(capsys, "set", "applications.shop.workers.queue.disk", "much", "--expand")
    assert status == 3
    assert "disk: much" in out
    assert err.endswith("error: nothing is written, since the configuration would be wrong\n")


def test_set_does_not_change_what_others_share(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = run(capsys, "set", KEY, "./r")
    assert (status, out) == (3, "")
    assert "shared-value" in err
    status, out, _err = run(capsys, "set", KEY, "./r", "--expand")
    assert status == 0
    assert "start: ./r" in out


@pytest.mark.parametrize(
    ("value", "kind", "written"),
    [
        ("true", "scalar", "true"),
        ("1.10", "scalar", "1.10"),
        ("a: b", "scalar", "'a: b'"),
        ("[a", "scalar", "'[a'"),
        ("&x", "scalar", "'&x'"),
        ("*x", "scalar", "'*x'"),
        ("!!int", "scalar", "'!!int'"),
        ("a # b", "scalar", "'a # b'"),
        ("a\nb", "scalar", '"a\\nb"'),
        ("true", "text", "'true'"),
        ("{a: 1}", "yaml", "{a: 1}"),
        ("'5'", "yaml", "'5'"),
    ],
)
def test_set_reads_values_as_it_is_told(folder: Path, capsys: pytest.CaptureFixture[str], value: str, kind: str, written: str) -> None:
    status, out, _err = run(capsys, "set", "applications.shop.variables.env.MODE", value, "--as", kind)
    assert status == 0
    assert f"+    variables: {{env: {{MODE: {written}}}}}\n" in out


def test_set_says_where_a_value_is_no_yaml(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, _out, err = run(capsys, "set", "applications.shop.type", "a: 1\na: 2", "--as", "yaml")
    assert status == 2
    assert err == "error: VALUE:2:1: key `a` stands twice in one mapping, first at VALUE:1:1; delete or rename one of them\n"


def test_set_tells_what_would_be_destroyed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, _out, err = run(capsys, "set", "applications.shop.mounts.uploads.source_path", "x")
    assert status == 0
    assert "data-destroyed" in err


# ---- mistakes -----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("resolve", "nowhere"), 2, "nowhere: expected the folder of a project, found nothing there"),
        (("resolve", "--instance", "x"), 2, "expected one of `shop`, `shop--queue`, `shop--mail`, found `x`"),
        (("resolve", "--instance", ""), 2, "expected one of `shop`, `shop--queue`, `shop--mail`, found ``"),
        (("explain", "x.y"), 2, "expected one of `shop`, `shop--queue`, `shop--mail`, found `x`"),
        (("explain", "shop.nothing"), 2, "found `nothing`"),
        (("explain", "shop.[x"), 2, "is not a key path"),
        (("set", "x", "y"), 2, "expected `applications`, `services` or `routes`"),
        (("set", "applications.shop.type", "[", "--as", "yaml"), 2, "VALUE:"),
        (("set", "applications.shop.type", "x", "nowhere"), 2, "found nothing there"),
    ],
)
def test_mistakes_are_said_in_a_line(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], status: int, said: str
) -> None:
    found, out, err = run(capsys, *arguments)
    assert (found, out) == (status, "")
    assert said in err
    assert "Traceback" not in err


@pytest.mark.parametrize("command", [("resolve",), ("explain", "shop"), ("set", "applications.shop.type", "x")])
def test_what_cannot_be_read_is_shown_with_its_place(folder: Path, capsys: pytest.CaptureFixture[str], command: tuple[str, ...]) -> None:
    write(folder, "applications:\n  shop: {a: 1, a: 2}\n")
    status, _out, err = run(capsys, *command)
    assert status == 3
    assert f"{CONFIG}:2:16" in err
    assert "^" in err


def test_a_folder_without_configuration_is_said_to_be_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, _out, err = run(capsys, "resolve", str(tmp_path))
    assert status == 3
    assert "expected at least one application, found none" in err
    assert f"--> {tmp_path}\n" in err


@pytest.mark.parametrize("command", ["check", "resolve"])
def test_a_name_in_yml_is_what_to_correct_where_nothing_is_read(tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str) -> None:
    (tmp_path / ".platform.app.yml").write_text("name: shop\n")
    status, out, err = run(capsys, command, str(tmp_path))
    assert status == 3
    assert "help: rename `.platform.app.yml` to `.platform.app.yaml`: only names that end in `.yaml` are read" in out + err


@pytest.mark.parametrize(
    ("near", "name"),
    [
        ("platform.app.yaml", ".platform.app.yaml"),
        (".platform/app.yaml", ".platform.app.yaml"),
        (".platform/application.yaml", ".platform.app.yaml"),
        (".symfony/symfony.cloud.yaml", ".symfony.cloud.yaml"),
        (".magento/service.yaml", ".magento/services.yaml"),
        (".platform/route.yaml", ".platform/routes.yaml"),
    ],
)
def test_a_name_that_is_nearly_right_is_what_to_correct(tmp_path: Path, capsys: pytest.CaptureFixture[str], near: str, name: str) -> None:
    (tmp_path / near).parent.mkdir(exist_ok=True)
    (tmp_path / near).write_text("name: shop\n")
    status, out, _err = run(capsys, "check", str(tmp_path))
    assert status == 3
    assert f"help: rename `{near}`, which is not read, to `{name}`\n" in out


def test_a_mistake_of_ours_is_no_traceback(folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workerlib.resolving.resolve", lambda _project: 1 / 0)
    status, _out, err = run(capsys, "resolve")
    assert status == 3
    assert "ZeroDivisionError" in err
    monkeypatch.setenv("WORKERLIB_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        main(["resolve"])


def test_a_reader_that_goes_away_is_no_mistake(folder: Path) -> None:
    write(folder, TEXT + "".join(f"      w{number}: {{commands: {{start: x}}}}\n" for number in range(2000)))
    script = f"{sys.executable} -m workerlib resolve | head -1"
    done = subprocess.run(("sh", "-c", script), capture_output=True, check=False, cwd=folder)  # noqa: S607
    assert (done.stdout, done.stderr) == (b"shop\n", b"")


# ---- the command itself -------------------------------------------------------------------------------------------------------------


def test_help_has_examples_and_says_what_each_status_means(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--help"])
    assert caught.value.code == 0
    out = capsys.readouterr().out
    assert "examples:" in out
    assert "exit status:" in out
    assert max(map(len, out.splitlines())) <= 80


def test_the_examples_of_the_help_are_commands() -> None:
    import shlex

    lines = [line.strip() for line in parser().format_help().splitlines() if line.strip().startswith("python -m workerlib ")]
    assert len(lines) == 6
    for line in lines[:-1]:
        parser().parse_args(shlex.split(line.partition("  ")[0])[3:])


def test_the_examples_of_each_command_are_commands() -> None:
    import shlex

    for name, examples in EXAMPLES.items():
        for words in examples:
            parser().parse_args([name, *shlex.split(words.partition(" > ")[0])])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("migrat",), "there is no command `migrat`; did you mean `migrate`?"),
        (("--migrate",), "there is no option `--migrate`; did you mean `migrate`?"),
        (("examples/shop",), "there is no command `examples/shop`; see --help"),
        (("check", "--formt", "json"), "there is no option `--formt`; did you mean `--format`?"),
        (("set", "a", "b", "--writ"), "there is no option `--writ`; did you mean `--write`?"),
        (("check", "--sarif"), "there is no option `--sarif`; see --help"),
        (("explain", "shop.type", ".", "shop"), "`shop` is one argument too many; see --help"),
        (("migrate", "--wite"), "there is no option `--wite`; did you mean `--write`?"),
        (("migrate", "--mount=storage"), "there is no option `--mount`; did you mean `--mounts`?"),
    ],
    ids=" ".join,
)
def test_a_word_that_is_not_known_is_answered_by_the_one_that_may_be_meant(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert capsys.readouterr().err.endswith(f": error: {said}\n")


def test_without_a_command_the_help_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main([])
    assert caught.value.code == 2
    captured = capsys.readouterr()
    assert "examples:" in captured.err
    assert captured.out == ""


@pytest.mark.parametrize("arguments", [("--format", "json", "."), (".", "--format", "json")], ids=["before", "behind"])
def test_a_path_stands_before_or_behind_options(folder: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]) -> None:
    status, out, _err = run(capsys, "explain", "shop.type", *arguments)
    assert status == 0
    assert json.loads(out)[0]["origin"] == f"{CONFIG}:3:5"


@pytest.mark.parametrize(
    "words", [("check",), ("resolve",), ("explain", "shop.type"), ("set", "applications.shop.timezone", "UTC")], ids=lambda words: words[0]
)
def test_in_a_folder_of_the_project_the_project_is_offered(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    (folder / "public").mkdir()
    monkeypatch.chdir(folder / "public")
    status, out, err = run(capsys, *words)
    assert status == 3
    assert f"= help: perhaps you meant `python -m workerlib {' '.join(words)} ..`\n" in out + err


def test_where_configuration_holds_no_application_no_other_folder_is_asked_for(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(folder, "")
    status, out, _err = run(capsys, "check")
    assert status == 3
    assert "= help: define one: `.upsun/config.yaml` holds none\n" in out


def test_a_file_of_an_application_that_says_nothing_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / CONFIG).unlink()
    (folder / "backend").mkdir()
    (folder / "backend/.platform.app.yaml").write_text("# made elsewhere\n")
    status, out, _err = run(capsys, "check")
    assert status == 3
    assert "= help: define one: `backend/.platform.app.yaml` holds none\n" in out


def test_where_several_files_hold_no_application_none_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(folder, "services: {}\n")
    (folder / ".upsun/routes.yaml").write_text("routes: {}\n")
    _status, out, _err = run(capsys, "check")
    assert "= help: define one: the configuration that is here holds none\n" in out


@pytest.mark.parametrize("arguments", [("nothing",), ("set", "x"), ("check", "--format", "xml")])
def test_wrong_usage_has_status_two(arguments: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2


def test_migrate_is_the_migration(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _err = run(capsys, "migrate", "--list")
    assert status == 0
    assert "lift" in out


def test_help_imports_nothing_that_is_slow() -> None:
    slow = {"attr", "libcst", "rich", "ruamel"}
    script = f"import sys, workerlib.__main__ as m; m.parser().format_help(); print({slow} & set(sys.modules))"
    done = subprocess.run((sys.executable, "-c", script), capture_output=True, check=True, text=True)
    assert done.stdout == "set()\n"


@pytest.mark.parametrize(
    ("script", "frozen"),
    [
        ("import workerlib.__main__, workerlib.migrate.__main__", False),
        ("from workerlib.__main__ import main; main(['migrate', '--list'])", False),
        ("from workerlib.__main__ import main; main()", True),
        ("from runpy import run_module; run_module('workerlib.migrate.__main__', run_name='__main__', alter_sys=True)", True),
    ],
    ids=["imported", "called", "script", "module"],
)
def test_only_a_process_of_its_own_is_spared_the_collection_of_garbage(script: str, frozen: bool) -> None:
    # Python 3.12 has frozen some objects of its own when it starts.
    shown = "import atexit, gc; own = gc.get_freeze_count(); atexit.register(lambda: print(gc.isenabled(), gc.get_freeze_count() > own)); "
    arguments = ("--list",) if "run_module" in script else ("migrate", "--list")
    done = subprocess.run((sys.executable, "-c", shown + script, *arguments), capture_output=True, check=True, text=True)
    assert done.stdout.splitlines()[-1] == f"True {frozen}"


# ---- how it was started -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("started", "said"),
    [
        ("/usr/bin/workerlib", ("workerlib migrate", "workerlib check")),
        ("C:\\bin\\upsun-workerlib.exe", ("upsun-workerlib migrate", "upsun-workerlib check")),
        ("/src/workerlib/__main__.py", ("python -m workerlib.migrate", "python -m workerlib check")),
        ("", ("python -m workerlib.migrate", "python -m workerlib check")),
    ],
    ids=["script", "windows", "module", "unknown"],
)
def test_commands_are_said_as_the_program_was_started(monkeypatch: pytest.MonkeyPatch, started: str, said: tuple[str, str]) -> None:
    monkeypatch.setattr(sys, "argv", [started])
    assert (" ".join(command("migrate")), " ".join(command("check"))) == said


# ---- completion ---------------------------------------------------------------------------------------------------------------------


def test_bash_completes_commands_and_their_options(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("shtab")
    status, script, _err = run(capsys, "completion", "bash")
    assert status == 0
    typed = "COMP_WORDS=(workerlib {}); COMP_CWORD={}; _shtab_workerlib; echo ${{COMPREPLY[@]}}"
    asked = f"{script}\n{typed.format('mig', 1)}\n{typed.format('migrate --explicit', 2)}\n{typed.format('migrate --only cr', 3)}\n"
    done = subprocess.run(("bash", "-c", asked), capture_output=True, text=True, check=True)  # noqa: S607
    assert done.stdout.split() == ["migrate", "--explicit-relationships", "cron-commands"]


@pytest.mark.parametrize("words", ["check", "migrate", "compare", "migrate --write"])
def test_bash_completes_folders(folder: Path, capsys: pytest.CaptureFixture[str], words: str) -> None:
    pytest.importorskip("shtab")
    (folder / "public").mkdir()
    _status, script, _err = run(capsys, "completion", "bash")
    asked = f"{script}\nCOMP_WORDS=(workerlib {words} pu); COMP_CWORD={len(words.split()) + 1}; _shtab_workerlib; echo ${{COMPREPLY[@]}}\n"
    assert subprocess.run(("bash", "-c", asked), capture_output=True, text=True, check=True).stdout == "public\n"  # noqa: S607


def test_without_shtab_completion_says_what_to_install(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "shtab", None)
    status, out, err = run(capsys, "completion", "zsh")
    assert (status, out) == (2, "")
    assert "pip install 'upsun-workerlib[completion]'" in err


@pytest.mark.parametrize(
    "command", [("check",), ("resolve",), ("explain", "shop"), ("compare", "."), ("set", "applications.shop.disk", "1"), ("migrate",)]
)
def test_limits_are_options(folder: Path, capsys: pytest.CaptureFixture[str], command: tuple[str, ...]) -> None:
    assert main([*command, "--limit", "depth=2"]) == 3
    assert "limit-exceeded" in "".join(capsys.readouterr())
    assert main([*command, "--limit", "depth=2", "--limit", "depth=50"]) in (0, 1)


@pytest.mark.parametrize("word", ["depth", "depth=", "depth=x", "height=3", "depth=-1", "=1", "nodes=" + "9" * 5000])
def test_a_limit_that_there_is_not(folder: Path, capsys: pytest.CaptureFixture[str], word: str) -> None:
    for one in ("check", "migrate"):
        assert main([one, "--limit", word]) == 2
        assert f"of file_size, project_size, depth, nodes, expanded, includes, found `{word}`" in capsys.readouterr().err
