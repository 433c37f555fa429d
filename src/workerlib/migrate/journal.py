"""The journal of a write, by which it is finished or taken back wherever it was stopped.

It lies in the project's root:

    .workerlib-journal/
        lock             held while a process writes here; the system lets go of it when that process ends, however it ends
        prepare.json     the manifest: the steps, one for each file. Its name says what is left to do should the process be no more:
        finish.json        take the new files away | go on to the end | bring everything back
        undo.json
        old/<path>       the old files themselves, from the moment they leave their places until all is done

Under `prepare.json` the new files are written beside their places and synced. Renaming it to `finish.json` decides for the write: from
then on each step is one or two renames, of the old file into the journal and of the new one to its place. A rename has happened whole or
not at all and can be taken back, so :func:`settle` sees how far each step came, wherever the process died. The write ends with the
deletion of the manifest; only then do the old files go.

A journal may have been checked in by somebody who means harm: its paths are held to the same rules as those of a plan.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import stat
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import ParamSpec, TypeVar

from attrs import frozen

from workerlib.changes import JOURNAL, FileChange
from workerlib.errors import WriteError
from workerlib.git import taken_for

P = ParamSpec("P")
T = TypeVar("T")

NEW = ".workerlib-new"
_PREPARE, _FINISH, _UNDO = _MANIFESTS = ("prepare.json", "finish.json", "undo.json")

_ADVICE = {
    errno.ENOSPC: "free some space on the disk",
    errno.EACCES: "see to it that you may write there",
    errno.EPERM: "see to it that you may write there",
    errno.EROFS: "make the file system writable",
    errno.EXDEV: "have the whole project on one file system",
    errno.EEXIST: "move it away",
    errno.ENOLCK: "have the project on a file system that can lock files",
}
# Folders cannot be synced on Windows (EACCES), nor on every file system; and one that is gone need not be.
_NOT_SYNCED = (errno.EACCES, errno.EINVAL, errno.ENOTSUP, errno.ENOENT)


@frozen
class Step:
    """What happens to one file. `before` and `after` are digests of what it holds; None stands for no file."""

    root: Path
    path: str
    before: str | None
    after: str | None

    @property
    def place(self) -> Path:
        return self.root / self.path

    @property
    def new(self) -> Path:
        """Where the new file waits: in the same folder, and so on the same file system and with what the folder hands down."""
        return self.root / (self.path + NEW)

    @property
    def kept(self) -> Path:
        return self.root / JOURNAL / "old" / self.path

    @property
    def folders(self) -> Sequence[Path]:
        """The folders that the file is in, up to the project's root."""
        return self.place.parents[: self.path.count("/") + 1]

    @property
    def kept_in(self) -> Sequence[Path]:
        """The folders that the old file is kept in, up to the project's root."""
        return self.kept.parents[: self.path.count("/") + 3]

    def forward(self) -> None:
        """Go from wherever this step is to its end. Raises WriteError where a file is not what was planned with, and OSError."""
        if self.before is not None:
            if not os.path.lexists(self.kept):
                _move(self.place, self.kept)
            # Looked at only now, so that there is no moment left in which an editor may save what nobody looks at again.
            if digest(bytes_at(self.kept)) != self.before:
                raise WriteError(f"{self.path}: has changed since the plan was made: plan again")
        if self.after is not None:
            if os.path.lexists(self.new):
                _move(self.new, self.place)
            if digest(bytes_at(self.place)) != self.after:
                raise WriteError(f"{self.path}: is not as it was just written: plan again")

    def backward(self) -> None:
        """Go from wherever this step is to its beginning. Raises WriteError where that would cost a file of somebody else, and OSError."""
        if self.after is not None and not os.path.lexists(self.new) and digest(bytes_at(self.place)) == self.after:
            _move(self.place, self.new)
        if self.before is not None and os.path.lexists(self.kept):
            if digest(bytes_at(self.place)) not in (None, self.before):
                raise WriteError(f"{self.path}: has changed since a write was interrupted: move it away and run again")
            _do(os.makedirs, self.place.parent, exist_ok=True)
            _do(os.replace, self.kept, self.place)


