"""Several files become one project, and several projects one; the laws of the latter are in property/test_merge.py."""

from __future__ import annotations

import pickle

import pytest

from workerlib.errors import ConfigurationError, UsageError
from workerlib.layout import MemoryFiles
from workerlib.loading import load, loads
from workerlib.merging import MERGE_RULES, MergeRule, merge, no_applications, normal_root
from workerlib.model import ABSENT, Commands, Project

CONFIG = ".upsun/config.yaml"
APP = ".platform.app.yaml"
APPS = ".platform/applications.yaml"
SERVICES = ".platform/services.yaml"
ROUTES = ".platform/routes.yaml"


def loaded(files: dict[str, str], on_duplicate: str = "error") -> Project:
    return load({path: text.encode() for path, text in files.items()}, on_duplicate=on_duplicate)


def mistakes(files: dict[str, str]) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        loaded(files)
    return [f"{one.name} {one.origin}" for one in caught.value.diagnostics]


# ---- files --------------------------------------------------------------------------------------------------------------------------


def test_sections_of_several_files_are_put_together() -> None:
    project = loaded(
        {
            ".upsun/a.yaml": "applications: {a: {type: 'php:8.4'}}\nservices: {db: {type: 'mariadb:11.4'}}\n",
            ".upsun/b.yaml": "applications: {b: {type: 'php:8.4'}}\nroutes: {'https://{default}/': {type: upstream, upstream: 'a:http'}}\n",
        }
    )
    assert (list(project.applications), list(project.services), list(project.routes)) == (["a", "b"], ["db"], ["https://{default}/"])


@pytest.mark.parametrize(
    ("section", "text"),
    [("applications", "x: {type: 'php:8.4'}"), ("services", "x: {type: 'redis:7.0'}"), ("routes", "x: {type: upstream}")],
    ids=["applications", "services", "routes"],
)
def test_each_further_definition_of_one_name_is_a_mistake_with_its_place_and_that_of_the_first(section: str, text: str) -> None:
    files = {f".upsun/{name}.yaml": f"{section}:\n  {text}\n" for name in ("a", "b", "c")}
    with pytest.raises(ConfigurationError) as caught:
        loaded(files)
    found = [(one.name, str(one.origin), one.message) for one in caught.value.diagnostics]
    message = f"{section}.x: defined a second time, first at .upsun/a.yaml:2:3"
    assert found == [("duplicate-name", ".upsun/b.yaml:2:3", message), ("duplicate-name", ".upsun/c.yaml:2:3", message)]


def test_each_name_that_is_defined_twice_is_told() -> None:
    text = "services:\n  x: {type: 'redis:7.0'}\n  y: {type: 'redis:7.0'}\n"
    found = mistakes({".upsun/a.yaml": text, ".upsun/b.yaml": text})
    assert found == ["duplicate-name .upsun/b.yaml:2:3", "duplicate-name .upsun/b.yaml:3:3"]


def test_of_two_definitions_the_last_can_be_taken_as_a_whole() -> None:
    files = {
        ".upsun/a.yaml": "applications: {x: {type: 'php:8.3', timezone: UTC}}\n",
        ".upsun/b.yaml": "applications: {x: {type: 'php:8.4'}}\n",
    }
    app = loaded(files, "last").applications["x"]
    assert (app.type, app.timezone) == ("php:8.4", ABSENT)


def test_the_file_with_the_longer_stem_is_the_later_one() -> None:
    files = {".upsun/app-bis.yaml": "applications: {x: {type: bis}}\n", ".upsun/app.yaml": "applications: {x: {type: first}}\n"}
    assert loaded(files, "last").applications["x"].type == "bis"


@pytest.mark.parametrize(
    "text",
    ["- name: a\n  type: t\n- name: b\n  type: t\n", "a: {type: t}\nb: {type: t}\n", "applications:\n  a: {type: t}\n  b: {type: t}\n"],
    ids=["list", "mapping", "wrapped"],
)
def test_applications_of_one_file_may_be_a_list_a_mapping_or_wrapped(text: str) -> None:
    assert list(loaded({APPS: text}).applications) == ["a", "b"]


@pytest.mark.parametrize(
    "text",
    ["db: {type: 'redis:7.0'}\n", "services:\n  db: {type: 'redis:7.0'}\n", ".x: &x {type: 'redis:7.0'}\nservices: {db: *x}\n"],
    ids=["bare", "wrapped", "wrapped beside an anchor"],
)
def test_services_of_an_old_file_may_be_wrapped_in_the_name_of_their_section(text: str) -> None:
    assert list(loaded({APP: "name: a\n", SERVICES: text}).services) == ["db"]


def test_a_service_called_services_is_no_wrapper() -> None:
    assert list(loaded({APP: "name: a\n", SERVICES: "services: {type: 'redis:7.0'}\n"}).services) == ["services"]


