"""Name the new file where only the path matters: whether it exists, what is copied, what a message says.

The path of an old file changes only if every use of it was followed. Lists, comparisons, glob patterns, and paths that come from the
environment or the command line stay as they are and are reported; so are comments and docstrings.

Vendor documentation: YAML file structure.
"""

from __future__ import annotations

from workerlib.layout import CONFIG, CURRENT
from workerlib.pythonic.calls import COPY, TELL
from workerlib.pythonic.codemod import Command, Mention, PythonExample, PythonRewrite, Site
from workerlib.pythonic.places import MENTION, CannotFollowError

rewrite = PythonRewrite(
    __name__,
    __doc__,
    code="WL605",
    example=PythonExample(
        before="""\
import os

if not os.path.exists(".platform.app.yaml"):
    raise SystemExit("There is no .platform.app.yaml here")
""",
        after="""\
import os

if not os.path.exists(".upsun/config.yaml"):
    raise SystemExit("There is no .upsun/config.yaml here")
""",
    ),
)


@rewrite.on(Mention)
def name_the_new_file(site: Site) -> None:
    if site.old is not None:
        return  # the path changes with all its uses
    names = site.module.names(site.sink.node.func)
    piece = site.sink.path.pieces
    root = site.flow.root
    if not names or names & COPY or not (names <= TELL or all(name.startswith("builtins.") for name in names)) or root not in [p.node for p in piece]:
        raise CannotFollowError("it is part of a longer path that is not known", f"see whether `{CURRENT.folder}` is meant")
    start, end = site.module.span(root)
    text = site.module.text[start:end]
    for found in MENTION.finditer(text):
        new = CURRENT.folder if found[0].lstrip(".").isalpha() else CONFIG
        site.replace(start + found.start(), start + found.end(), new)


class Paths(Command):
    """Name the new file where only the path matters."""

    DESCRIPTION = __doc__ or ""
    rewrites = (rewrite,)
