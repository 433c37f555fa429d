"""The command line of many projects: a report that grows line by line, progress on the way, a summary at the end."""

from __future__ import annotations

import json
import os
import signal
import sys
from argparse import Namespace
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from itertools import takewhile
from pathlib import Path
from time import perf_counter
from typing import TextIO

from attrs import asdict, define, field

from workerlib.characters import visible
from workerlib.errors import UsageError
from workerlib.migrate.fleet import BATCH, OUTCOMES, Done, Pools, find, migrate_many
from workerlib.report import Screen
from workerlib.rewrite import Options
from workerlib.text import Limits

_RETRIED = ("failed",)  # outcomes that may be another one next time
_STYLES = {"migrated": "green", "would change": "yellow", "refused": "red", "failed": "bold red"}


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
        if args.resume and not args.report:
            raise UsageError("--resume needs the --report of the run that it goes on with")
        if args.format != "text":
            raise UsageError(f"--format {args.format} is for projects that are named one by one; here --report FILE writes JSON lines")
        if args.resume:
            self.resume(Path(args.report))
        paths = [path for path in dict.fromkeys(self.paths()) if path not in self.known]
        started, before = perf_counter(), self.counts.total()
        stop = _Stop()
        with (
            _executor(args) as (executor, workers),
            stop,
            _report(args.report, resume=args.resume) as report,
            self.progress(len(paths)) as show,
        ):
            results = migrate_many(
                takewhile(lambda _: not stop.asked, paths),
                executor=executor,
                options=self.options,
                write=args.write,
                force=args.force,
                stage=args.stage,
                limits=Limits.of(args.limit),
                in_flight=4 * workers * BATCH,
            )
            for done in results:
                if report:
                    report.write(json.dumps(asdict(done)) + "\n")
                    report.flush()
                self.counts[done.outcome, done.reason] += 1
                show(done)
        self.summary(self.counts.total() - before, perf_counter() - started)
        if stop.asked:
            raise KeyboardInterrupt
        return self.counts

    def paths(self) -> Iterator[str]:
        """The projects that are asked for."""
        args = self.args
        if args.from_file is not None:
            with _opened(args.from_file) as lines:
                yield from (path for line in lines if (path := line.rstrip("\r\n")) and not path.startswith("#"))
        for path in args.paths or ([] if args.from_file is not None else ["."]):
            if not args.recursive:
                yield path
            elif Path(path).is_dir():
                yield from find(path)
            else:
                raise UsageError(f"{path}: expected a folder of projects, found " + ("a file" if Path(path).exists() else "nothing there"))

    def resume(self, report: Path) -> None:
        """Take note of what an earlier run has done. Its last line may be half a line: that project is done again."""
        if not report.exists():
            return
        latest: dict[str, tuple[str, str]] = {}
        with report.open(encoding="utf-8") as lines:
            for line in lines:
                try:
                    one = json.loads(line)
                    path, outcome, reason = (str(one[key]) for key in ("path", "outcome", "reason"))
                except (ValueError, KeyError, TypeError):
                    continue
                if outcome in OUTCOMES:  # another version may have had others
                    latest[path] = outcome, reason
        for path, (outcome, reason) in latest.items():
            if outcome not in _RETRIED:
                self.known.add(path)
                self.counts[outcome, reason] += 1

    # ---- what is shown

    @contextmanager
    def progress(self, total: int) -> Iterator[Callable[[Done], None]]:
        """What to call with each result: it moves a bar on a terminal, and shows a line elsewhere."""
        if self.args.quiet:
            yield lambda _: None
        elif not self.screen.is_terminal:
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
                    bar.update(task, advance=1, rate=f"{count / (perf_counter() - started):.0f} a second")
                    if done.outcome in ("refused", "failed"):
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
        rate = f", {new / seconds:.0f} a second" if seconds >= 1 else ""
        self.screen.line()
        total = self.counts.total()
        told = f"{total} project{'s' * (total != 1)} in {seconds:.1f} seconds{rate}"
        self.screen.line(told + (f"; {earlier} of them earlier" if earlier else ""))
        rows = sorted(self.counts.items(), key=lambda row: (OUTCOMES.index(row[0][0]), -row[1]))
        width = max((len(reason) for (_, reason), _ in rows), default=0)
        for (outcome, reason), count in rows:
            self.screen.line("  ", (f"{outcome:24}", _STYLES.get(outcome, "")), f"{reason:{width}}  {count:8}")


def _words(done: Done) -> str:
    why = f" ({done.reason}: {done.message})" if done.reason else ""
    return f"{done.path}: {done.outcome}{why}"


@define
class _Stop:
    """While it is entered, Ctrl-C asks to begin nothing else: what is under way ends, and is reported. Again, it interrupts."""

    asked: bool = False

    def __enter__(self) -> None:
        signal.signal(signal.SIGINT, self.ask)

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)

    def ask(self, *_: object) -> None:
        self.asked = True
        signal.signal(signal.SIGINT, signal.default_int_handler)


@contextmanager
def _executor(args: Namespace) -> Iterator[tuple[Pools, int]]:
    """What works on the projects, None for this process, and how many it works on at a time."""
    if args.scheduler is None:
        yield (partial(_pool, args.jobs) if args.jobs > 1 else None), args.jobs
        return
    try:
        dask = import_module("distributed")
    except ImportError:
        raise UsageError("--scheduler needs Dask: python -m pip install 'upsun-workerlib[dask]'") from None
    try:
        client = dask.Client(args.scheduler, set_as_default=False)
    except (OSError, ValueError) as error:
        raise UsageError(f"{args.scheduler}: expected the address of a Dask scheduler, such as tcp://host:8786: {error}") from None
    with client:
        yield client.get_executor(pure=False), max(1, sum(client.nthreads().values()))


def _pool(jobs: int) -> Executor:
    """Processes that leave Ctrl-C to the one that started them, from their first moment on."""
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    pool = ProcessPoolExecutor(jobs, get_context("spawn"))
    heard = signal.signal(signal.SIGINT, signal.SIG_IGN)  # which a new process takes over
    try:
        for _ in range(jobs):
            pool.submit(int)  # starts one, as long as none is idle
    finally:
        signal.signal(signal.SIGINT, heard)
    return pool


@contextmanager
def _opened(path: str) -> Iterator[TextIO]:
    if path == "-":
        yield sys.stdin
        return
    try:
        with Path(path).open(encoding="utf-8", errors="surrogateescape") as file:
            yield file
    except OSError as error:
        raise UsageError(f"{path}: expected a list of projects, one on each line: {error.strerror}") from None


@contextmanager
def _report(path: str | None, *, resume: bool) -> Iterator[TextIO | None]:
    """The report, to be added to."""
    if path is None:
        yield None
        return
    try:
        file = Path(path).open("a+" if resume else "x", encoding="utf-8")  # noqa: SIM115 - closed below
    except FileExistsError:
        raise UsageError(f"{path}: expected no report yet, found one: go on with it by --resume, or move it away") from None
    except OSError as error:
        raise UsageError(f"{path}: the report cannot be written: {error.strerror}") from None
    with file:
        if resume and file.tell():
            file.seek(file.tell() - 1)
            if file.read(1) != "\n":
                file.write("\n")  # an interrupted run left half a line
            file.seek(0, os.SEEK_END)
        yield file
