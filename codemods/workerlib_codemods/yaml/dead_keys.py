"""Report keys that mean nothing any more and have no successor.

They are left as they are, since what replaces them is for you to decide: the caches of a build, the libraries of the former Lisp image,
access to a service, `move_to_root`, which moved files to the root before March 2016, and applications that stand among the services, as
they did before September 2014. Keys with a successor have a codemod of their own, and misspelled ones are reported wherever a
configuration is read.

Vendor documentation: Create apps > App reference > Build; Add services; Upsun Fixed: Upgrading (2014.9 and
2016.3); Devcenter: Deploying with Lisp.
"""

from __future__ import annotations

from collections.abc import Iterator

from workerlib.diagnostic import Diagnostic, Severity
from workerlib.editing import Editor
from workerlib.rewrite import Example, Match, Rewrite
from workerlib.spellings import text_of

TEXT = """\
applications:
  shop:
    type: php:8.4
services:
  db:
    type: mariadb:11.4
    access:
      ssh: viewer
"""
SAID_BY_READING = ("key-without-effect", "unknown-key")
rewrite = Rewrite(__name__, __doc__, safe=True, code="WL514", example=Example(before=TEXT, after=TEXT), instead_of=SAID_BY_READING)

DEAD = {
    "access": ("`access` to a service is deprecated", "delete it"),
    "caches": ("`build.caches` is refused today", "delete it, and keep files between builds in `$PLATFORM_CACHE_DIR`"),
    "move_to_root": ("`move_to_root` has no effect", "move the files into the document root, then delete it"),
    "quicklisp": ("there is no Lisp image any more", "build from another image, and delete it"),
}


@rewrite.yaml(
    "services.*.access",
    "applications.*.build.caches",
    "applications.*.move_to_root",
    "applications.*.runtime.quicklisp",
    "applications.*.web.move_to_root",
)
def report(key: Match, _edit: Editor) -> Iterator[Diagnostic]:
    message, advice = DEAD[str(key.path.parts[-1])]
    yield key.note(message, advice, severity=Severity.WARNING)


@rewrite.yaml("services.php.relationships")
def report_application(relationships: Match, _edit: Editor) -> Iterator[Diagnostic]:
    kind = relationships.entry.mapping.get("type")
    if kind is None or (text_of(relationships.see(kind.value)) or "").partition(":")[0] == "php":
        message = "an application that stands among the services, as before September 2014"
        yield relationships.note(message, "move it below `applications`, with its type and version", severity=Severity.WARNING)
