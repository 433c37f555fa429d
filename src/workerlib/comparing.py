"""What changes between two states of a project for those who run it: which instances, what of each, what is built again, what data goes.

Instances are compared as they run, with what they inherit and with defaults, so that two spellings of one configuration do not differ.
Sources: Upsun docs, Create apps > App reference > Mounts; Add services; Development > Variables > Use variables (what builds again).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from typing import TypeAlias, TypeVar, Union

import attrs
from attrs import evolve, frozen

from workerlib.diagnostic import Diagnostic, Origin, Severity
from workerlib.keypath import KeyPath
from workerlib.model import (
    ABSENT,
    Absent,
    Application,
    Archive,
    Mount,
    Number,
    Part,
    Project,
    Service,
    Tagged,
    Value,
    Worker,
    given_project,
    mark,
)
from workerlib.properties import PROPERTIES, PROPERTY, Status
from workerlib.resolving import Effective, Reason, rebuild_needed, resolve, written_below
from workerlib.upward import Displayed

Compared: TypeAlias = Union[Value, int, Part, Absent, tuple["Compared", ...], Mapping[str, "Compared"]]  # noqa: UP007
"""A value of the model, a part of it, or several; ABSENT stands for nothing."""
T = TypeVar("T")

# ---- the result ---------------------------------------------------------------------------------------------------------------------


@frozen
class Change(Displayed):
    """Something that is different for an instance, a service or a route, whose deployed name is `subject`.

    `path` is the key path of a value that was `before` and is `after`; ABSENT stands for nothing. `aspect` is the part of its life that
    is concerned (``environment``, ``mounts``, ``command``), `consequence` what happens. `origin` is where the value is written, or was.
    """

    subject: str
    path: KeyPath
    aspect: str
    before: Compared
    after: Compared
    consequence: str
    origin: Origin | None = None
    rebuilds: bool = False
    destroys: bool = False

    def __str__(self) -> str:
        before, after = shown(self.before), shown(self.after)
        what = f"new: {after}" if self.before is ABSENT else f"{before} goes" if self.after is ABSENT else f"{before} becomes {after}"
        return f"{self.path}: {what}; {self.consequence}"

    @property
    def diagnostic(self) -> Diagnostic:
        """The change as something to tell: data that goes is worth a warning."""
        if self.destroys:
            keep = "write `source_path` to stay with the old folder, or make a backup" if self.aspect == "mounts" else "make a backup first"
            return Diagnostic("WL601", "data-destroyed", Severity.WARNING, str(self), self.origin, keep)
        code, name = ("WL602", "built-again") if self.rebuilds else ("WL603", "runs-differently")
        return Diagnostic(code, name, Severity.INFO, str(self), self.origin)


@frozen
class Comparison(Displayed):
    """All changes, and the names of the applications that are built again."""

    changes: tuple[Change, ...]
    rebuilt: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything changes."""
        return bool(self.changes or self.rebuilt)

    @property
    def destructive(self) -> tuple[Change, ...]:
        """The changes that destroy data."""
        return tuple(change for change in self.changes if change.destroys)

    @property
    def by_subject(self) -> Mapping[str, tuple[Change, ...]]:
        """The changes of each instance, service and route by its deployed name."""
        found: dict[str, list[Change]] = {}
        for change in self.changes:
            found.setdefault(change.subject, []).append(change)
        return {name: tuple(changes) for name, changes in found.items()}


# ---- comparing ----------------------------------------------------------------------------------------------------------------------


def compare(old: Project, new: Project) -> Comparison:
    """What changes for those who run a project, from `old` to `new`."""
    given_project(old, "old")
    given_project(new, "new")
    shared = [(app, new.applications[name]) for name, app in old.applications.items() if name in new.applications]
    rebuilt = tuple(before.name for before, after in shared if rebuild_needed(before, after))
    return Comparison((*_instances(old, new), *_services(old, new), *_routes(old, new), *_others(old, new)), rebuilt)


Path: TypeAlias = tuple[str | int, ...]
Difference: TypeAlias = tuple[Path, Compared, Compared]
_Places: TypeAlias = Callable[[KeyPath], Origin | None]


