"""What a change of configuration means for those who run the project."""

from __future__ import annotations

import pytest
from tests.support import steps

from workerlib.comparing import Comparison, compare, differences, shown
from workerlib.diagnostic import Severity
from workerlib.factoring import expand, factor
from workerlib.layout import CONFIG
from workerlib.loading import load, loads
from workerlib.model import ABSENT, Archive, Mount, Number, Project, Tagged, Worker

BASE = """\
applications:
  shop:
    type: php:8.3
    hooks: {build: make, deploy: ./migrate}
    relationships: {db: {service: db}}
    variables: {env: {MODE: base}}
    mounts:
      uploads: {source: storage}
      tmp: {source: tmp}
      cache: {source: instance}
      shared: {source: service, service: files}
    web: {commands: {start: ./web}}
    workers:
      queue:
        commands: {start: ./q}
        variables: {env: {MODE: own}}
services:
  db: {type: 'mariadb:10.6'}
  files: {type: 'network-storage:1.0'}
routes:
  https://{default}/: {type: upstream, upstream: 'shop:http'}
"""


def changed(*replacements: tuple[str, str]) -> Comparison:
    text = BASE
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new)
    return compare(loads(BASE), loads(text))


def said(found: Comparison) -> list[tuple[str, str, str]]:
    return [(one.subject, one.aspect, str(one.path)) for one in found.changes]


def marks(found: Comparison) -> set[tuple[str, bool, bool]]:
    return {(str(one.path), one.rebuilds, one.destroys) for one in found.changes}


# ---- nothing changes ----------------------------------------------------------------------------------------------------------------


def test_nothing_changes_from_a_project_to_itself() -> None:
    found = compare(loads(BASE), loads(BASE))
    assert not found
    assert found == Comparison(())


def test_other_spellings_of_the_same_change_nothing() -> None:
    old = {".platform.app.yaml": b"name: a\ntype: t\ncrons: {c: {spec: x, cmd: y}}\nmounts: {tmp: 'shared:files/tmp'}\n"}
    new = {
        CONFIG: b"applications: {a: {type: t, mounts: {tmp: {source: instance}}, crons: {c: {spec: x, commands: {start: y}}}}}\n",
    }
    assert not compare(load(old), load(new))


@pytest.mark.parametrize(
    "default", ["access: {}", "access: {ssh: contributor}", "preflight: {enabled: true}", "preflight: {}", "timezone: UTC"]
)
def test_what_is_the_default_anyway_changes_nothing_that_runs(default: str) -> None:
    assert changed(("    type: php:8.3\n", f"    type: php:8.3\n    {default}\n")).changes == ()


def test_what_is_moved_between_an_application_and_its_instances_changes_nothing_that_runs() -> None:
    project = loads(BASE)
    for rewritten in (factor, expand):
        found = compare(
            project,
            Project(applications={"shop": rewritten(project.applications["shop"])}, services=project.services, routes=project.routes),
        )
        assert found.changes == ()


# ---- instances ----------------------------------------------------------------------------------------------------------------------


def test_a_variable_changes_for_the_instances_that_have_it() -> None:
    found = changed(("{MODE: base}", "{MODE: other}"))
    (one,) = found.changes
    assert (one.subject, one.aspect, one.before, one.after) == ("shop", "environment", "base", "other")
    assert (one.consequence, str(one.origin)) == ("`$MODE` has another value", f"{CONFIG}:6:23")
    assert (one.rebuilds, found.rebuilt) == (True, ("shop",))


def test_variables_come_and_go() -> None:
    found = changed(("{MODE: own}", "{Level: own}"))
    assert [one.consequence for one in found.changes] == ["`$MODE` is gone", "`$LEVEL` is new"]
    assert [one.subject for one in found.changes] == ["shop--queue"] * 2
    assert not found.rebuilt


def test_what_an_instance_inherits_changes_for_each_of_them() -> None:
    found = changed(("db: {service: db}", "db: {service: other}"))
    assert said(found) == [
        ("shop", "relationships", "applications.shop.relationships.db"),
        ("shop--queue", "relationships", "applications.shop.workers.queue.relationships.db"),
    ]
    assert not found.rebuilt


