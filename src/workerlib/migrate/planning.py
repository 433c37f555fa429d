"""The plan of a migration: lift, rewrite, prove. Nothing is written here."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import Factory, define, evolve, field, frozen

from workerlib.changes import FileChange
from workerlib.diagnostic import Diagnostic, Diagnostics, Origin, Severity, as_diagnostics, in_order
from workerlib.editing import Edit, Editor, apply
from workerlib.editing.edits import EditConflictError, shifted
from workerlib.errors import ConfigurationError, RefusedError, UsageError, expect
from workerlib.keypath import KeyPath
from workerlib.layout import DiskFiles, MemoryFiles, Overlay, ProjectFiles, Remembered, Role, discover, is_configuration, project_files
from workerlib.lifting import (
    Lifted,
    included_no_more,
    left_behind,
    lift,
    roots_moved_away,
    roots_not_stated,
    without_unstated,
    written_down,
)
from workerlib.loading import Tree, load_tree
from workerlib.merging import no_applications
from workerlib.migrate.registry import LIFT, PREFIX, chosen, chosen_python, codemods, python_codemods, wanted
from workerlib.migrate.verify import gone_comments, model_differences, run, second_run
from workerlib.model import Project
from workerlib.resolving import effective
from workerlib.rewrite import STACKS, Changed, Options, Outcome, Rewrite, Skipped, Unchanged
from workerlib.sizing import ResourcePlan, resources
from workerlib.text import Alias, Limits, Node
from workerlib.upward import Displayed

if TYPE_CHECKING:
    from workerlib.migrate.python import Rewritten
    from workerlib.python.virtual import Planner


@define(eq=False, repr=False)
class Plan(Displayed):
    """What a migration would change, proved to be right, and everything to tell about it.

    `changes` are the files that would be written or go; `outcomes` what became of each codemod; `diagnostics` what to know or to do, with
    places in the new files. `before` is the project as it is, `project` as it would be, `places` the lines of each new file that a codemod
    changed, with its name. `comments_gone` counts the comments that left together with the key that they stood at or below. `root` is the
    folder of the project, None for one in memory.
    """

    root: Path | None
    changes: tuple[FileChange, ...]
    outcomes: tuple[Outcome, ...]
    diagnostics: Diagnostics = field(converter=as_diagnostics)
    before: Project
    applications: tuple[str, ...] = ()
    moves: Mapping[str, str] = field(factory=dict)
    project: Project = field(factory=Project)
    places: Mapping[str, Sequence[tuple[int, str]]] = field(factory=dict)
    comments_gone: int = 0
    # Where the root is, wherever the process goes after this.
    _place: Path | None = field(init=False, default=Factory(lambda self: self.root and self.root.absolute(), takes_self=True))

    @cached_property
    def resources(self) -> ResourcePlan:
        """What the files said of CPU, memory and disk, with the command that sets it."""
        return resources(self.before)

    @property
    def files(self) -> Mapping[str, bytes | None]:
        """The new bytes of every file that changes, by path; None for a file that goes."""
        return self._files

    @cached_property
    def _files(self) -> Mapping[str, bytes | None]:
        return {change.path: change.after for change in self.changes}

    def __bool__(self) -> bool:
        """Whether anything would change."""
        return bool(self.changes)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {', '.join(self.files) or 'of no change'}>"

    def diff(self) -> str:
        """The changes as a unified diff, as ``git apply`` reads it."""
        from workerlib.migrate.diff import unified

        return unified(self.changes, self.moves)

    def apply(self, *, force: bool = False, stage: bool = False) -> None:
        """Write the changes, all or none.

        In a git checkout, old files that are not committed are refused unless `force` is set; `stage` stages the result.
        Raises WriteError where anything is not as it was when the plan was made, or cannot be written; UsageError for a project in memory.
        """
        expect("force", force, bool)
        expect("stage", stage, bool)
        if self._place is None:
            raise UsageError("expected a project on the disk, found one in memory: its new files are `files`")
        from workerlib.migrate.write import apply as write

        write(self._place, self.changes, force=force, stage=stage)


def plan(root: str | PathLike[str] | Mapping[str, bytes], options: Options = Options(), *, limits: Limits = Limits()) -> Plan:
    """Plan the migration of a project to the current layout, and prove it: of a folder, or of a mapping of paths to bytes.

    Raises RefusedError, with a message and a place for every reason, where the project cannot be migrated safely; UsageError for a codemod
    that does not exist, for a path at which no folder is, and for Python source in memory; FileError where a file cannot be read.
    """
    expect("options", options, Options)
    expect("limits", limits, Limits)
    rewrites, files = chosen(options), project_files(root)
    folder = files.root if isinstance(files, DiskFiles) else None
    if folder is None and options.python:
        raise UsageError("python: expected a project on the disk, found one in memory")
    try:
        return _Planner(Remembered(files), folder, options, limits, rewrites).plan()
    except RefusedError:
        raise
    except ConfigurationError as error:
        raise RefusedError(*error.diagnostics) from None
    except (EditConflictError, UsageError) as error:
        # Nobody asked for an edit that cannot be written: a codemod did, of a text that it does not know.
        advice = "write it in another way, or leave the codemod out with --skip"
        raise RefusedError(Diagnostic("WL193", "not-possible", Severity.ERROR, str(error), None, advice)) from None


def in_memory(options: Options, limits: Limits = Limits()) -> Planner:
    """What migrates files that stand nowhere, such as those in a program, with what the options say of YAML."""
    names = tuple(name for name in options.only if not name.startswith(PREFIX))

    def migrate(files: Mapping[str, bytes], split: bool) -> tuple[Mapping[str, bytes], str | None, tuple[str, ...]]:
        told = evolve(options, only=names, python=False, app=None, split=split, keep_old=False, overwrite=False)
        found = _Planner(MemoryFiles(files), None, told, limits, chosen(told)).plan()
        warnings = tuple(one.message for one in found.diagnostics if one.severity is not Severity.INFO)
        return {path: data for path, data in found.files.items() if data is not None}, found.resources.command, warnings

    return migrate


@frozen(eq=False, repr=False)
class _Rewritten:
    """What codemods made of a project, `middle`, and where that is not what was intended; each of the `places` with codemod and file."""

    middle: Tree
    edits: Mapping[str, list[Edit]]
    places: list[tuple[str, str]]
    notes: list[tuple[KeyPath, Diagnostic]]
    tree: Tree
    project: Project
    differences: list[Diagnostic]


@define(eq=False, repr=False)
class _Planner:
    files: ProjectFiles
    root: Path | None
    options: Options
    limits: Limits
    rewrites: Sequence[Rewrite]
    planned: dict[str, bytes | None] = field(factory=dict)

    def plan(self) -> Plan:
        old = self.load_old()
        if not old.definitions.applications:
            if not self.options.python:
                raise no_applications(self.root, self.files, old.definitions, old.project.diagnostics)
            return self.python_alone(old)
        before = old.project
        notes = list(_no_such_applications(self.options, before))
        lifting = wanted(self.options, LIFT) and any(one.file.role is not Role.CONFIG for one in old.layout)
        if lifting:
            first = old
            old = self.written_down(old)
            notes += included_no_more(first, old)
        lifted = lift(old, split=self.options.split) if lifting else Lifted({}, {}, {})
        middle = old
        if lifting:
            self.planned |= lifted.planned
            middle = self.load_planned()
            notes += left_behind(old, self.planned)
            notes += roots_not_stated(old, middle)
            notes += roots_moved_away(old, middle)
            notes += _not_split(lifted, len(old.definitions.applications)) if self.options.split else ()
        stages = self.stages(without_unstated(before, old) if lifting else before, middle)
        done = stages[-1]
        comments = 0
        if self.planned:
            moved = gone_comments(old.sources.values(), lifted.edits, stages[0].middle.sources.values()) if lifting else ([], 0)
            comments = self.prove(*moved, stages)
        outcomes: list[Outcome] = [Changed(LIFT, one.file.path, 1) for one in old.layout if lifting and one.file.role is not Role.CONFIG]
        outcomes += _outcomes(stages, self.options)
        notes += _said(stages)
        python = self.python(old, done.tree)
        if python is not None:
            outcomes += _python_outcomes(python, self.options)
            notes += python.notes
        read = (*done.tree.diagnostics, *done.project.diagnostics)
        diagnostics = dict.fromkeys((*sorted(_worth_saying(read, notes, self.rewrites, self.options), key=in_order), *notes))
        return Plan(
            self.root,
            self.changes(lifted.moves),
            tuple(outcomes),
            tuple(diagnostics),
            before,
            tuple(before.applications),
            lifted.moves,
            done.project,
            _places(stages) | (python.places if python else {}),
            comments,
        )

    def python(self, old: Tree, new: Tree) -> Rewritten | None:
        """Rewrite the Python source that goes with the configuration. Raises RefusedError where the result is not proved."""
        if not self.options.python or self.root is None:
            return None
        from workerlib.migrate.python import Rewritten, configuration, rewrite
        from workerlib.python.codes import LEFT
        from workerlib.python.places import Context

        if staying := next((one.file for one in new.layout if one.file.role is not Role.CONFIG), None):
            message = "the configuration stays in its old layout, and so Python source as it is"
            return Rewritten(notes=[LEFT(message, Origin(staying.path), "run without --only and --skip")])
        context = Context(configuration(old, new), self.options.app, in_memory(self.options, self.limits))
        done = rewrite(self.root, Overlay(self.files, self.planned), context, chosen_python(self.options), self.planned)
        if done.faults:
            raise RefusedError(*done.faults)
        self.planned |= done.files
        return done

    def python_alone(self, old: Tree) -> Plan:
        """The plan for a repository without configuration, such as that of a tool."""
        done = self.python(old, old)
        assert done is not None, "it is asked for"
        outcomes = _python_outcomes(done, self.options)
        return Plan(self.root, self.changes({}), tuple(outcomes), tuple(done.notes), old.project, places=done.places)

    def load_old(self) -> Tree:
        """The project as it is. Where both an old layout and the current one have applications, only one of them can be meant."""
        found = discover(self.files)
        current = [file for file in found if file.role is Role.CONFIG]
        old = [file for file in found if file.role is not Role.CONFIG]
        if not (current and old and wanted(self.options, LIFT)):
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

    def written_down(self, old: Tree) -> Tree:
        """The project as it is, but that each application has keys of its own where lifting changes them."""
        while edits := written_down(old):
            self.take(edits, old)
            old = load_tree(Overlay(self.files, dict(self.planned)), [one.file for one in old.layout], limits=self.limits)
        return old

    def load_planned(self, before: Tree | None = None) -> Tree:
        """The project as it would be; with the layout files of the tree `before` edits, if that is it."""
        found = [one.file for one in before.layout] if before else None
        return load_tree(Overlay(self.files, self.planned), found, limits=self.limits)

    def stages(self, before: Project, middle: Tree) -> list[_Rewritten]:
        """What the codemods make of a project, and then those of them that work on what the others have made."""
        first, last = ([one for one in self.rewrites if one.last == last] for last in (False, True))
        lifted = dict(self.planned)
        done = self.rewrite(first, before, middle)
        while done.differences and (shared := _shared_aliases(middle, done.edits)):
            # A value that several places share was to change for some of them only: write it out, and try again.
            self.planned = lifted
            middle = self.written_out(middle, shared)
            lifted = dict(self.planned)
            done = self.rewrite(first, before, middle)
        concerned = any(one.concerns(done.tree, self.options) for one in last)
        return [done, self.rewrite(last, done.project, done.tree)] if concerned else [done]

    def rewrite(self, rewrites: Sequence[Rewrite], before: Project, middle: Tree) -> _Rewritten:
        """Let codemods have their way, and see what comes of it."""
        edit = Editor()
        # Lifting changes nothing of the model, or else the proof fails, so what lifted text says need not be found out again.
        same_names = before.applications.keys() == middle.definitions.applications.keys()
        folder = "" if self.root in (None, Path()) else str(self.root)
        ran = run(rewrites, middle, before if same_names else middle.project, self.options, edit, folder=folder)
        notes = [note for one in ran for note in one.notes]
        intentions = [(one.rewrite, one.paths) for one in ran if one.paths]
        edits = edit.edits()
        self.take(edits, middle)
        tree = self.load_planned(middle) if edits else middle
        after = tree.project if self.planned else before
        differences = model_differences(before, after, intentions, self.options) if self.planned else []
        places = [(one.rewrite.name, file) for one in ran for file in one.places.values()]
        return _Rewritten(middle, edits, places, notes, tree, after, differences)

    def written_out(self, middle: Tree, shared: list[Alias]) -> Tree:
        """The project with copies in place of some aliases."""
        edit = Editor("expand")
        for alias in shared:
            edit.expand_use(alias)
        self.take(edit.edits(), middle)
        return self.load_planned()

    def take(self, edits: Mapping[str, list[Edit]], tree: Tree) -> None:
        """Plan files with edits."""
        for path, changes in edits.items():
            source = tree.sources[path]
            self.planned[path] = source.encode(apply(source.text, changes))

    def prove(self, faults: list[Diagnostic], comments: int, stages: Sequence[_Rewritten]) -> int:
        """Refuse the plan if anything speaks against it; else how many comments have left with their keys."""
        for stage in stages:
            faults = faults + stage.differences
            # A file that is not included any more, and holds no other change, stays with all its comments.
            before = [one for path, one in stage.middle.sources.items() if path in stage.tree.sources or path in stage.edits]
            lost, left = gone_comments(before, stage.edits, stage.tree.sources.values())
            faults, comments = faults + lost, comments + left
        faults = faults + second_run(stages[-1].tree, self.rewrites, self.options)
        if faults:
            raise RefusedError(*faults)
        return comments

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


def _no_such_applications(options: Options, project: Project) -> Iterator[Diagnostic]:
    """What `stack` names and no application is called."""
    for name in options.stack:
        if name not in STACKS and name not in project.applications:
            there = ", ".join(f"`{one}`" for one in project.applications)
            message = f"--stack: there is no application `{name}`"
            yield Diagnostic(
                "WL521", "composable-stack", Severity.WARNING, message, None, f"there is {there}; or write {', '.join(STACKS)}"
            )


def _not_split(lifted: Lifted, applications: int) -> Iterator[Diagnostic]:
    """A note where the applications stay in one file although each was to have its own."""
    written = [path for path, data in lifted.planned.items() if data is not None and is_configuration(path)]
    if len(written) == 1 < applications:
        message = "the applications share anchors, so they stay in one file"
        yield Diagnostic("WL189", "not-split", Severity.INFO, message, Origin(written[0]), "write the aliases out to split them")


def _shared_aliases(tree: Tree, edits: Mapping[str, list[Edit]]) -> list[Alias]:
    """The aliases of what edits would change; where one holds another, the inner one first."""
    found = []
    for path, changes in edits.items():
        places = [edit.start for edit in changes]
        shared = [a for a in tree.sources[path].aliases if _any_in(places, a.target)]
        inner = [alias.start for alias in shared]
        found += [a for a in shared if not _any_in(inner, a.target)]
    return found


def _any_in(places: Sequence[int], node: Node) -> bool:
    """Whether any of some places, in order, is in a node."""
    return bisect_left(places, node.start) < bisect_left(places, node.end)


def _python_outcomes(done: Rewritten, options: Options) -> Iterator[Outcome]:
    for rewrite in python_codemods():
        if not wanted(options, rewrite.name):
            yield Skipped(rewrite.name, "not asked for")
            continue
        counts = {path: sum(e.by == rewrite.name for e in changes) for path, changes in done.edits.items()}
        changed = [Changed(rewrite.name, path, count) for path, count in counts.items() if count]
        yield from changed or (Unchanged(rewrite.name),)


def _outcomes(stages: Iterable[_Rewritten], options: Options) -> list[Outcome]:
    out: list[Outcome] = []
    # A codemod may reach from a key into another file, where that is one place.
    changes = dict.fromkeys((edit.by, path) for stage in stages for path, changes in stage.edits.items() for edit in changes)
    places = Counter(place for stage in stages for place in stage.places)
    for rewrite in codemods():
        if not wanted(options, rewrite.name):
            out.append(Skipped(rewrite.name, "not asked for"))
            continue
        changed = [Changed(name, path, places[name, path] or 1) for name, path in changes if name == rewrite.name]
        out += changed or [Unchanged(rewrite.name)]
    return out


def _said(stages: Iterable[_Rewritten]) -> list[Diagnostic]:
    """What the codemods have to say, with places in the text of the last stage."""
    said: list[tuple[KeyPath, Diagnostic]] = []
    for stage in stages:
        after = {path: shifted(changes) for path, changes in stage.edits.items()}
        said = [(path, _followed(path, note, stage) or _moved(note, after, stage.tree)) for path, note in said]
        said += ((path, _moved(note, after, stage.tree)) for path, note in stage.notes)
    return [note for _, note in said]


def _moved(note: Diagnostic, after: Mapping[str, Callable[[int], int]], new: Tree) -> Diagnostic:
    """A note on text that was rewritten, with the place in the text that it became."""
    origin = note.origin
    if origin is None or origin.span is None or origin.file not in after:
        return note
    start, end = (after[origin.file](at) for at in (origin.span.start, origin.span.end))
    return evolve(note, origin=new.sources[origin.file].origin(start, end))


def _followed(path: KeyPath, note: Diagnostic, stage: _Rewritten) -> Diagnostic | None:
    """A note on a value of an instance that a later stage moved, with the place that the instance has it from now; None for other notes."""
    origin = note.origin
    if origin is None or origin.span is None:
        return None
    at = origin.span.start
    moves = any(not e.text and e.start <= at < e.end for e in stage.edits.get(origin.file, ()))
    match path.parts if moves else ():
        case ("applications", str(name), "workers", str(worker), *below):
            instance = effective(stage.project.applications[name], worker)
        case ("applications", str(name), "web", *below):
            instance = effective(stage.project.applications[name])
        case _:
            return None
    return evolve(note, origin=instance.origin(KeyPath(below)))


def _worth_saying(
    read: Iterable[Diagnostic], notes: Iterable[Diagnostic], rewrites: Iterable[Rewrite], options: Options
) -> Iterator[Diagnostic]:
    """What was found when the project was read, but for what codemods say of the same keys, and what is as it was asked for."""
    asked = {name for rewrite in rewrites if rewrite.as_asked for name in rewrite.as_asked(options)}
    better = {rewrite.name: rewrite.instead_of for rewrite in rewrites}
    said = {(name, note.origin) for note in notes for name in better.get(note.name, ())}
    return (one for one in read if one.name not in asked and (one.name, one.origin) not in said)


def _places(stages: Sequence[_Rewritten]) -> dict[str, Sequence[tuple[int, str]]]:
    """The lines of each new file that edits led to, with the name of the codemod."""
    marks: dict[str, list[tuple[int, str]]] = {}
    for stage in stages:
        for path, changes in stage.edits.items():
            after = shifted(changes)
            places = [*marks.get(path, ()), *((edit.start, edit.by) for edit in changes)]
            marks[path] = sorted((after(at), by) for at, by in places)
    sources = stages[-1].tree.sources
    return {path: tuple((bisect_right(sources[path].lines, at), by) for at, by in places) for path, places in marks.items()}
