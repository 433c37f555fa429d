"""What is to become of the files of a project."""

from __future__ import annotations

from attrs import field, frozen

JOURNAL = ".workerlib-journal"  # the folder that holds what a write under way needs, below the project's root


def _size(data: bytes | None) -> str:
    return f"<{len(data)} bytes>" if data is not None else "None"


@frozen
class FileChange:
    """A file as it was found, and as it is to be.

    `path` is relative to the project's root and written with ``/``. `before` is what the file held when the change was planned, None
    where there was no such file; `after` is what it is to hold, None where it is to go. A new file takes its mode, and where possible its
    owner, from the old file `like`.
    """

    path: str
    before: bytes | None = field(repr=_size)
    after: bytes | None = field(repr=_size)
    like: str | None = None
