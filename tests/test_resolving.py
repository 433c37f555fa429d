"""What each instance has, and why: the rule of whole properties and its four consequences."""

from __future__ import annotations

import re
from textwrap import dedent
from typing import Any

import pytest

from workerlib.errors import UsageError
from workerlib.keypath import KeyPath
from workerlib.loading import load, loads
from workerlib.merging import merge
from workerlib.model import (
    ABSENT,
    Access,
    Application,
    Commands,
    Hooks,
    Mount,
    Number,
    Preflight,
    Relationship,
    SourceDefinition,
    Web,
    Worker,
)
from workerlib.resolving import Effective, Lifecycle, Reason, effective, rebuild_needed, resolve, value_at

TEXT = dedent("""\
    applications:
      shop:
        type: 'python:3.14'
        variables: {env: {MODE: base, REGION: eu}, php: {memory_limit: 64M}}
        relationships: {db: , queue: {service: mq, endpoint: rabbitmq}}
        mounts: {var/data: {source: storage, source_path: data}}
        hooks: {build: make, deploy: ./migrate, post_deploy: ./warm}
        crons: {nightly: {spec: '0 2 * * *', commands: {start: ./n}}}
        web:
          commands: {start: gunicorn app}
          locations: {/: {passthru: true}}
          mounts: {uploads: {source: storage}}
          variables: {env: {MODE: web}}
        workers:
          mailer: &mailer
            commands: {start: python mail.py}
            mounts: {}
            relationships: {queue: {service: mq, endpoint: rabbitmq}}
          indexer:
            commands: {start: python index.py}
            variables: {env: {MODE: idx}}
            access:
          copy:
            <<: *mailer
            commands: {start: python copy.py}
    """)
SHOP = loads(TEXT).applications["shop"]
BASE = {"env": {"MODE": "base", "REGION": "eu"}, "php": {"memory_limit": "64M"}}
DB, QUEUE = Relationship(service="db"), Relationship(service="mq", endpoint="rabbitmq")


def shop(worker: str | None = None) -> Effective:
    return effective(SHOP, worker)


def application(text: str) -> Application:
    return loads(f"applications: {{shop: {text}}}").applications["shop"]


# ---- the rule -----------------------------------------------------------------------------------------------------------------------


def test_the_web_instance_has_its_own_and_what_it_inherits() -> None:
    web = shop()
    assert web.variables == {"env": {"MODE": "web"}}
    assert web.mounts == {"uploads": Mount(source="storage", source_path="uploads")}
    assert web.relationships == {"db": DB, "queue": QUEUE}
    assert web.commands == Commands(start="gunicorn app")


def test_a_worker_has_its_own_and_what_it_inherits() -> None:
    mailer, indexer = shop("mailer"), shop("indexer")
    assert (mailer.variables, mailer.relationships, mailer.mounts) == (BASE, {"queue": QUEUE}, {})
    assert indexer.relationships == {"db": DB, "queue": QUEUE}
    assert indexer.mounts == {"var/data": Mount(source="storage", source_path="data")}


def test_a_worker_never_sees_what_stands_below_web() -> None:
    app = application("{web: {mounts: {a: {source: tmp}}, variables: {env: {A: b}}, commands: {start: x}}, workers: {q: {}}}")
    queue = effective(app, "q")
    assert (queue.mounts, queue.variables, queue.commands) == ({}, {}, Commands())


def test_nothing_is_merged_within_a_property() -> None:
    assert shop("indexer").variables == {"env": {"MODE": "idx"}}


def test_an_empty_mapping_is_an_own_value() -> None:
    assert shop("mailer").mounts == {}
    assert shop("mailer").explain("mounts").reason is Reason.OWN


def test_null_sets_nothing() -> None:
    app = application("{mounts: {a: {source: tmp}}, workers: {q: {mounts: , access: ~}}}")
    queue = effective(app, "q")
    assert queue.mounts == {"a": Mount(source="tmp", source_path="a")}
    assert queue.explain("mounts").reason is Reason.INHERITED


def test_a_value_that_cannot_be_used_is_own_all_the_same() -> None:
    app = application("{mounts: {a: {source: tmp}}, workers: {q: {mounts: [b]}}}")
    queue = effective(app, "q")
    assert (queue.mounts, queue.extra) == ({}, {"mounts": ("b",)})
    assert queue.explain("mounts").reason is Reason.OWN


