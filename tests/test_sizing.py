from __future__ import annotations

import shlex

import pytest

from workerlib.keypath import KeyPath
from workerlib.loading import load, loads
from workerlib.model import ABSENT, Application, Project, Resources, Service, Web, Worker
from workerlib.sizing import InstanceResources, ResourcePlan, resources, without_resources
from workerlib.sizing.tables import FIXED_SIZES, FLEX_CPUS, FLEX_MEMORY, LEAST_MEMORY, application_needs, service_needs, smallest_cpu

PROPOSAL = (
    "the CPU sizes are a proposal, since the vendor names no equivalents: "
    "each is the smallest size with at least the CPU and the memory of the old one"
)


def application(text: str) -> ResourcePlan:
    """The plan for one PHP application `shop` with these lines."""
    return resources(loads("applications:\n  shop:\n    type: php:8.4\n" + text))


def service(text: str) -> ResourcePlan:
    """The plan for one service `db` with these lines."""
    return resources(loads("applications: {}\nservices:\n  db:\n" + text))


def unset(*names: str) -> str:
    has, it = ("they have", "each") if names[1:] else ("it has", "it")
    return f"no size is set for {', '.join(f'`{n}`' for n in names)}: what {has} stays, and a first deployment gives {it} 0.5 CPU"


def named(plan: ResourcePlan, name: str) -> InstanceResources:
    return next(one for one in plan.instances if one.name == name)


# ---- the project without resources --------------------------------------------------------------------------------------------------


def test_a_project_that_states_no_resources_stays_the_same_object() -> None:
    project = loads("applications: {shop: {type: 'php:8.4', workers: {mail: {commands: {start: ./mail}}}}}")
    assert without_resources(project) is project


def test_names_that_only_look_like_resources_stay() -> None:
    project = loads(
        """\
applications:
  disk:
    type: php:8.4
    mounts: {disk: {source: storage, source_path: size}}
    variables: {env: {size: L, resources: '1'}}
    relationships: {resources: {service: size}}
    web: {locations: {/size: {root: disk, headers: {size: '1'}}}}
    workers: {size: {commands: {start: ./size}, variables: {env: {disk: '5'}}}}
services:
  size: {type: 'solr:9.9', configuration: {disk: 1, size: 2}}
"""
    )
    assert without_resources(project) is project


def test_the_keys_leave_applications_web_workers_and_services() -> None:
    before = loads(
        """\
applications:
  shop:
    type: php:8.4
    <<: &stated {size: L, disk: 512, resources: {base_memory: 64}}
    web: {commands: {start: ./web}, <<: *stated}
    workers: {mail: {commands: {start: ./mail}, <<: *stated}}
services:
  db: {type: 'mariadb:11.4', <<: *stated}
"""
    )
    after = loads(
        """\
applications:
  shop: {type: 'php:8.4', web: {commands: {start: ./web}}, workers: {mail: {commands: {start: ./mail}}}}
services:
  db: {type: 'mariadb:11.4'}
"""
    )
    assert without_resources(before) == after


def test_the_keys_leave_whatever_their_value_is() -> None:
    before = loads(
        """\
applications:
  shop: {type: 'php:8.4', disk: lots, size: [L], workers: {mail: {commands: {start: ./mail}, disk: 1.5, resources: none}}}
  blog: {type: 'php:8.4', size: , disk: , resources: }
services:
  db: {type: 'mariadb:11.4', disk: !include disk.yaml}
"""
    )
    after = loads(
        """\
applications:
  shop: {type: 'php:8.4', workers: {mail: {commands: {start: ./mail}}}}
  blog: {type: 'php:8.4'}
services:
  db: {type: 'mariadb:11.4'}
"""
    )
    assert without_resources(before) == after


def test_an_unknown_key_beside_a_malformed_disk_stays() -> None:
    project = without_resources(loads("applications: {shop: {type: 'php:8.4', disk: lots, color: red}}"))
    assert project.applications["shop"].extra == {"color": "red"}


