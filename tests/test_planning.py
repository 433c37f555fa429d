"""Plans: what is refused, what is proved, and what a plan says of itself."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unicodedata import normalize

import pytest
from tests.support import steps

from workerlib import edit, layout, load
from workerlib.diagnostic import Diagnostic
from workerlib.errors import RefusedError, UsageError
from workerlib.layout import CONFIG
from workerlib.migrate import Options, Plan, plan, planning
from workerlib.rewrite import Changed

APP = ".platform.app.yaml"
MINIMAL = "name: shop\ntype: php:8.4\n"


def project(folder: Path, files: dict[str, str | bytes]) -> Path:
    for path, text in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def planned(folder: Path, files: dict[str, str | bytes], options: Options | None = None) -> Plan:
    return plan(project(folder, files), options or Options())


def text_of(found: Plan, path: str = CONFIG) -> str:
    data = found.files[path]
    assert data is not None
    return data.decode()


# ---- macOS, which lists names in another form than git ------------------------------------------------------------------------------


@pytest.fixture
def macos(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have folders list their names with accents apart."""

    class Listed:
        def __init__(self, entry: os.DirEntry[str]) -> None:
            self.name, self.is_dir = normalize("NFD", entry.name), entry.is_dir

    @contextmanager
    def listed(folder: Any) -> Iterator[list[Listed]]:
        with os.scandir(folder) as entries:
            yield [*map(Listed, entries)]

    monkeypatch.setattr(layout, "os", SimpleNamespace(**vars(os) | {"scandir": listed}))
    monkeypatch.setattr(sys, "platform", "darwin")


SERVICES = """\
cache: {type: 'varnish:7.6', configuration: {vcl: !include {type: string, path: caf\u00e9.vcl}}}
search: {type: 'solr:9.6', configuration: {conf_dir: !archive s\u00e9arch}}
"""
ACCENTS: dict[str, str | bytes] = {
    "\u00fcber/.platform.app.yaml": MINIMAL,
    ".platform/services.yaml": SERVICES,
    ".platform/caf\u00e9.vcl": "vcl",
    ".platform/s\u00e9arch/\u00e9.xml": "xml",
}


@pytest.mark.usefixtures("macos")
def test_a_file_has_one_name_in_whatever_form_it_is_listed(tmp_path: Path) -> None:
    found = planned(tmp_path, ACCENTS)
    assert list(found.files) == [
        ".upsun/caf\u00e9.vcl",
        ".upsun/config.yaml",
        ".upsun/s\u00e9arch/\u00e9.xml",
        ".platform/caf\u00e9.vcl",
        ".platform/services.yaml",
        ".platform/s\u00e9arch/\u00e9.xml",
        "\u00fcber/.platform.app.yaml",
    ]
    assert "root: \u00fcber" in text_of(found)
    assert [one.name for one in found.diagnostics if one.name == "left-behind"] == []
    found.apply(force=True)
    assert not plan(tmp_path)
    assert (tmp_path / ".upsun/caf\u00e9.vcl").read_text() == "vcl"
    assert (tmp_path / ".upsun/s\u00e9arch/\u00e9.xml").read_text() == "xml"
    assert not (tmp_path / ".platform").exists()


@pytest.mark.usefixtures("macos")
def test_a_name_that_git_does_not_know_is_told_and_its_file_stays(tmp_path: Path) -> None:
    files = ACCENTS | {".platform/services.yaml": SERVICES.replace("caf\u00e9.vcl", "cafe\u0301.vcl")}
    found = planned(tmp_path, files)
    assert ".platform/caf\u00e9.vcl" not in found.files
    assert [one.name for one in found.diagnostics if "cafe\u0301.vcl" in one.message] == ["include-missing"]


# ---- what is planned ----------------------------------------------------------------------------------------------------------------


