from __future__ import annotations

import pytest
from tests.checks.cases import Case, everything, said
from tests.support import steps

from workerlib import Project, check, loads
from workerlib.checks import references

PROJECT = """
applications:
  shop:
    type: 'python:3.14'
    {shop}
    workers: {{queue: {{commands: {{start: ./run}}}}}}
  api:
    type: 'python:3.14'
    {api}
services:
  db: {{type: 'postgresql:18'}}
  kv: {{type: 'mongodb-enterprise:7.0'}}
  files: {{type: 'network-storage:1.0'}}
  cache: {{type: 'varnish:9.0', relationships: {{{cache}}}}}
routes:
  https://{{default}}/: {{type: upstream, upstream: "{upstream}"}}
"""


def project(shop: str = "", api: str = "", cache: str = "", upstream: str = "shop:http") -> str:
    return PROJECT.format(shop=shop, api=api, cache=cache, upstream=upstream)


def rooted(text: str) -> dict[str, str]:
    """An application whose code is in `api`."""
    return {".upsun/config.yaml": f"applications: {{shop: {{type: 'python:3.14', source: {{root: api}}, {text}}}}}", "api/a.py": ""}


def related(text: str) -> str:
    return project(shop=f"relationships: {{{text}}}")


def mounted(text: str) -> str:
    return project(shop=f"mounts: {{data: {{{text}}}}}")


def routed(text: str) -> str:
    return f"applications: {{shop: {{type: 'python:3.14'}}}}\nroutes: {{a: {{{text}}}}}"


