"""A project as it is in a revision of git: read from git's own store, without a checkout.

Only commands that read objects are run (`rev-parse`, `ls-tree`, `cat-file`): none of them runs a hook, a filter, a pager or any program
that a repository's configuration names.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path

from attrs import define, field

from workerlib.errors import UsageError
from workerlib.git import GitError, GitMissingError, git
from workerlib.layout import FileError, MemoryFiles

_LINK = "120000"
_FILES = ("100644", "100755", _LINK)
_HOPS = 10  # of links that lead to links
_LONGEST = 4096  # bytes of a link that leads anywhere


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
        return _git(self.folder, "cat-file", "blob", self.entries[found][1], most=most)

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
            target = os.fsdecode(_git(self.folder, "cat-file", "blob", name, most=_LONGEST))
            path = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
        return None


def _git(folder: Path, *arguments: str, most: int | None = None) -> bytes:
    try:
        return git(folder, *arguments, most=most)
    except GitMissingError as error:
        raise UsageError(f"to read a revision, {error}: install it") from None
    except GitError as error:
        said = str(error).removeprefix("fatal: ")
        what = arguments[-1].removesuffix("^{commit}")
        raise UsageError(f"expected a folder, or a revision of git, found `{what}`" + (f": {said}" if said else "")) from None
