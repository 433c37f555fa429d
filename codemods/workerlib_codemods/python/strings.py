"""Migrate YAML that stands in a string which a program writes to an old file.

The text is migrated as a file would be, by the same codemods. Quotes, indentation below `dedent`, and line endings of the literal stay.
Placeholders (`{{ name }}`, `{name}`, `%s`) that are whole values stay what they are; a text in which one is a part of a value is left and
reported, and so is one that is put together in steps, written with unusual escapes, or used in another way, too.

Vendor documentation: YAML file structure; YAML syntax.
"""

from __future__ import annotations

from collections.abc import Iterator

from workerlib.diagnostic import Diagnostic
from workerlib.python.codemod import PythonExample, PythonRewrite, Site
from workerlib.python.command import Runner
from workerlib.python.defining import planner, told
from workerlib.python.flows import Write
from workerlib.python.texts import literal
from workerlib.python.virtual import migrate_text
from workerlib.python.writing import make_folder

rewrite = PythonRewrite(
    __name__,
    __doc__,
    code="WL623",
    example=PythonExample(
        before='''\
from pathlib import Path
from textwrap import dedent

Path("/app/.platform.app.yaml").write_text(dedent("""\\
    name: shop
    type: php:8.4
    crons:
        clean: {spec: 'H * * * *', cmd: ./clean}  # every hour
"""))
''',
        after='''\
from pathlib import Path
from textwrap import dedent

Path("/app/.upsun/config.yaml").parent.mkdir(parents=True, exist_ok=True)
Path("/app/.upsun/config.yaml").write_text(dedent("""\\
    applications:
        shop:
            type: php:8.4
            crons:
                clean: {spec: 'H * * * *', commands: {start: ./clean}}  # every hour
"""))
''',
    ),
)


@rewrite.on(Write)
def migrate(site: Site, sink: Write) -> Iterator[Diagnostic]:
    if not sink.text or site.old is None:
        return
    found = literal(site.module, sink.value, rewrite.name)
    for name in found.names:
        site.private(name)
    migrated = migrate_text(planner(site), site.old, found.text)
    site.new = site.context.find_written(site.old, migrated.names(site.old.section))
    make_folder(site, sink, site.old)
    site.edits += found.become(migrated.text)
    words = {word: (source, found.node) for word, source in found.placeholders.items()}
    yield from told(site, sink.value, migrated, words)


class Command(Runner):
    """Migrate YAML that stands in a string which a program writes to an old file."""

    DESCRIPTION = __doc__ or ""

    @classmethod
    def rewrites(cls) -> tuple[PythonRewrite, ...]:
        return (rewrite,)
