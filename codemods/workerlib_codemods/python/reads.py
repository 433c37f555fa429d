"""Read configuration from the new file where a program loads an old one.

The value that was loaded keeps its meaning, since the load itself leads to the part of the new file that was the old one: an application
stands under `applications` and its name there, services and routes under their own keys. The name of an application is not part of its
definition any more, so that `cfg["name"]` becomes that name. Uses of other keys that left the files are reported, with what replaces them.
What is assigned to keys of a value that is then written back is written as the YAML codemods would write it.

Vendor documentation: YAML file structure; Move from Upsun Fixed to Upsun Flex.
"""

from __future__ import annotations

from collections.abc import Iterator

from workerlib.diagnostic import Diagnostic
from workerlib.python.codemod import PythonExample, PythonRewrite, Site
from workerlib.python.command import Runner
from workerlib.python.defining import set_to
from workerlib.python.flows import Read
from workerlib.python.leaving import advice, leaves_below
from workerlib.python.lookups import How, Use, only_loads, uses
from workerlib.python.places import CannotFollowError

rewrite = PythonRewrite(
    __name__,
    __doc__,
    code="WL620",
    example=PythonExample(
        before="""\
import yaml

with open(".platform.app.yaml") as f:
    cfg = yaml.safe_load(f)
print(cfg["name"], cfg["type"])
""",
        after="""\
import yaml

with open(".upsun/config.yaml") as f:
    cfg = yaml.safe_load(f)["applications"]["shop"]
print("shop", cfg["type"])
""",
    ),
)


@rewrite.on(Read)
def lead_to_the_part(site: Site, sink: Read) -> Iterator[Diagnostic]:
    end = site.module.span(sink.node)[1]
    site.replace(end, end, "".join(f"[{site.quoted(key)}]" for key in site.new.keys))
    found, names = uses(site.module, sink.node, site.new.keys)
    written = any(use.node in site.context.written_back for use in found)
    for use in found:
        if use.how is How.SET and not advice(use.keys):
            yield from set_to(site, use, written=written and use.sure)
        elif use.node not in site.context.written_back:
            yield from _use(site, sink, use)
        if written and use.how is How.SET and use.keys[2:] == ("name",):
            raise CannotFollowError(f"`{site.module.source(use.node)}` changes the name", "write under the new name instead")
    for name in names:
        if (other := site.elsewhere(name)) and (gone := leaves_below(site.new.keys)):
            yield site.note(
                sink.node, f"`{name}` is used in `{other}`, too, where {_listed(gone)} may be missed", "see whether that matters there"
            )


def _use(site: Site, sink: Read, use: Use) -> Iterator[Diagnostic]:
    """What to do about one use of keys, whose whole path in the new file is given."""
    section, name, *rest = (*use.keys, None, None)[: max(len(use.keys), 2)]
    shown = f"`{site.module.source(use.node)}`"
    if section == "applications" and rest == ["name"] and use.how is How.LOOKED_UP and use.sure and name:
        start, end = site.module.span(use.node)
        text = site.module.quoted_like(use.node, name)
        if not site.module.within(sink.node, use.node):
            site.replace(start, end, text)
        elif only_loads(site.module, sink.node, use.node):
            site.replace_all(start, end, text)  # nothing is loaded then
        else:
            raise CannotFollowError(f"{shown} does more than to look up the name", "write the name instead")
    elif section == "applications" and rest == [None] and use.how is How.LOOKED_UP:
        raise CannotFollowError(f"{shown} looks up a key that is not known, and `name` is no key any more", "adapt it yourself")
    elif instead := advice(use.keys):
        yield site.note(use.node, f"{shown}: `{use.keys[-1]}` is not in the new file", instead)
    elif use.how is How.WHOLE and (gone := leaves_below(use.keys)):
        yield site.note(
            use.node, f"{shown} goes on with all its keys; {_listed(gone)} may be missed", "see whether that matters where it goes"
        )
    elif use.how is How.ASKED and use.keys[-1] is None:
        if gone := leaves_below(use.keys[:-1]):
            yield site.note(use.node, f"all keys of {shown} are gone through; {_listed(gone)} may be missed", "see whether that matters")
    elif use.how is not How.ASKED and site.old and site.context.differs(site.old, use.keys):
        yield site.note(use.node, f"{shown} has another value than it had", "see what the migration changed there")


def _listed(keys: tuple[str, ...]) -> str:
    return ", ".join(f"`{key}`" for key in keys)


class Command(Runner):
    """Read configuration from the new file where a program loads an old one."""

    DESCRIPTION = __doc__ or ""

    @classmethod
    def rewrites(cls) -> tuple[PythonRewrite, ...]:
        return (rewrite,)
