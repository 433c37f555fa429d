"""WL53x: what is old, or belongs to the other product. Old spellings are seen while reading, and have rows in :mod:`codes`."""
# ruff: noqa: D103 - the row of a check says what it is for

from __future__ import annotations

import re

from workerlib.checks.rules import ERROR, INFO, WARNING, Findings, Scope, found, listed, rule
from workerlib.model import ABSENT, Application, Commands, Hooks, Instance, JobCommands, Service
from workerlib.properties import PROPERTY
from workerlib.reading import shape_of


@rule(
    "WL530",
    "fixed-key-in-flex",
    ERROR,
    (Instance, Service),
    "`{key}` is a key of Upsun Fixed, without a meaning here",
    "delete it, and run the command that `python -m workerlib.migrate` prints for it (`upsun resources:set`)",
    page="Upsun docs: Migrate from Upsun Fixed",
)
def fixed_key_in_flex(part: Instance | Service, scope: Scope) -> Findings:
    if not scope.current:
        return
    for key in ("size", "disk", "resources"):
        if getattr(part, key) is not ABSENT or key in part.extra:
            refused = key == "disk" or (key == "size" and isinstance(part, Application))
            yield found(key, severity=None if refused else WARNING, key=key)
    if isinstance(part, Service) and part.access is not ABSENT:
        yield found("access", severity=WARNING, help="delete it: only applications can be logged in to", key="access")


@rule(
    "WL531",
    "name-in-flex",
    ERROR,
    Application,
    "`name` is a key of Upsun Fixed, without a meaning here",
    "delete it: the key above is the name",
    page="Upsun docs: Migrate from Upsun Fixed",
)
def name_in_flex(app: Application, scope: Scope) -> Findings:
    if scope.current and app.origin("name") is not None:
        yield found("name")


@rule(
    "WL532",
    "profile-in-fixed",
    WARNING,
    Instance,
    "`container_profile` is a key of Upsun Flex, without a meaning here",
    "delete it, or set `size`",
    page=PROPERTY["container_profile"].page,
)
def profile_in_fixed(instance: Instance, scope: Scope) -> Findings:
    if not scope.current and instance.container_profile:
        yield found("container_profile")


@rule(
    "WL533",
    "size-value",
    WARNING,
    (Instance, Service),
    "`size`: expected {sizes}, found `{size}`",
    "write one of these",
    page=PROPERTY["size"].page,
)
def size_value(part: Instance | Service, scope: Scope) -> Findings:
    if not scope.current and part.size and part.size not in _SIZES:
        yield found("size", sizes=listed(_SIZES), size=part.size)


@rule(
    "WL534",
    "old-cli",
    INFO,
    (Commands, JobCommands, Hooks),
    "`{key}` calls `platform`: the command-line tool of Upsun Flex is `upsun`",
    "write `upsun`; its commands have the same names",
    page="Upsun docs: Migrate from Upsun Fixed",
)
def old_cli(part: Commands | JobCommands | Hooks, scope: Scope) -> Findings:
    for key in shape_of(type(part)).forms if scope.current else ():
        script = getattr(part, key)
        if script and _OLD_CLI.search(script):
            yield found(key, key=key)


_OLD_CLI = re.compile(r"(?m)(?:^|[\s;&|(`])platform\s+(?:[a-z-]+:[a-z-]+|ssh|sql)\b")
_SIZES = ("AUTO", "XS", "S", "M", "L", "XL", "2XL", "4XL")
