from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

from workerlib._version import __version__
from workerlib.errors import UsageError
from workerlib.migrate import __main__ as cli
from workerlib.migrate import fleet, progress
from workerlib.migrate.fleet import Done, find, migrate_many, migrate_one

APP = "name: shop\ntype: php:8.4\nweb: {commands: {start: x}}  # kept\n"


def put(root: Path, files: dict[str, str]) -> str:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    return str(root)


def projects(root: Path, count: int) -> list[str]:
    return [put(root / f"p{number:03}", {".platform.app.yaml": APP}) for number in range(count)]


def outcomes(results: Any) -> dict[str, int]:
    return dict(Counter(done.outcome for done in results))


# ---- finding


def test_a_folder_without_projects_has_none(tmp_path: Path) -> None:
    put(tmp_path, {"a/readme.md": "", "node_modules/x/.platform.app.yaml": APP, "b/.platform": "a file"})
    assert list(find(tmp_path)) == []


def test_what_is_not_there_has_none(tmp_path: Path) -> None:
    assert list(find(tmp_path / "missing")) == []


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    put(tmp_path / "elsewhere", {".platform.app.yaml": APP})
    (tmp_path / "here").mkdir()
    (tmp_path / "here/link").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    assert list(find(tmp_path / "here")) == []


def test_a_project_whose_folder_of_configuration_is_a_link_is_found(tmp_path: Path) -> None:
    put(tmp_path, {"shop/conf/config.yaml": ""})
    (tmp_path / "shop/.upsun").symlink_to("conf", target_is_directory=True)
    assert list(find(tmp_path)) == [str(tmp_path / "shop")]


def forbidden(folder: Path, monkeypatch: pytest.MonkeyPatch, error: int = errno.EACCES) -> None:
    """Nobody may list a folder, not even the superuser, who runs the tests in a container."""
    listed = os.scandir

    def scandir(path: Any = ".") -> Any:
        if Path(path) == folder:
            raise OSError(error, os.strerror(error))
        return listed(path)

    monkeypatch.setattr(os, "scandir", scandir)


def test_a_folder_that_may_not_be_read_is_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, {"a/.platform.app.yaml": APP, "locked/.platform.app.yaml": APP})
    forbidden(tmp_path / "locked", monkeypatch)
    locked = list(find(tmp_path))[1]
    assert locked == str(tmp_path / "locked")
    done = migrate_one(locked)
    assert (done.outcome, done.reason) == ("failed", "not-possible")


@pytest.mark.parametrize("error", [errno.EIO, errno.ENAMETOOLONG])
def test_a_folder_that_cannot_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: int) -> None:
    put(tmp_path, {"a/.platform.app.yaml": APP, "deep/down/.platform.app.yaml": APP})
    forbidden(tmp_path / "deep", monkeypatch, error)
    assert list(find(tmp_path)) == [str(tmp_path / "a"), str(tmp_path / "deep")]


def test_what_is_in_a_folder_that_may_not_be_read_is_not_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, {".platform.app.yaml": APP, ".platform/services.yaml": "db: {type: 'mariadb:11.4'}\n"})
    forbidden(tmp_path / ".platform", monkeypatch)
    done = migrate_one(str(tmp_path))
    assert (done.outcome, done.message) == ("failed", ".platform: expected a folder that can be read, found: Permission denied")


def test_projects_are_found_in_order_and_what_is_below_belongs_to_them(tmp_path: Path) -> None:
    put(
        tmp_path,
        {"b/.upsun/config.yaml": "", "b/old/.platform.app.yaml": APP, "a/deep/.platform.app.yaml": APP, "c/.magento.app.yaml": APP},
    )
    assert [os.path.relpath(path, tmp_path) for path in find(tmp_path)] == ["a/deep", "b", "c"]


def test_a_checkout_is_one_project(tmp_path: Path) -> None:
    put(tmp_path, {"shop/.git/config": "", "shop/api/.platform.app.yaml": APP, "shop/web/.platform.app.yaml": APP, "other/.git/config": ""})
    assert [os.path.relpath(path, tmp_path) for path in find(tmp_path)] == ["shop"]


def test_clones_in_a_checkout_that_is_no_project_are_projects(tmp_path: Path) -> None:
    files = {".git/config": "", "src/api/.git/config": "", "src/api/.platform.app.yaml": APP, "src/web/.git/config": ""}
    put(tmp_path, {**files, "src/web/app/.platform.app.yaml": APP, "src/readme.md": ""})
    assert [os.path.relpath(path, tmp_path) for path in find(tmp_path)] == ["src/api", "src/web"]


