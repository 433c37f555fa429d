"""Count the old forms in real projects, and what a migration makes of each: a table in Markdown.

Usage: ``WORKERLIB_CORPUS=FOLDER python scripts/forms_of_corpus.py [VERDICTS]``. FOLDER holds projects, and ``manifest.json`` with the `id`
of each: its path. VERDICTS is a JSON file with a list of `id` and `verdict`, from whoever judges migrations. Forms that are converted on
request only are asked for. The exit status is 1 where a place is neither converted nor reported.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

from attrs import define, field, frozen

from workerlib import ConfigurationError, RefusedError, plan
from workerlib.images import channel, image
from workerlib.keypath import KeyPath
from workerlib.layout import DiskFiles, Overlay, Role
from workerlib.loading import Tree, load_tree
from workerlib.migrate.planning import Plan
from workerlib.rewrite import Options, instances, matches
from workerlib.spellings import text_of
from workerlib.text import Mapping, Node, Sequence

Is: TypeAlias = Callable[[Tree, Node], bool]
Find: TypeAlias = Callable[[Tree], "set[str]"]


@frozen
class Form:
    """An old form: its name, where it stands in a project, and what asks for its conversion."""

    name: str
    find: Find
    options: Options = Options()


@define
class Row:
    """What became of a form: projects and places, and places by what became of them."""

    projects: list[str] = field(factory=list)
    places: Counter[str] = field(factory=Counter)


def at(*patterns: str, where: Is = lambda _tree, _node: True) -> Find:
    """The places of keys whose values are of a kind."""

    def find(tree: Tree) -> set[str]:
        found = (one for pattern in patterns for one in matches(tree, KeyPath.parse(pattern)))
        return {str(path) for path, entry, _ in found if where(tree, tree.definitions.see(entry.value))}

    return find


def is_text(_tree: Tree, node: Node) -> bool:
    """A text, where a mapping belongs."""
    return text_of(node) is not None


def is_pair(_tree: Tree, node: Node) -> bool:
    """A service and its endpoint in one text."""
    return (text_of(node) or "").count(":") == 1


def is_local(_tree: Tree, node: Node) -> bool:
    """The old name of `instance`."""
    return text_of(node) == "local"


def is_single(_tree: Tree, node: Node) -> bool:
    """The type of a single-runtime image."""
    return image((text_of(node) or "").partition(":")[0]) is not None


def is_old_channel(_tree: Tree, node: Node) -> bool:
    """The type of a composable image whose channel is retired, or unknown."""
    kind, _, version = (text_of(node) or "").partition(":")
    found = channel(version)
    return kind == "composable" and (found is None or found.status != "supported")


def is_old_stack(tree: Tree, node: Node) -> bool:
    """A stack that is no mapping of lists."""
    see = tree.definitions.see
    return not (isinstance(node, Mapping) and all(isinstance(see(entry.value), Sequence) for entry in node.entries))


def beside_stack(tree: Tree) -> set[str]:
    """Keys that have no effect beside a stack."""
    found = at("applications.*.build", "applications.*.dependencies", "applications.*.runtime")(tree)
    return {path for path in found if tree.project.applications[path.split(".")[1]].stack}


def archives(tree: Tree) -> set[str]:
    """Folders that an `!include` stands for."""
    found = tree.definitions.inclusions.values()
    return {one.path.value for one in found if one.kind == "archive" and one.node.tag == "!include" and one.target}


def old_files(tree: Tree) -> set[str]:
    """Files of an old layout."""
    return {one.file.path for one in tree.layout if one.file.role is not Role.CONFIG}


RESOURCES = tuple(f"{level}{key}" for level in (*instances(""), "services.*.") for key in ("size", "disk", "resources"))
WEB = ("document_root", "passthru", "index_files", "expires", "whitelist", "blacklist")
FORMS = (
    Form("files of an old layout", old_files),
    Form("`size`, `disk`, `resources`", at(*RESOURCES)),
    Form("mounts as strings", at(*instances("mounts.*"), where=is_text)),
    Form("`source: local`", at(*instances("mounts.*.source"), where=is_local)),
    Form("cron `cmd`", at("applications.*.crons.*.cmd")),
    Form("`web.document_root` and its family", at(*(f"applications.*.web.{key}" for key in WEB))),
    Form("`web.move_to_root`", at("applications.*.web.move_to_root")),
    Form("`toolstack`", at("applications.*.toolstack")),
    Form("an application among the services", at("services.php.relationships")),
    Form("`build.caches`", at("applications.*.build.caches")),
    Form("`access` to a service", at("services.*.access")),
    Form("`runtime.quicklisp`", at("applications.*.runtime.quicklisp")),
    Form("archives with `!include`", archives),
    Form(
        "relationships as strings",
        at(*instances("relationships.*"), "services.*.relationships.*", where=is_pair),
        Options(explicit_relationships=True),
    ),
    Form("`stack` in an older spelling", at("applications.*.stack", where=is_old_stack)),
    Form("keys beside a stack", beside_stack),
    Form("a channel that is not supported", at("applications.*.type", where=is_old_channel), Options(channel="26.05")),
    Form("a single-runtime `type`", at("applications.*.type", where=is_single), Options(stack=("all",))),
)


def count(root: Path, rows: dict[str, Row], name: str) -> None:
    """Count the forms of one project, before and after."""
    try:
        old = load_tree(DiskFiles(root))
    except ConfigurationError:
        rows["(cannot be read)"].projects.append(name)
        return
    plans: dict[Options, Plan | None] = {}
    for form in FORMS:
        before = form.find(old)
        if not before:
            continue
        row = rows[form.name]
        row.projects.append(name)
        if form.options not in plans:
            plans[form.options] = planned(root, form.options)
        made = plans[form.options]
        if made is None:
            row.places["refused"] += len(before)
            continue
        left = before & form.find(load_tree(Overlay(DiskFiles(root), made.files)))
        told = {path for path in left if any(f"{path}:" in d.message or f"`{path}`" in d.message for d in made.diagnostics)}
        row.places += Counter(converted=len(before) - len(left), reported=len(told), left=len(left) - len(told))


def planned(root: Path, options: Options) -> Plan | None:
    """The plan of a project's migration; None where it is refused."""
    try:
        return plan(root, options)
    except RefusedError:
        return None