def test_keys_that_begin_with_a_dot_are_no_definitions() -> None:
    project = loaded({APPS: ".common: &c {type: t}\na: *c\n", SERVICES: ".x: {}\ndb: {type: 'redis:7.0'}\n", ROUTES: ".y: {}\n"})
    assert (list(project.applications), list(project.services), project.routes) == (["a"], ["db"], {})
    assert project.applications["a"].type == "t"
    places = [str(one.origin) for one in project.diagnostics if one.name == "dot-key-ignored"]
    assert places == [f"{APPS}:1:1", f"{ROUTES}:1:1", f"{SERVICES}:1:1"]
    (one,) = loaded({CONFIG: "applications: {a: {}}\n.x: 1\n"}).diagnostics
    assert (one.name, str(one.origin)) == ("dot-key-ignored", f"{CONFIG}:2:1")


def test_an_application_whose_file_is_missing_has_its_name() -> None:
    assert list(loaded({CONFIG: "applications:\n  a: !include nothing.yaml\n"}).applications) == ["a"]


def test_a_list_whose_included_file_is_missing_is_told_that_once() -> None:
    missing = mistakes({APPS: "- !include none.yaml\n- {name: a, type: t}\n- {name: ''}\n"})
    assert missing == [f"include-missing {APPS}:1:3", f"no-name {APPS}:3:10"]


def test_unknown_sections_are_kept_and_those_with_a_dot_are_not() -> None:
    assert loaded({".upsun/config.yaml": "applications: {a: {}}\n.x: 1\nmore: text\n"}).extra == {"more": "text"}


def test_null_sections_are_empty() -> None:
    project = loaded({".upsun/config.yaml": "applications: {a: {}}\nservices:\nroutes: ~\n"})
    assert (project.services, project.routes) == ({}, {})


@pytest.mark.parametrize("include", ["!include e.yaml", "!include {type: yaml, path: e.yaml}"])
def test_an_application_that_includes_an_empty_file_is_none(include: str) -> None:
    files = {".upsun/config.yaml": f"applications:\n  shop: {include}\n", ".upsun/e.yaml": "# nothing\n"}
    assert mistakes(files) == mistakes({".upsun/config.yaml": "applications:\n  shop: ~\n"}) == ["not-a-mapping .upsun/config.yaml:2:9"]


@pytest.mark.parametrize("value", ["{type: php:8.4}", "!include a.yaml"])
def test_an_application_may_be_called_name(value: str) -> None:
    assert list(loaded({APPS: f"name: {value}\n", ".platform/a.yaml": "type: php:8.4\n"}).applications) == ["name"]


