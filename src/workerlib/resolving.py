"""What an instance really has: the web instance and each worker of an application, with defaults filled in.

An instance that sets a property has it as written there, as a whole; one that does not has the application's. Nothing is merged within a
property, null sets nothing, and a worker never sees what stands below `web`.
Source: Upsun docs, Create apps > App reference > Workers, section "Inheritance", and the same page's "Set in instance" columns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from typing import Literal, cast

from attrs import evolve, field, fields, frozen

from workerlib.diagnostic import Origin
from workerlib.errors import UsageError, expect
from workerlib.keypath import KeyPath, key_path
from workerlib.model import (
    ABSENT,
    Access,
    Application,
    Build,
    Commands,
    Cron,
    Firewall,
    Hooks,
    Location,
    Mount,
    Operation,
    Part,
    Preflight,
    Project,
    Relationship,
    Resources,
    Runtime,
    SourceDefinition,
    Stack,
    Upstream,
    Values,
    Web,
    Worker,
    given_project,
)
from workerlib.properties import PROPERTIES, PROPERTY, Images, InWorker, Property, Status
from workerlib.upward import Displayed


class Reason(Enum):
    """Why an instance has the value of a property."""

    OWN = "own"
    INHERITED = "inherited"
    SHARED = "shared"
    DEFAULT = "default"
    ABSENT = "absent"


@frozen
class Explanation:
    """Why the value at `path` is what it is, in words, and where it is written, if it is."""

    path: KeyPath
    reason: Reason
    text: str
    origin: Origin | None = None

    def __str__(self) -> str:
        return f"{self.path}: {self.text}" + (f" ({self.origin})" if self.origin else "")


@frozen
class Lifecycle:
    """How an instance is kept running: whether `start` is started again whenever it exits, and the signals that stop it.

    `kill` follows `stop` after `grace` seconds; None stands for what is not documented.
    Source: Upsun docs, Create apps > App reference > Workers, and Web > Commands.
    """

    restarted: bool = True
    stop: str | None = None
    kill: str | None = None
    grace: int | None = None


_WEB_LIFECYCLE = Lifecycle()
_WORKER_LIFECYCLE = Lifecycle(stop="SIGTERM", kill="SIGKILL", grace=15)


@frozen(kw_only=True)
class Effective(Displayed):
    """What one instance has. Fields are named as the keys of the format; where nothing holds they are empty or None.

    `name` is the deployed name, `worker` None for the web instance. `extra` is what the instance states beyond the fields of the model.
    Defaults are those of the product that has the property: a `size` of ``AUTO`` that is not written means nothing on Upsun Flex.
    Two are equal if the instances cannot be told apart, wherever their values come from.
    """

    name: str
    application: str
    worker: str | None
    type: str | None
    stack: Stack | None
    source: SourceDefinition
    build: Build | None
    dependencies: Mapping[str, Values]
    runtime: Runtime | None
    container_profile: str | None
    size: str | None
    disk: int | None
    resources: Resources | None
    relationships: Mapping[str, Relationship]
    mounts: Mapping[str, Mount]
    variables: Mapping[str, Values]
    access: Access
    firewall: Firewall | None
    additional_hosts: Values
    timezone: str | None
    commands: Commands
    upstream: Upstream | None
    locations: Mapping[str, Location]
    hooks: Hooks
    crons: Mapping[str, Cron]
    operations: Mapping[str, Operation]
    preflight: Preflight
    extra: Values
    reasons: Mapping[str, Reason] = field(eq=False, repr=False)
    definition: Application = field(eq=False, repr=False)

    @property
    def image(self) -> Literal["single", "composable"]:
        """The kind of image; a stack makes it composable, with or without a `type`."""
        return "composable" if self.stack is not None or (self.type or "").startswith("composable:") else "single"

    @property
    def channel(self) -> str | None:
        """The channel of a composable image (``26.05``), None where none is stated."""
        return (self.type or "").partition(":")[2] or None if self.image == "composable" else None

    @property
    def public(self) -> bool:
        """Whether routes, other applications and services can reach the instance; a worker takes no requests."""
        return self.worker is None

    @property
    def build_of(self) -> str:
        """The application whose one build the instance runs."""
        return self.application

    @property
    def lifecycle(self) -> Lifecycle:
        """How the instance is kept running, and stopped."""
        return _WEB_LIFECYCLE if self.worker is None else _WORKER_LIFECYCLE

    def origin(self, path: KeyPath | str) -> Origin | None:
        """Where the value at a path (``variables.env.MODE``) is written; None where it is not, or was not read from a file."""
        parts = key_path(path).parts
        return self.definition.origin(KeyPath((*self._base(str(parts[0])), *parts))) if parts else None

    def explain(self, path: KeyPath | str) -> Explanation:
        """Why the value at a path is what it is. Raises UsageError for a property that does not exist, and for what is no path."""
        parts = key_path(path).parts
        name = str(parts[0]) if parts else ""
        whole = KeyPath((*written_below(self.application, self.worker), *parts))
        if name not in self.reasons:
            raise UsageError(f"{whole}: expected one of {', '.join(f'`{n}`' for n in self.reasons)}, found `{name}`")
        reason = self.reasons[name]
        if reason is not Reason.ABSENT and value_at(getattr(self, name), parts[1:]) is ABSENT:
            text = f"not there; {_why(self, name, reason)}"
            return Explanation(whole, Reason.ABSENT, text, self.origin(KeyPath((name,))))
        if reason is not Reason.ABSENT and parts[1:] and value_at(self._written(name), parts[1:]) is ABSENT:
            reason = Reason.DEFAULT
        return Explanation(whole, reason, _why(self, name, reason), self.origin(KeyPath(parts)))

    def _written(self, name: str) -> object:
        """The property as it is written, without the defaults of what is left out of it."""
        app = self.definition
        instance = app.web if self.worker is None else app.workers[self.worker]
        return getattr(instance if self._base(name) else app, name, ABSENT)

    def _base(self, name: str) -> tuple[str, ...]:
        """Where in the application the property is written."""
        own = self.reasons.get(name) is Reason.OWN and PROPERTY[name].web
        if not own:
            return ()
        return ("web",) if self.worker is None else ("workers", self.worker)


def effective(app: Application, worker: str | None = None) -> Effective:
    """The web instance of an application, or one of its workers.

    Raises UsageError for a worker that the application does not have.
    """
    expect("app", app, Application)
    expect("worker", worker, str, type(None))
    instance: Web | Worker
    if worker is None:
        instance = app.web or Web()
    elif worker in app.workers:
        instance = app.workers[worker]
    else:
        known = ", ".join(f"`{name}`" for name in app.workers) or "none"
        raise UsageError(f"applications.{app.name}.workers: expected one of {known}, found `{worker}`")
    found = {row.name: _value(row, app, instance) for row in _ROWS}
    return cast("Callable[..., Effective]", Effective)(
        name=deployed_name(app.name, worker),
        application=app.name,
        worker=worker,
        extra=instance.extra,
        reasons={name: reason for name, (_, reason) in found.items()},
        definition=app,
        **{name: value for name, (value, _) in found.items()},
    )


def resolve(project: Project) -> Mapping[str, Effective]:
    """All instances of a project by deployed name: ``shop`` for the web instance, ``shop--queue`` for a worker.

    A worker whose name begins with a dot is none: the platform ignores such keys.
    """
    given_project(project)
    found = (effective(app, worker) for app in project.applications.values() for worker in (None, *app.workers))
    return {one.name: one for one in found if not (one.worker or "").startswith(".")}


def deployed_name(application: str, worker: str | None = None) -> str:
    """The name under which an instance is deployed."""
    return application if worker is None else f"{application}--{worker}"


# ---- the rule -----------------------------------------------------------------------------------------------------------------------

_ROWS = tuple(row for row in PROPERTIES if row.name not in ("web", "workers"))
_PARTS: Mapping[str, Callable[..., Part]] = {
    "access": Access,
    "commands": Commands,
    "hooks": Hooks,
    "preflight": Preflight,
    "source": SourceDefinition,
}


def _default(row: Property) -> object:
    """What an instance has where nothing is written, as a value of the model."""
    make = _PARTS.get(row.name)
    return make(**row.default) if make is not None and isinstance(row.default, dict) else row.default


_DEFAULTS = {row.name: _default(row) for row in _ROWS}


def _fresh(row: Property) -> object:
    """The default of a property; an empty mapping is a new one each time, so that nobody changes that of all others."""
    default = _DEFAULTS[row.name]
    return dict(default) if isinstance(default, dict) else default


def _value(row: Property, app: Application, instance: Web | Worker) -> tuple[object, Reason]:
    """The value of a property for an instance, and why."""
    name, default = row.name, _fresh(row)
    in_worker = isinstance(instance, Worker)
    if in_worker and row.worker is InWorker.ABSENT:
        return default, Reason.ABSENT
    if row.web and _is_written(instance, name):
        return _filled(getattr(instance, name), row), Reason.OWN
    if not row.application or (row.web and not row.inherited) or not _is_written(app, name):
        return default, Reason.DEFAULT
    value = _filled(getattr(app, name), row)
    if row.web:
        return value, Reason.INHERITED
    if in_worker and isinstance(value, Hooks):
        return Hooks(build=value.build), Reason.SHARED
    return value, Reason.SHARED if row.worker is InWorker.SHARED else Reason.OWN


_NO_SOURCE = SourceDefinition()


def _is_written(part: Part, name: str) -> bool:
    """Whether a property is set there, be it with a value that cannot be used. Null sets nothing, nor does a source without a root."""
    return getattr(part, name) not in (ABSENT, None, _NO_SOURCE) or part.extra.get(name) is not None


def _filled(value: object, row: Property) -> object:
    """A value with the defaults of what is not written, be that all of it or a key in it."""
    if value is ABSENT or value is None:
        return _fresh(row)
    if not isinstance(value, Part) or not isinstance(row.default, dict):
        return value
    left_out = {key: default for key, default in row.default.items() if getattr(value, key) is ABSENT and key not in value.extra}
    return cast("Callable[..., Part]", evolve)(value, **left_out)


# ---- the build ----------------------------------------------------------------------------------------------------------------------


def rebuild_needed(old: Application, new: Application) -> bool:
    """Whether a deployment of the new definition builds the application again, rather than reuse its last build.

    Source: Upsun docs, Development > Variables > Use variables, which lists what does not.
    """
    expect("old", old, Application)
    expect("new", new, Application)
    return _build_inputs(old) != _build_inputs(new)


def _build_inputs(app: Application) -> tuple[Mapping[str, object], Mapping[str | None, object]]:
    """What a build depends on: everything but what rows of the table exempt, and the mounts of each instance."""
    inputs: dict[str, object] = {row.name: getattr(app, row.name) for row in PROPERTIES if row.application and row.rebuilds}
    inputs["hooks"] = (app.hooks or Hooks()).build
    instances: tuple[tuple[str | None, Web | Worker], ...] = ((None, app.web or Web()), *app.workers.items())
    return inputs, {worker: one.mounts for worker, one in instances if one.mounts is not ABSENT}


# ---- in words -----------------------------------------------------------------------------------------------------------------------


def written_below(application: str, worker: str | None) -> tuple[str, ...]:
    """The key path that the properties of an instance are written below, those that it inherits too."""
    return ("applications", application, *(() if worker is None else ("workers", worker)))


def value_at(value: object, parts: Iterable[str | int]) -> object:
    """What is at a path below a value of the model, ABSENT where nothing is."""
    for part in parts:
        if isinstance(value, Mapping):
            value = value.get(part, ABSENT) if isinstance(part, str) else ABSENT
        elif isinstance(value, tuple):
            value = value[part] if isinstance(part, int) and 0 <= part < len(value) else ABSENT
        elif isinstance(value, Part):
            known = part in {one.name for one in fields(type(value))} - _NO_KEYS
            own = getattr(value, str(part)) if known else ABSENT
            value = value.extra.get(str(part), ABSENT) if own is ABSENT else own
        else:
            return ABSENT
    return value


_NO_KEYS = frozenset(("extra", "malformed", "origin"))  # fields that no key of the format fills


def _why(one: Effective, name: str, reason: Reason) -> str:
    who = "web instance" if one.worker is None else "worker"
    if reason is Reason.OWN:
        if not PROPERTY[name].web:
            return "the application's own, for its web instance"
        replaced = PROPERTY[name].application and _is_written(one.definition, name)
        other = " and replaces the application's as a whole" if replaced else ""
        return f"the {who}'s own `{name}` counts{other}"
    if reason is Reason.INHERITED:
        return f"inherited from the application, since the {who} sets no `{name}` of its own"
    if reason is Reason.SHARED:
        if name == "hooks" and one.worker is not None:
            return "the build hook is shared with the application; the others do not run for workers"
        return "one for all instances of the application, which run the same build"
    if reason is Reason.ABSENT:
        return f"a worker has no `{name}`: {_ABSENCES[name]}"
    row = PROPERTY[name]
    only = ", on Upsun Fixed alone" if row.status is Status.FIXED and row.default is not None else ""
    elsewhere = row.images is Images.SINGLE and one.image == "composable"
    holds = "none" if elsewhere else row.unwritten if row.default is None else _shown(row.default)
    return f"not written, so the default holds: {holds}{only}"


_ABSENCES = {
    "crons": "cron jobs run on the web instance only",
    "locations": "it takes no requests",
    "upstream": "it takes no requests",
}


def _shown(default: object) -> str:
    if isinstance(default, Mapping) and default:
        default = ", ".join(f"{key}: {str(value).lower() or '/'}" for key, value in default.items() if value != ())
    return f"`{default}`" if default else "none"
