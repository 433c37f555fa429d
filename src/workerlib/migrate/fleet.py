"""Many projects: found below a folder, migrated by any executor, told of one by one as they finish.

No project can stop another: what goes wrong with one becomes its result, and a process that dies takes with it only the project that it
died of. Nothing is kept of a project but its result, and only a few are under way at a time, so memory does not grow with their number.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Executor, Future, wait
from functools import partial
from itertools import islice, starmap
from os import PathLike
from pathlib import Path
from time import perf_counter
from typing import TypeAlias, cast

from attrs import define, evolve, field, frozen

from workerlib.changes import JOURNAL
from workerlib.errors import ConfigurationError, UsageError, WorkerlibError, expect
from workerlib.layout import LAYOUTS, SKIPPED, DiskFiles, discover
from workerlib.migrate.planning import plan
from workerlib.rewrite import Changed, Options
from workerlib.text import Limits

IN_FLIGHT = 512  # projects that an executor is given at a time
BATCH = 8  # of them in one task at most, so that handing out takes little of the time
OUTCOMES = ("migrated", "would change", "unchanged", "without configuration", "refused", "failed")
Pools: TypeAlias = Executor | Callable[[], Executor] | None
Work: TypeAlias = "Callable[[Sequence[str]], list[Done]]"


@frozen
class Done:
    """What became of one project: one of OUTCOMES, why, which files change and which codemods changed so many places."""

    path: str
    outcome: str
    reason: str = ""
    message: str = ""
    changes: tuple[str, ...] = ()
    codemods: Mapping[str, int] = field(factory=dict)
    seconds: float = 0.0


def migrate_many(
    paths: Iterable[str | PathLike[str]],
    *,
    executor: Pools = None,
    options: Options = Options(),
    write: bool = False,
    force: bool = False,
    stage: bool = False,
    limits: Limits = Limits(),
    in_flight: int = IN_FLIGHT,
    batch: int = BATCH,
) -> Generator[Done, None, None]:
    """Plan the migration of projects, and `write` it if asked to; what became of each, as they finish.

    Without an executor all is done here, in order. An executor is used as it is; where a process of its pool is killed, Python gives the
    whole pool up. Instead, give what makes one, such as ``partial(ProcessPoolExecutor, 4)``: then only the project that the process died
    of is lost, and the others are tried again in a new pool. `in_flight` is how many projects it is given at a time, at most. One task has
    one of them at first, so that few projects keep all processes busy, and up to `batch` where there are many.

    Relative paths are told to an executor as absolute ones, since its processes may have been started elsewhere.

    Nothing is begun before the first result is asked for. Raises UsageError for one text in place of several paths, for an `in_flight`
    below 1, and for an argument of another type.
    """
    if isinstance(paths, str):  # whose letters would be taken for the paths
        raise UsageError(f"paths: expected several, found the text `{paths}`; write `[{paths!r}]`")
    expect("paths", paths, Iterable)
    expect("executor", executor, Executor, cast("type", Callable), type(None))
    expect("options", options, Options)
    expect("limits", limits, Limits)
    for name, value in (("write", write), ("force", force), ("stage", stage)):
        expect(name, value, bool)
    if in_flight < 1:
        raise UsageError(f"in_flight: expected 1 or more, found `{in_flight}`")
    work = partial(_migrate_batch, options=options, write=write, force=force, stage=stage, limits=limits)
    return _migrated_all(map(_path, paths), executor, work, in_flight, batch)


def _path(path: str | PathLike[str]) -> str:
    expect("paths", path, str, PathLike)
    return os.fspath(path)


def _migrated_all(left: Iterator[str], executor: Pools, work: Work, in_flight: int, batch: int) -> Generator[Done, None, None]:
    if executor is None:
        for path in left:
            yield from work([path])
        return
    crowd = _Crowd(work, in_flight, max(1, min(batch, in_flight // 4)))
    alone = _Crowd(work, 1, 1)
    if isinstance(executor, Executor):
        yield from crowd.through(executor, left)
        if not crowd.broken:
            suspects, crowd.lost = crowd.lost, {}
            yield from alone.through(executor, iter(suspects))
        yield from starmap(_lost, (crowd.lost | alone.lost).items())
        yield from (Done(path, "failed", "process-lost", "not begun: the executor is broken, or was shut down") for path in left)
        return
    while True:
        with executor() as pool:
            yield from crowd.through(pool, left)
        if not crowd.lost:
            return
        # One of these was the end of a process: one at a time, it will be seen which.
        again, crowd.lost, crowd.broken = iter(crowd.lost), {}, False
        for path in again:
            with executor() as pool:
                yield from alone.through(pool, _chained(path, again))
            yield from starmap(_lost, alone.lost.items())
            alone.lost, alone.broken = {}, False


@define
class _Crowd:
    """Hands projects to an executor, `most` at a time, in tasks of up to `batch`: of one until there were `most`, then of more and more.

    `lost` are those whose task did not end as it should, with what the executor says of it; it may be `broken`, or go on as Dask does.
    """

    work: Work
    most: int
    batch: int
    lost: dict[str, BaseException] = field(factory=dict)
    broken: bool = False

    def through(self, pool: Executor, left: Iterator[str]) -> Iterator[Done]:
        """What becomes of projects, until there are none `left` or the pool breaks."""
        running: dict[Future[list[Done]], list[str]] = {}
        given = 0
        try:
            while True:
                while len(running) * self.batch < self.most and not self.broken:
                    paths = list(islice(left, min(self.batch, 1 + given // self.most)))
                    if not paths:
                        break
                    given += len(paths)
                    try:
                        running[pool.submit(self.work, [os.path.abspath(path) for path in paths])] = paths  # noqa: PTH100 - a million
                    except Exception as broken:  # noqa: BLE001 - or shut down; each executor has an exception of its own for that
                        self.lose(paths, broken)
                        self.broken = True
                if not running:
                    return
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    paths = running.pop(future)
                    error = CancelledError() if future.cancelled() else future.exception()
                    if error is None:
                        yield from map(_called, paths, future.result())
                    else:
                        self.lose(paths, error)
                    if isinstance(error, CancelledError):  # by Dask without its scheduler, whose other futures may never end
                        for other in running:
                            other.cancel()
                for future in [future for future in running if future.cancelled()]:
                    self.lose(running.pop(future), CancelledError())
        finally:
            for future in running:
                future.cancel()

    def lose(self, paths: Iterable[str], error: BaseException) -> None:
        """Take note of projects that are lost."""
        self.lost.update(dict.fromkeys(paths, error))
        self.broken |= isinstance(error, (BrokenExecutor, CancelledError))


def _called(path: str, done: Done) -> Done:
    return evolve(done, path=path)


def _chained(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


_KILLED = ("BrokenProcessPool", "BrokenExecutor", "CancelledError", "KilledWorker")  # the last is Dask's, which is not imported for that


def _lost(path: str, error: BaseException) -> Done:
    """The work on a project never raises, so that an error is one of the executor."""
    if type(error).__name__ in _KILLED:
        return Done(path, "failed", "process-lost", "the process that worked on it was killed, or died")
    return Done(path, "failed", type(error).__name__, str(error))


def _migrate_batch(paths: Sequence[str], options: Options, *, write: bool, force: bool, stage: bool, limits: Limits) -> list[Done]:
    return [migrate_one(path, options, write=write, force=force, stage=stage, limits=limits) for path in paths]


def migrate_one(
    path: str, options: Options = Options(), *, write: bool = False, force: bool = False, stage: bool = False, limits: Limits = Limits()
) -> Done:
    """What becomes of one project, whatever that is: this never raises."""
    started = perf_counter()
    try:
        done = _migrated(path, options, write=write, force=force, stage=stage, limits=limits)
    except ConfigurationError as error:
        first = error.diagnostics[0]
        outcome = "without configuration" if first.name == "no-applications" else "refused"
        done = Done(path, outcome, first.name, f"{first.origin}: {first.message}" if first.origin else first.message)
    except UsageError as error:
        done = Done(path, "failed", "usage", str(error))
    except (WorkerlibError, OSError) as error:
        done = Done(path, "failed", "not-possible", str(error))
    except Exception as error:  # noqa: BLE001 - a mistake of ours costs one project
        done = Done(path, "failed", "internal-error", f"{type(error).__name__}: {error}")
    return Done(done.path, done.outcome, done.reason, done.message, done.changes, done.codemods, round(perf_counter() - started, 6))


def _migrated(path: str, options: Options, *, write: bool, force: bool, stage: bool, limits: Limits) -> Done:
    root = Path(path)
    if not root.is_dir():
        raise UsageError("expected the folder of a project, found " + ("a file" if root.exists() else "nothing there"))
    if os.path.lexists(root / JOURNAL):
        if not write:
            raise WorkerlibError("a write of this project was interrupted: run again with --write, or with --recover")
        from workerlib.migrate.write import recover

        recover(root, force=force)
    found = plan(root, options, limits=limits)
    if write and found:
        found.apply(force=force, stage=stage)
    codemods: dict[str, int] = {}
    for one in found.outcomes:
        if isinstance(one, Changed):
            codemods[one.codemod] = codemods.get(one.codemod, 0) + one.places
    outcome = "unchanged" if not found else "migrated" if write else "would change"
    return Done(path, outcome, changes=tuple(found.files), codemods=codemods)


# ---- finding projects ---------------------------------------------------------------------------------------------------------------

_FOLDERS = frozenset(layout.folder for layout in LAYOUTS)
_FILES = frozenset(layout.application_file for layout in LAYOUTS if layout.application_file)


def find(folder: str | PathLike[str]) -> Iterator[str]:
    """Every project at or below a folder, in order. What lies below a project belongs to it; links are not followed.

    A project is a folder that has a folder or an application file of some layout; or a git checkout with one somewhere below, unless that
    is in a clone of its own. A folder that cannot be read is named as well: who migrates it is told so.
    """
    pending = [os.fspath(folder)]
    while pending:
        current = pending.pop()
        try:
            with os.scandir(current) as entries:
                there = {entry.name: entry.is_dir(follow_symlinks=False) for entry in entries}
        except (FileNotFoundError, NotADirectoryError):
            continue  # it has gone
        except OSError:
            yield current
            continue
        on_top = any(Path(current, name).is_dir() for name in _FOLDERS & there.keys()) or not _FILES.isdisjoint(there)
        if on_top or (".git" in there and any(not _in_clone(current, file.folder) for file in discover(DiskFiles(Path(current))))):
            yield current
        else:
            inner = sorted((name for name, is_folder in there.items() if is_folder and name not in SKIPPED), reverse=True)
            pending += [os.path.join(current, name) for name in inner]  # noqa: PTH118 - a million of them


def _in_clone(checkout: str, folder: str) -> bool:
    """Whether a folder of a checkout lies in a clone, as below a home whose dotfiles git keeps; the `.git` of a submodule is a file."""
    names = folder.split("/")
    return bool(folder) and any(Path(checkout, *names[:count], ".git").is_dir() for count in range(1, len(names) + 1))