def test_a_command_changes_without_a_rebuild() -> None:
    assert said(changed(("./q", "./r"))) == [("shop--queue", "command", "applications.shop.workers.queue.commands.start")]
    assert not changed(("./q", "./r")).rebuilt


def test_the_build_hook_rebuilds_and_is_every_instances_the_deploy_hook_is_neither() -> None:
    found = changed(("make", "make all"), ("./migrate", "./m"))
    assert marks(found) == {
        ("applications.shop.hooks.build", True, False),
        ("applications.shop.hooks.deploy", False, False),
        ("applications.shop.workers.queue.hooks.build", True, False),
    }


def test_another_image_is_another_image_for_all() -> None:
    found = changed(("php:8.3", "php:8.4"))
    assert {(one.subject, one.aspect, one.rebuilds) for one in found.changes} == {("shop", "image", True), ("shop--queue", "image", True)}


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("type: php:8.5", "image type: `php:8.4` becomes `php:8.5`; it runs on another image"),
        ("stack: [php@8.4]", "image stack: nothing becomes `{runtimes: [{name: php, version: 8.4}]}`; it runs on another image"),
        (
            "runtime: {extensions: [gd]}",
            "image runtime: nothing becomes `{extensions: [{name: gd}]}`; its runtime is set up in another way",
        ),
        (
            "source: {root: code}",
            "code source.root: `` becomes `code`; its code is that of another folder, or can be changed in other ways",
        ),
        ("build: {flavor: none}", "build build: nothing becomes `{flavor: none}`; it is built in another way"),
        ("dependencies: {nodejs: {sass: '*'}}", "build dependencies.nodejs: new: `{sass: *}`; other tools are installed for it"),
        ("hooks: {post_deploy: ./warm}", "hooks hooks.post_deploy: new: `./warm`; other scripts run when it is built or deployed"),
        (
            "container_profile: BALANCED",
            "resources container_profile: nothing becomes `BALANCED`; it gets memory and CPU in another proportion",
        ),
        ("size: L", "resources size: new: `L`; it gets other memory and CPU"),
        ("disk: 512", "resources disk: new: `512`; it gets another amount of disk"),
        ("resources: {base_memory: 64}", "resources resources: nothing becomes `{base_memory: 64}`; it gets other memory and CPU"),
        (
            "relationships: {db: }",
            (
                "relationships relationships.db: new: `{service: db}`; "
                "what it is connected to under this name changes, and so do the variables named after it"
            ),
        ),
        ("variables: {php: {x: 1G}}", "environment variables.php: new: `{x: 1G}`; it starts with another environment"),
        ("access: {ssh: admin}", "access access.ssh: `contributor` becomes `admin`; others may log in"),
        ("firewall: {outbound: [{}]}", "network firewall: nothing becomes `{outbound: [{}]}`; other outbound connections are allowed"),
        ("additional_hosts: {a: 1.2.3.4}", "network additional_hosts.a: new: `1.2.3.4`; a host name leads elsewhere"),
        (
            "timezone: Asia/Tokyo",
            "crons timezone: `UTC` becomes `Asia/Tokyo`; the times of cron jobs are read in another time zone",
        ),
        ("web: {commands: {start: ./w}}", "command commands.start: new: `./w`; another command runs"),
        (
            "web: {upstream: {socket_family: unix}}",
            "web upstream: nothing becomes `{socket_family: unix}`; requests reach it in another way",
        ),
        ("web: {locations: {/: {root: x}}}", "web locations./: new: `{root: x}`; requests are answered in another way"),
        ("crons: {c: {spec: H}}", "crons crons.c: new: `{spec: H}`; other cron jobs run, or at other times"),
        ("operations: {o: {role: admin}}", "operations operations.o: new: `{role: admin}`; there are other operations to run"),
        ("preflight: {enabled: false}", "deployment preflight.enabled: `true` becomes `false`; other checks run before it is deployed"),
        ("colour: red", "other colour: new: `red`; what it states beyond the known properties changes"),
        (
            "mounts: {a: {source: tmp}}",
            "mounts mounts.a: new: `{source: tmp, source_path: a}`; a folder is mounted here, which hides what the build left",
        ),
    ],
)
def test_each_change_is_told_with_what_follows(line: str, told: str) -> None:
    lines = ["type: php:8.4", line] if not line.startswith("type") else [line]
    old, new = (loads("applications:\n  shop:\n    " + "\n    ".join(each) + "\n") for each in (["type: php:8.4"], lines))
    assert [f"{one.aspect} {one}".replace("applications.shop.", "", 1) for one in compare(old, new).changes] == [told]


