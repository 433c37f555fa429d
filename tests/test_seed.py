"""The vendor's page on `workers`, sentence by sentence: each test names the row of the table of statements that it holds.

What applies to both kinds of images is run for both, and for both spellings of a stack. Rows, or halves of rows, that only a check can hold
are in ``test_seed_checks.py`` and ``test_seed_rewrites.py``; ``docs/workers.md`` has the table.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from textwrap import indent

import pytest
from attrs import evolve, fields

from workerlib.errors import ConfigurationError
from workerlib.loading import load, loads
from workerlib.model import ABSENT, Application, Commands, Project, Stack, StackRuntime
from workerlib.plain import dumps
from workerlib.properties import PROPERTIES, PROPERTY, Images, InWorker
from workerlib.resolving import Effective, Reason, effective, rebuild_needed, resolve

IMAGES = ["type: 'python:3.14'", 'stack: [ "python@3.14" ]', 'type: "composable:26.05"\nstack: {runtimes: [ "python@3.14" ]}']
QUEUE = "workers:\n  queue:\n    commands:\n      start: |\n        ./worker.sh\n"


@pytest.fixture(params=IMAGES, ids=["single", "composable list", "composable"])
def image(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def project(*parts: str) -> Project:
    return loads("applications:\n  myapp:\n" + indent("\n".join(parts), "    "))


def application(*parts: str) -> Application:
    return project(*parts).applications["myapp"]


# ---- the page -----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["worker", "Workers"])
def test_row_01_the_key_is_workers(image: str, key: str) -> None:
    (found,) = [one for one in project(image, f"{key}: {{queue: {{}}}}").diagnostics if one.name == "unknown-key"]
    assert found.help == "did you mean `workers`?"
    assert application(image, QUEUE).workers


@pytest.mark.parametrize("text", ["[queue]", "queue", "5"])
def test_row_02_workers_are_a_mapping_of_names(image: str, text: str) -> None:
    messages = [one.message for one in project(image, f"workers: {text}").diagnostics]
    assert any(message.startswith("applications.myapp.workers: expected a mapping, found ") for message in messages)
    assert list(application(image, QUEUE).workers) == ["queue"]


def test_rows_03_and_04_workers_are_optional(image: str) -> None:
    app = application(image)
    assert app.workers == {}
    assert list(resolve(Project(applications={"myapp": app}))) == ["myapp"]


def test_row_05_the_properties_of_both_images_are_known() -> None:
    assert {row.images for row in PROPERTIES} == set(Images)
    assert all(row.page for row in PROPERTIES)


# ---- what a worker is ---------------------------------------------------------------------------------------------------------------


def test_row_06_a_worker_is_a_copy_of_the_build_of_its_application(image: str) -> None:
    app = application(image, "hooks: {build: make}", QUEUE)
    worker = effective(app, "queue")
    assert (worker.build_of, worker.hooks.build, worker.source) == ("myapp", "make", effective(app).source)


def test_row_06_a_new_command_of_a_worker_needs_no_build(image: str) -> None:
    assert not rebuild_needed(application(image, QUEUE), application(image, QUEUE.replace("./worker.sh", "./other.sh")))


@pytest.mark.parametrize(
    "change", ["hooks: {build: make}", "dependencies: {nodejs: {sass: '1'}}", "build: {flavor: none}", "mounts: {a: {source: tmp}}"]
)
def test_row_06_a_change_of_what_is_built_needs_a_build(image: str, change: str) -> None:
    assert rebuild_needed(application(image, QUEUE), application(image, change, QUEUE))


def test_row_06_a_change_of_the_image_or_of_the_mounts_of_a_worker_needs_a_build(image: str) -> None:
    app = application(image, QUEUE)
    assert rebuild_needed(app, evolve(app, type="python:3.13"))
    assert rebuild_needed(app, application(image, QUEUE + "    mounts: {}\n"))


def test_row_07_a_worker_has_the_image_of_its_application(image: str) -> None:
    app = application(image, QUEUE + "    type: 'php:8.4'\n    stack: [php@8.4]\n    runtime: {extensions: [gd]}\n")
    worker, web = effective(app, "queue"), effective(app)
    assert (worker.type, worker.stack, worker.runtime, worker.image) == (web.type, web.stack, web.runtime, web.image)


def test_row_08_a_worker_takes_no_requests(image: str) -> None:
    app = application(image, "web: {locations: {/: {passthru: true}}, upstream: {protocol: http}}", QUEUE + "    locations: {/x: {}}\n")
    worker, web = effective(app, "queue"), effective(app)
    assert (worker.public, worker.locations, worker.upstream) == (False, {}, None)
    assert (web.public, list(web.locations)) == (True, ["/"])
    assert any("`locations` is not a known key" in one.message for one in project(image, QUEUE + "    locations: {}\n").diagnostics)


def test_row_09_a_worker_runs_what_its_command_says(image: str) -> None:
    assert effective(application(image, QUEUE), "queue").commands == Commands(start="./worker.sh\n")
    assert effective(application(image, "web: {commands: {start: ./web}}", "workers: {queue: {}}"), "queue").commands == Commands()


def test_row_10_a_worker_that_exits_is_started_again(image: str) -> None:
    lifecycle = effective(application(image, QUEUE), "queue").lifecycle
    assert (lifecycle.restarted, lifecycle.stop, lifecycle.kill, lifecycle.grace) == (True, "SIGTERM", "SIGKILL", 15)


# ---- defining and overriding --------------------------------------------------------------------------------------------------------


def test_row_11_keys_are_the_names_of_workers(image: str) -> None:
    app = application(image, QUEUE)
    assert app.workers["queue"].name == "queue"
    assert effective(app, "queue").name == "myapp--queue"


def test_row_11_a_number_as_a_name_is_text_with_a_warning(image: str) -> None:
    found = project(image, "workers: {1: {commands: {start: x}}}")
    assert list(found.applications["myapp"].workers) == ["1"]
    assert "key-not-text" in [one.name for one in found.diagnostics]
    assert "key-not-text" not in [one.name for one in project(image, "workers: {'1': {commands: {start: x}}}").diagnostics]


def test_row_11_a_name_that_stands_twice_is_an_error(image: str) -> None:
    with pytest.raises(ConfigurationError, match="`queue` stands twice"):
        project(image, "workers: {queue: {}, queue: {}}")


INHERITED = """\
relationships: {db: }
mounts: {data: {source: storage}}
variables: {env: {A: b}, php: {memory_limit: 64M}}
access: {ssh: admin}
firewall: {outbound: [{ports: [443]}]}
additional_hosts: {a: 192.0.2.1}
timezone: Asia/Tokyo
container_profile: BALANCED
size: L
disk: 256
resources: {base_memory: 64}
"""


def test_row_12_a_worker_that_states_a_command_only_has_what_the_application_has(image: str) -> None:
    app = application(image, INHERITED, QUEUE)
    worker = effective(app, "queue")
    for row in PROPERTIES:
        if row.inherited:
            assert getattr(worker, row.name) == getattr(app, row.name), row.name
            assert getattr(worker, row.name) not in (ABSENT, None)
            assert worker.explain(row.name).reason is Reason.INHERITED


def test_row_12_a_worker_inherits_from_the_application_not_from_web(image: str) -> None:
    web = "web:\n" + indent(INHERITED + "commands: {start: ./web}", "  ")
    worker = effective(application(image, web, QUEUE), "queue")
    assert worker == effective(application(image, QUEUE), "queue")


@pytest.mark.parametrize("line", INHERITED.splitlines(), ids=lambda line: line.partition(":")[0])
def test_row_13_a_worker_may_differ_in_every_other_property(image: str, line: str) -> None:
    app = application(image, "workers:\n  queue:\n    commands: {start: x}\n    " + line)
    name = line.partition(":")[0]
    assert getattr(app.workers["queue"], name) not in (ABSENT, None)
    assert effective(app, "queue").explain(name).reason is Reason.OWN
    assert effective(app).explain(name).reason is Reason.DEFAULT


@pytest.mark.parametrize("name", [row.name for row in PROPERTIES if row.worker is not InWorker.REPLACE])
def test_row_13_and_in_none_of_the_listed_ones(image: str, name: str) -> None:
    app = application(image, QUEUE + f"    {name}: {{a: b}}\n")
    assert app.workers["queue"].extra == {name: {"a": "b"}}
    if name not in ("web", "workers"):
        assert getattr(effective(app, "queue"), name) == getattr(effective(application(image, QUEUE), "queue"), name)


@pytest.mark.parametrize("text", ["build: {flavor: composer}", "dependencies: {nodejs: {sass: '1'}}"])
def test_row_14_build_and_dependencies_are_those_of_the_application(text: str) -> None:
    app = application(IMAGES[0], text, QUEUE + "    build: {flavor: none}\n    dependencies: {}\n")
    worker, web = effective(app, "queue"), effective(app)
    assert (worker.build, worker.dependencies) == (web.build, web.dependencies)
    assert PROPERTY["build"].images is PROPERTY["dependencies"].images is Images.SINGLE


def test_row_15_cron_jobs_do_not_run_on_workers(image: str) -> None:
    app = application(image, "crons: {a: {spec: '0 1 * * *', commands: {start: x}}}", QUEUE)
    assert effective(app, "queue").crons == {}
    assert list(effective(app).crons) == ["a"]
    assert effective(app, "queue").explain("crons").reason is Reason.ABSENT


def test_row_16_the_build_hook_is_shared_and_the_others_do_not_run_on_workers(image: str) -> None:
    app = application(image, "hooks: {build: a, deploy: b, post_deploy: c}", QUEUE)
    hooks = effective(app, "queue").hooks
    assert (hooks.build, hooks.deploy, hooks.post_deploy) == ("a", ABSENT, ABSENT)
    assert effective(app, "queue").explain("hooks.build").reason is Reason.SHARED
    assert effective(app, "queue").explain("hooks.post_deploy").reason is Reason.ABSENT


def test_row_17_composable_images_have_no_build_and_no_dependencies() -> None:
    single = {row.name for row in PROPERTIES if row.images is Images.SINGLE}
    assert single == {"build", "dependencies", "runtime"}
    assert not {"crons", "hooks"} & single


# ---- the examples -------------------------------------------------------------------------------------------------------------------

SINGLE = f'source:\n  root: "/"\n{IMAGES[0]}\n{QUEUE}'
LISTED = f'source:\n  root: "/"\n{IMAGES[1]}\n{QUEUE}'


def test_row_18_the_example_states_no_size() -> None:
    app = application(SINGLE)
    assert (app.size, app.workers["queue"].size) == (ABSENT, ABSENT)
    assert effective(app, "queue").explain("size").reason is Reason.DEFAULT


def test_row_19_the_single_runtime_example() -> None:
    app = application(SINGLE)
    assert (app.type, app.root) == ("python:3.14", "")
    commands = app.workers["queue"].commands
    assert commands
    assert commands.start == "./worker.sh\n"
    assert "start: |\n            ./worker.sh\n" in dumps(Project(applications={"myapp": app}))


def test_row_20_the_composable_example_has_a_stack_and_no_type() -> None:
    app = application(LISTED)
    assert (app.type, app.stack) == (ABSENT, Stack(runtimes=(StackRuntime(name="python", version="3.14"),)))
    assert (effective(app).image, effective(app).channel) == ("composable", None)
    assert effective(application(SINGLE)).image == "single"


def test_row_20_with_a_type_it_is_the_current_form_and_nothing_else_differs() -> None:
    assert evolve(application(LISTED), type="composable:26.05") == application('source: {root: "/"}', IMAGES[2], QUEUE)


def test_row_21_the_worker_is_the_same_apart_from_the_image() -> None:
    one, other = effective(application(SINGLE), "queue"), effective(application(LISTED), "queue")
    differing = {f.name for f in fields(Effective) if f.eq and getattr(one, f.name) != getattr(other, f.name)}
    assert differing == {"type", "stack"}


# ---- resources ----------------------------------------------------------------------------------------------------------------------


def test_row_22_every_application_and_every_worker_needs_resources(image: str) -> None:
    found = resolve(project(image, "workers: {mail: {}, queue: {}}"))
    assert list(found) == ["myapp", "myapp--mail", "myapp--queue"]


# ---- consequences that the page implies ---------------------------------------------------------------------------------------------


def test_consequence_a_property_is_replaced_as_a_whole(image: str) -> None:
    app = application(image, "variables: {env: {A: b}, php: {x: y}}", QUEUE + "    variables: {env: {A: 'c'}}\n")
    assert effective(app, "queue").variables == {"env": {"A": "c"}}


def test_consequence_an_empty_mapping_means_none_and_null_means_not_set(image: str) -> None:
    mounts = "mounts: {a: {source: tmp}}"
    assert effective(application(image, mounts, QUEUE + "    mounts: {}\n"), "queue").mounts == {}
    assert list(effective(application(image, mounts, QUEUE + "    mounts:\n"), "queue").mounts) == ["a"]


def test_consequence_a_worker_does_not_need_web(image: str) -> None:
    app = application(image, QUEUE)
    assert app.web is ABSENT
    assert effective(app, "queue").commands.start


@pytest.mark.parametrize("text", ["queue: *w", "queue: {<<: *w}"])
def test_consequence_an_alias_and_a_merge_key_read_as_if_written_in_place(image: str, text: str) -> None:
    anchored = application(image, f"x: &w {{commands: {{start: ./worker.sh}}}}\nworkers: {{{text}}}")
    assert anchored.workers == application(image, "workers: {queue: {commands: {start: ./worker.sh}}}").workers


def test_consequence_an_included_worker_reads_as_if_written_in_place(image: str) -> None:
    text = "applications:\n  myapp:\n" + indent(f"{image}\nworkers: {{queue: !include queue.yaml}}", "    ")
    found = load({".upsun/config.yaml": text.encode(), "queue.yaml": b"commands: {start: ./worker.sh}\n"})
    assert found.applications["myapp"].workers == application(image, "workers: {queue: {commands: {start: ./worker.sh}}}").workers


# ---- the table ----------------------------------------------------------------------------------------------------------------------

TABLE = (Path(__file__).parents[1] / "docs" / "workers.md").read_text(encoding="utf-8")
FILES = ("test_seed", "test_seed_checks", "test_seed_rewrites")
NAMES = [
    f"{f}.{n}" for f in FILES for n in re.findall(r"(?m)^def (test_\w+)", Path(__file__).with_name(f"{f}.py").read_text(encoding="utf-8"))
]


def rows_of(test: str) -> Iterator[int]:
    """The rows that the name of a test says it holds."""
    found = re.search(r"\.test_rows?_(\d\d)(?:_(and|to)_(\d\d))?_", test)
    if found is not None:
        first, last = int(found[1]), int(found[3] or found[1])
        yield from range(first, last + 1) if found[2] == "to" else {first, last}


def test_the_table_names_the_tests_of_each_row() -> None:
    rows = re.findall(r"(?m)^\| (\d+) \| .* \| (.*) \|$", TABLE)
    assert [int(row) for row, _ in rows] == list(range(1, 24))
    listed = {(int(row), test) for row, tests in rows for test in re.findall(r"`(test_[\w.]+)`", tests)}
    assert listed == {(row, test) for test in NAMES for row in rows_of(test)}
    assert {row for row, _ in listed} == set(range(1, 24))


def test_the_table_names_the_tests_of_each_consequence() -> None:
    listed = {test for test in re.findall(r"`(test_[\w.]+)`", TABLE) if "_consequence_" in test}
    assert listed == {test for test in NAMES if "_consequence_" in test}