@pytest.mark.parametrize("web", [ABSENT, None, Web(malformed="none")], ids=["absent", "null", "malformed"])
def test_a_web_instance_without_fields_stays_as_it_is(web: Web | None) -> None:
    app = Application(name="shop", disk=512, web=web)
    assert without_resources(Project(applications={"shop": app})).applications["shop"] == Application(name="shop", web=web)


def test_parts_in_which_nothing_changes_stay_the_same_objects() -> None:
    blog, cache, mail = Application(name="blog"), Service(name="cache"), Worker(name="mail")
    shop = Application(name="shop", size="L", workers={"mail": mail})
    project = without_resources(Project(applications={"shop": shop, "blog": blog}, services={"cache": cache}))
    assert project.applications["blog"] is blog
    assert project.applications["shop"].workers["mail"] is mail
    assert project.services["cache"] is cache


def test_without_resources_twice_is_once() -> None:
    once = without_resources(loads("applications: {shop: {type: 'php:8.4', size: L}}"))
    assert without_resources(once) is once


# ---- what needs resources, and what the files said ----------------------------------------------------------------------------------


def test_every_application_worker_and_service_needs_resources() -> None:
    plan = resources(
        loads(
            """\
applications:
  shop: {type: 'php:8.4', workers: {mail: {commands: {start: ./mail}}, queue: {commands: {start: ./queue}}}}
  blog: {type: 'java:21'}
services:
  db: {type: 'mariadb:11.4'}
"""
        )
    )
    assert [(one.name, one.kind, one.profile) for one in plan.instances] == [
        ("shop", "application", "HIGH_CPU"),
        ("shop--mail", "worker", "HIGH_CPU"),
        ("shop--queue", "worker", "HIGH_CPU"),
        ("blog", "application", "HIGH_MEMORY"),
        ("db", "service", "HIGH_MEMORY"),
    ]


def test_a_project_that_states_nothing_has_no_command() -> None:
    plan = application("    workers: {mail: {commands: {start: ./mail}}}\n")
    assert plan.command is None
    assert str(plan) == ""
    assert plan.notes == (unset("shop", "shop--mail"),)


def test_an_empty_project_has_no_command_and_no_notes() -> None:
    assert resources(Project()) == ResourcePlan()


def test_the_command_names_applications_workers_and_services() -> None:
    plan = resources(
        loads(
            """\
applications:
  shop: {type: 'php:8.4', size: M, disk: 1024, workers: {mailer: {size: S, commands: {start: ./mail}}}}
services:
  db: {type: 'mariadb:11.4', size: L, disk: 2048}
"""
        )
    )
    assert plan.command == "upsun resources:set --size shop:0.5,shop--mailer:0.5,db:0.5 --disk shop:1024,db:2048"
    assert str(plan) == plan.command
    assert plan.notes == (PROPOSAL, "to keep the memory only, `--size shop:0.25,shop--mailer:0.25` is enough")


def test_a_project_of_the_old_layout_gets_the_same_command() -> None:
    files = {
        ".platform.app.yaml": b"name: shop\ntype: php:8.4\nsize: L\ndisk: 512\n",
        ".platform/services.yaml": b"db:\n  type: mariadb:11.4\n  disk: 2048\n",
    }
    assert resources(load(files)).command == "upsun resources:set --size shop:2 --disk shop:512,db:2048"


def test_only_disks_make_a_command_without_sizes() -> None:
    assert application("    disk: 512\n").command == "upsun resources:set --disk shop:512"


def test_a_worker_inherits_the_size_of_its_application() -> None:
    plan = application("    size: L\n    workers: {mail: {commands: {start: ./mail}}}\n")
    assert plan.command == "upsun resources:set --size shop:2,shop--mail:2"
    own, size = named(plan, "shop").size, named(plan, "shop--mail").size
    assert own is not None
    assert not own.inherited
    assert size is not None
    assert (size.value, size.inherited, size.path) == ("L", True, KeyPath.parse("applications.shop.size"))