def test_files_in_memory_are_planned_as_those_of_a_folder_and_not_written(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {APP: b"name: shop\ntype: php:8.4\ndisk: 512\n"}
    found = plan({APP: b"name: shop\ntype: php:8.4\ndisk: 512\n"})
    assert found.files == planned(tmp_path, files).files
    assert found.root is None
    with pytest.raises(UsageError, match="found one in memory"):
        found.apply()
    with pytest.raises(UsageError, match="found one in memory"):
        plan({}, Options(python=True))


def test_a_plan_shows_as_the_files_that_change() -> None:
    files = {APP: b"name: shop\ntype: php:8.4\n"}
    assert repr(plan(files)) == "<Plan .upsun/config.yaml, .platform.app.yaml>"
    assert repr(plan(files).changes[1]) == "FileChange(path='.platform.app.yaml', before=<25 bytes>, after=None, like=None)"
    assert repr(edit(files)) == "<Amendment of no change>"


def test_a_codemod_counts_the_keys_that_it_changes_each_once() -> None:
    """Not its edits, of which a command that comes to stand deeper takes several; nor the paths, of which an alias adds some."""
    files = {
        ".upsun/config.yaml": b"applications:\n"
        b"  app: {type: 'python:3.14', crons: &crons {a: {spec: '1 * * * *', cmd: x}, b: {spec: '2 * * * *', cmd: y}}}\n"
        b"  same: {type: 'python:3.14', crons: *crons}\n"
        b"  api: !include apps/api.yaml\n",
        ".upsun/apps/api.yaml": b"type: 'python:3.14'\ncrons:\n  d:\n    spec: '3 * * * *'\n    cmd: |\n      z\n      z\n",
    }
    done = [one for one in plan(files).outcomes if isinstance(one, Changed)]
    assert done == [Changed("cron-commands", ".upsun/config.yaml", 2), Changed("cron-commands", ".upsun/apps/api.yaml", 1)]


def test_a_file_that_is_included_and_read_by_itself_changes_where_it_is_included() -> None:
    files = {
        ".upsun/config.yaml": b"applications:\n  api: !include api.yaml\n",
        ".upsun/api.yaml": b"type: 'python:3.14'\ncrons: {d: {spec: '3 * * * *', cmd: z}}\n",
    }
    found = plan(files)
    assert text_of(found, ".upsun/api.yaml") == "type: 'python:3.14'\ncrons: {d: {spec: '3 * * * *', commands: {start: z}}}\n"
    assert [(one.name, str(one.origin)) for one in found.diagnostics] == [("read-twice", ".upsun/api.yaml:1:1")]


def test_a_note_follows_what_a_later_codemod_moves() -> None:
    mounts = "mounts: {x: {source: local}}"
    workers = f"    workers:\n      a: {{{mounts}}}\n      b: {{{mounts}}}\n"
    text = f"applications:\n  shop:\n    type: php:8.4\n    web:\n      {mounts}\n{workers}"
    found = plan({CONFIG: text.encode()}, Options(factor=True))
    assert text_of(found).splitlines()[4] == "    mounts: {x: {source: instance}}"
    notes = [(one.message.partition(":")[0], str(one.origin)) for one in found.diagnostics if one.name == "local-mounts"]
    assert notes == [
        ("applications.shop.web.mounts.x.source", f"{CONFIG}:5:18"),
        ("applications.shop.workers.a.mounts.x.source", f"{CONFIG}:5:18"),
        ("applications.shop.workers.b.mounts.x.source", f"{CONFIG}:5:18"),
    ]


def test_a_note_follows_a_name_that_looks_like_the_end_of_a_path() -> None:
    mounts = "mounts: {'x: y': {source: local}}"
    text = f"applications:\n  shop:\n    type: php:8.4\n    web: {{{mounts}}}\n    workers:\n      a: {{{mounts}}}\n      b: {{{mounts}}}\n"
    found = plan({CONFIG: text.encode()}, Options(factor=True))
    line = 1 + next(at for at, one in enumerate(text_of(found).splitlines()) if "mounts" in one)
    assert [str(one.origin).split(":")[1] for one in found.diagnostics if one.name == "local-mounts"] == [str(line)] * 3


@pytest.mark.parametrize("begin", [plan, edit, load])
def test_where_no_folder_is_nothing_is_planned_changed_or_loaded(begin: Callable[[Path], object], tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="shpo: expected the folder of a project, found nothing there"):
        begin(tmp_path / "shpo")


@pytest.mark.parametrize("begin", [plan, edit])
def test_a_file_is_not_a_project_to_change(begin: Callable[[Path], object], tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=f"{APP}: expected the folder of a project, found a file"):
        begin(project(tmp_path, {APP: MINIMAL}) / APP)


@pytest.mark.parametrize("wrong", [{"mounts": "tmp"}, {"stack_form": "tuple"}], ids=str)
def test_an_option_that_there_is_not_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=f"{next(iter(wrong))}: expected `.+` or `.+`, found `t"):
        Options(**wrong)


# ---- what is refused ----------------------------------------------------------------------------------------------------------------

REFUSED: dict[str, tuple[dict[str, str | bytes], str, str]] = {
    "not YAML": ({APP: "name: shop\n  type: php\n"}, "not-yaml", f"{APP}:2"),
    "an anchor twice": ({APP: "name: &a shop\ntype: &a php\n"}, "ambiguous-yaml", f"{APP}:2:7"),
    "a merge of text": ({APP: MINIMAL + "x: &x t\nweb: {<<: *x}\n"}, "ambiguous-yaml", f"{APP}:4:7"),
    "a merge of an include": ({APP: MINIMAL + "web: {<<: !include x.yaml}\n"}, "ambiguous-yaml", f"{APP}:3:7"),
    "not text": ({APP: b"name: sh\xffop\n"}, "not-text", f"{APP}:1:9"),
    "no application": ({".platform/services.yaml": "db: {type: x}\n"}, "no-applications", ""),
    "two of one name": ({APP: MINIMAL, "b/.platform.app.yaml": MINIMAL}, "duplicate-name", "b/.platform.app.yaml:1:7"),
    "no name": ({APP: "type: php\n"}, "no-name", f"{APP}:1:1"),
    "null name": ({APP: "name:\ntype: php\n"}, "no-name", f"{APP}:1:6"),
    "slash in a name": ({APP: "name: a/b\n"}, "bad-name", f"{APP}:1:7"),
    "dots in a name": ({APP: "name: ..\n"}, "bad-name", f"{APP}:1:7"),
    "dashes in a name": ({APP: "name: a--b\n"}, "bad-name", f"{APP}:1:7"),
    "two names": ({".platform/applications.yaml": "a:\n  name: b\n"}, "bad-name", ".platform/applications.yaml:2:9"),
    "duplicate key": ({APP: MINIMAL + "name: x\n"}, "duplicate-key", f"{APP}:3:1"),
    "duplicate key deep inside": ({APP: MINIMAL + "variables:\n  env: {A: 1, A: 2}\n"}, "duplicate-key", f"{APP}:4:15"),
    "several documents": ({APP: MINIMAL + "---\na: b\n"}, "several-documents", f"{APP}:3:1"),
    "definition that is no mapping": ({".platform/applications.yaml": "a: 5\n"}, "not-a-mapping", ".platform/applications.yaml:1:4"),
    "section that is no mapping": ({APP: MINIMAL, ".platform/services.yaml": "- db\n"}, "not-a-mapping", ".platform/services.yaml:1:1"),
    "section that is included": (
        {CONFIG: "applications: {a: {type: x}}\nservices: !include {path: s.yaml}\n"},
        "not-a-mapping",
        f"{CONFIG}:2:11",
    ),
    "applications that are included": ({CONFIG: "applications: !include {path: a.yaml}\n"}, "not-a-mapping", f"{CONFIG}:1:15"),
    "both layouts": ({APP: MINIMAL, CONFIG: "applications: {a: {type: x}}\n"}, "both-layouts", APP),
    "absolute include": ({APP: MINIMAL + "hooks: {build: !include {type: string, path: /etc/passwd}}\n"}, "include-path", f"{APP}:3:46"),
    "include from outside": (
        {"a/.platform.app.yaml": MINIMAL + "web: !include ../../x.yaml\n"},
        "include-path",
        "a/.platform.app.yaml:3:6",
    ),
    "include of itself": (
        {APP: MINIMAL + "web: !include x.yaml\n", "x.yaml": "locations: !include x.yaml\n"},
        "include-cycle",
        "x.yaml:1:12",
    ),
    "root outside": ({APP: MINIMAL + "source: {root: ../..}\n"}, "root-outside", f"{APP}:3:16"),
    "missing include that holds the name": (
        {".platform/applications.yaml": "- !include a.yaml\n"},
        "include-missing",
        ".platform/applications.yaml:1:3",
    ),
    "missing include of a type that holds the name": (
        {".platform/applications.yaml": "- {name: a}\n- !include {type: yaml, path: b.yaml}\n"},
        "include-missing",
        ".platform/applications.yaml:2:3",
    ),
    "empty include that is to hold the name": (
        {".platform/applications.yaml": "- !include a.yaml\n", ".platform/a.yaml": "# soon\n"},
        "not-a-mapping",
        ".platform/applications.yaml:1:3",
    ),
    "recursive alias": ({APP: MINIMAL + "x: &x [*x]\n"}, "cyclic-alias", f"{APP}:3:8"),
}