_NO_KEYS = ("extra", "malformed")  # fields for what stands below the key of their part itself


def differences(a: T, b: T, path: Path = ()) -> Iterator[tuple[Path, T | Compared, T | Compared]]:
    """The innermost places in which two values of the model differ, by the keys that lead to them."""
    if a == b:
        return
    if isinstance(a, Archive) and isinstance(b, Archive):
        yield from differences(dict(a.files), dict(b.files), path)
        return
    if isinstance(a, (Part, Project)) and type(a) is type(b):
        names = [f.name for f in attrs.fields(type(a)) if f.eq]
        parts = [(path if name in _NO_KEYS else (*path, name), getattr(a, name), getattr(b, name)) for name in names]
    elif isinstance(a, Mapping) and isinstance(b, Mapping):
        parts = [((*path, k), a.get(k, ABSENT), b.get(k, ABSENT)) for k in dict.fromkeys((*a, *b))]
    elif isinstance(a, tuple) and isinstance(b, tuple) and len(a) == len(b):
        parts = [((*path, i), x, y) for i, (x, y) in enumerate(zip(a, b, strict=True))]
    else:
        yield path, a, b
        return
    before = False
    for inner, x, y in parts:
        for found in differences(x, y, inner):
            before = True
            yield found
    if not before:
        yield path, a, b  # the same parts in another order, where order has a meaning


# ---- instances ----------------------------------------------------------------------------------------------------------------------

# What each property is to an instance, and what follows when it changes.
_ASPECTS: Mapping[str, tuple[str, str]] = {
    "type": ("image", "it runs on another image"),
    "stack": ("image", "it runs on another image"),
    "runtime": ("image", "its runtime is set up in another way"),
    "source": ("code", "its code is that of another folder, or can be changed in other ways"),
    "build": ("build", "it is built in another way"),
    "dependencies": ("build", "other tools are installed for it"),
    "hooks": ("hooks", "other scripts run when it is built or deployed"),
    "container_profile": ("resources", "it gets memory and CPU in another proportion"),
    "size": ("resources", "it gets other memory and CPU"),
    "disk": ("resources", "it gets another amount of disk"),
    "resources": ("resources", "it gets other memory and CPU"),
    "relationships": ("relationships", "what it is connected to under this name changes, and so do the variables named after it"),
    "mounts": ("mounts", "another folder is mounted"),
    "variables": ("environment", "it starts with another environment"),
    "access": ("access", "others may log in"),
    "firewall": ("network", "other outbound connections are allowed"),
    "additional_hosts": ("network", "a host name leads elsewhere"),
    "timezone": ("crons", "the times of cron jobs are read in another time zone"),
    "commands": ("command", "another command runs"),
    "upstream": ("web", "requests reach it in another way"),
    "locations": ("web", "requests are answered in another way"),
    "crons": ("crons", "other cron jobs run, or at other times"),
    "operations": ("operations", "there are other operations to run"),
    "preflight": ("deployment", "other checks run before it is deployed"),
}
_WHOLE = ("mounts", "relationships")  # each is one thing, whatever of it changes
_LATER = (("hooks", "deploy"), ("hooks", "post_deploy"))  # run when all is built
_KEPT = ("storage", "instance")  # sources whose files the instance alone leads to


def _instances(old: Project, new: Project) -> Iterator[Change]:
    before, after = resolve(old), resolve(new)
    volumes = _volumes(after.values())
    renamed = dict(_renamed(old, new))
    known: dict[tuple[str, int, int], list[Difference]] = {}
    rebuilding: dict[tuple[str, str], frozenset[str]] = {}  # found out once for all instances of an application
    for name, instance in before.items():
        if name in after:
            pair = instance.application, after[name].application
            if pair not in rebuilding:
                rebuilding[pair] = _rebuilding(instance.definition, after[name].definition)
            yield from _within(instance, after[name], volumes, rebuilding[pair], known)
        elif instance.application not in renamed:
            yield _gone(old, instance, volumes)
        elif instance.worker is None:
            yield _renaming("applications", name, renamed[name], new)
    come = set(renamed.values())
    for name, instance in after.items():
        if name not in before and instance.application not in come:
            yield _come(new, instance)


