"""WL15x: values that the format does not have."""
# ruff: noqa: ARG001, D103 - a check takes what all checks take, and its row says what it is for

from __future__ import annotations

import re

from workerlib.checks.rules import ERROR, WARNING, Findings, Scope, found, listed, rule
from workerlib.model import (
    ABSENT,
    Access,
    Extension,
    Firewall,
    Instance,
    JobCommands,
    Location,
    Maybe,
    Mount,
    Number,
    Operation,
    OutboundRule,
    Package,
    Part,
    Preflight,
    Route,
    Rule,
    SourceDefinition,
    SourceOperation,
    Tagged,
    Values,
    Web,
)
from workerlib.properties import PROPERTY
from workerlib.reading import shape_of

_ROLES = ("viewer", "contributor", "admin")


@rule(
    "WL150",
    "null-value",
    WARNING,
    Part,
    "`{key}`: expected a value, found nothing",
    "write its value, or delete the key",
    page="Published JSON schema",
)
def null_value(part: Part, scope: Scope) -> Findings:
    for key in shape_of(type(part)).forms:
        if (getattr(part, key) is None or part.extra.get(key, ABSENT) is None) and key not in _MAY_BE_NULL:
            yield found(key, key=key)


_MAY_BE_NULL = ("container_profile", "disk", "index")


@rule(
    "WL151",
    "access-role",
    ERROR,
    (Access, Operation),
    "`{key}`: expected {roles}, found `{role}`",
    "name the least role that is to have access",
    page=PROPERTY["access"].page,
)
def access_role(part: Access | Operation, scope: Scope) -> Findings:
    if isinstance(part, Access):
        if part.ssh and part.ssh not in _ROLES:
            yield found("ssh", key="ssh", roles=listed(_ROLES), role=part.ssh)
        for key in part.extra:
            if key != "ssh":
                yield found(key, message="expected `ssh`, found `{key}`", help="delete it: there is no other kind of access", key=key)
    elif part.role and part.role not in _ROLES:
        yield found("role", key="role", roles=listed(_ROLES), role=part.role)


@rule(
    "WL152",
    "firewall-rule",
    ERROR,
    Firewall,
    "expected `ips`, `domains` or `ports`, found none of them",
    "say where connections may go",
    page=PROPERTY["firewall"].page,
)
def firewall_rule(firewall: Firewall, scope: Scope) -> Findings:
    if not isinstance(firewall.outbound, tuple):
        if "outbound" not in firewall.extra:
            yield found(message="expected `outbound`, found nothing", help="write the rules as a list below `outbound`")
        return
    for number, one in enumerate(firewall.outbound):
        if one.malformed is ABSENT:
            yield from _outbound(number, one)


def _outbound(number: int, one: OutboundRule) -> Findings:
    if not (one.ips or one.domains or one.ports or one.extra):
        yield found("outbound", number)
    if one.ips and one.domains:
        message, advice = "expected `ips` or `domains`, found both in one rule", "make it two rules"
        yield found("outbound", number, "domains", message=message, help=advice)
    for index, port in enumerate(one.ports or ()):
        if not 1 <= port <= 65535:
            message, advice = "`ports`: expected a number from 1 to 65535, found `{port}`", "correct it"
            yield found("outbound", number, "ports", index, message=message, help=advice, port=port)
        elif port == 25:
            message, advice = "port 25 is always blocked", "send mail through the relay of the platform, or another port"
            yield found("outbound", number, "ports", index, message=message, help=advice, severity=WARNING)


@rule(
    "WL153",
    "location-path",
    ERROR,
    Web,
    "`locations`: expected a path that begins with `/`, found `{path}`",
    "write `/{path}`",
    page=PROPERTY["locations"].page,
)
def location_path(web: Web, scope: Scope) -> Findings:
    return [found("locations", path, path=path) for path in web.locations or () if not path.startswith(("/", "."))]


@rule(
    "WL154",
    "location-rule",
    ERROR,
    Location,
    "`rules`: `{key}` is not available in a rule",
    "move it to the location",
    page=PROPERTY["locations"].page,
)
def location_rule(location: Location, scope: Scope) -> Findings:
    for pattern, one in (location.rules or {}).items():
        for key in ("root", "index", "rules", "request_buffering"):
            if key in one.extra:
                yield found("rules", pattern, key, key=key)
        if (wrong := _wrong_pattern(pattern)) is not None:
            advice = "correct the regular expression; `\\` before a character takes its meaning away"
            yield found(
                "rules", pattern, message="`rules`: expected {expected} in `{pattern}`", help=advice, expected=wrong, pattern=pattern
            )