@pytest.mark.parametrize(("files", "name", "place"), REFUSED.values(), ids=REFUSED.keys())
def test_refusals_have_a_name_a_place_and_advice_and_change_nothing(
    tmp_path: Path, files: dict[str, str | bytes], name: str, place: str
) -> None:
    root = project(tmp_path, files)
    with pytest.raises(RefusedError) as caught:
        plan(root)
    found = caught.value.diagnostics[0]
    assert found.name == name
    assert str(found.origin).startswith(place or str(root))
    assert found.help
    assert {p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file()} == set(files)


def test_errors_of_the_format_do_not_stop_a_migration(tmp_path: Path) -> None:
    text = "name: Shop\ntype: php:5.6\nworkers: {q: {crons: {}}}\nmounts: [a]\n"
    text += "relationships: {a: nowhere}\ncrons: {c: {spec: '*', cmd: x, commands: {}}}\n"
    assert planned(tmp_path, {APP: text})


def test_missing_include_is_reported_and_kept(tmp_path: Path) -> None:
    found = planned(tmp_path, {APP: MINIMAL + "hooks: {build: !include {type: string, path: gone.sh}}\n"})
    assert "path: gone.sh" in text_of(found)
    assert [d.name for d in found.diagnostics if d.name == "include-missing"] == ["include-missing"]


def test_path_that_begins_with_a_slash_starts_where_others_do(tmp_path: Path) -> None:
    services = "v: {type: varnish:7.2, configuration: {vcl: !include {type: string, path: /x.vcl}}}\n"
    app = MINIMAL + "hooks: {build: !include {type: string, path: /build.sh}}\n"
    files: dict[str, str | bytes] = {APP: app, "build.sh": "make\n", ".platform/services.yaml": services, ".platform/x.vcl": "vcl 4.0;\n"}
    found = planned(tmp_path, files)
    assert "path: /build.sh" in text_of(found)
    assert "path: /x.vcl" in text_of(found)
    assert found.moves == {".platform/x.vcl": ".upsun/x.vcl"}


@pytest.mark.parametrize(
    ("files", "path"),
    [
        ({APP: MINIMAL + "disk: !include config/disk.yaml\n", "config/disk.yaml": "512\n"}, "config/disk.yaml"),
        (
            {".platform/applications.yaml": "- {name: a, type: x, disk: !include disk.yaml}\n", ".platform/disk.yaml": "# MB\n512\n"},
            ".upsun/include/disk.yaml",
        ),
    ],
)
def test_file_that_nothing_includes_any_more_is_told(tmp_path: Path, files: dict[str, str | bytes], path: str) -> None:
    found = planned(tmp_path, files)
    assert found.resources.command == f"upsun resources:set --disk {found.applications[0]}:512"
    (one,) = [d for d in found.diagnostics if d.name == "left-behind"]
    assert (str(one.origin), one.message) == (path, f"`{path}` is included no more, since what included it is gone")


def test_path_in_the_container_is_reported_and_kept(tmp_path: Path) -> None:
    found = planned(tmp_path, {APP: MINIMAL + "disk: 5\nweb: {locations: !include /app/config/web.yaml}\n", "config/web.yaml": "/: {}\n"})
    assert "locations: !include /app/config/web.yaml" in text_of(found)
    (missing,) = [d for d in found.diagnostics if d.name == "include-missing"]
    assert missing.help == "write `config/web.yaml`: files are read from the repository, not from the application's container"


def test_what_was_found_while_reading_is_told_in_the_order_of_the_text(tmp_path: Path) -> None:
    hooks = "hooks:\n  build: !include {type: string, path: one.sh}\n  deploy: !include {type: string, path: two.sh}\n"
    found = planned(tmp_path, {APP: MINIMAL + hooks + "web: !include web.yaml\nworkers: [a]\n"})
    assert [(d.name, d.origin.span.line) for d in found.diagnostics if d.origin and d.origin.span] == [
        ("include-missing", 5),
        ("include-missing", 6),
        ("include-missing", 7),
        ("workers-not-mapping", 8),
    ]


