"""The images there are: runtimes and services with their versions, the channels of composable images, the extensions of PHP.

The tables of the vendor are in ``_images.py``; what follows from nixpkgs, of which composable images are made, stands here. Nothing is
read before it is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Literal, TypeAlias, cast

from attrs import frozen

Status: TypeAlias = Literal["supported", "deprecated", "retired", "decommissioned"]
Loading: TypeAlias = Literal["available", "default", "built-in"]
_STATUSES: tuple[Status, ...] = ("supported", "deprecated", "retired", "decommissioned")


@frozen(eq=False, repr=False)
class Image:
    """A single-runtime image or a service. `versions` go from the newest supported one to those that are gone.

    `endpoints` are those of a service; `default_endpoint` is the one of a relationship that names none, if any. `minimum_disk` is in MB,
    None where there is no disk. `profile` is what `container_profile` is when nothing is written.
    """

    name: str
    kind: Literal["runtime", "service"]
    versions: Mapping[str, Status]
    endpoints: tuple[str, ...] = ()
    default_endpoint: str | None = None
    minimum_disk: int | None = None
    profile: str | None = None

    def status(self, version: str) -> Status | None:
        """What has become of a version; None where there never was one."""
        return self.versions.get(version)

    @property
    def current(self) -> tuple[str, ...]:
        """The versions that can be deployed: supported ones, then deprecated ones."""
        return tuple(version for version, status in self.versions.items() if status in ("supported", "deprecated"))


@frozen
class Channel:
    """A release of Nix packages. `runtimes` holds the versions of each, newest first; it is empty for channels of before 25.11."""

    name: str
    status: Status
    runtimes: Mapping[str, tuple[str, ...]]

    def offers(self, runtime: str, version: str) -> bool:
        """Whether an image of this channel can hold this version of a runtime."""
        return version in self.runtimes.get(runtime, ())

    def nearest(self, runtime: str, version: str) -> str | None:
        """The lowest version that is not below `version`; the highest one where all are, None where there is none."""
        offered = self.runtimes.get(runtime, ())
        return next((v for v in reversed(offered) if ordered(v) >= ordered(version)), offered[0] if offered else None)


def ordered(version: str) -> tuple[int, ...]:
    """What versions are compared by: their numbers, as far as they go."""
    numbers: list[int] = []
    for part in version.split("."):
        if not part.isdecimal() or len(part) > 9:
            break
        numbers.append(int(part))
    return tuple(numbers)


@cache
def images() -> Mapping[str, Image]:
    """All runtimes and services, by name. Upsun docs: Create apps > App reference > Single-runtime image; Add services."""
    from workerlib._images import IMAGES

    found = {}
    for row in IMAGES.splitlines():
        name, kind, default, endpoints, disk, profile, *versions = row.split("|")
        found[name] = Image(
            name,
            cast('Literal["runtime", "service"]', kind),
            {version: status for status, group in zip(_STATUSES, versions, strict=True) for version in group.split()},
            tuple(endpoints.split()),
            default or None,
            int(disk) if disk else None,
            profile or None,
        )
    return found


def image(name: str) -> Image | None:
    """A runtime or service, None where there is none of that name."""
    return images().get(name)


@cache
def channels() -> Mapping[str, Channel]:
    """The channels of composable images, newest first. Upsun docs: Create apps > App reference > Composable image."""
    from workerlib._images import CHANNELS

    found: dict[str, Channel] = {}
    for row in CHANNELS.splitlines():
        name, status, runtime, versions = row.split("|")
        known = found.setdefault(name, Channel(name, cast("Status", status), {}))
        if runtime:
            found[name] = Channel(name, known.status, {**known.runtimes, runtime: tuple(versions.split())})
    return found


def channel(name: str) -> Channel | None:
    """A channel, None where there is none of that name."""
    return channels().get(name)


def newest_channel() -> Channel:
    """The newest channel that is supported: the one for new applications."""
    return next(found for found in channels().values() if found.status == "supported")


# ---- PHP ----------------------------------------------------------------------------------------------------------------------------


@cache
def php_extensions(version: str) -> Mapping[str, Loading]:
    """The extensions of single-runtime images of one version of PHP, and whether each has to be enabled; empty for an unknown version.

    Upsun docs: Languages > PHP > Extensions.
    """
    from workerlib._images import EXTENSIONS

    kinds: tuple[Loading, ...] = ("available", "default", "built-in")
    for row in EXTENSIONS.splitlines():
        php, *names = row.split("|")
        if php == version:
            return {name: kind for kind, group in zip(kinds, names, strict=True) for name in group.split()}
    return {}


@frozen(eq=False, repr=False)
class Carried:
    """What becomes of an extension on a composable image: an extension or package `name`, nothing as it is always there, or it is missing.

    `advice` says what else could serve where it is missing.
    """

    kind: Literal["extension", "package", "built-in", "missing"]
    name: str = ""
    advice: str = ""


def carried_extension(name: str, php: str) -> Carried:
    """What becomes of an extension of a single-runtime image of PHP on a composable image."""
    if name in _RENAMED:
        return Carried("extension", _RENAMED[name])
    if name in _PACKAGES:
        return Carried("package", name)
    if name.lower() in _BUILT_IN:
        return Carried("built-in")
    if name in _MISSING:
        return Carried("missing", advice=_MISSING[name])
    return Carried("extension", name) if name in php_extensions(php) else Carried("missing", advice=f"PHP {php} has no such extension")


# From nixpkgs, pkgs/top-level/php-packages.nix and pkgs/development/interpreters/php, 2026-08: facts about Nix, no promise of the vendor.
_STAY = "install it in the build hook, or stay on the single-runtime image"
_RENAMED = {"ioncube": "ioncube-loader"}
_PACKAGES = frozenset(("facedetect",))
_MISSING = {
    "datadog-profiling": "`datadog_trace` is near to it",
    "geoip": "`maxminddb` is its successor, with another API",
    "http": _STAY,
    "interbase": _STAY,
    "newrelic": _STAY,
    "oauth": _STAY,
    "odbc": "`pdo_odbc` is near to it",
    "pdo_firebird": _STAY,
    "raphf": _STAY,
    "sourceguardian": _STAY,
    "sybase": "`pdo_dblib` is near to it",
    "tideways_xhprof": _STAY,
    "xmlrpc": _STAY,
}
_BUILT_IN = frozenset("date filter hash json libxml opcache openssl pcntl pcre phar reflection session spl standard zlib".split())

# Enabled in PHP as Nix builds it; what single-runtime images enable beyond that.
NIX_EXTENSIONS = frozenset(
    (
        "bcmath calendar curl ctype dom exif fileinfo filter ftp gd gettext gmp iconv intl ldap mbstring mysqli mysqlnd opcache openssl "
        "pcntl pdo pdo_mysql pdo_odbc pdo_pgsql pdo_sqlite pgsql posix readline session simplexml sockets soap sodium sysvsem "
        "sqlite3 tokenizer xmlreader xmlwriter zip zlib"
    ).split()
)
UNSET_EXTENSIONS = ("bz2", "dba", "sysvmsg", "sysvshm", "xml")

# ---- packages -----------------------------------------------------------------------------------------------------------------------

# Tools that `dependencies` install, by their manager, and the Nix package that holds each; empty where the runtime brings it along.
_TOOLS: Mapping[tuple[str, str], str] = {
    ("nodejs", "npm"): "",
    ("nodejs", "npx"): "",
    ("nodejs", "pm2"): "pm2",
    ("nodejs", "pnpm"): "pnpm",
    ("nodejs", "sass"): "dart-sass",
    ("nodejs", "typescript"): "typescript",
    ("nodejs", "yarn"): "yarn",
    ("php", "composer/composer"): "",
    ("python3", "pip"): "",
    ("python3", "pipenv"): "pipenv",
    ("python3", "poetry"): "poetry",
    ("python3", "uv"): "uv",
    ("python3", "yq"): "python{minor}Packages.yq",
    ("ruby", "bundler"): "",
}


def nix_package(manager: str, tool: str) -> str | None:
    """The Nix package of a tool that `manager` (a key of `dependencies`) installs.

    Empty where the manager's runtime holds the tool already, None where no package is known. ``{minor}`` in it stands for the runtime's
    version without its dot.
    """
    return _TOOLS.get((manager, tool))
