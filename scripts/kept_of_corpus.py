"""Say how much of real projects' text a migration keeps as it was written, and which codemod removes or replaces the rest.

Usage: ``WORKERLIB_CORPUS=FOLDER python scripts/kept_of_corpus.py``. FOLDER holds projects, and ``manifest.json`` with the `id` of each: its
path. Scalars, lines and comments of layout files, and of the YAML files that these include, are compared by their text without indentation.
The exit status is 1 where a scalar or line does not stay although no codemod declares so.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from attrs import define, field

from workerlib import ConfigurationError, Options, RefusedError, plan
from workerlib.editing import Edit, Editor
from workerlib.layout import DiskFiles, Overlay, Role
from workerlib.lifting import NAME as LIFT
from workerlib.lifting import lift
from workerlib.loading import Tree, load_tree
from workerlib.migrate.registry import codemods
from workerlib.migrate.verify import run
from workerlib.text import Scalar


@define
class Tally:
    """What there is in the old files, what of it stays, and what does not, by codemod."""

    projects: int = 0
    there: Counter[str] = field(factory=Counter)
    kept: Counter[str] = field(factory=Counter)
    removed: Counter[str] = field(factory=Counter)
    replaced: Counter[str] = field(factory=Counter)
    lifted_lines: int = 0
    undeclared: list[str] = field(factory=list)


def written(scalar: Scalar) -> str:
    """A scalar as it is written, whatever its indentation."""
    return "\n".join(line.strip() for line in scalar.source.text[scalar.body : scalar.end].splitlines())


def scalars(tree: Tree) -> Counter[str]:
    """All scalars of a project's files."""
    return Counter(written(scalar) for source in tree.sources.values() for scalar in source.scalars)


def lines(tree: Tree) -> Counter[str]:
    """All lines of a project's files, without indentation."""
    return Counter(line.strip() for source in tree.sources.values() for line in source.text.splitlines())


def comments(tree: Tree) -> Counter[str]:
    """All comments of a project's files."""
    return Counter(source.text[start:end].rstrip() for source in tree.sources.values() for start, end in source.comments())


def touched(tree: Tree, edits: Mapping[str, Sequence[Edit]]) -> Iterator[tuple[Scalar, str, bool]]:
    """The scalars that edits take out, with the codemod of each, and whether that writes something else in the same file."""
    for path, changes in edits.items():
        writing = {edit.by for edit in changes if edit.text.strip()}
        for scalar in tree.sources[path].scalars:
            cut = next((e for e in changes if e.start < scalar.end and scalar.body < e.end), None)
            if cut is not None:
                yield scalar, cut.by, cut.by in writing


def touched_lines(tree: Tree, edits: Mapping[str, Sequence[Edit]]) -> Counter[str]:
    """The lines that edits take out, or whose text they change."""
    found = Counter[str]()
    for path, changes in edits.items():
        source = tree.sources[path]
        for start in source.lines:
            end = source.line_end(start)
            if any(e.start <= end and start < max(e.end, e.start + 1) for e in changes):
                found[source.text[start:end].strip()] += 1
    return found


def count(root: Path, tally: Tally) -> None:
    """Add what a migration keeps of one project, if there is one."""
    try:
        made, files = plan(root), DiskFiles(root)
        old = middle = load_tree(files)
    except (ConfigurationError, RefusedError):
        return
    if not made:
        return
    new = load_tree(Overlay(files, made.files))
    if any(one.file.role is not Role.CONFIG for one in old.layout):
        middle = load_tree(Overlay(files, lift(old).planned))
    edit = Editor()
    run(codemods(), middle, middle.project, Options(), edit)
    tally.projects += 1

    # By lifting, the key `name` goes and its value stays; all else that goes is written anew, as the path of a moved file is.
    gone = scalars(old) - scalars(middle)
    names = gone["name"] + gone["'name'"] + gone['"name"']
    tally.removed[LIFT] += names
    tally.replaced[LIFT] += gone.total() - names
    declared = Counter[str]()
    for scalar, name, anew in touched(middle, edit.edits()):
        declared[written(scalar)] += 1
        (tally.replaced if anew else tally.removed)[name] += 1
    tally.undeclared += (scalars(middle) - declared - scalars(new)).elements()
    tally.undeclared += (lines(middle) - touched_lines(middle, edit.edits()) - lines(new)).elements()
    tally.lifted_lines += (lines(old) - lines(middle)).total()

    for what, before, after in (("scalars", scalars(old), scalars(new)), ("comments", comments(old), comments(new))):
        tally.there[what] += before.total()
        tally.kept[what] += (before & after).total()
    before, after = lines(old), lines(new)
    for what, there, kept in (("blank lines", before.pop("", 0), after.pop("", 0)), ("lines", before.total(), (before & after).total())):
        tally.there[what] += there
        tally.kept[what] += min(there, kept)


def main() -> int:
    """Count all projects, and print the figures."""
    corpus = Path(os.environ["WORKERLIB_CORPUS"])
    tally = Tally()
    for entry in json.loads((corpus / "manifest.json").read_text("utf-8")):
        count(corpus / entry["id"], tally)
    out = [f"{tally.projects} projects are migrated", ""]
    out += [f"{what}: {tally.kept[what]} of {there} kept, {tally.kept[what] / there:.2%}" for what, there in tally.there.items() if there]
    out += ["", "| codemod | scalars removed | scalars replaced |", "|---|---:|---:|"]
    out += [f"| {name} | {tally.removed[name]} | {tally.replaced[name]} |" for name in dict.fromkeys((*tally.removed, *tally.replaced))]
    out += ["", f"lines that lifting alone changes: {tally.lifted_lines}"]
    out += [f"scalars and lines that do not stay, and no codemod declares: {len(tally.undeclared)}", *tally.undeclared[:20], ""]
    sys.stdout.write("\n".join(out))
    return 1 if tally.undeclared else 0


if __name__ == "__main__":
    sys.exit(__doc__ if "WORKERLIB_CORPUS" not in os.environ else main())
