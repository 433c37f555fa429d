"""WL11x, WL14x, WL19x: files, layouts and names."""
# ruff: noqa: ARG001, D103 - a check takes what all checks take, and its row says what it is for

from __future__ import annotations

import re

from workerlib.checks.rules import ERROR, INFO, WARNING, Findings, Scope, found, rule
from workerlib.definitions import Definition, Definitions
from workerlib.keypath import KeyPath
from workerlib.layout import CURRENT, OLD, below, folders_above, misnamed
from workerlib.model import Application, Instance, Project, Service
from workerlib.properties import PROPERTY
from workerlib.text import Mapping, Node, Scalar

_STRUCTURE = "Upsun docs: Create apps > YAML structure"

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
    if definitions.files is None:
        return
    included = _included(definitions)
    for path, new in misnamed(definitions.files):
        if path not in included:
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
    archives = {one.target for one in definitions.inclusions.values() if one.kind == "archive" and one.target is not None}
    for path in definitions.files.walk(CURRENT.folder):
        deeper = path.endswith(".yaml") and "/" in path[len(CURRENT.folder) + 1 :]
        if deeper and path not in included and archives.isdisjoint(folders_above(path)):
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
    submodules = {folder.strip().strip("/") for folder in _SUBMODULE.findall(files.read(".gitmodules", 1 << 20).decode(errors="replace"))}
    for file in dict.fromkeys(one.source.path for one in definitions.applications.values()):
        for submodule in folders_above(file):
            if submodule in submodules:
                yield found(file, file=file, submodule=submodule)


_SUBMODULE = re.compile(r"^[^\S\n]*path[^\S\n]*=(.*)", re.MULTILINE)


@rule(
    "WL144",
    "root-missing",
    WARNING,
    Definitions,
    "expected a folder of the repository, found none of the name `{root}`",
    "correct it: the path starts from the top of the repository",
    page=PROPERTY["source"].page,
)
def root_missing(definitions: Definitions, scope: Scope) -> Findings:
    files = definitions.files
    has_code = files is not None and any(not name.startswith(".") for name in files.names(""))
    for name, one in definitions.applications.items():
        if (keys := _null_root(definitions, one)) is not None:
            yield found("applications", name, *keys, message="expected a folder, found nothing", help="write `root: /` for all of it")
        elif has_code and files is not None and one.root and not files.is_folder(one.root):
            yield found("applications", name, "source", "root", root=one.root)


@rule(
    "WL145",
    "root-unstated",
    WARNING,
    Definitions,
    "expected `source.root`, since the vendor's pages disagree on where composable code is: in `{folder}`, or at the top; found none",
    "write `source: {{root: {folder}}}`, which is what is assumed here",
    page=PROPERTY["source"].page,
)
def root_unstated(definitions: Definitions, scope: Scope) -> Findings:
    for name, one in definitions.applications.items():
        app = scope.project.applications.get(name)
        beside = one.root and one.source.path.rpartition("/")[2] in _APPLICATION_FILES
        if beside and app is not None and app.stack and app.origin("source") is None:
            yield found("applications", name, folder=one.root)


_APPLICATION_FILES = frozenset(layout.application_file for layout in OLD)


def _null_root(definitions: Definitions, one: Definition) -> tuple[str, ...] | None:
    """The keys below an application at which null is written in place of its root, which the model does not tell from nothing."""
    node: Node = one.node
    for keys in (("source",), ("source", "root")):
        mapping = definitions.see(node)
        entry = definitions.entries(mapping).get(keys[-1]) if isinstance(mapping, Mapping) else None
        if entry is None:
            return None
        node = definitions.see(entry.value)
        if isinstance(node, Scalar) and node.is_null:
            return keys
    return None


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
    first: dict[bool, tuple[str, str]] = {}
    for name in project.applications:
        if (origin := project.origin(KeyPath(("applications", name)))) is not None:
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
    if scope.whole and not any(not name.startswith(".") for name in project.applications):
        yield found("applications")


# ---- names --------------------------------------------------------------------------------------------------------------------------


@rule(
    "WL112",
    "bad-name",
    WARNING,
    (Instance, Service),
    "expected a name of {expected}, found `{name}`",
    "rename it; where data belongs to it, that is a new one without the data",
    page="Upsun docs: Add services; Create apps",
)
def bad_name(part: Instance | Service, scope: Scope) -> Findings:
    if isinstance(part, Application):
        pattern = _NAME if scope.current else _FIXED_NAME
        yield from _name(str(scope.path[-1]), *pattern)
        for name in part.workers:
            yield from _name(name, *_NAME, "workers", name)
    elif isinstance(part, Service):
        storage = isinstance(part.type, str) and part.type.startswith("network-storage:")
        yield from _name(str(scope.path[-1]), *(_HOST_NAME if storage else _NAME))
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
