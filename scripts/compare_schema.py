"""Compare the checks with the JSON schema that the vendor publishes: what only one of them refuses, and which of the two is right.

Usage: ``python scripts/compare_schema.py SCHEMA FOLDER...``. SCHEMA is ``validator/schema/upsun.json`` of
https://github.com/platformsh/platformify; a FOLDER is a project, or holds projects at any depth. Files of the current layout are compared
one by one, as they are, and each project once more as its migration would leave it. The result is a table of all disagreements; the exit
status is 1 if one of them is not judged below.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from attrs import frozen
from jsonschema import Draft7Validator, ValidationError

from workerlib import plan
from workerlib.checking import check
from workerlib.diagnostic import Diagnostic, Severity
from workerlib.errors import ConfigurationError
from workerlib.keypath import KeyPath
from workerlib.layout import DiskFiles, LayoutFile, Overlay, ProjectFiles, Role, discover
from workerlib.loading import Tree, load_tree
from workerlib.migrate.fleet import find
from workerlib.model import Archive, Number, Tagged
from workerlib.reading import Reader

# ---- what was judged ----------------------------------------------------------------------------------------------------------------


@frozen
class Judgement:
    """What the schema refuses at `path`, a pattern, while a check says `says`, nothing where that is empty; and `why` the check is right.

    `example` is part of an application, or a whole file, in which that happens.
    """

    path: str
    says: str
    why: str
    example: str


SHOWN = "documented and in use; the platform takes it, so it is a warning"
SET_IN_INSTANCE = 'documented: column "Set in instance" of the application reference'
UNKNOWN = "no key of the format: kept and reported, since the schema has lacked documented keys before"
ROUTED = "applications: {shop: {type: 'php:8.4'}}\nroutes: {'https://{default}/': {type: upstream, upstream: 'shop:http', %s}}"
REFUSED_BY_SCHEMA = (
    Judgement("applications.*.mounts.*.source", "mount-local", SHOWN, "mounts: {a: {source: local}}"),
    Judgement("applications.*.mounts.*", "mount-string", SHOWN, "mounts: {a: 'shared:files/a'}"),
    Judgement("applications.*.web.firewall", "validators-refuse", SET_IN_INSTANCE, "web: {firewall: {outbound: [{ports: [443]}]}}"),
    Judgement("applications.*.web.container_profile", "validators-refuse", SET_IN_INSTANCE, "web: {container_profile: BALANCED}"),
    Judgement("applications.*.web.additional_hosts", "validators-refuse", SET_IN_INSTANCE, "web: {additional_hosts: {a: 192.0.2.1}}"),
    Judgement(
        "applications.*.workers.*.additional_hosts",
        "validators-refuse",
        SET_IN_INSTANCE,
        "workers: {q: {commands: {start: ./q}, additional_hosts: {a: 192.0.2.1}}}",
    ),
    Judgement(
        "applications.*.web.locations.*.index", "", "documented: `index` may be null, for no index", "web: {locations: {/: {index: }}}"
    ),
    Judgement(
        "applications.*.source.root", "root-missing", "null says nothing, and the default holds: a warning is enough", "source: {root: }"
    ),
    Judgement(
        "routes.*.sticky",
        "",
        "documented: Define routes > Sticky sessions",
        ROUTED % "sticky: {enabled: true}",
    ),
    Judgement(
        "routes.*.ssi",
        "switch-bool",
        "documented as a truth value, and as a mapping: a warning",
        ROUTED % "ssi: false",
    ),
    Judgement("applications.*.build.caches", "build-caches", SHOWN, "build: {caches: {npm: {watch: [package.json]}}}"),
    Judgement("applications.*.hooks.*", "null-value", "null says nothing: a warning is enough", "hooks: {deploy: }"),
    Judgement("applications.*.crons", "null-value", "null says nothing: a warning is enough", "crons: "),
    Judgement(
        "applications.*.runtime.sizing_hints.*",
        "sizing-hints-minimum",
        "documented: less is raised to the minimum",
        "runtime: {sizing_hints: {request_memory: 1}}",
    ),
    Judgement("applications.*.*", "unknown-key", UNKNOWN, "cron: {}"),
    Judgement("applications.*.*.*", "unknown-key", UNKNOWN, "hooks: {built: make}"),
    Judgement("services.*.*", "unknown-key", UNKNOWN, "applications: {shop: {type: 'php:8.4'}}\nservices: {db: {type: 'redis:8.0', a: b}}"),
)
"""In this order: the first that fits judges."""

SEES_MORE = {
    "names": "a schema cannot follow names from one part to another",
    "values": "a schema of strings does not look into them",
    "documented": "documented as wrong; the schema lets it pass",
}
REFUSED_BY_CHECKS = {
    "names": (
        "app-needs-http mount-service mount-overlap relationship-cycle relationship-to-worker relationship-unknown route-to-worker "
        "route-upstream duplicate-name"
    ),
    "values": (
        "bad-name type-format type-unknown cron-spec cron-timeout location-path location-rule include-missing include-path access-role "
        "firewall-rule route-type container-profile mount-source"
    ),
    "documented": (
        "composable-keys type-missing worker-no-start cron-command fixed-key-in-flex name-in-flex null-override operation-command "
        "stack-runtime wrong-type toolstack-wrong web-keys-mixed key-missing no-applications worker-crons worker-hooks web-unknown-key"
    ),
}
WHY = {name: SEES_MORE[reason] for reason, names in REFUSED_BY_CHECKS.items() for name in names.split()}

# ---- comparing ----------------------------------------------------------------------------------------------------------------------


@frozen(order=True)
class Disagreement:
    """What one side refuses at a path and the other does not: `says` is what a check says there, `why` is empty where nobody judged it."""

    refused_by: str
    path: str
    says: str
    why: str


def disagreements(tree: Tree, schema: Draft7Validator) -> Iterator[Disagreement]:
    """All disagreements about a project that was read."""
    found = check(tree.project)
    agreed: set[Diagnostic] = set()
    said = data(tree)
    for path in refusals(schema, plain(said)):
        if is_missing(said, path):
            continue
        place = nearest(tree, path)
        there = [one for one in found if one.message.startswith(f"{KeyPath(path)}: ") or (place and _line(one) == place)]
        agreed.update(there)
        if not any(one.severity is Severity.ERROR for one in there):
            yield judged(path, sorted({one.name for one in there if one.severity is not Severity.INFO or one.name == "validators-refuse"}))
    for one in found:
        if one.severity is Severity.ERROR and one not in agreed:
            yield Disagreement("checks", one.name, one.name, WHY.get(one.name, ""))


def judged(path: tuple[str | int, ...], says: list[str]) -> Disagreement:
    """What the schema alone refuses, with the judgement that fits."""
    for row in REFUSED_BY_SCHEMA:
        if KeyPath(path).matches(KeyPath.parse(row.path)) and (row.says in says or not (row.says or says)):
            return Disagreement("schema", row.path, row.says, row.why)
    return Disagreement("schema", str(KeyPath(path)), ", ".join(says), "")


def refusals(schema: Draft7Validator, instance: object) -> Iterator[tuple[str | int, ...]]:
    """The paths at which the schema refuses something, unknown keys with their own."""
    for error in (inner for outer in schema.iter_errors(instance) for inner in innermost(outer)):
        path = tuple(error.absolute_path)
        if error.validator == "additionalProperties" and isinstance(error.instance, Mapping):
            known = error.schema.get("properties", {})
            yield from ((*path, key) for key in error.instance if key not in known)
        else:
            yield path


def innermost(error: ValidationError) -> Iterator[ValidationError]:
    """What is wrong by the alternative that is nearest to being right, where a schema offers several."""
    if not error.context:
        yield error
        return
    alternatives: dict[object, list[ValidationError]] = {}
    for one in error.context:
        alternatives.setdefault(one.schema_path[0], []).append(one)
    for one in min(alternatives.values(), key=lambda errors: (len(errors), -len(errors[0].absolute_path))):
        yield from innermost(one)


def data(tree: Tree) -> dict[str, Any]:
    """What the files say, includes and aliases looked through."""
    look, read = tree.definitions, Reader(tree.definitions).value
    found: dict[str, Any] = {"applications": {name: read(one.node) for name, one in look.applications.items()}}
    for section in ("services", "routes"):
        if entries := getattr(look, section):
            found[section] = {name: read(entry.value) for name, entry in entries.items()}
    return found | {name: read(entry.value) for name, entry in look.other.items()}


def is_missing(value: object, path: Iterable[str | int]) -> bool:
    """Whether a path leads to or into an include of a file that is not there, of which the schema sees the tag's own keys."""
    for key in path:
        if isinstance(value, Tagged):
            return True
        if isinstance(value, Mapping) and isinstance(key, str):
            value = value.get(key)
        elif isinstance(value, tuple) and isinstance(key, int) and key < len(value):
            value = value[key]
    return isinstance(value, Tagged)


