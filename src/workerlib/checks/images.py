"""WL4xx: images, their versions, and what belongs to which kind. The versions are those of :mod:`workerlib.images`."""
# ruff: noqa: ARG001, D103 - a check takes what all checks take, and its row says what it is for

from __future__ import annotations

import re

from workerlib import images
from workerlib.checks.rules import ERROR, INFO, WARNING, Finding, Findings, Scope, found, listed, rule
from workerlib.guessing import nearest
from workerlib.images import Channel, Image, Status
from workerlib.model import ABSENT, Application, Build, Instance, Mount, Service, SizingHints, Stack, StackRuntime
from workerlib.properties import PROPERTIES, PROPERTY, Images
from workerlib.spellings import RUNTIMES

_TYPE = PROPERTY["type"].page
_COMPOSABLE = "Upsun docs: Create apps > App reference > Composable image"
_PROFILES = ("HIGH_CPU", "BALANCED", "HIGH_MEMORY", "HIGHER_MEMORY")
_SERVICES = "Upsun docs: Add services"

# ---- types --------------------------------------------------------------------------------------------------------------------------


def _split(part: Application | Service) -> tuple[str, str] | None:
    """Name and version of the type of an application or service; None where it has none that can be split."""
    name, colon, version = (part.type or "").partition(":")
    return (name, version) if name and colon and version and ":" not in version and "@" not in name else None


def _image(name: str) -> Image | None:
    return images.image(name.removesuffix("-persistent"))  # a redis or valkey that keeps its data


@rule(
    "WL401",
    "type-format",
    ERROR,
    (Application, Service),
    "`type`: expected a name and a version (`{example}`), found `{written}`",
    "write `{example}`",
    page=f"{_TYPE}; {_SERVICES}",
)
def type_format(part: Application | Service, scope: Scope) -> Findings:
    written = part.type
    if not isinstance(written, str) or _split(part) is not None:
        return
    name, version, *_ = *written.replace("@", ":").split(":"), ""
    image = _image(name)
    newest = next(iter(image.current), "") if image is not None else ""
    yield found("type", example=f"{name}:{version or newest or '<version>'}", written=written)


@rule(
    "WL402",
    "type-missing",
    ERROR,
    (Application, Service),
    "expected `type`, found nothing",
    "write the image and its version, such as `{example}`",
    page=f"{_TYPE}; {_SERVICES}",
)
def type_missing(part: Application | Service, scope: Scope) -> Findings:
    if part.type or "type" in part.extra:
        return
    if isinstance(part, Service):
        yield found("type", example="postgresql:18")
    elif not part.stack and "stack" not in part.extra:
        yield found("type", example="python:3.14")
    elif part.stack:
        message = "expected `type` beside `stack`, found nothing"
        advice = f"write `type: composable:{images.newest_channel().name}`, as the vendor's newer pages do"
        yield found("stack", message=message, help=advice, severity=INFO)


@rule(
    "WL403",
    "type-unknown",
    ERROR,
    (Application, Service),
    "`type`: expected {kind}, found `{name}`",
    "correct the name",
    page=f"{_TYPE}; {_SERVICES}",
)
def type_unknown(part: Application | Service, scope: Scope) -> Findings:
    split = _split(part)
    if split is None:
        return
    name, version = split
    if name == "composable":
        if images.channel(version) is None:
            current = [channel.name for channel in images.channels().values() if channel.status == "supported"]
            yield _no_version(name, version, current)
        return
    image = _image(name)
    kind = "runtime" if isinstance(part, Application) else "service"
    if image is None or image.kind != kind:
        names = [one.name for one in images.images().values() if one.kind == kind]
        yield found("type", kind=f"a {kind}", name=name, help=nearest(name, names, f"one of {listed(names)}"))
    elif image.status(version) is None:
        yield _no_version(name, version, image.current)


def _no_version(name: str, version: str, current: tuple[str, ...] | list[str]) -> Finding:
    message = "`type`: `{name}` is not offered in version `{version}`"
    return found("type", message=message, help=f"choose {listed(current)}", name=name, version=version)


