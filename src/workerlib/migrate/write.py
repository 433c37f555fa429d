"""Write a plan to a project's files: all of it or nothing, and nothing lost; :mod:`workerlib.migrate.journal` sees to that."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from workerlib.changes import JOURNAL, FileChange
from workerlib.errors import WriteError
from workerlib.git import is_checkout
from workerlib.migrate.checkout import is_checked_in, refuse_uncommitted, stage_paths
from workerlib.migrate.journal import NEW, Journal, Step, bytes_at, digest, inside, locked, relative, say, settle


def apply(root: Path, changes: Sequence[FileChange], *, force: bool = False, stage: bool = False) -> None:
    """Make the files below `root` what `changes` says: all of them, or none.

    An unfinished write is settled first. A file that is already as it is to be is left alone. In a git checkout, a file that is to be
    changed or deleted must be committed as it is, unless `force`; `stage` adds the changed paths, and no others, to the index.

    Raises WriteError where that cannot be; every file is then as it was, unless the message says otherwise.
    """
    root = Path(os.path.realpath(root))
    recover(root, force=force)
    with _explained(root):
        steps = _steps(root, changes)
        if stage and not is_checkout(root):
            raise WriteError(f"{root}: expected a git checkout to stage the changes in, found none: leave out staging")
        if not force:
            _refuse_unrecoverable(root, steps)
        if steps:
            with locked(root):
                settle(root)
                Journal(root, tuple(steps), _missing_folders(root, steps)).carry_out(list(steps.values()))
        if stage:
            stage_paths(root, [relative(root, _place(root, change)) for change in changes])


def obstacle(root: Path, changes: Sequence[FileChange]) -> str | None:
    """Why `apply` would refuse these changes as things stand, if it would: for people who look at them before they are written."""
    root = Path(os.path.realpath(root))
    try:
        with _explained(root):
            _refuse_unrecoverable(root, _steps(root, changes))
    except WriteError as error:
        return str(error)
    return None


def recover(root: Path, *, force: bool = False) -> bool:
    """Finish a write below `root` that was stopped; where that cannot be, undo it. True where there was one.

    Raises WriteError where neither can be; each old file is then in its place or in the journal, and the message says what is in the way.
    So it does in a checkout whose git does not say whether the journal is checked in, unless `force`.
    """
    root = Path(os.path.realpath(root))
    with _explained(root):
        if not os.path.lexists(root / JOURNAL):
            return False
        _refuse_checked_in(root, force=force)
        with locked(root):
            return settle(root)


def _refuse_checked_in(root: Path, *, force: bool) -> None:
    """Raise WriteError for a journal that git has: it may be anybody's. And where git cannot be asked, unless `force`."""
    try:
        checked_in = is_checkout(root) and is_checked_in(root, JOURNAL)
    except WriteError:
        if not force:
            raise
        return
    if checked_in:
        found = "found one that is checked in, which may be anybody's"
        raise WriteError(f"{JOURNAL}: expected the journal of a write that was stopped here, {found}: look at it and delete it")


def _refuse_unrecoverable(root: Path, steps: Iterable[Step]) -> None:
    if is_checkout(root):
        refuse_uncommitted(root, [step for step in steps if step.before is not None])


def _steps(root: Path, changes: Sequence[FileChange]) -> dict[Step, FileChange]:
    """The steps that are needed for `changes`, in the order in which they are to be taken, each with its change.

    Raises WriteError where a path may not be written, or a file is not as the plan saw it.
    """
    places = {_place(root, change): change for change in changes}
    if len(places) < len(changes):
        raise WriteError(f"{root}: expected one change for each file, found two for one: this is a mistake in workerlib, report it")
    leaving = {_identity(place) for place, change in places.items() if change.after is None} - {None}
    arriving = {_identity(place) for place, change in places.items() if change.after is not None}
    steps: list[tuple[int, Step, FileChange]] = []
    for place, change in places.items():
        # Where `Config.yaml` and `config.yaml` are one file, the one that comes finds the one that goes: that is no file in its way.
        renamed = change.after is not None and _identity(place) in leaving
        found = None if renamed else bytes_at(inside(root, change.path, follow=True))
        if found == change.after:
            continue
        if found != change.before:
            what = "exists, which it did not" if change.before is None else "is gone" if found is None else "has changed"
            raise WriteError(f"{change.path}: {what} since the plan was made: plan again")
        # A link is known by where it leads. What a file holds is not read twice: the second time, it may be what no plan has seen.
        before = bytes_at(place) if change.before is not None and place.is_symlink() else change.before
        step = Step(root, relative(root, place), digest(before), digest(change.after))
        if os.path.lexists(step.new):
            raise WriteError(f"{step.path}{NEW}: expected nothing here, found a file: move it away and run again")
        # New files come before old ones go, so that a reader finds one of them; but a name must be free before it is taken.
        order = 1 if change.after is not None else 0 if _identity(place) in arriving else 2
        steps.append((order, step, change))
    return {step: change for _, step, change in sorted(steps, key=lambda row: row[0])}


def _place(root: Path, change: FileChange) -> Path:
    """Where `change` takes place. To rewrite a link is to rewrite what it leads to; to delete it is to delete the link alone."""
    return inside(root, change.path, follow=None not in (change.before, change.after))


def _missing_folders(root: Path, steps: Iterable[Step]) -> tuple[str, ...]:
    """The folders that new files need and that do not exist, outer ones first."""
    folders = {folder for step in steps if step.after for folder in step.folders}
    return tuple(sorted(relative(root, folder) for folder in folders if not folder.exists()))


def _identity(path: Path) -> tuple[int, int] | None:
    """What two names of one file have in common; None where there is nothing."""
    try:
        found = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    return found.st_dev, found.st_ino


@contextmanager
def _explained(root: Path) -> Iterator[None]:
    """Raise as WriteError what the system reports."""
    try:
        yield
    except OSError as error:
        raise WriteError(say(root, error)) from error
