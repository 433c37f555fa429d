"""Write a plan to a project's files: all of it or nothing, and nothing lost.

A write keeps a journal in the project's root:

    .workerlib-journal/
        lock             held while a process writes here; the system lets go of it when that process ends, however it ends
        prepare.json     the manifest: the steps, one for each file. Its name says what is left to do should the process be no more:
        finish.json        take the new files away | go on to the end | bring everything back
        undo.json
        old/<path>       the old files themselves, from the moment they leave their places until all is done

Under `prepare.json` the new files are written beside their places and synced. Renaming it to `finish.json` decides for the write: from
then on each step is one or two renames, of the old file into the journal and of the new one to its place. A rename has happened whole or
not at all and can be taken back, so :func:`recover` sees how far each step came, wherever the process died. The write ends with the
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

from workerlib.changes import FileChange
from workerlib.errors import WriteError

P = ParamSpec("P")
T = TypeVar("T")

_JOURNAL = ".workerlib-journal"
_PREPARE, _FINISH, _UNDO = _MANIFESTS = ("prepare.json", "finish.json", "undo.json")
_NEW = ".workerlib-new"

_ADVICE = {
    errno.ENOSPC: "free some space on the disk",
    errno.EACCES: "see to it that you may write there",
    errno.EPERM: "see to it that you may write there",
    errno.EROFS: "make the file system writable",
    errno.EXDEV: "have the whole project on one file system",
    errno.EEXIST: "move it away",
}
# Folders cannot be synced on Windows (EACCES), nor on every file system; and one that is gone need not be.
_NOT_SYNCED = (errno.EACCES, errno.EINVAL, errno.ENOTSUP, errno.ENOENT)
# Set while a git hook runs, and by some scripts; git would look at another repository than the one around the project.
_ELSEWHERE = {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY", "GIT_NAMESPACE"}


def apply(root: Path, changes: Sequence[FileChange], *, force: bool = False, stage: bool = False) -> None:
    """Make the files below `root` what `changes` says: all of them, or none.

    An unfinished write is settled first. A file that is already as it is to be is left alone. In a git checkout, a file that is to be
    changed or deleted must be committed as it is, unless `force`; `stage` adds the changed paths, and no others, to the index.

    Raises WriteError where that cannot be; every file is then as it was, unless the message says otherwise.
    """
    root = Path(os.path.realpath(root))
    recover(root)
    with _explained(root):
        steps = _steps(root, changes)
        checkout = any(os.path.lexists(folder / ".git") for folder in (root, *root.parents))
        if stage and not checkout:
            raise WriteError(f"{root}: expected a git checkout to stage the changes in, found none: leave out staging")
        if checkout and not force:
            _refuse_uncommitted(root, [step for step in steps if step.before is not None])
        if steps:
            with _locked(root):
                _settle(root)
                _Journal(root, tuple(steps), _missing_folders(root, steps)).carry_out(list(steps.values()))
        if stage:
            _stage(root, [_relative(root, _place(root, change)) for change in changes])


def recover(root: Path) -> bool:
    """Finish a write below `root` that was stopped; where that cannot be, undo it. True where there was one.

    Raises WriteError where neither can be; each old file is then in its place or in the journal, and the message says what is in the way.
    """
    root = Path(os.path.realpath(root))
    with _explained(root):
        if not os.path.lexists(root / _JOURNAL):
            return False
        with _locked(root):
            return _settle(root)


def _do(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call `call`. What changes the disk or reads a file goes through here, so that a test can fail or stop each operation in turn."""
    return call(*args, **kwargs)