@pytest.mark.parametrize(
    ("name", "text", "inherited"),
    [
        ("relationships", "{a: }", {"a": Relationship(service="a")}),
        ("mounts", "{a: {source: tmp}}", {"a": Mount(source="tmp", source_path="a")}),
        ("variables", "{env: {A: b}}", {"env": {"A": "b"}}),
        ("access", "{ssh: admin}", Access(ssh="admin")),
        ("additional_hosts", "{a: b}", {"a": "b"}),
        ("container_profile", "BALANCED", "BALANCED"),
        ("timezone", "Asia/Tokyo", "Asia/Tokyo"),
        ("size", "L", "L"),
        ("disk", "512", 512),
    ],
)
def test_inherited_properties(name: str, text: str, inherited: object) -> None:
    app = application(f"{{{name}: {text}, web: {{}}, workers: {{q: {{}}}}}}")
    for instance in (effective(app), effective(app, "q")):
        assert getattr(instance, name) == inherited
        assert instance.explain(name).reason is Reason.INHERITED


@pytest.mark.parametrize("name", ["firewall", "resources"])
def test_inherited_parts_without_a_default(name: str) -> None:
    app = application(f"{{{name}: {{}}, workers: {{q: {{}}}}}}")
    assert getattr(effective(app, "q"), name) is not None
    assert getattr(effective(application("{workers: {q: {}}}"), "q"), name) is None


def test_defaults_hold_where_nothing_is_written() -> None:
    queue = effective(application("{workers: {q: {}}}"), "q")
    assert (queue.mounts, queue.relationships, queue.variables, queue.additional_hosts) == ({}, {}, {}, {})
    assert (queue.access, queue.timezone, queue.size, queue.disk) == (Access(ssh="contributor"), "UTC", "AUTO", None)
    assert (queue.source, queue.preflight, queue.hooks) == (SourceDefinition(root=""), Preflight(enabled=True, ignored_rules=()), Hooks())
    assert {queue.explain(name).reason for name in queue.reasons} == {Reason.DEFAULT, Reason.ABSENT}


def test_defaults_hold_for_what_is_left_out_of_a_property() -> None:
    app = application("{access: {}, preflight: {ignored_rules: [a]}, workers: {q: {access: {x: y}}}}")
    web, queue = effective(app), effective(app, "q")
    assert (web.access, web.preflight) == (Access(ssh="contributor"), Preflight(enabled=True, ignored_rules=("a",)))
    assert queue.access == Access(ssh="contributor", extra={"x": "y"})
    assert effective(application("{access: {ssh: [a]}}")).access == Access(extra={"ssh": ("a",)})
    assert [str(one.explain(path)).partition(": ")[2] for one, path in ((web, "access.ssh"), (queue, "access.ssh"))] == [
        "not written, so the default holds: `ssh: contributor`"
    ] * 2
    assert web.explain("access").reason is Reason.INHERITED
    assert queue.explain("access").reason is queue.explain("access.x").reason is Reason.OWN


# ---- what all instances share, and what only web has --------------------------------------------------------------------------------


def test_a_worker_runs_no_crons_and_no_hook_but_that_of_the_build() -> None:
    assert (shop("mailer").crons, shop("mailer").hooks) == ({}, Hooks(build="make"))
    assert (list(shop().crons), shop().hooks) == (["nightly"], Hooks(build="make", deploy="./migrate", post_deploy="./warm"))


def test_a_worker_takes_no_requests() -> None:
    assert (shop("mailer").locations, shop("mailer").upstream, shop("mailer").public) == ({}, None, False)
    assert (list(shop().locations), shop().public) == (["/"], True)


def test_what_a_worker_may_not_have_stays_visible_and_without_effect() -> None:
    app = application("{type: 'php:8.4', workers: {q: {type: 'php:8.5', crons: {a: {}}, hooks: {deploy: x}}}}")
    queue = effective(app, "q")
    assert (queue.type, queue.crons, queue.hooks) == ("php:8.4", {}, Hooks())
    assert set(queue.extra) == {"type", "crons", "hooks"}


