from __future__ import annotations

import errno
import json
import os
import shutil
import stat
import subprocess
import sys
import threading
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

import workerlib.git
from workerlib.changes import FileChange
from workerlib.errors import UsageError, WriteError
from workerlib.migrate import __main__ as cli
from workerlib.migrate import checkout, journal, write
from workerlib.revisions import RevisionFiles

JOURNAL = ".workerlib-journal"
CHANGES = (
    FileChange(".upsun/config.yaml", None, b"new\r\n", like=".platform.app.yaml"),
    FileChange("README.md", b"see .platform\n", b"see .upsun\n"),
    FileChange(".platform.app.yaml", b"old\n", None),
    FileChange(".platform/services.yaml", b"", None),
)
BEFORE = {".platform.app.yaml": b"old\n", ".platform/services.yaml": b"", "README.md": b"see .platform\n", "index.php": b"<?php\n"}
AFTER = {".upsun/config.yaml": b"new\r\n", "README.md": b"see .upsun\n", "index.php": b"<?php\n"}

unix = pytest.mark.skipif(sys.platform == "win32", reason="modes, links and pipes as on Unix")
as_root = pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may give files away")


def put(root: Path, files: dict[str, bytes]) -> None:
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)


def files(root: Path) -> dict[str, bytes]:
    """The files of a project, and its empty folders; not git's own, and not the lock that an unfinished write leaves behind."""
    found = {}
    for path in root.rglob("*"):
        name = path.relative_to(root).as_posix()
        if path.is_symlink():
            found[name] = b"-> " + os.fsencode(path.readlink())
        elif path.is_file():
            found[name] = path.read_bytes()
        elif path.is_dir() and not any(path.iterdir()):
            found[f"{name}/"] = b""
    return {name: content for name, content in found.items() if not name.startswith(".git/") and not name.endswith(f"{JOURNAL}/lock")}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    put(root, BEFORE)
    return root


@contextmanager
def refused(root: Path, message: str) -> Iterator[None]:
    """The block raises WriteError with `message` in it, and every file is as it was."""
    before = files(root)
    with pytest.raises(WriteError) as raised:
        yield
    assert message in str(raised.value)
    assert files(root) == before