def table(rows: dict[str, Row], verdicts: dict[str, str]) -> Iterator[str]:
    """The lines of the table."""
    columns = ("converted", "reported", "refused", "left")
    yield f"| form | projects | places {' | '.join(columns)} | judged |"
    yield "|---|" + "---:|" * (2 + len(columns)) + "---|"
    for name in dict.fromkeys((*(form.name for form in FORMS), *rows)):
        row = rows[name]
        judged = Counter(verdicts[project] for project in row.projects if project in verdicts)
        numbers = [len(row.projects), row.places.total(), *(row.places[column] for column in columns)]
        yield f"| {name} | {' | '.join(map(str, numbers))} | {', '.join(f'{n} {verdict}' for verdict, n in judged.most_common())} |"


def main(verdicts: str = "") -> int:
    """Count the forms of all projects, and print the table."""
    corpus = Path(os.environ["WORKERLIB_CORPUS"])
    judged = {one["id"]: one["verdict"] for one in json.loads(Path(verdicts).read_text("utf-8"))} if verdicts else {}
    rows: dict[str, Row] = defaultdict(Row)
    for entry in json.loads((corpus / "manifest.json").read_text("utf-8")):
        count(corpus / entry["id"], rows, entry["id"])
    sys.stdout.write("\n".join([*table(rows, judged), ""]))
    return 1 if any(row.places["left"] for row in rows.values()) else 0


if __name__ == "__main__":
    sys.exit(__doc__ if "WORKERLIB_CORPUS" not in os.environ else main(*sys.argv[1:]))
