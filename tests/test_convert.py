"""From files to a project: the parts together, places, and the promise over the corpus."""

from __future__ import annotations

import copy
import os
import pickle
from pathlib import Path
from textwrap import dedent
from unittest.mock import Mock

import pytest
from tests.support import steps

from workerlib import convert
from workerlib.convert import structure
from workerlib.errors import WorkerlibError
from workerlib.keypath import KeyPath
from workerlib.layout import MemoryFiles, discover
from workerlib.loading import load, load_tree, loads
from workerlib.model import (
    ABSENT,
    Access,
    Application,
    Build,
    Cache,
    Commands,
    Cron,
    Extension,
    Firewall,
    Hooks,
    JobCommands,
    Location,
    Mount,
    Number,
    Operation,
    OutboundRule,
    Preflight,
    Project,
    Redirect,
    Redirects,
    Relationship,
    RequestBuffering,
    Resources,
    Route,
    Rule,
    Runtime,
    Service,
    SizingHints,
    SourceDefinition,
    SourceOperation,
    StrictTransportSecurity,
    Switch,
    Tls,
    Upstream,
    Web,
    Worker,
    Xdebug,
    nowhere,
)
from workerlib.plain import dumps, from_data, unstructure
from workerlib.spellings import entries_of

EVERYTHING = r"""
applications:
  site:
    type: 'php:8.4'
    container_profile: BALANCED
    timezone: Europe/Berlin
    size: L
    disk: 2048
    resources: {base_memory: 64, memory_ratio: 256}
    access: {ssh: admin}
    additional_hosts: {erp.internal: 192.0.2.7}
    variables: {env: {stage: blue, TAGS: [a, b]}, php: {memory_limit: 256M}}
    relationships: {db: , search: "solr:main"}
    mounts: {/.cache: {source: tmp}}
    firewall:
      outbound:
        - {ips: ["198.51.100.0/24"], ports: [443], protocol: tcp}
        - {domains: [api.example.org], ports: [80, 443]}
    build: {flavor: none}
    dependencies: {nodejs: {sass: "^1.80"}}
    runtime:
      extensions: [redis, {name: blackfire, configuration: {server_id: x}}]
      disabled_extensions: [gd]
      request_terminate_timeout: 120
      sizing_hints: {request_memory: 60, reserved_memory: 80}
      xdebug: {idekey: k1}
    hooks: {build: "set -e\ncomposer install", deploy: ./migrate.sh, post_deploy: ./warm.sh}
    source:
      root: /site/
      operations: {bump: {command: "git commit -am x"}}
    operations: {flush: {role: admin, commands: {start: ./flush.sh}}}
    preflight: {enabled: true, ignored_rules: [a]}
    crons:
      nightly: {spec: "H 2 * * *", commands: {start: ./n.sh, stop: pkill n}, shutdown_timeout: 30, timeout: 3600}
    web:
      commands: {pre_start: ./p, start: ./s, post_start: ./q}
      upstream: {socket_family: unix, protocol: fastcgi}
      locations:
        /:
          root: public
          passthru: /index.php
          index: [index.php]
          expires: 1h
          scripts: false
          allow: true
          headers: {X-A: b}
          request_buffering: {enabled: true, max_request_size: 250m}
          rules: {'\.mp4$': {allow: false, expires: -1, passthru: true}}
    workers:
      queue: {commands: {pre_start: ./warm.sh, start: php bin/consume}, mounts: {}, size: S}
services:
  db: {type: 'mariadb:11.4', disk: 256, size: S, configuration: {schemas: [main]}, relationships: {a: "site:http"}}
routes:
  "https://{default}/":
    type: upstream
    upstream: "site:http"
    primary: true
    id: main
    attributes: {a: b}
    cache: {enabled: true, default_ttl: 0, cookies: ["*"], headers: [Accept]}
    ssi: {enabled: false}
    sticky: {enabled: true}
    redirects: {expires: 1d, paths: {/a: {to: "https://b", code: 301, prefix: true, regexp: false, append_suffix: false, expires: 60}}}
    tls:
      min_version: TLSv1.2
      client_authentication: require
      client_certificate_authorities: [x]
      strict_transport_security: {enabled: true, include_subdomains: true, preload: false}
  "https://www.{default}/": {type: redirect, to: "https://{default}/"}
"""


