"""Read configuration from the new file where a program loads an old one.

The value that was loaded keeps its meaning, since the load itself leads to the part of the new file that was the old one: an application
stands under `applications` and its name there, services and routes under their own keys. The name of an application is not part of its
definition any more, so that `cfg["name"]` becomes that name. Uses of other keys that left the files are reported, with what replaces them.

Vendor documentation: YAML file structure; Move from Upsun Fixed to Upsun Flex.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from workerlib.diagnostic import Diagnostic
from workerlib.pythonic.codemod import Command, PythonExample, PythonRewrite, Read, Site
from workerlib.pythonic.keys import Use, uses

rewrite = PythonRewrite(
    __name__,
    __doc__,
    code="WL601",
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

_RESOURCES = ("disk", "size", "resources")


@rewrite.on(Read)
def lead_to_the_part(site: Site) -> Iterator[Diagnostic]:
    end = site.module.span(site.sink.node)[1]
    site.replace(end, end, "".join(f"[{site.quoted(key)}]" for key in site.new.keys))
    prefix = {"application": ("applications", site.new.application)}.get(site.old.section if site.old else "", site.new.keys[:1])
    for use in uses(site.module, site.sink.node):
        yield from _use(site, use, (*prefix, *use.keys))


def _use(site: Site, use: Use, path: tuple[str | None, ...]) -> Iterator[Diagnostic]:
    """What to do about one use of keys, whose whole path in the new file is given."""
    top, name, *rest = (*path, None, None)[: max(len(path), 2)]
    shown = f"`{site.module.source(use.node)}`"
    if top == "applications" and rest == ["name"]:
        parent = site.module.parent(use.node)
        if use.sure and name and not isinstance(parent, cst.AssignTarget | cst.AugAssign | cst.Del) and not _sets(use):
            start, end = site.module.span(use.node)
            site.replace(start, end, _in_its_quotes(site, use, name))
        else:
            yield site.note(use.node, f"{shown}: an application's name is the key that it stands under", "use that name")
    elif _is_resource(top, rest):
        yield site.note(use.node, f"{shown}: `{rest[-1]}` is not part of the configuration any more", "resources are set with `upsun resources:set`")
    elif top == "applications" and len(rest) == 3 and rest[0] == "crons" and rest[2] == "cmd":
        yield site.note(use.node, f"{shown}: a cron's `cmd` is `commands.start` now", 'look up ["commands"]["start"]')


def _is_resource(top: str | None, rest: list[str | None]) -> bool:
    if not rest or rest[-1] not in _RESOURCES:
        return False
    if top == "services":
        return len(rest) == 1
    return top == "applications" and (len(rest) == 1 or rest[:-1] == ["web"] or (len(rest) == 3 and rest[0] == "workers"))


def _sets(use: Use) -> bool:
    return isinstance(use.node, cst.Call) and isinstance(use.node.func, cst.Attribute) and use.node.func.attr.value != "get"


def _in_its_quotes(site: Site, use: Use, name: str) -> str:
    """The name as a literal, in the quotes of the key that it replaces."""
    text = site.module.source(use.node)
    quote = next((c for c in reversed(text) if c in "\"'"), '"')
    return f"{quote}{name}{quote}"


class Reads(Command):
    """Read configuration from the new file where a program loads an old one."""

    DESCRIPTION = __doc__ or ""
    rewrites = (rewrite,)
