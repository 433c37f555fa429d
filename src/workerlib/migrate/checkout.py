"""What git has of the files that a write changes: whether it could bring them back, and how to stage the result."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

from workerlib.errors import WriteError
from workerlib.git import GitError, GitMissingError, git, known_as
from workerlib.migrate.journal import Step, bytes_at


def refuse_uncommitted(root: Path, steps: Sequence[Step]) -> None:
    """Raise WriteError if git could not bring back the files of `steps`, or what is staged of them.

    Git is asked only which blobs it has. It looks at no file, so that no filter of the repository runs and no `assume-unchanged` misleads.
    """
    blobs = _blobs(root, [f"{tree}:./{known_as(step.path)}" for step in steps for tree in ("HEAD", "")])
    found = []
    for step, head, index in zip(steps, blobs[::2], blobs[1::2], strict=True):
        content = bytes_at(step.place) or b""
        # Git for Windows commits CRLF as LF, and brings CRLF back.
        if head not in (_blob(content, head), _blob(content.replace(b"\r\n", b"\n"), head)):
            found.append(f"{step.path} (not committed as it is)")
        elif index != head:
            found.append(f"{step.path} (staged, not committed)")
    if found:
        raise WriteError(f"git could not bring back {', '.join(found)}: commit or stash, or write all the same with --force")


def _blob(content: bytes, like: str) -> str:
    """The name that git gives to `content` in a repository that has a blob named `like`."""
    name = hashlib.new("sha1" if len(like) == 40 else "sha256", usedforsecurity=False)
    name.update(b"blob %d\0" % len(content) + content)
    return name.hexdigest()


def _blobs(root: Path, names: Sequence[str]) -> list[str]:
    """The blobs that git has under `names`; where it has none, an answer that ends in ` missing`."""
    asked = b"".join(os.fsencode(name) + b"\n" for name in names)
    return _git(root, "cat-file", "--batch-check=%(objectname)", given=asked).decode(errors="replace").split("\n")[:-1]


def stage_paths(root: Path, paths: Sequence[str]) -> None:
    """Bring the index up to date with `paths`, be they written or gone."""
    paths = [*map(known_as, paths)]
    blobs = _blobs(root, [f":./{path}" for path in paths])
    # Git fails on a path that neither it nor the disk knows; and without any path it would add everything.
    known = [path for path, blob in zip(paths, blobs, strict=True) if not blob.endswith(" missing") or os.path.lexists(root / path)]
    if known:
        try:
            _git(root, "add", "-A", "--pathspec-from-file=-", "--pathspec-file-nul", given=os.fsencode("\0".join(known)))
        except WriteError as error:
            raise WriteError(f"{error} (everything is written, but not staged)") from error


def is_checked_in(root: Path, folder: str) -> bool:
    """Whether git has anything below a folder of `root`, in whatever case. Raises WriteError where git cannot be asked."""
    paths = _git(root, "ls-files", "-z", given=b"").split(b"\0")
    return any(os.fsdecode(path).partition("/")[0].casefold() == folder for path in paths)


def not_ignored(root: Path, paths: Sequence[str]) -> set[str]:
    """Those of `paths` that git tracks or would track. Raises WriteError where git cannot be asked."""
    kept: set[str] = set()
    for first in range(0, len(paths), _AT_ONCE):
        some = [*map(known_as, paths[first : first + _AT_ONCE])]
        asked = ("ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *some)
        kept.update(os.fsdecode(path) for path in _git(root, *asked, given=b"").split(b"\0"))
    return {path for path in paths if known_as(path) in kept}


_AT_ONCE = 200  # paths, so that a command line is never too long


def _git(root: Path, *arguments: str, given: bytes) -> bytes:
    """Run git in the checkout around `root`. Raises WriteError where git is missing or fails."""
    try:
        return git(root, *arguments, given=given)
    except GitMissingError:
        raise WriteError(f"{root}: expected the program `git`, to ask what is committed, found none: install it, or use --force") from None
    except GitError as error:
        raise WriteError(f"{root}: `git {arguments[0]}` failed: {error}: put that right, or use --force") from error
