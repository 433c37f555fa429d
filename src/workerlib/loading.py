"""The way from files to a project, on one screen: discover, read, include, merge, convert."""

from __future__ import annotations

import os
from collections.abc import Iterable
from collections.abc import Mapping as MappingABC
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import define, field

from workerlib.definitions import Definitions
from workerlib.diagnostic import Diagnostic
from workerlib.errors import ConfigurationError, UsageError, expect
from workerlib.including import Includer
from workerlib.layout import (
    CONFIG,
    CURRENT,
    DiskFiles,
    LayoutFile,
    MemoryFiles,
    Overlay,
    ProjectFiles,
    Role,
    discover,
    is_configuration,
    project_files,
    single,
)
from workerlib.merging import LoadedFile, Merger
from workerlib.text import Anchored, Limits, Mapping, Sequence, Source, dealias, is_merge, problem

if TYPE_CHECKING:
    from workerlib.model import Project


@define(eq=False, repr=False)
class Tree:
    """A project as text and nodes: its layout files, every YAML file that was read, and what they define."""

    files: ProjectFiles
    layout: list[LoadedFile]
    definitions: Definitions
    sources: dict[str, Source] = field(factory=dict)
    diagnostics: list[Diagnostic] = field(factory=list)

    @cached_property
    def project(self) -> Project:
        """The model of what is defined."""
        from workerlib.convert import structure

        return structure(self.definitions)


def load_tree(
    files: ProjectFiles, found: Iterable[LayoutFile] | None = None, *, limits: Limits = Limits(), last_wins: bool = False
) -> Tree:
    """Read the layout files of a project, or those given, and everything that they include.

    Raises ConfigurationError with all mistakes that leave no meaning; FileError for a file that cannot be read.
    """
    expect("limits", limits, Limits)
    includer = Includer(files, limits)
    layout: list[LoadedFile] = []
    mistakes: list[Diagnostic] = []
    for file in discover(files) if found is None else found:
        try:
            layout.append(LoadedFile(file, includer.read(file.path)))
        except ConfigurationError as error:
            mistakes += error.diagnostics
            if includer.exceeded:
                break
    if mistakes:
        raise ConfigurationError(*mistakes)
    definitions = Merger(includer, last_wins).merge(layout)
    includer.refuse_bombs([one.source for one in layout])
    includer.refuse_crowds(definitions.applications.values())
    definitions.files = files
    for source in includer.sources.values():
        _refuse_second_anchors(source)
        _refuse_odd_merges(source)
    return Tree(files, layout, definitions, includer.sources, includer.diagnostics)


def _refuse_second_anchors(source: Source) -> None:
    """Refuse a file that gives one name to two nodes: some parsers, that of the platform's own tools among them, do not read it."""
    known: dict[str | None, Anchored] = {}
    for node in source.anchors:
        first = known.setdefault(node.anchor, node)
        if first is not node:
            message = f"anchor `&{node.anchor}` is given a second time, first at {first.origin}; not all YAML parsers read that"
            raise problem("ambiguous-yaml", message, node.origin, "rename one of them, and the aliases that mean it")


def _refuse_odd_merges(source: Source) -> None:
    """Refuse a merge key of what is no mapping: some parsers read on without it, others do not."""
    merges = (e for n in source.collections if isinstance(n, Mapping) for e in n.entries if is_merge(e)) if "<<" in source.text else ()
    for entry in merges:
        value = dealias(entry.value)
        parts = value.items if isinstance(value, Sequence) else [value]
        if not all(isinstance(dealias(part), Mapping) for part in parts):
            message = "expected a mapping behind `<<`, or a list of mappings; not all YAML parsers read anything else"
            raise problem("ambiguous-yaml", message, entry.key.origin, "name the anchor of a mapping")


def load(path: str | PathLike[str] | MappingABC[str, bytes], *, limits: Limits = Limits(), on_duplicate: str = "error") -> Project:
    """Load a project of any layout.

    `path` is the project's folder, a mapping of paths to bytes, or one file: of a layout by its name, or else read as
    ``.upsun/config.yaml``. A file alone is read with what it includes, and without all other files, in which what it names may stand.
    `on_duplicate` says what a second definition of one application, service or route is: ``error``, or ``last`` for the one that counts.

    Raises ConfigurationError for files that have no meaning, FileError for one that cannot be read, UsageError for an unknown
    `on_duplicate` and for a path at which nothing is.
    """
    if on_duplicate not in ("error", "last"):
        raise UsageError(f"on_duplicate: expected `error` or `last`, found `{on_duplicate}`")
    expect("path", path, str, PathLike, MappingABC)
    last_wins = on_duplicate == "last"
    if isinstance(path, MappingABC) or not os.path.isfile(path):  # noqa: PTH113 - pathlib raises for too long a name
        return load_tree(project_files(path), limits=limits, last_wins=last_wins).project
    files, file = _alone(Path(path), limits)
    tree = load_tree(files, [file], limits=limits, last_wins=last_wins)
    tree.definitions.files = None  # checks are not to look for the rest of the project
    tree.definitions.whole = file.role is Role.CONFIG and not _has_others(files, file.path)
    return tree.project


def _has_others(files: ProjectFiles, path: str) -> bool:
    """Whether another file of the current layout stands beside one; an old layout has a file for each section."""
    return any(is_configuration(other) for name in files.names(CURRENT.folder) if (other := f"{CURRENT.folder}/{name}") != path)


def _alone(path: Path, limits: Limits) -> tuple[ProjectFiles, LayoutFile]:
    """A file as the only one of its project, and the files that it may include."""
    found = single(path)
    if found is not None:
        return DiskFiles(found[0]), found[1]
    with path.open("rb") as file:
        data = file.read(limits.file_size + 1)
    return Overlay(DiskFiles(path.absolute().parent), {CONFIG: data}), LayoutFile(CONFIG, CURRENT, Role.CONFIG)


def loads(text: str, *, limits: Limits = Limits()) -> Project:
    """Load a project from the text of one file of the current layout. Raises as :func:`load` does, and UsageError for bytes."""
    expect("text", text, str, advice=f"`load` reads bytes, as {{'{CONFIG}': ...}}, and folders")
    return load_tree(MemoryFiles({CONFIG: text.encode("utf-8", "surrogatepass")}), limits=limits).project
