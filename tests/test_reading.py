"""How scalars are read, and that nothing is refused or lost, whatever stands where."""

from __future__ import annotations

from textwrap import indent

import pytest

from workerlib.diagnostic import Severity
from workerlib.loading import load, loads
from workerlib.model import (
    ABSENT,
    Application,
    Archive,
    Hooks,
    IncludedText,
    Mount,
    Number,
    OutboundRule,
    Part,
    Project,
    Tagged,
    Value,
    Worker,
)
from workerlib.reading import Form, shape_of


def project(text: str) -> Project:
    return loads("applications:\n  shop:\n" + indent(text, "    "))


def application(text: str) -> Application:
    return project(text).applications["shop"]


def value(text: str) -> Value:
    return (application(f"variables:\n  env:\n    x: {text}").variables or {})["env"]["x"]


# ---- scalars ------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["abc", "'abc'", '"abc"', "!!str abc", "! abc"])
def test_text_is_equal_in_every_style(text: str) -> None:
    assert value(text) == "abc"


@pytest.mark.parametrize("text", ["", "~", "null", "Null", "NULL", "!!null ''"])
def test_null(text: str) -> None:
    assert value(text) is None


@pytest.mark.parametrize(("text", "expected"), [("true", True), ("True", True), ("TRUE", True), ("false", False), ("!!bool FALSE", False)])
def test_truth_values(text: str, *, expected: bool) -> None:
    assert value(text) is expected


@pytest.mark.parametrize("text", ["5", "-5", "+5", "0755", "0o17", "0x1F", "1.10", "1.", ".5", "1e3", "6.02E+23", ".inf", "-.INF", ".nan"])
def test_numbers_of_yaml_1_2(text: str) -> None:
    assert value(text) == Number(text)
    assert value(f"'{text}'") == text


@pytest.mark.parametrize("text", ["1_000", "0b101", "12:30", "1:30.5", "2024-01-31", "2024-01-31 10:00:00", "2024-1-3T10:00:00Z"])
def test_numbers_times_and_dates_of_yaml_1_1(text: str) -> None:
    assert value(text) == Number(text)


@pytest.mark.parametrize(
    "text", ["yes", "No", "ON", "off", "y", "tRue", "nULL", "1.2.3", "8.4-rc", "1h", "+", ".", "..", "2024-1-3", "0o9"]
)
def test_words_and_versions_are_text(text: str) -> None:
    assert value(text) == text


def test_keys_are_text() -> None:
    assert application("variables: {env: {on: a, 1: b, true: c, ~: d, 1.10: e}}").variables == {
        "env": {"on": "a", "1": "b", "true": "c", "~": "d", "1.10": "e"}
    }


def test_a_key_that_is_a_collection_is_kept() -> None:
    assert application("variables: {env: {? {a: b} : c, d: e}}").variables == {"env": {"{a: b}": "c", "d": "e"}}


def test_an_unknown_tag_is_kept_and_reported() -> None:
    read = project("variables: {env: {a: !secret x, b: !list [1], c: !!set {y}}}")
    assert read.applications["shop"].variables == {
        "env": {"a": Tagged("!secret", "x"), "b": Tagged("!list", (Number("1"),)), "c": Tagged("!!set", {"y": None})}
    }
    assert [one.name for one in read.diagnostics] == ["unknown-tag"] * 3


# ---- what does not fit --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", shape_of(Application).forms)
@pytest.mark.parametrize("text", ["5", "[5]", "{a: {b: c}}", "text", "true", "!x y", "[[a]]", "{a: 5}", "[{a: b}]"])
def test_anything_may_stand_under_any_key(key: str, text: str) -> None:
    first, second = application(f"{key}: {text}"), application(f"{key}: other")
    assert first != second
    assert application(f"workers: {{q: {{{key}: {text}}}}}") != application("workers: {q: {}}")
    assert application(f"web: {{{key}: {text}}}") != application("web: {}")


def test_a_value_of_another_kind_stays_as_it_is() -> None:
    read = project("hooks: [a]\ndisk: big\nmounts: text\ntimezone: 5")
    assert read.applications["shop"] == Application(
        name="shop", extra={"hooks": ("a",), "disk": "big", "mounts": "text", "timezone": Number("5")}
    )
    assert [str(one.message) for one in read.diagnostics] == [
        "applications.shop.hooks: expected a mapping, found a list",
        "applications.shop.disk: expected a whole number, found text `big`",
        "applications.shop.mounts: expected a mapping, found text `text`",
        "applications.shop.timezone: expected text, found `5`",
    ]
    assert {one.severity for one in read.diagnostics} == {Severity.ERROR}


