"""The configuration of a project as values: what it means, whichever way it is spelled. Fields, no behaviour.

A field is ABSENT where nothing is written, None where null is, and the value otherwise; defaults are filled in by resolving only. Fields
are named as the keys of the vendor's format, described in the documentation under "Create apps > App reference", and hold text, whole
numbers (MB, seconds), truth values, tuples and mappings. A value of another kind than expected, and every unknown key, stays in `extra`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Mapping
from enum import Enum
from functools import partial
from operator import attrgetter
from typing import Final, Literal, TypeAlias, TypeVar, Union, cast

from attrs import Factory, evolve, field, fields, frozen

from workerlib.diagnostic import Diagnostics, Origin, as_diagnostics
from workerlib.errors import expect
from workerlib.keypath import KeyPath
from workerlib.upward import Displayed, upward

T = TypeVar("T")


# ---- values -------------------------------------------------------------------------------------------------------------------------


class _Absence(Enum):
    ABSENT = "absent"

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = _Absence.ABSENT
Absent: TypeAlias = Literal[_Absence.ABSENT]
Maybe: TypeAlias = Union[T, Absent, None]  # noqa: UP007  (a generic alias needs Union)


@frozen
class Number:
    """A number in free-form data, with the text that it was written as: ``1.10`` and ``1.1``, ``0755`` and ``755`` are different.

    So are times and dates, which YAML 1.1 reads as numbers and dates, YAML 1.2 as text.
    """

    text: str

    @property
    def value(self) -> int | float | str:
        """The number as YAML 1.2 reads it, or the text where that is none."""
        return next((read(self.text) for form, read in _NUMBERS if form.fullmatch(self.text)), self.text)


_NUMBERS: tuple[tuple[re.Pattern[str], Callable[[str], int | float]], ...] = (
    (re.compile(r"[-+]?[0-9]{1,4000}"), int),  # of more digits Python makes no number
    (re.compile(r"0o[0-7]+"), partial(int, base=8)),
    (re.compile(r"0x[0-9a-fA-F]+"), partial(int, base=16)),
    (re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?"), float),
    (re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"), lambda text: float(text.replace(".", "", 1))),
)


class IncludedText(str):
    """Text that stands in a file of its own (``!include`` of type string, or binary, which is base64). `path` is as written."""

    __slots__ = ("path",)
    path: str

    def __new__(cls, text: str, path: str = "") -> IncludedText:
        made = super().__new__(cls, text)
        made.path = path
        return made


@frozen
class Archive:
    """A folder (``!archive``): its files, each with a digest. `path` is as written; files may move, so it is not compared."""

    files: tuple[tuple[str, str], ...]
    path: str = field(default="", eq=False)


@frozen
class Tagged:
    """A value under a tag that is not known, or an include of what is not there."""

    tag: str
    value: Value


Value: TypeAlias = Union[str, bool, Number, Archive, Tagged, tuple["Value", ...], Mapping[str, "Value"], None]  # noqa: UP007
Values: TypeAlias = Mapping[str, Value]
Names: TypeAlias = tuple[str, ...]


def _in_order(value: Maybe[Mapping[str, T]]) -> object:
    """For mappings in which the order of keys has a meaning: the first that matches wins."""
    return tuple(value.items()) if isinstance(value, Mapping) else value


# ---- parts --------------------------------------------------------------------------------------------------------------------------


@frozen(kw_only=True, repr=False, eq=False)
class Part(Displayed):  # noqa: PLW1641 - what a part holds cannot be hashed
    """A mapping of the configuration. How parts are compared and shown stands here once, since to generate it for each class takes time.

    `extra` holds unknown keys, and known ones whose value is of another kind than expected. `malformed` is what stands where the whole
    mapping was expected; no other field is set then.
    """

    extra: Values = Factory(dict)
    malformed: Value | Absent = ABSENT

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        plain, in_order = _compared(type(self))
        return plain(self) == plain(other) and all(_in_order(getattr(self, n)) == _in_order(getattr(other, n)) for n in in_order)

    def __repr__(self) -> str:
        shown = ((f.name, getattr(self, f.name)) for f in fields(type(self)) if f.repr)
        given = (f"{name}={value!r}" for name, value in shown if value is not ABSENT and value != {})
        return f"{type(self).__name__}({', '.join(given)})"


_COMPARED: dict[type[Part], tuple[Callable[[object], object], Names]] = {}


def _compared(kind: type[Part]) -> tuple[Callable[[object], object], Names]:
    """What of a part of this kind is compared, and those of its fields in which the order of keys has a meaning."""
    if kind not in _COMPARED:
        own = [f for f in fields(kind) if f.eq]
        _COMPARED[kind] = attrgetter(*(f.name for f in own)), tuple(f.name for f in own if f.eq_key is _in_order)
    return _COMPARED[kind]


def mark(value: object) -> Hashable:
    """A mark to find equal values by, since parts cannot be hashed: they have the same, and others mostly another."""
    if isinstance(value, Part):
        return type(value), *(mark(getattr(value, one.name)) for one in fields(type(value)) if one.eq)
    if isinstance(value, Mapping):
        return frozenset((key, mark(one)) for key, one in value.items())
    if isinstance(value, tuple):
        return tuple(map(mark, value))
    try:
        hash(value)
    except TypeError:
        return None
    return value


@frozen(kw_only=True, repr=False, eq=False)
class Commands(Part):
    """What runs: `start` is restarted when it exits. Upsun docs: Create apps > App reference > Web, Workers."""

    pre_start: Maybe[str] = ABSENT
    start: Maybe[str] = ABSENT
    post_start: Maybe[str] = ABSENT


@frozen(kw_only=True, repr=False, eq=False)
class JobCommands(Part):
    """What runs once, of a cron job or an operation, and what ends it early. Upsun docs: Create apps > App reference > Crons."""

    start: Maybe[str] = ABSENT
    stop: Maybe[str] = ABSENT


@frozen(kw_only=True, repr=False, eq=False)
class Mount(Part):
    """A writable folder. `source` is instance (also written local), storage, tmp (temporary) or service.

    `source_path` is below the source, without slashes around it; where none is written it is the mount's own path.
    Upsun docs: Create apps > App reference > Mounts.
    """

    source: Maybe[str] = ABSENT
    source_path: Maybe[str] = ABSENT
    service: Maybe[str] = ABSENT


@frozen(kw_only=True, repr=False, eq=False)
class Relationship(Part):
    """Access to a service or application: of the relationship's own name, and by its default endpoint, where none is stated.

    Upsun docs: App reference > Relationships.
    """

    service: str | Absent = ABSENT
    endpoint: str | Absent = ABSENT


# What is made in Python, as what is read: there `spellings` adds the same, with places.


def _with_paths(mounts: Maybe[Mapping[str, Mount]]) -> Maybe[Mapping[str, Mount]]:
    """Mounts, those without a source path with their own one."""
    if not mounts or all(one.source_path is not ABSENT for one in mounts.values()):
        return mounts
    return {path: evolve(one, source_path=path.strip("/")) if _leaves_out(one, "source_path") else one for path, one in mounts.items()}


def _with_services(relationships: Maybe[Mapping[str, Relationship]]) -> Maybe[Mapping[str, Relationship]]:
    """Relationships, those without a service with the one of their own name."""
    if not relationships or all(one.service is not ABSENT for one in relationships.values()):
        return relationships
    return {name: evolve(one, service=name) if _leaves_out(one, "service") else one for name, one in relationships.items()}


def _leaves_out(part: Part, field: str) -> bool:
    """Whether a part says nothing of a field, not even what cannot be used."""
    return getattr(part, field) is ABSENT and field not in part.extra and part.malformed is ABSENT


@frozen(kw_only=True, repr=False, eq=False)
class Access(Part):
    """The least role that may log in: admin, contributor or viewer. Upsun docs: App reference > Access."""

    ssh: Maybe[str] = ABSENT


@frozen(kw_only=True, repr=False, eq=False)
class OutboundRule(Part):
    """Where connections may go: `ips` in CIDR notation or `domains`, and `ports`. Upsun docs: App reference > Firewall."""

    protocol: Maybe[str] = ABSENT
    ips: Maybe[Names] = ABSENT
    domains: Maybe[Names] = ABSENT
    ports: Maybe[tuple[int, ...]] = ABSENT


@frozen(kw_only=True, repr=False, eq=False)
class Firewall(Part):
    """Outbound connections that are allowed; all others are not. Upsun docs: App reference > Firewall."""

    outbound: Maybe[tuple[OutboundRule, ...]] = ABSENT


@frozen(kw_only=True, repr=False, eq=False)
class Resources(Part):
    """Memory in MB: `base_memory` + `memory_ratio` for each CPU. Upsun Fixed docs: Flexible resources."""

    base_memory: Maybe[int] = ABSENT
    memory_ratio: Maybe[int] = ABSENT


@frozen(kw_only=True, repr=False, eq=False)
class Instance(Part):
    """What an application, its web instance and each of its workers may all set. `disk` is in MB.

    `variables` is prefix -> name -> value, `additional_hosts` host -> address.
    """

    relationships: Maybe[Mapping[str, Relationship]] = field(default=ABSENT, converter=_with_services)
    mounts: Maybe[Mapping[str, Mount]] = field(default=ABSENT, converter=_with_paths)
    variables: Maybe[Mapping[str, Values]] = ABSENT
    access: Maybe[Access] = ABSENT
    firewall: Maybe[Firewall] = ABSENT
    additional_hosts: Maybe[Values] = ABSENT
    timezone: Maybe[str] = ABSENT
    container_profile: Maybe[str] = ABSENT
    size: Maybe[str] = ABSENT
    disk: Maybe[int] = ABSENT
    resources: Maybe[Resources] = ABSENT


# ---- web and workers ----------------------------------------------------------------------------------------------------------------


@frozen(kw_only=True, repr=False, eq=False)
class Rule(Part):
    """How files of a location that match a pattern are served. `expires` is a time with a unit, or seconds."""

    passthru: Maybe[str | bool] = ABSENT
    expires: Maybe[str | int] = ABSENT
    allow: Maybe[bool] = ABSENT
    scripts: Maybe[bool] = ABSENT
    headers: Maybe[Values] = ABSENT


@frozen(kw_only=True, repr=False, eq=False)
class RequestBuffering(Part):
    """Whether requests are held until they are complete, and up to which size (``250m``)."""

    enabled: Maybe[bool] = ABSENT
    max_request_size: Maybe[str] = ABSENT


@frozen(kw_only=True, repr=False, eq=False)
class Location(Rule):
    """How the paths below one path are served. Upsun docs: App reference > Web > Locations."""

    root: Maybe[str] = ABSENT
    index: Maybe[Names] = ABSENT
    request_buffering: Maybe[RequestBuffering] = ABSENT
    rules: Maybe[Mapping[str, Rule]] = field(default=ABSENT, eq=_in_order)


@frozen(kw_only=True, repr=False, eq=False)
class Upstream(Part):
    """How the application listens: `socket_family` tcp or unix, `protocol` http or fastcgi."""

    socket_family: Maybe[str] = ABSENT
    protocol: Maybe[str] = ABSENT


@frozen(kw_only=True, repr=False, eq=False)
class Web(Instance):
    """The web instance. Upsun docs: App reference > Web."""

    commands: Maybe[Commands] = ABSENT
    upstream: Maybe[Upstream] = ABSENT
    locations: Maybe[Mapping[str, Location]] = ABSENT


@frozen(kw_only=True, repr=False, eq=False)
class Worker(Instance):
    """A copy of the application that runs in the background: how it differs. Upsun docs: App reference > Workers."""

    name: str
    commands: Maybe[Commands] = ABSENT


# ---- the image ----------------------------------------------------------------------------------------------------------------------


@frozen(kw_only=True, repr=False, eq=False)
class Extension(Part):
    """An extension of PHP."""

    name: Maybe[str] = ABSENT
    configuration: Maybe[Values] = ABSENT


@frozen(kw_only=True, repr=False, eq=False)
class SizingHints(Part):
    """Memory of a request and reserve in MB, from which the number of PHP-FPM processes follows."""

    request_memory: Maybe[int] = ABSENT
    reserved_memory: Maybe[int] = ABSENT


@frozen(kw_only=True, repr=False, eq=False)
class Xdebug(Part):
    """The key with which Xdebug is switched on."""

    idekey: Maybe[str] = ABSENT


@frozen(kw_only=True, repr=False, eq=False)
class Runtime(Part):
    """Options of PHP; `request_terminate_timeout` in seconds. Upsun docs: App reference > Runtime."""

    extensions: Maybe[tuple[Extension, ...]] = ABSENT
    disabled_extensions: Maybe[Names] = ABSENT
    request_terminate_timeout: Maybe[int] = ABSENT
    sizing_hints: Maybe[SizingHints] = ABSENT
    xdebug: Maybe[Xdebug] = ABSENT


@frozen(kw_only=True, repr=False, eq=False)
class StackRuntime(Runtime):
    """A language of a composable image (``php@8.4``), with its options."""

    name: str = ""
    version: str | Absent = ABSENT


@frozen(kw_only=True, repr=False, eq=False)
class Package(Part):
    """A Nix package of a composable image; `channel` overrides that of the image."""

    package: Maybe[str] = ABSENT
    channel: Maybe[str] = ABSENT


@frozen(kw_only=True, repr=False, eq=False)
class Stack(Part):
    """What a composable image is made of; the first runtime is the primary one. Upsun docs: App reference > Composable image."""

    runtimes: tuple[StackRuntime, ...] = ()
    packages: tuple[Package, ...] = ()


@frozen(kw_only=True, repr=False, eq=False)
class BuildCache(Part):
    """A folder that is kept between builds while the watched files stay the same."""

    directory: Maybe[str] = ABSENT
    watch: Maybe[Names] = ABSENT
    allow_stale: Maybe[bool] = ABSENT
    share_between_apps: Maybe[bool] = ABSENT


@frozen(kw_only=True, repr=False, eq=False)
class Build(Part):
    """What is built before the hooks run. Upsun docs: App reference > Build."""

    flavor: Maybe[str] = ABSENT
    caches: Maybe[Mapping[str, BuildCache]] = ABSENT


# ---- the application ----------------------------------------------------------------------------------------------------------------


@frozen(kw_only=True, repr=False, eq=False)
class Hooks(Part):
    """Scripts: `build` makes what web and workers share, the others run for web only. Upsun docs: App reference > Hooks."""

    build: Maybe[str] = ABSENT
    deploy: Maybe[str] = ABSENT
    post_deploy: Maybe[str] = ABSENT


@frozen(kw_only=True, repr=False, eq=False)
class Cron(Part):
    """A command that runs at the times of `spec`; timeouts in seconds. Upsun docs: App reference > Crons."""

    spec: Maybe[str] = ABSENT
    commands: Maybe[JobCommands] = ABSENT
    shutdown_timeout: Maybe[int] = ABSENT
    timeout: Maybe[int] = ABSENT


@frozen(kw_only=True, repr=False, eq=False)
class SourceOperation(Part):
    """A command that changes the code."""

    command: Maybe[str] = ABSENT


@frozen(kw_only=True, repr=False, eq=False)
class SourceDefinition(Part):
    """Where the application's code is: `root` below the repository, without slashes around it, empty for all of it; never absent."""

    root: str = ""
    operations: Maybe[Mapping[str, SourceOperation]] = ABSENT