@pytest.mark.parametrize(
    ("text", "place", "said", "advice"),
    [
        (
            "# ours\nname: 'shop'\ntype: php:8.4\n",
            "2:1",
            "`name` is not a known key here",
            "write what it says as a key below `applications`, and the application below that",
        ),
        ("type: php:8.4\nroutes: {}\n", "1:1", "`type` is not a known key here", "write it in an application, below its name"),
        ("services: {}\nshop:\n  type: php:8.4\n", "2:1", "`shop` is not a known key here", "write it below `applications`"),
        ("aplications: {shop: {type: php:8.4}}\n", "1:1", "`aplications` is not a known key here", "did you mean `applications`?"),
    ],
)
def test_no_application_is_found_where_its_keys_are_misplaced_and_that_is_told(
    tmp_path: Path, text: str, place: str, said: str, advice: str
) -> None:
    with pytest.raises(RefusedError) as caught:
        planned(tmp_path, {CONFIG: text})
    (one,) = caught.value.diagnostics
    assert (one.name, str(one.origin)) == ("no-applications", f"{CONFIG}:{place}")
    assert (one.message, one.help) == (f"expected at least one application, found none: {said}", advice)


def test_resources_leave_only_their_own_places(tmp_path: Path) -> None:
    text = """\
name: shop
size: M
disk: 1024
variables: {env: {size: 1, disk: 2}}
mounts: {disk: {source: local, source_path: resources}}
web: {size: S}
workers:
  size:
    disk: 5
    commands: {start: x}
"""
    found = planned(tmp_path, {APP: text, ".platform/services.yaml": "disk: {type: redis, size: S, configuration: {size: 4}}\n"})
    assert text_of(found) == (
        "applications:\n  shop:\n    variables: {env: {size: 1, disk: 2}}\n    mounts: {disk: {source: instance, source_path: resources}}\n"
        "    web: {}\n    workers:\n      size:\n        commands: {start: x}\n\n"
        "services:\n  disk: {type: redis, configuration: {size: 4}}\n"
    )
    assert found.resources.command is not None
    assert "shop--size" in found.resources.command


def test_included_worker_is_migrated_where_it_stands(tmp_path: Path) -> None:
    found = planned(
        tmp_path, {APP: MINIMAL + "workers: {q: !include q.yaml}\n", "q.yaml": "# a worker\nsize: S # small\ncommands: {start: x}\n"}
    )
    assert text_of(found, "q.yaml") == "# a worker\ncommands: {start: x}\n"


def test_anchor_that_leaves_with_its_key_is_kept_where_it_is_used(tmp_path: Path) -> None:
    found = planned(tmp_path, {APP: "name: a\ndisk: &d 1024\nvariables: {env: {D: *d, E: *d}}\n"})
    assert text_of(found) == "applications:\n  a:\n    variables: {env: {D: &d 1024, E: *d}}\n"


def test_running_twice_changes_nothing(tmp_path: Path) -> None:
    planned(tmp_path, {APP: MINIMAL + "disk: 5\ncrons: {c: {spec: x, cmd: y}}\n", ".platform/routes.yaml": "{}\n"}).apply()
    assert not plan(tmp_path)
    assert not (tmp_path / APP).exists()
    assert not (tmp_path / ".platform").exists()


def test_project_in_the_current_layout_is_modernised(tmp_path: Path) -> None:
    found = planned(tmp_path, {CONFIG: "applications:\n  a:\n    mounts:\n      x: {source: local}  # c\n"})
    assert text_of(found) == "applications:\n  a:\n    mounts:\n      x: {source: instance}  # c\n"


def test_old_layout_beside_a_current_one_without_applications(tmp_path: Path) -> None:
    found = planned(tmp_path, {APP: MINIMAL, CONFIG: "services: {db: {type: x}}\n"})
    assert CONFIG not in found.files
    assert text_of(found, ".upsun/config-2.yaml") == "applications:\n  shop:\n    type: php:8.4\n"


def test_a_file_of_the_current_layout_in_which_nothing_stands_takes_no_place(tmp_path: Path) -> None:
    found = planned(tmp_path, {APP: MINIMAL, CONFIG: "\n \n"})
    assert text_of(found) == "applications:\n  shop:\n    type: php:8.4\n"


