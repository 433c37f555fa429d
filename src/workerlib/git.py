"""Running git for what it has, so that nothing is run, fetched or believed that a repository of somebody else names."""

from __future__ import annotations

import os
import sys
from pathlib import Path

# Set while a git hook runs, and by some scripts; git would look at another repository than the one around the folder.
_ELSEWHERE = {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY", "GIT_NAMESPACE"}
_OURS = {
    "GIT_ALLOW_PROTOCOL": "",  # what is missing in a partial clone is fetched, by a program of the repository's choice
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}
# Characters that HFS+ leaves out of names: Apple's technical note 1150, and `core.protectHFS` of git.
_LEFT_OUT = dict.fromkeys((*range(0x200C, 0x2010), *range(0x202A, 0x202F), *range(0x206A, 0x2070), 0xFEFF))


class GitError(Exception):
    """Git failed; the message is its own."""


class GitMissingError(GitError):
    """There is no git on the path."""


def is_checkout(folder: Path) -> bool:
    """Whether a folder is in a git checkout."""
    folder = Path(os.path.realpath(folder))
    return any(os.path.lexists(around / ".git") for around in (folder, *folder.parents))


def git(folder: Path, *arguments: str, given: bytes = b"", most: int | None = None) -> bytes:
    """What git answers in `folder`, or its first `most` bytes. Raises GitError where it is missing or fails.

    No hook, monitor or pager is run and nothing is fetched. Filters run where git takes files in, which is for `add` only.
    """
    import shutil  # with subprocess, 8 ms that only a checkout needs
    import subprocess

    program = shutil.which("git")
    if program is None or not Path(program).is_absolute():  # Windows looks in the current folder, too
        raise GitMissingError("expected the program `git`, found none")
    environment = {name: value for name, value in os.environ.items() if name not in _ELSEWHERE} | _OURS
    command = [program, "-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}"]
    if is_checkout(folder):  # a folder in it may look like a repository of its own, whose configuration is the author's
        command += ["-c", "safe.bareRepository=explicit"]
    command += arguments
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=folder, env=environment, stdin=pipe, stdout=pipe, stderr=pipe) as process:
        assert process.stdout is not None
        start = b"" if most is None else process.stdout.read(most)
        if start and len(start) == most:
            process.kill()
            return start
        rest, said = process.communicate(given)
    if process.returncode:
        raise GitError(said.decode(errors="replace").strip())
    return start + rest


def taken_for(name: str) -> str:
    """The name that some file system may take a name for; ``.git`` for all that leads to what git keeps.

    Case does not count. HFS+ leaves some characters out; Windows leaves out dots and blanks at the end, and a stream behind a colon, and
    has a second, short name for each file (`core.protectHFS` and `core.protectNTFS` of git).
    """
    if not name.isascii():
        name = name.translate(_LEFT_OUT)
    name = name.partition(":")[0].rstrip(". ").casefold()
    return ".git" if name == "git~1" else name


def known_as(path: str) -> str:
    """The name under which git knows a file: macOS takes an accent apart, or takes it for the same; git composes it."""
    if sys.platform == "darwin" and not path.isascii():
        from unicodedata import normalize

        return normalize("NFC", path)
    return path