def test_a_size_of_its_own_wins_over_the_inherited_one() -> None:
    plan = application("    size: L\n    workers:\n      mail: {size: S, commands: {start: ./mail}}\n")
    assert plan.command == "upsun resources:set --size shop:2,shop--mail:0.5"
    size = named(plan, "shop--mail").size
    assert size is not None
    assert (size.value, size.inherited, str(size.origin)) == ("S", False, ".upsun/config.yaml:6:14")


def test_a_null_size_inherits() -> None:
    plan = application("    size: L\n    workers: {mail: {size: , commands: {start: ./mail}}}\n")
    assert plan.command == "upsun resources:set --size shop:2,shop--mail:2"


def test_size_auto_in_a_worker_is_no_size_although_the_application_has_one() -> None:
    plan = application("    size: L\n    workers: {mail: {size: AUTO, commands: {start: ./mail}}}\n")
    assert plan.command == "upsun resources:set --size shop:2"
    assert unset("shop--mail") in plan.notes


def test_web_wins_over_the_application_for_the_web_instance_and_not_for_workers() -> None:
    plan = application(
        "    size: L\n    disk: 512\n    web: {size: XL, disk: 2048}\n    workers: {mail: {mounts: {}, commands: {start: ./mail}}}\n"
    )
    assert plan.command == "upsun resources:set --size shop:4,shop--mail:2 --disk shop:2048"


def test_web_without_them_leaves_those_of_the_application() -> None:
    plan = application("    size: L\n    disk: 512\n    web: {commands: {start: ./web}}\n")
    assert plan.command == "upsun resources:set --size shop:2 --disk shop:512"