def test_a_submodule_belongs_to_its_checkout(tmp_path: Path) -> None:
    put(tmp_path, {"shop/.git/config": "", "shop/api/.git": "gitdir: ../.git/modules/api\n", "shop/api/.platform.app.yaml": APP})
    assert [os.path.relpath(path, tmp_path) for path in find(tmp_path)] == ["shop"]


# ---- one project


@pytest.mark.parametrize(
    ("files", "outcome", "reason"),
    [
        ({"readme.md": ""}, "without configuration", "no-applications"),
        ({".platform.app.yaml": "a: ["}, "refused", "not-yaml"),
        ({".upsun/config.yaml": "applications:\n  shop:\n    type: php:8.4\n"}, "unchanged", ""),
        ({".platform.app.yaml": APP}, "would change", ""),
        ({".platform.app.yaml": APP, ".workerlib-journal/lock": ""}, "failed", "not-possible"),
    ],
)
def test_what_becomes_of_a_project(tmp_path: Path, files: dict[str, str], outcome: str, reason: str) -> None:
    done = migrate_one(put(tmp_path, files))
    assert (done.outcome, done.reason) == (outcome, reason)
    assert done.outcome in fleet.OUTCOMES


def test_a_path_that_is_no_folder(tmp_path: Path) -> None:
    assert migrate_one(str(tmp_path / "missing")).reason == "usage"


def test_a_mistake_of_ours_costs_one_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def plan(root: Path, *_: object, **__: object) -> object:
        raise RecursionError("of ours") if root.name == "p001" else NotImplementedError

    monkeypatch.setattr(fleet, "plan", plan)
    done = list(migrate_many(projects(tmp_path, 3)))
    assert [one.reason for one in done] == ["internal-error"] * 3
    assert done[1].message == "RecursionError: of ours"


# ---- many projects


def threads() -> Executor:
    return ThreadPoolExecutor(2)


def processes(initializer: Callable[[], None] | None = None) -> Executor:
    return ProcessPoolExecutor(2, get_context("spawn"), initializer=initializer)


def test_no_projects() -> None:
    assert list(migrate_many([])) == []
    assert list(migrate_many([], executor=threads)) == []


@pytest.mark.parametrize("make", [None, threads, processes])
def test_every_project_is_migrated_and_a_second_run_changes_nothing(tmp_path: Path, make: Callable[[], Executor] | None) -> None:
    paths = projects(tmp_path, 10)
    assert outcomes(migrate_many(paths, executor=make)) == {"would change": 10}
    assert outcomes(migrate_many(paths, executor=make, write=True, in_flight=3)) == {"migrated": 10}
    assert all((Path(path) / ".upsun/config.yaml").exists() for path in paths)
    assert outcomes(migrate_many(paths, executor=make)) == {"unchanged": 10}


def test_an_executor_is_used_as_it_is(tmp_path: Path) -> None:
    with threads() as pool:
        assert sorted(done.path for done in migrate_many(projects(tmp_path, 5), executor=pool)) == projects(tmp_path, 5)
        assert pool.submit(int).result() == 0  # and is not shut down


def test_only_so_many_projects_are_under_way(tmp_path: Path) -> None:
    taken = 0

    def paths() -> Any:
        nonlocal taken
        for path in projects(tmp_path, 20):
            taken += 1
            yield path

    for count, _ in enumerate(migrate_many(paths(), executor=threads, in_flight=4)):
        assert taken <= count + 1 + 4


def test_who_stops_asking_stops_the_work(tmp_path: Path) -> None:
    results = migrate_many(projects(tmp_path, 20), executor=threads, write=True, in_flight=2)
    next(results)
    results.close()
    assert len(list(tmp_path.glob("*/.upsun"))) < 8


def poisoned() -> None:
    """Have a process die of each project whose name ends in 3, as if it were killed for the memory that it takes."""
    inner = fleet._migrated

    def migrated(path: str, *args: Any, **more: Any) -> Done:
        if path.endswith("3"):
            os.kill(os.getpid(), signal.SIGKILL)
        return inner(path, *args, **more)

    fleet._migrated = migrated


