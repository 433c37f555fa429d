"""Which files make up a project, in each layout that the format has had, and how files are read.

Sources: the vendor's pages "Project structure" (Upsun Fixed) and "YAML file structure" (Upsun Flex), August 2026.
"""

from __future__ import annotations

import os
import posixpath
import stat
from bisect import bisect_left
from collections.abc import Callable, Container, Iterator, Mapping
from enum import Enum
from functools import cached_property
from pathlib import Path
from typing import Protocol, TypeVar, cast

from attrs import Factory, define, field, frozen

from workerlib.changes import JOURNAL
from workerlib.errors import UsageError, WorkerlibError, expect
from workerlib.git import known_as, taken_for

T = TypeVar("T")


class Role(Enum):
    """What a layout file holds."""

    APPLICATION = "application"
    APPLICATIONS = "applications"
    SERVICES = "services"
    ROUTES = "routes"
    CONFIG = "config"  # all three, each under its key


@frozen
class Layout:
    """One way to lay out a project.

    `application_file` is the name of a file that holds one application, in any folder; `folder` the folder at the project's root for the
    rest, where `files` gives each file its role. In the current layout every ``*.yaml`` file of the folder is configuration.
    """

    name: str
    title: str
    folder: str
    application_file: str | None
    files: tuple[tuple[str, Role], ...]


_OLD_FILES = (("applications.yaml", Role.APPLICATIONS), ("services.yaml", Role.SERVICES), ("routes.yaml", Role.ROUTES))

LAYOUTS = (
    Layout("upsun", "Upsun Flex", ".upsun", None, ()),
    Layout("platform", "Upsun Fixed, formerly Platform.sh", ".platform", ".platform.app.yaml", _OLD_FILES),
    Layout("symfony", "SymfonyCloud", ".symfony", ".symfony.cloud.yaml", _OLD_FILES),
    Layout("magento", "Adobe Commerce Cloud", ".magento", ".magento.app.yaml", _OLD_FILES),
)
CURRENT = LAYOUTS[0]
OLD = LAYOUTS[1:]
CONFIG = f"{CURRENT.folder}/config.yaml"

# Folders whose files are not the user's own, wherever they stand; a walk over the whole project does not enter them.
SKIPPED = frozenset((".git", "node_modules", "vendor", ".next", ".idea", "builds", JOURNAL))
_STATE = tuple(
    f"/{layout.folder}/local/" for layout in OLD
)  # in these a command-line tool keeps its own state, for a part of a project too


@frozen
class LayoutFile:
    """A file of some layout: its path below the project's root, and what it holds."""

    path: str
    layout: Layout
    role: Role

    @property
    def folder(self) -> str:
        """The folder that the file lies in, empty for the project's root."""
        return self.path.rpartition("/")[0]


# ---- files --------------------------------------------------------------------------------------------------------------------------


class FileError(WorkerlibError):
    """A file cannot be read: it is not there, is no regular file, or leads out of the project."""


class ProjectFiles(Protocol):
    """A read-only view of a project: paths relative to its root, with ``/``, to bytes. All that workerlib reads comes through one."""

    def read(self, path: str, most: int | None = None) -> bytes:
        """The bytes of a file, or its first `most`. Raises FileError where that is not a file of the project."""
        ...

    def is_file(self, path: str) -> bool:
        """Whether :meth:`read` has a file to read there."""
        ...

    def is_folder(self, path: str) -> bool:
        """Whether there is a folder of that path."""
        ...

    def names(self, folder: str) -> list[str]:
        """The files directly in a folder, in the order of their names; none where there is no such folder."""
        ...

    def walk(self, folder: str = "") -> Iterator[str]:
        """The paths of all files below a folder. Links to folders are not followed; from the root, folders of SKIPPED are not entered."""
        ...