# ---- sizes --------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("profile", "expected"),
    [
        ("HIGH_CPU", {"S": (0.5, 0.25), "M": (0.5, 0.25), "L": (2, 1), "XL": (4, 1), "2XL": (6, 4), "4XL": (None, 6)}),
        ("BALANCED", {"S": (0.1, 0.1), "M": (0.1, 0.1), "L": (0.1, 0.1), "XL": (0.25, 0.25), "2XL": (0.5, 0.5), "4XL": (2, 2)}),
        ("HIGH_MEMORY", {"S": (0.25, 0.1), "M": (0.25, 0.1), "L": (0.5, 0.5), "XL": (2, 2), "2XL": (4, 4), "4XL": (8, 8)}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_old_sizes_become_the_cpu_of_the_table(profile: str, expected: dict[str, tuple[float | None, float | None]]) -> None:
    found = {
        row.size: (smallest_cpu(profile, row.cpu, row.memory), smallest_cpu(profile, 0, row.memory))
        for row in FIXED_SIZES
        if row.profile == profile
    }
    assert found == expected


def test_every_profile_has_a_memory_for_every_cpu_and_more_for_more() -> None:
    assert all(len(row.memory) == len(FLEX_CPUS) and sorted(row.memory) == list(row.memory) for row in FLEX_MEMORY)


def test_every_row_says_where_it_is_from_and_when() -> None:
    assert all("August 2026" in row.page for table in (FIXED_SIZES, FLEX_MEMORY, LEAST_MEMORY) for row in table)


@pytest.mark.parametrize(
    ("image", "profile", "memory", "disk"),
    [
        ("clickhouse", "HIGH_MEMORY", 448, 256),
        ("kafka", "HIGH_MEMORY", 448, 512),
        ("memcached", "BALANCED", 352, None),
        ("redis", "BALANCED", 64, None),
        ("redis-persistent", "BALANCED", 64, 256),
        ("varnish", "HIGH_MEMORY", 128, None),
        ("chrome-headless", "HIGH_CPU", 64, None),
        ("unheard-of", "HIGH_MEMORY", 64, 0),
    ],
)
def test_what_a_service_needs(image: str, profile: str, memory: int, disk: int | None) -> None:
    found = service_needs(image)
    assert (found.profile, found.memory, found.disk, found.known) == (profile, memory, disk, image != "unheard-of")


@pytest.mark.parametrize(
    ("image", "profile", "memory", "known"),
    [
        ("java", "HIGH_MEMORY", 448, True),
        ("php", "HIGH_CPU", 64, True),
        ("composable", "HIGH_CPU", 64, True),
        ("redis", "HIGH_CPU", 64, False),
    ],
)
def test_what_an_application_needs(image: str, profile: str, memory: int, *, known: bool) -> None:
    found = application_needs(image)
    assert (found.profile, found.memory, found.disk, found.known) == (profile, memory, 0, known)


@pytest.mark.parametrize(
    ("image", "command"),
    [
        ("java:21", "--size shop:0.5"),
        ("nodejs:24", "--size shop:2"),
        ("java@21", "--size shop:0.5"),
        ("php", "--size shop:2"),
        ("composable:26.05", "--size shop:2"),
    ],
)
def test_the_image_of_an_application_decides_on_its_profile(image: str, command: str) -> None:
    plan = resources(loads(f"applications: {{shop: {{type: '{image}', size: L}}}}"))
    assert plan.command == f"upsun resources:set {command}"


def test_a_stack_makes_an_application_composable() -> None:
    plan = resources(loads("applications: {shop: {stack: ['java@21'], size: L}}"))
    assert plan.command == "upsun resources:set --size shop:2"
    assert plan.notes == (PROPOSAL, "to keep the memory only, `--size shop:1` is enough")


@pytest.mark.parametrize(
    ("image", "size", "cpu"),
    [("redis:8.0", "XL", "0.25"), ("mariadb:11.4", "XL", "2"), ("chrome-headless:120", "XL", "4"), ("gotenberg:8", "S", "0.25")],
)
def test_the_image_of_a_service_decides_on_its_profile(image: str, size: str, cpu: str) -> None:
    assert service(f"    type: {image}\n    size: {size}\n").command == f"upsun resources:set --size db:{cpu}"


def test_the_container_profile_decides_on_the_new_size_and_the_image_on_the_old_one() -> None:
    plan = application("    size: XL\n    container_profile: BALANCED\n")  # 2.5 CPU and 384 MB, as every PHP application of size XL had
    assert named(plan, "shop").profile == "BALANCED"
    assert plan.command == "upsun resources:set --size shop:4"
    assert "to keep the memory only, `--size shop:0.25` is enough" in plan.notes


def test_a_worker_inherits_the_container_profile_or_has_its_own() -> None:
    plan = application(
        """\
    container_profile: BALANCED
    workers:
      mail: {commands: {start: ./mail}}
      queue: {container_profile: HIGHER_MEMORY, commands: {start: ./queue}}
"""
    )
    assert [one.profile for one in plan.instances] == ["BALANCED", "BALANCED", "HIGHER_MEMORY"]


def test_a_size_is_large_enough_for_what_the_image_needs() -> None:
    plan = service("    type: mariadb:11.4\n    size: S\n    container_profile: HIGH_CPU\n")  # S had 128 MB; MariaDB needs 448
    assert plan.command == "upsun resources:set --size db:2"


def test_an_unknown_container_profile_is_noted() -> None:
    plan = application("    size: L\n    container_profile: HUGE\n    workers: {mail: {commands: {start: ./mail}}}\n")
    assert plan.command == "upsun resources:set --size shop:2,shop--mail:2"
    wrong = (
        "applications.shop.container_profile: expected one of HIGH_CPU, BALANCED, HIGH_MEMORY, HIGHER_MEMORY, found `HUGE`; it is ignored"
    )
    assert plan.notes[0] == wrong
    assert plan.notes.count(wrong) == 1


def test_size_4xl_of_a_cpu_profile_has_no_equal() -> None:
    plan = application("    size: 4XL\n")
    assert plan.command is None
    assert plan.notes == (
        "`shop`: 4XL had 10 CPU and 1536 MB, the largest size of profile HIGH_CPU has 8 and 2240 MB; choose a size, or guaranteed CPU",
        "to keep the memory only, `--size shop:6` is enough",
        unset("shop"),
    )


@pytest.mark.parametrize("size", ["XS", "l", "huge"])
def test_an_unknown_size_is_noted_once(size: str) -> None:
    plan = application(f"    size: {size}\n    workers: {{mail: {{commands: {{start: ./mail}}}}}}\n")
    assert plan.command is None
    assert plan.notes == (
        f"applications.shop.size: expected AUTO, S, M, L, XL, 2XL or 4XL, found `{size}`; it is ignored",
        unset("shop", "shop--mail"),
    )


def test_an_unknown_image_is_noted() -> None:
    plan = resources(loads("applications: {shop: {type: 'hhvm:3.8', size: L}}\nservices: {db: {size: L}}"))
    assert plan.command == "upsun resources:set --size shop:2,db:0.5"
    assert plan.notes[:2] == (
        "`shop`: the image `hhvm` is not known; the sizes of profile HIGH_CPU are assumed",
        "`db`: no image is stated; the sizes of profile HIGH_MEMORY are assumed",
    )


# ---- memory -------------------------------------------------------------------------------------------------------------------------


def test_stated_memory_becomes_the_cpu_that_has_it() -> None:
    plan = application("    size: S\n    resources: {base_memory: 64, memory_ratio: 256}\n")
    assert plan.command == "upsun resources:set --size shop:0.5"
    assert plan.notes == (
        "applications.shop.resources: `shop` had 0.5 CPU and 64 + 256 * 0.5 = 192 MB; profile HIGH_CPU has that memory with 0.5 CPU",
        f"{PROPOSAL} (the memory only, where `resources` states it)",
    )


def test_less_cpu_that_has_the_memory_is_proposed_and_the_old_cpu_noted() -> None:
    plan = application("    size: XL\n    resources: {base_memory: 64, memory_ratio: 128}\n")
    assert plan.command == "upsun resources:set --size shop:2"
    assert plan.notes[0].endswith("= 576 MB; profile HIGH_CPU has that memory with 2 CPU; 4 would keep the CPU as well")


def test_memory_out_of_proportion_points_to_another_profile() -> None:
    plan = application("    size: M\n    resources: {base_memory: 1001, memory_ratio: 512}\n")
    assert plan.command == "upsun resources:set --size shop:6"
    assert plan.notes[0].endswith(
        "= 1513 MB; profile HIGH_CPU has that memory with 6 CPU; with `container_profile: BALANCED`, 1 CPU would do"
    )


def test_more_memory_than_a_profile_has_sets_nothing() -> None:
    plan = application("    size: L\n    resources: {base_memory: 1024, memory_ratio: 1024}\n")
    assert plan.command is None
    assert plan.notes[0] == (
        "applications.shop.resources: `shop` had 2 CPU and 1024 + 1024 * 2 = 3072 MB; "
        "no size of profile HIGH_CPU has that memory; with `container_profile: HIGH_MEMORY`, 2 CPU would do"
    )


def test_more_memory_than_any_profile_has_sets_nothing() -> None:
    plan = application("    size: XS\n    resources: {base_memory: 99999999999999999999}\n")
    assert plan.command is None
    assert plan.notes[0].endswith("no size of profile HIGH_CPU has that memory")


def test_what_resources_leaves_out_has_its_default() -> None:
    assert (
        application("    size: L\n    resources: {}\n")
        .notes[0]
        .startswith("applications.shop.resources: `shop` had 2 CPU and 64 + 128 * 2 = 320 MB; ")
    )


def test_a_worker_inherits_resources_and_has_its_own_size() -> None:
    plan = application(
        "    size: L\n    resources: {base_memory: 128, memory_ratio: 180}\n    workers: {mail: {size: XS, commands: {start: ./mail}}}\n"
    )
    assert plan.command == "upsun resources:set --size shop:2,shop--mail:0.5"
    assert plan.notes[1].startswith("applications.shop.resources: `shop--mail` had 0.25 CPU and 128 + 180 * 0.25 = 173 MB; ")


@pytest.mark.parametrize("size", ["", "    size: AUTO\n"], ids=["none", "auto"])
def test_resources_without_a_size_set_nothing(size: str) -> None:
    plan = application(f"{size}    resources: {{base_memory: 64}}\n")
    assert plan.command is None
    assert plan.notes == (
        "applications.shop.resources: the memory depends on the CPU, and no size is stated for `shop`; choose one",
        unset("shop"),
    )


def test_a_size_that_resources_does_not_know_sets_nothing() -> None:
    plan = application("    size: 4XL\n    resources: {base_memory: 64}\n")
    assert plan.command is None
    assert plan.notes[0] == (
        "applications.shop.resources: expected one of XS, S, M, L, XL, 2XL as the size of `shop`, found `4XL`; it is ignored"
    )


def test_malformed_memory_sets_nothing() -> None:
    plan = application("    size: L\n    resources: {base_memory: plenty}\n")
    assert plan.command is None
    assert plan.notes[0] == (
        "applications.shop.resources: expected `base_memory` and `memory_ratio` as whole numbers of MB; no size is set for it"
    )


def test_resources_that_are_no_mapping_set_nothing() -> None:
    shop = Application(name="shop", type="php:8.4", size="L", resources=Resources(malformed="plenty"))
    plan = resources(Project(applications={"shop": shop}))
    assert plan.command is None
    assert plan.notes[0].startswith("applications.shop.resources: expected `base_memory` and `memory_ratio` as whole numbers of MB")


# ---- disks --------------------------------------------------------------------------------------------------------------------------


def test_a_worker_gets_no_disk_and_its_own_is_noted() -> None:
    plan = application("    disk: 512\n    workers: {mail: {disk: 256, commands: {start: ./mail}}}\n")
    assert plan.command == "upsun resources:set --disk shop:512"
    assert plan.notes[0] == (
        "`shop--mail`: a worker has no disk of its own on Upsun Flex; it had 256 MB: "
        "if its mounts become `storage`, add them to the disk of `shop`"
    )


def test_the_inherited_disk_of_a_worker_with_mounts_is_noted() -> None:
    plan = application("    disk: 512\n    mounts: {tmp: {source: instance}}\n    workers: {mail: {commands: {start: ./mail}}}\n")
    assert plan.notes[0].startswith("`shop--mail`: a worker has no disk of its own on Upsun Flex; it had 512 MB")


@pytest.mark.parametrize("mounts", ["", "mounts: {}, "], ids=["nowhere", "none-of-its-own"])
def test_the_inherited_disk_of_a_worker_without_mounts_is_not_noted(mounts: str) -> None:
    shared = "    mounts: {tmp: {source: instance}}\n" if mounts else ""
    plan = application(f"    disk: 512\n{shared}    workers: {{mail: {{{mounts}commands: {{start: ./mail}}}}}}\n")
    assert plan.notes == (unset("shop", "shop--mail"),)


@pytest.mark.parametrize("image", ["redis:8.0", "valkey:8.0", "memcached:1.6", "varnish:7.6", "chrome-headless:120", "gotenberg:8"])
def test_a_service_without_a_disk_gets_none(image: str) -> None:
    plan = service(f"    type: {image}\n    disk: 256\n")
    assert plan.command is None
    assert plan.notes[0] == f"`db`: {image.partition(':')[0]} has no disk, so its 256 MB are not set"


def test_a_persistent_redis_gets_its_disk() -> None:
    assert service("    type: redis-persistent:7.2\n    disk: 512\n").command == "upsun resources:set --disk db:512"


@pytest.mark.parametrize(("image", "least"), [("mariadb:11.4", 256), ("kafka:3.7", 512), ("mongodb-enterprise:7.0", 512)])
def test_a_disk_below_the_least_of_a_service_is_raised(image: str, least: int) -> None:
    plan = service(f"    type: {image}\n    disk: 128\n")
    assert plan.command == f"upsun resources:set --disk db:{least}"
    assert plan.notes[0] == f"`db`: {image.partition(':')[0]} needs at least {least} MB of disk, so {least} instead of 128"


def test_an_application_may_have_any_disk() -> None:
    plan = resources(loads("applications: {shop: {type: 'php:8.4', disk: 128}, blog: {type: 'php:8.4', disk: 0}}"))
    assert plan.command == "upsun resources:set --disk shop:128,blog:0"


def test_a_large_disk_is_written_as_a_whole_number() -> None:
    assert application("    disk: 10485760\n").command == "upsun resources:set --disk shop:10485760"


# ---- what cannot be used ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("lots of space", "`lots of space`"),
        ("'1024'", "`1024`"),
        ("3.14159", "`3.14159`"),
        ("-5", "`-5`"),
        ("true", "`true`"),
        ("[1024]", "a list"),
        ("{mb: 1024}", "a mapping"),
        ("!include disk.yaml", "`!include disk.yaml`"),
    ],
    ids=["text", "quoted", "fraction", "negative", "truth", "list", "mapping", "include"],
)
def test_a_malformed_disk_is_noted_and_not_set(written: str, shown: str) -> None:
    plan = application(f"    size: L\n    disk: {written}\n    workers: {{mail: {{commands: {{start: ./mail}}}}}}\n")
    assert plan.command == "upsun resources:set --size shop:2,shop--mail:2"
    assert plan.notes[0] == f"applications.shop.disk: expected a whole number of MB, found {shown}; it is ignored"
    assert plan.notes.count(plan.notes[0]) == 1


