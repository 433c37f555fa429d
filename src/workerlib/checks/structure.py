"""WL1xx: files, names, and values that the format does not have."""

from __future__ import annotations

import re

from workerlib.checks import schedule
from workerlib.checks.rules import ERROR, INFO, WARNING, Findings, Scope, found, listed, rule
from workerlib.definitions import Definitions
from workerlib.layout import CURRENT, OLD, below
from workerlib.model import (
    ABSENT,
    Access,
    Application,
    Commands,
    Cron,
    Firewall,
    Instance,
    Location,
    Mount,
    Operation,
    OutboundRule,
    Part,
    Project,
    Rule,
    Service,
    SourceDefinition,
    SourceOperation,
    Web,
)
from workerlib.properties import PROPERTY

_STRUCTURE = "Upsun docs: Create apps > YAML structure"
_ROLES = ("viewer", "contributor", "admin")

# ---- files --------------------------------------------------------------------------------------------------------------------------


@rule(
    "WL140",
    "wrong-extension",
    WARNING,
    Definitions,
    "`{file}` is not read: expected a name in `.yaml`",
    "rename it to `{new}`, or include it from a file that is read",
    page=_STRUCTURE,
)
def wrong_extension(definitions: Definitions, scope: Scope) -> Findings:
    files = definitions.files
    if files is None:
        return
    names = {CURRENT.folder: files.names(CURRENT.folder), "": files.names("")} | {layout.folder: files.names(layout.folder) for layout in OLD}
    known = {layout.application_file for layout in OLD} | {f"{layout.folder}/{name}" for layout in OLD for name, _ in layout.files}
    included = _included(definitions)
    for folder, there in names.items():
        for name in there:
            path = f"{folder}/{name}".lstrip("/")
            stem, _, extension = path.rpartition(".")
            new = f"{stem}.yaml"
            misnamed = extension.lower() in ("yml", "yaml") and extension != "yaml"
            if misnamed and path not in included and (folder == CURRENT.folder or new in known) and name != new:
                yield found(path, file=path, new=new)


@rule(
    "WL141",
    "unreferenced-file",
    INFO,
    Definitions,
    "`{file}` is not read: nothing includes it",
    "include it, move it up into `.upsun`, or delete it",
    page=_STRUCTURE,
)
def unreferenced_file(definitions: Definitions, scope: Scope) -> Findings:
    if definitions.files is None:
        return
    included = _included(definitions)
    archives = [one.target for one in definitions.inclusions.values() if one.kind == "archive" and one.target]
    for path in definitions.files.walk(CURRENT.folder):
        deeper = path.endswith(".yaml") and "/" in path[len(CURRENT.folder) + 1 :]
        if deeper and path not in included and not any(below(path, folder) for folder in archives):
            yield found(path, file=path)


def _included(definitions: Definitions) -> frozenset[str]:
    return frozenset(one.target for one in definitions.inclusions.values() if one.target)


@rule(
    "WL142",
    "no-config",
    ERROR,
    Definitions,
    "`{folder}`: expected a file in `.yaml`, found none",
    "write `{folder}/config.yaml`",
    page=_STRUCTURE,
)
def no_config(definitions: Definitions, scope: Scope) -> Findings:
    files, folder = definitions.files, CURRENT.folder
    if files is not None and files.is_folder(folder) and not any(name.endswith(".yaml") for name in files.names(folder)):
        yield found(folder, folder=folder)


@rule(
    "WL143",
    "config-in-submodule",
    WARNING,
    Definitions,
    "`{file}` lies in the submodule `{submodule}`, whose configuration is not read",
    "move it into this repository, and let `source.root` lead to the submodule",
    page="Upsun Fixed docs: Create apps > Multiple apps > Project structure",
)
def config_in_submodule(definitions: Definitions, scope: Scope) -> Findings:
    files = definitions.files
    if files is None or not files.is_file(".gitmodules"):
        return
    submodules = [folder.strip("/") for folder in _SUBMODULE.findall(files.read(".gitmodules").decode(errors="replace"))]
    for file in dict.fromkeys(one.source.path for one in definitions.applications.values()):
        for submodule in submodules:
            if below(file, submodule):
                yield found(file, file=file, submodule=submodule)


_SUBMODULE = re.compile(r"^\s*path\s*=\s*(\S.*?)\s*$", re.MULTILINE)


