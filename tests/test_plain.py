"""New configuration: plain data, and YAML that people like to read."""

from __future__ import annotations

from textwrap import dedent

import pytest

from workerlib import reading
from workerlib.errors import UsageError
from workerlib.loading import load, loads
from workerlib.model import (
    Application,
    Archive,
    Commands,
    Extension,
    Hooks,
    Mount,
    Number,
    Package,
    Project,
    Relationship,
    Service,
    SourceDefinition,
    Stack,
    StackRuntime,
    Tagged,
    Value,
    Web,
    Worker,
    nowhere,
)
from workerlib.plain import Data, dumps, from_data, unstructure

SHOP = Project(
    applications={
        "shop": Application(
            name="shop",
            type="composable:26.05",
            stack=Stack(
                runtimes=(
                    StackRuntime(name="php", version="8.4", extensions=(Extension(name="redis"),)),
                    StackRuntime(name="nodejs", version="24"),
                ),
                packages=(Package(package="yq"), Package(package="jq", channel="unstable")),
            ),
            source=SourceDefinition(root="api"),
            relationships={"db": Relationship(service="db"), "cache": Relationship(service="redis", endpoint="redis")},
            mounts={"/tmp": Mount(source="tmp", source_path="tmp"), "var": Mount(source="storage", source_path="data")},  # noqa: S108
            variables={"env": {"COUNT": Number("5"), "V": Number("1.10"), "T": "5", "on": "yes"}},
            hooks=Hooks(build="set -e\nmake\n", deploy=None),
            web=Web(),
            workers={"queue": Worker(name="queue", commands=Commands(start="./queue"), mounts={})},
        )
    },
    services={"db": Service(name="db", type="mariadb:11.4")},
)

WRITTEN = """\
applications:
  shop:
    type: composable:26.05
    stack:
      runtimes:
      - php@8.4:
          extensions:
          - redis
      - nodejs@24
      packages:
      - yq
      - package: jq
        channel: unstable
    source:
      root: api
    relationships:
      db:
      cache:
        service: redis
        endpoint: redis
    mounts:
      /tmp:
        source: tmp
      var:
        source: storage
        source_path: data
    variables:
      env:
        COUNT: 5
        V: 1.10
        T: '5'
        'on': 'yes'
    web: {}
    workers:
      queue:
        mounts: {}
        commands:
          start: ./queue
    hooks:
      build: |
        set -e
        make
      deploy:
services:
  db:
    type: mariadb:11.4
"""


def test_yaml_is_what_a_person_would_write() -> None:
    assert dumps(SHOP) == WRITTEN


def test_written_and_read_again_it_is_equal() -> None:
    assert loads(dumps(SHOP)) == SHOP


def test_plain_data_has_the_shape_of_the_file() -> None:
    shop = unstructure(SHOP)["applications"]
    assert isinstance(shop, dict)
    data = shop["shop"]
    assert isinstance(data, dict)
    assert data["stack"] == {
        "runtimes": [{"php@8.4": {"extensions": ["redis"]}}, "nodejs@24"],
        "packages": ["yq", {"package": "jq", "channel": "unstable"}],
    }
    assert data["variables"] == {"env": {"COUNT": 5, "V": Number("1.10"), "T": "5", "on": "yes"}}
    assert data["relationships"] == {"db": None, "cache": {"service": "redis", "endpoint": "redis"}}


def test_plain_data_stands_for_the_project() -> None:
    assert from_data(unstructure(SHOP)) == SHOP


def test_every_spelling_may_be_given_as_plain_data() -> None:
    data: dict[str, Data] = {
        "applications": {"a": {"source": {"root": "/x/"}, "mounts": {"v": "shared:files/v"}, "crons": {"c": {"cmd": "x"}}}}
    }
    assert from_data(data) == loads("applications: {a: {source: {root: x}, mounts: {v: 'shared:files/v'}, crons: {c: {cmd: x}}}}")


def test_what_was_not_read_from_a_file_has_no_place() -> None:
    project = from_data({"applications": {"a": {"mounts": {"v": "shared:files/v"}}}})
    assert (project.origin, project.applications["a"].origin) == (nowhere, nowhere)
    assert [(one.name, one.origin) for one in project.diagnostics] == [("mount-string", None)]