@frozen(kw_only=True, repr=False, eq=False)
class Operation(Part):
    """A command that users of a `role` may run. Upsun docs: Create apps > Runtime operations."""

    role: Maybe[str] = ABSENT
    commands: Maybe[JobCommands] = ABSENT
    timeout: Maybe[int] = ABSENT


@frozen(kw_only=True, repr=False, eq=False)
class Preflight(Part):
    """Checks before a deployment."""

    enabled: Maybe[bool] = ABSENT
    ignored_rules: Maybe[Names] = ABSENT


def nowhere(_path: KeyPath | str) -> Origin | None:
    """The place of what was not read from a file."""
    return None


@frozen(kw_only=True, repr=False, eq=False)
class Application(Instance):
    """An application. Upsun docs: Create apps > App reference.

    `origin` gives the place of a key path below the application (``workers.queue.commands``). `workers` is empty where none is written.
    """

    name: str
    type: Maybe[str] = ABSENT
    stack: Maybe[Stack] = ABSENT
    source: SourceDefinition = SourceDefinition()
    build: Maybe[Build] = ABSENT
    dependencies: Maybe[Mapping[str, Values]] = ABSENT
    runtime: Maybe[Runtime] = ABSENT
    hooks: Maybe[Hooks] = ABSENT
    web: Maybe[Web] = ABSENT
    workers: Mapping[str, Worker] = Factory(dict)
    crons: Maybe[Mapping[str, Cron]] = ABSENT
    operations: Maybe[Mapping[str, Operation]] = ABSENT
    preflight: Maybe[Preflight] = ABSENT
    origin: Callable[[KeyPath | str], Origin | None] = field(default=nowhere, eq=False, repr=False)

    @property
    def root(self) -> str:
        """The folder of the code below the repository, without slashes around it."""
        return self.source.root