def test_every_property_has_its_place_in_the_model() -> None:
    assert loads(EVERYTHING) == Project(
        applications={
            "site": Application(
                name="site",
                type="php:8.4",
                container_profile="BALANCED",
                timezone="Europe/Berlin",
                size="L",
                disk=2048,
                resources=Resources(base_memory=64, memory_ratio=256),
                access=Access(ssh="admin"),
                additional_hosts={"erp.internal": "192.0.2.7"},
                variables={"env": {"stage": "blue", "TAGS": ("a", "b")}, "php": {"memory_limit": "256M"}},
                relationships={"db": Relationship(service="db"), "search": Relationship(service="solr", endpoint="main")},
                mounts={"/.cache": Mount(source="tmp", source_path=".cache")},
                firewall=Firewall(
                    outbound=(
                        OutboundRule(ips=("198.51.100.0/24",), ports=(443,), protocol="tcp"),
                        OutboundRule(domains=("api.example.org",), ports=(80, 443)),
                    )
                ),
                build=Build(flavor="none"),
                dependencies={"nodejs": {"sass": "^1.80"}},
                runtime=Runtime(
                    extensions=(Extension(name="redis"), Extension(name="blackfire", configuration={"server_id": "x"})),
                    disabled_extensions=("gd",),
                    request_terminate_timeout=120,
                    sizing_hints=SizingHints(request_memory=60, reserved_memory=80),
                    xdebug=Xdebug(idekey="k1"),
                ),
                hooks=Hooks(build="set -e\ncomposer install", deploy="./migrate.sh", post_deploy="./warm.sh"),
                source=SourceDefinition(root="site", operations={"bump": SourceOperation(command="git commit -am x")}),
                operations={"flush": Operation(role="admin", commands=JobCommands(start="./flush.sh"))},
                preflight=Preflight(enabled=True, ignored_rules=("a",)),
                crons={
                    "nightly": Cron(
                        spec="H 2 * * *", commands=JobCommands(start="./n.sh", stop="pkill n"), shutdown_timeout=30, timeout=3600
                    )
                },
                web=Web(
                    commands=Commands(pre_start="./p", start="./s", post_start="./q"),
                    upstream=Upstream(socket_family="unix", protocol="fastcgi"),
                    locations={
                        "/": Location(
                            root="public",
                            passthru="/index.php",
                            index=("index.php",),
                            expires="1h",
                            scripts=False,
                            allow=True,
                            headers={"X-A": "b"},
                            request_buffering=RequestBuffering(enabled=True, max_request_size="250m"),
                            rules={r"\.mp4$": Rule(allow=False, expires=-1, passthru=True)},
                        )
                    },
                ),
                workers={
                    "queue": Worker(name="queue", commands=Commands(pre_start="./warm.sh", start="php bin/consume"), mounts={}, size="S")
                },
            )
        },
        services={
            "db": Service(
                name="db",
                type="mariadb:11.4",
                disk=256,
                size="S",
                configuration={"schemas": ("main",)},
                relationships={"a": Relationship(service="site", endpoint="http")},
            )
        },
        routes={
            "https://{default}/": Route(
                type="upstream",
                upstream="site:http",
                primary=True,
                id="main",
                attributes={"a": "b"},
                cache=Cache(enabled=True, default_ttl=0, cookies=("*",), headers=("Accept",)),
                ssi=Switch(enabled=False),
                sticky=Switch(enabled=True),
                redirects=Redirects(
                    expires="1d",
                    paths={"/a": Redirect(to="https://b", code=301, prefix=True, regexp=False, append_suffix=False, expires=60)},
                ),
                tls=Tls(
                    min_version="TLSv1.2",
                    client_authentication="require",
                    client_certificate_authorities=("x",),
                    strict_transport_security=StrictTransportSecurity(enabled=True, include_subdomains=True, preload=False),
                ),
            ),
            "https://www.{default}/": Route(type="redirect", to="https://{default}/"),
        },
    )


