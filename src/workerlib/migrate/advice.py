"""What is left to do once a project is migrated: values, which the report shows and JSON carries."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from attrs import frozen

from workerlib.changes import FileChange
from workerlib.git import is_checkout
from workerlib.layout import CURRENT, LAYOUTS, OLD, SKIPPED, DiskFiles, Layout, Overlay, below, discover, to_rename
from workerlib.migrate.planning import Plan
from workerlib.model import Project
from workerlib.resolving import Effective, Reason, resolve
from workerlib.sizing import resources


@frozen(eq=False, repr=False)
class Step:
    """Something to do: what, the commands for it, ready to be pasted, and what to know."""

    title: str
    commands: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def steps(plan: Plan, command: str, *, written: bool, staged: bool = False, obstacle: str | None = None) -> list[Step]:
    """What to do next, in order. `command` is what previewed the plan; it is shown again with ``--write``, and what would stop that."""
    out = []
    if not written:
        out.append(Step("Write the changes", (f"{command} --write",), (obstacle,) if obstacle else ()))
    out += _old_ones(plan)
    out += _git(plan, staged=staged)
    out += _mentions(plan)
    out += _crons(plan.project)
    moving = layouts(plan.changes)
    if moving:
        out += _download(plan.project, moving[0])
        out.append(Step("Create a project on Upsun Flex (it cannot be the old one), let this checkout belong to it, and push", _PROJECT))
    sizes, notes = plan.resources.command, plan.resources.notes
    said = sizes or not set(notes).issubset(resources(plan.project).notes)  # what cannot be set, the files no longer say either
    if said and any(change.after is not None for change in plan.changes):
        title = "Set CPU, memory and disk, which the files no longer say" + (", once the project has been pushed" if moving else "")
        out.append(Step(title, (over_lines(sizes),) if sizes else (), notes))
    if moving:
        out += _upload(plan.project)
        elsewhere = "the data of services, domains, users, variables set on the project, the size of the plan"
        out.append(Step("Move by hand what is in no file", notes=(elsewhere,)))
    return out


def layouts(changes: Iterable[FileChange]) -> tuple[Layout, ...]:
    """The old layouts whose files a plan turns into new ones."""
    paths = [path for change in changes if (path := change.path if change.after is None else change.like)]
    return tuple(layout for layout in OLD if any(_is_of(path, layout) for path in paths))


def _is_of(path: str, layout: Layout) -> bool:
    return below(path, layout.folder) or path.rpartition("/")[2] == layout.application_file


# ---- files --------------------------------------------------------------------------------------------------------------------------


def _files(plan: Plan) -> DiskFiles:
    assert plan.root is not None, "what is left to do is asked of projects on the disk"
    return DiskFiles(plan.root)


def _old_ones(plan: Plan) -> Iterator[Step]:
    files = discover(Overlay(_files(plan), plan.files))
    kept = tuple(file.path for file in files if file.layout is not CURRENT)
    if kept and len(kept) < len(files):
        yield Step("Delete the old files before you push: both layouts together stop a deployment", notes=kept)
    elif left := left_behind(plan):
        yield Step("Look through what stays in the old folders: nothing in the configuration refers to it", notes=tuple(left))


def left_behind(plan: Plan) -> list[str]:
    """The files that stay in an old configuration folder although the layout is gone from it."""
    files = _files(plan)
    going = {change.path for change in plan.changes if change.after is None}
    folders = [layout.folder for layout in layouts(plan.changes) if any(below(path, layout.folder) for path in going)]
    return [path for folder in folders for path in files.walk(folder) if path not in going and not below(path, f"{folder}/local")]


def old_files(plan: Plan) -> bool:
    """Whether the project still holds files of an old layout."""
    return any(file.layout is not CURRENT for file in discover(_files(plan)))


def _git(plan: Plan, *, staged: bool) -> Iterator[Step]:
    root = _files(plan).root.absolute()
    if not is_checkout(root):
        return
    git = "git" if root == Path.cwd() else f"git -C {_shell(str(plan.root))}"
    folders = tuple(f"{layout.folder}/" for layout in (CURRENT, *OLD))
    paths = dict.fromkeys(next((f for f in folders if change.path.startswith(f)), change.path) for change in plan.changes)
    add = f"{git} add --all -- {' '.join(_shell(path.rstrip('/')) for path in paths)}"
    yield Step("Read the result and commit it", (*[add] * (not staged), f'{git} commit -m "Move to the configuration of Upsun Flex"'))


_MOST_FILES, _LARGEST = 20_000, 256 * 1024


def mentions(plan: Plan) -> list[tuple[str, int]]:
    """Where other files of the project name the old ones: path and line, at most one for each file.

    Text files of up to 256 KB are looked at, the first 20,000 of them.
    """
    names = [
        rf"{re.escape(layout.folder)}(?:/|(?=[\s'\"`]|$))|{re.escape(str(layout.application_file))}" for layout in layouts(plan.changes)
    ]
    if not names:
        return []
    pattern = re.compile(rf"(?<![\w.$)\]])(?:{'|'.join(names)})".encode(), re.MULTILINE)
    found = []
    for path, data in _texts(plan):
        match = pattern.search(data)
        if match:
            found.append((path, data.count(b"\n", 0, match.start()) + 1))
    return found


def _texts(plan: Plan) -> Iterator[tuple[str, bytes]]:
    """The files of the project as they would be, without the old configuration and what is not text."""
    yield from ((path, data) for path, data in plan.files.items() if data is not None)
    old = tuple(f"{layout.folder}/" for layout in OLD)
    files = _files(plan)
    for number, path in enumerate(files.walk()):
        if number == _MOST_FILES:
            return
        if path not in plan.files and not path.startswith(old) and (data := _start_of(files.root / path)):
            yield path, data


def _start_of(place: Path) -> bytes | None:
    """A regular file's bytes, if it is text and not large."""
    try:
        found = os.lstat(place)
        if not stat.S_ISREG(found.st_mode) or not 0 < found.st_size <= _LARGEST:
            return None
        data = place.read_bytes()
    except OSError:
        return None
    return None if b"\0" in data[:1024] else data