@frozen
class Journal:
    """A write: its steps in order, and the folders that it makes, outer ones first."""

    root: Path
    steps: tuple[Step, ...]
    folders: tuple[str, ...]

    def carry_out(self, changes: Sequence[FileChange]) -> None:
        """Do all of it, or leave everything as it was and raise what was in the way."""
        try:
            self._prepare(changes)
            self.finish()
        except BaseException as reason:
            try:
                self.undo()
            except (OSError, WriteError) as obstacle:
                raise _half_way(self.root, obstacle) from reason
            raise

    def _prepare(self, changes: Sequence[FileChange]) -> None:
        """Note what is to happen, then write the new files beside their places."""
        _do(os.mkdir, self._at("old"))  # whatever is there already, such as a link out of the project, is not ours
        for step in self.steps:
            if step.before is not None:
                _do(os.makedirs, step.kept.parent, exist_ok=True)
        manifest = {"steps": [(step.path, step.before, step.after) for step in self.steps], "folders": self.folders}
        _create(self._at("manifest"), json.dumps(manifest, indent=1).encode())
        self._turn("manifest", _PREPARE)
        _sync([self.root])
        for folder in self.folders:
            _do(os.mkdir, self.root / folder)
            _own(self.root / folder, os.stat((self.root / folder).parent))
        for step, change in zip(self.steps, changes, strict=True):
            if change.after is not None:
                like = step.place if step.before else inside(self.root, change.like, follow=True) if change.like else None
                _create(step.new, change.after, os.stat(like) if like and like.exists() else None)
        # Nothing has changed yet in the folders of files that only go; there may be thousands of them, and each takes its time.
        _sync(folder for step in self.steps for folder in (*(step.folders if step.after else ()), *(step.kept_in if step.before else ())))

    def finish(self) -> None:
        """Go from wherever it is to the end."""
        if not os.path.lexists(self._at(_FINISH)):
            self._turn(_PREPARE, _FINISH)
        for step in self.steps:
            step.forward()
        for step in self.steps:
            if step.after is None:
                with suppress(OSError):  # the first one that is not empty, or in use, stays, and those around it
                    for folder in step.place.parents[: step.path.count("/")]:
                        _do(os.rmdir, folder)
        self._end(_FINISH)

    def undo(self) -> None:
        """Go from wherever it is to the beginning."""
        if os.path.lexists(self._at(_FINISH)):
            self._turn(_FINISH, _UNDO)
        if os.path.lexists(self._at(_UNDO)):
            for step in reversed(self.steps):
                step.backward()
            self._sync_names()
            self._turn(_UNDO, _PREPARE)  # what is left to do is as if it had never been decided for
        for step in self.steps:
            if os.path.lexists(step.new):  # or else a folder that is read-only, in which nothing was made, would be in the way
                _do(os.unlink, step.new)
        for folder in reversed(self.folders):
            with suppress(OSError):  # not made yet, or somebody has put something into it
                _do(os.rmdir, self.root / folder)
        self._end(_PREPARE)

    def _end(self, manifest: str) -> None:
        self._sync_names()  # the disk must know of the renames before the manifest goes, and that it went before the old files go
        with suppress(FileNotFoundError):
            _do(os.unlink, self._at(manifest))
        with suppress(OSError):  # all is done: nothing is to be undone now
            _sync([self.root / JOURNAL])

    def _sync_names(self) -> None:
        _sync(folder for step in self.steps for folder in (*step.folders, *step.kept_in))

    def _turn(self, name: str, into: str) -> None:
        _do(os.replace, self._at(name), self._at(into))
        _sync([self.root / JOURNAL])

    def _at(self, name: str) -> Path:
        return self.root / JOURNAL / name