# ---- services and routes ------------------------------------------------------------------------------------------------------------


@frozen(kw_only=True, repr=False, eq=False)
class Service(Part):
    """A service; `disk` in MB. Upsun docs: Add services."""

    name: str
    type: Maybe[str] = ABSENT
    size: Maybe[str] = ABSENT
    disk: Maybe[int] = ABSENT
    resources: Maybe[Resources] = ABSENT
    container_profile: Maybe[str] = ABSENT
    access: Maybe[Values] = ABSENT
    configuration: Maybe[Values] = ABSENT
    relationships: Maybe[Mapping[str, Relationship]] = field(default=ABSENT, converter=_with_services)
    firewall: Maybe[Firewall] = ABSENT


@frozen(kw_only=True, repr=False, eq=False)
class Redirect(Part):
    """Where requests for a path are sent."""

    to: Maybe[str] = ABSENT
    regexp: Maybe[bool] = ABSENT
    prefix: Maybe[bool] = ABSENT
    append_suffix: Maybe[bool] = ABSENT
    code: Maybe[int] = ABSENT
    expires: Maybe[str | int] = ABSENT


@frozen(kw_only=True, repr=False, eq=False)
class Redirects(Part):
    """Redirects by path; the first that matches wins. Upsun docs: Define routes > Redirects."""

    expires: Maybe[str | int] = ABSENT
    paths: Maybe[Mapping[str, Redirect]] = field(default=ABSENT, eq=_in_order)