def _mentions(plan: Plan) -> Iterator[Step]:
    if found := mentions(plan):
        yield Step("Bring up to date what names the old files", notes=tuple(f"{path}:{line}" for path, line in found))


_PROJECT = ("upsun project:create", "upsun push")

# ---- the platform -------------------------------------------------------------------------------------------------------------------


def _crons(project: Project) -> Iterator[Step]:
    from workerlib.checks.schedule import LEAST_INTERVAL, runs_too_often  # few projects have such crons

    fast = [
        f"{app.name}: cron `{name}` runs at `{cron.spec}`"
        for app in project.applications.values()
        for name, cron in (app.crons or {}).items()
        if cron.spec and runs_too_often(cron.spec)
    ]
    if fast:
        yield Step(f"Let these crons run less often: Upsun Flex has {LEAST_INTERVAL} minutes as the least", notes=tuple(fast))


# The command that saves the files of mounts, by layout. Each product has a tool of its own.
_DOWNLOAD = {
    "platform": "platform mount:download",
    "symfony": "symfony cloud:mount:download",
    "magento": "magento-cloud mount:download",
}


def _download(project: Project, layout: Layout) -> Iterator[Step]:
    own, inherited = _mounts(project)
    commands = (f"{_DOWNLOAD[layout.name]}{_selected(one)} --all --target {_shell(f'mounts/{one.name}')}" for one, _ in own)
    if own:
        yield Step("Save the files of the mounts while this checkout belongs to the old project", tuple(commands), inherited)


def _upload(project: Project) -> Iterator[Step]:
    own, inherited = _mounts(project)
    commands = (
        f"upsun mount:upload{_selected(one)} --mount {_shell(path)} --source {_shell(f'mounts/{one.name}/{path}')}"
        for one, paths in own
        for path in paths
    )
    if own:
        yield Step("Upload the files of the mounts, which do not move with the code; leave out caches", tuple(commands), inherited)