@frozen
class _Step:
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
        return self.root / (self.path + _NEW)

    @property
    def kept(self) -> Path:
        return self.root / _JOURNAL / "old" / self.path

    def forward(self) -> None:
        """Go from wherever this step is to its end. Raises WriteError where a file is not what was planned with, and OSError."""
        if self.before is not None:
            if not os.path.lexists(self.kept):
                _move(self.place, self.kept)
            # Looked at only now, so that there is no moment left in which an editor may save what nobody looks at again.
            if _digest(_content(self.kept)) != self.before:
                raise WriteError(f"{self.path}: has changed since the plan was made: plan again")
        if self.after is not None:
            if os.path.lexists(self.new):
                _move(self.new, self.place)
            if _digest(_content(self.place)) != self.after:
                raise WriteError(f"{self.path}: is not as it was just written: plan again")

    def backward(self) -> None:
        """Go from wherever this step is to its beginning. Raises WriteError where that would cost a file of somebody else, and OSError."""
        if self.after is not None and not os.path.lexists(self.new) and _digest(_content(self.place)) == self.after:
            _move(self.place, self.new)
        if self.before is not None and os.path.lexists(self.kept):
            if _digest(_content(self.place)) not in (None, self.before):
                raise WriteError(f"{self.path}: has changed since a write was interrupted: move it away and run again")
            _do(os.makedirs, self.place.parent, exist_ok=True)
            _do(os.replace, self.kept, self.place)


@frozen
class _Journal:
    """A write: its steps in order, and the folders that it makes, outer ones first."""

    root: Path
    steps: tuple[_Step, ...]
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
                like = step.place if step.before else _inside(self.root, change.like, follow=True) if change.like else None
                _create(step.new, change.after, os.stat(like) if like and like.exists() else None)
        self._sync_names()

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
            with suppress(FileNotFoundError, NotADirectoryError):
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
            _sync([self.root / _JOURNAL])

    def _sync_names(self) -> None:
        _sync(folder for step in self.steps for at in (step.place, step.kept) for folder in at.parents if folder.is_relative_to(self.root))

    def _turn(self, name: str, into: str) -> None:
        _do(os.replace, self._at(name), self._at(into))
        _sync([self.root / _JOURNAL])

    def _at(self, name: str) -> Path:
        return self.root / _JOURNAL / name


def _settle(root: Path) -> bool:
    """Finish or undo what the journal tells of. True where it told of something. The lock must be held."""
    name = next((name for name in _MANIFESTS if os.path.lexists(root / _JOURNAL / name)), None)
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


def _load(root: Path, name: str) -> _Journal:
    """Read a manifest. Raises WriteError where it is not one, or leads to a place where nothing may be written."""
    try:
        manifest = json.loads(_content(root / _JOURNAL / name) or b"")
        rows = [(str(path), before, after) for path, before, after in manifest["steps"]]
        folders = [str(folder) for folder in manifest["folders"]]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise WriteError(f"{_JOURNAL}/{name}: expected the manifest of a write, found something else: move {_JOURNAL} away") from error
    steps = tuple(_Step(root, _relative(root, _inside(root, path)), before, after) for path, before, after in rows)
    if any(step.kept.parent != Path(os.path.realpath(step.kept.parent)) for step in steps):
        raise WriteError(f"{_JOURNAL}/old: expected folders, found a symbolic link: move {_JOURNAL} away")
    return _Journal(root, steps, tuple(_relative(root, _inside(root, folder)) for folder in folders))


