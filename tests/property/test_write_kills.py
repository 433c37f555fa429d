"""Whatever stops a write, no old file is lost, and the next run gets it done.

A process is killed (SIGKILL) before each file operation, in the middle of each write to a file, at each system call, again at each
operation of the recovery, and at random times. What is done by default takes seconds; more is asked for in the environment:

    WORKERLIB_KILLS=all     every second death, during the recovery, and every system call, instead of samples
    WORKERLIB_ROUNDS=500    so many kills at random times, instead of 20
"""

from __future__ import annotations

import ctypes
import errno
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from workerlib.changes import FileChange
from workerlib.errors import WriteError
from workerlib.migrate import journal, write

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL")

EVERY = os.environ.get("WORKERLIB_KILLS") == "all"
ROUNDS = int(os.environ.get("WORKERLIB_ROUNDS", "20"))

APP = b"name: shop\n" * 400
CHANGES = (
    FileChange(".upsun/config.yaml", None, b"applications:\n" * 500, like=".platform.app.yaml"),
    FileChange(".upsun/solr/conf.xml", None, b"<conf/>\n"),
    FileChange("README.md", b"see .platform\n", b"see .upsun\n"),
    FileChange(".platform.app.yaml", APP, None),
    FileChange(".platform/services.yaml", b"db: {}\n", None),
    FileChange(".platform/solr/conf.xml", b"<conf/>\n", None),
    FileChange("api/.platform.app.yaml", b"name: api\n", None),
)
OTHERS = {"api/": None, "api/index.php": b"<?php\n"}
OLD = {change.path: change.before for change in CHANGES if change.before is not None}
BEFORE = OTHERS | OLD | {".platform/": None, ".platform/solr/": None}
AFTER = OTHERS | {change.path: change.after for change in CHANGES if change.after is not None} | {".upsun/": None, ".upsun/solr/": None}


def lay(root: Path) -> None:
    """Make `root` the project as it is before the write."""
    shutil.rmtree(root, ignore_errors=True)
    for path, content in (OTHERS | OLD).items():
        if content is not None:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(content)


def tree(root: Path) -> dict[str, bytes | None]:
    """Everything below `root`: the files with what they hold, the folders with a final ``/``."""
    found: dict[str, bytes | None] = {}
    for path in root.rglob("*"):
        name = path.relative_to(root).as_posix()
        found[f"{name}/" if path.is_dir() else name] = read(path)
    return found