def _mounts(project: Project) -> tuple[list[tuple[Effective, list[str]]], tuple[str, ...]]:
    """The paths of each instance's mounts whose files are to be kept, and a note on workers that have theirs from their application.

    Such a worker has other files at these paths, but for those in `storage`, which it shares.
    """
    own: list[tuple[Effective, list[str]]] = []
    inherited: list[str] = []
    for one in resolve(project).values():
        if one.worker is None or one.reasons["mounts"] is Reason.OWN:
            own.append((one, [path.strip("/") for path, mount in one.mounts.items() if mount.source in ("instance", "storage")]))
        elif any(mount.source == "instance" for mount in one.mounts.values()):
            inherited.append(f"`--worker {one.worker}`")
    note = f"workers have files of their own at the paths of their application: for those, add {', '.join(inherited)}"
    return [(one, paths) for one, paths in own if paths], (note,) if inherited else ()


def _selected(instance: Effective) -> str:
    return f" --app {_shell(instance.application)}" + (f" --worker {_shell(instance.worker)}" if instance.worker else "")


# ---- another folder -----------------------------------------------------------------------------------------------------------------


def instead(path: str, command: Sequence[str]) -> str:
    """What to do where a folder holds no configuration: the words of a command for those nearby that do."""
    if advice := to_rename(DiskFiles(Path(path))):
        return advice
    if found := discover(DiskFiles(Path(path))):
        return f"define one: {f'`{found[0].path}`' if len(found) == 1 else 'the configuration that is here'} holds none"
    if _has_folder(Path(path)):
        return "define one: the configuration that is here holds none"
    near = [os.path.relpath(folder) for folder in (*_above(path), *_below(Path(path), _has_folder))]
    if not near:
        return "name the folder that holds `.platform.app.yaml`, `.platform/`, `.upsun/` or the like"
    commands = (" ".join(map(_shell, (*command, folder))) for folder in near[:3])
    return f"perhaps you meant {' or '.join(f'`{one}`' for one in commands)}"


def doubt(path: str) -> str | None:
    """A word of doubt where the folder looks like a part of a project, or like a folder of several."""
    if _has_folder(Path(path)):
        return None
    if above := next(_above(path), None):
        return f"this seems to be a part of the project `{os.path.relpath(above)}`, whose services and routes cannot be seen from here"
    below = ", ".join(f"`{os.path.relpath(folder)}`" for folder in list(_below(Path(path), _has_folder))[:3])
    return f"{below} has a folder of configuration of its own, which is read only if you run this there" if below else None


_DEPTH = 4  # folders further up are somebody else's


def _above(path: str) -> Iterator[Path]:
    """The folders around that hold configuration, up to the top of the repository."""
    folder = Path(path).resolve()
    for around in folder.parents[:_DEPTH]:
        if os.path.lexists(folder / ".git"):
            return
        if _holds_layout(around):
            yield around
        folder = around


def _below(folder: Path, wanted: Callable[[Path], bool], depth: int = 2) -> Iterator[Path]:
    """The folders below that are wanted."""
    with suppress(OSError):
        for one in sorted(folder.iterdir()):
            if one.name.startswith(".") or one.name in SKIPPED or one.is_symlink() or not one.is_dir():
                continue
            if wanted(one):
                yield one
            elif depth > 1:
                yield from _below(one, wanted, depth - 1)


def _has_folder(folder: Path) -> bool:
    return any((folder / layout.folder).is_dir() for layout in LAYOUTS)


def _holds_layout(folder: Path) -> bool:
    return _has_folder(folder) or any((folder / str(layout.application_file)).is_file() for layout in OLD)


# ---- words --------------------------------------------------------------------------------------------------------------------------


def over_lines(command: str) -> str:
    """A long command over several lines, one for each option."""
    return command if len(command) <= 80 else command.replace(" --", " \\\n  --")


def _shell(text: str) -> str:
    import shlex

    return shlex.quote(text)
