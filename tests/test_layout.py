"""Which files make a project, and that no reading leaves it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import workerlib
from workerlib.errors import UsageError
from workerlib.layout import CONFIG, DiskFiles, FileError, MemoryFiles, Overlay, Remembered, Role, discover, is_configuration, relocated


def found(*paths: str) -> list[tuple[str, Role]]:
    return [(f.path, f.role) for f in discover(MemoryFiles(dict.fromkeys(paths, b"")))]


@pytest.mark.parametrize(
    ("application", "folder"), [(".platform.app.yaml", ".platform"), (".symfony.cloud.yaml", ".symfony"), (".magento.app.yaml", ".magento")]
)
def test_every_old_layout_is_found(application: str, folder: str) -> None:
    paths = [
        f"{folder}/routes.yaml",
        f"{folder}/services.yaml",
        f"{folder}/applications.yaml",
        f"b/{application}",
        f"a/c/{application}",
        application,
    ]
    assert found(*paths) == [
        (application, Role.APPLICATION),
        (f"{folder}/applications.yaml", Role.APPLICATIONS),
        (f"a/c/{application}", Role.APPLICATION),
        (f"b/{application}", Role.APPLICATION),
        (f"{folder}/services.yaml", Role.SERVICES),
        (f"{folder}/routes.yaml", Role.ROUTES),
    ]


def test_current_layout_is_the_first_level_in_order_of_stems() -> None:
    assert found(".upsun/app-bis.yaml", ".upsun/app.yaml", ".upsun/x/deep.yaml", ".upsun/a.yml", ".upsun/.hidden.yaml") == [
        (".upsun/.hidden.yaml", Role.CONFIG),
        (".upsun/app.yaml", Role.CONFIG),
        (".upsun/app-bis.yaml", Role.CONFIG),
    ]


@pytest.mark.parametrize(
    "folder", ["vendor/x", "a/node_modules/b", ".git", ".next", "builds", ".idea/x", ".platform/local", "sub/.platform/local/x"]
)
def test_folders_that_are_not_the_users_are_skipped(folder: str) -> None:
    assert not found(f"{folder}/.platform.app.yaml")


def test_configuration_folder_counts_at_the_root_only() -> None:
    assert not found("sub/.platform/services.yaml", "sub/.upsun/config.yaml")


def test_disk_and_memory_agree(tmp_path: Path) -> None:
    paths = [
        ".platform.app.yaml",
        ".platform/services.yaml",
        "a/b/.platform.app.yaml",
        "vendor/x/.platform.app.yaml",
        ".upsun/config.yaml",
        "a.txt",
    ]
    for path in paths:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(path.encode())
    disk, memory = DiskFiles(tmp_path), MemoryFiles({path: path.encode() for path in paths})
    for other in (disk, Remembered(disk), Remembered(memory)):
        for _ in range(2):
            assert discover(other) == discover(memory)
            assert list(other.walk("a")) == list(memory.walk("a")) == ["a/b/.platform.app.yaml"]
            assert sorted(other.walk()) == list(memory.walk())
            assert other.names(".platform") == memory.names(".platform") == ["services.yaml"]
            for path in (*paths, "a", "nowhere"):
                assert (other.is_file(path), other.is_folder(path)) == (memory.is_file(path), memory.is_folder(path))
            assert other.read("a.txt") == memory.read("a.txt")
            assert other.read(".upsun/config.yaml") == b".upsun/config.yaml"


def test_what_is_remembered_is_of_one_state(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("old")
    files = Remembered(DiskFiles(tmp_path))
    assert (files.read("a.yaml"), list(files.walk()), files.is_file("b.yaml")) == (b"old", ["a.yaml"], False)
    (tmp_path / "a.yaml").write_text("new")
    (tmp_path / "b.yaml").write_text("new")
    assert (files.read("a.yaml"), list(files.walk()), files.is_file("b.yaml")) == (b"old", ["a.yaml"], False)
    with pytest.raises(FileError):
        files.read("c.yaml")


@pytest.mark.parametrize("path", ["../secret", "a/../../secret", "/etc/passwd", "link", "folder/secret", "x\0y"])
def test_nothing_outside_the_root_is_read(tmp_path: Path, path: str) -> None:
    (tmp_path / "secret").write_text("secret")
    root = tmp_path / "root"
    root.mkdir()
    (root / "link").symlink_to(tmp_path / "secret")
    (root / "folder").symlink_to(tmp_path)
    files = DiskFiles(root)
    with pytest.raises(FileError):
        files.read(path)
    assert not files.is_file(path)


def test_link_that_stays_inside_is_read_and_links_to_folders_are_not_walked(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a/real").write_text("x")
    (tmp_path / "link").symlink_to("a/real")
    (tmp_path / "loop").symlink_to(tmp_path)
    files = DiskFiles(tmp_path)
    assert files.read("link") == files.read("loop/a/real") == b"x"
    assert list(files.walk()) == ["link", "a/real"]


@pytest.mark.skipif(os.name == "nt", reason="no such names there")
def test_names_that_another_system_takes_apart_are_read(tmp_path: Path) -> None:
    (tmp_path / "a\\b:c").write_text("x")
    assert DiskFiles(tmp_path).read("a\\b:c") == b"x"


def test_pipes_and_devices_are_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(FileError, match="no regular file"):
        DiskFiles(tmp_path).read("pipe")


def test_overlay_shows_what_is_planned() -> None:
    view = Overlay(MemoryFiles({"a": b"1", "d/b": b"2"}), {"a": None, "d/c": b"3"})
    assert list(view.walk()) == ["d/b", "d/c"]
    assert view.names("d") == ["b", "c"]
    assert not view.is_file("a")
    with pytest.raises(FileError):
        view.read("a")
    assert view.read("d/c") == b"3"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (".platform/x.vcl", ".upsun/x.vcl"),
        (".platform/solr/a.yaml", ".upsun/solr/a.yaml"),
        (".platform/app.yaml", ".upsun/include/app.yaml"),
        (".symfony/a/b.crt", ".upsun/a/b.crt"),
        ("src/x.sh", "src/x.sh"),
    ],
)
def test_moved_files_are_never_read_as_configuration(old: str, new: str) -> None:
    assert relocated(old) == new
    assert not is_configuration(new)


def test_moved_file_gives_way_to_one_that_is_there() -> None:
    assert relocated(".platform/x.vcl", {".upsun/x.vcl"}) == ".upsun/include/x.vcl"
    assert is_configuration(CONFIG)


def test_no_more_is_read_than_asked_for(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    memory = MemoryFiles({"a": b"abc"})
    for files in (DiskFiles(tmp_path), memory, Remembered(memory), Overlay(MemoryFiles({}), {"a": b"abc"}), Overlay(memory, {})):
        assert [files.read("a", most) for most in (0, 2, 3, 4, None)] == [b"", b"ab", b"abc", b"abc", b"abc"]


GITS = (
    ".GIT",
    ".g\u200cit",
    "\ufeff.Git",
    ".git.",
    ".git . .",
    "git~1",
    "GIT~1 ",
    ".git:x",
    ".git::$INDEX_ALLOCATION",
)  # to some system


@pytest.mark.parametrize("name", [".git", *GITS])
@pytest.mark.parametrize("below", ["", "a/b/"])
def test_nothing_is_read_that_any_file_system_takes_for_what_git_keeps(tmp_path: Path, name: str, below: str) -> None:
    (tmp_path / below / name).mkdir(parents=True)
    (tmp_path / below / name / "config").write_text("token")
    (tmp_path / "link").symlink_to(f"{below}{name}/config")
    files = DiskFiles(tmp_path)
    for path in (f"{below}{name}/config", "link", f"x/../{below}{name}/config"):
        assert not files.is_file(path)
        with pytest.raises(FileError, match="found a path that leads out of it"):
            files.read(path)
    assert files.names(f"{below}{name}") == []
    assert [*files.walk(), *files.walk(below[:-1] or "a")] == ["link"]
    assert list(files.walk(f"{below}{name}")) == []


@pytest.mark.parametrize("name", [".github", ".gitignore", "git", "git~10", "a.git", ".gi\u0301t", ".git~1"])
def test_what_only_looks_like_it_is_read(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("x")
    assert DiskFiles(tmp_path).read(name) == b"x"


@pytest.mark.parametrize(
    "path", [".git/config", ".GIT/config", "link", "folder/config", "a/../.git/config", "sub/.git/config", "sub/.GIT/config"]
)
def test_nothing_that_git_keeps_is_read(tmp_path: Path, path: str) -> None:
    for name in (".git", ".GIT", "a", "sub/.git", "sub/.GIT"):  # one folder or two, as the file system has it
        (tmp_path / name).mkdir(parents=True, exist_ok=True)
        (tmp_path / name / "config").write_text("token")
    (tmp_path / "link").symlink_to(".git/config")
    (tmp_path / "folder").symlink_to(".git")
    files = DiskFiles(tmp_path)
    with pytest.raises(FileError, match="found a path that leads out of it"):
        files.read(path)
    assert not files.is_file(path)
    assert files.read("a/config") == b"token"


@pytest.mark.parametrize("folder", ["..", "a/../..", "/", "out", "x\0y"])
def test_no_folder_outside_the_root_is_walked(tmp_path: Path, folder: str) -> None:
    (tmp_path / "secret").touch()
    (tmp_path / "root").mkdir()
    (tmp_path / "root/out").symlink_to(tmp_path)
    assert list(DiskFiles(tmp_path / "root").walk(folder)) == []


@pytest.mark.parametrize("lines", [1, 1000])
@pytest.mark.parametrize("read", [workerlib.load, workerlib.edit, workerlib.plan])
def test_the_text_of_a_file_in_place_of_its_path(read: Callable[[Any], object], lines: int) -> None:
    with pytest.raises(UsageError, match=r"^expected the folder of a project, found a text of several lines: `loads` reads"):
        read("applications: {shop: {type: 'php:8.4'}}\n" * lines)


@pytest.mark.parametrize("read", [workerlib.load, workerlib.edit, workerlib.plan])
def test_a_name_that_no_file_can_have(read: Callable[[Any], object]) -> None:
    with pytest.raises(UsageError, match=r"^x{5000}: expected the folder of a project, found nothing there$"):
        read("x" * 5000)


@pytest.mark.parametrize("read", [workerlib.load, workerlib.edit, workerlib.plan])
def test_text_in_place_of_bytes(read: Callable[[Any], object]) -> None:
    with pytest.raises(UsageError, match=r"^\.upsun/config\.yaml: expected the bytes of a file, found str$"):
        read({".upsun/config.yaml": "applications: {}\n"})


@pytest.mark.parametrize("path", ["/.upsun/config.yaml", "./.upsun/config.yaml", ".upsun//config.yaml", "../x/.upsun/config.yaml", ""])
@pytest.mark.parametrize("read", [workerlib.load, workerlib.edit, workerlib.plan])
def test_a_path_in_memory_that_no_file_of_a_project_has(read: Callable[[Any], object], path: str) -> None:
    with pytest.raises(UsageError, match=r": expected the path of a file from the root of the project, such as `\.upsun/config\.yaml`$"):
        read({path: b"applications: {}\n"})


def test_a_path_in_memory_that_is_no_text() -> None:
    files: Any = {Path(".upsun/config.yaml"): b"applications: {}\n"}
    with pytest.raises(UsageError, match=r"^\.upsun/config\.yaml: expected the path of a file"):
        workerlib.load(files)


def test_a_link_that_leads_in_a_circle_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / ".upsun").mkdir()
    (tmp_path / ".upsun/config.yaml").write_text("applications: {shop: {type: 'php:8.4'}}\n")
    (tmp_path / ".upsun/circle").symlink_to("circle")
    files = DiskFiles(tmp_path)
    assert list(files.walk()) == [".upsun/circle", ".upsun/config.yaml"]
    assert files.names(".upsun") == ["circle", "config.yaml"]
    assert list(workerlib.load(tmp_path).applications) == ["shop"]


def test_a_project_stays_where_it_was_when_the_process_goes_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / ".platform.app.yaml").write_text("name: shop\ntype: 'php:8.4'\nweb: {commands: {start: x}}\nx-own: 1\n")
    (tmp_path / "one/pyproject.toml").write_text("[tool.workerlib]\nselect = ['unknown-key']\n")
    monkeypatch.chdir(tmp_path / "one")
    project, plan = workerlib.load("."), workerlib.plan(".")
    monkeypatch.chdir(tmp_path / "two")
    assert [one.name for one in workerlib.check(project)] == ["unknown-key"]
    plan.apply()
    assert [(tmp_path / name / ".platform.app.yaml").exists() for name in ("one", "two")] == [False, True]
    assert plan.root == Path()
