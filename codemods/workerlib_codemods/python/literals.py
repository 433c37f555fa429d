"""Write definitions in a program as the YAML codemods would write them.

Dictionary displays and `dict(...)` calls that are dumped to an old file are migrated as that file would be: `name`, `size`, `disk` and
`resources` leave, mounts, crons and the rest get their current spelling. Comments and layout of the source stay; what is no literal stays
where it is. A display that is used in another way, too, or that takes in others with `**`, is left and reported.

Vendor documentation: YAML file structure; Manage resources.
"""

from __future__ import annotations

from collections.abc import Iterator

from workerlib.diagnostic import Diagnostic
from workerlib.python.codemod import PythonExample, PythonRewrite, Runner, Site
from workerlib.python.flows import Write
from workerlib.python.writing import definition, display_of, keys_of, other_uses, told

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
    if sink.text or site.old is None or (found := display_of(site, sink.value, site.old)) is None:
        return
    display, migrated = found
    new = definition(site.old, migrated)
    site.edits += display.become(new)
    for use in other_uses(site, display, sink, keys_of(site.old, migrated)):
        start, end = site.module.span(use.node)
        site.replace(start, end, site.module.quoted_like(use.node, migrated.application))
    yield from told(site, sink.value, migrated, display.lost(new), str)


class Command(Runner):
    """Write definitions in a program as the YAML codemods would write them."""

    DESCRIPTION = __doc__ or ""

    @classmethod
    def rewrites(cls) -> tuple[PythonRewrite, ...]:
        from workerlib_codemods.python import writes  # which needs this one, too

        return (rewrite, writes.rewrite)