def plain(value: object) -> object:
    """A value as JSON has it."""
    match value:
        case Number():
            return value.value
        case Tagged():
            return plain(value.value)
        case Archive():
            return value.path
        case dict():
            return {key: plain(inner) for key, inner in value.items()}
        case tuple():
            return [plain(inner) for inner in value]
        case _:
            return value


def nearest(tree: Tree, path: tuple[str | int, ...]) -> tuple[str, int] | None:
    """File and line of a path, or of the nearest one above it."""
    for end in range(len(path), 1, -1):
        origin = tree.project.origin(KeyPath(path[:end]))
        if origin is not None and origin.span is not None:
            return origin.file, origin.span.line
    return None


def _line(one: Diagnostic) -> tuple[str, int] | None:
    return (one.origin.file, one.origin.span.line) if one.origin and one.origin.span else None


# ---- projects -----------------------------------------------------------------------------------------------------------------------


def trees(root: Path) -> Iterator[Tree]:
    """Each file of the current layout of a project, and the project as its migration would leave it, as far as they can be read."""
    files = DiskFiles(root)
    for one in discover(files):
        if one.role is Role.CONFIG and (tree := _tree(files, [one])):
            yield tree
    try:
        planned = plan(root).files
    except ConfigurationError:
        return
    if tree := _tree(Overlay(files, dict(planned)), None):
        yield tree


def _tree(files: ProjectFiles, found: Iterable[LayoutFile] | None) -> Tree | None:
    try:
        return load_tree(files, found)
    except ConfigurationError:
        return None


def table(found: Counter[Disagreement]) -> str:
    """The disagreements as a table in Markdown."""
    rows = [
        f"| {one.refused_by} | `{one.path}` | {f'`{one.says}`' if one.says else 'nothing'} | {count} | {one.why or '**not judged**'} |"
        for one, count in sorted(found.items())
    ]
    return "\n".join(("| refused by | what | the checks say | times | who is right: the checks, since |", "|---|---|---|---|---|", *rows))


def main(schema: str, *folders: str) -> int:
    """Print the table."""
    validator = Draft7Validator(json.loads(Path(schema).read_text(encoding="utf-8")))
    found: Counter[Disagreement] = Counter()
    read = 0
    for folder in folders:
        for project in find(folder):
            for tree in trees(Path(project)):
                read += 1
                found.update(set(disagreements(tree, validator)))
    print(table(found))  # noqa: T201
    print(f"\n{read} configurations compared")  # noqa: T201
    return any(not one.why for one in found)


if __name__ == "__main__":
    sys.exit(__doc__ if len(sys.argv) < 3 else main(*sys.argv[1:]))