def test_nothing_of_it_is_reported_but_the_old_relationships() -> None:
    assert {one.name for one in loads(EVERYTHING).diagnostics} == {"relationship-string"}


@pytest.mark.parametrize("root", ["", "/", ".", "./", "//"])
def test_spellings_of_the_whole_repository(root: str) -> None:
    text = f"applications: {{a: {{source: {{root: '{root}'}}}}}}"
    assert loads(text) == loads("applications: {a: {}}") == loads("applications: {a: {source: }}")
    assert loads(text).applications["a"].root == ""


def test_null_states_no_root() -> None:
    assert loads("applications: {a: {source: {root: , operations: {}}}}") == loads("applications: {a: {source: {operations: {}}}}")


def test_the_root_of_an_old_file_is_its_folder() -> None:
    old = load({"api/.platform.app.yaml": b"name: shop\n"})
    assert old == loads("applications: {shop: {source: {root: /api/}}}")


def test_each_layout_loads_to_an_equal_model() -> None:
    single = load({".platform.app.yaml": b"name: shop\ntype: php:8.4\n", ".platform/services.yaml": b"db: {type: redis}\n"})
    listed = load({".platform/applications.yaml": b"- name: shop\n  type: php:8.4\n", ".platform/services.yaml": b"db: {type: redis}\n"})
    mapped = load({".platform/applications.yaml": b"shop:\n  type: php:8.4\n", ".platform/services.yaml": b"db: {type: redis}\n"})
    current = loads("applications: {shop: {type: 'php:8.4'}}\nservices: {db: {type: redis}}")
    assert single == listed == mapped == current


def test_unknown_top_level_keys_are_kept() -> None:
    assert loads("applications: {a: {}}\nextra: {b: 1}").extra == {"extra": {"b": Number("1")}}


def test_an_application_may_be_malformed_only_by_what_it_includes() -> None:
    read = load({".upsun/config.yaml": b"applications: {a: !include gone.yaml}"})
    assert read.applications["a"].malformed is not ABSENT
    assert read.applications["a"].root == ""


# ---- places -------------------------------------------------------------------------------------------------------------------------

TEXT = dedent("""\
    applications:
      shop:
        crons:
          a: {spec: "* * * * *", cmd: ./a}
        relationships:
          db:
        mounts:
          "/v.d": shared:files/v
        stack: ["php@8.4": {extensions: [redis]}]
        workers:
          w: &w
            commands: {start: ./w}
          x:
            <<: *w
            odd: {deep: [1, 2]}
          y: *w
    services:
      db: {type: redis}
    routes:
      r: {ssi: true}
    other: 1
    """)


@pytest.mark.parametrize(
    ("path", "line", "column"),
    [
        ("applications.shop", 2, 3),
        ("applications.shop.crons.a.spec", 4, 11),
        ("applications.shop.crons.a.commands.start", 4, 30),
        ("applications.shop.relationships.db.service", 6, 10),
        ('applications.shop.mounts."/v.d"', 8, 7),
        ('applications.shop.mounts."/v.d".source_path', 8, 15),
        ("applications.shop.stack.runtimes[0].extensions[0]", 9, 38),
        ("applications.shop.workers.w.commands.start", 12, 20),
        ("applications.shop.workers.x.commands.start", 12, 20),
        ("applications.shop.workers.x.odd.deep[1]", 15, 25),
        ("applications.shop.workers.y", 16, 7),
        ("applications.shop.workers.y.commands", 12, 9),
        ("services.db.type", 18, 8),
        ("routes.r.ssi.enabled", 20, 12),
    ],
)
def test_every_value_knows_where_it_is_written(path: str, line: int, column: int) -> None:
    assert str(loads(TEXT).origin(path)) == f".upsun/config.yaml:{line}:{column}"


@pytest.mark.parametrize(
    "path", ["", "applications", "applications.other", "applications.shop.hooks", "applications.shop.crons.a.commands.stop", "services.x"]
)
def test_what_is_not_written_has_no_place(path: str) -> None:
    assert loads(TEXT).origin(path) is None