def test_overwrite_replaces_the_current_layout(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {APP: MINIMAL, CONFIG: "applications: {a: {type: x}}\n", ".upsun/more.yaml": "services: {}\n"}
    found = planned(tmp_path, files, Options(overwrite=True))
    assert text_of(found) == "applications:\n  shop:\n    type: php:8.4\n"
    assert found.files[".upsun/more.yaml"] is None


def test_keep_old_leaves_the_old_files(tmp_path: Path) -> None:
    assert set(planned(tmp_path, {APP: MINIMAL}, Options(keep_old=True)).files) == {CONFIG}


def test_only_one_codemod_works_in_the_old_layout_too(tmp_path: Path) -> None:
    found = planned(tmp_path, {APP: MINIMAL + "disk: 5\ncrons: {c: {spec: x, cmd: y}}\n"}, Options(only=("cron-commands",)))
    assert text_of(found, APP) == MINIMAL + "disk: 5\ncrons: {c: {spec: x, commands: {start: y}}}\n"


def test_skipped_codemod_leaves_its_form(tmp_path: Path) -> None:
    found = planned(tmp_path, {APP: MINIMAL + "disk: 5\ncrons: {c: {spec: x, cmd: y}}\n"}, Options(skip=("resource-keys",)))
    assert text_of(found).endswith("    disk: 5\n    crons: {c: {spec: x, commands: {start: y}}}\n")


def test_a_list_that_is_asked_for_is_not_advised_against() -> None:
    files = {CONFIG: b"applications: {shop: {type: composable:26.05, stack: {runtimes: [nodejs@26]}}}\n"}
    found = plan(files, Options(stack_form="list"))
    assert text_of(found) == "applications: {shop: {type: composable:26.05, stack: [nodejs@26]}}\n"
    assert not found.diagnostics
    files = {CONFIG: text_of(found).encode()}
    assert [one.name for one in plan(files, Options(skip=("stack-form",))).diagnostics] == ["stack-list"]


def test_what_workers_repeat_moves_although_other_codemods_change_what_stands_around_it(tmp_path: Path) -> None:
    app = """\
name: shop
type: 'php:8.4'
dependencies:
  nodejs: {yarn: '1'}
runtime:
  extensions: [redis]
workers:
  queue:
    mounts: {/a: {source: local, source_path: a}}  # files
    size: S
    commands: {start: ./queue}
  mail:
    mounts:
      /a: "shared:files/a"
    commands: {start: ./mail}
web:
  mounts: {}
"""
    found = planned(tmp_path, {APP: app}, Options(factor=True, stack=("all",)))
    text = text_of(found)
    after = """\
        - 'php@8.4':
            extensions: [redis]
        - 'nodejs@26'
      packages:
        - yarn
    mounts: {/a: {source: instance, source_path: a}}  # files
    workers:
      queue:
        commands: {start: ./queue}
      mail:
        commands: {start: ./mail}
    web:
      mounts: {}
"""
    assert text.endswith(after)
    lines = text.splitlines()
    (factored, *_) = (line for line, by in found.places[CONFIG] if by == "factor-workers")
    assert lines[factored - 1] == "        - yarn"  # behind which the text goes
    (composed, *_) = (line for line, by in found.places[APP] if by == "composable-stack")
    assert app.splitlines()[composed - 1] == "type: 'php:8.4'"
    for path in (APP, CONFIG):
        assert found.places[path] == tuple(sorted(found.places[path], key=lambda place: place[0]))
    found.apply()
    assert not plan(tmp_path, Options(factor=True, stack=("all",)))


@pytest.mark.parametrize("root", ["''", "app"])
def test_a_root_that_an_included_source_states_is_written_down(tmp_path: Path, root: str) -> None:
    app = "name: api\ntype: php:8.4\nsource: !include part.yaml\n"
    files: dict[str, str | bytes] = {f"api/{APP}": app, "api/part.yaml": f"root: {root}\n", "app/x": ""}
    text = text_of(planned(tmp_path, files))
    assert text == f"applications:\n  api:\n    type: php:8.4\n    source:\n      root: {root}\n"


def test_text_that_a_codemod_cannot_write_is_a_refusal(tmp_path: Path) -> None:
    text = MINIMAL + "web:\n  size: &s 1,000\nvariables:\n  env: {A: *s}\n"
    with pytest.raises(RefusedError) as caught:
        planned(tmp_path, {APP: text})
    (reason,) = caught.value.diagnostics
    assert reason.name == "not-possible"
    assert reason.message.endswith("`1,000` cannot be written inside braces; put it in quotes if it is text")


def test_unknown_codemod_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="did you mean `cron-commands`"):
        planned(tmp_path, {APP: MINIMAL}, Options(skip=("cron-command",)))


def test_a_stack_for_an_application_that_is_not_there_is_reported(tmp_path: Path) -> None:
    found = planned(tmp_path, {APP: MINIMAL}, Options(stack=("needed", "shopp")))
    (note,) = (d for d in found.diagnostics if d.message == "--stack: there is no application `shopp`")
    assert note.help == "there is `shop`; or write needed, advised, all, never"


def test_storage_mounts_are_what_was_asked_for_and_nothing_else(tmp_path: Path) -> None:
    text = MINIMAL + "mounts:\n  a: {source: local}\n  b: 'shared:files/b'\n  c: {source: tmp}\n"
    assert text_of(planned(tmp_path, {APP: text}, Options(mounts="storage"))).endswith(
        "    mounts:\n      a: {source: storage}\n      b:\n        source: storage\n        source_path: b\n      c: {source: tmp}\n"
    )


def test_diff_names_files_that_come_and_go(tmp_path: Path) -> None:
    found = planned(tmp_path, {APP: "name: a"}).diff()
    assert "--- /dev/null\n+++ b/.upsun/config.yaml\n@@ -0,0 +1,2 @@\n+applications:\n+  a: {}\n" in found
    assert "--- a/.platform.app.yaml\n+++ /dev/null\n@@ -1 +0,0 @@\n-name: a\n\\ No newline at end of file\n" in found


SHARED = {
    "anchor in data, merged into a worker": (
        "name: a\nvariables:\n  env: &x {size: 1, A: b}\nworkers:\n  q:\n    <<: *x\n    commands: {start: c}\n",
        "  a:\n    variables:\n      env: &x {size: 1, A: b}\n    workers:\n      q:\n        A: b\n        commands: {start: c}\n",
    ),
    "anchor in a worker, used as data": (
        "name: a\nworkers:\n  q: &x\n    size: S\n    commands: {start: c}\nvariables:\n  env:\n    X: *x\n",
        (
            "  a:\n    workers:\n      q: &x\n        commands: {start: c}\n"
            "    variables:\n      env:\n        X:\n          size: S\n          commands: {start: c}\n"
        ),
    ),
    "anchor used by two workers": (
        "name: a\nworkers:\n  q: &x\n    size: S\n    commands: {start: c}\n  r:\n    <<: *x\n    commands: {start: d}\n",
        "  a:\n    workers:\n      q: &x\n        commands: {start: c}\n      r:\n        <<: *x\n        commands: {start: d}\n",
    ),
}


@pytest.mark.parametrize(("before", "after"), SHARED.values(), ids=SHARED.keys())
def test_value_that_several_places_share_is_written_out_only_where_they_differ(tmp_path: Path, before: str, after: str) -> None:
    assert text_of(planned(tmp_path, {APP: before})) == "applications:\n" + after


@pytest.mark.parametrize(("second", "files"), [("  <<: *a\n", [CONFIG]), ("  type: php\n", [".upsun/a.yaml", ".upsun/b.yaml"])])
def test_applications_that_share_anchors_are_not_split_and_that_is_said(tmp_path: Path, second: str, files: list[str]) -> None:
    found = planned(tmp_path, {".platform/applications.yaml": f"a: &a\n  type: php\nb:\n{second}"}, Options(split=True))
    assert [path for path, data in found.files.items() if data is not None] == files
    said = [d.message for d in found.diagnostics if d.name == "not-split"]
    assert said == ["the applications share anchors, so they stay in one file"] * (files == [CONFIG])


