"""What an old file is called in Python source, and what holds its contents now. No libcst here: most files are never parsed."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from attrs import evolve, field, frozen

from workerlib.definitions import Definitions
from workerlib.layout import CONFIG, CURRENT, OLD
from workerlib.loading import Tree
from workerlib.text import Mapping as MappingNode
from workerlib.text import Node, Scalar, Sequence

if TYPE_CHECKING:
    import libcst as cst

    from workerlib.python.virtual import Planner

_FOLDERS = "|".join(re.escape(layout.folder) for layout in OLD)
_FILES = "|".join(re.escape(str(layout.application_file)) for layout in OLD)
_NAME = rf"(?:(?:{_FILES})(?!\w|[.-]\w)|(?:{_FOLDERS})(?![\w.-]))"

# What a file must hold to be parsed: the name of an old file or folder, but not `sys.platform`.
INTERESTING = re.compile(rf"(?<![\w)\]]){_NAME}".encode())
MENTION = re.compile(rf"(?<![\w)\]]){_NAME}(?:/(?:applications|services|routes)\.yaml)?")
UNKNOWN = "\0"  # stands for the part of a path that cannot be known
ROOT = "\1"  # stands for the project's root, where a path leads there for sure
TEMPORARY = "\2"  # stands for a folder that a program makes for a while
FIXED = (UNKNOWN, ROOT, TEMPORARY, "/")  # what a path begins with that does not depend on the working directory, as far as can be seen
_WHOLE = re.compile(
    rf"(?s)(?P<base>(?:.*/)?)(?P<name>(?:{_FILES})|(?:{_FOLDERS})/(?P<section>applications|services|routes)\.yaml|(?:{_FOLDERS})/?)"
)
_SPLIT = "migrate with --split, which gives each application a file of its own, or "
SECTIONS = ("applications", "services", "routes")


class CannotFollowError(Exception):
    """A site is left as it is: the reason, and what to do."""

    def __init__(self, reason: str, help: str) -> None:
        super().__init__(reason)
        self.reason, self.help = reason, help


@frozen
class Old:
    """An old file or folder that a path names.

    `base` is what leads to the folder that it is in, as far as it is known; `section` is ``application``, ``applications``, ``services``,
    ``routes``, or ``folder`` for the old folder itself.
    """

    base: str
    name: str
    section: str


def named_by(path: str) -> Old | None:
    """The old file or folder that a path names, if it is one."""
    found = _WHOLE.fullmatch(path)
    if found is None:
        return None
    section = found["section"] or ("folder" if found["name"].rstrip("/") in {one.folder for one in OLD} else "application")
    return Old(found["base"], found["name"], section)


@frozen
class New:
    """Where the contents of an old file are now: the file, and the keys that lead to them.

    `strip` is the part of the old base that goes, since the new file is at the project's root; `application` is set where it is of one.
    """

    file: str
    keys: tuple[str, ...]
    strip: str = ""
    application: str | None = None


@frozen
class Made:
    """A program makes an old folder: what leads to it, the call of libcst's tree, and whether the folder may be there already."""

    base: str
    call: cst.CSTNode
    lenient: bool


@frozen
class Configuration:
    """The configuration of the project that a program belongs to: `old` as it was, `new` as it will be.

    `folders` gives for each application the folder that a file of its own is in, None where it stands in a file with others. `listed` says
    whether ``applications.yaml`` is a list, None where that is not known any more. `refused` are parts that loaders would refuse in the new
    file where they took the old one, with the reason.
    """

    old: Tree
    new: Tree
    folders: Mapping[str, str | None]
    listed: bool | None = False
    refused: Mapping[tuple[str, ...], str] = field(factory=dict)

    @property
    def files(self) -> dict[tuple[str, ...], str | None]:
        """The new file of each application, and of each section; None for one that is in several."""
        found = self.new.definitions
        out: dict[tuple[str, ...], str | None] = {("applications", name): one.source.path for name, one in found.applications.items()}
        homes = {
            "applications": {path for path in out.values() if path},
            "services": {entry.key.source.path for entry in found.services.values()},
            "routes": {entry.key.source.path for entry in found.routes.values()},
        }
        return out | {(section,): next(iter(paths)) if len(paths) == 1 else None for section, paths in homes.items() if paths}

    def replaced(self, section: str, names: Collection[str], file: str, *, sure: bool) -> str:
        """The file that definitions are written to, `file` where the project has none of them.

        A program that may write elsewhere is `sure` to write here only if it writes what there is. Raises CannotFollowError where the file
        holds more.
        """
        places: dict[tuple[str, str], str] = {
            ("applications", name): one.source.path for name, one in self.new.definitions.applications.items()
        }
        places |= {("services", name): entry.key.source.path for name, entry in self.new.definitions.services.items()}
        places |= {("routes", name): entry.key.source.path for name, entry in self.new.definitions.routes.items()}
        there = {path for (kind, name), path in places.items() if kind == section and (not names or name in names)}
        if not there and not sure:
            return file
        if len(there) > 1:
            raise CannotFollowError("what it writes is in several files now", "adapt it yourself")
        target = next(iter(there), file)
        whole = section != "applications"  # a file of services replaces all services
        rest = sorted(
            {
                kind if kind != section else name
                for (kind, name), path in places.items()
                if path == target and not (kind == section and (whole or name in names))
            }
        )
        if rest:
            raise CannotFollowError(
                f"`{target}` also holds {', '.join(f'`{one}`' for one in rest)}, which it would lose",
                f"{_SPLIT if section == SECTIONS[0] else ''}read the whole file, change the part, and write it all",
            )
        return target

    def differs(self, keys: tuple[str | None, ...]) -> bool | None:
        """Whether what stands at some keys is another value than it was, None where there was nothing. A key that is None is any."""
        pairs = _at(self.old.definitions, self.new.definitions, keys)
        return any(not _same(self.old, a, self.new, b) for a, b in pairs) if pairs else None


