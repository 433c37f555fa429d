"""Name the new file where only the path matters: whether it exists, what is copied, what a message says.

The path of an old file changes only if every use of it was followed. Lists, comparisons, glob patterns, and paths that come from the
environment or the command line stay as they are and are reported; so are comments and docstrings.

Vendor documentation: YAML file structure.
"""

from __future__ import annotations

from workerlib.layout import CONFIG, CURRENT
from workerlib.python.calls import COPY, lenient, makes
from workerlib.python.codemod import PythonExample, PythonRewrite, Site
from workerlib.python.command import Runner
from workerlib.python.flows import Mention, Message
from workerlib.python.places import FIXED, MENTION, ROOT, CannotFollowError, named_by

rewrite = PythonRewrite(
    __name__,
    __doc__,
    code="WL621",
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
def keep_the_use(site: Site, sink: Mention) -> None:
    """The path changes with all its uses; only a path that names no old file cannot."""
    if site.old is None:
        raise CannotFollowError(
            "it leads to something in the old folder that is no configuration", f"see whether `{CURRENT.folder}` is meant"
        )
    names = site.module.names(sink.node.func)
    if names and names <= COPY and site.old.section == "folder":
        raise CannotFollowError("the whole folder is copied", "adapt it yourself: what the folder holds is another")
    at_root = site.context.project is not None and (site.old.base.startswith(ROOT) or not site.old.base.startswith(FIXED))
    if at_root and makes(names, sink.node) and not lenient(sink.node):
        raise CannotFollowError(f"the folder `{CURRENT.folder}` is there already", "make it with `exist_ok=True`")


@rewrite.on(Message)
def name_the_new_file(site: Site, sink: Message) -> None:
    if site.old is not None:
        return  # the text is a path, which changes with all its uses
    if not sink.path.stands_alone(site.flow.root):
        raise CannotFollowError("it is part of a longer text", f"see whether `{CONFIG}` is meant")
    start, end = site.module.span(site.flow.root)
    for found in MENTION.finditer(site.module.text, start, end):
        old = named_by(found[0])
        site.replace(found.start(), found.end(), CURRENT.folder if old is None else site.context.file_named(old))


class Command(Runner):
    """Name the new file where only the path matters."""

    DESCRIPTION = __doc__ or ""

    @classmethod
    def rewrites(cls) -> tuple[PythonRewrite, ...]:
        return (rewrite,)