def test_a_worker_comes() -> None:
    found = changed(("    workers:\n", "    workers:\n      mail: {commands: {start: ./m}}\n"))
    (one,) = found.changes
    assert (one.subject, one.before, one.consequence) == ("shop--mail", ABSENT, "`shop--mail` is started")
    assert isinstance(one.after, Worker)
    assert not found.destructive


def test_a_worker_that_goes_takes_the_files_that_are_its_own() -> None:
    found = changed(("    workers:\n      queue:\n        commands: {start: ./q}\n        variables: {env: {MODE: own}}\n", ""))
    (one,) = found.changes
    assert (one.subject, one.destroys) == ("shop--queue", True)
    assert one.consequence == "`shop--queue` is stopped and goes, with the files of `cache`"


def test_unknown_keys_are_compared_too() -> None:
    added = changed(
        ("    type: php:8.3\n", "    type: php:8.3\n    colour: red\n"),
        ("    web: {", "    web: {colour: red, "),
        ("      queue:\n", "      queue:\n        colour: red\n"),
        ("  files: {", "  files: {colour: red, "),
    )
    assert [(one.subject, one.aspect, str(one.path), str(one.origin)) for one in added.changes] == [
        ("shop", "other", "applications.shop.web.colour", f"{CONFIG}:13:11"),
        ("shop", "other", "applications.shop.colour", f"{CONFIG}:4:5"),
        ("shop--queue", "other", "applications.shop.workers.queue.colour", f"{CONFIG}:16:9"),
        ("files", "service", "services.files.colour", f"{CONFIG}:21:11"),
    ]
    (one,) = compare(loads("applications: {a: {}}"), loads("applications: {a: {}}\nx: 1")).changes
    assert str(one.path) == "x"


# ---- data that goes -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "destroys"),
    [
        ("uploads: {source: storage}", "files: {source: storage}", True),
        ("uploads: {source: storage}", "files: {source: storage, source_path: uploads}", False),
        ("uploads: {source: storage}", "all: {source: storage, source_path: ''}", False),
        ("uploads: {source: storage}", "uploads: {source: storage, source_path: x}", True),
        ("uploads: {source: storage}", "uploads: {source: instance}", True),
        ("uploads: {source: storage}", "/uploads/: {source: storage}", False),
        ("      uploads: {source: storage}\n", "", True),
        ("      cache: {source: instance}\n", "", True),
        ("      tmp: {source: tmp}\n", "", False),
        ("      shared: {source: service, service: files}\n", "", False),
    ],
    ids=["renamed", "renamed-kept", "widened", "moved", "other-source", "slashes", "storage", "instance", "tmp", "service"],
)
def test_files_go_where_no_mount_leads_to_them_any_more(old: str, new: str, destroys: bool) -> None:
    found = changed((old, new))
    assert bool(found.destructive) is destroys
    assert all(one.rebuilds for one in found.changes)


def test_a_slash_before_a_mount_changes_nothing() -> None:
    found = changed(("uploads: {source: storage}", "/uploads/: {source: storage}"), ("cache: {source: instance}", "/cache: {source: tmp}"))
    assert said(found) == [
        ("shop", "mounts", "applications.shop.mounts./cache"),
        ("shop--queue", "mounts", "applications.shop.workers.queue.mounts./cache"),
    ]
    assert [str(one.origin) for one in found.changes] == [f"{CONFIG}:10:7"] * 2