def _at(old: Definitions, new: Definitions, keys: tuple[str | None, ...]) -> list[tuple[Node, Node | None]]:
    """The nodes at some keys, before and after."""
    section, *rest = keys
    pairs: list[tuple[Node, Node | None]] = []
    before, after = (dict(_section(one, section)) for one in (old, new))
    if not rest:
        return [(node, after.get(name)) for name, node in before.items()]
    pairs = [(node, after.get(name)) for name, node in before.items() if rest[0] in (None, name)]
    for key in rest[1:]:
        inner: list[tuple[Node, Node | None]] = []
        for a, b in pairs:
            first, second = (_entries(d, n) for d, n in ((old, a), (new, b)))
            inner += [(node, second.get(name)) for name, node in first.items() if key in (None, name)]
        pairs = inner
    return pairs


def _section(found: Definitions, section: str | None) -> list[tuple[str, Node]]:
    if section == "applications":
        return [(name, one.node) for name, one in found.applications.items()]
    return [(name, entry.value) for name, entry in (found.services if section == "services" else found.routes).items()]


def _entries(found: Definitions, node: Node | None) -> dict[str, Node]:
    seen = None if node is None else found.see(node)
    return {name: entry.value for name, entry in found.entries(seen).items()} if isinstance(seen, MappingNode) else {}


def _same(old: Tree, a: Node, new: Tree, b: Node | None) -> bool:
    first, second = old.definitions.see(a), None if b is None else new.definitions.see(b)
    match first, second:
        case Scalar(), Scalar():
            return (first.tag, first.value) == (second.tag, second.value)
        case MappingNode(), MappingNode():
            one, other = _entries(old.definitions, first), _entries(new.definitions, second)
            return one.keys() == other.keys() and all(_same(old, one[key], new, other[key]) for key in one)
        case Sequence(), Sequence():
            return len(first.items) == len(second.items) and all(
                _same(old, x, new, y) for x, y in zip(first.items, second.items, strict=True)
            )
    return False


