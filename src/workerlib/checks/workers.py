"""WL2xx: what a worker and the web instance may set. Source: Upsun docs, Create apps > App reference > Workers."""
# ruff: noqa: ARG001, D103 - a check takes what all checks take, and its row says what it is for

from __future__ import annotations

import re

from workerlib.checks.rules import ERROR, INFO, WARNING, Findings, Scope, found, listed, rule
from workerlib.model import ABSENT, Application, Commands, Instance, Web, Worker
from workerlib.properties import PROPERTIES, PROPERTY
from workerlib.resolving import Effective, Reason

_WORKERS = PROPERTY["workers"].page
_TO_APPLICATION = "move it to the application"


def _refused(worker: Worker, *keys: str) -> Findings:
    return [found(key, key=key) for key in keys if key in worker.extra]


@rule(
    "WL201",
    "worker-crons",
    ERROR,
    Worker,
    "`crons` is not available in a worker",
    "move it to the application: cron jobs run on its web instance only",
    page=PROPERTY["crons"].page,
)
def worker_crons(worker: Worker, scope: Scope) -> Findings:
    return _refused(worker, "crons")


@rule(
    "WL202",
    "worker-hooks",
    ERROR,
    Worker,
    "`{key}` is not available in a worker",
    "move it to the application: `build` makes what all its instances share, the others do not run for workers",
    page=PROPERTY["hooks"].page,
)
def worker_hooks(worker: Worker, scope: Scope) -> Findings:
    hooks = worker.extra.get("hooks", ABSENT)
    if isinstance(hooks, dict) and hooks:
        return [found("hooks", key, key=f"hooks.{key}") for key in hooks]
    return _refused(worker, "hooks")


@rule(
    "WL203",
    "worker-build-differs",
    ERROR,
    Worker,
    "`{key}` is not available in a worker",
    "move it to the application: one build serves its web instance and all its workers",
    page=_WORKERS,
)
def worker_build_differs(worker: Worker, scope: Scope) -> Findings:
    if not scope.composable:
        return _refused(worker, "build", "dependencies")
    message, advice = "`{key}` is not available in composable images", "write a command in the application's build hook"
    return [found(key, message=message, help=advice, key=key) for key in ("build", "dependencies") if key in worker.extra]


@rule(
    "WL204",
    "worker-image-differs",
    ERROR,
    Worker,
    "`{key}` is not available in a worker",
    "move it to the application: a worker runs the same image and the same code, or make it an application of its own",
    page=_WORKERS,
)
def worker_image_differs(worker: Worker, scope: Scope) -> Findings:
    return _refused(worker, "type", "stack", "runtime", "source")


@rule("WL205", "worker-unknown-key", ERROR, Worker, "`{key}` is not available in a worker", _TO_APPLICATION, page=_WORKERS)
def worker_unknown_key(worker: Worker, scope: Scope) -> Findings:
    return _refused(worker, "operations", "preflight", "name", "web", "workers")


@rule(
    "WL206",
    "worker-not-public",
    ERROR,
    Worker,
    "`{key}` is not available in a worker",
    "delete it: a worker takes no requests; what shall take them is a web instance",
    page=_WORKERS,
)
def worker_not_public(worker: Worker, scope: Scope) -> Findings:
    return _refused(worker, "locations", "upstream")


@rule(
    "WL207",
    "worker-no-start",
    ERROR,
    Worker,
    "expected `commands.start`, found nothing",
    "write the command that the worker runs",
    page=PROPERTY["commands"].page,
)
def worker_no_start(worker: Worker, scope: Scope) -> Findings:
    commands = worker.commands
    if not isinstance(commands, Commands):
        if "commands" not in worker.extra:
            yield found("commands")
    elif not (commands.start and commands.start.strip()) and "start" not in commands.extra and commands.malformed is ABSENT:
        yield found("commands", "start")


