"""Which included files move along with a layout, and what every path that names one is to say then.

A file below an old configuration folder goes to the same place below the current one. Other files stay, and so does the text of a path that
still leads to the same file.
"""

from __future__ import annotations

import posixpath
from collections.abc import Container, Iterable
from functools import cached_property

from attrs import define, field

from workerlib.definitions import Inclusion
from workerlib.diagnostic import Diagnostic, Severity
from workerlib.editing import Editor, quoted
from workerlib.errors import ConfigurationError
from workerlib.layout import CURRENT, OLD, Overlay, ProjectFiles, below, folders_above, joined, relocated
from workerlib.lifting.roots import unstated
from workerlib.loading import Tree


@define(eq=False, repr=False)
class Relocation:
    """Old paths and new ones of the files that move."""

    moves: dict[str, str] = field(factory=dict)
    copies: dict[str, str] = field(factory=dict)  # files of the layout, whose text becomes configuration too

    @cached_property
    def places(self) -> dict[str, str]:
        """Both, once all of them are known."""
        return self.moves | self.copies

    @cached_property
    def _inside(self) -> dict[str, str]:
        return _by_folder(self.places)

    def __call__(self, path: str) -> str:
        """Where a file or folder is after the move."""
        places = self.places
        if path in places:
            return places[path]
        inside = self._inside.get(path)
        return places[inside][: -len(inside) + len(path)] if inside and places[inside].endswith(inside[len(path) :]) else path


def relocation(tree: Tree) -> Relocation:
    """The moves that a project's includes and archives ask for."""
    found = Relocation()
    layout_files = dict.fromkeys(one.file.path for one in tree.layout)
    holding, taken = _by_folder(layout_files), set[str]()
    # Folders first, and those around others: what lies inside goes with them.
    inclusions = sorted(tree.definitions.inclusions.values(), key=lambda one: (one.kind != "archive", len(one.target or "")))
    for inclusion in inclusions:
        target = inclusion.target
        if target is None:
            continue
        if not any(below(f"{target}/", layout.folder) for layout in OLD):
            if inclusion.kind == "archive" and (holds := holding.get(target)):
                raise _leaves_its_archive(inclusion, holds)
            continue
        inside = [p for p in tree.files.walk(target) if tree.files.is_file(p)] if inclusion.kind == "archive" else [target]
        coming = [path for path in inside if path not in found.moves]
        new = _free(tree.files, taken, target, coming)
        for path in coming:
            to = new + path[len(target) :]
            if path in layout_files:
                found.copies.setdefault(path, to)
            else:
                found.moves[path] = to
                taken.add(to)
    return found


def _by_folder(paths: Iterable[str]) -> dict[str, str]:
    """For each folder that holds one of the paths, be it further down, the first of them."""
    out: dict[str, str] = {}
    for path in paths:
        for folder in folders_above(path):
            if out.setdefault(folder, path) is not path:
                break  # and so are those above
    return out


def _leaves_its_archive(inclusion: Inclusion, path: str) -> ConfigurationError:
    message = f"expected a folder without configuration, found `{path}` in `{inclusion.target or '.'}`, which has to leave it"
    advice = "archive a folder of its own"
    return ConfigurationError(Diagnostic("WL121", "include-cycle", Severity.ERROR, message, inclusion.path.origin, advice))


def _free(files: ProjectFiles, others: Container[str], target: str, coming: list[str]) -> str:
    """Where a file, or a folder with the files that come along, goes without taking the place of another file."""
    taken: list[str] = []
    while True:
        new = relocated(target if posixpath.dirname(target) else f"{target}/{target.lstrip('.')}", taken)
        places = {path: new + path[len(target) :] for path in coming}
        if not any(to in others or (files.is_file(to) and files.read(to) != files.read(path)) for path, to in places.items()):
            return new
        taken.append(new)


def rewrite_paths(tree: Tree, moved: Relocation, edit: Editor) -> None:
    """Have every include and archive lead to the file that it led to."""
    planned = dict.fromkeys(moved.places.values(), b"") | dict.fromkeys(moved.places)
    after = Overlay(tree.files, planned)
    layout_files = {one.file.path for one in tree.layout}
    for found in tree.definitions.inclusions.values():
        if found.target is None:
            continue
        bases = _bases_after(tree, found, moved, layout_files)
        there = after.is_folder if found.kind == "archive" else after.is_file
        target = moved(found.target)
        reached = next((p for b in bases if there(p := joined(b, found.relative))), None)
        if reached != target:
            edit.replace(found.path, quoted(posixpath.relpath(target or ".", bases[0] or "."), found.path))


def _bases_after(tree: Tree, found: Inclusion, moved: Relocation, layout_files: set[str]) -> tuple[str, ...]:
    """Where a path starts from once the layout is the current one, likeliest first: what is found elsewhere by luck gets a new path."""
    here = found.source.path
    bases = [] if here in layout_files else [posixpath.dirname(moved(here))]
    if found.application is not None:
        definition = tree.definitions.applications[found.application]
        bases.append("" if unstated(tree, definition) else definition.root)
    return tuple(bases) or (CURRENT.folder,)