def test_null_for_a_field_is_null() -> None:
    assert application("hooks:\nmounts: ~\nweb: null") == Application(name="shop", hooks=None, mounts=None, web=None)


def test_null_for_a_part_of_many_is_malformed() -> None:
    assert application("workers: {q: , r: {}}").workers == {"q": Worker(name="q", malformed=None), "r": Worker(name="r")}
    assert application("mounts: {a: }").mounts == {"a": Mount(malformed=None)}


@pytest.mark.parametrize("text", ["0128", "1.5", "'128'", "true", "1_000", "0x80", "+128"])
def test_a_disk_is_a_plain_whole_number(text: str) -> None:
    assert application("disk: 128").disk == 128
    assert application(f"disk: {text}").disk is ABSENT
    assert "disk" in application(f"disk: {text}").extra


def test_variables_without_a_prefix_do_not_hide_the_others() -> None:
    read = application("variables: {A: b, env: {C: d}, php: }")
    assert (read.variables, read.extra) == ({"env": {"C": "d"}}, {"variables": {"A": "b", "php": None}})


def test_a_list_with_one_wrong_item_is_kept_whole() -> None:
    firewall = application("firewall: {outbound: [{ports: [443, x]}, {ips: [a], ports: [80]}]}").firewall
    assert firewall
    assert firewall.outbound == (
        OutboundRule(extra={"ports": (Number("443"), "x")}),
        OutboundRule(ips=("a",), ports=(80,)),
    )


# ---- unknown keys -------------------------------------------------------------------------------------------------------------------


def test_unknown_keys_are_kept_and_reported_with_the_nearest() -> None:
    read = project("mount: {a: b}\nworkers: {q: {comands: {start: x}}}")
    app = read.applications["shop"]
    assert (app.extra, app.workers["q"].extra) == ({"mount": {"a": "b"}}, {"comands": {"start": "x"}})
    assert [(str(one.origin), one.severity, one.help) for one in read.diagnostics] == [
        (".upsun/config.yaml:3:5", Severity.WARNING, "did you mean `mounts`?"),
        (".upsun/config.yaml:4:19", Severity.ERROR, "did you mean `commands`?"),
    ]


@pytest.mark.parametrize("key", ["build", "crons", "hooks", "type", "stack", "operations", "web", "workers", "name"])
def test_what_a_worker_may_not_have_is_kept_for_the_checks(key: str) -> None:
    read = project(f"workers: {{q: {{{key}: {{a: b}}}}}}")
    assert read.applications["shop"].workers["q"].extra == {key: {"a": "b"}}
    assert read.diagnostics == ()


def test_a_key_with_a_dot_in_front_is_kept_and_reported() -> None:
    read = project("mounts: {.cache: {source: tmp}}")
    assert read.applications["shop"].mounts == {".cache": Mount(source="tmp", source_path=".cache")}
    assert [(one.name, one.help) for one in read.diagnostics] == [("dot-key-ignored", "write `/.cache`")]


def test_what_several_paths_reach_is_reported_once() -> None:
    read = project("workers: {a: &w {x: 1, commands: {start: s}}, b: *w, c: {<<: *w}}")
    assert [one.name for one in read.diagnostics] == ["unknown-key"]


def test_the_name_inside_says_nothing_more() -> None:
    assert application("name: shop\ntype: php:8.4") == application("type: php:8.4")
    assert application("workers: {q: {name: q}}").workers["q"].extra == {"name": "q"}


# ---- aliases, merge keys, includes --------------------------------------------------------------------------------------------------


def test_aliases_and_merge_keys_read_as_if_written_in_place() -> None:
    written = application("""
workers:
  fast: {commands: {start: ./fast}, variables: {env: {QUEUE: fast}}}
  slow: {commands: {start: ./slow}, variables: {env: {QUEUE: fast}}}
  twin: {commands: {start: ./fast}, variables: {env: {QUEUE: fast}}}
""")
    shared = application("""
workers:
  fast: &w
    commands: {start: ./fast}
    variables: {env: {QUEUE: fast}}
  slow:
    <<: *w
    commands: {start: ./slow}
  twin: *w
""")
    assert shared == written


