"""The properties of an application: what may be set where, what a worker takes over, what holds where nothing is written.

One row per property, from which resolving, checks and documentation follow. Where the vendor's pages contradict each other, the row says
what the page of the property itself says.
"""

from __future__ import annotations

from enum import Enum
from typing import TypeAlias

from attrs import evolve, field, frozen


class Images(Enum):
    """The kind of image that a property belongs to."""

    SINGLE = "single-runtime"
    COMPOSABLE = "composable"
    BOTH = "both"


class InWorker(Enum):
    """What a property is to a worker."""

    REPLACE = "replace"  # a worker may have its own, which replaces the application's as a whole
    SHARED = "shared"  # one for all instances of the application
    ABSENT = "absent"  # none: it belongs to the web instance


class Status(Enum):
    """Where a property stands today."""

    CURRENT = "current"
    FIXED = "Upsun Fixed only"
    DEPRECATED = "deprecated"
    UNDOCUMENTED = "undocumented"


Default: TypeAlias = str | dict[str, str | bool | tuple[str, ...]] | None


@frozen(eq=False, repr=False)
class Property:
    """A property.

    `application` and `web` say whether it may be written there, `worker` what it is to a worker, and `inherited` whether an instance
    without its own uses the application's. `default` is what holds where nothing is written, None for nothing at all, of which
    `unwritten` says in words what the platform makes. `rebuilds` says whether the application is built again when it changes there.
    `page` is the vendor's page.
    """

    name: str
    page: str
    images: Images = Images.BOTH
    application: bool = True
    web: bool = False
    worker: InWorker = InWorker.SHARED
    inherited: bool = False
    default: Default = field(default=None, hash=False)
    status: Status = Status.CURRENT
    rebuilds: bool = True
    unwritten: str = "none"


_APP = "Upsun docs: Create apps > App reference"
_SINGLE, _COMPOSABLE = Images.SINGLE, Images.COMPOSABLE
_REPLACE, _ABSENT = InWorker.REPLACE, InWorker.ABSENT


def _of_instance(
    name: str,
    page: str,
    default: Default = None,
    *,
    status: Status = Status.CURRENT,
    rebuilds: bool = True,
    unwritten: str = "none",
) -> Property:
    """A property that an application, its web instance and each worker may set."""
    found = Property(name, page, web=True, worker=_REPLACE, inherited=True, default=default, status=status)
    return evolve(found, rebuilds=rebuilds, unwritten=unwritten)


PROPERTIES = (
    Property("type", f"{_APP} > Single-runtime image > Types"),
    Property("stack", f"{_APP} > Composable image > Stack", _COMPOSABLE),
    Property("source", f"{_APP} > Source", default={"root": ""}),
    Property("build", f"{_APP} > Build", _SINGLE, unwritten="flavor `composer` for PHP, npm for Node.js, else `none`"),
    Property("dependencies", f"{_APP} > Dependencies", _SINGLE, default={}),
    Property("runtime", f"{_APP} > Runtime", _SINGLE),
    _of_instance("container_profile", f"{_APP} > Container profile", unwritten="`HIGH_CPU`; Java on a single-runtime image: `HIGH_MEMORY`"),
    _of_instance("size", "Upsun Fixed docs: Create apps > App reference > Sizes", "AUTO", status=Status.FIXED),
    _of_instance("disk", "Upsun Fixed docs: Create apps > App reference > Disk", status=Status.FIXED),
    _of_instance("resources", "Upsun Fixed docs: Create apps > Flexible resources", status=Status.DEPRECATED),
    _of_instance("relationships", f"{_APP} > Relationships", {}, rebuilds=False),
    _of_instance("mounts", f"{_APP} > Mounts", {}),
    _of_instance("variables", f"{_APP} > Variables", {}),
    _of_instance("access", f"{_APP} > Access", {"ssh": "contributor"}, rebuilds=False),
    _of_instance("firewall", f"{_APP} > Firewall", rebuilds=False, unwritten="all connections allowed"),
    _of_instance("additional_hosts", f"{_APP} > Additional hosts", {}),
    _of_instance("timezone", f"{_APP} > Timezone", "UTC"),
    Property("commands", f"{_APP} > Workers", application=False, web=True, worker=_REPLACE, default={}, rebuilds=False),
    Property(
        "upstream",
        f"{_APP} > Web > Upstream",
        application=False,
        web=True,
        worker=_ABSENT,
        rebuilds=False,
        unwritten="`tcp` and `http`; PHP: `unix` and `fastcgi`",
    ),
    Property("locations", f"{_APP} > Web > Locations", application=False, web=True, worker=_ABSENT, default={}, rebuilds=False),
    Property("web", f"{_APP} > Web", worker=_ABSENT, rebuilds=False),
    Property("workers", f"{_APP} > Workers", worker=_ABSENT, default={}, rebuilds=False),
    Property("hooks", f"{_APP} > Hooks", default={}),
    Property("crons", f"{_APP} > Crons", worker=_ABSENT, default={}, rebuilds=False),
    Property("operations", "Upsun docs: Create apps > Runtime operations", default={}),
    Property("preflight", "Published JSON schema", default={"enabled": True, "ignored_rules": ()}, status=Status.UNDOCUMENTED),
)
PROPERTY = {row.name: row for row in PROPERTIES}
