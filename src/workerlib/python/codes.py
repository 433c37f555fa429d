"""The codes of what is said about Python source. They stand here so that each code and name is given once."""

from __future__ import annotations

from attrs import frozen

from workerlib.diagnostic import Diagnostic, Origin, Severity


@frozen
class Row:
    """A kind of message: its code and name, which are stable, and how much it matters."""

    code: str
    name: str
    severity: Severity

    def __call__(self, message: str, origin: Origin, help: str | None = None) -> Diagnostic:
        """A message of this kind."""
        return Diagnostic(self.code, self.name, self.severity, message, origin, help)


# A codemod's own notes carry the code of that codemod: WL601 to WL609.
LEFT = Row("WL610", "python-left", Severity.WARNING)  # a site is as it was
TEXT = Row("WL611", "python-text", Severity.INFO)  # a comment or docstring names an old file
RELATIVE = Row("WL612", "python-relative", Severity.INFO)  # a path depends on the working directory
OUT_OF_REACH = Row("WL613", "python-out-of-reach", Severity.WARNING)  # `.upsun` is not in the container of this program
NOT_UTF8 = Row("WL614", "python-not-utf8", Severity.WARNING)
NOT_PARSED = Row("WL615", "python-not-parsed", Severity.WARNING)
NO_GIT = Row("WL616", "python-no-git", Severity.INFO)  # which files are ignored is not known
PROOF = Row("WL690", "python-proof-failed", Severity.ERROR)