@frozen(eq=False, repr=False)
class MemoryFiles:
    """Files held in memory."""

    contents: Mapping[str, bytes]

    def read(self, path: str, most: int | None = None) -> bytes:
        try:
            return self.contents[path][:most]
        except KeyError:
            raise FileError(f"{path}: expected a file, found nothing") from None

    def is_file(self, path: str) -> bool:
        return path in self.contents

    def is_folder(self, path: str) -> bool:
        return path in self._folders

    @cached_property
    def _folders(self) -> frozenset[str]:
        found: set[str] = set()
        for path in self.contents:
            for folder in folders_above(path):
                if folder in found:
                    break
                found.add(folder)
        return frozenset(found)

    def names(self, folder: str) -> list[str]:
        return sorted(self._names.get(folder, ()))

    @cached_property
    def _names(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for path in self.contents:
            folder, _, name = path.rpartition("/")
            found.setdefault(folder, []).append(name)
        return found

    @cached_property
    def _in_order(self) -> list[str]:
        return sorted(self.contents)

    def walk(self, folder: str = "") -> Iterator[str]:
        return (p for p in self.below(folder) if not _is_skipped(p.rpartition("/")[0], folder))

    def below(self, folder: str) -> list[str]:
        """The paths of all files below a folder, of which :meth:`walk` skips some."""
        # What lies below a folder stands together in order: behind its slash, before the character after that.
        paths = self._in_order
        start, stop = (bisect_left(paths, folder + end) for end in ("/", "0")) if folder else (0, len(paths))
        return paths[start:stop]


@frozen(eq=False, repr=False)
class DiskFiles:
    """Files below a folder of the disk. A symbolic link is followed only where it stays below that folder.

    Each file has one name, that under which git knows it, whatever other names a file system finds it by.
    """

    root: Path = field(converter=Path)
    # Where that is, wherever the process goes after this.
    _place: Path = field(init=False, default=Factory(lambda self: self.root.absolute(), takes_self=True))

    @cached_property
    def _real(self) -> str:
        return os.path.realpath(self._place)

    def read(self, path: str, most: int | None = None) -> bytes:
        place = self._inside(path)
        if place is None:
            raise FileError(f"{path}: expected a file of the project, found a path that leads out of it")
        try:
            with open(place, "rb", opener=_open_regular) as file:
                return file.read(most)
        except OSError as error:
            raise FileError(f"{path}: expected a file that can be read, found: {error.strerror or error}") from None

    def is_file(self, path: str) -> bool:
        place = self._inside(path)
        return place is not None and os.path.isfile(place)  # that of pathlib raises for a name that is too long

    def is_folder(self, path: str) -> bool:
        place = self._inside(path)
        return place is not None and os.path.isdir(place)

    def names(self, folder: str) -> list[str]:
        place = self._inside(folder)
        if place is None:
            return []
        try:
            with os.scandir(place) as entries:
                return sorted(known_as(e.name) for e in entries if not _leads_to_folder(e))
        except PermissionError as error:  # what it holds would be missing without a word
            raise FileError(f"{folder or '.'}: expected a folder that can be read, found: {error.strerror}") from None
        except OSError:
            return []

    def walk(self, folder: str = "") -> Iterator[str]:
        pending = [folder] if self._inside(folder) is not None else []
        while pending:
            current = pending.pop()
            try:
                with os.scandir(self._place / current) as found:
                    entries = sorted(found, key=lambda e: e.name)
            except OSError:
                continue  # a folder that may not be read holds nothing for us
            folders = []
            for entry in entries:
                name = known_as(entry.name)
                path = f"{current}/{name}" if current else name
                if entry.is_dir(follow_symlinks=False):
                    if not _is_skipped(path, folder):
                        folders.append(path)
                elif not _leads_to_folder(entry):
                    yield path
            pending.extend(reversed(folders))

    def _inside(self, path: str) -> str | None:
        """The place of a path on the disk, or None where it is, or leads, outside the root, or to what git keeps, such as a token."""
        if "\0" in path or path != known_as(path):
            return None
        place, root = os.path.join(self._place, path), self._real
        if not self._may_lead_away(path):
            return place
        real = os.path.realpath(place)
        if real == root:
            return place
        above = root.rstrip(os.sep) + os.sep
        if not real.startswith(above) or ".git" in map(taken_for, (*path.split("/"), *real[len(above) :].split(os.sep))):
            return None
        return place

    def _may_lead_away(self, path: str) -> bool:
        """Whether a path is anything but names below the root of which none is a link, or git's."""
        place = os.fspath(self._place)
        for name in path.split("/"):
            place = f"{place}/{name}"
            if name in ("", "..") or taken_for(name) == ".git" or os.path.islink(place):
                return True
        return os.sep != "/"  # elsewhere, a name may be taken apart, or stand for another


def _leads_to_folder(entry: os.DirEntry[str]) -> bool:
    """Whether an entry is a folder, or a link to one; a link that leads in a circle, or where nobody may look, is none."""
    try:
        return entry.is_dir()
    except OSError:
        return False


def _open_regular(path: str, flags: int) -> int:
    """Open a file without waiting for a pipe's other end, and refuse what is no regular file."""
    handle = os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(0, "no regular file")
    return handle


@define(eq=False, repr=False)
class Remembered:
    """Files of another view as they were when they were first asked for: what is found out of them is found out once, and of one state.

    Only the bytes of YAML are kept; other files may be large, and are read each time.
    """

    base: ProjectFiles
    _known: dict[tuple[str, str], object] = field(factory=dict)

    def read(self, path: str, most: int | None = None) -> bytes:
        known = self._known.get(("read", path))
        if known is not None:
            return cast("bytes", known)[:most]
        data = self.base.read(path, most)
        if path.endswith(".yaml") and (most is None or len(data) < most):
            self._known["read", path] = data
        return data

    def is_file(self, path: str) -> bool:
        return ("read", path) in self._known or self._once("is_file", path, self.base.is_file)

    def is_folder(self, path: str) -> bool:
        return self._once("is_folder", path, self.base.is_folder)

    def names(self, folder: str) -> list[str]:
        return self._once("names", folder, self.base.names)

    def walk(self, folder: str = "") -> Iterator[str]:
        return iter(self._once("walk", folder, lambda start: tuple(self.base.walk(start))))

    def _once(self, what: str, path: str, find: Callable[[str], T]) -> T:
        key = (what, path)
        if key not in self._known:
            self._known[key] = find(path)
        return cast("T", self._known[key])


def _as_now(planned: Mapping[str, bytes | None]) -> Mapping[str, bytes | None]:
    return dict(planned)


@frozen(eq=False, repr=False)
class Overlay:
    """Planned files over those of another view, as they are planned now; None stands for a file that is to go."""

    base: ProjectFiles
    planned: Mapping[str, bytes | None] = field(converter=_as_now)

    @cached_property
    def _new(self) -> MemoryFiles:
        return MemoryFiles({path: data for path, data in self.planned.items() if data is not None})

    def read(self, path: str, most: int | None = None) -> bytes:
        if path not in self.planned:
            return self.base.read(path, most)
        data = self.planned[path]
        if data is None:
            raise FileError(f"{path}: expected a file, found nothing")
        return data[:most]

    def is_file(self, path: str) -> bool:
        return self.planned[path] is not None if path in self.planned else self.base.is_file(path)

    def is_folder(self, path: str) -> bool:
        return self._new.is_folder(path) or self.base.is_folder(path)

    def names(self, folder: str) -> list[str]:
        start = f"{folder}/" if folder else ""
        return sorted([*self._new.names(folder), *(name for name in self.base.names(folder) if start + name not in self.planned)])

    def walk(self, folder: str = "") -> Iterator[str]:
        yield from (p for p in self.base.walk(folder) if p not in self.planned)
        yield from self._new.below(folder)


def joined(folder: str, path: str) -> str:
    """The path of a project's file that another path leads to from a folder; empty for the project's root."""
    found = posixpath.normpath(posixpath.join(folder, path))
    return "" if found == "." else found


def below(path: str, folder: str) -> bool:
    """Whether a path lies somewhere below a folder; all paths lie below the empty one."""
    return not folder or path.startswith(folder + "/")


def folders_above(path: str) -> Iterator[str]:
    """The folders that a path lies in, from the inside; the last is that of the root, which is empty."""
    while path:
        path = posixpath.dirname(path)
        yield path


def _is_skipped(folder: str, start: str) -> bool:
    """Whether walking from `start` does not enter a folder."""
    if any(state in f"/{folder}/" for state in _STATE):
        return True
    if start:  # whoever names a folder, such as that of an archive, means all of it
        return ".git" in map(taken_for, folder[len(start) :].split("/"))
    names = folder.split("/")
    return not SKIPPED.isdisjoint(names) or ".git" in map(taken_for, names)


def project_files(project: str | os.PathLike[str] | Mapping[str, bytes]) -> DiskFiles | MemoryFiles:
    """The files of a project: of a folder, or a mapping of paths, from its root and with ``/``, to bytes.

    Raises UsageError where it is neither.
    """
    expect("project", project, str, os.PathLike, Mapping)
    if not isinstance(project, Mapping):
        return folder_files(project)
    for path, data in project.items():
        if not _is_relative(path):
            raise UsageError(f"{path}: expected the path of a file from the root of the project, such as `{CONFIG}`")
        if not isinstance(data, bytes):  # text is a mistake easily made where nobody checks types, as in a notebook
            raise UsageError(f"{path}: expected the bytes of a file, found {type(data).__name__}")
    return MemoryFiles(project)


def _is_relative(path: object) -> bool:
    """Whether a path leads from the root of a project to a file of it, in the one way in which that is written."""
    return isinstance(path, str) and posixpath.normpath(path) == path and not path.startswith(("/", "../")) and path not in (".", "..")


def folder_files(folder: str | os.PathLike[str]) -> DiskFiles:
    """The files of a folder. Raises UsageError where no folder is."""
    if not os.path.isdir(folder):
        found = "a file" if os.path.exists(folder) else "nothing there"
        if "\n" in (name := os.fspath(folder)):  # what a file holds, in place of its name
            raise UsageError("expected the folder of a project, found a text of several lines: `loads` reads the text of a file")
        raise UsageError(f"{name or 'an empty path'}: expected the folder of a project, found {found}")
    return DiskFiles(folder)


# ---- discovery ----------------------------------------------------------------------------------------------------------------------


def misnamed(files: ProjectFiles) -> Iterator[tuple[str, str]]:
    """Files that would be configuration if their names ended in ``.yaml``, each with that name."""
    known = {layout.application_file for layout in OLD} | {f"{layout.folder}/{name}" for layout in OLD for name, _ in layout.files}
    for folder in (CURRENT.folder, "", *(layout.folder for layout in OLD)):
        for name in files.names(folder):
            path = f"{folder}/{name}".lstrip("/")
            stem, _, extension = path.rpartition(".")
            new = f"{stem}.yaml"
            if extension != "yaml" and extension.lower() in ("yml", "yaml") and (folder == CURRENT.folder or new in known):
                yield path, new


def nearly_named(files: ProjectFiles) -> Iterator[tuple[str, str]]:
    """Files whose names are nearly those of files that are read, each with that name, where it is not taken."""
    for layout in OLD:
        folder, application = layout.folder, str(layout.application_file)
        alone = (application[1:], f"{folder}/{application[1:]}", f"{folder}/app.yaml", f"{folder}/application.yaml")
        others = (f"{folder}/{name}" for name, role in layout.files if role is not Role.APPLICATIONS)
        rows = [*((near, application) for near in alone), *((name.replace("s.yaml", ".yaml"), name) for name in others)]
        yield from ((near, name) for near, name in rows if files.is_file(near) and not files.is_file(name))


def to_rename(files: ProjectFiles) -> str | None:
    """What to do about a file that would be configuration under another name."""
    for path, new in misnamed(files):
        return f"rename `{path}` to `{new}`: only names that end in `.yaml` are read"
    for path, new in nearly_named(files):
        return f"rename `{path}`, which is not read, to `{new}`"
    return None


def discover(files: ProjectFiles) -> list[LayoutFile]:
    """The files of every layout there is: applications first (the root's, then by path), services, routes, then the current layout."""
    by_name = {layout.application_file: layout for layout in OLD}
    found = [LayoutFile(p, by_name[name], Role.APPLICATION) for p in files.walk() if (name := p.rpartition("/")[2]) in by_name]
    for layout in OLD:
        names = set(files.names(layout.folder))
        found += [LayoutFile(f"{layout.folder}/{name}", layout, role) for name, role in layout.files if name in names]
    order = {Role.APPLICATION: 0, Role.APPLICATIONS: 0, Role.SERVICES: 1, Role.ROUTES: 2}
    found.sort(key=lambda f: (order[f.role], f.folder != "", f.path))
    return found + [
        LayoutFile(f"{CURRENT.folder}/{name}", CURRENT, Role.CONFIG)
        for name in sorted(files.names(CURRENT.folder), key=_by_stem)
        if name.endswith(".yaml")
    ]


def single(path: str | os.PathLike[str]) -> tuple[Path, LayoutFile] | None:
    """The project's root above a file that is of some layout because of where it stands, and the file as one of it; None for others."""
    place = Path(path).absolute()
    for layout in OLD:
        if place.name == layout.application_file:
            return place.parent, LayoutFile(place.name, layout, Role.APPLICATION)
    inside = f"{place.parent.name}/{place.name}"
    if not is_configuration(inside):
        return None
    layout = next(one for one in LAYOUTS if one.folder == place.parent.name)
    return place.parent.parent, LayoutFile(inside, layout, dict(layout.files).get(place.name, Role.CONFIG))


def _by_stem(name: str) -> tuple[str, ...]:
    """``app.yaml`` before ``app-bis.yaml``: the order in which the vendor's own example has the second file win."""
    return os.path.splitext(name)


def is_configuration(path: str) -> bool:
    """Whether a file of that path is read as configuration because of where it stands."""
    folder, name = posixpath.split(path)
    if folder == CURRENT.folder:
        return name.endswith(".yaml")
    return any(name == layout.application_file or (folder == layout.folder and name in dict(layout.files)) for layout in OLD)


def relocated(path: str, taken: Container[str] = ()) -> str:
    """Where a file of an old folder goes: to the same place below the current one, but never where it would be read as configuration."""
    layout = next((layout for layout in OLD if below(path, layout.folder)), None)
    if layout is None:
        return path
    inner = path[len(layout.folder) + 1 :]
    target = f"{CURRENT.folder}/{inner}"
    while is_configuration(target) or target in taken:
        inner = f"include/{inner}"
        target = f"{CURRENT.folder}/{inner}"
    return target