def settle(root: Path) -> bool:
    """Finish or undo what the journal tells of. True where it told of something. The lock must be held."""
    name = next((name for name in _MANIFESTS if os.path.lexists(root / JOURNAL / name)), None)
    if name is None:
        return False
    try:
        journal = _load(root, name)
        if name == _FINISH:
            with suppress(OSError, WriteError):
                journal.finish()
                return True
        journal.undo()
    except (OSError, WriteError) as obstacle:
        raise _half_way(root, obstacle) from obstacle
    return True


def _load(root: Path, name: str) -> Journal:
    """Read a manifest. Raises WriteError where it is not one, or leads to a place where nothing may be written."""
    try:
        manifest = json.loads(bytes_at(root / JOURNAL / name) or b"")
        rows = [(str(path), before, after) for path, before, after in manifest["steps"]]
        folders = [str(folder) for folder in manifest["folders"]]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise WriteError(f"{JOURNAL}/{name}: expected the manifest of a write, found something else: move {JOURNAL} away") from error
    steps = tuple(Step(root, relative(root, inside(root, path)), before, after) for path, before, after in rows)
    if any(step.kept.parent != Path(os.path.realpath(step.kept.parent)) for step in steps):
        raise WriteError(f"{JOURNAL}/old: expected folders, found a symbolic link: move {JOURNAL} away")
    return Journal(root, steps, tuple(relative(root, inside(root, folder)) for folder in folders))


# ---- places


def inside(root: Path, path: str, *, follow: bool = False) -> Path:
    """The place of `path`, links among its folders resolved; and if `follow`, also one in its last part.

    Raises WriteError where that is outside `root`, or where git or a journal keep what is theirs.
    """
    odd = "\0\n\\:" if os.name == "nt" else "\0\n"
    if not set(path) & set(odd) and not {"", ".", ".."} & {*path.split("/")}:
        named = root / path
        place = Path(os.path.realpath(named)) if follow else Path(os.path.realpath(named.parent), named.name)
        if place.is_relative_to(root) and not {*map(taken_for, place.relative_to(root).parts)} & {".git", JOURNAL}:
            return place
    raise WriteError(f"{path!r}: expected the path of a file in the project, found one that leads elsewhere: leave it out")


def relative(root: Path, place: Path) -> str:
    """The path of `place` below `root`, with ``/``."""
    return place.relative_to(root).as_posix()


# ---- the disk


