"""The command line of many projects: a report that grows line by line, progress on the way, a summary at the end."""

from __future__ import annotations

import json
import os
import shlex
import signal
import sys
import threading
from argparse import Namespace
from codecs import BOM_UTF8
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import closing, contextmanager
from functools import partial
from importlib import import_module
from itertools import chain, takewhile
from logging import CRITICAL, getLogger
from multiprocessing import active_children, get_context
from pathlib import Path
from pkgutil import resolve_name
from time import perf_counter
from types import FrameType
from typing import TYPE_CHECKING, TypeAlias

from attrs import asdict, define, field

from workerlib._version import __version__
from workerlib.characters import visible
from workerlib.errors import UsageError, WorkerlibError
from workerlib.migrate.fleet import BATCH, OUTCOMES, Done, Pools, find, migrate_many
from workerlib.report import Screen
from workerlib.rewrite import Options
from workerlib.text import Limits

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

_RECORD = b'{"path": "'  # how each line of a report begins
_STYLES = {"migrated": "green", "would change": "yellow", "refused": "red", "failed": "bold red"}
_BAD = ("refused", "failed")
_UNFINISHED = "what was being written is finished, or undone, by the next run with --write"
_AT_FIRST = 16  # threads of a cluster that are given work, at least: it may grow


@define
class Fleet:
    """One run over many projects. `counts` says how often each outcome came up for which reason, an earlier run's results included."""

    args: Namespace
    options: Options
    screen: Screen
    counts: Counter[tuple[str, str]] = field(factory=Counter)
    known: set[str] = field(factory=set)

    def run(self) -> Counter[tuple[str, str]]:
        """Migrate all of them; how often each outcome came up, with its reason."""
        args = self.args
        if args.resume and args.report is None:
            raise UsageError("--resume needs the --report of the run that it goes on with")
        if args.format != "text":
            raise UsageError(f"--format {args.format} is for projects that are named one by one; here --report FILE writes JSON lines")
        if args.resume:
            self.resume(Path(args.report))
        paths = self.left()
        started, before = perf_counter(), self.counts.total()
        stop = _Stop()
        with (
            self.executor(len(paths), stop) as (executor, workers),
            stop,
            _report(args.report, resume=args.resume, told=self.told()) as report,
            self.progress(len(paths)) as show,
            closing(  # before Ctrl-C is anybody's again: processes are told to end
                migrate_many(
                    takewhile(lambda _: not stop.asked, paths),
                    executor=executor,
                    options=self.options,
                    write=args.write,
                    force=args.force,
                    stage=args.stage,
                    limits=Limits.of(args.limit),
                    in_flight=4 * workers * BATCH,
                )
            ) as results,
        ):
            for done in results:
                report(done)
                self.counts[done.outcome, done.reason] += 1
                show(done)
        self.summary(self.counts.total() - before, perf_counter() - started)
        if stop.asked:
            raise KeyboardInterrupt
        return self.counts

    def left(self) -> list[str]:
        """The projects to work on, each once, however it is spelled."""
        seen, out = set(self.known), []
        for path in self.paths():
            if (place := _place(path)) not in seen:
                seen.add(place)
                out.append(path)
        return out

    def paths(self) -> Iterator[str]:
        """The projects that are asked for."""
        args = self.args
        named = args.paths or ([] if args.from_file is not None else ["."])
        for path in named:
            if args.recursive and not Path(path).is_dir():
                raise UsageError(f"{path}: expected a folder of projects, found " + ("a file" if Path(path).exists() else "nothing there"))
        for path in chain(_listed(args.from_file) if args.from_file is not None else (), named):
            found = find(path) if args.recursive else iter(())
            yield next(found, path)  # where there is none, the folder itself is told of
            yield from found

    def told(self) -> dict[str, object]:
        """What a report says of how its projects were done: the options that decide what becomes of them, and the version."""
        limits = (word for limit in self.args.limit for word in ("--limit", limit))
        return {"options": [*self.options.words(), *limits], "version": __version__}

    def resume(self, report: Path) -> None:
        """Take note of what an earlier run has done; what another version did is done again.

        Its last line may be half a line: that project is done again, too. Raises UsageError where it was told other options.
        """
        if not report.exists():
            return
        if not report.is_file():
            raise UsageError(f"{report}: expected the report of an earlier run, found what is no file")
        latest: dict[str, tuple[str, str]] = {}
        told = self.told()
        try:
            with report.open("rb") as lines:
                for number, line in enumerate(lines, 1):
                    try:
                        one = json.loads(line)
                        place, outcome, reason = _place(one["path"]), one["outcome"], str(one["reason"])
                        version, options = one.get("version"), one.get("options")
                    except (ValueError, KeyError, TypeError, RecursionError):
                        if not _RECORD.startswith(line.rstrip(b"\n")[: len(_RECORD)]):
                            what = "expected a line of a report, found something else: name the report of an earlier run"
                            raise UsageError(f"{report}:{number}: {what}") from None
                        continue
                    if version != told["version"] or outcome not in OUTCOMES:
                        latest.pop(place, None)
                        continue
                    if options != told["options"]:
                        found = f"`{shlex.join(map(str, options))}`" if options and isinstance(options, list) else "none"
                        what = f"expected the options of the run that is gone on with, which were {found}"
                        raise UsageError(f"{report}:{number}: {what}: give them again, or another --report")
                    latest[place] = outcome, reason
        except OSError as error:
            raise UsageError(f"{report}: the report cannot be read: {error.strerror}") from None
        again = ("failed", "would change") if self.args.write else ("failed",)  # outcomes that may be another one this time
        for place, (outcome, reason) in latest.items():
            if outcome not in again:
                self.known.add(place)
                self.counts[outcome, reason] += 1

    # ---- what is shown

    @contextmanager
    def progress(self, total: int) -> Iterator[Callable[[Done], None]]:
        """What to call with each result: it moves a bar on a terminal, and shows a line elsewhere."""
        if self.args.quiet:
            yield lambda done: self.line(done) if done.outcome in _BAD else None
        elif not self.screen.is_terminal or os.environ.get("TERM") == "dumb":
            yield self.line
        else:
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

            columns = (
                BarColumn(),
                MofNCompleteColumn(),
                TaskProgressColumn(show_speed=True),
                TextColumn("{task.fields[rate]}"),
                TimeRemainingColumn(),
            )
            started = perf_counter()
            with Progress(*columns, console=Console(file=self.screen.stream), transient=True) as bar:
                task = bar.add_task("", total=total, rate="")
                count = 0

                def show(done: Done) -> None:
                    nonlocal count
                    count += 1
                    bar.update(task, advance=1, rate=_rate(count, perf_counter() - started))
                    if done.outcome in _BAD:
                        bar.console.print(visible(_words(done)), style=_STYLES[done.outcome], markup=False, highlight=False, soft_wrap=True)

                yield show

    def line(self, done: Done) -> None:
        """Tell of one project."""
        self.screen.line(_words(done))

    def summary(self, new: int, seconds: float) -> None:
        """How many projects came out how, and why."""
        if self.args.quiet:
            return
        earlier = self.counts.total() - new
        rate = f", {_rate(new, seconds)}" if seconds >= 1 else ""
        self.screen.line()
        total = self.counts.total()
        told = f"{total} project{'s' * (total != 1)} in {seconds:.1f} seconds{rate}"
        self.screen.line(told + (f"; {earlier} of them earlier" if earlier else ""))
        rows = sorted(self.counts.items(), key=lambda row: (OUTCOMES.index(row[0][0]), -row[1]))
        width = max((len(reason) for (_, reason), _ in rows), default=0)
        for (outcome, reason), count in rows:
            self.screen.line("  ", (f"{outcome:24}", _STYLES.get(outcome, "")), f"{reason:{width}}  {count:8}")

    # ---- who works

    @contextmanager
    def executor(self, most: int, stop: _Stop) -> Iterator[tuple[Pools, int]]:
        """What works on the projects, None for this process, and how many it works on at a time."""
        address = self.args.scheduler
        if address is None:
            jobs = max(1, min(self.args.jobs, most))
            yield (partial(_pool, jobs, stop) if jobs > 1 else None), jobs
            return
        try:
            dask = import_module("distributed")
        except ImportError:
            raise UsageError("--scheduler needs Dask: python -m pip install 'upsun-workerlib[dask]'") from None
        for name in ("distributed", "distributed.client"):
            getLogger(name).setLevel(CRITICAL)  # what goes wrong is told of by project
        try:
            dask.comm.resolve_address(address)  # a client that fails at an address that is none waits a minute for its own end
            client = dask.Client(address, set_as_default=False)
        except (OSError, ValueError) as error:
            raise UsageError(f"{address}: expected the address of a Dask scheduler, such as tcp://host:8786: {error}") from None
        with client:
            # A worker that lacks what it is given ends, as does the next one; a cluster without workers waits for others.
            versions = client.run(resolve_name, "workerlib._version:__version__", on_error="return")
            for worker, version in versions.items():
                if version != __version__:
                    raise UsageError(f"{address}: expected workers with workerlib {__version__}, found one with `{version}`: {worker}")
            if not versions:
                self.screen.line(f"{address}: no workers yet; waiting for them")
                self.screen.flush()
            yield client.get_executor(pure=False), max(_AT_FIRST, sum(client.nthreads().values()))