@rule(
    "WL144",
    "root-missing",
    WARNING,
    Definitions,
    "`{root}`, the root of application `{name}`, is no folder",
    "correct `source.root`: it starts from the top of the repository",
    page=PROPERTY["source"].page,
)
def root_missing(definitions: Definitions, scope: Scope) -> Findings:
    for name, one in definitions.applications.items():
        if one.root and definitions.files is not None and not definitions.files.is_folder(one.root):
            yield found(one.source.path, root=one.root, name=name)


@rule(
    "WL191",
    "both-layouts",
    ERROR,
    Project,
    "expected one layout, found applications in `{old}` and in `{new}`",
    "delete the files of one: each product reads its own only",
    page="Upsun docs: Migrate from Upsun Fixed",
)
def both_layouts(project: Project, scope: Scope) -> Findings:
    first = {}
    for name in project.applications:
        if (origin := project.origin(f'applications."{name}"')) is not None:
            first.setdefault(below(origin.file, CURRENT.folder), (name, origin.file))
    if len(first) == 2:
        yield found("applications", first[False][0], old=first[False][1], new=first[True][1])


@rule(
    "WL115",
    "no-applications",
    ERROR,
    Project,
    "expected at least one application, found none",
    "define one below `applications`",
    page=_STRUCTURE,
)
def no_applications(project: Project, scope: Scope) -> Findings:
    if not any(not name.startswith(".") for name in project.applications):
        yield found("applications")


# ---- names --------------------------------------------------------------------------------------------------------------------------


@rule(
    "WL112",
    "bad-name",
    WARNING,
    Part,
    "expected a name of {expected}, found `{name}`",
    "rename it; where data belongs to it, that is a new one without the data",
    page="Upsun docs: Add services; Create apps",
)
def bad_name(part: Part, scope: Scope) -> Findings:
    if isinstance(part, Application):
        pattern = _NAME if scope.current else _FIXED_NAME
        yield from _name(str(scope.path[-1]), *pattern)
        for name in part.workers:
            yield from _name(name, *_NAME, "workers", name)
    elif isinstance(part, Service):
        storage = isinstance(part.type, str) and part.type.startswith("network-storage:")
        yield from _name(str(scope.path[-1]), *(_HOST_NAME if storage else _NAME))
    if isinstance(part, (Instance, Service)):
        for name in part.relationships or ():
            yield from _name(name, *_RELATIONSHIP, "relationships", name)


_NAME = re.compile(r"[a-z0-9]([a-z0-9_-]*[a-z0-9])?"), "lower-case letters, digits, `-` and `_`"
_FIXED_NAME = re.compile(r"[a-z0-9]+"), "lower-case letters and digits"
_RELATIONSHIP = re.compile(r"[a-z0-9_-]+"), "lower-case letters, digits, `-` and `_`"
_HOST_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"), "at most 63 lower-case letters, digits and `-`"


def _name(name: str, pattern: re.Pattern[str], expected: str, *keys: str) -> Findings:
    if name.startswith("."):
        return
    if "--" in name and keys[:1] != ("relationships",):
        advice = "rename it: `--` stands between application and worker in deployed names"
        yield found(*keys, severity=ERROR, expected="no `--`", name=name, help=advice)
    elif not pattern.fullmatch(name):
        yield found(*keys, severity=ERROR if pattern is _HOST_NAME[0] else None, expected=expected, name=name)


@rule(
    "WL113",
    "duplicate-name",
    ERROR,
    Project,
    "expected a name of its own, found one that application and service share",
    "rename the application or the service: relationships and resources name both alike",
    page="Upsun docs: Add services",
)
def duplicate_name(project: Project, scope: Scope) -> Findings:
    return [found("services", name) for name in project.services if name in project.applications]


# ---- values -------------------------------------------------------------------------------------------------------------------------


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
    keys = _NOT_NULL.get(type(part), ())
    return [found(key, key=key) for key in keys if getattr(part, key) is None or part.extra.get(key, ABSENT) is None]


_NOT_NULL: dict[type, tuple[str, ...]] = {
    Application: ("stack", "build", "dependencies", "runtime", "hooks", "web", "workers", "crons", "operations"),
    Web: ("commands", "upstream", "locations"),
}