FIXED = {".platform.app.yaml": "name: shop\ntype: 'php:8.4'\nweb: {{mounts: {{tmp: {{source: local}}}}}}\n{}"}
GOOD = project("relationships: {db: , kv: {endpoint: mongodb}, web: 'api:http'}", cache="api: 'api:http'")
CASES = (
    Case(
        "relationship-unknown",
        related("data: {service: dv}"),
        "applications.shop.relationships.data: expected the name of a service or application, found `dv`",
        "service",
        GOOD,
    ),
    Case(
        "relationship-unknown",
        project(cache="app: 'web:http'"),
        "services.cache.relationships.app: expected the name of a service or application, found `web`",
        "'web:http'",
        GOOD,
    ),
    Case(
        "app-needs-http",
        related("api: "),
        "applications.shop.relationships.api: expected the endpoint `http` of application `api`, found none",
        "api",
        GOOD,
    ),
    Case(
        "relationship-to-worker",
        project(api="relationships: {jobs: {service: shop--queue, endpoint: http}}"),
        "applications.api.relationships.jobs: expected the name of a service or application, found the worker `shop--queue`",
        "service",
        GOOD,
    ),
    Case(
        "relationship-cycle",
        project("relationships: {a: 'api:http'}", "relationships: {s: 'shop:http'}"),
        "applications.shop.relationships.a: circular relationships: `shop` > `api` > `shop`",
        "a",
        project("relationships: {a: 'api:http'}", "relationships: {c: 'cache:http'}"),
    ),
    Case(
        "relationship-cycle",
        project("relationships: {me: 'shop:http'}"),
        "applications.shop.relationships.me: circular relationships: `shop` > `shop`",
        "me",
        GOOD,
    ),
    Case(
        "relationship-cycle",
        project("relationships: {a: 'api:http'}", "relationships: {c: 'cache:http'}", "app: 'shop:http'"),
        "applications.shop.relationships.a: circular relationships: `shop` > `api` > `cache` > `shop`",
        "a",
        project("relationships: {a: 'api:http'}", "relationships: {c: 'cache:http'}", "app: 'db:postgresql'"),
    ),
    Case(
        "default-endpoint",
        related("kv: "),
        "applications.shop.relationships.kv: expected an `endpoint`, since `mongodb-enterprise` has no default one",
        "kv",
        GOOD,
        "warning",
    ),
    Case(
        "mount-service",
        mounted("source: service, service: db"),
        "applications.shop.mounts.data: `service`: expected a service of type `network-storage`, found `db` of type `postgresql:18`",
        "service",
        mounted("source: service, service: files"),
    ),
    Case(
        "mount-service",
        mounted("source: service"),
        "applications.shop.mounts.data: `service`: expected a service of type `network-storage`, found nothing",
        "data",
        mounted("source: instance, service: gone"),
    ),
    Case(
        "mount-service",
        mounted("source: storage, service: gone"),
        "applications.shop.mounts.data: `service`: expected an application, whose storage is shared, found `gone`",
        "service",
        mounted("source: storage, service: api"),
    ),
    Case(
        "mount-service",
        mounted("source: storage, service: files"),
        "applications.shop.mounts.data: `service`: expected an application, whose storage is shared, found `files`",
        "service",
        mounted("source: storage"),
        "warning",
    ),
    Case(
        "mount-overlap",
        "mounts: {/var/: {source: tmp}, var/b: {source: storage}}",
        "applications.shop: mounts `/var/` and `var/b` overlap",
        "var/b",
        "mounts: {var/cache: {source: tmp}, var/cache_a: {source: tmp}, var/b: {source: tmp}}",
    ),
    Case(
        "mount-hides-files",
        rooted("mounts: {data: {source: tmp}, tmp: {source: tmp}}") | {"api/data/a.json": "", "api/tmp/.gitkeep": ""},
        "applications.shop.mounts.data: `data` hides the files that are in `api/data` of the repository, while the application runs",
        "data",
        rooted("mounts: {data: {source: tmp}}") | {"data/a.json": "", "api/data2/a.json": ""},
        "info",
    ),
    Case(
        "mount-disk",
        {path: text.format("") for path, text in FIXED.items()},
        "applications.shop: expected `disk`, since `tmp` is a local mount, found none",
        "tmp",
        {path: text.format("disk: 128") for path, text in FIXED.items()},
    ),
    Case(
        "mount-disk",
        {path: text.format("disk: 100") for path, text in FIXED.items()},
        "applications.shop: `disk`: expected at least 128 MB, found `100`",
        "disk",
        "mounts: {a: {source: instance}}",
    ),
    Case(
        "route-upstream",
        project(upstream="shop"),
        "routes.https://{default}/: `upstream`: expected the name of an application or service and an endpoint (`shop:http`), found `shop`",
        "upstream",
        project(upstream="cache:http"),
    ),
    Case(
        "route-upstream",
        project(upstream="shpo:http"),
        "routes.https://{default}/: `upstream`: expected the name of an application or service and an endpoint (`shop:http`), "
        "found `shpo`, which there is not",
        "upstream",
        GOOD,
    ),
    Case(
        "route-upstream",
        routed("type: upstream"),
        "routes.a: `upstream`: expected the name of an application or service and an endpoint (`shop:http`), found nothing",
        "a",
        routed("type: redirect, to: 'https://example.org/'"),
    ),
    Case(
        "route-to-worker",
        project(upstream="shop--queue:http"),
        "routes.https://{default}/: `upstream`: expected an application or service, found the worker `shop--queue`",
        "upstream",
        GOOD,
    ),
    Case(
        "route-type", routed("type: mirror"), "routes.a: `type`: expected `upstream`, `redirect` or `proxy`, found `mirror`", "type", GOOD
    ),
    Case("route-type", routed("type: redirect"), "routes.a: expected `to`, found nothing", "a", routed("type: redirect, to: '/'")),
    Case(
        "route-type",
        routed("upstream: 'shop:http'"),
        "routes.a: `type`: expected `upstream`, `redirect` or `proxy`, found nothing",
        "a",
        routed("type: proxy, to: '/'"),
        "warning",
    ),
    Case(
        "no-routes",
        "applications: {shop: {type: 'python:3.14'}, api: {type: 'python:3.14'}}",
        "routes: expected `routes`, since there are several applications, found none",
        "",
        "applications: {shop: {type: 'python:3.14'}}",
        "warning",
    ),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_check_of_references(case: Case) -> None:
    case.test()


@pytest.mark.parametrize(
    "extra", ["", "  s{}b: {{type: 'redis:7.2', relationships: {{s{}: null, s{}b: null}}}}\n"], ids=["ring", "more rings"]
)
def test_long_ways_back_are_found_in_bounded_time(extra: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def ring(size: int) -> Project:
        lines = (
            f"  s{n}: {{type: 'redis:7.2', relationships: {{s{(n + 1) % size}: null}}}}\n" + extra.format(n, n, n) for n in range(size)
        )
        return loads(f"applications: {{a: {{type: 'php:8.4'}}}}\nservices:\n{''.join(lines)}")

    few, many = (ring(size) for size in (50, 200))
    monkeypatch.setattr(references, "_MOST_STEPS", 2000)
    assert any(one.name == "relationship-cycle" for one in check(many))
    assert steps(lambda: check(many)) < 8 * steps(lambda: check(few))


def test_a_relationship_of_a_worker_closes_a_cycle() -> None:
    (found,) = said(
        "relationship-cycle",
        """
        applications:
          shop:
            type: 'python:3.14'
            relationships: {db: }
            workers: {queue: {commands: {start: ./run}, relationships: {api: 'api:http'}}}
          api: {type: 'python:3.14', relationships: {shop: 'shop:http'}}
        services: {db: {type: 'postgresql:18'}}
        """,
    )
    assert found.message == "applications.shop.workers.queue.relationships.api: circular relationships: `shop` > `api` > `shop`"


def test_what_no_instance_inherits_makes_no_cycle() -> None:
    text = """
        applications:
          shop: {type: 'python:3.14', relationships: {api: 'api:http'}, web: {relationships: {}}}
          api: {type: 'python:3.14', relationships: {shop: 'shop:http'}}
        """
    assert said("relationship-cycle", text) == []


def test_every_cycle_is_told_once() -> None:
    text = "applications:\n" + "".join(
        f"  {one}: {{type: 'python:3.14', relationships: {{next: '{other}:http'}}}}\n" for one, other in ("ab", "bc", "ca", "de", "ed")
    )
    assert [one.message.rpartition(": ")[2] for one in said("relationship-cycle", text)] == ["`a` > `b` > `c` > `a`", "`d` > `e` > `d`"]


def test_mounts_are_compared_in_each_instance() -> None:
    own = "mounts: {var: {source: tmp}}\nworkers: {queue: {commands: {start: ./run}, mounts: {var/a: {source: tmp}}}}"
    assert said("mount-overlap", own) == []
    (found,) = said("mount-overlap", "workers: {queue: {commands: {start: ./run}, mounts: {var: {source: tmp}, var/a: {source: tmp}}}}")
    assert found.message == "applications.shop.workers.queue: mounts `var` and `var/a` overlap"


def test_a_mount_that_several_instances_inherit_is_told_once() -> None:
    shared = "mounts: {a: {source: tmp}, a/b: {source: tmp}}\nworkers: {x: {commands: {start: ./x}}, y: {commands: {start: ./y}}}"
    assert len(said("mount-overlap", shared)) == 1


def test_a_service_with_endpoints_of_its_own_is_not_judged() -> None:
    text = """
        applications: {shop: {type: 'python:3.14', relationships: {kv: }}}
        services: {kv: {type: 'mongodb-enterprise:7.0', configuration: {endpoints: {main: {}}}}}
        """
    assert said("default-endpoint", text) == []


def test_a_misspelled_name_is_recognised() -> None:
    (found,) = said("relationship-unknown", related("x: {service: cach}"))
    assert found.help == "did you mean `cache`?"


def test_what_cannot_be_read_refers_to_nothing() -> None:
    text = """
        applications: {shop: {type: 'python:3.14', relationships: {a: 5}}}
        services: {db: {type: 'postgresql:18', relationships: {a: 5}}}
        routes: {a: {type: 5}}
        """
    assert {one.name for one in everything(text)} == {"wrong-type"}


def test_two_ways_round_are_one_cycle() -> None:
    text = """
        applications:
          a: {type: 'python:3.14', relationships: {b: 'b:http', c: 'c:http'}}
          b: {type: 'python:3.14', relationships: {d: 'd:http'}}
          c: {type: 'python:3.14', relationships: {d: 'd:http'}}
          d: {type: 'python:3.14', relationships: {a: 'a:http'}}
        """
    assert [one.message.rpartition(": ")[2] for one in said("relationship-cycle", text)] == [
        "`a` > `b` > `d` > `a`",
        "`c` > `d` > `a` > `c`",
    ]


def test_what_is_meant_is_guessed_of_the_first_names_that_there_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(references, "_MOST_GUESSES", 2)
    relationships = ", ".join(f"r{n}: {{service: dbb}}" for n in range(4))
    text = f"applications: {{a: {{type: 'php:8.4', relationships: {{{relationships}}}}}}}\nservices: {{db: {{type: 'mariadb:10.6'}}}}"
    found = [one.help for one in check(loads(text)) if one.name == "relationship-unknown"]
    assert found == [*["did you mean `db`?"] * 2, *["define a service of that name, or correct it"] * 2]


def test_unknown_names_and_workers_take_a_time_in_proportion_to_their_number() -> None:
    def taken(count: int) -> int:
        relationships = ", ".join(f"r{n}: {{service: b{n}}}" for n in range(count))
        workers = ", ".join(f"w{n}: {{commands: {{start: x}}}}" for n in range(count))
        project = loads(f"applications: {{a: {{type: 'php:8.4', relationships: {{{relationships}}}, workers: {{{workers}}}}}}}")
        return steps(lambda: check(project))

    assert taken(120) < 4.5 * taken(30)