def test_archive_is_the_same_after_its_move_with_folders_and_files_of_any_name(tmp_path: Path) -> None:
    services = "s: {type: solr:9.9, configuration: {core_config: !archive solr}}\n"
    inside = {f".platform/solr/{name}": name for name in ("schema.xml", "lang/stop.txt", "a.txt", "vendor/builds/b.txt")}
    found = planned(tmp_path, {APP: MINIMAL, ".platform/services.yaml": services, **inside})
    assert found.moves == {path: path.replace(".platform", ".upsun") for path in inside}


def test_files_in_which_nothing_is_shared_are_rewritten_once_where_a_value_of_another_is_written_out(tmp_path: Path) -> None:
    shared = "name: shop\nmounts:\n  /a: &m shared:files/x\nvariables:\n  env: {d: *m}\n"
    files: dict[str, str | bytes] = {APP: shared, "b/.platform.app.yaml": "name: api\nworkers:\n  queue:\n    disk: 2048\n"}
    found = planned(tmp_path, files, Options(split=True))
    assert "queue: {}" in text_of(found, ".upsun/api.yaml")
    assert "env: {d: 'shared:files/x'}" in text_of(found, ".upsun/shop.yaml")


@pytest.mark.parametrize(
    ("text", "after"),
    [
        # Comments beside a key and beside the value below it do not become one.
        (
            "name: shop\nmounts:\n  /a:  # c\n    shared:files/x  # d\n",
            "    mounts:\n      /a:  # c\n          # d\n        source: instance\n",
        ),
        # What stands below a key that leaves does not become text of the scalar above it.
        ("x-own: |\n  t\nname: shop  # c\n      # d\n", "  shop:  # c\n    x-own: |\n      t\n    # d\n"),
        ("x-own: |+\n  t\nname: shop\n\n# d\n", "  shop:\n    x-own: |+\n      t\n    # d\n"),
        ("name: shop\nx-own: |+\n  ", "  shop:\n    x-own: |+\n"),
        ("name: shop\nsize: |-\n  S\n # c\n", "  shop: {}\n     # c\n"),
        ("x-own: |-\n  t\nname: shop\nsize: S\n     # c\ntype: php:8.4\n", "    x-own: |-\n      t\n    # c\n    type: php:8.4\n"),
    ],
)
def test_what_stands_around_a_key_that_leaves(tmp_path: Path, text: str, after: str) -> None:
    assert after in text_of(planned(tmp_path, {APP: text}))


def test_head_of_a_file_does_not_become_text_of_the_file_above(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        APP: "name: shop\nx-own: |+\n  t\n",
        "b/.platform.app.yaml": "---\n\n       # c\nname: api\n",
    }
    after = "  shop:\n    x-own: |+\n      t\n  # c\n  api:\n    source:\n      root: b\n"
    assert after in text_of(planned(tmp_path, files))


def test_a_dot_key_that_keeps_empty_lines_takes_in_none(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {".platform/applications.yaml": ".base: &b |+\nshop:\n  x-own: *b\n"}
    assert text_of(planned(tmp_path, files)) == ".base: &b |+\napplications:\n  shop:\n    x-own: *b\n"


def test_a_source_that_others_share_is_written_out_for_them(tmp_path: Path) -> None:
    text = "name: api\nsource: &s\n  operations: {up: {command: make}}\nx-own:\n  <<: *s\n"
    after = (
        "    source: &s\n      root: app\n      operations: {up: {command: make}}\n    x-own:\n      operations: {up: {command: make}}\n"
    )
    assert after in text_of(planned(tmp_path, {"app/.platform.app.yaml": text}))


@pytest.mark.parametrize("value", ["make", "[make]", "&m make"])
def test_a_source_that_takes_no_root_is_refused_where_it_stands(value: str) -> None:
    with pytest.raises(RefusedError) as caught:
        plan({"app/.platform.app.yaml": f"name: api\nsource: {value}\n".encode()})
    (said,) = caught.value.diagnostics
    assert str(said) == (
        "app/.platform.app.yaml:2:9: error: applications.api: `source`: expected a mapping, which its root has to come into "
        "[not-a-mapping]\n  help: delete it, or write a mapping with `root: app`"
    )
    assert f"    source: {value}\n" in text_of(plan({APP: f"name: api\nsource: {value}\n".encode()}))  # and its root need not be said


def test_an_application_with_a_tag_is_refused_where_it_stands() -> None:
    with pytest.raises(RefusedError) as caught:
        plan({".platform/applications.yaml": b"- name: a\n- !t\n  name: b\n  disk: 512\n"})
    (said,) = caught.value.diagnostics
    assert str(said) == (
        ".platform/applications.yaml:2:3: error: expected an application, which is a mapping, found one tagged `!t` [not-a-mapping]\n"
        "  help: write it without the tag"
    )


def test_a_root_that_was_the_folder_of_the_configuration_is_told() -> None:
    found = plan({".platform/.platform.app.yaml": b"name: web\ntype: nodejs:24\n", "index.js": b"run()\n"})
    assert text_of(found) == "applications:\n  web:\n    source:\n      root: .platform\n    type: nodejs:24\n"
    (said,) = [one for one in found.diagnostics if one.name == "root-missing"]
    assert str(said) == (
        ".upsun/config.yaml:4:7: warning: applications.web.source.root: `.platform` was the folder of the configuration, "
        "which is in another now [root-missing]\n  help: write `root: /` if the code is at the top of the repository, or where else it is"
    )


def test_a_source_that_is_not_there_stays_and_its_root_is_told() -> None:
    found = plan(
        {
            "app/.platform.app.yaml": b"name: api\nsource: !include missing.yaml\nhooks: {build: !include {type: string, path: b.sh}}\n",
            "app/b.sh": b"make\n",
        }
    )
    assert text_of(found) == (
        "applications:\n  api:\n    source: !include missing.yaml\n    hooks: {build: !include {type: string, path: app/b.sh}}\n"
    )
    said = {one.name: one for one in found.diagnostics}
    assert str(said["root-not-stated"]) == (
        ".upsun/config.yaml:3:13: warning: applications.api: its root was `app`, and `source` is in a file that is not there "
        "[root-not-stated]\n  help: write `root: app` into that file"
    )
    assert "include-missing" in said


def test_a_file_that_was_written_out_is_told_to_stay() -> None:
    found = plan({"app/.platform.app.yaml": b"name: api\nsource: !include s.yaml\n", "app/s.yaml": b"operations: {}\n"})
    assert "    source:\n      root: app\n      operations: {}\n" in text_of(found)
    (said,) = (one for one in found.diagnostics if one.name == "left-behind")
    assert str(said) == (
        "app/s.yaml: info: `app/s.yaml` is included no more, since what it holds is written where it was included, and stays where it is "
        "[left-behind]\n  help: delete it, if nothing else reads it"
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x-own: *a", "x-own:\n      name: a\n      type: php:8.4"),
        ("x-own: [*a]", "x-own: [{name: a, type: 'php:8.4'}]"),
        ("x-own:\n    <<: *a", "x-own:\n      name: a\n      type: php:8.4"),
        ("<<: *a", "<<: *a"),
    ],
)
def test_an_application_that_is_another_one_s_data_keeps_its_name_there(before: str, after: str) -> None:
    found = plan({".platform/applications.yaml": f"- &a\n  name: a\n  type: php:8.4\n- name: b\n  {before}\n".encode()})
    assert text_of(found) == f"applications:\n  a: &a\n    type: php:8.4\n  b:\n    {after}\n"


