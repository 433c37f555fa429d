"""Many projects: found below a folder, migrated by any executor, told of one by one as they finish.

No project can stop another: what goes wrong with one becomes its result, and a process that dies takes with it only the project that it
died of. Nothing is kept of a project but its result, and only a few are under way at a time, so memory does not grow with their number.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from functools import partial
from os import PathLike
from pathlib import Path
from time import perf_counter
from typing import TypeAlias

from attrs import field, frozen

from workerlib.errors import ConfigurationError, UsageError, WorkerlibError
from workerlib.layout import LAYOUTS, SKIPPED, DiskFiles, discover
from workerlib.migrate.planning import plan
from workerlib.rewrite import Changed, Options

IN_FLIGHT = 64  # projects that an executor is given at a time
OUTCOMES = ("migrated", "would change", "unchanged", "without configuration", "refused", "failed")
Pools: TypeAlias = Executor | Callable[[], Executor] | None


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
    in_flight: int = IN_FLIGHT,
) -> Generator[Done, None, None]:
    """Plan the migration of projects, and `write` it if asked to; what became of each, as they finish.

    Without an executor all is done here, in order. An executor is used as it is; where a process of its pool is killed, Python gives the
    whole pool up. Instead, give what makes one, such as ``partial(ProcessPoolExecutor, 4)``: then only the project that the process died
    of is lost, and the others are tried again in a new pool. `in_flight` is how many projects it is given at a time.
    """
    work = partial(migrate_one, options=options, write=write, force=force, stage=stage)
    left = (os.fspath(path) for path in paths)
    if executor is None:
        yield from map(work, left)
        return
    lost: list[str] = []
    if isinstance(executor, Executor):
        yield from _through(executor, work, left, in_flight, lost)
        yield from (_dead(path) for path in (*lost, *left))
        return
    while True:
        with executor() as pool:
            yield from _through(pool, work, left, in_flight, lost)
        if not lost:
            return
        # One of these was the end of a process: one at a time, it will be seen which.
        again, lost = iter(lost), []
        for path in again:
            with executor() as pool:
                yield from _through(pool, work, _chained(path, again), 1, lost)
            yield from map(_dead, lost)
            lost = []


def _through(pool: Executor, work: Callable[[str], Done], left: Iterator[str], most: int, lost: list[str]) -> Iterator[Done]:
    """What becomes of projects, until there are none `left` or the pool breaks; those that it had then are added to `lost`."""
    running: dict[Future[Done], str] = {}
    try:
        while True:
            while len(running) < most and not lost and (path := next(left, None)) is not None:
                try:
                    running[pool.submit(work, path)] = path
                except BrokenExecutor:
                    lost.append(path)
            if not running:
                return
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                path = running.pop(future)
                error = future.exception()
                if error is None:
                    yield future.result()
                elif isinstance(error, BrokenExecutor):
                    lost.append(path)
                else:
                    yield Done(path, "failed", type(error).__name__, str(error))
    finally:
        for future in running:
            future.cancel()


def _chained(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def _dead(path: str) -> Done:
    return Done(path, "failed", "process-lost", "the process that worked on it was killed, or died")


def migrate_one(path: str, options: Options = Options(), *, write: bool = False, force: bool = False, stage: bool = False) -> Done:
    """What becomes of one project, whatever that is: this never raises."""
    started = perf_counter()
    try:
        done = _migrated(path, options, write=write, force=force, stage=stage)
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


def _migrated(path: str, options: Options, *, write: bool, force: bool, stage: bool) -> Done:
    root = Path(path)
    if not root.is_dir():
        raise UsageError("expected the folder of a project, found " + ("a file" if root.exists() else "nothing there"))
    if os.path.lexists(root / ".workerlib-journal"):
        if not write:
            raise WorkerlibError("a write of this project was interrupted: run again with --write, or with --recover")
        from workerlib.migrate.write import recover

        recover(root)
    found = plan(root, options)
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

    A project is a folder that has a folder or an application file of some layout; or a git checkout with one somewhere below.
    """
    pending = [os.fspath(folder)]
    while pending:
        current = pending.pop()
        try:
            with os.scandir(current) as entries:
                there = {entry.name: entry.is_dir(follow_symlinks=False) for entry in entries}
        except OSError:
            continue  # what may not be read cannot be migrated either
        on_top = any(there[name] for name in _FOLDERS & there.keys()) or not _FILES.isdisjoint(there)
        if on_top or (".git" in there and discover(DiskFiles(Path(current)))):
            yield current
        else:
            inner = sorted((name for name, is_folder in there.items() if is_folder and name not in SKIPPED), reverse=True)
            pending += [os.path.join(current, name) for name in inner]  # noqa: PTH118 - a million of them
