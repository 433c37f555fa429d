"""Move composable images to another channel, with `--channel` only.

A channel is a release of Nix packages, and is retired when newer ones have come out. Another channel has other versions of every package,
so it changes only if you name the new one, and only where that has every runtime of the stack in the version that is written; otherwise the
versions to choose from are reported. Without `--channel` a retired channel is reported and stays.

Vendor documentation: Create apps > App reference > Composable image.
"""

from __future__ import annotations

from collections.abc import Iterator

from attrs import evolve

from workerlib.diagnostic import Diagnostic, Severity
from workerlib.editing import Editor, quoted
from workerlib.editing.surroundings import alias_of
from workerlib.images import channel, newest_channel
from workerlib.keypath import KeyPath
from workerlib.model import Project, Stack
from workerlib.rewrite import Example, Match, Options, Rewrite, each_application
from workerlib.stacks.advice import COMPOSABLE, Remark, channel_of, missing_versions, wanted_channel


def upgraded(project: Project, paths: list[KeyPath], options: Options) -> Project:
    """The project as it is to be: the channel is that of the options."""
    return each_application(project, paths, lambda app: evolve(app, type=f"{COMPOSABLE}:{options.channel}"))


rewrite = Rewrite(
    __name__,
    __doc__,
    safe=False,
    code="WL522",
    intended=upgraded,
    example=Example(
        before="""\
applications:
  shop:
    type: composable:25.11  # Nix
    stack:
      runtimes: ["php@8.4"]
""",
        after="""\
applications:
  shop:
    type: composable:26.05  # Nix
    stack:
      runtimes: ["php@8.4"]
""",
        options=Options(channel="26.05"),
    ),
)


@rewrite.yaml("applications.*.type")
def upgrade(image: Match, edit: Editor) -> Iterator[Diagnostic]:
    app = image.application
    current = channel_of(app)
    stack = app.stack or Stack()
    if not current or current == image.options.channel:
        return
    if not image.options.channel:
        found, newest = channel(current), newest_channel()
        if found is None or found.status != "supported":
            missing = missing_versions(stack, newest)
            state = f"channel {current} is {found.status if found else 'not known'}"
            advised = "; ".join(f"{m.message}, {m.help}" for m in missing) or f"move to the newest one with --channel {newest.name}"
            yield image.note(state, advised, severity=Severity.WARNING)
        return
    wanted = wanted_channel(image.options.channel)
    if isinstance(wanted, Remark):
        yield image.note(wanted.message, wanted.help, severity=wanted.severity)
    elif missing := missing_versions(stack, wanted):
        for remark in missing:
            yield image.note(f"stays on channel {current}: {remark.message}", remark.help, severity=remark.severity)
    elif alias_of(image.entry):
        yield image.note(f"stays on channel {current}: its `type` is shared with others", "write it out", severity=Severity.WARNING)
    else:
        edit.replace(image.entry.value, quoted(f"{COMPOSABLE}:{wanted.name}", image.value))
