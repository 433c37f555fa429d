"""Write definitions in a program as the YAML codemods would write them.

Dictionary displays and `dict(...)` calls that are dumped to an old file are migrated as that file would be: `name`, `size`, `disk` and
`resources` leave, mounts, crons and the rest get their current spelling. So does what is assigned to keys of it before. Comments and layout
of the source stay; what is no literal stays where it is, and is reported where it may be as in old files. A display that is used in another
way, too, or that takes in others with `**`, is left and reported.

Vendor documentation: YAML file structure; Manage resources.
"""

from __future__ import annotations

from collections.abc import Iterator

from workerlib.diagnostic import Diagnostic
from workerlib.python.codemod import PythonExample, PythonRewrite, Site
from workerlib.python.command import Runner
from workerlib.python.defining import definition_of, other_uses, rename, set_to, sources, told
from workerlib.python.flows import Write
from workerlib.python.lookups import How

rewrite = PythonRewrite(
    __name__,
    __doc__,
    code="WL622",
    example=PythonExample(
        before="""\
import yaml

with open("/app/.platform.app.yaml", "w") as f:
    yaml.dump({
        "name": "shop",
        "type": "php:8.4",  # the newest
        "disk": 512,
        "mounts": {"/var": "shared:files/var"},
    }, f)
""",
        after="""\
import yaml
import os

os.makedirs("/app/.upsun", exist_ok=True)
with open("/app/.upsun/config.yaml", "w") as f:
    yaml.dump({"applications": {"shop": {
        "type": "php:8.4",  # the newest
        "mounts": {"/var": {"source": "instance", "source_path": "var"}},
    }}}, f)
""",
    ),
)


@rewrite.on(Write)
def modernise(site: Site, sink: Write) -> Iterator[Diagnostic]:
    if sink.text or site.old is None or (found := definition_of(site, sink.value, site.old)) is None:
        return
    site.edits += found.become()
    for use in other_uses(site, found, sink):
        if use.how is How.SET:
            yield from set_to(site, use, written=True)
        else:
            rename(site, found, use)
    yield from told(site, sink.value, found.migrated, sources(found.display))


class Command(Runner):
    """Write definitions in a program as the YAML codemods would write them."""

    DESCRIPTION = __doc__ or ""

    @classmethod
    def rewrites(cls) -> tuple[PythonRewrite, ...]:
        from workerlib_codemods.python import writes  # which needs this one, too

        return (rewrite, writes.rewrite)