@frozen
class Context:
    """What is known beside the source of a program: the project's configuration, if there is one, and the application asked for.

    `planner` migrates what stands in the program itself. `written` are the sections that the program writes: where no project says where
    they are, each has a file of its own, so that none replaces another. `made` are the old folders that the program makes, `written_back`
    the parts of libcst's tree in which it writes what it loaded.
    """

    project: Configuration | None = None
    app: str | None = None
    planner: Planner | None = None
    written: frozenset[str] = frozenset()
    made: tuple[Made, ...] = ()
    written_back: frozenset[cst.CSTNode] = frozenset()

    def find(self, old: Old) -> New:
        """What an old path becomes. Raises CannotFollowError where that cannot be told."""
        base = posixpath.normpath(old.base) if old.base else ""
        if base.startswith(TEMPORARY) and self.project is not None:
            return evolve(self, project=None).find(old)  # it is none of this project's
        if old.section == "application":
            name, strip = self._application(old.base, base)
            return New(self.file(("applications", name)), ("applications", name), strip, name)
        if base.startswith(f"{ROOT}/"):
            raise CannotFollowError(f"`{base[2:]}/{old.name}` is no file of this project's configuration", "adapt it if the file moves")
        if old.section == "folder":
            return New(CURRENT.folder, ())
        if old.section == "applications" and self.project is not None and self.project.listed is not False:
            raise CannotFollowError("the applications were a list and are a mapping now", "adapt each use: the keys are the names")
        return New(self.file((old.section,)), (old.section,))

    def find_path(self, old: Old) -> New:
        """The same where it does not matter which application is meant: outside of a project all stand in one file."""
        alone = self.project is None or old.base.startswith(TEMPORARY)
        return New(CONFIG, ()) if alone and old.section == "application" else self.find(old)

    def file_named(self, old: Old) -> str:
        """The file, or folder, that a text which names an old one means now. Raises CannotFollowError where it may be one of several."""
        if old.section == "folder":
            return CURRENT.folder
        section = "applications" if old.section == "application" else old.section
        if self.project is None or (section,) not in self.project.files:
            return CONFIG
        return self.project.files[section,] or self.find(old).file

    def differs(self, old: Old, keys: tuple[str | None, ...]) -> bool:
        """Whether what stands at some keys of an old file is another value now, as far as that is known."""
        return self.project is not None and not old.base.startswith(TEMPORARY) and self.project.differs(keys) is True

    def find_written(self, old: Old, names: Collection[str] | None) -> New:
        """What the path of a file becomes that is written anew. `names` are those of the applications, services or routes, if known.

        Raises CannotFollowError where the new file would replace more than the old one did.
        """
        base = posixpath.normpath(old.base) if old.base else ""
        inner = base.lstrip("".join(FIXED)) if not base.startswith("/") else ""
        if inner.strip("."):
            reason = f"it is a file in `{inner}/`, and is to become part of one in the folder above"
            raise CannotFollowError(reason, "adapt it yourself")
        if old.section == "folder":
            raise CannotFollowError("it is a folder", "adapt it yourself")
        section = "applications" if old.section == "application" else old.section
        name = None
        if old.section == "application":
            name = next(iter(names)) if names else self.find(old).application
        file = CONFIG if section == "applications" else f"{CURRENT.folder}/{section}.yaml"
        if self.project is not None and not base.startswith(TEMPORARY):
            sure = not base.startswith((UNKNOWN, "/"))
            replaced = {name} if name else set(names or ())
            if sure and old.section == "application":  # what the old file held it would have lost, too
                replaced |= {held for held, folder in self.project.folders.items() if folder == ""}
            file = self.project.replaced(section, replaced, file, sure=sure)
        return New(file, (section,) if name is None else (section, name), "", name)

    def _application(self, written: str, base: str) -> tuple[str, str]:
        """The application that is in a folder, and the part of the written folder that leads to it from the project's root."""
        if self.project is None:
            if self.app is None:
                raise CannotFollowError("which application is meant is not known", "name it with --app NAME")
            return self.app, ""
        folders = self.project.folders
        if self.app is not None and self.app not in folders:
            raise CannotFollowError(f"there is no application `{self.app}`", f"name one of: {', '.join(folders)}")
        if base.startswith(ROOT):
            inner = base[2:]
            here = [name for name, folder in folders.items() if folder == inner]
            if not here:
                raise CannotFollowError(f"there is no application's file in `{inner or '.'}/`", "adapt it if the file moves")
            return here[0], f"{inner}/" if inner else ""
        for name, folder in folders.items():
            if folder and (base == folder or base.endswith(f"/{folder}")):
                if not written.endswith(f"{folder}/"):
                    raise CannotFollowError("the folder of the application is written in an unusual way", f"write `{CONFIG}` yourself")
                return name, f"{folder}/"
        candidates = [name for name, folder in folders.items() if folder is not None and self.app in (None, name)]
        if not candidates:
            raise CannotFollowError("no application of this project has a file of its own", f"see the files of `{CURRENT.folder}/`")
        if len(candidates) > 1:
            names = ", ".join(folders)
            raise CannotFollowError(f"the project has several applications ({names})", "name the one that is meant with --app NAME")
        name = candidates[0]
        if folder := folders[name]:
            reason = f"the application's file was in `{folder}/`, and `{CURRENT.folder}` is at the project's root"
            raise CannotFollowError(reason, f"lead the path to `{CONFIG}`")
        return name, ""

    def file(self, keys: tuple[str, ...]) -> str:
        """The file that holds a section, or an application, now. Raises CannotFollowError where there is not exactly one."""
        if self.project is None or (keys[0] in self.written and keys not in self.project.files):
            return f"{CURRENT.folder}/{keys[0]}.yaml" if keys[0] in self.written and len(keys) == 1 else CONFIG
        file = self.project.files.get(keys)
        if file is None:
            what = "is in several files now" if keys in self.project.files else "is not part of this project"
            raise CannotFollowError(f"`{keys[-1]}` {what}", f"adapt it yourself; see the files of `{CURRENT.folder}/`")
        if reason := self.project.refused.get(keys):
            raise CannotFollowError(f"{reason}, which the old file did not", "give your loader a constructor for it, then adapt the path")
        return file