@rule(
    "WL151",
    "access-role",
    ERROR,
    Part,
    "`{key}`: expected {roles}, found `{role}`",
    "name the least role that is to have access",
    page=PROPERTY["access"].page,
)
def access_role(part: Part, scope: Scope) -> Findings:
    if isinstance(part, Access):
        if part.ssh and part.ssh not in _ROLES:
            yield found("ssh", key="ssh", roles=listed(_ROLES), role=part.ssh)
        for key in part.extra:
            if key != "ssh":
                yield found(key, message="expected `ssh`, found `{key}`", help="delete it: there is no other kind of access", key=key)
    elif isinstance(part, Operation) and part.role and part.role not in _ROLES:
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
            yield found("rules", pattern, message="`rules`: expected {expected} in `{pattern}`", help=advice, expected=wrong, pattern=pattern)


_PATTERN = re.compile(r"\\Q.*?(?:\\E|\Z)|\\.|\[\^?\]?(?:\[:\w+:\]|\\.|[^\]\\])*\]|[\[()]", re.DOTALL)


def _wrong_pattern(pattern: str) -> str | None:
    """What a regular expression lacks in any dialect; None where it may be right."""
    depth = 0
    for token in _PATTERN.findall(pattern):
        if token == "[":
            return "`]` behind `[`"
        depth += (token == "(") - (token == ")")
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
    Part,
    "expected `{key}`, found nothing",
    "write the command that the operation runs",
    page=PROPERTY["operations"].page,
)
def operation_command(part: Part, scope: Scope) -> Findings:
    if isinstance(part, Operation) and "commands" not in part.extra:
        commands = part.commands
        if not (isinstance(commands, Commands) and (commands.start or commands.extra or commands.malformed is not ABSENT)):
            yield found("commands", "start", key="commands.start")
    elif isinstance(part, SourceOperation) and not part.command and "command" not in part.extra:
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


# ---- crons --------------------------------------------------------------------------------------------------------------------------

_CRONS = PROPERTY["crons"].page


@rule(
    "WL135",
    "cron-command",
    ERROR,
    Cron,
    "expected `commands.start`, found nothing",
    "write the command that runs at these times",
    page=_CRONS,
)
def cron_command(cron: Cron, scope: Scope) -> Findings:
    commands = cron.commands
    if not isinstance(commands, Commands):
        if "commands" not in cron.extra:
            yield found("commands")
    elif not (commands.start and commands.start.strip()) and "start" not in commands.extra and commands.malformed is ABSENT:
        yield found("commands", "start")


@rule("WL160", "cron-spec", ERROR, Cron, "`spec`: {fault}", "write minute, hour, day of the month, month and day of the week", page=_CRONS)
def cron_spec(cron: Cron, scope: Scope) -> Findings:
    if isinstance(cron.spec, str):
        try:
            schedule.parse(cron.spec)
        except ValueError as fault:
            yield found("spec", fault=fault)
    elif "spec" not in cron.extra:
        yield found("spec", fault="expected the times at which it runs, found nothing")


@rule(
    "WL161",
    "cron-frequency",
    WARNING,
    Cron,
    "`spec`: expected at least {least} minutes between two runs, found {minutes}",
    "let it run less often; a worker can do what must not wait",
    page=_CRONS,
)
def cron_frequency(cron: Cron, scope: Scope) -> Findings:
    try:
        minutes = schedule.parse(cron.spec).shortest_interval if isinstance(cron.spec, str) else _LEAST_INTERVAL
    except ValueError:
        return
    if minutes < _LEAST_INTERVAL:
        yield found("spec", least=_LEAST_INTERVAL, minutes=minutes)


_LEAST_INTERVAL = 5  # minutes


@rule(
    "WL162",
    "cron-timeout",
    ERROR,
    Cron,
    "`{key}`: expected {expected} seconds, found `{value}`",
    "correct it: a job that runs for a day is ended",
    page=_CRONS,
)
def cron_timeout(cron: Cron, scope: Scope) -> Findings:
    if isinstance(cron.timeout, int) and not 0 < cron.timeout <= _MOST_SECONDS:
        yield found("timeout", key="timeout", expected=f"1 to {_MOST_SECONDS}", value=cron.timeout)
    if isinstance(cron.shutdown_timeout, int) and cron.shutdown_timeout < 0:
        yield found("shutdown_timeout", key="shutdown_timeout", expected="0 or more", value=cron.shutdown_timeout)


_MOST_SECONDS = 86400