def _steps(root: Path, changes: Sequence[FileChange]) -> dict[_Step, FileChange]:
    """The steps that are needed for `changes`, in the order in which they are to be taken, each with its change.

    Raises WriteError where a path may not be written, or a file is not as the plan saw it.
    """
    places = {_place(root, change): change for change in changes}
    if len(places) < len(changes):
        raise WriteError(f"{root}: expected one change for each file, found two for one: this is a mistake in workerlib, report it")
    leaving = {_identity(place) for place, change in places.items() if change.after is None} - {None}
    arriving = {_identity(place) for place, change in places.items() if change.after is not None}
    steps: list[tuple[int, _Step, FileChange]] = []
    for place, change in places.items():
        # Where `Config.yaml` and `config.yaml` are one file, the one that comes finds the one that goes: that is no file in its way.
        renamed = change.after is not None and _identity(place) in leaving
        found = None if renamed else _content(_inside(root, change.path, follow=True))
        if found == change.after:
            continue
        if found != change.before:
            what = "exists, which it did not" if change.before is None else "is gone" if found is None else "has changed"
            raise WriteError(f"{change.path}: {what} since the plan was made: plan again")
        # A link is known by where it leads. What a file holds is not read twice: the second time, it may be what no plan has seen.
        before = _content(place) if change.before is not None and place.is_symlink() else change.before
        step = _Step(root, _relative(root, place), _digest(before), _digest(change.after))
        if os.path.lexists(step.new):
            raise WriteError(f"{step.path}{_NEW}: expected nothing here, found a file: move it away and run again")
        # New files come before old ones go, so that a reader finds one of them; but a name must be free before it is taken.
        order = 1 if change.after is not None else 0 if _identity(place) in arriving else 2
        steps.append((order, step, change))
    return {step: change for _, step, change in sorted(steps, key=lambda row: row[0])}


def _place(root: Path, change: FileChange) -> Path:
    """Where `change` takes place. To rewrite a link is to rewrite what it leads to; to delete it is to delete the link alone."""
    return _inside(root, change.path, follow=None not in (change.before, change.after))


def _inside(root: Path, path: str, *, follow: bool = False) -> Path:
    """The place of `path`, links among its folders resolved; and if `follow`, also one in its last part.

    Raises WriteError where that is outside `root`, or where git or a journal keep what is theirs.
    """
    odd = "\0\n\\:" if os.name == "nt" else "\0\n"
    if not set(path) & set(odd) and not {"", ".", ".."} & {*path.split("/")}:
        named = root / path
        place = Path(os.path.realpath(named)) if follow else Path(os.path.realpath(named.parent), named.name)
        if place.is_relative_to(root) and not {part.casefold() for part in place.relative_to(root).parts} & {".git", _JOURNAL}:
            return place
    raise WriteError(f"{path!r}: expected the path of a file in the project, found one that leads elsewhere: leave it out")


def _relative(root: Path, place: Path) -> str:
    return place.relative_to(root).as_posix()


def _missing_folders(root: Path, steps: Iterable[_Step]) -> tuple[str, ...]:
    """The folders that new files need and that do not exist, outer ones first."""
    return tuple(sorted({_relative(root, folder) for step in steps if step.after for folder in step.place.parents if not folder.exists()}))


def _identity(path: Path) -> tuple[int, int] | None:
    """What two names of one file have in common; None where there is nothing."""
    try:
        found = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    return found.st_dev, found.st_ino


def _content(path: Path) -> bytes | None:
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


def _digest(content: bytes | None) -> str | None:
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


@contextmanager
def _locked(root: Path) -> Iterator[None]:
    """Be the only one who writes below `root`. The journal's folder is there meanwhile, and stays if a manifest is left in it."""
    journal, lock = root / _JOURNAL, root / _JOURNAL / "lock"
    with suppress(FileExistsError):
        _do(os.mkdir, journal)
    if not stat.S_ISDIR(os.lstat(journal).st_mode):
        raise WriteError(f"{_JOURNAL}: expected a folder for the journal of a write, found something else: move it away and run again")
    try:
        file = _do(os.open, lock, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o666)
        try:
            if not _hold(file, lock):
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
        for at, _, names in os.walk(journal, topdown=False):
            folder = Path(at)
            for name in names:
                if folder / name != lock:
                    _do(os.unlink, folder / name)
            if folder != journal:
                _do(os.rmdir, folder)
        if sys.platform != "win32":
            _do(os.unlink, lock)
    except OSError as error:
        raise WriteError(f"{_JOURNAL}: its write is settled, but it cannot be deleted ({error.strerror}): delete it") from error


@contextmanager
def _explained(root: Path) -> Iterator[None]:
    """Raise as WriteError what the system reports."""
    try:
        yield
    except OSError as error:
        raise WriteError(_say(root, error)) from error


