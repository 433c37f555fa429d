"""The plan of a migration: lift, rewrite, prove. Nothing is written here."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
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
from workerlib.layout import (
    CONFIG,
    DiskFiles,
    MemoryFiles,
    Overlay,
    ProjectFiles,
    Remembered,
    Role,
    discover,
    is_configuration,
    project_files,
)
from workerlib.lifting import (
    Lifted,
    included_no_more,
    left_behind,
    left_by_writing_down,
    lift,
    roots_moved_away,
    roots_not_stated,
    without_unstated,
    written_down,
)
from workerlib.loading import Tree, load_tree
from workerlib.merging import no_applications
from workerlib.migrate.registry import LIFT, PREFIX, chosen, chosen_python, codemods, python_codemods, wanted
from workerlib.migrate.verify import Ran, gone_comments, model_differences, run, second_run
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
    places in the new files. `before` is the project as it is, `project` as it would be, `places` the lines of each file that a codemod
    changed, with its name: of the new file, or of the old one if that goes. `comments_gone` counts the comments that left together with the
    key that they stood at or below. `root` is the folder of the project, None for one in memory.
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
class _Stage:
    """What codemods made of a project, `before`, that was lifted on the way if it is `lifted`; and where that is not what was intended."""

    before: Tree
    lifted: Lifted | None
    edits: Mapping[str, list[Edit]]
    ran: list[Ran]
    tree: Tree
    project: Project
    differences: list[Diagnostic]

    def stays(self, path: str) -> bool:
        """Whether a file that was there still is, under its name."""
        return path in self.tree.sources

    def file(self, path: str, key: KeyPath) -> str:
        """Where what a file said of a key stands now."""
        if self.lifted is None or self.stays(path):
            return path
        if path in self.lifted.moves:
            return self.lifted.moves[path]
        section, name = map(str, key.parts[:2])
        found = self.tree.definitions
        if section == "applications" and name in found.applications:
            return found.applications[name].source.path
        entries = found.services if section == "services" else found.routes
        return entries[name].key.source.path if name in entries else CONFIG


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
        intended = before
        if lifting:
            first = old
            old = self.written_down(old)
            intended = without_unstated(before, old)
            notes += left_by_writing_down(first, old)
        stages, comments = self.proved(intended, old, lifting=lifting)
        done = stages[-1]
        lifted = stages[0].lifted
        moves = lifted.moves if lifted else {}
        if lifted:
            notes += left_behind(old, self.planned)
            notes += roots_not_stated(old, done.tree)
            notes += roots_moved_away(old, done.tree)
            notes += _not_split(lifted, len(old.definitions.applications)) if self.options.split else ()
        outcomes: list[Outcome] = [Changed(LIFT, one.file.path, 1) for one in old.layout if lifting and one.file.role is not Role.CONFIG]
        outcomes += _outcomes(stages, self.options)
        notes += _said(stages)
        notes += included_no_more(old, done.tree, moves, "what included it is gone")
        python = self.python(old, done.tree)
        if python is not None:
            outcomes += _python_outcomes(python, self.options)
            notes += python.notes
        read = (*done.tree.diagnostics, *done.project.diagnostics)
        diagnostics = dict.fromkeys((*sorted(_worth_saying(read, notes, self.rewrites, self.options), key=in_order), *notes))
        return Plan(
            self.root,
            self.changes(moves),
            tuple(outcomes),
            tuple(diagnostics),
            before,
            tuple(before.applications),
            moves,
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
            old = load_tree(Overlay(self.files, self.planned), [one.file for one in old.layout], limits=self.limits)
        return old

    def load_planned(self, before: Tree | None = None) -> Tree:
        """The project as it would be; with the layout files of the tree `before` edits, if that is it."""
        found = [one.file for one in before.layout] if before else None
        return load_tree(Overlay(self.files, self.planned), found, limits=self.limits)

    def proved(self, before: Project, old: Tree, *, lifting: bool) -> tuple[list[_Stage], int]:
        """What becomes of a project, and how many comments leave with their keys. Raises RefusedError if anything speaks against it.

        Codemods work on the old files, and lifting takes their edits along. Where that does not fit together, they work on lifted files.
        """
        first, last = ([one for one in self.rewrites if one.last == last] for last in (False, True))
        start = dict(self.planned)
        if lifting:
            with suppress(ConfigurationError, EditConflictError, UsageError):
                stages = self.stages([first, last], before, old, lifting=True)
                faults, comments = self.faults(stages)
                if not faults:
                    return stages, comments
            self.planned = start
        stages = self.stages([[], first, last] if lifting else [first, last], before, old, lifting=lifting)
        faults, comments = self.faults(stages) if self.planned else ([], 0)
        if faults:
            raise RefusedError(*faults)
        return stages, comments

    def stages(self, groups: Iterable[Sequence[Rewrite]], before: Project, tree: Tree, *, lifting: bool) -> list[_Stage]:
        """What groups of codemods make of a project, each of what those before it have made."""
        stages: list[_Stage] = []
        for rewrites in groups:
            if not stages or any(one.concerns(tree, self.options) for one in rewrites):
                stages.append(self.stage(rewrites, before, tree, lifting=lifting and not stages))
                before, tree = stages[-1].project, stages[-1].tree
        return stages

    def stage(self, rewrites: Sequence[Rewrite], before: Project, tree: Tree, *, lifting: bool) -> _Stage:
        """Let codemods have their way with a project whose model is `before`."""
        planned = dict(self.planned)
        done = self.rewrite(rewrites, before, tree, lifting=lifting)
        while done.differences and (shared := _shared_aliases(tree, done.edits)):
            # A value that several places share was to change for some of them only: write it out, and try again.
            self.planned = dict(planned)
            tree = self.written_out(tree, shared)
            planned = dict(self.planned)
            done = self.rewrite(rewrites, before, tree, lifting=lifting)
        return done

    def rewrite(self, rewrites: Sequence[Rewrite], before: Project, old: Tree, *, lifting: bool) -> _Stage:
        """Let codemods have their way, and see what comes of it."""
        edit = Editor()
        folder = "" if self.root in (None, Path()) else str(self.root)
        ran = run(rewrites, old, before, self.options, edit, folder=folder)
        intentions = [(one.rewrite, one.paths) for one in ran if one.paths]
        lifted = lift(old, edit, split=self.options.split) if lifting else None
        edits = lifted.edits if lifted else edit.edits()
        if lifted:
            self.planned |= lifted.planned
        else:
            self.take(edits, old)
        tree = self.load_planned(None if lifted else old) if lifted or edits else old
        after = tree.project if self.planned else before
        differences = model_differences(before, after, intentions, self.options) if self.planned else []
        return _Stage(old, lifted, edits, ran, tree, after, differences)

    def written_out(self, tree: Tree, shared: list[Alias]) -> Tree:
        """The project with copies in place of some aliases."""
        edit = Editor("expand")
        for alias in shared:
            edit.expand_use(alias)
        self.take(edit.edits(), tree)
        return self.load_planned(tree)

    def take(self, edits: Mapping[str, list[Edit]], tree: Tree) -> None:
        """Plan files with edits."""
        for path, changes in edits.items():
            source = tree.sources[path]
            self.planned[path] = source.encode(apply(source.text, changes))

    def faults(self, stages: Sequence[_Stage]) -> tuple[list[Diagnostic], int]:
        """What speaks against a plan, and how many comments leave with their keys."""
        faults: list[Diagnostic] = []
        comments = 0
        for stage in stages:
            # A file that is not included any more, and holds no other change, stays with all its comments, be it at another place.
            moves = stage.lifted.moves if stage.lifted else {}
            going = {path for path, data in self.planned.items() if data is None and path not in moves}
            concerned = (path for path in stage.before.sources if stage.stays(path) or path in stage.edits or path in going)
            before = [stage.before.sources[path] for path in concerned]
            lost, left = gone_comments(before, stage.edits, stage.tree.sources.values())
            faults += [*stage.differences, *lost]
            comments += left
        return faults + second_run(stages[-1].tree, self.rewrites, self.options), comments

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
        places = [edit.start for edit in changes if edit.by != LIFT]
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


def _outcomes(stages: Iterable[_Stage], options: Options) -> list[Outcome]:
    out: list[Outcome] = []
    places = Counter(
        (one.rewrite.name, stage.file(path, key)) for stage in stages for one in stage.ran for path, key in one.places.values()
    )
    # A codemod may reach from a key into another file, where that is one place.
    reached = ((edit.by, path, stage) for stage in stages for path, changes in stage.edits.items() for edit in changes)
    changes = dict.fromkeys((*places, *((by, path) for by, path, stage in reached if stage.stays(path))))
    for rewrite in codemods():
        if not wanted(options, rewrite.name):
            out.append(Skipped(rewrite.name, "not asked for"))
            continue
        changed = [Changed(name, path, places[name, path] or 1) for name, path in changes if name == rewrite.name]
        out += changed or [Unchanged(rewrite.name)]
    return out


def _said(stages: Iterable[_Stage]) -> list[Diagnostic]:
    """What the codemods have to say, with places in the text of the last stage."""
    said: list[tuple[KeyPath, Diagnostic]] = []
    for stage in stages:
        after = {path: shifted(changes) for path, changes in stage.edits.items() if stage.stays(path)}
        said = [(path, _followed(path, note, stage) or _moved(path, note, after, stage)) for path, note in said]
        said += ((path, _moved(path, note, after, stage)) for one in stage.ran for path, note in one.notes)
    return [note for _, note in said]


def _moved(path: KeyPath, note: Diagnostic, after: Mapping[str, Callable[[int], int]], stage: _Stage) -> Diagnostic:
    """A note on a key, with the place in the text that its text became."""
    origin = note.origin
    if origin is None or origin.span is None:
        return note
    if not stage.stays(origin.file):
        edit = _edit_at(stage, origin.file, origin.span.start)
        renamed = edit.text if edit and (edit.start, edit.end) == (origin.span.start, origin.span.end) else ""
        return evolve(note, origin=_nearest(stage.project, path.parent / renamed if renamed else path))
    if origin.file not in after:
        return note
    start, end = (after[origin.file](at) for at in (origin.span.start, origin.span.end))
    return evolve(note, origin=stage.tree.sources[origin.file].origin(start, end))


def _edit_at(stage: _Stage, file: str, at: int) -> Edit | None:
    """The edit that changes a character, if any does."""
    edits = stage.edits.get(file, [])
    index = bisect_right(edits, at, key=lambda edit: edit.start)
    return edits[index - 1] if index and at < edits[index - 1].end else None


def _nearest(project: Project, path: KeyPath) -> Origin:
    """Where a key is written, or else the nearest one around it."""
    while path:
        if origin := project.origin(path):
            return origin
        path = path.parent
    return Origin(CONFIG)


def _followed(path: KeyPath, note: Diagnostic, stage: _Stage) -> Diagnostic | None:
    """A note on a value of an instance that a later stage moved, with the place that the instance has it from now; None for other notes."""
    origin = note.origin
    if origin is None or origin.span is None:
        return None
    edit = _edit_at(stage, origin.file, origin.span.start)
    match path.parts if edit and not edit.text else ():
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
    asked = {name for rewrite in rewrites for name in rewrite.as_asked(options)}
    better = {rewrite.name: rewrite.instead_of for rewrite in rewrites}
    said = {(name, note.origin) for note in notes for name in better.get(note.name, ())}
    return (one for one in read if one.name not in asked and (one.name, one.origin) not in said)


def _places(stages: Sequence[_Stage]) -> dict[str, Sequence[tuple[int, str]]]:
    """The lines of each new file that edits led to, and those of each file that goes at which they are, with the name of the codemod."""
    marks: dict[str, list[tuple[int, str]]] = {}
    sources = dict(stages[-1].tree.sources)
    for stage in stages:
        for path, changes in stage.edits.items():
            places = [*marks.get(path, ()), *((edit.start, edit.by) for edit in changes if edit.by != LIFT)]
            if stage.stays(path):
                after = shifted(changes)
                places = sorted((after(at), by) for at, by in places)
            else:
                sources[path] = stage.before.sources[path]
            marks[path] = places
    return {path: tuple((bisect_right(sources[path].lines, at), by) for at, by in places) for path, places in marks.items()}