def before_each(monkeypatch: pytest.MonkeyPatch, act: Callable[..., None]) -> None:
    """Call `act` with the arguments of each file operation, before it happens."""
    inner = journal._do

    def do(call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        act(call.__name__, *args)
        return inner(call, *args, **kwargs)

    monkeypatch.setattr(journal, "_do", do)


def interrupt(monkeypatch: pytest.MonkeyPatch, work: Callable[[], object], dies: Callable[..., bool]) -> bool:
    """Do `work`, and have the process die before the operation of which `dies` says so. False where there was none.

    It dies by an exception that makes each later operation fail as well, so that nothing can be tidied up.
    """

    class DeadError(BaseException):
        pass

    dead = False

    def act(name: str, *args: object) -> None:
        nonlocal dead
        dead = dead or dies(name, *args)
        if dead:
            raise DeadError

    with monkeypatch.context() as patch, suppress(DeadError):
        before_each(patch, act)
        work()
    return dead


def interrupt_write(monkeypatch: pytest.MonkeyPatch, root: Path, *operation: object) -> None:
    """Write CHANGES, and have the process die before `operation`: its name and first arguments."""
    assert interrupt(monkeypatch, partial(write.apply, root, CHANGES), lambda *given: given[: len(operation)] == operation)


# What is written


def test_all_is_as_the_changes_say(root: Path) -> None:
    write.apply(root, CHANGES)
    assert files(root) == AFTER


def test_nothing_to_change_touches_nothing(root: Path) -> None:
    write.apply(root, CHANGES)
    stood = root.stat().st_mtime_ns
    write.apply(root, CHANGES)
    write.apply(root, ())
    assert root.stat().st_mtime_ns == stood


def test_what_is_already_there_is_left_alone(root: Path) -> None:
    put(root, {".upsun/config.yaml": b"new\r\n"})
    (root / ".platform.app.yaml").unlink()
    write.apply(root, CHANGES)
    assert files(root) == AFTER


def test_only_folders_that_the_write_empties_go(root: Path) -> None:
    put(root, {".platform/local/deep/state": b"", "other/file": b""})
    (root / "empty").mkdir()
    write.apply(root, (*CHANGES, FileChange(".platform/local/deep/state", b"", None), FileChange("other/file", b"", b"x")))
    assert files(root) == AFTER | {"empty/": b"", "other/file": b"x"}


def test_a_folder_that_holds_something_else_stays(root: Path) -> None:
    put(root, {".platform/notes.txt": b"mine"})
    write.apply(root, CHANGES)
    assert files(root) == AFTER | {".platform/notes.txt": b"mine"}


def test_a_root_that_is_itself_a_link(root: Path) -> None:
    link = root.with_name("link")
    link.symlink_to(root)
    write.apply(link, CHANGES)
    assert files(root) == AFTER


@unix
def test_a_new_file_takes_the_mode_of_the_old_one(root: Path) -> None:
    (root / ".platform.app.yaml").chmod(0o640)
    (root / "README.md").chmod(0o444)
    write.apply(root, (*CHANGES, FileChange("plain", None, b"")))
    modes = {name: stat.S_IMODE((root / name).stat().st_mode) for name in (".upsun/config.yaml", "README.md", "plain")}
    umask = os.umask(0)
    os.umask(umask)
    assert modes == {".upsun/config.yaml": 0o640, "README.md": 0o444, "plain": 0o666 & ~umask}


@unix
def test_a_new_file_is_never_more_readable_than_the_old_one(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / ".platform.app.yaml").chmod(0o600)
    seen = []

    def act(name: str, *args: Any) -> None:
        new = root / ".upsun/config.yaml.workerlib-new"
        seen.extend([new.stat().st_mode & 0o077] if new.exists() else [])

    before_each(monkeypatch, act)
    write.apply(root, CHANGES)
    assert set(seen) == {0}


@unix
@as_root
def test_new_files_and_folders_belong_to_the_owner_of_the_old_ones(root: Path) -> None:
    for path in (root, root / ".platform.app.yaml", root / "README.md"):
        os.chown(path, 1234, 5678)
    write.apply(root, CHANGES)
    owners = {name: ((root / name).stat().st_uid, (root / name).stat().st_gid) for name in (".upsun", ".upsun/config.yaml", "README.md")}
    assert set(owners.values()) == {(1234, 5678)}


def test_an_old_file_to_be_like_that_is_not_there(root: Path) -> None:
    write.apply(root, [FileChange("new", None, b"", like="missing")])
    assert files(root) == BEFORE | {"new": b""}


@pytest.mark.parametrize("undone", [False, True])
def test_what_is_decided_for_is_on_the_disk(root: Path, monkeypatch: pytest.MonkeyPatch, undone: bool) -> None:
    """Power may go at any moment: what a manifest's name and its absence say is true of the disk as well."""
    folder = root / JOURNAL
    dirty: set[Path] = set()  # files and folders whose content, or names, the disk may not have
    opened: dict[int, Path] = {}
    real_open = os.open

    def before(name: str, *args: Any) -> None:
        if name == "mkdir" and not args[0].is_relative_to(folder):
            assert not dirty & {root, folder}  # nothing is made of which no journal would tell
        if name == "replace" and args[1] == folder / "finish.json":
            assert not dirty
        if name == "replace" and args[0] == folder / "undo.json":
            assert not dirty
        if name == "unlink" and args[0].name in ("prepare.json", "finish.json"):
            assert not dirty
        if name == "unlink" and folder / "old" in args[0].parents:
            assert folder not in dirty
        if name == "rename" and args[0].parent == root / ".platform" and undone:
            put(root, {".platform/services.yaml": b"mine"})

    def after(call: Callable[..., Any], result: Any, *args: Any) -> None:
        name = call.__name__
        if call is real_open:
            opened[result] = args[0]
            if args[1] & os.O_CREAT and args[0].name != "lock":
                dirty.update((args[0], args[0].parent))
        elif name == "fsync":
            dirty.discard(opened[args[0]])
        elif name in ("rename", "replace"):
            assert args[0] not in dirty
            dirty.update((args[0].parent, args[1].parent))
        elif name in ("mkdir", "unlink", "rmdir"):
            dirty.discard(args[0])
            dirty.add(args[0].parent)

    def do(call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        before(call.__name__, *args)
        result = call(*args, **kwargs)
        after(call, result, *args)
        return result

    monkeypatch.setattr(journal, "_do", do)
    with pytest.raises(WriteError) if undone else nullcontext():
        write.apply(root, CHANGES)
    assert files(root) == (BEFORE | {".platform/services.yaml": b"mine"} if undone else AFTER)


def test_a_folder_of_which_a_file_only_goes_is_synced_once_it_has_gone(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(root, {"a/b/old": b"1", "c/old": b"2"})
    synced: list[str] = []

    def act(name: str, *args: Any) -> None:
        if name == "open" and args[0].is_dir():
            synced.append(args[0].relative_to(root).as_posix())
        elif name == "replace":
            synced.append(args[1].name)

    before_each(monkeypatch, act)
    changes = [FileChange("c/new", None, b"2"), *(FileChange(path, data, None) for path, data in (("a/b/old", b"1"), ("c/old", b"2")))]
    write.apply(root, changes)
    decided = synced.index("finish.json")
    assert {"c", "."} <= {*synced[:decided]}
    assert not {"a", "a/b"} & {*synced[:decided]}
    assert {"c", "."} <= {*synced[decided:]}


def test_importing_costs_little() -> None:
    code = "import sys, workerlib.errors, workerlib.changes; import workerlib.migrate.write as w; print('subprocess' in w.__dict__)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout == b"False\n"


# File systems on which `Config.yaml` and `config.yaml` are one file


@pytest.fixture
def caseless(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have `write` find each file by any spelling of its name."""

    def spelt(path: Any) -> Any:
        if not isinstance(path, Path) or root not in path.parents:
            return path
        folder = spelt(path.parent)
        there = folder.iterdir() if folder.is_dir() else ()
        return next((found for found in there if found.name.casefold() == path.name.casefold()), folder / path.name)

    def do(call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if call.__name__ == "read_bytes":
            return spelt(call.__self__).read_bytes()  # type: ignore[attr-defined]
        return call(*map(spelt, args), **kwargs)

    lstat, lexists = os.lstat, os.path.lexists
    monkeypatch.setattr(journal, "_do", do)
    monkeypatch.setattr(os, "lstat", lambda path, **options: lstat(spelt(path), **options))
    monkeypatch.setattr(os.path, "lexists", lambda path: lexists(spelt(path)))


RENAMED = (FileChange("Readme.md", None, b"see .upsun\n"), FileChange("README.md", b"see .platform\n", None))


@pytest.mark.usefixtures("caseless")
def test_a_new_name_that_differs_in_case_only(root: Path) -> None:
    write.apply(root, RENAMED)
    assert root / "README.md" not in root.iterdir()
    assert (root / "Readme.md").read_bytes() == b"see .upsun\n"


@pytest.mark.usefixtures("caseless")
def test_a_new_name_that_differs_in_case_only_for_the_same_content(root: Path) -> None:
    write.apply(root, [FileChange("Readme.md", None, BEFORE["README.md"]), FileChange("README.md", BEFORE["README.md"], None)])
    assert root / "README.md" not in root.iterdir()
    assert (root / "Readme.md").read_bytes() == BEFORE["README.md"]


@pytest.mark.usefixtures("caseless")
def test_a_new_file_with_the_name_of_another_in_another_case(root: Path) -> None:
    with refused(root, "Readme.md: exists, which it did not since the plan was made"):
        write.apply(root, RENAMED[:1])


@pytest.mark.usefixtures("caseless")
@pytest.mark.parametrize("content", [b"see .upsun\n", BEFORE["README.md"]])
def test_a_rename_in_case_only_is_undone_however_often_it_stops(root: Path, monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    changes = [FileChange("Readme.md", None, content), RENAMED[1], FileChange("index.php", BEFORE["index.php"], None)]
    stopped, last = True, 0
    while stopped:
        last += 1
        shutil.rmtree(root)
        put(root, BEFORE)
        assert interrupt(monkeypatch, partial(write.apply, root, changes), lambda *given: given[:2] == ("rename", root / "index.php"))
        put(root, {"index.php": b"edited"})
        operations = count(1)
        stopped = interrupt(monkeypatch, partial(write.recover, root), lambda *_, at=operations, last=last: next(at) == last)
        write.recover(root)
        assert files(root) == BEFORE | {"index.php": b"edited"}
    assert last > 20


def test_two_files_whose_names_differ_in_case_only(root: Path) -> None:
    write.apply(root, RENAMED)
    assert files(root).keys() == {*BEFORE, "Readme.md"} - {"README.md"}


# Paths and links


@pytest.mark.parametrize(
    "path",
    [
        *("", ".", "..", "/etc/motd", "../motd", "a/../../motd", "a//b", "a/./b", "a/", "a\0b", "a\nb"),
        *(".git/config", ".GIT/hooks/pre-commit", "sub/.git/config", f"{JOURNAL}/old/x", JOURNAL),
        *(
            ".g\u200cit/config",
            ".git./config",
            "a/.git . /config",
            "git~1/config",
            "GIT~1/config",
            f"{JOURNAL}\ufeff/lock",
            f"{JOURNAL}. /x",
        ),
    ],
)
@pytest.mark.parametrize("like", [False, True])
def test_a_path_that_leads_elsewhere(root: Path, path: str, like: bool) -> None:
    change = FileChange("new", None, b"x", like=path or "..") if like else FileChange(path, None, b"x")
    with refused(root, "expected the path of a file in the project"):
        write.apply(root, [change])


def test_a_folder_that_is_a_link_out_of_the_project(root: Path, tmp_path: Path) -> None:
    put(tmp_path, {"outside/config.yaml": b"theirs"})
    (root / ".upsun").symlink_to(tmp_path / "outside")
    with refused(root, "'.upsun/config.yaml': expected the path of a file in the project"):
        write.apply(root, CHANGES)
    assert files(tmp_path / "outside") == {"config.yaml": b"theirs"}


def test_a_folder_that_is_a_link_into_git(root: Path) -> None:
    (root / ".git/hooks").mkdir(parents=True)
    (root / ".upsun").symlink_to(".git/hooks")
    with refused(root, "expected the path of a file in the project"):
        write.apply(root, CHANGES, force=True)


@pytest.mark.parametrize("after", [None, b"new"])
def test_a_file_that_is_a_link_out_of_the_project(root: Path, tmp_path: Path, after: bytes | None) -> None:
    put(tmp_path, {"outside": b"theirs"})
    (root / "link").symlink_to(tmp_path / "outside")
    with refused(root, "'link': expected the path of a file in the project"):
        write.apply(root, [FileChange("link", b"theirs", after)])
    assert (tmp_path / "outside").read_bytes() == b"theirs"


def test_a_folder_that_is_a_link_within_the_project(root: Path) -> None:
    (root / "real").mkdir()
    (root / ".upsun").symlink_to("real")
    write.apply(root, CHANGES)
    assert (root / ".upsun").is_symlink()
    assert (root / "real/config.yaml").read_bytes() == b"new\r\n"


def test_deleting_a_link_leaves_what_it_leads_to(root: Path) -> None:
    (root / "link.yaml").symlink_to("index.php")
    write.apply(root, [FileChange("link.yaml", b"<?php\n", None)])
    assert files(root) == BEFORE


def test_changing_a_link_changes_what_it_leads_to(root: Path) -> None:
    (root / "link.yaml").symlink_to("index.php")
    write.apply(root, [FileChange("link.yaml", b"<?php\n", b"<?php exit;\n")])
    assert (root / "link.yaml").readlink() == Path("index.php")
    assert (root / "index.php").read_bytes() == b"<?php exit;\n"


def test_a_new_file_where_a_dangling_link_is(root: Path) -> None:
    (root / "new").symlink_to("nowhere")
    with refused(root, "new: expected nothing here, found a file: move it away"):
        write.apply(root, [FileChange("new", None, b"x")])


def test_a_link_whose_deletion_is_undone(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "link.yaml").symlink_to("README.md")
    interrupt_write(monkeypatch, root, "rename", root / ".platform.app.yaml")
    (root / ".platform.app.yaml").write_bytes(b"edited")
    assert write.recover(root)
    assert (root / "link.yaml").readlink() == Path("README.md")
    assert files(root) == BEFORE | {".platform.app.yaml": b"edited", "link.yaml": b"-> README.md"}


# What can be in the way


def test_a_file_that_has_changed(root: Path) -> None:
    put(root, {".platform/services.yaml": b"mine"})
    with refused(root, ".platform/services.yaml: has changed since the plan was made: plan again"):
        write.apply(root, CHANGES)


def test_a_file_that_is_gone(root: Path) -> None:
    (root / "README.md").unlink()
    with refused(root, "README.md: is gone since the plan was made"):
        write.apply(root, CHANGES)


def test_a_target_that_has_appeared(root: Path) -> None:
    put(root, {".upsun/config.yaml": b"mine"})
    with refused(root, ".upsun/config.yaml: exists, which it did not since the plan was made"):
        write.apply(root, CHANGES)


def test_a_file_that_is_saved_at_the_last_moment(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def act(name: str, *args: Any) -> None:
        if name == "rename" and args[0] == root / ".platform/services.yaml":
            args[0].write_bytes(b"mine")

    before_each(monkeypatch, act)
    with pytest.raises(WriteError, match=r"^.platform/services.yaml: has changed since the plan was made: plan again$"):
        write.apply(root, CHANGES)
    assert files(root) == BEFORE | {".platform/services.yaml": b"mine"}


def test_a_target_that_appears_while_writing(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def act(name: str, *args: Any) -> None:
        if name == "replace" and args[1].name == "finish.json":
            put(root, {".upsun/config.yaml": b"mine"})

    before_each(monkeypatch, act)
    with pytest.raises(WriteError, match=r"^.upsun/config.yaml: expected nothing here, found a file: move it away and run again$"):
        write.apply(root, CHANGES)
    assert files(root) == BEFORE | {".upsun/config.yaml": b"mine"}


def test_one_file_named_twice(root: Path) -> None:
    with refused(root, "expected one change for each file"):
        write.apply(root, (*CHANGES, CHANGES[0]))


def test_a_file_where_the_new_one_is_to_wait(root: Path) -> None:
    put(root, {"README.md.workerlib-new": b"mine"})
    with refused(root, "README.md.workerlib-new: expected nothing here, found a file: move it away"):
        write.apply(root, CHANGES)


def test_a_folder_where_a_file_is_to_be(root: Path) -> None:
    (root / ".upsun/config.yaml").mkdir(parents=True)
    with refused(root, ".upsun/config.yaml: expected a file, found a folder or a device: move it away"):
        write.apply(root, CHANGES)


def test_a_file_where_a_folder_is_to_be(root: Path) -> None:
    put(root, {".upsun": b"mine"})
    with refused(root, ".upsun/config.yaml: Not a directory"):
        write.apply(root, CHANGES)


@unix
def test_a_pipe_is_not_opened(root: Path) -> None:
    os.mkfifo(root / "pipe")
    with pytest.raises(WriteError, match=r"^pipe: expected a file, found a folder or a device"):
        write.apply(root, [FileChange("pipe", b"", None)])


def test_a_file_where_the_journal_is_to_be(root: Path) -> None:
    put(root, {JOURNAL: b"mine"})
    with refused(root, f"{JOURNAL}: expected a folder for the journal"):
        write.apply(root, CHANGES)


@pytest.mark.parametrize(
    ("number", "operation", "message"),
    [
        (errno.ENOSPC, "write", "free some space on the disk and run again"),
        (errno.EROFS, "mkdir", f"{JOURNAL}: Read-only file system: make the file system writable and run again"),
        (errno.EXDEV, "rename", "have the whole project on one file system and run again"),
        (errno.EIO, "rename", "Input/output error: put that right and run again"),
    ],
)
def test_what_the_system_refuses_is_said_with_advice(
    root: Path, monkeypatch: pytest.MonkeyPatch, number: int, operation: str, message: str
) -> None:
    def act(name: str, *args: Any) -> None:
        if name == operation:
            raise OSError(number, os.strerror(number), str(args[0]) if isinstance(args[0], Path) else None)

    before_each(monkeypatch, act)
    with refused(root, message):
        write.apply(root, CHANGES)


def test_a_disk_that_is_full_names_the_file_that_was_to_be_written(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def act(name: str, *args: Any) -> None:
        if name == "write" and args[0] == b"new\r\n":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    before_each(monkeypatch, act)
    with refused(root, ".upsun/config.yaml: No space left on device: free some space on the disk and run again"):
        write.apply(root, CHANGES)


@unix
@as_root
@pytest.mark.parametrize("folder", [".", ".platform"])
def test_a_folder_in_which_one_may_not_write(root: Path, folder: str) -> None:
    for path in (root, *root.rglob("*")):
        os.chown(path, 1234, 1234)
    os.chown(root / folder, 0, 0)
    for path in root.parents:  # the folders of tests are private
        if path != path.parent and path.stat().st_mode & 0o055 != 0o055 and path.stat().st_uid == 0:
            path.chmod(0o755)
    before = files(root)
    pid = os.fork()
    if pid == 0:
        os.setgid(1234)
        os.setuid(1234)
        try:
            write.apply(root, CHANGES)
        except WriteError as error:
            os._exit(7 if "Permission denied: see to it that you may write there and run again" in str(error) else 8)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7
    assert files(root) == before


# Two at once


@unix
def test_another_process_is_writing(root: Path) -> None:
    read, wrote = os.pipe()
    pid = os.fork()
    if pid == 0:
        with journal.locked(root):
            os.write(wrote, b".")
            threading.Event().wait(60)
        os._exit(0)
    os.read(read, 1)
    try:
        for work in (partial(write.apply, root, CHANGES), partial(write.recover, root)):
            with refused(root, "another process is writing here: wait until it has ended and run again"):
                work()
    finally:
        os.kill(pid, 9)
        os.waitpid(pid, 0)
        os.close(read)
        os.close(wrote)
    write.apply(root, CHANGES)
    assert files(root) == AFTER


def test_a_lock_that_its_holder_deleted_after_it_was_opened_here(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    with lock.open("wb") as file:
        assert journal._hold(file.fileno(), lock)
        lock.rename(tmp_path / "other")
        assert not journal._hold(file.fileno(), lock)
        lock.touch()
        assert not journal._hold(file.fileno(), lock)


@unix
def test_a_folder_that_is_on_a_read_only_file_system(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def act(name: str, *args: object) -> None:
        if name in ("open", "unlink") and str(args[0]).endswith("config.yaml.workerlib-new"):
            raise OSError(errno.EROFS, "Read-only file system", str(args[0]))

    before_each(monkeypatch, act)
    with refused(root, ".upsun/config.yaml: Read-only file system: make the file system writable and run again"):
        write.apply(root, CHANGES)
    assert not (root / JOURNAL).exists()


@unix
def test_a_file_system_without_locks(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import fcntl

    monkeypatch.setattr(fcntl, "flock", Mock(side_effect=OSError(errno.ENOLCK, "No locks available")))
    with refused(root, "No locks available: have the project on a file system that can lock files and run again"):
        write.apply(root, CHANGES)
    assert not (root / JOURNAL).exists()


def test_many_at_once(root: Path) -> None:
    for _ in range(10):
        for path in AFTER:
            (root / path).unlink(missing_ok=True)
        put(root, BEFORE)
        children = []
        for _ in range(4):
            pid = os.fork()
            if pid == 0:
                try:
                    write.apply(root, CHANGES)
                except WriteError:
                    os._exit(3)
                except BaseException:  # noqa: BLE001  # no exception may bring a second pytest to life
                    os._exit(1)
                os._exit(0)
            children.append(pid)
        ended = {os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in children}
        assert ended <= {0, 3}
        assert 0 in ended
        assert files(root) in (AFTER, AFTER | {".platform/": b""})


# What a process that died has left


def test_there_is_nothing_to_recover(root: Path) -> None:
    assert write.recover(root) is False
    assert files(root) == BEFORE


def test_stopped_before_it_was_decided(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    interrupt_write(monkeypatch, root, "replace", root / JOURNAL / "prepare.json")
    assert write.recover(root) is True
    assert files(root) == BEFORE


def test_stopped_after_it_was_decided(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    interrupt_write(monkeypatch, root, "rename", root / ".platform.app.yaml")
    assert write.recover(root) is True
    assert files(root) == AFTER


def test_the_next_run_settles_it_and_goes_on(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    interrupt_write(monkeypatch, root, "rename", root / ".platform.app.yaml")
    write.apply(root, [FileChange("README.md", b"see .upsun\n", b"see elsewhere\n")])
    assert files(root) == AFTER | {"README.md": b"see elsewhere\n"}


def test_an_undo_that_was_stopped_goes_on_as_an_undo(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    interrupt_write(monkeypatch, root, "rename", root / ".platform.app.yaml")
    (root / JOURNAL / "finish.json").rename(root / JOURNAL / "undo.json")
    assert write.recover(root) is True
    assert files(root) == BEFORE


@unix
def test_what_comes_back_is_the_file_itself(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "README.md").chmod(0o604)
    stood = (root / "README.md").stat()
    interrupt_write(monkeypatch, root, "rename", root / ".platform.app.yaml")
    (root / ".platform.app.yaml").write_bytes(b"edited")
    write.recover(root)
    assert (root / "README.md").stat().st_ino == stood.st_ino
    assert (root / "README.md").stat().st_mode == stood.st_mode


def test_an_old_file_that_was_edited_since(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    interrupt_write(monkeypatch, root, "rename", root / ".platform.app.yaml")
    (root / ".platform.app.yaml").write_bytes(b"edited")
    assert write.recover(root) is True
    assert files(root) == BEFORE | {".platform.app.yaml": b"edited"}


def test_a_new_file_that_was_edited_since(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    interrupt_write(monkeypatch, root, "rename", root / ".platform.app.yaml")
    (root / ".upsun/config.yaml").write_bytes(b"edited")
    assert write.recover(root) is True
    assert files(root) == BEFORE | {".upsun/config.yaml": b"edited"}


def test_the_old_project_was_checked_out_again_since(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    interrupt_write(monkeypatch, root, "rename", root / ".platform/services.yaml")
    put(root, BEFORE)
    assert write.recover(root) is True
    assert files(root) == BEFORE


def test_new_files_were_cleaned_away_since(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    interrupt_write(monkeypatch, root, "rename", root / "README.md.workerlib-new")
    (root / "README.md.workerlib-new").unlink()
    assert write.recover(root) is True
    assert files(root) == BEFORE


def test_a_colleagues_result_was_pulled_before_it_was_decided_here(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    interrupt_write(monkeypatch, root, "write", b"new\r\n")
    put(root, {".upsun/config.yaml": b"new\r\n"})
    assert write.recover(root) is True
    assert files(root) == BEFORE | {".upsun/config.yaml": b"new\r\n"}


def test_a_file_that_can_neither_be_kept_nor_replaced(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    interrupt_write(monkeypatch, root, "rename", root / ".platform.app.yaml")
    (root / "README.md").write_bytes(b"edited")
    for _ in range(2):
        with pytest.raises(WriteError, match=r"^README.md: has changed since a write was interrupted: move it away and run again \("):
            write.apply(root, CHANGES)
        assert (root / "README.md").read_bytes() == b"edited"
        assert (root / JOURNAL / "old/README.md").read_bytes() == BEFORE["README.md"]
    (root / "README.md").rename(root / "mine")
    assert write.recover(root) is True
    assert files(root) == BEFORE | {"mine": b"edited"}


def test_a_manifest_that_is_cut_anywhere(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    interrupt_write(monkeypatch, root, "rename", root / ".platform.app.yaml")
    manifest = root / JOURNAL / "finish.json"
    whole = manifest.read_bytes()
    for length in range(0, len(whole), 7):
        manifest.write_bytes(whole[:length])
        with refused(root, f"{JOURNAL}/finish.json: expected the manifest of a write, found something else"):
            write.recover(root)
    manifest.write_bytes(whole)
    assert write.recover(root) is True
    assert files(root) == AFTER


def test_a_manifest_that_nobody_has_seen_whole(root: Path) -> None:
    put(root, {f"{JOURNAL}/manifest": b'{"steps', f"{JOURNAL}/lock": b""})
    assert write.recover(root) is False
    assert files(root) == BEFORE


# Journals that mean harm


def plant(root: Path, *steps: tuple[Any, Any, Any], folders: Any = (), name: str = "undo.json") -> None:
    put(root, {f"{JOURNAL}/{name}": json.dumps({"steps": steps, "folders": folders}).encode()})


@pytest.mark.parametrize("name", ["prepare.json", "finish.json", "undo.json"])
@pytest.mark.parametrize("path", ["../outside", "/outside", ".git/hooks/x", "link/hooks/x", "away/file", f"{JOURNAL}/lock"])
def test_a_journal_that_leads_elsewhere(root: Path, tmp_path: Path, path: str, name: str) -> None:
    put(tmp_path, {"outside": b"theirs", "folder/file": b"theirs"})
    (root / ".git/hooks").mkdir(parents=True)
    (root / "link").symlink_to(".git")
    (root / "away").symlink_to(tmp_path / "folder")
    digest = journal.digest(b"theirs")
    for step in ((path, digest, None), (path, None, digest)):
        plant(root, step, name=name)
        with refused(tmp_path, "expected the path of a file in the project"):
            write.recover(root, force=True)
    plant(root, folders=[path], name=name)
    with refused(tmp_path, "expected the path of a file in the project"):
        write.recover(root, force=True)


@pytest.mark.parametrize("text", ["", "[]", "1", "{}", '{"steps": [[1]], "folders": []}', '{"steps": 1, "folders": []}', "[" * 100_000])
def test_a_journal_that_is_none(root: Path, text: str) -> None:
    put(root, {f"{JOURNAL}/finish.json": text.encode()})
    with refused(root, f"{JOURNAL}/finish.json: expected the manifest of a write, found something else: move {JOURNAL} away"):
        write.apply(root, CHANGES)


def test_a_journal_that_is_a_link(root: Path, tmp_path: Path) -> None:
    put(tmp_path, {"outside/file": b"theirs"})
    (root / JOURNAL).symlink_to(tmp_path / "outside")
    with refused(tmp_path, f"{JOURNAL}: expected a folder for the journal"):
        write.recover(root)


@unix
def test_a_lock_that_is_a_link(root: Path, tmp_path: Path) -> None:
    (root / JOURNAL).mkdir()
    (root / JOURNAL / "lock").symlink_to(tmp_path / "outside")
    with refused(tmp_path, f"{JOURNAL}/lock: "):
        write.recover(root)


def test_a_journal_whose_old_files_are_behind_a_link(root: Path, tmp_path: Path) -> None:
    put(tmp_path, {"outside/secret": b"theirs"})
    plant(root, ("secret", journal.digest(b"theirs"), None))
    (root / JOURNAL / "old").symlink_to(tmp_path / "outside")
    with refused(tmp_path, f"{JOURNAL}/old: expected folders, found a symbolic link"):
        write.recover(root)


def test_a_journal_that_names_a_file_it_does_not_know(root: Path) -> None:
    plant(root, ("index.php", journal.digest(b"guess"), None), name="finish.json")
    assert write.recover(root) is True
    assert files(root) == BEFORE


@pytest.mark.parametrize("name", ["old", "old/.platform"])
def test_links_out_of_the_project_that_wait_in_the_journal(root: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / "outside").mkdir()
    (root / JOURNAL / name).parent.mkdir(parents=True)
    (root / JOURNAL / name).symlink_to(tmp_path / "outside")
    write.apply(root, CHANGES)
    assert files(tmp_path) == {"outside/": b""} | {f"project/{path}": content for path, content in AFTER.items()}


def test_a_link_out_of_the_project_that_comes_while_the_lock_is_taken(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "outside").mkdir()
    monkeypatch.setattr(write, "settle", lambda root: (root / JOURNAL / "old").symlink_to(tmp_path / "outside"))
    with refused(tmp_path, f"{JOURNAL}/old: "):
        write.apply(root, CHANGES)


# Git


@pytest.fixture
def git(root: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Runs git in the project, which is committed."""
    for name, value in {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}.items():
        monkeypatch.setenv(name, value)

    def run(*arguments: str, cwd: Path = root) -> str:
        # Newer versions of git leave a process behind a commit, which works in `.git` while the test looks at it.
        options = ("-c", "maintenance.auto=false", "-c", "user.name=A", "-c", "user.email=a@example.org")
        return subprocess.run(["git", *options, *arguments], cwd=cwd, check=True, capture_output=True, text=True).stdout  # noqa: S607

    run("init", "-q")
    run("add", "-A")
    run("commit", "-qm", "old")
    return run


Git = Callable[..., str]


def test_a_committed_project(root: Path, git: Git) -> None:
    write.apply(root, CHANGES)
    assert files(root) == AFTER
    assert git("diff", "--cached", "--name-only") == ""


def test_other_files_need_not_be_committed(root: Path, git: Git) -> None:
    put(root, {"index.php": b"edited", "untracked": b""})
    write.apply(root, CHANGES)
    assert files(root) == AFTER | {"index.php": b"edited", "untracked": b""}


def test_a_file_that_is_not_tracked(root: Path, git: Git) -> None:
    git("rm", "-q", "--cached", "README.md")
    git("commit", "-qm", "forgotten")
    with refused(root, "git could not bring back README.md (not committed as it is): commit or stash, or write all the same with --force"):
        write.apply(root, CHANGES)
    put(root, {".gitignore": b"README.md\n"})
    with refused(root, "README.md (not committed as it is)"):
        write.apply(root, CHANGES)


def test_a_file_that_is_modified(root: Path, git: Git) -> None:
    put(root, {"README.md": b"edited"})
    changes = [FileChange("README.md", b"edited", None), CHANGES[2]]
    with refused(root, "README.md (not committed as it is): commit"):
        write.apply(root, changes)
    git("add", "-A")
    with refused(root, "README.md (not committed as it is): commit"):
        write.apply(root, changes)
    write.apply(root, changes, force=True)
    assert "README.md" not in files(root)


def test_a_file_of_which_something_else_is_staged(root: Path, git: Git) -> None:
    put(root, {"README.md": b"staged"})
    git("add", "-A")
    put(root, BEFORE)
    with refused(root, "README.md (staged, not committed)"):
        write.apply(root, CHANGES)


@pytest.mark.parametrize("flag", ["--assume-unchanged", "--skip-worktree"])
def test_a_modified_file_that_git_was_told_not_to_look_at(root: Path, git: Git, flag: str) -> None:
    git("update-index", flag, "README.md")
    put(root, {"README.md": b"edited"})
    with refused(root, "README.md (not committed as it is)"):
        write.apply(root, [FileChange("README.md", b"edited", None)])


def test_a_repository_without_a_commit(root: Path, git: Git) -> None:
    git("update-ref", "-d", "HEAD")
    with refused(root, "README.md (not committed as it is), .platform.app.yaml (not committed as it is)"):
        write.apply(root, CHANGES)


def test_new_files_need_no_commit(root: Path, git: Git) -> None:
    git("update-ref", "-d", "HEAD")
    write.apply(root, CHANGES[:1])
    assert files(root) == BEFORE | {".upsun/config.yaml": b"new\r\n"}


def test_a_project_within_a_repository(root: Path, git: Git) -> None:
    put(root, {f"shop/{path}": content for path, content in BEFORE.items()})
    with refused(root, "README.md (not committed as it is)"):
        write.apply(root / "shop", CHANGES)
    git("add", "-A")
    git("commit", "-qm", "shop")
    write.apply(root / "shop", CHANGES, stage=True)
    assert files(root / "shop") == AFTER
    assert "A  shop/.upsun/config.yaml" in git("status", "--porcelain")


def test_a_linked_worktree(root: Path, git: Git, tmp_path: Path) -> None:
    git("worktree", "add", "-q", str(tmp_path / "tree"))
    put(tmp_path / "tree", {"README.md": b"edited"})
    with refused(tmp_path / "tree", "README.md (not committed as it is)"):
        write.apply(tmp_path / "tree", [FileChange("README.md", b"edited", None)])
    put(tmp_path / "tree", BEFORE)
    write.apply(tmp_path / "tree", CHANGES)


def test_lines_that_git_brings_back_with_crlf(root: Path, git: Git) -> None:
    put(root, {"README.md": b"see .platform\r\n"})
    write.apply(root, [FileChange("README.md", b"see .platform\r\n", b"x")])
    assert files(root)["README.md"] == b"x"


def test_a_committed_link(root: Path, git: Git) -> None:
    (root / "link.yaml").symlink_to("index.php")
    with refused(root, "link.yaml (not committed as it is)"):
        write.apply(root, [FileChange("link.yaml", b"<?php\n", None)])
    git("add", "-A")
    git("commit", "-qm", "link")
    write.apply(root, [FileChange("link.yaml", b"<?php\n", None)])
    assert files(root) == BEFORE


def test_a_repository_with_long_names(root: Path, tmp_path: Path, git: Git) -> None:
    other = tmp_path / "other"
    put(other, BEFORE)
    try:
        git("init", "-q", "--object-format=sha256", cwd=other)
    except subprocess.CalledProcessError:
        pytest.skip("this git knows one kind of names only")
    git("add", "-A", cwd=other)
    git("commit", "-qm", "old", cwd=other)
    write.apply(other, CHANGES)
    assert files(other) == AFTER


def test_while_a_hook_of_another_repository_runs(root: Path, git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "nowhere"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))
    write.apply(root, CHANGES, stage=True)
    assert files(root) == AFTER


def test_there_is_no_git(root: Path, git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with refused(root, "expected the program `git`, to ask what is committed, found none: install it, or use --force"):
        write.apply(root, CHANGES)
    write.apply(root, CHANGES, force=True)
    assert files(root) == AFTER


@unix
def test_a_git_in_the_current_folder_is_not_run(root: Path, git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, {"git": b"#!/bin/sh\ntouch ran\n"})
    (tmp_path / "git").chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", ".")
    with refused(root, "expected the program `git`"):
        write.apply(root, CHANGES)
    assert not (tmp_path / "ran").exists()


def test_git_fails(root: Path) -> None:
    (root / ".git").mkdir()
    with refused(root, "`git cat-file` failed: fatal: not a git repository"):
        write.apply(root, CHANGES)
    write.apply(root, CHANGES, force=True)
    assert files(root) == AFTER


@unix
def test_nothing_of_the_repository_is_run(root: Path, git: Git, tmp_path: Path) -> None:
    put(tmp_path, {"evil": f"#!/bin/sh\ntouch {tmp_path}/ran\ncat\n".encode()})
    (tmp_path / "evil").chmod(0o755)
    put(root, {".gitattributes": b"* filter=evil diff=evil\n"})
    git("add", "-A")
    git("commit", "-qm", "attributes")
    for name in ("core.fsmonitor", "filter.evil.clean", "filter.evil.smudge", "diff.evil.textconv", "core.pager", "core.sshCommand"):
        git("config", name, str(tmp_path / "evil"))
    for name in ("post-index-change", "pre-commit", "post-checkout"):
        put(root, {f".git/hooks/{name}": (tmp_path / "evil").read_bytes()})
        (root / f".git/hooks/{name}").chmod(0o755)
    write.apply(root, CHANGES)
    assert not (tmp_path / "ran").exists()
    git("config", "--unset", "filter.evil.clean")  # to stage is to have git take files in, by the filters that are set
    (tmp_path / "ran").unlink(missing_ok=True)
    write.apply(root, CHANGES, stage=True)
    assert not (tmp_path / "ran").exists()


@unix
@pytest.mark.parametrize("known", [True, False])
def test_what_is_missing_is_not_fetched_by_a_program_of_the_repository(
    root: Path, git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, known: bool
) -> None:
    if not known:  # to git before 2.44
        monkeypatch.delitem(workerlib.git._OURS, "GIT_NO_LAZY_FETCH")
    put(tmp_path, {"evil": f"#!/bin/sh\ntouch {tmp_path}/ran\n".encode()})
    (tmp_path / "evil").chmod(0o755)
    tree = git("rev-parse", "HEAD^{tree}").strip()
    (root / ".git/objects" / tree[:2] / tree[2:]).unlink()
    for name, value in {
        "core.repositoryFormatVersion": "1",
        "extensions.partialClone": "origin",
        "remote.origin.url": "ssh://example.org/x",
        "remote.origin.promisor": "true",
        "core.sshCommand": str(tmp_path / "evil"),
    }.items():
        git("config", name, value)
    with pytest.raises(WriteError):
        write.apply(root, CHANGES)
    with pytest.raises(UsageError):
        RevisionFiles(root, "HEAD").is_file("README.md")
    assert not (tmp_path / "ran").exists()


@unix
def test_a_folder_that_looks_like_a_repository_is_not_believed(root: Path, git: Git, tmp_path: Path) -> None:
    put(tmp_path, {"evil": f"#!/bin/sh\ntouch {tmp_path}/ran\ncat\n".encode()})
    (tmp_path / "evil").chmod(0o755)
    shop = root / "shop"
    git("clone", "-q", "--bare", str(root), str(shop))
    put(shop, BEFORE | {".gitattributes": b"* filter=evil\n"})
    for name, value in {"core.bare": "false", "core.worktree": str(shop), "filter.evil.clean": str(tmp_path / "evil")}.items():
        git("config", "-f", str(shop / "config"), name, value)
    with pytest.raises(WriteError, match="`git cat-file` failed: fatal: "):
        write.apply(shop, CHANGES, stage=True)
    with pytest.raises(WriteError, match="`git ls-files` failed: fatal: "):
        checkout.not_ignored(shop, ["README.md"])
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("folder", [JOURNAL, ".Workerlib-Journal"])
def test_a_journal_that_is_checked_in(root: Path, git: Git, folder: str) -> None:
    plant(root, ("index.php", journal.digest(BEFORE["index.php"]), None), name="finish.json")
    git("add", "-A", "--", JOURNAL)
    if folder != JOURNAL:  # which is the same folder to some file systems
        blob = git("rev-parse", f":{JOURNAL}/finish.json").strip()
        git("rm", "-q", "--cached", "-r", JOURNAL)
        git("update-index", "--add", "--cacheinfo", f"100644,{blob},{folder}/finish.json")
    for act in (write.recover, lambda root: write.apply(root, CHANGES, force=True)):
        with refused(root, f"{JOURNAL}: expected the journal of a write that was stopped here, found one that is checked in"):
            act(root)
    git("rm", "-q", "--cached", "-r", folder)
    assert write.recover(root)


def test_a_journal_of_which_git_does_not_say_whether_it_is_checked_in(root: Path, git: Git) -> None:
    shop = root / "shop"
    bare = {"HEAD": b"ref: refs/heads/x\n", "config": b"[core]\nbare = true\n", "refs/x": b"", "objects/x": b""}
    put(shop, bare | {"index.php": b"<?php\n", f"{JOURNAL}/old/x": b""})
    plant(shop, ("index.php", journal.digest(b"<?php\n"), None), name="finish.json")
    git("add", "-A")
    with refused(shop, "`git ls-files` failed: fatal: "):
        write.recover(shop)
    with refused(shop, "`git ls-files` failed: fatal: "):
        write.apply(shop, [FileChange("new", None, b"")])
    assert write.recover(shop, force=True)
    assert not (shop / "index.php").exists()


def test_a_journal_where_git_is_missing(root: Path, git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    interrupt_write(monkeypatch, root, "unlink", root / JOURNAL / "finish.json")
    monkeypatch.setenv("PATH", str(tmp_path))
    with refused(root, "expected the program `git`, to ask what is committed, found none: install it, or use --force"):
        write.recover(root)
    assert cli.main(["--recover", "--force", str(root)]) == cli.DONE
    assert files(root) == AFTER


def test_no_revision_is_read_from_a_folder_that_looks_like_a_repository(root: Path, git: Git) -> None:
    git("clone", "-q", "--bare", str(root), str(root / "shop"))
    with pytest.raises(UsageError, match="bare repository"):
        RevisionFiles(root / "shop", "HEAD").is_file("README.md")
    git("clone", "-q", "--bare", str(root), str(root.parent / "mirror"))  # which is one, and in no checkout
    assert RevisionFiles(root.parent / "mirror", "HEAD").is_file("README.md")


def test_staging_adds_the_changed_paths_only(root: Path, git: Git) -> None:
    put(root, {"index.php": b"edited", "untracked": b"", ".upsun/other": b""})
    write.apply(root, CHANGES, stage=True)
    staged = git("diff", "--cached", "--name-only", "--no-renames").split()
    assert sorted(staged) == [".platform.app.yaml", ".platform/services.yaml", ".upsun/config.yaml", "README.md"]


def test_staging_takes_names_as_they_are(root: Path, git: Git) -> None:
    put(root, {"a.txt": b"edited", "ü b.txt": b""})
    write.apply(root, [FileChange(name, None, b"") for name in ("*.txt", ":(top)x", "-A", "ü c.txt")], stage=True)
    assert git("-c", "core.quotePath=no", "diff", "--cached", "--name-only", "-z").split("\0")[:-1] == ["*.txt", "-A", ":(top)x", "ü c.txt"]


def test_staging_what_was_written_before(root: Path, git: Git) -> None:
    write.apply(root, CHANGES)
    write.apply(root, CHANGES, stage=True)
    assert len(git("diff", "--cached", "--name-only", "--no-renames").split()) == len(CHANGES)


def test_staging_a_file_that_git_never_knew_and_that_is_gone(root: Path, git: Git) -> None:
    put(root, {"untracked": b"", "index.php": b"edited"})
    write.apply(root, [FileChange("untracked", b"", None)], force=True, stage=True)
    assert git("diff", "--cached", "--name-only") == ""


def test_staging_a_file_that_git_ignores(root: Path, git: Git) -> None:
    put(root, {".gitignore": b".upsun/\n"})
    with pytest.raises(WriteError, match=r"`git add` failed: .*ignored(.|\n)*\(everything is written, but not staged\)"):
        write.apply(root, CHANGES, stage=True)
    assert files(root) == AFTER | {".gitignore": b".upsun/\n"}


def test_staging_outside_git(root: Path) -> None:
    with refused(root, "expected a git checkout to stage the changes in, found none"):
        write.apply(root, CHANGES, stage=True)


# Other systems, as far as this one can play them


@pytest.mark.parametrize("path", ["a\\b", "..\\x", "C:x", "C:\\x", "a:b", "\\\\host\\share", "a/b:c"])
def test_on_windows_other_slashes_drives_and_streams_lead_elsewhere(root: Path, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    with monkeypatch.context() as windows:
        windows.setattr(os, "name", "nt")
        with pytest.raises(WriteError, match="expected the path of a file in the project"):
            journal.inside(root, path)
    assert journal.inside(root, path) == root / path


@pytest.mark.parametrize("taken", [False, True])
def test_the_lock_of_windows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, taken: bool) -> None:
    asked = []

    def locking(file: int, mode: int, size: int) -> None:
        asked.append((mode, size))
        if taken:
            raise PermissionError

    lock = tmp_path / "lock"
    with lock.open("wb") as file, monkeypatch.context() as windows:
        windows.setitem(sys.modules, "msvcrt", types.SimpleNamespace(locking=locking, LK_NBLCK=7))
        windows.setattr(sys, "platform", "win32")
        assert journal._hold(file.fileno(), lock) is not taken
    assert asked == [(7, 1)]


def test_names_that_macos_takes_apart(root: Path, git: Git, monkeypatch: pytest.MonkeyPatch) -> None:
    composed, apart = "caf\u00e9.yaml", "cafe\u0301.yaml"  # one file there
    put(root, {composed: b"a: 1\n", "new.py": b""})
    git("add", composed)
    git("commit", "-qm", "accent")
    put(root, {apart: b"a: 1\n"})
    changes = [FileChange(apart, b"a: 1\n", None)]
    with refused(root, f"{apart} (not committed as it is)"):
        write.apply(root, changes)
    with monkeypatch.context() as macos:
        macos.setattr(sys, "platform", "darwin")
        assert checkout.not_ignored(root, [apart, "new.py", "none"]) == {apart, "new.py"}
        (root / composed).unlink()
        write.apply(root, changes, stage=True)
    assert git("status", "--porcelain", "-z", "--untracked-files=no") == f"D  {composed}\0"


def test_folders_that_cannot_be_synced_are_not(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows does not open folders."""

    def act(name: str, *args: Any) -> None:
        if name == "open" and Path(args[0]).is_dir():
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(args[0]))

    before_each(monkeypatch, act)
    write.apply(root, CHANGES)
    assert files(root) == AFTER


def test_no_module_needs_what_only_unix_has() -> None:
    code = (
        "import sys, pkgutil, importlib, workerlib\n"
        "sys.modules.update(dict.fromkeys(('fcntl', 'resource', 'pwd', 'grp', 'termios', 'pty', 'posix_ipc')))\n"
        "for one in pkgutil.walk_packages(workerlib.__path__, 'workerlib.'): importlib.import_module(one.name)\n"
        "print('all')\n"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout.split() == [b"all"]


ON_A_DISK_OF_ITS_OWN = """
mount -t tmpfs -o size=64k none "$1" || exit 77
cd "$1" && mkdir project && cd project
{ printf 'name: shop\\ntype: php:8.4\\nhooks:\\n  build: |\\n'; for i in {1..900}; do echo "    echo line $i"; done; } > .platform.app.yaml
cp .platform.app.yaml "$2"
"""


@pytest.mark.skipif(sys.platform != "linux", reason="needs namespaces and tmpfs")
@pytest.mark.parametrize(
    ("trouble", "end", "said"),
    [
        ("cat /dev/zero > ../fill", "rm ../fill", "No space left on device: free some space on the disk and run again"),
        ("mount -o remount,ro ..", "mount -o remount,rw ..", "Read-only file system: make the file system writable and run again"),
    ],
)
def test_a_disk_that_is_really_full_or_read_only(tmp_path: Path, trouble: str, end: str, said: str) -> None:
    (tmp_path / "disk").mkdir()
    run = f"{sys.executable} -m workerlib.migrate --write --quiet"
    script = (
        ON_A_DISK_OF_ITS_OWN + f"{trouble} 2>&-; {run}; echo $?; cmp .platform.app.yaml $2 && ls -A; {end}; {run}; echo $?; ls -A . .upsun"
    )
    command = ["unshare", "-m", "bash", "-c", script, "bash", str(tmp_path / "disk"), str(tmp_path / "copy")]
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    if done.returncode in (77, 1) and not done.stdout:
        pytest.skip("no disk can be had here")
    assert done.stdout.split("\n") == ["3", ".platform.app.yaml", "0", ".:", ".upsun", "", ".upsun:", "config.yaml", ""]
    assert said in done.stderr