def test_a_malformed_value_of_its_own_does_not_inherit() -> None:
    plan = application("    size: L\n    workers: {mail: {size: [S], commands: {start: ./mail}}}\n")
    assert plan.command == "upsun resources:set --size shop:2"
    assert plan.notes[0] == ("applications.shop.workers.mail.size: expected AUTO, S, M, L, XL, 2XL or 4XL, found a list; it is ignored")


def test_a_malformed_value_of_the_application_is_noted_although_web_has_its_own() -> None:
    plan = application("    size: [L]\n    web: {size: XL}\n    workers: {mail: {commands: {start: ./mail}}}\n")
    assert plan.command == "upsun resources:set --size shop:4"
    assert plan.notes[0].startswith("applications.shop.size: expected AUTO, ")


def test_parts_that_cannot_be_read_are_noted() -> None:
    plan = resources(
        loads(
            """\
applications:
  shop: {type: 'php:8.4', disk: 512, web: !include web.yaml, workers: {mail: !include mail.yaml}}
services:
  db: !include db.yaml
"""
        )
    )
    assert plan.command == "upsun resources:set --disk shop:512"
    unread = "cannot be read, so what it may say of resources is not in the command"
    assert plan.notes[:-1] == (
        f"applications.shop.web: {unread}",
        f"applications.shop.workers.mail: {unread}",
        f"services.db: {unread}",
    )