FILES = {
    ".upsun/config.yaml": b"""
applications:
  shop:
    source: {root: app}
    hooks: {build: !include {type: string, path: build.sh}}
    workers: {queue: !include queue.yaml}
    variables: {env: {icon: !include {type: binary, path: icon.bin}, gone: !include missing.yaml}}
services:
  search: {type: "solr:9.9", configuration: {conf: !archive solr}}
""",
    "app/build.sh": b"set -e\nmake\n",
    "app/queue.yaml": b"commands: {start: ./queue}\n",
    "app/icon.bin": b"\xff\x00",
    ".upsun/solr/schema.xml": b"<schema/>",
}


def test_includes_read_as_what_they_stand_for() -> None:
    read = load(FILES)
    shop = read.applications["shop"]
    assert shop.hooks == Hooks(build="set -e\nmake\n")
    assert isinstance(shop.hooks, Hooks)
    assert isinstance(shop.hooks.build, IncludedText)
    assert shop.workers["queue"] == application("workers: {queue: {commands: {start: ./queue}}}").workers["queue"]
    assert shop.variables == {"env": {"icon": "/wA=", "gone": Tagged("!include", "missing.yaml")}}
    configuration = read.services["search"].configuration
    assert configuration
    archive = configuration["conf"]
    assert isinstance(archive, Archive)
    assert [name for name, _digest in archive.files] == ["schema.xml"]


def test_an_empty_included_file_is_null_and_a_missing_one_is_kept_as_written() -> None:
    read = load(
        {
            ".upsun/config.yaml": b"applications: {a: {web: !include w.yaml, hooks: !include h.yaml, mounts: {m: !include h.yaml}}}",
            "w.yaml": b"# nothing\n",
        }
    )
    app = read.applications["a"]
    assert (app.web, app.hooks, app.extra) == (None, ABSENT, {"hooks": Tagged("!include", "h.yaml")})
    assert app.mounts == {"m": Mount(malformed=Tagged("!include", "h.yaml"))}
    assert "wrong-type" not in [one.name for one in read.diagnostics]


def test_an_included_file_may_move_but_not_change() -> None:
    moved = {path.replace("build.sh", "make.sh"): data.replace(b"build.sh", b"make.sh") for path, data in FILES.items()}
    assert load(moved) == load(FILES)
    assert load(FILES | {"app/build.sh": b"other"}) != load(FILES)
    assert load(FILES | {".upsun/solr/schema.xml": b"other"}) != load(FILES)


def test_every_field_of_the_model_can_be_read() -> None:
    kinds: list[type[Part]] = [Part]
    for kind in kinds:
        kinds += kind.__subclasses__()
    assert {type(form) for kind in kinds for form in shape_of(kind).forms.values()} == {Form}  # an unknown annotation raises


# ---- too much to tell ---------------------------------------------------------------------------------------------------------------


def messages(found: Project, name: str) -> list[str]:
    return [one.message for one in found.diagnostics if one.name == name]


def test_of_a_thousand_findings_of_a_kind_it_is_told_that_there_are_more() -> None:
    found = project("type: php:8.4\n" + "".join(f"k{n}: v\n" for n in range(1500)) + "".join(f".k{n}: v\n" for n in range(1000)))
    told = messages(found, "unknown-key")
    assert told[999] == "applications.shop: `k999` is not a known key here"
    assert told[1000:] == ["applications.shop: `k1000` is not a known key here; of more than 1,000 such findings no more are told"]
    assert len(messages(found, "dot-key-ignored")) == 1000
    assert len(found.applications["shop"].extra) == 2500


def test_errors_are_told_whatever_number_of_warnings_there_is() -> None:
    keys = "".join(f"k{n}: v\n" for n in range(1500))
    found = project(f"type: php:8.4\n{keys}workers: {{w: {{commands: {{start: x}}, mystery: v}}}}\nmouts: {{}}\n")
    assert messages(found, "unknown-key")[-1] == "applications.shop.workers.w: `mystery` is not a known key here"


def test_a_finding_that_many_paths_lead_to_counts_once() -> None:
    workers = "workers:\n  w: &w {commands: {start: x}, mystery: v}\n" + "".join(f"  w{n}: *w\n" for n in range(1500)) + "  z: {other: v}\n"
    assert len(messages(project(f"type: php:8.4\n{workers}"), "unknown-key")) == 2


def test_hidden_keys_that_are_there_for_their_anchors() -> None:
    text = "type: php:8.4\n.a: &a v\n.b: {x: [&b v]}\n.c: v\n.d: &d v\nvariables: {env: {A: *a , B: *b }}\n"
    helps = [one.help for one in project(text).diagnostics if one.name == "dot-key-ignored"]
    anchors = "nothing is wrong: it is there for its anchors"
    assert helps == [anchors, anchors, "rename or delete it", "rename or delete it"]