def _say(root: Path, error: OSError | WriteError) -> str:
    if isinstance(error, WriteError):
        return str(error)
    path = os.path.relpath(error.filename or root, root).removesuffix(_NEW)
    return f"{path}: {error.strerror}: {_ADVICE.get(error.errno or 0, 'put that right')} and run again"


def _half_way(root: Path, obstacle: OSError | WriteError) -> WriteError:
    where = f"each old file is in its place or in {_JOURNAL}/old, and the next run goes on from here"
    return WriteError(f"{_say(root, obstacle)} (a write is unfinished: {where})")


def _refuse_uncommitted(root: Path, steps: Sequence[_Step]) -> None:
    """Raise WriteError if git could not bring back the files of `steps`, or what is staged of them.

    Git is asked only which blobs it has. It looks at no file, so that no filter of the repository runs and no `assume-unchanged` misleads.
    """
    blobs = _blobs(root, [f"{tree}:./{step.path}" for step in steps for tree in ("HEAD", "")])
    found = []
    for step, head, index in zip(steps, blobs[::2], blobs[1::2], strict=True):
        content = _content(step.place) or b""
        # Git for Windows commits CRLF as LF, and brings CRLF back.
        if head not in (_blob(content, head), _blob(content.replace(b"\r\n", b"\n"), head)):
            found.append(f"{step.path} (not committed as it is)")
        elif index != head:
            found.append(f"{step.path} (staged, not committed)")
    if found:
        raise WriteError(f"{', '.join(found)}: expected files that git can bring back: commit or stash them, or use --force")


def _blob(content: bytes, like: str) -> str:
    """The name that git gives to `content` in a repository that has a blob named `like`."""
    name = hashlib.new("sha1" if len(like) == 40 else "sha256", usedforsecurity=False)
    name.update(b"blob %d\0" % len(content) + content)
    return name.hexdigest()


def _blobs(root: Path, names: Sequence[str]) -> list[str]:
    """The blobs that git has under `names`; where it has none, an answer that ends in ` missing`."""
    asked = b"".join(os.fsencode(name) + b"\n" for name in names)
    return _git(root, "cat-file", "--batch-check=%(objectname)", given=asked).decode(errors="replace").split("\n")[:-1]


def _stage(root: Path, paths: Sequence[str]) -> None:
    """Bring the index up to date with `paths`, be they written or gone."""
    blobs = _blobs(root, [f":./{path}" for path in paths])
    # Git fails on a path that neither it nor the disk knows; and without any path it would add everything.
    known = [path for path, blob in zip(paths, blobs, strict=True) if not blob.endswith(" missing") or os.path.lexists(root / path)]
    if known:
        try:
            _git(root, "add", "-A", "--pathspec-from-file=-", "--pathspec-file-nul", given=os.fsencode("\0".join(known)))
        except WriteError as error:
            raise WriteError(f"{error} (everything is written, but not staged)") from error


def _git(root: Path, *arguments: str, given: bytes) -> bytes:
    """Run git in `root`, without the programs that a repository can have it start. Raises WriteError where git is missing or fails."""
    import shutil  # with subprocess, 8 ms that only a checkout needs
    import subprocess

    program = shutil.which("git")
    if program is None or not os.path.isabs(program):  # Windows looks in the current folder, too
        raise WriteError(f"{root}: expected the program `git`, to ask what is committed, found none: install it, or use --force")
    ours = {"GIT_LITERAL_PATHSPECS": "1", "GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0"}
    environment = {name: value for name, value in os.environ.items() if name not in _ELSEWHERE} | ours
    command = [program, "-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}", *arguments]
    done = subprocess.run(command, cwd=root, env=environment, input=given, capture_output=True, check=False)
    if done.returncode:
        why = done.stderr.decode(errors="replace").strip()
        raise WriteError(f"{root}: `git {arguments[0]}` failed: {why}: put that right, or use --force")
    return done.stdout