@pytest.mark.parametrize(
    ("text", "image", "channel"),
    [
        ("{type: 'python:3.14'}", "single", None),
        ("{stack: [python@3.14]}", "composable", None),
        ("{type: 'composable:26.05', stack: [python@3.14]}", "composable", "26.05"),
        ("{type: 'composable:26.05'}", "composable", "26.05"),
        ("{}", "single", None),
    ],
)
def test_kinds_of_images(text: str, image: str, channel: str | None) -> None:
    one = effective(application(text))
    assert (one.image, one.channel) == (image, channel)


def test_how_an_instance_is_stopped() -> None:
    assert shop("mailer").lifecycle == Lifecycle(restarted=True, stop="SIGTERM", kill="SIGKILL", grace=15)
    assert shop().lifecycle == Lifecycle(restarted=True, stop=None, kill=None, grace=None)


# ---- names --------------------------------------------------------------------------------------------------------------------------


def test_instances_by_their_deployed_names() -> None:
    instances = resolve(loads(TEXT))
    assert list(instances) == ["shop", "shop--mailer", "shop--indexer", "shop--copy"]
    assert instances["shop--mailer"] == shop("mailer")
    assert (shop("mailer").application, shop("mailer").worker, shop("mailer").build_of) == ("shop", "mailer", "shop")


def test_a_key_with_a_dot_in_front_is_no_worker() -> None:
    assert list(resolve(loads("applications: {a: {workers: {.base: {}, q: {}}}}"))) == ["a", "a--q"]


def test_an_unknown_worker_is_an_error_that_names_the_known_ones() -> None:
    with pytest.raises(UsageError, match=r"^applications\.shop\.workers: expected one of `mailer`, `indexer`, `copy`, found `queue`"):
        shop("queue")
    with pytest.raises(UsageError, match="expected one of none, found `queue`"):
        effective(Application(name="a"), "queue")


def test_instances_are_equal_wherever_their_values_come_from() -> None:
    inherited = application("{mounts: {a: {source: tmp}}, workers: {q: {}}}")
    own = application("{workers: {q: {mounts: {a: {source: tmp}}}}}")
    assert effective(inherited, "q") == effective(own, "q")
    assert effective(inherited) != effective(own)


# ---- why ----------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("worker", "path", "expected"),
    [
        ("mailer", "mounts", "the worker's own `mounts` counts and replaces the application's as a whole (.upsun/config.yaml:17:9)"),
        ("mailer", "commands.start", "the worker's own `commands` counts (.upsun/config.yaml:16:20)"),
        (
            "mailer",
            "variables.env.REGION",
            "inherited from the application, since the worker sets no `variables` of its own (.upsun/config.yaml:4:35)",
        ),
        ("indexer", "access", "not written, so the default holds: `ssh: contributor`"),
        ("mailer", "type", "one for all instances of the application, which run the same build (.upsun/config.yaml:3:5)"),
        (
            "mailer",
            "hooks.build",
            "the build hook is shared with the application; the others do not run for workers (.upsun/config.yaml:7:13)",
        ),
        ("mailer", "crons", "a worker has no `crons`: cron jobs run on the web instance only (.upsun/config.yaml:8:5)"),
        ("mailer", "timezone", "not written, so the default holds: `UTC`"),
        ("mailer", "disk", "not written, so the default holds: none"),
        ("mailer", "container_profile", "not written, so the default holds: `HIGH_CPU`; Java on a single-runtime image: `HIGH_MEMORY`"),
        (None, "firewall", "not written, so the default holds: all connections allowed"),
        (None, "source", "not written, so the default holds: `root: /`"),
        ("copy", "mounts", "the worker's own `mounts` counts and replaces the application's as a whole (.upsun/config.yaml:17:9)"),
        (
            None,
            "mounts.uploads",
            "the web instance's own `mounts` counts and replaces the application's as a whole (.upsun/config.yaml:12:16)",
        ),
        (None, "crons", "the application's own, for its web instance (.upsun/config.yaml:8:5)"),
        ("mailer", "locations", "a worker has no `locations`: it takes no requests"),
        ("mailer", "upstream", "a worker has no `upstream`: it takes no requests"),
        (None, "timezone.x", "not there; not written, so the default holds: `UTC`"),
    ],
)
def test_explanations(worker: str | None, path: str, expected: str) -> None:
    explanation = shop(worker).explain(path)
    whole = "applications.shop." + (f"workers.{worker}." if worker else "") + path
    assert str(explanation) == f"{whole}: {expected}"