def test_mounts_of_both_names_are_told_apart() -> None:
    old = "applications: {shop: {mounts: {x: {source: tmp}, /x: {source: storage}}}}"
    new = "applications: {shop: {mounts: {x: {source: instance}, /x: {source: storage}}}}"
    assert [str(one.path) for one in compare(loads(old), loads(new)).changes] == ["applications.shop.mounts.x"]


def test_storage_that_another_instance_still_mounts_stays() -> None:
    new = "    workers:\n      queue:\n        mounts: {old: {source: storage, source_path: uploads}, cache: {source: instance}}\n"
    found = changed(("      uploads: {source: storage}\n", ""), ("    workers:\n      queue:\n", new))
    assert not found.destructive


@pytest.mark.parametrize(
    ("old", "new", "destroys"),
    [
        ("'mariadb:10.6'", "'mariadb:11.4'", False),
        ("'mariadb:10.6'", "'postgresql:16'", True),
        ("  db: {type: 'mariadb:10.6'}\n", "", True),
        ("  db: {type", "  database: {type", True),
        ("services:\n", "services:\n  cache: {type: 'redis:7.0'}\n", False),
    ],
    ids=["version", "kind", "gone", "renamed", "new"],
)
def test_the_data_of_a_service_goes_with_its_name_and_its_kind(old: str, new: str, destroys: bool) -> None:
    (one,) = changed((old, new)).changes
    assert (one.destroys, one.origin is not None) == (destroys, True)


STAY = "write `source_path` to stay with the old folder, or make a backup"
BACKUP = "make a backup first"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "uploads: {source: storage}",
            "uploads: {source: tmp}",
            f"WL601 no mount leads to its files any more, the folder starts empty; {STAY}",
        ),
        ("      uploads: {source: storage}\n", "", f"WL601 no mount leads to its files any more; {STAY}"),
        ("      tmp: {source: tmp}\n", "", "WL602 the folder is as the build left it again, and cannot be written to; None"),
        ("tmp: {source: tmp}", "tmp: {source: tmp, source_path: x}", "WL602 another folder is mounted here; None"),
        (
            "'mariadb:10.6'",
            "'mariadb:11.4'",
            "WL603 its data moves to another version, and no service goes back to an older one; None",
        ),
        (
            "'mariadb:10.6'",
            "'postgresql:16'",
            f"WL601 the platform deletes it with all its data, and creates another one, empty; {BACKUP}",
        ),
        ("  db: {type: 'mariadb:10.6'}\n", "", f"WL601 the service `db` goes, with all its data; {BACKUP}"),
        ("  db: {", "  data: {", f"WL601 to the platform `db` goes, with all its data, and `data` is new and empty; {BACKUP}"),
        ("services:\n", "services:\n  cache: {type: 'redis:7.0'}\n", "WL603 the service `cache` is created, empty; None"),
        ("  db: {", "  db: {configuration: {a: b}, ", "WL603 it is set up in another way; None"),
        ("  db: {", "  db: {disk: 5, ", "WL603 it gets another amount of disk; None"),
        ("  shop:\n", "  store:\n", f"WL601 to the platform `shop` goes, with all its data, and `store` is new and empty; {BACKUP}"),
        ("services:\n", "  other: {type: 'php:8.4'}\nservices:\n", "WL603 `other` is built and started; None"),
        ("'shop:http'", "'shop:tcp'", "WL603 requests are answered in another way; None"),
        ("routes:\n", "more: x\nroutes:\n", "WL603 it is not a known part of a project; None"),
    ],
)
def test_what_follows_is_told_with_what_to_do(old: str, new: str, told: str) -> None:
    first = changed((old, new)).changes[0]
    assert f"{first.diagnostic.code} {str(first).partition('; ')[2]}; {first.diagnostic.help}" == told


def test_services_that_are_the_same_are_renamed_each_into_one() -> None:
    old, new = (
        loads(f"applications: {{a: {{}}}}\nservices: {{{a}: {{type: t}}, {b}: {{type: t}}}}\n") for a, b in (("a", "b"), ("c", "d"))
    )
    assert [(one.before, one.after) for one in compare(old, new).changes] == [("a", "c"), ("b", "d")]