@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGKILL")
def test_a_process_that_is_killed_costs_only_its_project(tmp_path: Path) -> None:
    paths = projects(tmp_path, 16)
    done = {one.path: one for one in migrate_many(paths, executor=partial(processes, poisoned), write=True, in_flight=5)}
    assert sorted(done) == paths
    assert {path[-3:] for path, one in done.items() if one.outcome == "failed"} == {"003", "013"}
    assert {one.reason for one in done.values() if one.outcome == "failed"} == {"process-lost"}
    assert sum(one.outcome in ("migrated", "unchanged") for one in done.values()) == 14


@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGKILL")
def test_a_pool_that_cannot_be_made_anew_fails_the_rest(tmp_path: Path) -> None:
    paths = projects(tmp_path, 8)
    with processes(poisoned) as pool:
        done = list(migrate_many(paths, executor=pool, in_flight=2))
    assert sorted(one.path for one in done) == paths
    assert {one.reason for one in done if one.outcome == "failed"} == {"process-lost"}


def test_an_executor_that_is_shut_down_fails_the_rest_but_loses_no_result(tmp_path: Path) -> None:
    paths = projects(tmp_path, 12)
    pool = ThreadPoolExecutor(2)
    results = migrate_many(paths, executor=pool, in_flight=4, write=True)
    done = [next(results)]
    pool.shutdown(wait=False)
    done += results
    assert sorted(one.path for one in done) == paths
    assert {one.path for one in done if one.outcome == "migrated"} == {path for path in paths if (Path(path) / ".upsun").exists()}
    assert {one.outcome for one in done} == {"migrated", "failed"}
    assert done[-1].message == "not begun: the executor is broken, or was shut down"


class Sizes(Executor):
    """Does everything at once, and knows how many projects each task has."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def submit(self, work: Any, paths: Any) -> Any:  # type: ignore[override]
        self.sizes.append(len(paths))
        future: Future[Any] = Future()
        future.set_result(work(paths))
        return future


def test_few_projects_are_tasks_of_their_own_and_many_are_not(tmp_path: Path) -> None:
    few, many = Sizes(), Sizes()
    list(migrate_many(projects(tmp_path, 8), executor=few, in_flight=8, batch=4))
    assert few.sizes == [1] * 8
    list(migrate_many(projects(tmp_path, 30), executor=many, in_flight=8, batch=2))
    assert many.sizes == [1] * 8 + [2] * 11


def test_relative_paths_lead_there_from_wherever_a_process_was_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    projects(tmp_path, 2)
    monkeypatch.chdir(tmp_path)
    elsewhere = partial(ProcessPoolExecutor, 1, get_context("spawn"), os.chdir, (tmp_path.parent,))
    done = {one.path: one.outcome for one in migrate_many(["p000", "./p001"], executor=elsewhere)}
    assert done == {"p000": "would change", "./p001": "would change"}


class Lost(Executor):
    """As Dask's when the scheduler has gone: of what is under way the first is cancelled, the others never end; then nothing is taken."""

    def __init__(self, refusal: Exception) -> None:
        self.given: list[Future[Any]] = []
        self.refusal = refusal

    def submit(self, *_: object) -> Any:  # type: ignore[override]
        if len(self.given) == 3:
            raise self.refusal
        self.given.append(Future())
        if len(self.given) == 3:
            self.given[0].cancel()
            self.given[0].set_running_or_notify_cancel()
        return self.given[-1]


@pytest.mark.parametrize("refusal", [ValueError("closed"), OSError("closed"), RuntimeError("closed")])
@pytest.mark.parametrize("in_flight", [3, 4])
def test_an_executor_that_is_lost_is_not_waited_for(tmp_path: Path, refusal: Exception, in_flight: int) -> None:
    paths = projects(tmp_path, 6)
    done = list(migrate_many(paths, executor=Lost(refusal), in_flight=in_flight))
    assert sorted(one.path for one in done) == paths
    assert {one.outcome for one in done} == {"failed"}
    assert done[-1].message == "not begun: the executor is broken, or was shut down"