def _rate(count: int, seconds: float) -> str:
    rate = count / seconds
    return f"{rate:.{0 if rate >= 10 else 1}f} a second"


def _place(path: str) -> str:
    return os.path.abspath(path)  # noqa: PTH100 - a million of them


def _words(done: Done) -> str:
    why = f" ({done.reason}: {done.message})" if done.reason else ""
    return f"{done.path}: {done.outcome}{why}"


@define
class _Stop:
    """While it is entered, Ctrl-C and SIGTERM ask to begin nothing else: what is under way ends, and is reported.

    Again, they end this and the processes that work for it. A signal that was ignored from the start stays so, as for what runs behind.
    """

    asked: bool = False
    asked_again: bool = False
    _before: dict[int, Callable[[int, FrameType | None], object] | int | None] = field(factory=dict)

    def __enter__(self) -> _Stop:
        heard = (number for number in (signal.SIGINT, signal.SIGTERM) if signal.getsignal(number) is not signal.SIG_IGN)
        self._before = {number: signal.signal(number, self.ask) for number in heard}
        return self

    def __exit__(self, *_: object) -> None:
        if self.asked_again and (processes := active_children()):
            threading.excepthook = lambda _: None  # a pool that is half made, or has taken work back, does not expect this
            for process in processes:
                process.kill()  # a project that is being written has its journal
            return  # still deaf: nothing is to stop the end of this process
        for number, heard in self._before.items():
            signal.signal(number, heard)

    def ask(self, *_: object) -> None:
        if self.asked:
            for number in self._before:
                signal.signal(number, signal.SIG_IGN)
            self.asked_again = True
            raise KeyboardInterrupt(*[_UNFINISHED] * bool(active_children()))
        self.asked = True