@rule(
    "WL404",
    "type-retired",
    WARNING,
    (Application, Service),
    "`type`: `{written}` is {status}",
    "upgrade to {current}",
    page=f"{_TYPE}; {_SERVICES}",
)
def type_retired(part: Application | Service, scope: Scope) -> Findings:
    split = _split(part)
    if split is None:
        return
    name, version = split
    known: Image | Channel | None
    status: Status | None
    if name == "composable":
        known = images.channel(version)
        status = known.status if known else None
        current = [channel.name for channel in images.channels().values() if channel.status == "supported"]
    else:
        known = _image(name)
        status = known.status(version) if known else None
        current = [one for one, state in known.versions.items() if state == "supported"] if known else []
    if status not in (None, "supported"):
        older = all(images.ordered(one) < images.ordered(version) for one in current)  # as for a version that was withdrawn
        choose = f"choose {listed(current)}" if current and older else None
        yield found(
            "type", written=f"{name}:{version}", status=status, current=listed(current) if current else "another image", help=choose
        )


# ---- composable images --------------------------------------------------------------------------------------------------------------


@rule(
    "WL410",
    "composable-keys",
    ERROR,
    Application,
    "`{key}` is not available in composable images",
    "write a command in the build hook instead, or options below the runtime in `stack`",
    page=_COMPOSABLE,
)
def composable_keys(app: Application, scope: Scope) -> Findings:
    if not scope.composable:
        return
    yield from (found(key, key=key) for key in _SINGLE_ONLY if getattr(app, key) is not ABSENT or key in app.extra)
    if app.stack and isinstance(app.type, str) and not app.type.startswith("composable"):
        message = "`type`: expected `composable:{channel}`, since there is a `stack`, found `{written}`"
        yield found("type", message=message, help="write it, or delete `stack`", channel=images.newest_channel().name, written=app.type)


_SINGLE_ONLY = tuple(row.name for row in PROPERTIES if row.images is Images.SINGLE)


@rule(
    "WL411",
    "stack-missing",
    WARNING,
    Application,
    "expected `stack`, since the image is composable, found none",
    "write which runtimes and packages it is made of",
    page=_COMPOSABLE,
)
def stack_missing(app: Application, scope: Scope) -> Findings:
    if scope.composable and not app.stack and "stack" not in app.extra:
        yield found("type")


@rule(
    "WL412",
    "stack-runtime",
    WARNING,
    StackRuntime,
    "expected a version of runtime `{name}`, found none",
    "write `{name}@<version>`",
    page=_COMPOSABLE,
)
def stack_runtime(runtime: StackRuntime, scope: Scope) -> Findings:
    name, version = runtime.name, runtime.version
    if ":" in name:
        message, advice = "expected a runtime as `name@version`, found `{name}`", f"write `{name.replace(':', '@', 1)}`"
        yield found(message=message, help=advice, severity=ERROR, name=name)
        return
    offered = {runtime for channel in images.channels().values() for runtime in channel.runtimes}
    channel = images.channel(str(scope.application.type).partition(":")[2]) if scope.application is not None else None
    if name not in offered:
        message, advice = "expected a runtime, found `{name}`", nearest(name, offered, "move it to `packages`")
        yield found(message=message, help=advice, severity=ERROR, name=name)
    elif not isinstance(version, str):
        yield found(name=name)
    elif channel is not None and channel.runtimes and not channel.offers(name, version):
        message = "channel `{channel}` does not offer `{name}` in version `{version}`"
        yield found(message=message, help=_offers(channel, name), channel=channel.name, name=name, version=version)


def _offers(channel: Channel, name: str) -> str:
    versions = channel.runtimes.get(name)
    return f"choose {listed(versions)}, or another channel" if versions else "choose another channel"


@rule(
    "WL413",
    "package-runtime",
    WARNING,
    Stack,
    "package `{package}` is for version {number} of `{name}`, found {versions}",
    "take the package for the version of the runtime",
    page=_COMPOSABLE,
)
def package_runtime(stack: Stack, scope: Scope) -> Findings:
    for index, package in enumerate(stack.packages):
        match = _FOR_RUNTIME.match(package.package or "")
        versions = [str(one.version) for one in stack.runtimes if match and one.name == match[1] and one.version]
        if match and versions and match[2] not in (version.replace(".", "") for version in versions):
            yield found("packages", index, package=package.package, number=match[2], name=match[1], versions=listed(versions, "and"))


_FOR_RUNTIME = re.compile(r"(python|php)(\d+)(?:Packages|Extensions)\.")