@pytest.mark.parametrize(("path", "folder"), [(".", "app"), ("..", "."), ("../app", "app")])
def test_an_archive_of_configuration_that_leaves_is_refused_where_it_stands(path: str, folder: str, tmp_path: Path) -> None:
    with pytest.raises(RefusedError) as caught:
        planned(tmp_path, {"app/.platform.app.yaml": f'name: api\nx-own: !archive "{path}"\n'})
    (said,) = caught.value.diagnostics
    assert str(said) == (
        f"app/.platform.app.yaml:2:8: error: expected a folder without configuration, found `app/.platform.app.yaml` in `{folder}`, "
        "which has to leave it [include-cycle]\n  help: archive a folder of its own"
    )


def test_several_codemods_take_keys_out_of_the_same_braces(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        ".platform/applications.yaml": "shop: {type: 'php:8.3', disk: 2048, resources: {base_memory: 64}, build: {flavor: none}}\n"
    }
    found = text_of(planned(tmp_path, files, Options(stack=("all",))))
    channel = found.partition("composable:")[2].partition("'")[0]
    assert found == f"applications:\n  shop: {{type: 'composable:{channel}', stack: {{runtimes: ['php@8.3']}}}}\n"


def test_a_codemod_changes_nothing_inside_of_what_another_takes_out(tmp_path: Path) -> None:
    text = "name: shop\nmounts:\n  /a: {source: instance}\nworkers:\n  w:\n    mounts:\n      /a: {source: local}\n"
    found = text_of(planned(tmp_path, {APP: text}, Options(factor=True)))
    assert found == "applications:\n  shop:\n    mounts:\n      /a: {source: instance}\n    workers:\n      w: {}\n"


def test_what_a_codemod_says_of_a_key_is_not_said_a_second_time(tmp_path: Path) -> None:
    app = "name: shop\ntoolstack: php\nmove_to_root: true\nruntime: {quicklisp: {}}\nweb: {locatoins: {}, move_to_root: true}\n"
    found = planned(tmp_path, {".platform.app.yaml": app})
    assert [(d.name, d.message.partition(": ")[0]) for d in found.diagnostics] == [
        ("unknown-key", "applications.shop.web"),  # `locatoins`, of which no codemod knows
        ("dead-keys", "applications.shop.move_to_root"),
        ("dead-keys", "applications.shop.runtime.quicklisp"),
        ("dead-keys", "applications.shop.web.move_to_root"),
        ("toolstack", "applications.shop.toolstack"),
    ]
    skipping = planned(tmp_path, {}, Options(skip=("dead-keys", "toolstack")))
    assert [d.name for d in skipping.diagnostics] == [
        "toolstack-wrong",
        "unknown-key",
        "key-without-effect",
        "unknown-key",
        "key-without-effect",
    ]


def test_explicit_keys_in_braces_are_rewritten_as_any_other(tmp_path: Path) -> None:
    text = "name: shop\ncrons: {a: {? cmd : x, spec: '* * * * *'}}\nmounts: {? /a : 'shared:files/x', ? '/b' : {? source : local}}\n"
    found = text_of(planned(tmp_path, {APP: text + "? disk\n: 512\n"}))
    crons = "    crons: {a: {commands: {? start : x}, spec: '* * * * *'}}\n"
    mounts = "    mounts: {? /a : {source: instance, source_path: x}, ? '/b' : {? source : instance}}\n"
    assert found == f"applications:\n  shop:\n{crons}{mounts}"


