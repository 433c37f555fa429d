"""The vendor's page on `workers`, sentence by sentence: the rows of the table of statements that checks hold. See also ``test_seed.py``."""

from __future__ import annotations

from textwrap import indent

import pytest

from workerlib.checking import check
from workerlib.diagnostic import Diagnostic
from workerlib.loading import loads
from workerlib.properties import PROPERTIES, Images, InWorker, Property

SINGLE = "type: 'python:3.14'"
COMPOSABLE = ['stack: [ "python@3.14" ]', 'type: "composable:26.05"\nstack: {runtimes: [ "python@3.14" ]}']
QUEUE = "workers:\n  queue:\n    commands:\n      start: |\n        ./worker.sh\n"


@pytest.fixture(params=[SINGLE, *COMPOSABLE], ids=["single", "composable list", "composable"])
def image(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def said(*parts: str, rest: str = "") -> list[Diagnostic]:
    """What there is to say of an application, but for hints and the old form of its stack."""
    project = loads("applications:\n  myapp:\n" + indent("\n".join(parts), "    ") + "\n" + rest)
    return [one for one in check(project) if one.severity.value != "info" and one.name != "stack-list"]


def names(*parts: str, rest: str = "") -> list[str]:
    return [one.name for one in said(*parts, rest=rest)]


def with_key(text: str) -> str:
    return QUEUE + f"    {text}\n"


def test_row_01_another_key_than_workers_is_unknown(image: str) -> None:
    (found,) = said(image, "worker: {}")
    assert (found.name, found.help) == ("unknown-key", "did you mean `workers`?")


def test_row_02_a_list_of_workers_is_an_error(image: str) -> None:
    (found,) = said(image, "workers: [a]")
    assert (found.severity.value, found.message) == ("error", "applications.myapp.workers: expected a mapping, found a list")


def test_rows_03_and_04_no_workers_are_no_mistake(image: str) -> None:
    assert names(image) == []


@pytest.mark.parametrize("key", ["type", "stack", "runtime", "source"])
def test_rows_06_and_07_image_and_code_are_those_of_the_application(image: str, key: str) -> None:
    assert names(image, with_key(f"{key}: {{}}")) == ["worker-image-differs"]
    assert names(image, QUEUE) == []


@pytest.mark.parametrize("upstream", ["myapp--queue:http", "queue:http"])
def test_row_08_a_route_leads_to_no_worker(image: str, upstream: str) -> None:
    rest = "routes: {{'https://{{default}}/': {{type: upstream, upstream: '{}'}}}}"
    assert names(image, QUEUE, rest=rest.format(upstream)) == ["route-to-worker"]
    assert names(image, QUEUE, rest=rest.format("myapp:http")) == []


@pytest.mark.parametrize("key", ["locations", "upstream"])
def test_row_08_a_worker_serves_no_requests(image: str, key: str) -> None:
    assert names(image, with_key(f"{key}: {{}}")) == ["worker-not-public"]


def test_row_10_a_command_that_ends_at_once_is_restarted_for_ever(image: str) -> None:
    assert names(image, QUEUE.replace("./worker.sh", "./worker.sh &")) == ["worker-background"]
    found = check(loads("applications: {myapp: {type: 'python:3.14', workers: {queue: {commands: {start: echo done}}}}}"))
    assert [one.name for one in found] == ["worker-one-shot"]


def test_row_11_names_of_workers(image: str) -> None:
    assert names(image, QUEUE.replace("queue", "1")) == ["key-not-text"]
    assert names(image, QUEUE.replace("queue", "a--b")) == ["bad-name"]


@pytest.mark.parametrize("row", [row for row in PROPERTIES if row.name != "commands"], ids=lambda row: row.name)
def test_row_13_a_worker_may_differ_in_all_but_what_is_excepted(image: str, row: Property) -> None:
    found = names(image, with_key(f"{row.name}: {VALUES.get(row.name, '{}')}"))
    if row.name in ("size", "disk", "resources"):
        assert found == ["fixed-key-in-flex"]
    else:
        assert bool(found) == (row.worker is not InWorker.REPLACE)


VALUES = {"container_profile": "BALANCED", "timezone": "UTC", "firewall": "{outbound: []}", "size": "S", "disk": "128"}


@pytest.mark.parametrize("key", ["build", "dependencies"])
def test_row_14_the_build_must_be_the_same(key: str) -> None:
    (found,) = said(SINGLE, with_key(f"{key}: {{}}"))
    assert (found.name, found.message) == (
        "worker-build-differs",
        f"applications.myapp.workers.queue: `{key}` is not available in a worker",
    )
    assert names(SINGLE, f"{key}: {{}}", QUEUE) == []


def test_row_15_crons_do_not_run_on_workers(image: str) -> None:
    assert names(image, with_key("crons: {}")) == ["worker-crons"]
    assert names(image, "crons: {a: {spec: H * * * *, commands: {start: ./a}}}", QUEUE) == []


@pytest.mark.parametrize("hook", ["build", "deploy", "post_deploy"])
def test_row_16_a_worker_has_no_hooks_of_its_own(image: str, hook: str) -> None:
    (found,) = said(image, with_key(f"hooks: {{{hook}: make}}"))
    assert (found.name, found.message) == ("worker-hooks", f"applications.myapp.workers.queue: `hooks.{hook}` is not available in a worker")
    assert names(image, f"hooks: {{{hook}: make}}", QUEUE) == []


@pytest.mark.parametrize("stack", COMPOSABLE)
@pytest.mark.parametrize("key", [row.name for row in PROPERTIES if row.images is Images.SINGLE])
def test_row_17_composable_images_have_no_build(stack: str, key: str) -> None:
    (found,) = said(stack, f"{key}: {{}}", QUEUE)
    assert found.message == f"applications.myapp: `{key}` is not available in composable images"
    if key != "runtime":
        (found,) = said(stack, with_key(f"{key}: {{}}"))
        assert found.message == f"applications.myapp.workers.queue: `{key}` is not available in composable images"


def test_rows_18_to_21_the_examples_are_in_order(image: str) -> None:
    assert names('source:\n  root: "/"', image, QUEUE) == []


def test_row_22_resources_of_workers_are_not_set_in_files(image: str) -> None:
    assert names(image, with_key("size: S")) == ["fixed-key-in-flex"]


def test_consequence_a_worker_needs_a_command_in_every_image(image: str) -> None:
    assert names(image, "workers: {queue: {}}") == ["worker-no-start"]
    assert names(image, "workers: {queue: {commands: {start: }}}") == ["worker-no-start"]