# ---- a cluster of Dask


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A scheduler, and two workers in processes of their own with one thread each, made anew when they die."""
    distributed = pytest.importorskip("distributed")
    with (
        # A worker that is not back by then is given up for good, and without workers a cluster waits for ever. Ours may take their time.
        pytest.importorskip("dask").config.set({"distributed.deploy.lost-worker-timeout": "10 minutes"}),
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0") as made,
        distributed.Client(made, set_as_default=False) as client,
    ):
        yield client


@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGKILL")
def test_a_cluster_does_all_though_one_of_its_workers_is_killed(tmp_path: Path, cluster: Any) -> None:
    paths = projects(tmp_path, 60)
    before = cluster.run(os.getpid)
    results = migrate_many(paths, executor=cluster.get_executor(pure=False), write=True, in_flight=16, batch=2)
    done = [next(results)]
    os.kill(next(iter(before.values())), signal.SIGKILL)
    done += results
    assert sorted(one.path for one in done) == paths
    # What the worker had migrated but not yet told of is done again, and found to be as it should be.
    assert {one.outcome for one in done} <= {"migrated", "unchanged"}
    assert all((Path(path) / ".upsun/config.yaml").exists() and not (Path(path) / ".platform.app.yaml").exists() for path in paths)
    cluster.wait_for_workers(2, timeout=60)
    assert set(cluster.run(os.getpid).values()) != set(before.values())


@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGKILL")
def test_a_project_that_workers_die_of_costs_only_itself(tmp_path: Path, cluster: Any) -> None:
    distributed = pytest.importorskip("distributed")

    class Poison(distributed.WorkerPlugin):  # type: ignore[name-defined, misc]
        def setup(self, worker: Any) -> None:
            poisoned()

    cluster.register_plugin(Poison(), name="poison")
    try:
        paths = projects(tmp_path, 8)
        done = {one.path: one for one in migrate_many(paths, executor=cluster.get_executor(pure=False), in_flight=4)}
    finally:
        cluster.unregister_worker_plugin("poison")
        cluster.restart()
    assert {path[-3:]: one.reason for path, one in done.items() if one.outcome == "failed"} == {"003": "process-lost"}
    assert {one.outcome for one in done.values()} == {"failed", "would change"}
    assert sorted(done) == paths


# ---- the command


def report(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize(
    "arguments",
    [
        ["--resume"],
        ["--recursive", "missing"],
        ["--from-file", "missing"],
        ["--recursive", "--format", "json"],
        ["--recursive", "--recover"],
        ["--recursive", "--report", "missing/report"],
        ["--resume", "--report", "."],
        ["--resume", "--report", "list"],
        ["--from-file", "list"],
        ["--report", ""],
        ["--scheduler", ""],
        ["--report", "."],
    ],
)
def test_wrong_use(arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "list").write_bytes(b"a\0b")
    assert cli.main(arguments) == cli.USAGE
    assert "mistake in workerlib" not in capsys.readouterr().err
    assert (tmp_path / "list").read_bytes() == b"a\0b"


def test_standard_input_may_be_closed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert cli.main(["--from-file", "-"]) == cli.USAGE
    assert "which is closed" in capsys.readouterr().err


def test_standard_output_may_be_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    projects(tmp_path, 1)
    monkeypatch.setattr(sys, "stdout", None)
    assert cli.main(["--recursive", str(tmp_path)]) == cli.DONE
    assert "p000: would change" in capsys.readouterr().err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full disk to write to")
@pytest.mark.parametrize("more", [[], ["--recursive"]])
def test_an_error_that_cannot_be_told_is_no_change_that_was_found(tmp_path: Path, more: list[str]) -> None:
    projects(tmp_path, 1)
    with Path("/dev/full").open("wb") as full:
        command = [sys.executable, "-m", "workerlib.migrate", "--check", str(tmp_path / "p000"), *more]
        assert subprocess.run(command, stderr=full, check=False).returncode == cli.REFUSED


def test_a_run_that_is_quiet_tells_of_what_is_not_as_it_should_be(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    projects(tmp_path, 1)
    put(tmp_path / "bad", {".platform.app.yaml": "a: ["})
    assert cli.main(["--recursive", str(tmp_path), "--quiet"]) == cli.REFUSED
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"{tmp_path / 'bad'}: refused (not-yaml: ")


@pytest.mark.parametrize(("count", "seconds", "rate"), [(1, 4, "0.2 a second"), (99, 10, "9.9 a second"), (314, 2, "157 a second")])
def test_a_rate_is_told(count: int, seconds: float, rate: str) -> None:
    assert progress._rate(count, seconds) == rate


def test_where_no_project_is_found_the_folder_is_told_of(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--recursive", str(tmp_path)]) == cli.DONE
    assert f"{tmp_path}: without configuration (no-applications" in capsys.readouterr().err


def test_a_report_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "report").write_text("mine")
    assert cli.main(["--recursive", str(tmp_path), "--report", str(tmp_path / "report")]) == cli.USAGE
    assert (tmp_path / "report").read_text() == "mine"


def test_a_file_that_is_empty_is_no_report_yet(tmp_path: Path) -> None:
    (tmp_path / "report").touch()
    projects(tmp_path, 1)
    assert cli.main(["--recursive", str(tmp_path), "--report", str(tmp_path / "report")]) == cli.DONE
    assert len(report(tmp_path / "report")) == 1


@pytest.mark.skipif(not Path("/dev/stdout").exists(), reason="there is no such name")
def test_a_report_may_go_into_a_pipe(tmp_path: Path) -> None:
    projects(tmp_path, 2)
    command = [sys.executable, "-m", "workerlib.migrate", "--recursive", str(tmp_path), "--report", "/dev/stdout"]
    done = subprocess.run(command, capture_output=True, check=True)
    assert [json.loads(line)["outcome"] for line in done.stdout.splitlines()] == ["would change"] * 2


def test_below_folders_of_a_list_projects_are_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    projects(tmp_path / "a", 2)
    projects(tmp_path / "b", 1)
    (tmp_path / "list").write_text(f"{tmp_path / 'a'}\n{tmp_path / 'missing'}\n")
    assert cli.main(["--recursive", "--from-file", str(tmp_path / "list"), str(tmp_path / "b")]) == cli.REFUSED
    shown = capsys.readouterr().err.replace(f"{tmp_path}{os.sep}", "").splitlines()
    assert shown[:3] == [
        "a/p000: would change",
        "a/p001: would change",
        "missing: failed (usage: expected the folder of a project, found nothing there)",
    ]
    assert shown[3] == "b/p000: would change"


def test_the_report_has_a_line_for_each_project(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    projects(tmp_path, 3)
    put(tmp_path / "bad", {".platform.app.yaml": "a: ["})
    assert cli.main(["--recursive", str(tmp_path), "--report", str(tmp_path / "report")]) == cli.REFUSED
    found = report(tmp_path / "report")
    assert [line["outcome"] for line in found] == ["refused", "would change", "would change", "would change"]
    assert (found[1]["options"], found[1]["version"]) == ([], __version__)
    assert found[1]["changes"] == [".upsun/config.yaml", ".platform.app.yaml"]
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "bad: refused (not-yaml: .platform.app.yaml:" in shown.err
    assert "4 projects in " in shown.err
    assert any(line.split() == ["would", "change", "3"] for line in shown.err.splitlines())


def test_a_list_names_projects(tmp_path: Path) -> None:
    paths = projects(tmp_path, 3)
    (tmp_path / "list").write_text(f"# ours\n{paths[0]}\n\n{paths[2]}\n{paths[0]}\n")
    assert cli.main(["--from-file", str(tmp_path / "list"), "--report", str(tmp_path / "report"), "--check", "--quiet"]) == cli.WOULD_CHANGE
    assert [line["path"] for line in report(tmp_path / "report")] == [paths[0], paths[2]]


def test_a_list_may_come_from_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    projects(tmp_path, 2)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "list").write_bytes(b"\xef\xbb\xbfp000\r\n  \r\n\r\np001\r\n./p000\r\np001/\r\n" + str(tmp_path / "p001").encode())
    assert cli.main(["--from-file", "list", "--report", "report", "--quiet"]) == cli.DONE
    assert [line["path"] for line in report(tmp_path / "report")] == [str(tmp_path / "p000"), str(tmp_path / "p001")]


def test_names_in_a_list_need_not_be_utf_8(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "workerlib.migrate", "--from-file", "-", "--report", str(tmp_path / "report")]
    env = {**os.environ, "PYTHONIOENCODING": "utf-8:strict"}
    done = subprocess.run(command, input=b"l\xe4tin\n", capture_output=True, check=False, cwd=tmp_path, env=env)
    assert b"l\\udce4tin: failed (usage: expected the folder of a project, found nothing there)" in done.stderr
    assert report(tmp_path / "report")[0]["path"] == str(tmp_path / "l\udce4tin")


def test_a_report_that_cannot_be_written_is_told_of(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    projects(tmp_path, 9)
    command = [sys.executable, "-m", "workerlib.migrate", "--recursive", ".", "--report", "report"]
    few = partial(resource.setrlimit, resource.RLIMIT_FSIZE, (300, 300))
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False, preexec_fn=few)
    assert done.returncode == cli.REFUSED
    assert b"error: report: the report cannot be written: File too large; --resume goes on, and looks again" in done.stderr
    assert (tmp_path / "report").stat().st_size == 300
    assert subprocess.run([*command, "--resume", "--quiet"], cwd=tmp_path, check=False).returncode == cli.DONE
    named = {line.partition(b",")[0] for line in (tmp_path / "report").read_bytes().splitlines()}
    assert {b'{"path": "%s/p%03d"' % (os.fsencode(tmp_path), number) for number in range(9)} <= named


def test_a_scheduler_works_on_the_projects(tmp_path: Path, cluster: Any) -> None:
    projects(tmp_path, 5)
    command = ["--recursive", str(tmp_path), "--scheduler", cluster.scheduler.address, "--report", str(tmp_path / "report"), "--write"]
    assert cli.main(command) == cli.DONE
    assert [line["outcome"] for line in report(tmp_path / "report")] == ["migrated"] * 5


def test_workers_with_another_release_are_given_nothing(
    tmp_path: Path, cluster: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    projects(tmp_path, 1)
    monkeypatch.setattr(progress, "__version__", "9.9")
    assert cli.main(["--recursive", str(tmp_path), "--scheduler", cluster.scheduler.address]) == cli.USAGE
    assert f": expected workers with workerlib 9.9, found one with `{__version__}`: tcp://" in capsys.readouterr().err


def test_a_cluster_without_workers_is_told_of(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    distributed = pytest.importorskip("distributed")
    (tmp_path / "list").touch()
    with distributed.LocalCluster(n_workers=0, processes=True, dashboard_address=":0") as made:
        assert cli.main(["--from-file", str(tmp_path / "list"), "--scheduler", made.scheduler_address]) == cli.DONE
        assert f"{made.scheduler_address}: no workers yet; waiting for them\n" in capsys.readouterr().err


@pytest.mark.parametrize("address", ["nonsense://", "localhost", "http://x", "", "tcp://a.invalid:8786"])
def test_a_scheduler_that_is_not_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    distributed = pytest.importorskip("distributed")
    monkeypatch.delattr(distributed, "Client")  # which would not end at once
    assert cli.main(["--recursive", str(tmp_path), "--scheduler", address]) == cli.USAGE
    assert f"{address}: expected the address of a Dask scheduler" in capsys.readouterr().err


def test_without_dask_its_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert cli.main(["--recursive", str(tmp_path), "--scheduler", "tcp://localhost:8786"]) == cli.USAGE
    assert "upsun-workerlib[dask]" in capsys.readouterr().err


def test_a_list_comes_from_standard_input(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "workerlib.migrate", "--from-file", "-", "--write", "--jobs", "2"]
    done = subprocess.run(command, input="\n".join(projects(tmp_path, 3)).encode(), capture_output=True, check=True)
    assert done.stderr.count(b": migrated") == 3


def reported(done: Done, *options: str, version: str = __version__) -> str:
    """The line of a report."""
    line = {"path": done.path, "outcome": done.outcome, "reason": done.reason, "options": list(options), "version": version}
    return json.dumps(line) + "\n"


def test_a_run_is_resumed(tmp_path: Path) -> None:
    paths = projects(tmp_path, 4)
    lines = [Done(paths[0], "migrated"), Done(paths[1], "failed", "process-lost")]
    (tmp_path / "report").write_text("".join(map(reported, lines)) + '{"pa')
    assert cli.main(["--recursive", str(tmp_path), "--report", str(tmp_path / "report"), "--resume", "--quiet"]) == cli.DONE
    text = (tmp_path / "report").read_text()
    assert [json.loads(line)["path"] for line in text.splitlines() if line != '{"pa'] == [paths[0], *paths[1:2], *paths[1:]]
    before = (tmp_path / "report").read_bytes()
    assert cli.main(["--recursive", str(tmp_path), "--report", str(tmp_path / "report"), "--resume", "--quiet"]) == cli.DONE
    assert (tmp_path / "report").read_bytes() == before


def test_a_preview_is_resumed_with_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    projects(tmp_path, 2)
    monkeypatch.chdir(tmp_path)
    command = ["--report", "report", "--quiet", "--recursive"]
    assert cli.main([*command, "."]) == cli.DONE
    assert cli.main([*command, ".", "--resume", "--write"]) == cli.DONE
    assert cli.main([*command, str(tmp_path), "--resume", "--write"]) == cli.DONE
    assert [line["outcome"] for line in report(tmp_path / "report")] == ["would change"] * 2 + ["migrated"] * 2


def running(tmp_path: Path, *more: str) -> subprocess.Popen[bytes]:
    """The command, in a process group of its own, when it has begun its report."""
    out = tmp_path / "report"
    command = [sys.executable, "-m", "workerlib.migrate", "--recursive", str(tmp_path), "--report", str(out), *more]
    started = subprocess.Popen(command, stderr=subprocess.PIPE, start_new_session=True)
    while not out.exists() or not out.read_bytes().count(b"\n"):
        time.sleep(0.01)
    return started


@pytest.mark.skipif(sys.platform == "win32", reason="has no process groups")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_who_asks_often_to_stop_is_answered_too(tmp_path: Path, number: signal.Signals) -> None:
    projects(tmp_path, 300)
    command = running(tmp_path, "--jobs", "2")
    with suppress(ProcessLookupError):
        for _ in range(4):
            os.kill(command.pid, number)
            time.sleep(0.05)
    said = command.communicate(timeout=60)[1].decode()
    assert "Traceback" not in said
    # The last of these may meet a process that has done its work and is about to end: then it ends by that.
    assert command.returncode == -number or (command.returncode == cli.INTERRUPTED and "interrupted" in said)
    assert 1 <= len(report(tmp_path / "report")) < 300


@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGTERM that is heard")
def test_who_asks_again_waits_for_no_project(tmp_path: Path) -> None:
    applications = "".join(f"  app{number}: {{type: 'php:8.4'}}\n" for number in range(20_000))
    for name in ("a", "b", "c"):
        put(tmp_path / name, {".upsun/config.yaml": f"applications:\n{applications}"})
    out = tmp_path / "report"
    command = [sys.executable, "-m", "workerlib.migrate", "--recursive", str(tmp_path), "--report", str(out), "--jobs", "2"]
    started = subprocess.Popen(command, stderr=subprocess.PIPE)
    while not out.exists():
        time.sleep(0.01)
    time.sleep(0.3)
    started.send_signal(signal.SIGTERM)
    time.sleep(0.1)
    started.send_signal(signal.SIGTERM)
    said = started.communicate(timeout=60)[1].decode()
    assert said == "interrupted: what was being written is finished, or undone, by the next run with --write\n"
    assert (started.returncode, out.read_bytes()) == (cli.INTERRUPTED, b"")


def test_a_signal_that_is_ignored_stays_so() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with progress._Stop() as stop:
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)
        assert not stop.asked
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGKILL")
def test_processes_end_with_the_one_that_started_them(tmp_path: Path) -> None:
    projects(tmp_path, 300)
    command = running(tmp_path, "--jobs", "2")
    command.kill()
    assert command.stderr
    command.stderr.read()  # ends when the last process that holds it has ended
    command.communicate(timeout=60)
    assert len(report(tmp_path / "report")) < 300


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT to a process group")
def test_ctrl_c_ends_it_and_a_resumed_run_finishes(tmp_path: Path) -> None:
    paths = projects(tmp_path, 300)
    out = tmp_path / "report"
    command = [sys.executable, "-m", "workerlib.migrate", "--recursive", str(tmp_path), "--write", "--jobs", "2", "--report", str(out)]
    running = subprocess.Popen(command, stderr=subprocess.PIPE, start_new_session=True)
    while not out.exists() or out.read_bytes().count(b"\n") < 5:
        time.sleep(0.01)
    os.killpg(running.pid, signal.SIGINT)
    said = running.communicate(timeout=60)[1].decode()
    assert running.returncode == cli.INTERRUPTED
    assert "Traceback" not in said
    assert "every project is either migrated or as it was" in said
    assert 5 <= len(report(out)) < 300
    assert subprocess.run([*command, "--resume"], capture_output=True, check=False).returncode == cli.DONE
    assert sorted(line["path"] for line in report(out)) == paths
    assert all((Path(path) / ".upsun/config.yaml").exists() for path in paths)


def on_a_terminal(folder: Path, kind: str = "xterm") -> tuple[int, bytes]:
    """The status of a run over all projects below a folder, and what a terminal is told."""
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "workerlib.migrate", "--recursive", str(folder)]
    running = subprocess.Popen(command, stderr=theirs, env={**os.environ, "TERM": kind})
    os.close(theirs)
    shown = b""
    while True:
        try:
            part = os.read(ours, 4096)
        except OSError:
            break
        if not part:
            break
        shown += part
    os.close(ours)
    return running.wait(), shown


def test_a_terminal_is_shown_a_bar(tmp_path: Path) -> None:
    projects(tmp_path, 3)
    status, shown = on_a_terminal(tmp_path)
    assert status == cli.DONE
    assert b"3/3" in shown
    assert b"3 projects in " in shown
    assert b"p000: would change" not in shown


def test_a_terminal_that_cannot_move_its_cursor_is_shown_lines(tmp_path: Path) -> None:
    projects(tmp_path, 3)
    status, shown = on_a_terminal(tmp_path, "dumb")
    assert status == cli.DONE
    assert b"3/3" not in shown
    assert b"p000: would change\r\n" in shown


def test_one_path_in_place_of_several_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"^paths: expected several, found the text `ab`; write `\['ab'\]`$"):
        list(migrate_many("ab"))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"paths": None}, "paths: expected `Iterable`, found `None`"),
        ({"paths": [], "options": None}, "options: expected `Options`, found `None`"),
        ({"paths": [], "limits": 5}, "limits: expected `Limits`, found `int`"),
        ({"paths": [], "executor": 5}, "executor: expected `Executor` or `Callable` or `None`, found `int`"),
        ({"paths": [], "write": "no"}, "write: expected `bool`, found `str`"),
    ],
)
def test_an_argument_of_another_type_is_told_before_a_project_is_looked_at(given: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as found:
        migrate_many(**given)
    assert str(found.value) == message


def test_a_path_that_is_none_is_told() -> None:
    with pytest.raises(UsageError, match=r"^paths: expected `str` or `PathLike`, found `int`$"):
        list(migrate_many([5]))  # type: ignore[list-item]


@pytest.mark.parametrize("in_flight", [0, -1])
def test_to_have_no_project_under_way_is_refused(tmp_path: Path, in_flight: int) -> None:
    with pytest.raises(UsageError, match=f"^in_flight: expected 1 or more, found `{in_flight}`$"):
        list(migrate_many(projects(tmp_path, 1), executor=partial(ThreadPoolExecutor, 1), in_flight=in_flight))


@pytest.mark.parametrize("options", [(), ("--factor",)])
def test_what_another_version_did_is_done_again(tmp_path: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...]) -> None:
    (path,) = projects(tmp_path, 1)
    lines = reported(Done(path, "postponed"), *options, version="0.0.1") + json.dumps({"path": path, "outcome": "refused", "reason": ""})
    (tmp_path / "report").write_text(f"{lines}\n")
    assert cli.main(["--resume", "--report", str(tmp_path / "report"), path]) == cli.DONE
    assert capsys.readouterr().err.startswith(f"{path}: would change\n\n1 project in ")


@pytest.mark.parametrize(
    ("before", "now", "were"),
    [
        ((), ("--factor",), "none"),
        (("--factor", "--limit", "depth=90"), ("--factor",), "`--factor --limit depth=90`"),
        (("--skip", "string-mounts"), ("--skip", "toolstack"), "`--skip string-mounts`"),
    ],
)
def test_a_run_with_other_options_is_not_gone_on_with(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], before: tuple[str, ...], now: tuple[str, ...], were: str
) -> None:
    (path,) = projects(tmp_path, 1)
    out = str(tmp_path / "report")
    assert cli.main([path, "--report", out, *before]) == cli.DONE
    assert cli.main([path, "--report", out, "--resume", "--write", *now]) == cli.USAGE
    expected = f"{out}:1: expected the options of the run that is gone on with, which were {were}: give them again, or another --report"
    assert f"error: {expected}\n" in capsys.readouterr().err
    assert cli.main([path, "--report", out, "--resume", "--write", *before]) == cli.DONE
    assert [line["outcome"] for line in report(tmp_path / "report")] == ["would change", "migrated"]


def test_a_run_is_resumed_from_another_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for folder in ("a", "b"):
        projects(tmp_path / folder, 2)
    monkeypatch.chdir(tmp_path / "a")
    assert cli.main(["p000", "--report", "../report"]) == cli.DONE
    monkeypatch.chdir(tmp_path / "b")
    assert cli.main(["p000", "../a/p000", "../a/p001", "--report", "../report", "--resume"]) == cli.DONE
    shown = [line.partition(":")[0] for line in capsys.readouterr().err.splitlines() if line.endswith(": would change")]
    assert shown == ["p000", "p000", "../a/p001"]


def test_a_terminal_obeys_no_name_of_a_project_that_is_refused(tmp_path: Path) -> None:
    put(tmp_path / "a\x1b]0;b\x07", {".platform.app.yaml": f'{APP}variables: {{env: {{A: !include "/\\e[2Jx"}}}}\n'})
    status, shown = on_a_terminal(tmp_path)
    assert status == cli.REFUSED
    assert b"a\\x1b]0;b\\x07: refused" in shown
    assert b"/\\x1b[2Jx" in shown