SOURCE = "operations: {up: {command: ./up}}  # by hand\n"
UPDATED = "    source:\n      root: api\n      operations: {up: {command: ./up}}\n"  # a copy leaves comments to its original


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (
            {"api/.platform.app.yaml": f"name: api\n.s: &s\n  {SOURCE}source: *s\ntype: php:8.4\n"},
            f"  api:\n    .s: &s\n      {SOURCE}{UPDATED}    type: php:8.4\n",
        ),
        (
            {"api/.platform.app.yaml": "name: api\nsource: !include source.yaml # up\ntype: php:8.4\n", "api/source.yaml": SOURCE},
            f"  api:\n    source: # up\n{UPDATED.partition(chr(10))[2]}    type: php:8.4\n",
        ),
        (
            {"api/.platform.app.yaml": f".c: &c\n  source:\n    {SOURCE}name: api\n<<: *c # shared\ntype: php:8.4\n"},
            f"  api:\n    .c: &c\n      source:\n        {SOURCE}    <<: *c # shared\n{UPDATED}    type: php:8.4\n",
        ),
        (
            {".platform.app.yaml": ".c: &c\n  name: api\n  timezone: Europe/Rome\n<<: *c\ntype: php:8.4\n"},
            "  api:\n    .c: &c\n      name: api\n      timezone: Europe/Rome\n    timezone: Europe/Rome\n    type: php:8.4\n",
        ),
        (
            {"api/.platform.app.yaml": "{name: api, .c: &c {source: {operations: {up: {command: ./up}}}}, <<: *c, type: php:8.4}\n"},
            (
                "  api: {.c: &c {source: {operations: {up: {command: ./up}}}}, <<: *c,"
                " source: {root: api, operations: {up: {command: ./up}}}, type: php:8.4}\n"
            ),
        ),
    ],
    ids=["alias", "include", "merged source", "merged name", "in braces"],
)
def test_a_key_that_lifting_changes_is_written_where_it_changes(tmp_path: Path, files: dict[str, str | bytes], expected: str) -> None:
    assert text_of(planned(tmp_path, files)) == f"applications:\n{expected}"


def test_archive_of_the_whole_old_folder_keeps_its_files(tmp_path: Path) -> None:
    services = "search:\n  type: solr:9.9\n  configuration: {conf_dir: !archive .}\n"
    found = planned(tmp_path, {APP: MINIMAL, ".platform/services.yaml": services, ".platform/schema.xml": "<x/>\n"})
    assert "conf_dir: !archive platform}" in text_of(found)
    assert text_of(found, ".upsun/platform/services.yaml") == services
    assert text_of(found, ".upsun/platform/schema.xml") == "<x/>\n"
    assert found.files[".platform/schema.xml"] is found.files[".platform/services.yaml"] is None


def test_file_of_the_layout_that_another_includes_stays_one(tmp_path: Path) -> None:
    routes = '"https://{default}/": {type: upstream, upstream: "shop:http"}\n'
    services = "edge: {type: varnish:7.6, configuration: {text: !include {type: string, path: routes.yaml}}}\n"
    found = planned(tmp_path, {APP: MINIMAL, ".platform/services.yaml": services, ".platform/routes.yaml": routes})
    assert "!include {type: string, path: include/routes.yaml}" in text_of(found)
    assert text_of(found, ".upsun/include/routes.yaml") == routes


def test_link_that_leads_nowhere_stays_in_its_folder_and_is_told(tmp_path: Path) -> None:
    services = "search:\n  type: solr:9.9\n  configuration: {conf_dir: !archive solr}\n"
    project(tmp_path, {APP: MINIMAL, ".platform/services.yaml": services, ".platform/solr/schema.xml": "<x/>\n"})
    (tmp_path / ".platform/solr/old.xml").symlink_to("gone.xml")
    found = plan(tmp_path)
    assert found.moves == {".platform/solr/schema.xml": ".upsun/solr/schema.xml"}
    assert [one.message for one in found.diagnostics if one.code == "WL197"] == [
        "`.platform/solr/old.xml` is a link that leads to no file of the project, and stays where it is"
    ]
    assert [one.name for one in found.before.diagnostics] == ["archive-file"]


def test_application_that_is_included_and_read_by_itself_is_refused_with_the_place_of_the_include(tmp_path: Path) -> None:
    with pytest.raises(RefusedError) as refused:
        planned(tmp_path, {".platform/applications.yaml": "- !include ../b/.platform.app.yaml\n", "b/.platform.app.yaml": MINIMAL})
    (one,) = refused.value.diagnostics
    assert one.message == "applications.shop: defined a second time, first at .platform/applications.yaml:1:3"
    assert one.help == "delete the include in .platform/applications.yaml, since this file is read by itself"


def test_paths_in_a_file_that_is_written_out_still_lead_to_their_files(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "api/.platform.app.yaml": "name: api\nsource: !include sub/source.yaml\n",
        "api/sub/source.yaml": 'operations:\n  up: {command: !include {type: string, path: "up.sh"}}\n',
        "api/sub/up.sh": "git pull\n",
    }
    assert text_of(planned(tmp_path, files)) == (
        "applications:\n  api:\n    source:\n      root: api\n      operations:\n"
        '        up: {command: !include {type: string, path: "sub/up.sh"}}\n'
    )


@pytest.mark.parametrize("name", ["only", "skip", "stack"])
def test_an_option_of_several_names_is_no_text(name: str) -> None:
    wrong: Any = {name: "shop"}
    with pytest.raises(UsageError, match=rf"^{name}: expected a tuple of names, found the text `shop`; write `\('shop',\)`$"):
        Options(**wrong)


def test_notes_on_many_keys_take_a_time_in_proportion_to_their_number(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[int] = []
    said = planning._said

    def counted(stages: list[Any]) -> list[Diagnostic]:
        taken.append(steps(lambda: said(stages)))
        return said(stages)

    monkeypatch.setattr(planning, "_said", counted)
    for count in (50, 200):
        plan(
            {
                ".platform/applications.yaml": "".join(
                    f"- name: a{n}\n  type: 'php:8.4'\n  disk: 512\n  move_to_root: true\n" for n in range(count)
                ).encode()
            }
        )
    few, many = taken
    assert few > 50 * 100
    assert many < 4.5 * few
