"""Every old or short spelling loads to the model of the current one, and is reported where it is old."""

from __future__ import annotations

from textwrap import indent

import pytest

from workerlib.loading import load, loads
from workerlib.model import Application, Extension, Mount, Number, Package, Relationship, Route, Stack, StackRuntime, Switch, Value
from workerlib.spellings import WHITELIST


def application(text: str) -> Application:
    return loads("applications:\n  shop:\n" + indent(text, "    ")).applications["shop"]


def names(text: str) -> list[str]:
    """The diagnostics of an application of the current layout."""
    return [one.name for one in loads("applications:\n  shop:\n" + indent(text, "    ")).diagnostics]


def mount(text: str) -> Mount:
    return (application(f"mounts:\n  /var/x/: {text}").mounts or {})["/var/x/"]


def relationship(text: str) -> Relationship:
    return (application(f"relationships:\n  db: {text}").relationships or {})["db"]


def stack(text: str) -> Stack:
    found = application(f"stack: {text}").stack
    assert found
    return found


# ---- mounts -------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "current"),
    [
        ('"shared:files/tmp"', "{source: instance, source_path: tmp}"),
        ('"shared:files/a/b/"', "{source: instance, source_path: a/b}"),
        ("shared:files", '{source: instance, source_path: ""}'),
        ("shared:files/", '{source: instance, source_path: ""}'),
        ("{source: local, source_path: x}", "{source: instance, source_path: x}"),
        ("{source: temporary}", "{source: tmp}"),
        ("{source: tmp, source_path: /my/cache/}", "{source: tmp, source_path: my/cache}"),
        ("{source: storage}", "{source: storage, source_path: var/x}"),
        ("{source: storage, source_path: /var/x}", "{source: storage}"),
    ],
)
def test_mounts(old: str, current: str) -> None:
    assert mount(old) == mount(current)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("{source: storage}", '{source: storage, source_path: ""}'),
        ("{source: storage, source_path: }", "{source: storage}"),
        ("{source: instance}", "{source: storage}"),
        ("{source: service, service: a}", "{source: service}"),
        ("shared:files/x", "{source: instance}"),
    ],
)
def test_mounts_that_differ(one: str, other: str) -> None:
    assert mount(one) != mount(other)


def test_a_string_that_names_no_volume_is_no_mount() -> None:
    assert mount("shared:other/x") == Mount(malformed="shared:other/x")
    assert mount("xshared:files") == Mount(malformed="xshared:files")


def test_old_mounts_are_reported_in_the_current_layout() -> None:
    assert names("mounts: {a: 'shared:files/x', b: {source: local}, c: {source: instance}}") == ["mount-string", "mount-local"]


def test_local_is_no_old_word_in_an_old_layout() -> None:
    project = load({".platform.app.yaml": b"name: shop\nmounts: {b: {source: local}}\n"})
    assert project.diagnostics == ()
    assert project.applications["shop"].mounts == {"b": Mount(source="instance", source_path="b")}


# ---- relationships ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "~", "null", "{}", "{service: db}", "{service: db, endpoint: }", "{service: }"])
def test_a_relationship_without_a_service_names_its_own(text: str) -> None:
    assert relationship(text) == Relationship(service="db")


@pytest.mark.parametrize("text", ["mariadb:mysql", "'mariadb:mysql'", "{service: mariadb, endpoint: mysql}"])
def test_a_relationship_as_a_string(text: str) -> None:
    assert relationship(text) == Relationship(service="mariadb", endpoint="mysql")


def test_an_endpoint_alone_is_of_the_service_of_that_name() -> None:
    assert relationship("{endpoint: ro}") == Relationship(service="db", endpoint="ro")


def test_a_flow_set_of_relationships() -> None:
    assert application("relationships: {mariadb, redis}") == application("relationships:\n  mariadb:\n  redis:\n")


@pytest.mark.parametrize(("text", "value"), [("mariadb", "mariadb"), ("a:b:c", "a:b:c"), ("5", Number("5")), ("[a]", ("a",))])
def test_what_is_no_relationship_is_kept(text: str, value: Value) -> None:
    assert relationship(text) == Relationship(malformed=value)


def test_relationships_of_services_and_instances_have_the_same_spellings() -> None:
    project = loads("""
applications:
  shop:
    web: {relationships: {db: "a:b"}}
    workers: {q: {relationships: {db: "a:b"}}}
services:
  varnish: {type: "varnish:7", relationships: {db: "a:b"}}
""")
    shop = project.applications["shop"]
    expected = {"db": Relationship(service="a", endpoint="b")}
    assert shop.web
    assert [shop.web.relationships, shop.workers["q"].relationships, project.services["varnish"].relationships] == [expected] * 3


# ---- crons --------------------------------------------------------------------------------------------------------------------------


def test_cmd_is_the_start_command_of_a_cron() -> None:
    old = application("crons: {a: {spec: '0 1 * * *', cmd: ./x, timeout: 60}}")
    assert old == application("crons: {a: {spec: '0 1 * * *', commands: {start: ./x}, timeout: 60}}")
    assert names("crons: {a: {spec: '0 1 * * *', cmd: ./x}}") == ["cron-cmd"]


def test_a_cron_with_both_keeps_both() -> None:
    text = "crons: {a: {spec: '0 1 * * *', cmd: ./x, commands: {start: ./y}}}"
    (cron,) = (application(text).crons or {}).values()
    assert cron.commands
    assert (cron.commands.start, cron.extra) == ("./y", {"cmd": "./x"})
    assert "cron-command" in names(text)


# ---- stacks -------------------------------------------------------------------------------------------------------------------------

PYTHON = StackRuntime(name="python", version="3.14")