def test_what_is_replaced_as_a_whole_is_absent_with_the_reason() -> None:
    explanation = shop("indexer").explain("variables.env.REGION")
    assert explanation.reason is Reason.ABSENT
    assert str(explanation.origin) == ".upsun/config.yaml:21:9"
    assert explanation.text == "not there; the worker's own `variables` counts and replaces the application's as a whole"


@pytest.mark.parametrize(("path", "there"), [("[0]", True), ("[1]", False), (".x", False), ("[0].x", False)])
def test_items_of_a_list_are_there_or_not(path: str, there: bool) -> None:
    one = effective(application("{web: {locations: {/: {index: [a]}}}}"))
    assert (one.explain(f"locations./.index{path}").reason is not Reason.ABSENT) is there


def test_hooks_that_do_not_run_are_absent() -> None:
    assert shop("mailer").explain("hooks.deploy").reason is Reason.ABSENT
    assert shop().explain("hooks.deploy").reason is Reason.SHARED


def test_places_follow_the_reasons() -> None:
    assert str(shop("mailer").origin("variables.env.MODE")) == ".upsun/config.yaml:4:23"
    assert str(shop("indexer").origin("variables.env.MODE")) == ".upsun/config.yaml:21:27"
    assert str(shop().origin(KeyPath(("variables", "env", "MODE")))) == ".upsun/config.yaml:13:25"
    assert shop("mailer").origin("timezone") is None


SPREAD = {
    ".upsun/config.yaml": b"""\
applications:
  shop:
    type: 'php:8.4'
    .mounts: &mounts {data: {source: tmp}}
    mounts: *mounts
    workers:
      queue: &queue
        commands: {start: ./q}
        variables: {env: {A: b}}
      mail:
        <<: *queue
        commands: {start: ./m}
      index: !include index.yaml
""",
    "index.yaml": b"commands: {start: ./i}\nvariables:\n  env: !include env.yaml\n",
    "env.yaml": b"C: d\n",
}


@pytest.mark.parametrize(
    ("worker", "path", "origin"),
    [
        ("queue", "mounts.data", ".upsun/config.yaml:4:23"),
        ("mail", "variables.env.A", ".upsun/config.yaml:9:27"),
        ("mail", "commands.start", ".upsun/config.yaml:12:20"),
        ("index", "commands.start", "index.yaml:1:12"),
        ("index", "variables.env.C", "env.yaml:1:1"),
    ],
    ids=["alias", "merge key", "beside a merge key", "include", "include in an include"],
)
def test_places_are_followed_to_where_a_value_is_written(worker: str, path: str, origin: str) -> None:
    instance = effective(load(SPREAD).applications["shop"], worker)
    assert str(instance.origin(path)) == str(instance.explain(path).origin) == origin


def test_places_of_merged_projects_are_those_of_the_one_that_states_the_value() -> None:
    team = load({".upsun/team.yaml": b"applications: {shop: {workers: {queue: {variables: {env: {A: c}}}}}}"})
    instance = effective(merge(load(SPREAD), team).applications["shop"], "queue")
    assert instance.variables == {"env": {"A": "c"}}
    assert str(instance.explain("variables.env.A").origin) == ".upsun/team.yaml:1:59"
    assert str(instance.explain("commands.start").origin) == ".upsun/config.yaml:8:20"


@pytest.mark.parametrize("path", ["", "mount", "web.commands", "workers"])
def test_an_unknown_property_is_an_error(path: str) -> None:
    name = path.partition(".")[0]
    message = rf"applications\.shop(\.{path})?: expected one of `type`, `stack`, (`\w+`, )+`\w+`, found `{name}`"
    with pytest.raises(UsageError) as caught:
        shop().explain(path)
    assert re.fullmatch(message, str(caught.value))


def test_neither_reasons_nor_the_definition_are_part_of_what_is_shown() -> None:
    assert "reasons" not in repr(shop())
    assert "definition" not in repr(shop())


# ---- builds -------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "{workers: {q: {commands: {start: b}}}}",
        "{workers: {q: {commands: {start: a}}, r: {}}}",
        "{workers: {q: {commands: {start: a}, variables: {env: {A: b}}}}}",
        "{web: {commands: {start: x}, locations: {/: {}}}}",
        "{access: {ssh: admin}, relationships: {a: }, firewall: {}, crons: {a: {}}}",
        "{hooks: {deploy: x, post_deploy: y}}",
    ],
)
def test_what_needs_no_build(text: str) -> None:
    assert not rebuild_needed(application("{workers: {q: {commands: {start: a}}}}"), application(text))


