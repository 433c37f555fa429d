"""From files to a project: layouts, names, includes, duplicates."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from workerlib import check, effective, load, loads
from workerlib.errors import ConfigurationError, UsageError
from workerlib.layout import CONFIG
from workerlib.model import Commands, Number, Web
from workerlib.text import Limits

OLD = {
    ".platform.app.yaml": b"name: shop\ntype: 'php:8.4'\n",
    "api/.platform.app.yaml": b"name: api\ntype: 'python:3.14'\n",
    ".platform/services.yaml": b"db:\n  type: mariadb:11.4\n",
    ".platform/routes.yaml": b"'https://{default}/': {type: upstream, upstream: 'shop:http'}\n",
}


def test_bytes_are_no_text() -> None:
    wrong: Any = b"applications: {}"
    with pytest.raises(
        UsageError, match=r"^text: expected `str`, found `bytes`; `load` reads bytes, as {'\.upsun/config\.yaml': \.\.\.}, and folders$"
    ):
        loads(wrong)


NEW = b"""\
applications:
  shop:
    type: php:8.4
  api:
    source: {root: /api/}
    type: python:3.14
services:
  db: {type: 'mariadb:11.4'}
routes:
  "https://{default}/": {type: upstream, upstream: "shop:http"}
"""


def test_old_and_new_layout_load_to_equal_projects(tmp_path: Path) -> None:
    (tmp_path / CONFIG).parent.mkdir()
    (tmp_path / CONFIG).write_bytes(NEW)
    assert load(OLD) == load({CONFIG: NEW}) == loads(NEW.decode()) == load(tmp_path) == load(tmp_path / CONFIG)


@pytest.mark.parametrize(
    "applications",
    [
        b"- name: shop\n  type: php:8.4\n- {name: api, type: 'python:3.14', source: {root: api}}\n",
        b"shop: {type: 'php:8.4'}\napi:\n  type: python:3.14\n  source: {root: ./api}\n",
        b".x: &x\n  type: php:8.4\nshop:\n  <<: *x\n  name: shop\napi: {type: 'python:3.14', source: {root: api/}}\n",
        b"applications:\n  shop: {type: 'php:8.4'}\n  api: {type: 'python:3.14', source: {root: api}}\n",
        b"- !include shop.yaml\n- {name: api, type: 'python:3.14', source: {root: api}}\n",
    ],
    ids=["list", "mapping", "dot keys", "wrapped", "included"],
)
def test_every_form_of_one_file_for_all_applications(applications: bytes) -> None:
    files = {path: data for path, data in OLD.items() if "app.yaml" not in path}
    files |= {".platform/applications.yaml": applications, ".platform/shop.yaml": b"name: shop\ntype: php:8.4\n"}
    assert load(files) == load(OLD)


def test_second_definition_is_an_error_unless_the_last_one_is_to_win() -> None:
    files = {
        ".upsun/app.yaml": b"applications: {x: {type: a, source: {root: one}}}\n",
        ".upsun/app-bis.yaml": b"applications: {x: {type: b}}\n",
    }
    with pytest.raises(ConfigurationError, match=r"\.upsun/app-bis\.yaml:1:16: .* first at \.upsun/app\.yaml:1:16"):
        load(files)
    app = load(files, on_duplicate="last").applications["x"]
    assert (app.type, app.root) == ("b", "")
    with pytest.raises(UsageError, match="found `first`"):
        load(files, on_duplicate="first")


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(ConfigurationError) as caught:
        load({".platform.app.yaml": b"a: [\n", "b/.platform.app.yaml": b"b: {\n"})
    assert len(caught.value.diagnostics) == 2
    with pytest.raises(ConfigurationError) as caught:
        load({".platform/applications.yaml": b"- 1\n- type: x\n- name: a/b\n"})
    assert [d.name for d in caught.value.diagnostics] == ["not-a-mapping", "no-name", "bad-name"]


INCLUDES: dict[str, dict[str, bytes]] = {
    "from the root of the application": {"api/build.sh": b"make\n", "build.sh": b"wrong\n"},
    "from the folder of the file where the root has none": {"conf/build.sh": b"make\n"},
}


@pytest.mark.parametrize("files", INCLUDES.values(), ids=INCLUDES.keys())
def test_includes_inside_an_application(files: dict[str, bytes]) -> None:
    app = b"name: a\nsource: {root: api}\nhooks: {build: !include {type: string, path: build.sh}}\n"
    hooks = load({"conf/.platform.app.yaml": app, **files}).applications["a"].hooks
    assert hooks
    assert hooks.build == "make\n"


def test_included_yaml_may_include_from_its_own_folder() -> None:
    files = {
        ".platform.app.yaml": b"name: a\nweb: !include conf/web.yaml\n",
        "conf/web.yaml": b"locations: {/: !include root.yaml}\n",
        "conf/root.yaml": b"root: public\n",
    }
    web = load(files).applications["a"].web
    assert web
    assert web.locations
    assert web.locations["/"].root == "public"


def test_one_file_is_of_the_layout_that_its_place_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {
        "api/.platform.app.yaml": "name: api\ntype: 'php:8.4'\nhooks: {build: !include {type: string, path: build.sh}}\n",
        "api/build.sh": "make\n",
        ".platform/applications.yaml": "shop: {type: 'php:8.4'}\n",
        ".upsun/app.yaml": "applications: {site: {type: 'php:8.4', web: !include web.yaml}}\n",
        ".upsun/other.yaml": "applications: {other: {type: 'php:8.4'}}\n",
        "web.yaml": "commands: {start: ./w}\n",
        "anything.yaml": "applications: {any: {type: 'php:8.4', web: !include web.yaml}}\n",
    }
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    api = load(tmp_path / "api" / ".platform.app.yaml")
    assert [(app.name, app.hooks and app.hooks.build) for app in api.applications.values()] == [("api", "make\n")]
    assert str(api.origin("applications.api.type")) == ".platform.app.yaml:2:1"
    assert list(load(tmp_path / ".platform" / "applications.yaml").applications) == ["shop"]
    site = load(tmp_path / ".upsun" / "app.yaml")
    assert [(app.name, app.web and app.web.commands) for app in site.applications.values()] == [("site", Commands(start="./w"))]
    assert str(site.origin("applications.site.type")) == ".upsun/app.yaml:1:23"
    assert check(site) == ()
    monkeypatch.chdir(tmp_path / ".upsun")
    assert list(load("other.yaml").applications) == ["other"]
    assert load("../anything.yaml").applications["any"].web == Web(commands=Commands(start="./w"))


def test_services_include_from_the_configuration_folder() -> None:
    config = b"applications: {a: {type: x}}\nservices: {v: {configuration: {vcl: !include {type: string, path: v.vcl}}}}\n"
    configuration = load({CONFIG: config, ".upsun/v.vcl": b"vcl\n", "v.vcl": b"wrong\n"}).services["v"].configuration
    assert configuration == {"vcl": "vcl\n"}


@pytest.mark.parametrize(
    ("files", "limits", "name"),
    [
        ({"b.yaml": b"c: !include c.yaml\n", "c.yaml": b"d: !include b.yaml\n"}, Limits(), "include-cycle"),
        (
            {f"{i}.yaml": f"x: !include {i + 1}.yaml\n".encode() for i in range(50)} | {"b.yaml": b"x: !include 0.yaml\n"},
            Limits(),
            "limit-exceeded",
        ),
        ({"b.yaml": b"x: [!include d.yaml, !include e.yaml]\n", "d.yaml": b"1", "e.yaml": b"2"}, Limits(includes=2), "limit-exceeded"),
        ({"b.yaml": b"x: !include ../../d.yaml\n"}, Limits(), "include-path"),
    ],
)
def test_includes_are_bounded_and_stay_inside(files: dict[str, bytes], limits: Limits, name: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load({".platform.app.yaml": b"name: a\nweb: !include b.yaml\n", **files}, limits=limits)
    assert caught.value.diagnostics[0].name == name


def test_keys_that_begin_with_a_dot_are_no_definitions() -> None:
    project = loads(".x: &x {type: y}\napplications:\n  a: *x\n  .b: *x\nservices: {.c: *x}\n")
    assert list(project.applications) == ["a"]
    assert not project.services
    assert not project.extra


def test_list_of_applications_is_no_form_of_the_current_layout() -> None:
    with pytest.raises(ConfigurationError, match="expected a mapping of names to applications"):
        loads("applications:\n  - name: a\n")


@pytest.mark.parametrize("section", ["applications", "services", "routes"])
def test_a_name_that_is_a_collection_is_refused(section: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        loads(f"{section}:\n  ? [a, b]\n  : {{type: 'php:8.4'}}\n")
    (found,) = caught.value.diagnostics
    assert str(found.origin) == ".upsun/config.yaml:2:5"
    assert (found.code, found.message) == ("WL112", f"{section}: expected a name, found `[a, b]`")


def test_a_key_at_the_top_that_is_a_collection_is_kept_and_reported() -> None:
    project = loads("? [a, b]\n: 1\napplications: {}\n")
    assert project.extra == {"[a, b]": Number("1")}
    assert [(one.name, str(one.origin)) for one in project.diagnostics] == [("unknown-key", ".upsun/config.yaml:1:3")]


@pytest.mark.parametrize("text", ["a[", 'a."b', "a..b"])
def test_the_place_of_what_is_no_path_is_a_request_for_what_there_is_not(text: str) -> None:
    project = loads("applications: {a: {type: 'php:8.4'}}\n")
    for ask in (project.origin, effective(project.applications["a"]).origin, effective(project.applications["a"]).explain):
        with pytest.raises(UsageError, match="is not a key path"):
            ask(text)


@pytest.mark.parametrize(
    ("text", "code", "name", "message"),
    [
        ("x\n", "WL110", "not-a-mapping", "expected"),
        ("type: php:8.4\n", "WL111", "no-name", "expected `name`, since an application needs one"),
        ("name: []\n", "WL111", "no-name", "`name`: expected an application's name"),
        ("name: a/b\n", "WL112", "bad-name", "expected a name without `/`, `..` and `--`, found `a/b`"),
        (
            "name: a\nsource: {root: ../b}\n",
            "WL114",
            "root-outside",
            "applications.a: expected `source.root` inside the project, found `../b`",
        ),
    ],
)
def test_what_leaves_no_application_has_a_code_a_name_and_advice(text: str, code: str, name: str, message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load({".platform.app.yaml": text.encode()})
    (found,) = caught.value.diagnostics
    assert (found.code, found.name) == (code, name)
    assert found.message.startswith(message)
    assert found.help