def _within(
    old: Effective, new: Effective, volumes: Volumes, rebuilding: frozenset[str], known: dict[tuple[str, int, int], list[Difference]]
) -> Iterator[Change]:
    """What changes for one instance that was there before; a change of the properties `rebuilding` makes its application be built again.

    `known` are the differences between values that many instances inherit, by property and the `id` of old and new value.
    """
    place = written_below(new.application, new.worker)
    for path, before, after in _differences(old, new, known):
        name = str(path[0])
        aspect, consequence = _ASPECTS[name]
        destroys = False
        if name == "timezone" and new.worker is not None:
            consequence = "nothing: only cron jobs use it, and they do not run on workers"
        elif name == "mounts":
            destroys = isinstance(before, Mount) and not _survives(_volume(old, before), volumes)
            consequence = _mounting(before, after, destroys=destroys)
        elif path[:2] == ("variables", "env") and len(path) > 2:
            consequence = (
                f"`${str(path[2]).upper()}` has another value" if ABSENT not in (before, after) else _variable(str(path[2]), after)
            )
        own = new.reasons.get(name) is Reason.OWN and PROPERTY[name].web  # what stands below `web` or a worker is not built
        rebuilds = name == "mounts" or (name in rebuilding and not own and path[:2] not in _LATER)
        origin = _origin(KeyPath(path), new.origin, old.origin)
        yield Change(new.name, KeyPath((*place, *path)), aspect, before, after, consequence, origin, rebuilds, destroys)
    yield from _unknown(old, new)


def _unknown(old: Effective, new: Effective) -> Iterator[Change]:
    """What changes of keys that are no properties: those of the instance, and those of the application once."""
    below = ("web",) if new.worker is None else ("workers", new.worker)
    found = [*differences(old.extra, new.extra, below)]
    if new.worker is None:
        found += differences(old.definition.extra, new.definition.extra)
    for path, before, after in found:
        origin = _origin(KeyPath(path), new.definition.origin, old.definition.origin)
        place = KeyPath(("applications", new.application, *path))
        yield Change(new.name, place, "other", before, after, "what it states beyond the known properties changes", origin)


def _differences(old: Effective, new: Effective, known: dict[tuple[str, int, int], list[Difference]]) -> Iterator[Difference]:
    for name in _ASPECTS:
        before, after = getattr(old, name), getattr(new, name)
        if PROPERTY[name].status is Status.FIXED:
            if before != after:
                yield (name,), _stated(old, name), _stated(new, name)
            continue
        key = name, id(before), id(after)
        found = known.get(key)
        if found is None:
            found = [*_whole(name, before, after)] if name in _WHOLE else [*differences(before, after, (name,))]
        if new.reasons.get(name) is Reason.INHERITED:
            known[key] = found
        yield from found


def _whole(name: str, before: Mapping[str, Part], after: Mapping[str, Part]) -> Iterator[Difference]:
    """What differs of mounts or relationships."""
    was, now = _by_folder(before), _by_folder(after)
    for key in dict.fromkeys((*was, *now)):
        a, b = before[was[key]] if key in was else ABSENT, after[now[key]] if key in now else ABSENT
        if a != b:
            yield (name, now[key] if key in now else was[key]), a, b


def _by_folder(parts: Mapping[str, Part]) -> Mapping[str, str]:
    """Names of mounts or relationships by what they name: ``/var`` and ``var`` are one folder, unless there are mounts of both names."""
    found = {name.strip("/"): name for name in parts}
    return found if len(found) == len(parts) else {name: name for name in parts}


def _stated(instance: Effective, name: str) -> Compared:
    """The value of a property of Upsun Fixed; its default there is no value to Upsun Flex."""
    value: Compared = getattr(instance, name)
    return ABSENT if instance.reasons[name] is Reason.DEFAULT else value