@pytest.mark.parametrize(
    "text",
    [
        "{workers: {q: {commands: {start: a}, mounts: {}}}}",
        "{web: {mounts: {a: {source: tmp}}}}",
        "{type: 'php:8.4'}",
        "{stack: [php@8.4]}",
        "{hooks: {build: x}}",
        "{dependencies: {nodejs: {sass: '*'}}}",
        "{build: {flavor: none}}",
        "{variables: {env: {A: b}}}",
        "{mounts: {}}",
        "{source: {root: x}}",
    ],
)
def test_what_needs_a_build(text: str) -> None:
    assert rebuild_needed(application("{workers: {q: {commands: {start: a}}}}"), application(text))


def test_a_project_written_in_python_resolves_without_places() -> None:
    app = Application(name="a", web=Web(), workers={"q": Worker(name="q", commands=Commands(start="x"))})
    assert effective(app, "q").commands.start == "x"
    assert effective(app, "q").origin("commands.start") is None


def test_what_is_in_a_property_has_the_reason_of_the_property() -> None:
    app = loads("applications: {shop: {type: 'php:8.4', variables: {env: {A: b}}, workers: {queue: {timezone: UTC}}}}\n").applications[
        "shop"
    ]
    queue = effective(app, "queue")
    reasons = {
        path: queue.explain(path).reason.value
        for path in ("variables", "variables.env.A", "variables.env.C", "timezone", "type", "locations")
    }
    assert reasons == {
        "variables": "inherited",
        "variables.env.A": "inherited",
        "variables.env.C": "absent",
        "timezone": "own",
        "type": "shared",
        "locations": "absent",
    }


@pytest.mark.parametrize(
    "path", ["type.upper", "hooks.extra", "hooks._repr_html_", "hooks.malformed", "hooks.deploy", "type[0]", "variables.env[0]"]
)
def test_what_no_key_of_the_format_is_holds_nothing(path: str) -> None:
    app = loads("applications: {a: {type: 'php:8.4', hooks: {build: x}, variables: {env: {'0': x}}}}").applications["a"]
    found = effective(app).explain(path)
    assert found.reason is Reason.ABSENT
    assert found.text.startswith("not there; ")


def test_an_unknown_key_and_a_value_that_does_not_fit_are_there() -> None:
    app = loads("applications: {a: {type: 'php:8.4', hooks: {buidl: x, build: 1}, web: {locations: {/: {index: [a]}}}}}").applications["a"]
    shown = {path: value_at(effective(app).hooks, [path]) for path in ("buidl", "build", "deploy")}
    assert shown == {"buidl": "x", "build": Number("1"), "deploy": ABSENT}
    assert effective(app).explain("hooks.build").reason is Reason.SHARED
    assert value_at(effective(app).locations, ["/", "index", 0]) == "a"
    assert value_at(effective(app).locations, ["/", "index", 1]) is ABSENT


def test_keys_that_are_called_like_what_every_part_has_are_unknown_keys() -> None:
    app = loads("applications: {a: {type: 'php:8.4', origin: here, malformed: there, extra: {more: 1}}}").applications["a"]
    assert [value_at(app, [key]) for key in ("origin", "malformed")] == ["here", "there"]
    assert value_at(app, ["extra", "more"]) == Number("1")
    assert value_at(effective(loads("applications: {a: {type: 'php:8.4'}}").applications["a"]).definition, ["origin"]) is ABSENT
    assert (
        value_at(loads("applications: {a: {type: 'php:8.4', workers: {w: text}}}").applications["a"], ["workers", "w", "malformed"])
        is ABSENT
    )


def test_a_default_that_somebody_changes_is_that_of_one_instance() -> None:
    first = effective(Application(name="a"))
    for name in ("mounts", "variables", "relationships", "crons"):
        mine: Any = getattr(first, name)
        mine["x"] = 1
    second = effective(Application(name="b"))
    assert [getattr(second, name) for name in ("mounts", "variables", "relationships", "crons")] == [{}, {}, {}, {}]
