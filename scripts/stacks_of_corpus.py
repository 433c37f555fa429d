"""Say what becomes of real applications that are asked to have a stack: how many get one, why others do not, and whether each is sound.

Usage: ``WORKERLIB_CORPUS=FOLDER python scripts/stacks_of_corpus.py SCHEMA [list]``. FOLDER holds projects, and ``manifest.json`` with the
`id` of each: its path. SCHEMA is the vendor's JSON schema of ``.upsun/config.yaml``. With ``list`` stacks are written as lists. Needs the
package jsonschema. The exit status is 1 where anything is not as it ought to be.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import TypeAlias

from attrs import define, field

from workerlib import Options, RefusedError, Severity, check, plan
from workerlib.definitions import Definitions
from workerlib.layout import DiskFiles, MemoryFiles
from workerlib.loading import Tree, load_tree
from workerlib.model import ABSENT, Number
from workerlib.scalars import scalar_value
from workerlib.text import Mapping as MappingNode
from workerlib.text import Node, Scalar

Schema: TypeAlias = Callable[[object], list[str]]  # what is wrong with data, in words
NAME, REFUSED = "composable-stack", ": not converted: "


@define
class Tally:
    """What is found: `applications` by what became of them, `reasons` of those that stay, and `faults`, of which there ought to be none."""

    applications: Counter[str] = field(factory=Counter)
    reasons: Counter[str] = field(factory=Counter)
    faults: list[str] = field(factory=list)


def look_at(root: Path, schema: Schema, form: str, tally: Tally) -> None:
    """Convert the applications of one project, and look at what is written."""
    options = Options(stack=("all",), stack_form=form)
    try:
        plain = after(root, Options(stack=("never",)))
    except RefusedError:
        tally.applications["(projects that are refused)"] += 1
        return
    made = plan(root, options)  # raises where the proof fails
    tree = load_tree(files_after(root, made.files))
    refusals = {
        (path, reason) for d in made.diagnostics if d.name == NAME for path, found, reason in [d.message.partition(REFUSED)] if found
    }
    tally.reasons.update(re.sub(r"`[^`]*`", "`...`", re.sub(r"\d[\d.]*", "N", reason)) for _, reason in refusals)
    before = {name: app.stack for name, app in plain.project.applications.items()}
    converted = {name for name, app in tree.project.applications.items() if app.stack and not before[name]}
    written = {name for name, app in tree.project.applications.items() if app.stack} - converted
    untyped = {name for name, app in plain.project.applications.items() if app.type is ABSENT}
    tally.applications["converted"] += len(converted)
    tally.applications["with a stack already"] += len(written)
    tally.applications["without a type"] += len(untyped - written)
    tally.applications["not converted"] += len(before.keys() - converted - written - untyped)
    refused = {path.removeprefix("applications.").removesuffix(".type").removesuffix(".toolstack") for path, _ in refusals}
    unexplained = before.keys() - converted - written - untyped - refused
    tally.faults += [f"{root}: {name}: neither converted nor refused" for name in sorted(unexplained)]
    new = errors(tree, schema) - errors(plain, schema)
    new |= {one for one in errors(tree, schema) if any(one.startswith(f"applications.{name}.stack") for name in converted)}
    tally.faults += [f"{root}: {one}" for one in sorted(new)]
    if plan_of(tree, options):
        tally.faults.append(f"{root}: a second run finds something to do")


def after(root: Path, options: Options) -> Tree:
    """A project as a migration would leave it."""
    return load_tree(files_after(root, plan(root, options).files))


def files_after(root: Path, changed: Mapping[str, bytes | None]) -> MemoryFiles:
    """The files of a project with those that a plan changes."""
    there = {path: DiskFiles(root).read(path) for path in DiskFiles(root).walk()}
    return MemoryFiles({path: data for path, data in {**there, **changed}.items() if data is not None})


def plan_of(tree: Tree, options: Options) -> bool:
    """Whether any codemod would still change a project."""
    from workerlib.migrate.registry import chosen
    from workerlib.migrate.verify import second_run

    return bool(second_run(tree, chosen(options), options))


def errors(tree: Tree, schema: Schema) -> set[str]:
    """The mistakes that checks and the schema find, without their numbers, which differ from run to run."""
    found = {f"{d.message} [{d.name}]" for d in check(tree.project) if d.severity is Severity.ERROR}
    data = {"applications": {name: plain(tree.definitions, one.node) for name, one in tree.definitions.applications.items()}}
    return found | {f"{message} [schema]" for message in schema(data)}


def plain(look: Definitions, node: Node) -> object:
    """What is written at a node, as data; texts and folders in files of their own as their paths."""
    seen = look.see(node)
    if seen.tag in ("!include", "!archive"):
        return "text"
    if isinstance(seen, MappingNode):
        return {name: plain(look, entry.value) for name, entry in look.entries(seen).items()}
    if not isinstance(seen, Scalar):
        return [plain(look, item) for item in seen.items]
    value = scalar_value(seen)
    return number(value.text) if isinstance(value, Number) else value


def number(text: str) -> float | str:
    """A number, as a schema wants it; the text of what is none in JSON."""
    try:
        return int(text) if text.lstrip("-+").isdecimal() else float(text)
    except ValueError:
        return text


def projects() -> Iterator[Path]:
    """The folders of all projects."""
    corpus = Path(os.environ["WORKERLIB_CORPUS"])
    for entry in json.loads((corpus / "manifest.json").read_text("utf-8")):
        yield corpus / entry["id"]


def schema_of(path: str) -> Schema:
    """The schema in a file."""
    validator = import_module("jsonschema").Draft7Validator(json.loads(Path(path).read_text("utf-8")))
    return lambda data: [f"{'.'.join(map(str, e.absolute_path))}: {e.message[:200]}" for e in validator.iter_errors(data)]


def main(path: str, form: str = "mapping") -> int:
    """Look at all projects, and print what is found."""
    tally, schema = Tally(), schema_of(path)
    for root in projects():
        look_at(root, schema, form, tally)
    lines: list[str] = []
    for title, counts in (("applications", tally.applications), ("reasons", tally.reasons)):
        lines += [f"{title}:", *(f"{count:6}  {text}" for text, count in counts.most_common())]
    sys.stdout.write("\n".join([*lines, f"{len(tally.faults)} faults", *tally.faults, ""]))
    return 1 if tally.faults else 0


if __name__ == "__main__":
    sys.exit(__doc__ if "WORKERLIB_CORPUS" not in os.environ or len(sys.argv) < 2 else main(*sys.argv[1:]))
