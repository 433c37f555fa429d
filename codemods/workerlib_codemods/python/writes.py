"""Write configuration to the new file where a program dumps it to an old one.

What is dumped becomes a mapping that leads to it: an application stands under `applications` and its name there, services and routes under
their own keys. Services and routes get files of their own in `.upsun/`, unless the project has them elsewhere, so that one dump does not
replace another. The folder is made before the file is written, where it may not be there. A dump that would replace more than the old one
did, since the new file also holds other things, is left and reported.

Vendor documentation: YAML file structure.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from workerlib.diagnostic import Diagnostic
from workerlib.python.codemod import PythonExample, PythonRewrite, Site
from workerlib.python.command import Runner
from workerlib.python.defining import definition_of, was_loaded
from workerlib.python.flows import Write
from workerlib.python.leaving import leaves_below
from workerlib.python.places import CannotFollowError
from workerlib.python.writing import make_folder
from workerlib_codemods.python import literals

rewrite = PythonRewrite(
    __name__,
    __doc__,
    code="WL624",
    example=PythonExample(
        before="""\
import yaml

app = {"name": "shop", "type": "php:8.4"}
with open("/app/.platform.app.yaml", "w") as f:
    yaml.dump(app, f)
""",
        after="""\
import yaml
import os

app = {"type": "php:8.4"}
os.makedirs("/app/.upsun", exist_ok=True)
with open("/app/.upsun/config.yaml", "w") as f:
    yaml.dump({"applications": {"shop": app}}, f)
""",
    ),
)


@rewrite.on(Write)
def dump_to_the_part(site: Site, sink: Write) -> Iterator[Diagnostic]:
    old = site.old
    if sink.text or old is None:
        return
    found = definition_of(site, sink.value, old)
    names = found.migrated.names(old.section) if found else None
    if found and literals.rewrite.name not in site.done:
        raise CannotFollowError("what is written is to change, too", "run the other codemods, too")
    site.new = site.context.find_written(old, names)
    make_folder(site, sink, old)
    start, end = site.module.outer_span(sink.value)
    keys = site.new.keys
    opening, closing = ("(", ")") if isinstance(sink.value, cst.NamedExpr) and not sink.value.lpar else ("", "")
    site.replace(start, start, "".join(f"{{{found.key(key, site) if found else site.quoted(key)}: " for key in keys) + opening)
    site.replace(end, end, closing + "}" * len(keys))
    if not found and not was_loaded(site, sink):
        shown = f"`{site.module.source(sink.value)}`"
        gone = ", ".join(f"`{key}`" for key in leaves_below(keys))
        yield site.note(
            sink.value,
            f"what {shown} holds is not known",
            f"see that it has none of the keys that left ({gone})" if gone else "see that it fits",
        )


class Command(Runner):
    """Write configuration to the new file where a program dumps it to an old one."""

    DESCRIPTION = __doc__ or ""

    @classmethod
    def rewrites(cls) -> tuple[PythonRewrite, ...]:
        return (literals.rewrite, rewrite)
