"""A project as it is in a revision of git: read from git's own store, without a checkout.

Only commands that read objects are run (`rev-parse`, `ls-tree`, `cat-file`): none of them runs a hook, a filter, a pager or any program
that a repository's configuration names.
"""

from __future__ import annotations

import os
import posixpath
import subprocess
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path

from attrs import define, field

from workerlib.errors import UsageError
from workerlib.layout import FileError, MemoryFiles

_LINK = "120000"
_FILES = ("100644", "100755", _LINK)
# Set while a git hook runs, and by some scripts; git would look at another repository than the one around the folder.
_ELSEWHERE = {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY", "GIT_NAMESPACE"}
_HOPS = 10  # of links that lead to links


@define(slots=False)
class RevisionFiles:
    """The files below `folder` in a revision (a branch, a tag, a commit, ``HEAD~2``), for reading.

    Raises UsageError where there is no such revision, or no git.
    """

    folder: Path = field(converter=Path)
    revision: str

    def read(self, path: str, most: int | None = None) -> bytes:
        found = self._followed(path)
        if found is None:
            raise FileError(f"{path}: expected a file of revision `{self.revision}`, found none")
        return _git(self.folder, "cat-file", "blob", self.entries[found][1])[:most]

    def is_file(self, path: str) -> bool:
        return self._followed(path) is not None

    def is_folder(self, path: str) -> bool:
        return self._names.is_folder(path)

    def names(self, folder: str) -> list[str]:
        return self._names.names(folder)

    def walk(self, folder: str = "") -> Iterator[str]:
        return self._names.walk(folder)

    @cached_property
    def entries(self) -> Mapping[str, tuple[str, str]]:
        """Mode and name of the object of each file, by its path below the folder. What git keeps of another repository is left out."""
        commit = _git(self.folder, "rev-parse", "--verify", "--quiet", "--end-of-options", self.revision + "^{commit}").decode().strip()
        found: dict[str, tuple[str, str]] = {}
        for line in _git(self.folder, "ls-tree", "-r", "-z", commit).split(b"\0"):
            if line:
                facts, _, path = line.partition(b"\t")
                mode, _, name = facts.decode().split(" ", 2)
                if mode in _FILES:
                    found[os.fsdecode(path)] = mode, name
        return found

    @cached_property
    def _names(self) -> MemoryFiles:
        return MemoryFiles(dict.fromkeys(self.entries, b""))

    def _followed(self, path: str) -> str | None:
        """The path of the file that a path leads to, through links that stay below the folder."""
        for _ in range(_HOPS):
            mode, name = self.entries.get(path, ("", ""))
            if mode != _LINK:
                return path if mode else None
            target = os.fsdecode(_git(self.folder, "cat-file", "blob", name))
            path = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
        return None


def _git(folder: Path, *arguments: str) -> bytes:
    environment = {key: value for key, value in os.environ.items() if key not in _ELSEWHERE}
    environment |= {"GIT_NO_LAZY_FETCH": "1", "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    command = ("git", "-C", str(folder), *arguments)
    try:
        done = subprocess.run(command, capture_output=True, check=False, env=environment)
    except OSError as error:
        raise UsageError(f"expected git, to read a revision, found: {error.strerror or error}") from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().removeprefix("fatal: ")
        what = arguments[-1].removesuffix("^{commit}")
        raise UsageError(f"expected a folder, or a revision of git, found `{what}`" + (f": {said}" if said else ""))
    return done.stdout