@pytest.mark.parametrize("data", [{"applications": ["a"]}, {"services": "x"}])
def test_sections_must_be_mappings(data: dict[str, object]) -> None:
    with pytest.raises(UsageError, match="expected a mapping"):
        from_data(data)  # type: ignore[arg-type]


def test_old_spellings_are_written_as_the_current_one() -> None:
    old = load({".platform.app.yaml": b"name: a\nmounts: {v: 'shared:files/x'}\ncrons: {c: {spec: '1 * * * *', cmd: ./c}}\n"})
    assert dumps(old) == dedent("""\
        applications:
          a:
            mounts:
              v:
                source: instance
                source_path: x
            crons:
              c:
                spec: 1 * * * *
                commands:
                  start: ./c
        """)


VALUES: tuple[Value, ...] = (
    *("", " ", "a ", " a", "#", "a #b", "a: b", "- a", "*a", "&a", "!a", "%a", "@a", "`a", "{", "[", "?", "|", ">", "'", '"', "\\", "---"),
    *(
        "null",
        "~",
        "true",
        "False",
        "yes",
        "NO",
        "on",
        "Off",
        "y",
        "n",
        "=",
        "<<",
        "5",
        "1.10",
        "0755",
        "12:30",
        "2024-01-01",
        ".inf",
        "1_0",
    ),
    *(
        "a\nb",
        "a\nb\n",
        "a\n\n",
        "\n",
        "\na",
        " a\n b\n",
        "\t\n",
        "\n\ta",
        "a\n\tb",
        "a \nb",
        "a\tb",
        "\t",
        "a\r\nb",
        "\x00",
        "\x85",
        "\u2028",
        "\ufeff",
        "é😀",
        "a" * 300,
    ),
    *(None, True, False, (), {}, ("a", ("b",)), {"a": {"b": None}}, {"<<": "a", "": "b", "1": "c", "true": "d"}),
    *(Number("5"), Number("0755"), Number("1.10"), Number("12:30"), Number("-.inf"), Number("2024-01-31"), Number("x")),
    *(Tagged("!x", "a"), Tagged("!x", ("a",)), Tagged("!x", {"a": "b"}), Tagged("!!set", {"a": None}), Tagged("!x", "")),
)


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_every_value_is_written_so_that_it_is_read_again(value: Value) -> None:
    project = Project(applications={"a": Application(name="a", variables={"env": {"x": value}})})
    assert loads(dumps(project)) == project
    assert from_data(unstructure(project)) == project


def test_an_archive_is_kept_in_plain_data_and_named_in_yaml() -> None:
    project = Project(services={"s": Service(name="s", configuration={"conf": Archive((("a", "1"),), "solr")})})
    assert from_data(unstructure(project)) == project
    assert "conf: !archive solr\n" in dumps(project)


def test_a_source_without_a_root_of_its_own_is_written_with_a_slash() -> None:
    app = Application(name="a", source=SourceDefinition(operations={}))
    assert "source:\n      root: /\n      operations: {}\n" in dumps(Project(applications={"a": app}))
    assert dumps(Project(applications={"a": Application(name="a")})) == "applications:\n  a: {}\n"


def test_what_is_no_known_runtime_is_written_so_that_it_stays_one() -> None:
    stack = Stack(runtimes=(StackRuntime(name="cobol"), StackRuntime(name="nodejs"), StackRuntime(name="go", version="1")))
    project = Project(applications={"a": Application(name="a", stack=stack)})
    assert "runtimes:\n      - cobol:\n      - nodejs\n      - go@1\n" in dumps(project)
    assert loads(dumps(project)) == from_data(unstructure(project)) == project


def test_what_unknown_keys_of_data_may_mean_is_not_found_out_for_each(monkeypatch: pytest.MonkeyPatch) -> None:
    guessed: list[str] = []

    def nearest(name: str, _names: object, otherwise: str) -> str:
        guessed.append(name)
        return otherwise

    monkeypatch.setattr(reading, "nearest", nearest)
    found = from_data({"applications": {"a": {f"k{n}": "v" for n in range(50)}}})
    assert len(found.applications["a"].extra) == 50
    assert guessed == ["k0"]