def test_a_null_web_says_nothing() -> None:
    plan = resources(Project(applications={"shop": Application(name="shop", type="php:8.4", disk=512, web=None)}))
    assert plan.command == "upsun resources:set --disk shop:512"
    assert plan.notes == (unset("shop"),)


# ---- names --------------------------------------------------------------------------------------------------------------------------


def test_a_name_with_a_meaning_to_the_shell_is_quoted() -> None:
    plan = resources(loads("applications: {\"it's;$HOME\": {type: 'php:8.4', size: L, disk: 512}}"))
    assert plan.command is not None
    assert shlex.split(plan.command) == ["upsun", "resources:set", "--size", "it's;$HOME:2", "--disk", "it's;$HOME:512"]


@pytest.mark.parametrize("name", ["a shop", "shop*", "50%", "a:b", "a,b", "-shop", ""])
def test_a_name_that_the_tool_reads_otherwise_is_left_out_and_noted(name: str) -> None:
    odd, shop = Application(name=name, type="php:8.4", size="L"), Application(name="shop", type="php:8.4", size="L")
    plan = resources(Project(applications={name: odd, "shop": shop}))
    assert plan.command == "upsun resources:set --size shop:2"
    assert plan.notes[0] == f"`{name}`: the command line tool cannot take this name, so nothing is set for it"