_PATTERN = re.compile(r"\\Q.*?(?:\\E|\Z)|\\.|\[\^?\]?(?:\[:\w+:\]|\\.|[^\]\\])*+(?:\]|\Z)|[\[()]", re.DOTALL)


def _wrong_pattern(pattern: str) -> str | None:
    """What a regular expression lacks in any dialect; None where it may be right."""
    depth = 0
    for piece in _PATTERN.findall(pattern):
        if piece.startswith("[") and not piece.endswith("]"):
            return "`]` behind `[`"
        depth += (piece == "(") - (piece == ")")
        if depth < 0:
            return "`(` before `)`"
    if depth:
        return "`)` behind `(`"
    return "something to repeat before the first character" if pattern[:1] in ("*", "+", "?") else None


@rule(
    "WL155",
    "mount-source",
    ERROR,
    Mount,
    "`source`: expected {expected}, found `{source}`",
    "choose what the folder's files are kept in",
    page=PROPERTY["mounts"].page,
)
def mount_source(mount: Mount, scope: Scope) -> Findings:
    known = _SOURCES if scope.current else _FIXED_SOURCES
    if isinstance(mount.source, str):
        if mount.source not in known and not (mount.source == "instance" and not scope.current):
            yield found("source", expected=listed(known), source=mount.source)
    elif "source" not in mount.extra:
        yield found("source", message="expected `source`, found nothing", expected="", source="")


_SOURCES = ("storage", "instance", "tmp", "service")
_FIXED_SOURCES = ("local", "tmp", "service")


@rule(
    "WL156",
    "operation-command",
    ERROR,
    (Operation, SourceOperation),
    "expected `{key}`, found nothing",
    "write the command that the operation runs",
    page=PROPERTY["operations"].page,
)
def operation_command(part: Operation | SourceOperation, scope: Scope) -> Findings:
    if isinstance(part, Operation):
        commands = part.commands
        if "commands" not in part.extra and not (
            isinstance(commands, JobCommands) and (commands.start or commands.extra or commands.malformed is not ABSENT)
        ):
            yield found("commands", "start", key="commands.start")
    elif not part.command and "command" not in part.extra:
        yield found("command", key="command")


@rule(
    "WL157",
    "source-key",
    ERROR,
    SourceDefinition,
    "`{key}` is not available in `source`",
    "`source` holds `root` and `operations` only",
    page=PROPERTY["source"].page,
)
def source_key(source: SourceDefinition, scope: Scope) -> Findings:
    return [found(key, key=key) for key in source.extra if key not in ("root", "operations")]


@rule(
    "WL158",
    "value-not-text",
    WARNING,
    Part,
    "`{key}`: expected text for `{name}`, found another kind of value",
    "put it in quotes",
    page="Published JSON schema",
)
def value_not_text(part: Part, scope: Scope) -> Findings:
    for kind, key in _TEXTS:
        values: Maybe[Values] = getattr(part, key) if isinstance(part, kind) else None
        yield from (found(key, name, key=key, name=name) for name, value in (values or {}).items() if not isinstance(value, (str, Tagged)))


@rule(
    "WL159",
    "key-missing",
    ERROR,
    (Extension, Package, Preflight),
    "expected `{key}`, found nothing",
    "write it: the other keys say nothing without it",
    page="Published JSON schema; Upsun docs: Create apps > App reference > Composable image",
)
def key_missing(part: Extension | Package | Preflight, scope: Scope) -> Findings:
    key = next(key for kind, key in _REQUIRED if isinstance(part, kind))
    if getattr(part, key) is ABSENT and key not in part.extra:
        yield found(key, key=key)


_REQUIRED: tuple[tuple[type[Part], str], ...] = ((Extension, "name"), (Package, "package"), (Preflight, "enabled"))
_TEXTS = ((Rule, "headers"), (Instance, "additional_hosts"), (Route, "attributes"))


@rule(
    "WL163",
    "number-changes",
    WARNING,
    Instance,
    "`{name}`: `{written}` is no text to readers of YAML, and may come out as {other}",
    "put it in quotes",
    page="Upsun docs: Learn > What is YAML",
)
def number_changes(instance: Instance, scope: Scope) -> Findings:
    for key in ("variables", "dependencies"):
        for group, values in (getattr(instance, key, None) or {}).items():
            for name, value in values.items():
                if isinstance(value, Number) and (isinstance(value.value, str) or str(value.value) != value.text):
                    yield found(key, group, name, name=name, written=value.text, other=_otherwise(value))


def _otherwise(value: Number) -> str:
    return "another number" if isinstance(value.value, str) else f"`{value.value}`"