@rule(
    "WL208",
    "worker-background",
    WARNING,
    Commands,
    "expected a command that keeps running, found one that ends in `&`",
    "delete the `&`: a command that returns is started again, and again",
    page=f"{_WORKERS}; {PROPERTY['web'].page} > Commands",
)
def worker_background(commands: Commands, scope: Scope) -> Findings:
    if scope.path[2] in ("web", "workers") and commands.start and _BACKGROUND.search(commands.start):
        yield found("start")


_BACKGROUND = re.compile(r"(?<![&\\])&\s*\Z")


@rule(
    "WL209",
    "worker-one-shot",
    INFO,
    Worker,
    "`{start}` ends at once, and is started again whenever it does",
    "write a command that keeps running, or make it a cron job or a hook",
    page=_WORKERS,
)
def worker_one_shot(worker: Worker, scope: Scope) -> Findings:
    start = (worker.commands.start or "").strip() if isinstance(worker.commands, Commands) else ""
    if _ONE_SHOT.fullmatch(start):
        yield found("commands", "start", start=start)


_ONE_SHOT = re.compile(r"(?:true|:|exit(?: \d+)?|(?:echo|printf|date|ls)(?: [^;&|\n]*)?)")


@rule(
    "WL210",
    "web-unknown-key",
    ERROR,
    Web,
    "`{key}` is not available in `web`",
    _TO_APPLICATION,
    page=PROPERTY["web"].page,
)
def web_unknown_key(web: Web, scope: Scope) -> Findings:
    return [found(key, key=key) for key in web.extra if key == "name" or key in _NOT_IN_WEB]


_NOT_IN_WEB = frozenset(row.name for row in PROPERTIES if row.application and not row.web)


@rule(
    "WL211",
    "null-override",
    ERROR,
    Instance,
    "`{key}`: expected a value, found nothing",
    "write {value}, or delete the key to have {otherwise}",
    page=_WORKERS,
)
def null_override(instance: Instance, scope: Scope) -> Findings:
    otherwise = "the application's" if isinstance(instance, (Web, Worker)) else "the default"
    for key in (*_OVERRIDABLE, "web", "workers") if isinstance(instance, Application) else _OVERRIDABLE:
        if getattr(instance, key) is None or instance.extra.get(key, ABSENT) is None:
            yield found(key, key=key, otherwise=otherwise, value="a value" if key in _SCALAR else "`{}` for none at all")


_OVERRIDABLE = tuple(row.name for row in PROPERTIES if row.inherited and row.name not in ("container_profile", "disk"))
_SCALAR = ("size", "timezone")


@rule(
    "WL212",
    "no-effect",
    INFO,
    (Web, Worker),
    "`timezone` has no effect here",
    "move it to the application: only cron jobs use it, and they belong to the application",
    page=PROPERTY["timezone"].page,
)
def no_effect(instance: Web | Worker, scope: Scope) -> Findings:
    if instance.timezone:
        yield found("timezone")


@rule(
    "WL213",
    "validators-refuse",
    INFO,
    (Web, Worker),
    "{keys}: documented, and refused by the vendor's own validators",
    "nothing is wrong; where `upsun app:config-validate` must pass, set it for the whole application",
    page='Upsun docs: Create apps > App reference, column "Set in instance"; published JSON schema',
)
def validators_refuse(instance: Web | Worker, scope: Scope) -> Findings:
    refused = _REFUSED_IN_WEB if isinstance(instance, Web) else _REFUSED_IN_WORKER
    keys = [key for key in refused if getattr(instance, key)]
    if keys and scope.current:
        yield found(keys[0], keys=listed(keys, "and"))


_REFUSED_IN_WEB = ("firewall", "container_profile", "additional_hosts")
_REFUSED_IN_WORKER = ("additional_hosts",)


@rule(
    "WL214",
    "worker-storage",
    INFO,
    Effective,
    "`{mount}` is inherited from the application: worker and web instance have the same files there",
    "give the worker `mounts` of its own if it is not to see them",
    page=PROPERTY["mounts"].page,
)
def worker_storage(one: Effective, scope: Scope) -> Findings:
    if one.worker is not None and one.reasons["mounts"] is Reason.INHERITED:
        for name, mount in one.mounts.items():
            if mount.source == "storage":
                yield found("mounts", name, mount=name)