def test_the_place_of_what_is_not_written_is_that_of_what_is_around_it() -> None:
    (one,) = compare(loads("applications: {a: {timezone: Asia/Tokyo}}"), loads("\napplications: {a: {}}")).changes
    assert (one.after, str(one.origin)) == ("UTC", f"{CONFIG}:1:20")
    (one,) = compare(loads("applications: {a: {}}"), loads("\napplications: {a: {preflight: {ignored_rules: [x]}}}")).changes
    assert str(one.origin) == f"{CONFIG}:2:32"


def test_a_renamed_application_is_one_that_goes_and_one_that_comes() -> None:
    found = changed(("  shop:\n", "  store:\n"))
    (one,) = (c for c in found.changes if c.subject == "shop")
    assert (one.before, one.after, one.destroys, one.aspect) == ("shop", "store", True, "name")
    assert "shop--queue" not in found.by_subject


def test_an_application_that_goes_takes_everything() -> None:
    both = loads(BASE.replace("services:\n", "  other: {type: 'php:8.4'}\nservices:\n"))
    found = compare(both, loads(BASE))
    assert [(one.subject, one.destroys, one.consequence) for one in found.changes] == [
        ("other", True, "`other` is stopped and goes, with all its data")
    ]
    assert [(one.subject, one.destroys) for one in compare(loads(BASE), both).changes] == [("other", False)]


# ---- the rest -----------------------------------------------------------------------------------------------------------------------


def test_routes_come_go_and_change() -> None:
    route = "  https://{default}/: {type: upstream, upstream: 'shop:http'}\n"
    assert [one.consequence for one in changed((route, "  x: {type: upstream}\n")).changes] == [
        "no request is answered here any more",
        "requests are answered here",
    ]
    (one,) = changed(("'shop:http'", "'shop:tcp'")).changes
    assert (one.subject, one.aspect, one.path.parts[-1]) == ("https://{default}/", "route", "upstream")


def test_a_change_is_a_diagnostic_whose_severity_says_whether_data_goes() -> None:
    found = changed(("uploads: {source: storage}", "uploads: {source: storage, source_path: x}"), ("./q", "./r"))
    told = {(one.subject, one.aspect): one.diagnostic for one in found.changes}
    lost, runs = told["shop", "mounts"], told["shop--queue", "command"]
    assert (lost.code, lost.severity, runs.code, runs.severity) == ("WL601", Severity.WARNING, "WL603", Severity.INFO)
    assert runs.message == "applications.shop.workers.queue.commands.start: `./q` becomes `./r`; another command runs"
    assert lost.help
    assert "source_path" in lost.help


def test_the_place_is_that_of_what_went_where_it_went() -> None:
    (one,) = changed(("variables: {env: {MODE: own}}", "variables: {env: {}}")).changes
    assert str(one.origin) == f"{CONFIG}:16:27"


def test_differences_are_the_innermost_ones() -> None:
    old, new = ({"a": {"b": (1, 2), "c": 3}}, {"a": {"b": (1, 5), "d": 4}})
    assert list(differences(old, new)) == [(("a", "b", 1), 2, 5), (("a", "c"), 3, ABSENT), (("a", "d"), ABSENT, 4)]


def test_a_number_is_one_value() -> None:
    old, new = (f"applications: {{shop: {{variables: {{env: {{LEVEL: {level}}}}}}}}}" for level in ("1", "1.10"))
    (one,) = compare(loads(old), loads(new)).changes
    assert str(one) == "applications.shop.variables.env.LEVEL: `1` becomes `1.10`; `$LEVEL` has another value"
    assert (one.before, one.after, str(one.origin)) == (Number("1"), Number("1.10"), f"{CONFIG}:1:41")


