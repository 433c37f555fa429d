"""What the files of a project say of CPU, memory and disk, and the command that sets it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterable
from typing import Generic, Literal, TypeAlias, TypeVar

from attrs import Factory, define, evolve, field, frozen

from workerlib.diagnostic import Origin
from workerlib.keypath import KeyPath
from workerlib.model import ABSENT, Application, Instance, Maybe, Number, Project, Resources, Service, Tagged, Value, Web, given_project
from workerlib.resolving import deployed_name
from workerlib.sizing.tables import (
    BASE_MEMORY,
    FIXED,
    FLEX,
    FLEX_MEMORY,
    MEMORY_RATIO,
    SCALED,
    SIZES,
    Needs,
    application_needs,
    profiles_with,
    service_needs,
    smallest_cpu,
)
from workerlib.upward import Displayed

T = TypeVar("T")


@frozen
class Stated(Generic[T]):
    """A value that the files state, and where; `inherited` if a worker has it from its application."""

    value: T
    path: KeyPath
    inherited: bool = False
    origin: Origin | None = field(default=None, eq=False)


Kind: TypeAlias = Literal["application", "worker", "service"]


@frozen(kw_only=True)
class InstanceResources:
    """What needs resources: a web instance, a worker or a service, by its deployed `name`.

    `size`, `disk` (MB) and `resources` are what the files state, None where nothing or nothing usable. `profile` is the container profile.
    `proposed_cpu` is for ``--size``, `proposed_disk` (MB) for ``--disk``; None where neither is to be set. `cpu_by_memory` is the smaller
    CPU that is enough if only the memory is to be kept, where there is one.
    """

    name: str
    kind: Kind
    profile: str
    size: Stated[str] | None = None
    disk: Stated[int] | None = None
    resources: Stated[Resources] | None = None
    proposed_cpu: float | None = None
    proposed_disk: int | None = None
    cpu_by_memory: float | None = None


@frozen
class ResourcePlan(Displayed):
    """Everything in a project that needs resources, and `notes` on what the command leaves out or decides. As text it is the command."""

    instances: tuple[InstanceResources, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def command(self) -> str | None:
        """The command that sets what the files stated, for a shell; None where there is nothing to set."""
        sizes = _items((one.name, one.proposed_cpu) for one in self.instances)
        disks = _items((one.name, one.proposed_disk) for one in self.instances)
        options = [f"--size {sizes}"] * bool(sizes) + [f"--disk {disks}"] * bool(disks)
        return " ".join(("upsun resources:set", *options)) if options else None

    def __str__(self) -> str:
        return self.command or ""


def resources(project: Project) -> ResourcePlan:
    """What the files of a project say of CPU, memory and disk, and what to set instead.

    Values that cannot be used are noted; nothing raises. Source: Upsun docs, Manage resources > Adjust resources, Resource initialization.
    """
    given_project(project)
    reader = _Reader(project)
    instances: list[InstanceResources] = []
    for app in project.applications.values():
        instances += reader.application(app)
    instances += [reader.service(service) for service in project.services.values()]
    return ResourcePlan(tuple(instances), (*reader.notes, *_summary(instances)))


# ---- reading ------------------------------------------------------------------------------------------------------------------------


@frozen(eq=False, repr=False)
class _Level:
    """A part that may state resources, and its path."""

    part: Instance | Service
    path: KeyPath
    inherited: bool = False


@define(eq=False, repr=False)
class _Reader:
    project: Project
    notes: dict[str, None] = Factory(dict)  # each once, in order: several instances may meet the same value

    def application(self, app: Application) -> list[InstanceResources]:
        path = KeyPath() / "applications" / app.name
        needs = application_needs("composable" if app.stack else _image(app.type))
        levels = [_Level(app, path)]
        if isinstance(app.web, Web):
            levels.insert(0, _Level(app.web, path / "web"))
        elif "web" in app.extra:
            self.note(path / "web", "cannot be read, so what it may say of resources is not in the command")
        out = [self.instance(app.name, "application", needs, levels)]
        shared = _Level(app, path, inherited=True)
        for name, worker in app.workers.items():
            levels = [_Level(worker, path / "workers" / name), shared]
            out.append(one := self.instance(deployed_name(app.name, name), "worker", needs, levels))
            mounts = app.mounts if worker.mounts is ABSENT or worker.mounts is None else worker.mounts
            if one.disk and (mounts or not one.disk.inherited):
                advice = f"if its mounts become `storage`, add them to the disk of `{app.name}`"
                self.say(f"`{one.name}`: a worker has no disk of its own on Upsun Flex; it had {one.disk.value} MB: {advice}")
        return out

    def service(self, service: Service) -> InstanceResources:
        needs = service_needs(_image(service.type))
        return self.instance(service.name, "service", needs, [_Level(service, KeyPath() / "services" / service.name)])

    def instance(self, name: str, kind: Kind, needs: Needs, levels: list[_Level]) -> InstanceResources:
        for level in levels:
            if level.part.malformed is not ABSENT:
                self.note(level.path, "cannot be read, so what it may say of resources is not in the command")
        disk = self.stated("disk", lambda part: part.disk, levels, _DISK_EXPECTED)
        one = InstanceResources(
            name=name,
            kind=kind,
            profile=self.profile(needs, levels),
            size=self.stated("size", lambda part: part.size, levels, _SIZE_EXPECTED),
            disk=disk,
            resources=self.stated("resources", lambda part: part.resources, levels, "a mapping"),
        )
        one = evolve(self.with_cpu(one, needs), proposed_disk=self.disk(name, needs, disk) if disk and kind != "worker" else None)
        if _NAMEABLE.fullmatch(name) or (one.proposed_cpu is None and one.proposed_disk is None):
            return one
        self.say(f"`{name}`: the command line tool cannot take this name, so nothing is set for it")
        return evolve(one, proposed_cpu=None, proposed_disk=None, cpu_by_memory=None)

    def stated(self, key: str, get: Callable[[Instance | Service], Maybe[T]], levels: list[_Level], expected: str) -> Stated[T] | None:
        """The value at the first level that sets the key, be it with a value that cannot be used. Null sets nothing."""
        for level in levels:
            path = level.path / key
            wrong = level.part.extra.get(key)
            if wrong is not None:
                self.wrong(path, expected, wrong)
                return None
            value = get(level.part)
            if value is not ABSENT and value is not None:
                return Stated(value, path, level.inherited, self.project.origin(path))
        return None

    def profile(self, needs: Needs, levels: list[_Level]) -> str:
        """The container profile on Upsun Flex: the one that is stated, or that of the image."""
        expected = "one of " + ", ".join(row.profile for row in FLEX_MEMORY)
        stated = self.stated("container_profile", lambda part: part.container_profile, levels, expected)
        if stated is None or stated.value in FLEX:
            return stated.value if stated else needs.profile
        self.wrong(stated.path, expected, stated.value)
        return needs.profile

    def with_cpu(self, one: InstanceResources, needs: Needs) -> InstanceResources:
        """With the CPU that replaces the size."""
        if one.size is None or one.size.value == "AUTO":
            if one.resources is not None:
                self.note(one.resources.path, f"the memory depends on the CPU, and no size is stated for `{one.name}`; choose one")
            return one
        if not needs.known:
            what = f"the image `{needs.image}` is not known" if needs.image else "no image is stated"
            self.say(f"`{one.name}`: {what}; the sizes of profile {needs.profile} are assumed")
        if one.resources is not None:
            return self.with_memory(one, needs, one.size.value, one.resources)
        row = FIXED.get((needs.profile, one.size.value))
        if row is None:
            self.wrong(one.size.path, _SIZE_EXPECTED, one.size.value)
            return one
        memory = max(row.memory, needs.memory)
        cpu, least = smallest_cpu(one.profile, row.cpu, memory), smallest_cpu(one.profile, 0, memory)
        if cpu is None:
            most, has = FLEX[one.profile][-1]
            was = f"{row.size} had {row.cpu:g} CPU and {row.memory} MB, the largest size of profile {one.profile} has {most:g} and {has} MB"
            self.say(f"`{one.name}`: {was}; choose a size, or guaranteed CPU")
        return evolve(one, proposed_cpu=cpu, cpu_by_memory=least if least != cpu else None)

    def with_memory(self, one: InstanceResources, needs: Needs, size: str, stated: Stated[Resources]) -> InstanceResources:
        """With the CPU that has the memory which `resources` states."""
        had = SCALED.get(size)
        given = stated.value
        if had is None:
            self.wrong(stated.path, f"one of {', '.join(SCALED)} as the size of `{one.name}`", size)
            return one
        if given.malformed is not ABSENT or any(given.extra.get(key) is not None for key in ("base_memory", "memory_ratio")):
            self.note(stated.path, "expected `base_memory` and `memory_ratio` as whole numbers of MB; no size is set for it")
            return one
        base, ratio = _or(given.base_memory, BASE_MEMORY), _or(given.memory_ratio, MEMORY_RATIO)
        memory = base + ratio * had
        need = max(memory, needs.memory)
        cpu = smallest_cpu(one.profile, 0, need)
        text = f"`{one.name}` had {had:g} CPU and {base} + {ratio} * {had:g} = {memory:g} MB; "
        text += f"profile {one.profile} has that memory with {cpu:g} CPU" if cpu else f"no size of profile {one.profile} has that memory"
        if cpu is None or cpu > had:
            text += "".join(f"; with `container_profile: {row}`, {had:g} CPU would do" for row in profiles_with(had, need)[:1])
        elif cpu < had:
            text += f"; {had:g} would keep the CPU as well"
        self.note(stated.path, text)
        return evolve(one, proposed_cpu=cpu)

    def disk(self, name: str, needs: Needs, stated: Stated[int]) -> int | None:
        """The disk to set, in MB."""
        if needs.disk is None:
            self.say(f"`{name}`: {needs.image} has no disk, so its {stated.value} MB are not set")
            return None
        if stated.value < 0:
            self.wrong(stated.path, _DISK_EXPECTED, str(stated.value))
            return None
        if stated.value < needs.disk:
            self.say(f"`{name}`: {needs.image} needs at least {needs.disk} MB of disk, so {needs.disk} instead of {stated.value}")
        return max(stated.value, needs.disk)

    def wrong(self, path: KeyPath, expected: str, found: Value) -> None:
        self.note(path, f"expected {expected}, found {_shown(found)}; it is ignored")

    def note(self, path: KeyPath, text: str) -> None:
        self.say(f"{path}: {text}")

    def say(self, text: str) -> None:
        self.notes[text] = None


_SIZE_EXPECTED = f"AUTO, {', '.join(SIZES[:-1])} or {SIZES[-1]}"
_DISK_EXPECTED = "a whole number of MB"
_NAMEABLE = re.compile(r"[^-\s,:*%][^\s,:*%]*")  # a list is split at commas and white space, `*` and `%` stand for any text


def _image(written: Maybe[str]) -> str:
    """The name of an image, without its version."""
    return re.split("[:@]", written)[0] if isinstance(written, str) else ""


def _or(value: Maybe[int], default: int) -> int:
    return value if isinstance(value, int) else default


def _shown(value: Value) -> str:
    if isinstance(value, Tagged):
        return f"`{value.tag} {value.value}`" if isinstance(value.value, str) else f"`{value.tag}`"
    if isinstance(value, Number):
        return f"`{value.text}`"
    if isinstance(value, str):
        from textwrap import shorten  # rarely needed

        return f"`{shorten(value, 60)}`"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return "a list" if isinstance(value, tuple) else "a mapping"


# ---- in words -----------------------------------------------------------------------------------------------------------------------


def _items(values: Iterable[tuple[str, float | None]]) -> str:
    """Names with their values, as the command line tool takes them."""
    text = ",".join(f"{name}:{_number(value)}" for name, value in values if value is not None)
    return shlex.quote(text) if text else ""


def _number(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:g}"


def _summary(instances: list[InstanceResources]) -> list[str]:
    """What holds for several instances."""
    out = []
    proposed = [one for one in instances if one.proposed_cpu is not None]
    if proposed:
        rule = "each is the smallest size with at least the CPU and the memory of the old one"
        rule += " (the memory only, where `resources` states it)" if any(one.resources for one in proposed) else ""
        out.append(f"the CPU sizes are a proposal, since the vendor names no equivalents: {rule}")
    if less := _items((one.name, one.cpu_by_memory) for one in instances):
        out.append(f"to keep the memory only, `--size {less}` is enough")
    if unset := [f"`{one.name}`" for one in instances if one.proposed_cpu is None]:
        has, it = ("it has", "it") if len(unset) == 1 else ("they have", "each")
        out.append(f"no size is set for {', '.join(unset)}: what {has} stays, and a first deployment gives {it} 0.5 CPU")
    return out