@pytest.mark.parametrize(
    "text",
    [
        '["python@3.14", yq]',
        "{runtimes: [python@3.14], packages: [yq]}",
        "{runtimes: python@3.14, packages: [{package: yq}]}",
        "[{runtimes: [python@3.14], packages: [yq]}]",
        "[{runtimes: [python@3.14]}, yq]",
        "[yq, {python@3.14: }]",
        "{runtimes: [{python@3.14: {}}, yq]}",
        "{packages: [yq], runtimes: ['python@3.14']}",
    ],
)
def test_spellings_of_a_stack(text: str) -> None:
    assert stack(text) == Stack(runtimes=(PYTHON,), packages=(Package(package="yq"),))


def test_a_stack_of_one_name() -> None:
    assert stack("python@3.14") == Stack(runtimes=(PYTHON,))
    assert stack("yq") == Stack(packages=(Package(package="yq"),))


@pytest.mark.parametrize(
    "text",
    [
        "[php@8.3: {extensions: [redis, {name: x, configuration: {a: b}}]}]",
        "{runtimes: [php@8.3: {extensions: [{name: redis}, {name: x, configuration: {a: b}}]}]}",
        "\n  - php@8.3:\n    extensions: [redis, {name: x, configuration: {a: b}}]",
    ],
)
def test_a_runtime_with_options(text: str) -> None:
    extensions = (Extension(name="redis"), Extension(name="x", configuration={"a": "b"}))
    assert stack(text) == Stack(runtimes=(StackRuntime(name="php", version="8.3", extensions=extensions),))


def test_a_runtime_without_a_version() -> None:
    assert stack("{runtimes: [nodejs]}").runtimes == (StackRuntime(name="nodejs"),)
    assert stack("[nodejs]").packages == (Package(package="nodejs"),)


def test_what_is_no_runtime_is_a_package() -> None:
    assert stack("{runtimes: [python@3.14, facedetect]}").packages == (Package(package="facedetect"),)
    assert names("stack: {runtimes: [python@3.14, facedetect]}") == ["stack-spelling"]


def test_the_order_of_runtimes_is_a_difference() -> None:
    assert stack("[php@8.4, nodejs@24]") != stack("[nodejs@24, php@8.4]")
    assert stack("[php@8.4, yq, nodejs@24]") == stack("[yq, php@8.4, nodejs@24]")


def test_a_package_with_a_channel_and_more() -> None:
    assert stack("{packages: [{package: wkhtmltopdf, channel: unstable, x: y}]}").packages == (
        Package(package="wkhtmltopdf", channel="unstable", extra={"x": "y"}),
    )


def test_lists_are_reported_and_the_current_form_is_not() -> None:
    assert names("stack: [python@3.14]") == ["stack-list"]
    assert names("stack: {runtimes: [python@3.14]}") == []


def test_what_is_no_stack_is_kept() -> None:
    assert stack("{runtimes: {a: b}, other: [x]}") == Stack(extra={"runtimes": {"a": "b"}, "other": ("x",)})
    assert stack("[[a]]").packages == (Package(malformed=("a",)),)
    assert stack("[{php@8.3: [x]}]").runtimes == (StackRuntime(malformed={"php@8.3": ("x",)}),)


# ---- toolstack, web, routes ---------------------------------------------------------------------------------------------------------


def test_a_toolstack_is_a_type_and_a_flavor() -> None:
    assert application("toolstack: php:drupal") == application("type: php\nbuild: {flavor: drupal}")
    assert application("toolstack: php:drupal\nbuild: {caches: }") == application("type: php\nbuild: {flavor: drupal, caches: }")


@pytest.mark.parametrize("text", ["toolstack: php", "toolstack: ':x'", "toolstack: php:drupal\ntype: php:8.4", "toolstack: [a]"])
def test_a_toolstack_without_a_clear_meaning_is_kept(text: str) -> None:
    assert "toolstack" in application(text).extra


CURRENT_WEB = """\
web:
  locations:
    /:
      root: public
      passthru: /index.php
      index: [index.php]
      expires: 3d
      allow: false
      rules: {'\\.html$': {allow: true}, '\\.secret$': {allow: false}}
"""


def test_the_keys_of_document_root() -> None:
    old = r"""
web:
  document_root: /public
  passthru: /index.php
  index_files: [index.php]
  expires: 3d
  whitelist: ['\.html$', '\.secret$']
  blacklist: ['\.secret$']
"""
    assert application(old) == application(CURRENT_WEB)
    assert names(old) == ["web-document-root"]


def test_without_a_whitelist_only_the_usual_files_are_served() -> None:
    web = application("web: {document_root: /}").web
    assert web
    location = (web.locations or {})["/"]
    assert (location.root, location.passthru, location.allow) == ("", "/index.php", False)
    assert tuple(location.rules or {}) == WHITELIST
    assert len(WHITELIST) == 39
    assert all(rule.allow is True for rule in (location.rules or {}).values())


def test_an_empty_whitelist_refuses_nothing() -> None:
    assert application("web: {document_root: /x, whitelist: []}") == application(
        "web: {locations: {/: {root: x, passthru: /index.php, allow: true}}}"
    )


def test_old_keys_beside_locations_are_kept() -> None:
    web = application("web: {document_root: /x, locations: {/: {root: y}}}").web
    assert web
    assert web.extra == {"document_root": "/x"}


def test_a_switch_may_be_a_truth_value() -> None:
    project = loads("routes: {a: {ssi: true, sticky: {enabled: false}}}\napplications: {}")
    assert project.routes["a"] == Route(ssi=Switch(enabled=True), sticky=Switch(enabled=False))
    assert [one.name for one in project.diagnostics] == ["switch-bool"]