def _rebuilding(old: Application, new: Application) -> frozenset[str]:
    """The properties of an application whose change makes it be built again."""
    names = (row.name for row in PROPERTIES if row.application and getattr(old, row.name) != getattr(new, row.name))
    return frozenset(name for name in names if rebuild_needed(old, evolve(old, **{name: getattr(new, name)})))


def _variable(name: str, after: Compared) -> str:
    return f"`${name.upper()}` is " + ("gone" if after is ABSENT else "new")


def _gone(old: Project, instance: Effective, volumes: Volumes) -> Change:
    place = KeyPath(written_below(instance.application, instance.worker))
    lost = [path for path, mount in instance.mounts.items() if not _survives(_volume(instance, mount), volumes)]
    consequence = f"`{instance.name}` is stopped and goes"
    if instance.worker is None:
        consequence += ", with all its data"
    elif lost:
        consequence += f", with the files of {_listed(lost)}"
    origin = _origin(place, old.origin)
    return Change(
        instance.name, place, "instance", _definition(instance), ABSENT, consequence, origin, destroys=not instance.worker or bool(lost)
    )


def _come(new: Project, instance: Effective) -> Change:
    place = KeyPath(written_below(instance.application, instance.worker))
    consequence = f"`{instance.name}` is {'built and ' if instance.worker is None else ''}started"
    return Change(instance.name, place, "instance", ABSENT, _definition(instance), consequence, _origin(place, new.origin))


def _definition(instance: Effective) -> Part:
    app = instance.definition
    return app if instance.worker is None else app.workers[instance.worker]


# ---- mounts -------------------------------------------------------------------------------------------------------------------------

Volume: TypeAlias = tuple[str, str, str]  # source, whose it is, and the folder in it
Volumes: TypeAlias = frozenset[Volume]


def _volume(instance: Effective, mount: Mount) -> Volume | None:
    """The files that a mount alone leads to. None for those that are temporary, or that a service keeps."""
    if not isinstance(mount.source, str) or mount.source not in _KEPT or not isinstance(mount.source_path, str):
        return None
    owner = instance.name if mount.source == "instance" else mount.service or instance.application
    return mount.source, owner, mount.source_path


def _volumes(instances: Iterable[Effective]) -> Volumes:
    return frozenset(found for one in instances for mount in one.mounts.values() if (found := _volume(one, mount)))


def _survives(volume: Volume | None, volumes: Volumes) -> bool:
    """Whether some mount still leads to these files, or to a folder that they are in."""
    if volume is None:
        return True
    source, owner, path = volume
    parts = path.split("/")
    return any((source, owner, "/".join(parts[:length])) in volumes for length in range(len(parts) + 1))


def _mounting(before: Compared, after: Compared, *, destroys: bool) -> str:
    if destroys:
        return "no mount leads to its files any more" + ("" if after is ABSENT else ", the folder starts empty")
    if after is ABSENT:
        return "the folder is as the build left it again, and cannot be written to"
    return "a folder is mounted here, which hides what the build left" if before is ABSENT else "another folder is mounted here"


# ---- services, routes and the rest --------------------------------------------------------------------------------------------------


def _services(old: Project, new: Project) -> Iterator[Change]:
    renamed = dict(_paired(old.services, new.services))
    for name, before in old.services.items():
        path = KeyPath(("services", name))
        if name in renamed:
            yield _renaming("services", name, renamed[name], new)
        elif name not in new.services:
            text = f"the service `{name}` goes, with all its data"
            yield Change(name, path, "service", before, ABSENT, text, _origin(path, old.origin), destroys=True)
        else:
            yield from _service(before, new.services[name], old, new)
    come = set(renamed.values())
    for name, after in new.services.items():
        if name not in old.services and name not in come:
            path = KeyPath(("services", name))
            yield Change(name, path, "service", ABSENT, after, f"the service `{name}` is created, empty", _origin(path, new.origin))