@frozen(kw_only=True, repr=False, eq=False)
class StrictTransportSecurity(Part):
    """The HSTS header."""

    enabled: Maybe[bool] = ABSENT
    include_subdomains: Maybe[bool] = ABSENT
    preload: Maybe[bool] = ABSENT


@frozen(kw_only=True, repr=False, eq=False)
class Tls(Part):
    """Upsun docs: Define routes > HTTPS."""

    strict_transport_security: Maybe[StrictTransportSecurity] = ABSENT
    min_version: Maybe[str] = ABSENT
    client_authentication: Maybe[str] = ABSENT
    client_certificate_authorities: Maybe[Names] = ABSENT


@frozen(kw_only=True, repr=False, eq=False)
class Cache(Part):
    """Upsun docs: Define routes > HTTP cache. `default_ttl` in seconds."""

    enabled: Maybe[bool] = ABSENT
    default_ttl: Maybe[int] = ABSENT
    cookies: Maybe[Names] = ABSENT
    headers: Maybe[Names] = ABSENT


@frozen(kw_only=True, repr=False, eq=False)
class Switch(Part):
    """What is only on or off: server side includes, sticky sessions."""

    enabled: Maybe[bool] = ABSENT


@frozen(kw_only=True, repr=False, eq=False)
class Route(Part):
    """A route: an upstream, or a redirect. Upsun docs: Define routes."""

    type: Maybe[str] = ABSENT
    upstream: Maybe[str] = ABSENT
    to: Maybe[str] = ABSENT
    primary: Maybe[bool] = ABSENT
    id: Maybe[str] = ABSENT
    attributes: Maybe[Values] = ABSENT
    redirects: Maybe[Redirects] = ABSENT
    tls: Maybe[Tls] = ABSENT
    cache: Maybe[Cache] = ABSENT
    ssi: Maybe[Switch] = ABSENT
    sticky: Maybe[Switch] = ABSENT


# ---- the project --------------------------------------------------------------------------------------------------------------------


@frozen(kw_only=True)
class Project(Displayed):
    """The whole configuration. `extra` holds unknown top-level keys, but for those that begin with a dot, which the platform ignores.

    `diagnostics` are the mistakes and old spellings met when it was read; `origin` gives the place of a key path. Neither is compared.
    """

    applications: Mapping[str, Application] = Factory(dict)
    services: Mapping[str, Service] = Factory(dict)
    routes: Mapping[str, Route] = Factory(dict)
    extra: Values = Factory(dict)
    diagnostics: Diagnostics = field(factory=Diagnostics, converter=as_diagnostics, eq=False)
    origin: Callable[[KeyPath | str], Origin | None] = field(default=nowhere, eq=False, repr=False)

    def to_records(self) -> list[dict[str, str | int | None]]:
        """One row for each value of each instance, service and route, with where it comes from: see :mod:`workerlib.records`."""
        return cast("list[dict[str, str | int | None]]", upward("records", "records")(self))


def given_project(value: object, name: str = "project") -> None:
    """Raise UsageError for an argument that is no project, such as the path of one."""
    expect(name, value, Project, advice="`load` reads one")