class _Processes(ProcessPoolExecutor):
    """Processes that are not waited for where they are to stop at once."""

    def __init__(self, jobs: int, stop: _Stop) -> None:
        super().__init__(jobs, get_context("spawn"), initializer=_worker)
        self.stop = stop

    def __exit__(self, *_: object) -> None:
        if not self.stop.asked_again:
            self.shutdown()


def _pool(jobs: int, stop: _Stop) -> Executor:
    """Processes that leave Ctrl-C to the one that started them, from their first moment on."""
    pool = _Processes(jobs, stop)
    heard = signal.signal(signal.SIGINT, signal.SIG_IGN)  # which a new process takes over
    try:
        for _ in range(jobs):
            pool.submit(int)  # starts one, as long as none is idle
    finally:
        signal.signal(signal.SIGINT, heard)
    return pool


def _worker() -> None:
    """Have a process end with the one that started it, however that ends: else it would wait for work for ever."""
    from multiprocessing import parent_process

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if parent := parent_process():
        threading.Thread(target=_end_after, args=(parent,), daemon=True).start()


def _end_after(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)  # a project that is being written has its journal


def _listed(path: str) -> Iterator[str]:
    """The projects that a list names, in the bytes of the file system."""
    if path == "-" and not sys.stdin:
        raise UsageError("--from-file -: expected a list of projects on standard input, which is closed")
    try:
        with Path(path).open("rb") if path != "-" else sys.stdin.buffer as lines:
            for number, line in enumerate(lines, 1):
                if b"\0" in line:
                    raise UsageError(f"{path}:{number}: expected a list of projects in UTF-8, one on each line, found a null byte")
                name = line.removeprefix(BOM_UTF8).rstrip(b"\r\n")
                if name.strip() and not name.startswith(b"#"):
                    yield name.decode(sys.getfilesystemencoding(), "surrogateescape")
    except OSError as error:
        raise UsageError(f"{path}: expected a list of projects, one on each line: {error.strerror}") from None


Tell: TypeAlias = Callable[[Done], None]


@contextmanager
def _report(path: str | None, *, resume: bool, told: Mapping[str, object]) -> Iterator[Tell]:
    """What to call with each result: it adds a line to the report, with what is `told` of each."""
    if path is None:
        yield lambda _: None
        return
    try:
        file = Path(path).open("ab+" if resume else "ab", buffering=0)  # noqa: SIM115 - closed below
    except OSError as error:
        raise UsageError(f"{path}: the report cannot be written: {error.strerror}") from None

    def write(data: bytes) -> None:
        try:
            while data:
                data = data[file.write(data) :]
        except OSError as error:
            what = "--resume goes on, and looks again at the projects that it does not name"
            raise WorkerlibError(f"{path}: the report cannot be written: {error.strerror}; {what}") from None

    with file:
        if file.seekable() and file.seek(0, os.SEEK_END):
            if not resume:
                raise UsageError(f"{path}: expected no report yet, found one: go on with it by --resume, or move it away")
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":
                write(b"\n")  # an interrupted run left half a line
        yield lambda done: write(json.dumps({**asdict(done), "path": _place(done.path), **told}).encode() + b"\n")
