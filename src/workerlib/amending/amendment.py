"""A plan that grows change by change: what `edit` gives."""

from __future__ import annotations

from collections.abc import Mapping as MappingABC
from os import PathLike

from attrs import define, evolve, field

from workerlib.amending.step import State, Step
from workerlib.amending.values import Value
from workerlib.comparing import Comparison, compare
from workerlib.convert import Places
from workerlib.errors import UsageError, expect
from workerlib.keypath import KeyPath, key_path
from workerlib.layout import DiskFiles, ProjectFiles, project_files
from workerlib.loading import load_tree
from workerlib.merging import SECTIONS, no_applications
from workerlib.migrate.planning import Plan
from workerlib.model import Project
from workerlib.text import Limits


def edit(project: Project | str | PathLike[str] | MappingABC[str, bytes], *, limits: Limits = Limits()) -> Amendment:
    """Begin to change the files of a project: a folder, a mapping of paths to bytes, or a project that was loaded from one of these.

    Raises UsageError for a project that is not, or no longer, what its files say, and as :func:`~workerlib.loading.load` does.
    """
    if not isinstance(project, Project):
        return _begin(project_files(project), limits)
    files = project.origin.definitions.files if isinstance(project.origin, Places) else None
    if files is None:
        raise UsageError("expected a project that was loaded from a folder, found one that was made or loaded from one file")
    begun = _begin(files, limits)
    if begun.project != project:
        raise UsageError("expected a project as its files say, found another: load it again, and make changes with `set` and the like")
    return begun


@define(eq=False, repr=False, kw_only=True)
class Amendment(Plan):
    """A plan that grows: each method gives a new one with one change more, and leaves this one as it is.

    What a method asks for that cannot be done raises UsageError; RefusedError is raised where it would change something else too.
    """

    _state: State = field(alias="state")

    def set(self, path: KeyPath | str, value: Value) -> Amendment:
        """Write a value, in place of the one at `path` or as a new key there. Nothing changes where it is that value already."""
        return self._after(self._step(path).set(value))

    def add(self, path: KeyPath | str, value: Value) -> Amendment:
        """Write a value at a path where nothing is; in a list, before the item that is there, or behind the last one."""
        return self._after(self._step(path).add(value))

    def remove(self, path: KeyPath | str) -> Amendment:
        """Take a key out, with its value and the comment on its line; or an item out of a list."""
        return self._after(self._step(path).remove())

    def rename(self, path: KeyPath | str, name: str) -> Amendment:
        """Write another name for the last key of `path`. What refers to it stays as it is."""
        expect("name", name, str)
        return self._after(self._step(path).rename(name))

    def expand(self, path: KeyPath | str) -> Amendment:
        """Write out the aliases and merge keys that `path` shares with other places, so that it, and what is below, can change alone."""
        return self._after(self._step(path).expand())

    @property
    def comparison(self) -> Comparison:
        """What the changes mean for each instance."""
        return compare(self._state.before, self.project)

    def _step(self, path: KeyPath | str) -> Step:
        return Step(self._state, _parsed(path))

    def _after(self, state: State) -> Amendment:
        """The amendment with one step more; this one, if that changed nothing."""
        if state is self._state:
            return self
        return evolve(self, changes=state.changes, diagnostics=state.diagnostics, project=state.tree.project, state=state)


def _begin(files: ProjectFiles, limits: Limits) -> Amendment:
    tree, root = load_tree(files, limits=limits), files.root if isinstance(files, DiskFiles) else None
    before = tree.project
    if not before.applications:
        raise no_applications(root, files, tree.definitions, before.diagnostics)
    return Amendment(
        root=root,
        changes=(),
        outcomes=(),
        diagnostics=(),
        before=before,
        applications=tuple(before.applications),
        project=before,
        state=State(files, before, limits, tree),
    )


def _parsed(path: KeyPath | str) -> KeyPath:
    found = key_path(path)
    if any(isinstance(part, int) and part < 0 for part in found):
        raise UsageError(f"{found}: expected the numbers of items from 0 on, found one below")
    if len(found) < 2 or found.parts[0] not in SECTIONS:
        raise UsageError(f"`{found}`: expected `applications`, `services` or `routes`, a name, and so on, as in `applications.shop.type`")
    return found
