"""What an old file is called in Python source, and what holds its contents now. No libcst here: most files are never parsed."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence

from attrs import field, frozen

from workerlib.layout import CONFIG, CURRENT, OLD
from workerlib.rewrite import Rewrite

_FOLDERS = "|".join(re.escape(layout.folder) for layout in OLD)
_FILES = "|".join(re.escape(str(layout.application_file)) for layout in OLD)
_NAME = rf"(?:{_FILES}|(?:{_FOLDERS})(?![\w.-]))"

# What a file must hold to be parsed: the name of an old file or folder, but not `sys.platform`.
INTERESTING = re.compile(rf"(?<![\w)\]]){_NAME}".encode())
MENTION = re.compile(rf"(?<![\w)\]]){_NAME}(?:/(?:applications|services|routes)\.yaml)?")
UNKNOWN = "\0"  # stands for the part of a path that cannot be known
_WHOLE = re.compile(rf"(?s)(?P<base>(?:.*/)?)(?P<name>(?:{_FILES})|(?:{_FOLDERS})/(?P<section>applications|services|routes)\.yaml|(?:{_FOLDERS})/?)")


@frozen
class Old:
    """An old file or folder that a path names.

    `base` is what leads to the project's root, as far as it is known; `folder` that of the application in it; `section` is ``application``,
    ``applications``, ``services``, ``routes``, or ``folder`` for the old folder itself.
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


class CannotFollowError(Exception):
    """A site is left as it is: the reason, and what to do."""

    def __init__(self, reason: str, help: str) -> None:
        super().__init__(reason)
        self.reason, self.help = reason, help


@frozen
class New:
    """Where the contents of an old file are now: the file, and the keys that lead to them.

    `strip` is the part of the old base that goes, since the new file is at the project's root; `application` is set where it is that of one.
    """

    file: str
    keys: tuple[str, ...]
    strip: str = ""
    application: str | None = None


@frozen
class Context:
    """What is known beside the source of a program.

    `applications` gives for each application the folder of its old file, None where no project is known; `files` the file that holds each
    section and application now; `app` is the application asked for. `rewrites` are the codemods for YAML inside strings.
    """

    applications: Mapping[str, str] | None = None
    files: Mapping[tuple[str, ...], str | None] = field(factory=dict)
    listed: bool = False  # whether `applications.yaml` is a list
    app: str | None = None
    rewrites: Sequence[Rewrite] = ()

    def find(self, old: Old) -> New:
        """What an old path becomes. Raises CannotFollowError where that cannot be told."""
        if old.section == "folder":
            return New(CURRENT.folder, ())
        if old.section == "application":
            name, strip = self._application(old)
            return New(self._file(("applications", name)), ("applications", name), strip, name)
        if old.section == "applications" and self.listed:
            raise CannotFollowError("the applications were a list and are a mapping now", "adapt each use: the keys are the names")
        return New(self._file((old.section,)), (old.section,))

    def alone(self, name: str) -> bool:
        """Whether a file with this application alone is all the configuration there is, so that it may be written anew."""
        return self.applications is None or (set(self.applications) <= {name} and set(self.files) <= {("applications",), ("applications", name)})

    def _application(self, old: Old) -> tuple[str, str]:
        if self.applications is None:
            if self.app is None:
                raise CannotFollowError("which application is meant is not known", "name it with --app NAME")
            return self.app, ""
        if self.app is not None and self.app not in self.applications:
            raise CannotFollowError(f"there is no application `{self.app}`", f"name one of: {', '.join(self.applications)}")
        folders = {folder: name for name, folder in self.applications.items()}
        base = posixpath.normpath(old.base) if old.base else ""
        known = next((f for f in folders if f and (base == f or base.endswith(f"/{f}"))), None)
        if known is not None:
            if not old.base.endswith(f"{known}/"):
                raise CannotFollowError("the folder of the application is written in an unusual way", f"write `{CONFIG}` yourself")
            return (self.app or folders[known]), f"{known}/"
        if self.app is not None:
            return self.app, ""
        if len(self.applications) > 1:
            raise CannotFollowError(f"the project has several applications ({', '.join(self.applications)})", "name the one that is meant with --app NAME")
        name, folder = next(iter(self.applications.items()))
        if folder:
            raise CannotFollowError(f"the application's file was in `{folder}/`, and `{CURRENT.folder}` is at the project's root", f"lead the path to `{CONFIG}`")
        return name, ""

    def _file(self, keys: tuple[str, ...]) -> str:
        if self.applications is None:
            return CONFIG
        file = self.files.get(keys)
        if file is None:
            what = "is in several files now" if keys in self.files else "is not part of this project"
            raise CannotFollowError(f"`{keys[-1]}` {what}", "adapt it yourself; see the files of `.upsun/`")
        return file