def read(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def lost(root: Path, changes: Sequence[FileChange] = CHANGES) -> list[str]:
    """The old files that are whole neither in their places nor in the journal; none, once all new ones are in their places."""
    if all(read(root / change.path) == change.after for change in changes):
        return []
    places = (root, root / ".workerlib-journal/old")
    return [c.path for c in changes if c.before is not None and c.before not in [read(place / c.path) for place in places]]


class Stop:
    """Stands in for `journal._do` and calls `act` before the `at`-th operation, or when half of it is written.

    Nothing is synced: a kill takes no power away.
    """

    def __init__(self, at: int, act: Callable[[], None]) -> None:
        self.at, self.act, self.seen = at, act, 0

    def __call__(self, call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        self.seen += 1
        if self.seen == self.at:
            if call.__name__ == "write":
                call(args[0][: len(args[0]) // 2])
                call.__self__.flush()  # type: ignore[attr-defined]
            self.act()
        return None if call is os.fsync else call(*args, **kwargs)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def child(work: Callable[[], object]) -> int:
    """Do `work` in a process of its own; its exit status, negative for a signal."""
    pid = os.fork()
    if pid == 0:
        try:
            work()
        except BaseException:  # noqa: BLE001  # no exception may bring a second pytest to life
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def kills(work: Callable[[], object], *, step: int = 1) -> Iterator[int]:
    """Do `work` again and again, and kill it at one operation after the other, until there is none left."""
    for at in range(1, 10_000, step):

        def stopped(at: int = at) -> None:
            journal._do = Stop(at, die)
            work()

        status = child(stopped)
        assert status in (0, -signal.SIGKILL)
        if status == 0:
            return
        yield at


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "project"


@pytest.fixture(autouse=True)
def _no_sync(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "_do", Stop(0, die))


def relaid(root: Path) -> Callable[[], None]:
    """Work to be killed: a project is laid out, then changed."""

    def work() -> None:
        write.apply(root, CHANGES)

    lay(root)
    return work


def settled(root: Path) -> None:
    """What has to hold after each death: nothing lost; all old or all new once recovered; and all new after another run."""
    assert lost(root) == []
    write.recover(root)
    assert tree(root) in (BEFORE, AFTER)
    assert write.recover(root) is False
    write.apply(root, CHANGES)
    assert tree(root) == AFTER


def test_killed_at_each_operation(root: Path) -> None:
    survived = 0
    for _ in kills(relaid(root)):
        settled(root)
        lay(root)
        survived += 1
    print(f"{survived} kills, each at another operation")
    assert survived > 60
    assert tree(root) == AFTER


def test_killed_at_each_operation_and_again_while_recovering(root: Path) -> None:
    survived = 0
    for _ in kills(relaid(root), step=1 if EVERY else 5):
        shutil.copytree(root, root.with_name("wreck"))
        for _ in kills(lambda: write.recover(root), step=1 if EVERY else 4):
            settled(root)
            shutil.rmtree(root)
            shutil.copytree(root.with_name("wreck"), root)
            survived += 1
        shutil.rmtree(root.with_name("wreck"))
        lay(root)
    print(f"{survived} kills while recovering")
    assert survived > (1000 if EVERY else 50)


def faults(root: Path, act: Callable[[], None], monkeypatch: pytest.MonkeyPatch, stop: type[Stop] = Stop) -> Iterator[None]:
    """Lay the project out again and again, with `act` to be called at one operation after the other, until there is none left."""
    for at in range(1, 10_000):
        lay(root)
        do = stop(at, act)
        monkeypatch.setattr(journal, "_do", do)
        yield
        if do.seen < at:
            assert at > 60
            return


@pytest.mark.parametrize("number", [errno.EIO, errno.EACCES])
def test_failed_at_each_operation(root: Path, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise OSError(number, os.strerror(number))

    for _ in faults(root, fail, monkeypatch):
        message = ""
        try:
            write.apply(root, CHANGES)
        except WriteError as error:
            message = str(error)
        left = tree(root)
        if not message or "its write is settled" in message:
            # What could not be deleted at the end: old folders that are empty, and the journal.
            assert {n: c for n, c in left.items() if not n.startswith((".platform/", ".workerlib-journal/"))} == AFTER
            assert not any(n.startswith(".platform/") and not n.endswith("/") for n in left)
        else:
            assert os.strerror(number) in message
            assert left == BEFORE


class Broken(Stop):
    """A disk that fails at the `at`-th operation and from then on."""

    def __call__(self, call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        self.at = max(self.at, self.seen + 1)
        return super().__call__(call, *args, **kwargs)


def test_failed_at_each_operation_and_from_then_on(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    for _ in faults(root, fail, monkeypatch, Broken):
        with suppress(WriteError):
            write.apply(root, CHANGES)
        assert lost(root) == []
        with monkeypatch.context() as mended:
            mended.setattr(journal, "_do", Stop(0, die))
            settled(root)


def test_interrupted_at_each_operation(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    for _ in faults(root, interrupt, monkeypatch):
        with suppress(KeyboardInterrupt):
            write.apply(root, CHANGES)
        with monkeypatch.context() as undisturbed:
            undisturbed.setattr(journal, "_do", Stop(0, die))
            settled(root)


@pytest.mark.skipif(sys.platform != "linux", reason="needs ptrace")
def test_killed_at_each_system_call(root: Path) -> None:
    libc = ctypes.CDLL(None)
    libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
    trace_me, next_call = 0, 24

    def survives(stops: int) -> bool:
        """Whether a write was killed after so many stops before or after a system call; False where it ended earlier."""
        pid = os.fork()
        if pid == 0:
            libc.ptrace(trace_me, 0, None, None)
            os.kill(os.getpid(), signal.SIGSTOP)
            write.apply(root, CHANGES)
            os._exit(0)
        if not os.WIFSTOPPED(os.waitpid(pid, 0)[1]):
            pytest.skip("tracing is not allowed here")
        for _ in range(stops):
            libc.ptrace(next_call, pid, None, None)
            if os.WIFEXITED(os.waitpid(pid, 0)[1]):
                return False
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        return True

    lay(root)
    stops = survived = 0
    while survives(stops):
        settled(root)
        lay(root)
        survived += 1
        stops += 1 if EVERY else 17
    print(f"{survived} kills before and after system calls")
    assert stops > 400
    assert tree(root) == AFTER


def test_killed_at_random_times(root: Path) -> None:
    """A program goes from the old project to the new and back, without a pause, until kill -9 ends it."""
    lay(root)
    back = tuple(FileChange(c.path, c.after, c.before) for c in CHANGES)
    ways = [[(c.path, c.before, c.after, c.like) for c in way] for way in (CHANGES, back)]
    code = (
        "import sys; from pathlib import Path; from workerlib.changes import FileChange; from workerlib.migrate import write\n"
        f"root, ways = Path({str(root)!r}), {ways!r}\n"
        "there, back = ([FileChange(*one) for one in way] for way in ways)\n"
        "print('ready', flush=True)\n"
        "while True: write.apply(root, there); write.apply(root, back)\n"
    )
    interrupted = 0
    for _ in range(ROUNDS):
        with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as running:
            assert running.stdout is not None
            assert running.stdout.readline() == b"ready\n"
            time.sleep(random.uniform(0, 0.1))
            running.kill()
        assert [] in (lost(root, CHANGES), lost(root, back))
        interrupted += write.recover(root)
        assert tree(root) in (BEFORE, AFTER)
        write.apply(root, back)
        assert tree(root) == BEFORE
    print(f"{ROUNDS} kills, {interrupted} of them in a write")