@rule(
    "WL414",
    "multi-runtime-resources",
    WARNING,
    Application,
    "expected `container_profile`, since `stack` has several runtimes, found none",
    "set it to `BALANCED` or more, or push with `--resources-init=manual` and set sizes",
    page=f"{_COMPOSABLE}; {PROPERTY['container_profile'].page}",
)
def multi_runtime_resources(app: Application, scope: Scope) -> Findings:
    if scope.current and isinstance(app.stack, Stack) and len(app.stack.runtimes) > 1 and not app.container_profile:
        yield found("stack")


@rule(
    "WL415",
    "composable-instance-mount",
    WARNING,
    Mount,
    "`instance` may not be available in composable images: the vendor's pages disagree",
    "use `tmp` for what may be lost, `storage` for what may not",
    page=PROPERTY["mounts"].page,
)
def composable_instance_mount(mount: Mount, scope: Scope) -> Findings:
    if scope.composable and mount.source == "instance":
        yield found("source")


@rule(
    "WL416",
    "package-is-runtime",
    WARNING,
    Stack,
    "`{package}` is installed as a package, not as a runtime",
    "write {runtime} in `runtimes` if it is to be one",
    page=_COMPOSABLE,
)
def package_is_runtime(stack: Stack, scope: Scope) -> Findings:
    for index, package in enumerate(stack.packages):
        written = package.package or ""
        match = _ATTRIBUTE.fullmatch(written)
        name = match[1] if match else written
        if name in RUNTIMES:
            version = _version(name, match[2]) if match else None
            runtime = f"`{name}@{version or '<version>'}`"
            yield found("packages", index, severity=INFO if match else None, package=written, runtime=runtime)


def _version(name: str, digits: str) -> str | None:
    """The version of a runtime that an attribute of Nix means, such as `312` of Python 3.12; None where no channel has it."""
    offered = {version for channel in images.channels().values() for version in channel.runtimes.get(name, ())}
    return next((version for version in offered if version.replace(".", "") == digits.replace("_", "")), None)


_ATTRIBUTE = re.compile(r"([a-z]+)_?(\d+(?:_\d+)*)")  # `python312`, `elixir_1_18`

# ---- options ------------------------------------------------------------------------------------------------------------------------


@rule(
    "WL420",
    "container-profile",
    ERROR,
    (Instance, Service),
    "`container_profile`: expected {profiles}, found `{profile}`",
    "choose one of them, or delete the key",
    page=PROPERTY["container_profile"].page,
)
def container_profile(part: Instance | Service, scope: Scope) -> Findings:
    if part.container_profile and part.container_profile not in _PROFILES:
        yield found("container_profile", profiles=listed(_PROFILES), profile=part.container_profile)


@rule(
    "WL421",
    "sizing-hints-minimum",
    WARNING,
    SizingHints,
    "`{key}`: expected at least {least} MB, found `{value}`",
    "write at least {least}: less is raised to it without a word",
    page="Upsun docs: Languages > PHP > PHP-FPM sizing",
)
def sizing_hints_minimum(hints: SizingHints, scope: Scope) -> Findings:
    for key, least in (("request_memory", 10), ("reserved_memory", 70)):
        value = getattr(hints, key)
        if isinstance(value, int) and value < least:
            yield found(key, key=key, least=least, value=value)


@rule(
    "WL422",
    "dependency-manager",
    ERROR,
    Application,
    "`dependencies`: expected {managers}, found `{manager}`",
    "name the package manager by its language",
    page=PROPERTY["dependencies"].page,
)
def dependency_manager(app: Application, scope: Scope) -> Findings:
    for manager in app.dependencies or ():
        if manager not in _MANAGERS and not manager.startswith((".", "python")):
            yield found("dependencies", manager, managers=listed(_MANAGERS), manager=manager)


_MANAGERS = ("php", "python", "python2", "python3", "ruby", "nodejs")


@rule(
    "WL423",
    "build-caches",
    WARNING,
    Build,
    "`caches` is not documented, and refused by the vendor's own validators",
    "keep what a build may use again below `$PLATFORM_CACHE_DIR`, in the build hook",
    page=PROPERTY["build"].page,
)
def build_caches(build: Build, scope: Scope) -> Findings:
    if scope.current and build.caches:
        yield found("caches")


@rule(
    "WL424",
    "build-flavor",
    WARNING,
    Build,
    "`flavor`: `{flavor}` is of an older time, and in no documentation any more",
    "write `composer`, or `none` and what is to be done in the build hook",
    page=PROPERTY["build"].page,
)
def build_flavor(build: Build, scope: Scope) -> Findings:
    if build.flavor in ("drupal", "symfony"):
        yield found("flavor", flavor=build.flavor)