def test_all_mistakes_are_told_at_once() -> None:
    found = mistakes({APPS: "a: 5\nb: {name: c}\nd--e: {}\n", SERVICES: "- x\n"})
    assert found == [f"not-a-mapping {APPS}:1:4", f"bad-name {APPS}:2:11", f"bad-name {APPS}:3:1", f"not-a-mapping {SERVICES}:1:1"]


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (
            {CONFIG: "- name: a\n  type: php:8.4\n"},
            (
                "WL110 :1:1: expected `applications`, `services` and `routes`, found no mapping; "
                "write `applications`, and below it each of these under its name"
            ),
        ),
        ({CONFIG: "- a\n"}, "WL110 :1:1: expected `applications`, `services` and `routes`, found no mapping; write these keys"),
        (
            {CONFIG: "applications: !x {a: {type: 'php:8.4'}}\n"},
            "WL110 :1:15: applications: expected a mapping without a tag; write it here, or include each application",
        ),
        (
            {CONFIG: "applications: [a]\n"},
            "WL110 :1:15: applications: expected a mapping of names to applications; write one key for each application",
        ),
        ({CONFIG: "applications: {[a]: {}}\n"}, "WL112 :1:16: applications: expected a name, found `[a]`; write a name as the key"),
        (
            {CONFIG: "applications: {a: {}}\nservices: !x {db: {type: 'redis:7.0'}}\n"},
            "WL110 :2:11: services: expected a mapping; write one key for each of the services",
        ),
        (
            {".upsun/a.yaml": "services: {db: {type: 'redis:7.0'}}\n", CONFIG: "services:\n  db: {type: 'redis:7.0'}\n"},
            "WL113 :2:3: services.db: defined a second time, first at .upsun/a.yaml:1:12; delete one of them",
        ),
        (
            {".upsun/a.yaml": "applications: {a: {}}\n", CONFIG: "applications:\n  a: {}\n"},
            "WL113 :2:3: applications.a: defined a second time, first at .upsun/a.yaml:1:16; rename or delete one of them",
        ),
        (
            {CONFIG: "applications: {a: x}\n"},
            "WL110 :1:19: expected an application, which is a mapping, found none; write its properties as keys",
        ),
        (
            {CONFIG: "applications: {a: {source: {root: ../b}}}\n"},
            "WL114 :1:35: applications.a: expected `source.root` inside the project, found `../b`; write a path below the root",
        ),
        *(
            ({APP: f"name: {name}\n"}, "WL111 :1:7: `name`: expected an application's name; write one, in lower-case letters and digits")
            for name in ("~", "[]", "''")
        ),
        (
            {APP: "type: php:8.4\n"},
            "WL111 :1:1: expected `name`, since an application needs one; add `name: ` and the application's name",
        ),
        *(
            (
                {APP: text},
                (
                    "WL111 :1:1: expected `name`, since an application needs one; "
                    "write the application alone, with its `name`, or move the file to `.platform/applications.yaml`"
                ),
            )
            for text in ("applications: {a: {}}\n", "applications: {a: {}}\ntype: php:8.4\n", "a: {type: php:8.4}\nb: {type: php:8.4}\n")
        ),
        (
            {".symfony.cloud.yaml": "a: {type: php:8.4}\n"},
            (
                "WL111 :1:1: expected `name`, since an application needs one; "
                "write the application alone, with its `name`, or move the file to `.symfony/applications.yaml`"
            ),
        ),
        ({APP: "web: {}\n"}, "WL111 :1:1: expected `name`, since an application needs one; add `name: ` and the application's name"),
        ({APP: "text\n"}, "WL110 :1:1: expected an application, which is a mapping, found none; write its properties as keys"),
        (
            {CONFIG: "applications: {a: []}\n"},
            "WL110 :1:19: expected an application, which is a mapping, found none; write its properties as keys",
        ),
        (
            {APP: "- name: a\n"},
            (
                "WL110 :1:1: expected an application, which is a mapping, found none; "
                "write one application without a dash, or move the file to `.platform/applications.yaml`"
            ),
        ),
        (
            {".magento/applications.yaml": "type: php:8.4\nname: a\n"},
            (
                "WL110 :2:1: expected applications, found the keys of one; "
                "write `- ` before it and indent what follows, or move the file to `.magento.app.yaml`"
            ),
        ),
        ({CONFIG: "applications: {a: {name: b}}\n"}, "WL112 :1:26: applications.a: `name` says `b`; delete `name`, or make both equal"),
        *(
            ({APP: f"name: {name}\n"}, f"WL112 :1:7: expected a name without `/`, `..` and `--`, found `{name}`; rename the application")
            for name in ("a..b", "a/b", "a--b")
        ),
    ],
)
def test_each_mistake_says_where_what_and_what_to_do(files: dict[str, str], said: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        loaded(files)
    (one,) = caught.value.diagnostics
    assert f"{one.code} {one.origin}: {one.message}; {one.help}".replace(list(files)[-1], "", 1) == said


def test_a_project_without_an_application_is_told_where_one_is_looked_for() -> None:
    (one,) = no_applications("shop", MemoryFiles({})).diagnostics
    assert f"{one.code} {one.name} {one.origin}: {one.message}; {one.help}" == (
        "WL115 no-applications shop: expected at least one application, found none; "
        "run this in the folder that holds `.platform.app.yaml`, `.platform`, `.upsun` or the like"
    )


@pytest.mark.parametrize(
    ("text", "root"),
    [("/", ""), ("./a//b/", "a/b"), ("a/../b", "b"), ("../x", "../x"), ("a/../../x", "../x"), ("../../x", "../../x")],
    ids=lambda value: value or "root",
)
def test_roots_are_told_in_one_form(text: str, root: str) -> None:
    assert normal_root(text) == root


def test_a_root_may_be_stated_in_an_included_file() -> None:
    files = {CONFIG: "applications: {a: {source: !include s.yaml, variables: !include v.yaml}}\n", "s.yaml": "root: code\n"}
    project = loaded({**files, "code/v.yaml": "env: {A: b}\n"})
    assert (project.applications["a"].variables, project.diagnostics) == ({"env": {"A": "b"}}, ())


# ---- projects -----------------------------------------------------------------------------------------------------------------------

DEFAULTS = """\
applications:
  shop:
    type: php:8.3
    source: {root: backend}
    variables: {env: {MODE: base, REGION: eu}}
    web: {commands: {start: ./web}, timezone: UTC}
    workers:
      queue: {commands: {start: ./q}, mounts: {a: {source: tmp}}}
services:
  db: {type: 'mariadb:11.4', configuration: {x: 1}}
routes:
  https://{default}/: {type: upstream, upstream: 'shop:http', cache: {enabled: true}}
"""
OWN = """\

applications:
  shop:
    type: php:8.4
    variables: {env: {MODE: own}}
    web: {commands: {start: ./own}}
    workers:
      queue: {mounts: {}}
      mail: {commands: {start: ./m}}
  other: {type: 'php:8.4'}
services:
  db: {configuration: {y: 2}}
routes:
  https://{default}/: {cache: {enabled: false}}
"""


def test_a_property_is_taken_whole_from_the_last_that_states_it() -> None:
    shop = merge(loads(DEFAULTS), loads(OWN)).applications["shop"]
    assert (shop.type, shop.root) == ("php:8.4", "backend")
    assert shop.variables == {"env": {"MODE": "own"}}
    assert shop.web
    assert (shop.web.commands, shop.web.timezone) == (Commands(start="./own"), "UTC")
    assert list(shop.workers) == ["queue", "mail"]
    assert (shop.workers["queue"].commands, shop.workers["queue"].mounts) == (Commands(start="./q"), {})


def test_what_is_merged_key_by_key_can_be_said() -> None:
    rules = (*MERGE_RULES, MergeRule("applications.*.variables"), MergeRule("applications.*.variables.*"))
    shop = merge(loads(DEFAULTS), loads(OWN), rules=rules).applications["shop"]
    assert shop.variables == {"env": {"MODE": "own", "REGION": "eu"}}


def test_what_is_a_mapping_in_one_project_only_is_taken_whole() -> None:
    rules = (*MERGE_RULES, *(MergeRule(f"applications.*.variables{more}") for more in ("", ".env", ".env.A")))
    one, other = (loads(f"applications: {{a: {{variables: {{env: {{A: {value}}}}}}}}}") for value in ("{x: y}", "text"))
    assert merge(one, other, rules=rules).applications["a"].variables == {"env": {"A": "text"}}
    assert merge(other, one, rules=rules).applications["a"].variables == {"env": {"A": {"x": "y"}}}


def test_what_is_no_path_is_neither_a_rule_nor_a_place() -> None:
    for wrong in (lambda: MergeRule("applications..x"), lambda: merge(Project(), Project()).origin("applications..x")):
        with pytest.raises(UsageError, match="is not a key path"):
            wrong()


@pytest.mark.parametrize(
    ("path", "line"),
    {
        "applications.shop": 3,
        "applications.shop.type": 4,
        "applications.shop.source": 4,
        "applications.shop.variables.env.MODE": 5,
        "applications.shop.web.timezone": 6,
        "applications.shop.web.commands.start": 6,
        "applications.shop.workers.queue.commands.start": 8,
        "applications.shop.workers.queue.mounts": 8,
        "applications.other.type": 10,
        "services.db.type": 10,
        "services.db.configuration.y": 12,
        "routes.https://{default}/.upstream": 12,
        "routes.https://{default}/.cache.enabled": 14,
    }.items(),
)
def test_each_value_keeps_its_place(path: str, line: int) -> None:
    place = merge(loads(DEFAULTS), loads(OWN)).origin(path)
    assert place
    assert place.span
    assert place.span.line == line


def test_places_of_an_application_are_below_it() -> None:
    merged = merge(loads(DEFAULTS), loads(OWN))
    assert merged.applications["shop"].origin("web.timezone") == merged.origin("applications.shop.web.timezone")
    assert merged.origin("applications.shop.variables.env.REGION") is None
    assert merged.origin("services.none") is None


def test_an_application_that_came_from_another_project_keeps_its_places() -> None:
    merged = merge(Project(applications=loads(DEFAULTS).applications), loads(OWN))
    assert str(merged.origin("applications.shop.source.root")) == ".upsun/config.yaml:4:14"
    assert merged.origin("") == merged.origin("applications") == merged.origin("services.db.type") is None


def test_a_value_that_does_not_fit_goes_where_its_property_goes() -> None:
    fits, other = loads("applications: {a: {disk: 512}}"), loads("applications: {a: {disk: much}}")
    assert merge(fits, other).applications["a"] == other.applications["a"]
    assert merge(other, fits).applications["a"] == fits.applications["a"]


def test_null_adds_nothing_to_what_is_merged_and_replaces_what_is_not() -> None:
    merged = merge(loads(DEFAULTS), loads("applications: {shop: {web: , variables: }}")).applications["shop"]
    assert (merged.web, merged.variables) == (loads(DEFAULTS).applications["shop"].web, None)


def test_diagnostics_are_those_of_all() -> None:
    old = loads("applications: {a: {mounts: {x: 'shared:files/x'}}}")
    assert merge(old, loads(OWN), old).diagnostics == old.diagnostics


def test_a_merged_project_can_be_sent_to_another_process() -> None:
    merged = merge(loads(DEFAULTS), loads(OWN))
    assert pickle.loads(pickle.dumps(merged)) == merged  # noqa: S301
