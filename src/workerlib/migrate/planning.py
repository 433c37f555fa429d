"""The plan of a migration: lift, rewrite, prove. Nothing is written here."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from os import PathLike
from pathlib import Path

from attrs import define, evolve, field

from workerlib.changes import FileChange
from workerlib.convert import structure
from workerlib.diagnostic import Diagnostic, Origin, Severity
from workerlib.editing import Edit, Editor, apply
from workerlib.errors import ConfigurationError, RefusedError
from workerlib.keypath import KeyPath
from workerlib.layout import DiskFiles, Overlay, ProjectFiles, Role, discover
from workerlib.lifting import lift
from workerlib.loading import Tree, load_tree
from workerlib.merging import no_applications
from workerlib.migrate.registry import LIFT, chosen, codemods
from workerlib.migrate.verify import lost_comments, model_differences, run, second_run
from workerlib.model import Project
from workerlib.rewrite import Changed, Options, Outcome, Rewrite, Skipped, Unchanged
from workerlib.sizing import ResourcePlan, resources
from workerlib.text import Limits, Source


@define(eq=False)
class Plan:
    """What a migration would change, proved to be right, and everything to tell about it.

    `changes` are the files that would be written or go; `outcomes` what became of each codemod; `diagnostics` what to know or to do, with
    places in the new files; `resources` what the files said of CPU, memory and disk, with the command that sets it. `project` is the
    project as it would be, `places` the lines of each new file that a codemod changed, with its name.
    """

    root: Path
    changes: tuple[FileChange, ...]
    outcomes: tuple[Outcome, ...]
    diagnostics: tuple[Diagnostic, ...]
    resources: ResourcePlan
    applications: tuple[str, ...] = ()
    moves: Mapping[str, str] = field(factory=dict)
    project: Project = field(factory=Project)
    places: Mapping[str, Sequence[tuple[int, str]]] = field(factory=dict)

    @property
    def files(self) -> Mapping[str, bytes | None]:
        """The new bytes of every file that changes, by path; None for a file that goes."""
        return {change.path: change.after for change in self.changes}

    def __bool__(self) -> bool:
        """Whether anything would change."""
        return bool(self.changes)

    def diff(self) -> str:
        """The changes as a unified diff, as ``git apply`` reads it."""
        from workerlib.migrate.diff import unified

        return unified(self.changes, self.moves)

    def apply(self, *, force: bool = False, stage: bool = False) -> None:
        """Write the changes, all or none.

        In a git checkout, old files that are not committed are refused unless `force` is set; `stage` stages the result.
        Raises WriteError where anything is not as it was when the plan was made, or cannot be written.
        """
        from workerlib.migrate.write import apply as write

        write(self.root, self.changes, force=force, stage=stage)


def plan(root: str | PathLike[str], options: Options = Options(), *, limits: Limits = Limits()) -> Plan:
    """Plan the migration of a project to the current layout, and prove it.

    Raises RefusedError, with a message and a place for every reason, where the project cannot be migrated safely; UsageError for a codemod that
    does not exist; FileError where a file cannot be read.
    """
    rewrites = chosen(options)
    files = DiskFiles(Path(root))
    try:
        return _Planner(files, Path(root), options, limits, rewrites).plan()
    except RefusedError:
        raise
    except ConfigurationError as error:
        raise RefusedError(*error.diagnostics) from None


@define
class _Planner:
    files: ProjectFiles
    root: Path
    options: Options
    limits: Limits
    rewrites: Sequence[Rewrite]
    planned: dict[str, bytes | None] = field(factory=dict)

    def plan(self) -> Plan:
        old = self.load_old()
        if not old.definitions.applications:
            raise no_applications(str(self.root))
        before = structure(old.definitions)
        lifting = _wants(self.options, LIFT) and any(one.file.role is not Role.CONFIG for one in old.layout)
        moves: Mapping[str, str] = {}
        middle = old
        if lifting:
            lifted = lift(old, split=self.options.split)
            self.planned |= lifted.planned
            moves = lifted.moves
            middle = self.load_planned()
        edit = Editor()
        intentions: list[tuple[Rewrite, list[KeyPath]]] = []
        notes: list[Diagnostic] = []
        for rewrite in self.rewrites:
            paths, more = run(rewrite, middle, self.options, edit)
            notes += more
            intentions += [(rewrite, paths)] if paths else []
        edits = edit.edits()
        for path, changes in edits.items():
            source = middle.sources[path]
            self.planned[path] = source.encode(apply(source.text, changes))
        new, after = middle, before
        if self.planned:
            new = self.load_planned() if edits else middle
            after = structure(new.definitions)
            self.prove(old, middle, new, edits, model_differences(before, after, intentions, self.options))
        outcomes = [Changed(LIFT, one.file.path, 1) for one in old.layout if lifting and one.file.role is not Role.CONFIG]
        outcomes += _outcomes(edits, self.options)
        diagnostics = dict.fromkeys((*new.diagnostics, *after.diagnostics, *(_moved(note, edits, new) for note in notes)))
        return Plan(
            self.root,
            self.changes(moves),
            tuple(outcomes),
            tuple(diagnostics),
            resources(before),
            tuple(before.applications),
            moves,
            after,
            {path: _places(changes, new.sources[path]) for path, changes in edits.items()},
        )

    def load_old(self) -> Tree:
        """The project as it is. Where both an old layout and the current one have applications, only one of them can be meant."""
        found = discover(self.files)
        current = [file for file in found if file.role is Role.CONFIG]
        old = [file for file in found if file.role is not Role.CONFIG]
        if not (current and old and _wants(self.options, LIFT)):
            return load_tree(self.files, found, limits=self.limits)
        if self.options.overwrite:
            self.planned |= dict.fromkeys(file.path for file in current)
            return load_tree(Overlay(self.files, self.planned), old, limits=self.limits)
        applications = [load_tree(self.files, part, limits=self.limits).definitions.applications for part in (old, current)]
        if all(applications):
            first, second = (next(iter(a.values())).source.path for a in applications)
            message = f"applications are defined in an old layout and in the current one (`{second}`)"
            advice = "delete the files of one, or write the current ones anew with --overwrite"
            raise RefusedError(Diagnostic("WL191", "both-layouts", Severity.ERROR, message, Origin(first), advice))
        return load_tree(self.files, found, limits=self.limits)

    def load_planned(self) -> Tree:
        """The project as it would be."""
        return load_tree(Overlay(self.files, self.planned), limits=self.limits)

    def prove(self, old: Tree, middle: Tree, new: Tree, edits: Mapping[str, list[Edit]], differences: list[Diagnostic]) -> None:
        """Refuse the plan if anything speaks against it."""
        faults = differences + second_run(new, self.rewrites, self.options)
        faults += lost_comments(old.sources.values(), {} if middle is not old else edits, middle.sources.values())
        faults += lost_comments(middle.sources.values(), edits, new.sources.values())
        if faults:
            raise RefusedError(*faults)

    def changes(self, moves: Mapping[str, str]) -> tuple[FileChange, ...]:
        """What differs from the disk, old files last."""
        origins = {new: old for old, new in moves.items()}
        default = next((path for path, data in self.planned.items() if data is None), None)
        out = []
        for path, after in sorted(self.planned.items(), key=lambda item: (item[1] is None, item[0])):
            before = self.files.read(path) if self.files.is_file(path) else None
            if before != after and not (after is None and self.options.keep_old):
                out.append(FileChange(path, before, after, like=origins.get(path, default) if before is None else None))
        return tuple(out)


def _wants(options: Options, name: str) -> bool:
    return (not options.only or name in options.only) and name not in options.skip


def _outcomes(edits: Mapping[str, list[Edit]], options: Options) -> list[Outcome]:
    out: list[Outcome] = []
    for rewrite in codemods():
        if not _wants(options, rewrite.name):
            out.append(Skipped(rewrite.name, "not asked for"))
            continue
        counts = {path: sum(e.by == rewrite.name for e in changes) for path, changes in edits.items()}
        changed = [Changed(rewrite.name, path, count) for path, count in counts.items() if count]
        out += changed or [Unchanged(rewrite.name)]
    return out


def _moved(note: Diagnostic, edits: Mapping[str, list[Edit]], new: Tree) -> Diagnostic:
    """A note on the text that was rewritten, with the place in the text that it became."""
    origin = note.origin
    if origin is None or origin.span is None or origin.file not in edits:
        return note
    start, end = (_after(edits[origin.file], at) for at in (origin.span.start, origin.span.end))
    return evolve(note, origin=new.sources[origin.file].origin(start, end))


def _places(edits: Iterable[Edit], new: Source) -> tuple[tuple[int, str], ...]:
    """The lines of a new file that edits led to, with the name of the codemod."""
    starts = ((_after(edits, edit.start), edit.by) for edit in edits)
    return tuple((bisect_right(new.lines, start), by) for start, by in starts)


def _after(edits: Iterable[Edit], at: int) -> int:
    """Where a character of a text is when the edits are made: at the start of what replaces it, if that is so."""
    shift = 0
    for edit in sorted(set(edits)):
        if edit.start >= at:
            break
        if edit.end > at:
            return edit.start + shift
        shift += len(edit.text) - (edit.end - edit.start)
    return at + shift