@pytest.mark.parametrize("path", ["applications.shop.stack.runtimes[5]", "applications.shop.crons[0]", "applications.shop.crons.a.spec.x"])
def test_a_path_that_leads_nowhere_has_no_place(path: str) -> None:
    assert loads(TEXT).origin(path) is None


def test_an_application_gives_places_below_itself() -> None:
    project = loads(TEXT)
    assert project.applications["shop"].origin("workers.y") == project.origin("applications.shop.workers.y")
    assert project.applications["shop"].origin(KeyPath(("workers", "y"))) == project.origin("applications.shop.workers.y")


def test_places_in_included_files_name_these() -> None:
    project = load({".upsun/config.yaml": b"applications: {a: {web: !include w.yaml}}", "w.yaml": b"commands:\n  start: x\n"})
    assert str(project.origin("applications.a.web")) == ".upsun/config.yaml:1:20"
    assert str(project.origin("applications.a.web.commands.start")) == "w.yaml:2:3"


def test_places_of_unknown_keys() -> None:
    project = loads("applications: {a: {type: t, odd: {b: c}}}\nother:\n  d: [e]\n")
    assert str(project.origin("applications.a.odd.b")) == ".upsun/config.yaml:1:35"
    assert (str(project.origin("other")), str(project.origin("other.d[0]"))) == (".upsun/config.yaml:2:1", ".upsun/config.yaml:3:7")
    assert project.origin("") is project.origin("nothing") is project.origin("applications") is None


def test_a_copied_project_is_equal_and_keeps_its_places() -> None:
    project = loads("applications: {a: {type: 'php:8.4'}}")
    for copied in (copy.copy(project), copy.deepcopy(project)):
        assert copied == project
        assert str(copied.origin("applications.a.type")) == ".upsun/config.yaml:1:20"
        assert str(copied.applications["a"].origin("type")) == ".upsun/config.yaml:1:20"


def test_a_pickled_project_is_equal_and_has_no_places() -> None:
    project = loads(TEXT)
    copied = pickle.loads(pickle.dumps(project))  # noqa: S301
    assert copied == project
    assert copied.diagnostics == project.diagnostics
    assert copied.origin is nowhere
    assert copied.origin("services.db") is None


# ---- the corpus ---------------------------------------------------------------------------------------------------------------------

CORPUS = os.environ.get("WORKERLIB_CORPUS", "")


@pytest.mark.skipif(not CORPUS, reason="WORKERLIB_CORPUS names no folder of projects")
def test_every_file_of_the_corpus_comes_back_equal_from_plain_data_and_from_yaml() -> None:
    read = 0
    for folder in sorted(Path(CORPUS).glob("*/*/")):
        files = MemoryFiles({p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()})
        for file in discover(files):
            try:
                tree = load_tree(files, [file])
            except WorkerlibError:
                continue  # refused with a reason
            model = structure(tree.definitions)
            assert from_data(unstructure(model)) == model, (folder, file.path)
            assert loads(dumps(model)) == model, (folder, file.path)
            read += 1
    assert read > 0


def test_places_of_thousands_of_keys_are_found_without_reading_all_for_each(monkeypatch: pytest.MonkeyPatch) -> None:
    project = loads("applications:\n  a:\n    mounts:\n" + "".join(f"      m{n}: {{source: tmp}}\n" for n in range(500)))
    reading = Mock(wraps=entries_of)
    monkeypatch.setattr(convert, "entries_of", reading)
    places = [project.origin(KeyPath(("applications", "a", "mounts", f"m{n}"))) for n in range(500)]
    assert [place.span.line for place in places if place and place.span] == list(range(4, 504))
    assert reading.call_count == 1


def test_unknown_keys_beside_many_includes_take_a_time_in_proportion() -> None:
    def work(number: int) -> int:
        env = "".join(f"        v{n}: !include {{type: string, path: x}}\n" for n in range(number))
        text = f"applications:\n  a:\n    variables:\n      env:\n{env}" + "".join(f"k{n}: 1\n" for n in range(number))
        files = {".upsun/config.yaml": text.encode(), "x": b"x"}
        definitions = load_tree(MemoryFiles(files)).definitions
        return steps(lambda: structure(definitions))

    assert work(400) < 2.5 * work(200)