def _do(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call `call`. What changes the disk or reads a file goes through here, so that a test can fail or stop each operation in turn."""
    return call(*args, **kwargs)


def bytes_at(path: Path) -> bytes | None:
    """What a file holds; where a link leads; None where there is nothing. Raises OSError for anything else."""
    try:
        kind = os.lstat(path).st_mode
    except (FileNotFoundError, NotADirectoryError):
        return None
    if stat.S_ISLNK(kind):
        return os.fsencode(os.readlink(path))
    if not stat.S_ISREG(kind):  # to open a pipe may take for ever
        raise OSError(errno.EEXIST, "expected a file, found a folder or a device", str(path))
    return _do(path.read_bytes)


def digest(content: bytes | None) -> str | None:
    """A digest of what a file holds; None for no file."""
    return None if content is None else hashlib.sha256(content).hexdigest()


def _create(path: Path, content: bytes, like: os.stat_result | None = None) -> None:
    """Make a file that is not there yet, and wait until the disk has it. It has the mode and owner of `like` before it holds anything."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    try:
        with open(_do(os.open, path, flags, 0o600 if like else 0o666), "wb") as file:
            if like:
                _own(path, like)
                _do(os.chmod, path, stat.S_IMODE(like.st_mode) & 0o777)
            _do(file.write, content)
            _do(file.flush)
            _do(os.fsync, file.fileno())
    except OSError as error:
        error.filename = error.filename or str(path)
        raise


def _own(path: Path, like: os.stat_result) -> None:
    """Give `path` to the owner and the group of `like`, where one may."""
    if sys.platform != "win32":
        now = os.stat(path)
        if (now.st_uid, now.st_gid) != (like.st_uid, like.st_gid):
            with suppress(PermissionError):
                _do(os.chown, path, like.st_uid, like.st_gid)


def _move(path: Path, to: Path) -> None:
    """Rename `path`. POSIX would overwrite what is there, and has no portable way not to but to look just before."""
    if os.path.lexists(to):
        raise OSError(errno.EEXIST, "expected nothing here, found a file", str(to))
    _do(os.rename, path, to)


def _sync(folders: Iterable[Path]) -> None:
    """Wait until the disk knows which names are in `folders`."""
    for folder in dict.fromkeys(folders):
        try:
            opened = _do(os.open, folder, os.O_RDONLY)
            try:
                _do(os.fsync, opened)
            finally:
                os.close(opened)
        except OSError as error:
            if error.errno not in _NOT_SYNCED:
                raise


# ---- one at a time


@contextmanager
def locked(root: Path) -> Iterator[None]:
    """Be the only one who writes below `root`. The journal's folder is there meanwhile, and stays if a manifest is left in it."""
    journal, lock = root / JOURNAL, root / JOURNAL / "lock"
    with suppress(FileExistsError):
        _do(os.mkdir, journal)
    if not stat.S_ISDIR(os.lstat(journal).st_mode):
        raise WriteError(f"{JOURNAL}: expected a folder for the journal of a write, found something else: move it away and run again")
    try:
        file = _do(os.open, lock, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o666)
        try:
            try:
                held = _hold(file, lock)
            except OSError:  # a file system without locks: nobody can hold one here, and what is left would look like a write
                with suppress(OSError):
                    _do(os.unlink, lock)
                raise
            if not held:
                raise WriteError(f"{root}: another process is writing here: wait until it has ended and run again")
            try:
                yield
            finally:
                if not any(os.path.lexists(journal / name) for name in _MANIFESTS):
                    _clear(journal, lock)
        finally:
            os.close(file)
            if sys.platform == "win32":  # where an open file cannot be deleted
                with suppress(OSError):
                    _do(os.unlink, lock)
    finally:
        with suppress(OSError):  # not empty: a write is unfinished, or another process is here
            _do(os.rmdir, journal)


def _hold(file: int, lock: Path) -> bool:
    """Lock the file `lock`, opened as `file`. False where another process has it locked, or has deleted it since it was opened."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.path.samestat(os.fstat(file), os.lstat(lock))
    except (BlockingIOError, PermissionError, FileNotFoundError):
        return False


def _clear(journal: Path, lock: Path) -> None:
    """Delete what a settled write has left behind, and at last the lock, while it is held."""
    try:
        for at, folders, names in os.walk(journal, topdown=False):
            folder = Path(at)
            for name in (*names, *(name for name in folders if (folder / name).is_symlink())):
                if folder / name != lock:
                    _do(os.unlink, folder / name)
            if folder != journal:
                _do(os.rmdir, folder)
        if sys.platform != "win32":
            _do(os.unlink, lock)
    except OSError as error:
        raise WriteError(f"{JOURNAL}: its write is settled, but it cannot be deleted ({error.strerror}): delete it") from error


# ---- what went wrong, in words


def say(root: Path, error: OSError | WriteError) -> str:
    """What went wrong and what to do, as users are told."""
    if isinstance(error, WriteError):
        return str(error)
    path = os.path.relpath(error.filename or root, root).removesuffix(NEW)
    return f"{path}: {error.strerror}: {_ADVICE.get(error.errno or 0, 'put that right')} and run again"


def _half_way(root: Path, obstacle: OSError | WriteError) -> WriteError:
    where = f"each old file is in its place or in {JOURNAL}/old, and the next run goes on from here"
    return WriteError(f"{say(root, obstacle)} (a write is unfinished: {where})")