def _service(before: Service, after: Service, old: Project, new: Project) -> Iterator[Change]:
    kinds = [(one.type or "").partition(":")[0] for one in (before, after)]
    for path, a, b in differences(before, after, ("services", after.name)):
        aspect, consequence = _ASPECTS.get(str(path[2]) if len(path) > 2 else "", ("service", "it is set up in another way"))
        destroys = False
        if path[2:] == ("type",):
            destroys = kinds[0] != kinds[1]
            aspect, consequence = "service", "its data moves to another version, and no service goes back to an older one"
            if destroys:
                consequence = "the platform deletes it with all its data, and creates another one, empty"
        yield Change(
            after.name, KeyPath(path), aspect, a, b, consequence, _origin(KeyPath(path), new.origin, old.origin), destroys=destroys
        )


def _routes(old: Project, new: Project) -> Iterator[Change]:
    for path, before, after in differences(old.routes, new.routes, ("routes",)):
        text = "requests are answered in another way"
        if len(path) == 2:
            text = "requests are answered here" if before is ABSENT else "no request is answered here any more" if after is ABSENT else text
        yield Change(str(path[1]), KeyPath(path), "route", before, after, text, _origin(KeyPath(path), new.origin, old.origin))


def _others(old: Project, new: Project) -> Iterator[Change]:
    for path, before, after in differences(old.extra, new.extra):
        origin = _origin(KeyPath(path), new.origin, old.origin)
        yield Change(str(path[0]), KeyPath(path), "other", before, after, "it is not a known part of a project", origin)


# ---- renamed ------------------------------------------------------------------------------------------------------------------------


def _renamed(old: Project, new: Project) -> Iterator[tuple[str, str]]:
    return _paired(old.applications, new.applications)


def _paired(
    old: Mapping[str, Application] | Mapping[str, Service], new: Mapping[str, Application] | Mapping[str, Service]
) -> Iterator[tuple[str, str]]:
    """Definitions that go and come under another name, and are the same otherwise."""
    come, gone = ([one for name, one in parts.items() if name not in others] for parts, others in ((new, old), (old, new)))
    alike: dict[Hashable, list[Application | Service]] = {}
    for one in come if gone else ():
        alike.setdefault(mark(evolve(one, name="")), []).append(one)
    for part in gone:
        candidates = alike.get(mark(evolve(part, name="")), [])
        same = next((one for one in candidates if evolve(one, name=part.name) == part), None)
        if same is not None:
            candidates.remove(same)
            yield part.name, same.name


def _renaming(section: str, name: str, into: str, new: Project) -> Change:
    text = f"to the platform `{name}` goes, with all its data, and `{into}` is new and empty"
    origin = _origin(KeyPath((section, into)), new.origin)
    return Change(name, KeyPath((section, name)), "name", name, into, text, origin, rebuilds=section == "applications", destroys=True)


# ---- places and words ---------------------------------------------------------------------------------------------------------------


def _origin(path: KeyPath, *places: _Places) -> Origin | None:
    """Where the value is written: in the first of the states that has it, or else the nearest thing around it."""
    while path:
        for place in places:
            if found := place(path):
                return found
        path = path.parent
    return None


def shown(value: object, width: int = 80) -> str:
    """A value of the model in a line, cut off where it is longer than `width`."""
    text = "nothing" if value is None or value is ABSENT else f"`{' '.join(flow(value).split())}`"
    return text if len(text) <= width else f"{text[: width - 4]}...`"


NAMED = (Application, Worker, Service)  # parts whose name is the key that they stand under


def flow(value: object) -> str:
    """A value of the model as YAML in flow style, near enough to be read."""
    match value:
        case bool():
            return str(value).lower()
        case Number():
            return value.text
        case Archive():
            return f"!archive {value.path}"
        case Tagged():
            return f"{value.tag} {flow(value.value)}".rstrip()
        case Part():
            left_out = ("extra", "name") if isinstance(value, NAMED) else ("extra",)
            given = {f.name: getattr(value, f.name) for f in attrs.fields(type(value)) if f.repr and f.name not in left_out}
            return flow({k: v for k, v in given.items() if v is not ABSENT and v not in ({}, (), "")} | dict(value.extra))
        case Mapping():
            return "{" + ", ".join(f"{key}: {flow(inner)}" for key, inner in value.items()) + "}"
        case tuple():
            return "[" + ", ".join(map(flow, value)) + "]"
        case None:
            return "null"
        case _:
            return str(value)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
