from __future__ import annotations

import pytest
from tests.checks.cases import Case, everything, said

START = "commands: {start: ./run}"


def worker(text: str) -> str:
    return f"workers: {{queue: {{{START}, {text}}}}}"


QUEUE = "applications.shop.workers.queue"
CASES = (
    Case(
        "worker-crons",
        worker("crons: {a: {spec: H * * * *}}"),
        f"{QUEUE}: `crons` is not available in a worker",
        "crons",
        "crons: {a: {spec: H * * * *, commands: {start: ./run}}}",
    ),
    Case(
        "worker-hooks",
        worker("hooks: {deploy: ./migrate}"),
        f"{QUEUE}: `hooks.deploy` is not available in a worker",
        "deploy",
        "hooks: {deploy: ./migrate}\n" + worker("variables: {}"),
    ),
    Case("worker-hooks", worker("hooks: "), f"{QUEUE}: `hooks` is not available in a worker", "hooks", worker("mounts: {}")),
    Case(
        "worker-build-differs",
        worker("build: {flavor: none}"),
        f"{QUEUE}: `build` is not available in a worker",
        "build",
        "build: {flavor: none}\ndependencies: {nodejs: {sass: '1'}}",
    ),
    Case(
        "worker-build-differs",
        "type: composable:26.05\nstack: {runtimes: [python@3.14]}\n" + worker("dependencies: {nodejs: {sass: '1'}}"),
        f"{QUEUE}: `dependencies` is not available in composable images",
        "dependencies",
        "type: composable:26.05\nstack: {runtimes: [python@3.14]}\n" + worker("mounts: {}"),
    ),
    Case(
        "worker-image-differs",
        worker("type: 'php:8.4'"),
        f"{QUEUE}: `type` is not available in a worker",
        "type",
        worker("container_profile: BALANCED"),
    ),
    Case(
        "worker-unknown-key", worker("name: queue"), f"{QUEUE}: `name` is not available in a worker", "name", worker("access: {ssh: admin}")
    ),
    Case(
        "worker-not-public",
        worker("locations: {}"),
        f"{QUEUE}: `locations` is not available in a worker",
        "locations",
        worker("mounts: {}"),
    ),
    Case(
        "worker-no-start",
        "workers: {queue: {mounts: {}}}",
        f"{QUEUE}: expected `commands.start`, found nothing",
        "queue",
        worker("mounts: {}"),
    ),
    Case(
        "worker-no-start",
        "workers: {queue: {commands: {start: ''}}}",
        f"{QUEUE}: expected `commands.start`, found nothing",
        "start",
        "workers: {queue: {commands: {start: [a]}}}",  # is of the wrong type, which is said when it is read
    ),
    Case(
        "worker-background",
        "workers: {queue: {commands: {start: './run &'}}}",
        f"{QUEUE}.commands: expected a command that keeps running, found one that ends in `&`",
        "start",
        "workers: {queue: {commands: {start: './warm & ./run'}}}",
        "warning",
    ),
    Case(
        "worker-background",
        "web:\n  commands:\n    start: |\n      ./run &\n",
        "applications.shop.web.commands: expected a command that keeps running, found one that ends in `&`",
        "start",
        "hooks: {deploy: './run &'}\ncrons: {a: {spec: H * * * *, commands: {start: './run &'}}}",
        "warning",
    ),
    Case(
        "worker-one-shot",
        "workers: {queue: {commands: {start: echo done}}}",
        f"{QUEUE}: `echo done` ends at once, and is started again whenever it does",
        "start",
        "workers: {queue: {commands: {start: echo up; ./run}}}",
        "info",
    ),
    Case(
        "web-unknown-key",
        "web: {crons: {}}",
        "applications.shop.web: `crons` is not available in `web`",
        "crons",
        "web: {commands: {start: ./run}, locations: {}, variables: {}}",
    ),
    Case(
        "null-override",
        "workers: ",
        "applications.shop: `workers`: expected a value, found nothing",
        "workers",
        "workers: {}",
    ),
    Case(
        "null-override",
        "web: ",
        "applications.shop: `web`: expected a value, found nothing",
        "web",
        "web: {}",
    ),
    Case(
        "null-override",
        worker("mounts: "),
        f"{QUEUE}: `mounts`: expected a value, found nothing",
        "mounts",
        worker("mounts: {}, container_profile: , relationships: {}"),
    ),
    Case(
        "no-effect",
        worker("timezone: Europe/Berlin"),
        f"{QUEUE}: `timezone` has no effect here",
        "timezone",
        "timezone: Europe/Berlin\n" + worker("mounts: {}"),
        "info",
    ),
    Case(
        "validators-refuse",
        "web: {firewall: {outbound: [{ports: [443]}]}, additional_hosts: {a: 192.0.2.1}}",
        "applications.shop.web: `firewall` and `additional_hosts`: documented, and refused by the vendor's own validators",
        "firewall",
        worker("container_profile: BALANCED, firewall: {outbound: [{ports: [443]}]}"),
        "info",
    ),
    Case(
        "worker-storage",
        "mounts: {data: {source: storage}}\n" + worker("access: {}"),
        f"{QUEUE}: `data` is inherited from the application: worker and web instance have the same files there",
        "data",
        "mounts: {tmp: {source: tmp}, own: {source: storage}}\n" + worker("mounts: {own: {source: storage}}"),
        "info",
    ),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_check_of_workers(case: Case) -> None:
    case.test()


@pytest.mark.parametrize("key", ["build", "deploy", "post_deploy"])
def test_each_hook_of_a_worker_is_a_mistake(key: str) -> None:
    assert len(said("worker-hooks", worker(f"hooks: {{{key}: make}}"))) == 1


@pytest.mark.parametrize("key", ["type", "stack", "runtime", "source", "operations", "preflight", "web", "workers", "upstream", "build"])
def test_a_key_that_a_worker_cannot_have_is_said_once(key: str) -> None:
    (found,) = everything(worker(f"{key}: {{}}"))
    assert found.message == f"{QUEUE}: `{key}` is not available in a worker"


def test_several_workers_by_one_alias_make_one_mistake() -> None:
    (found,) = said("worker-crons", f"workers:\n  queue: &q {{{START}, crons: {{}}}}\n  mail: *q\n  sms: {{<<: *q}}")
    assert found.message.startswith(QUEUE)


def test_what_the_vendor_s_validators_refuse_wrongly_is_no_mistake() -> None:
    found = everything("""
        container_profile: BALANCED
        mounts: {a: {source: instance}, b: {source: tmp}, c: {source: storage, source_path: c}}
        additional_hosts: {erp.internal: 192.0.2.7}
        crons: {nightly: {spec: H 2 * * *, commands: {start: ./a, stop: ./b}, shutdown_timeout: 30, timeout: 3600}}
        operations: {flush: {role: admin, commands: {start: ./flush}}}
        web:
          commands: {start: ./serve}
          container_profile: HIGH_CPU
          firewall: {outbound: [{ips: [2.3.4.5], ports: [443]}]}
          additional_hosts: {a: 192.0.2.1}
          locations: {/: {root: public, index: [index.html], passthru: true}}
        workers:
          queue:
            container_profile: HIGH_MEMORY
            additional_hosts: {a: 192.0.2.1}
            mounts: {}
            commands: {pre_start: ./warm, start: ./run, post_start: ./ready}
        """)
    assert {one.severity.value for one in found} <= {"info"}