def test_of_an_archive_the_files_that_differ_are_named() -> None:
    text = b"applications: {shop: {}}\nservices: {search: {configuration: {conf: !archive solr}}}\n"
    old, new = (load({CONFIG: text, ".upsun/solr/a.xml": b"1", ".upsun/solr/b.xml": data}) for data in (b"2", b"3"))
    assert [str(one.path) for one in compare(old, new).changes] == ['services.search.configuration.conf."b.xml"']


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (ABSENT, "nothing"),
        (None, "nothing"),
        ("a\n b", "`a b`"),
        (True, "`true`"),
        (Number("1.10"), "`1.10`"),
        (Archive((("a.xml", "1a"),), "solr"), "`!archive solr`"),
        ({"a": Tagged("!include", "x.yaml")}, "`{a: !include x.yaml}`"),
        (Mount(source="tmp", extra={"x": None}), "`{source: tmp, x: null}`"),
        (("a", {"b": 1}), "`[a, {b: 1}]`"),
        ("x" * 90, f"`{'x' * 75}...`"),
    ],
    ids=["absent", "null", "text", "boolean", "number", "archive", "tagged", "part", "list", "long"],
)
def test_values_are_shown_in_a_line(value: object, text: str) -> None:
    assert shown(value) == text


def test_the_default_size_of_upsun_fixed_is_no_value() -> None:
    def project(size: str) -> Project:
        return load({".platform.app.yaml": f"name: shop\ntype: php:8.4\n{size}".encode()})

    (change,) = compare(project("size: L\n"), project("")).changes
    assert (change.before, change.after) == ("L", ABSENT)
    assert compare(project("size: AUTO\n"), project("")).changes == ()


def test_a_time_zone_is_nothing_to_a_worker() -> None:
    old, new = (loads(f"applications: {{a: {{timezone: {zone}, workers: {{q: {{}}}}}}}}") for zone in ("UTC", "CET"))
    assert [(change.subject, change.consequence) for change in compare(old, new).changes] == [
        ("a", "the times of cron jobs are read in another time zone"),
        ("a--q", "nothing: only cron jobs use it, and they do not run on workers"),
    ]


@pytest.mark.parametrize("where", ["", "workers.queue."], ids=["application", "worker"])
def test_unknown_keys_are_compared(where: str) -> None:
    def project(value: str) -> Project:
        worker = f"{{commands: {{start: ./q}}, {value if where else ''}}}"
        text = f"applications: {{shop: {{type: 'php:8.4', {'' if where else value + ','} workers: {{queue: {worker}}}}}}}"
        return load({CONFIG: text.encode()})

    found = compare(project("comands: {start: ./a}"), project("comands: {start: ./b}")).changes
    assert [(str(one.path), one.before, one.after) for one in found] == [(f"applications.shop.{where}comands.start", "./a", "./b")]


def test_comparing_takes_a_time_in_proportion_to_the_number_of_workers() -> None:
    def taken(count: int) -> int:
        workers = ", ".join(f"w{n}: {{commands: {{start: x}}}}" for n in range(count))
        old, new = (loads(f"applications: {{a: {{type: 'php:8.4', timezone: {zone}, workers: {{{workers}}}}}}}") for zone in ("UTC", "CET"))
        return steps(lambda: compare(old, new))

    assert taken(100) < 5 * taken(25)


def test_comparing_takes_a_time_in_proportion_to_the_number_of_applications() -> None:
    def taken(count: int) -> int:
        old, new = (
            loads("applications:\n" + "".join(f"  {name}{n}: {{type: 'php:8.{n}'}}\n" for n in range(count))) for name in ("a", "b")
        )
        found = compare(old, new)
        assert [(one.before, one.after) for one in found.changes[:2]] == [("a0", "b0"), ("a1", "b1")]
        return steps(lambda: compare(old, new).by_subject)

    assert taken(200) < 4.5 * taken(50)


def test_what_workers_inherit_is_compared_once() -> None:
    def taken(count: int) -> int:
        relationships = ", ".join(f"r{n}: {{service: db, endpoint: mysql}}" for n in range(count))
        workers = ", ".join(f"w{n}: {{commands: {{start: x}}}}" for n in range(20))
        text = f"applications: {{a: {{type: 'php:8.4', relationships: {{{relationships}}}, workers: {{{workers}}}}}}}"
        old, new = loads(text), loads(text)
        return steps(lambda: compare(old, new))

    assert taken(400) < 2 * taken(10)
