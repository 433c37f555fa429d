"""What is said about Python source, beside the notes of codemods: kinds of messages, whose codes stand in the table of all codes."""

from __future__ import annotations

from attrs import frozen

from workerlib.checks.codes import ROWS
from workerlib.checks.rules import Row
from workerlib.diagnostic import Diagnostic, Origin


@frozen
class Kind:
    """A kind of message, by its row in the table."""

    row: Row

    def __call__(self, message: str, origin: Origin, help: str | None = None) -> Diagnostic:
        """A message of this kind."""
        return Diagnostic(self.row.code, self.row.name, self.row.severity, message, origin, help)


_KINDS = {row.name: Kind(row) for row in ROWS}

LEFT = _KINDS["python-left"]  # a site is as it was
TEXT = _KINDS["python-text"]  # a comment or docstring names an old file
RELATIVE = _KINDS["python-relative"]  # a path depends on the working directory
OUT_OF_REACH = _KINDS["python-out-of-reach"]  # `.upsun` is not in the container of this program
NOT_UTF8 = _KINDS["python-encoding"]
NOT_PARSED = _KINDS["python-not-parsed"]
NO_GIT = _KINDS["python-no-git"]  # which files are ignored is not known
PROOF = _KINDS["python-proof-failed"]
