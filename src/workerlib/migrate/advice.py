"""What is left to do once a project is migrated: values, which the report shows and JSON carries."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from attrs import frozen

from workerlib.changes import FileChange
from workerlib.layout import CURRENT, OLD, DiskFiles, Layout, below
from workerlib.migrate.planning import Plan
from workerlib.model import Project
from workerlib.resolving import Effective, Reason, resolve

_SHORTEST_CRON = 5  # minutes between two runs, the least on Upsun Flex. Upsun docs: Create apps > App reference > Crons


@frozen
class Step:
    """Something to do: what, the commands for it, ready to be pasted, and what to know."""

    title: str
    commands: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def steps(plan: Plan, command: str, *, written: bool, staged: bool = False) -> list[Step]:
    """What to do next, in order. `command` is what previewed the plan; it is shown again with ``--write``."""
    out = []
    if not written:
        out.append(Step("Write the changes", (f"{command} --write",)))
    left = left_behind(plan)
    out += _git(plan, staged=staged)
    if left:
        out.append(Step("Look through what stays in the old folders: nothing in the configuration refers to it", notes=tuple(left)))
    out += _mentions(plan)
    out += _crons(plan.project)
    moving = layouts(plan.changes)
    if moving:
        out += _download(plan.project, moving[0])
        out.append(Step("Have a project on Upsun Flex and let this checkout belong to it; it cannot be the old project", _PROJECT))
    if plan.resources.command and any(change.after is not None for change in plan.changes):
        title = "Set CPU, memory and disk, which the files no longer say" + (", once the project has been pushed" if moving else "")
        out.append(Step(title, (_over_lines(plan.resources.command),), plan.resources.notes))
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


def left_behind(plan: Plan) -> list[str]:
    """The files that stay in an old configuration folder although the layout is gone from it."""
    files = DiskFiles(plan.root)
    going = {change.path for change in plan.changes if change.after is None}
    folders = [layout.folder for layout in layouts(plan.changes) if any(below(path, layout.folder) for path in going)]
    return [path for folder in folders for path in files.walk(folder) if path not in going and not below(path, f"{folder}/local")]


def _git(plan: Plan, *, staged: bool) -> Iterator[Step]:
    root = Path(os.path.abspath(plan.root))
    if not any(os.path.lexists(folder / ".git") for folder in (root, *root.parents)):
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
    names = [re.escape(layout.folder) + rf"(?:/|(?=[\s'\"`]|$))|{re.escape(str(layout.application_file))}" for layout in layouts(plan.changes)]
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
    for number, path in enumerate(DiskFiles(plan.root).walk()):
        if number == _MOST_FILES:
            return
        if path not in plan.files and not path.startswith(old) and (data := _start_of(plan.root / path)):
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
    fast = [
        f"{app.name}: cron `{name}` runs at `{cron.spec}`"
        for app in project.applications.values()
        for name, cron in (app.crons or {}).items()
        if cron.spec and _gap(cron.spec) < _SHORTEST_CRON
    ]
    if fast:
        yield Step(f"Let these crons run less often: Upsun Flex has {_SHORTEST_CRON} minutes as the least", notes=tuple(fast))


def _gap(spec: str) -> int:
    """The least number of minutes between two runs within an hour; 60 where that cannot be told."""
    minutes: set[int] = set()
    for part in spec.split()[:1] and spec.split()[0].split(","):
        found = re.fullmatch(r"(\*|H|H\(\d+-\d+\)|(\d+)(?:-(\d+))?)(?:/(\d+))?", part)
        if not found:
            return 60
        span, first, last, step = found[1], int(found[2] or 0), int(found[3] or found[2] or 59), int(found[4] or 0)
        if span.startswith("H") and not step:
            return 60
        last = 59 if step and not found[3] else last
        minutes.update(range(first, last + 1, step or 1))
    times = sorted(minutes)
    return min((b - a for a, b in zip(times, [*times[1:], times[0] + 60], strict=True)), default=60) if times else 60


# The command that saves the files of mounts, by layout. Each product has a tool of its own.
_DOWNLOAD = {
    "platform": "platform mount:download",
    "symfony": "symfony cloud:mount:download",
    "magento": "magento-cloud mount:download",
}


def _download(project: Project, layout: Layout) -> Iterator[Step]:
    instances = [one for one in resolve(project).values() if _kept(one)]
    if instances:
        commands = (f"{_DOWNLOAD[layout.name]}{_selected(one)} --all --target {_shell(f'mounts/{one.name}')}" for one in instances)
        yield Step("Save the files of the mounts while this checkout belongs to the old project", tuple(commands))


def _upload(project: Project) -> Iterator[Step]:
    commands = [
        f"upsun mount:upload{_selected(one)} --mount {_shell(path)} --source {_shell(f'mounts/{one.name}/{path}')}"
        for one in resolve(project).values()
        for path in _kept(one)
    ]
    if commands:
        yield Step("Upload the files of the mounts: they do not move with the code", tuple(commands))


def _kept(instance: Effective) -> list[str]:
    """The paths of an instance's mounts whose files are its own and to be kept. A worker sees its application's `storage` as it is."""
    shared = instance.worker is not None and instance.reasons["mounts"] is not Reason.OWN
    kept = ("instance", "local") if shared else ("instance", "local", "storage")
    return [path.strip("/") for path, mount in instance.mounts.items() if mount.source in kept]


def _selected(instance: Effective) -> str:
    return f" --app {_shell(instance.application)}" + (f" --worker {_shell(instance.worker)}" if instance.worker else "")


# ---- words --------------------------------------------------------------------------------------------------------------------------


def _over_lines(command: str) -> str:
    """A long command over several lines, one for each option."""
    return command if len(command) <= 80 else command.replace(" --", " \\\n  --")


def _shell(text: str) -> str:
    import shlex

    return shlex.quote(text)
