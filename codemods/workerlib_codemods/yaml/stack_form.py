"""Write a `stack` as `runtimes` and `packages`, with the `type` that belongs to it.

A stack was a list once, in which an item with an `@` is a runtime and any other a package; there were lists inside the list, options
beside a runtime instead of below it, and single names instead of lists. All of them become the one form of today, with
`type: composable:<channel>`: the channel that is written, or that of `--channel`, or the newest one. The order of the items stays, and so
do their comments.

`--stack-form list` writes the list, `--stack never` nothing. Empty `build`, `dependencies` and `runtime` beside a stack are removed; those
that say something have no effect there, and are for you to move. Where the channel lacks a version of the stack, or `type` names a runtime
that the stack does not hold, the application stays as it is.

Vendor documentation: Create apps > App reference > Composable image.
"""

from __future__ import annotations

from collections.abc import Iterator

from workerlib.diagnostic import Diagnostic, Severity
from workerlib.editing import Editor, quoted
from workerlib.editing.gathering import put_before
from workerlib.editing.surroundings import alias_of
from workerlib.keypath import KeyPath
from workerlib.model import Application, Project
from workerlib.rewrite import Example, Match, Options, Rewrite, each_application, named
from workerlib.stacks.advice import REPLACED, oddities, sections_of, settled, stated_type
from workerlib.text import Entry, Mapping, Scalar


def image_of(app: Application, options: Options) -> str | None:
    """The `type` to write, if any."""
    image = stated_type(app, options.channel)
    return image if isinstance(image, str) and (app.type or options.stack_form != "list") else None


def respelled(project: Project, paths: list[KeyPath], options: Options) -> Project:
    """The project as it is to be: the type is composable, and nothing empty stands beside the stack."""
    return each_application(project, paths, lambda app: settled(app, image_of(app, options)))


rewrite = Rewrite(
    __name__,
    __doc__,
    safe=False,
    code="WL520",
    intended=respelled,
    as_asked=lambda options: ("stack-list",) if options.stack_form == "list" else (),
    example=Example(
        before="""\
applications:
  shop:
    stack:
      - "php@8.4"  # the shop
      - ffmpeg
""",
        after="""\
applications:
  shop:
    type: 'composable:26.05'
    stack:
      runtimes:
        - "php@8.4"  # the shop
      packages:
        - ffmpeg
""",
    ),
)


@rewrite.yaml("applications.*.stack")
def respell(stack: Match, edit: Editor) -> Iterator[Diagnostic]:
    definitions, options, node = stack.tree.definitions, stack.options, stack.value
    app = stack.application
    own = definitions.see(definitions.applications[app.name].node)
    sections = sections_of(definitions, node)
    if "never" in options.stack or not app.stack or not sections or not isinstance(own, Mapping):
        return

    from workerlib.stacks.forms import to_list, to_mapping  # most projects have no stack

    yield from (stack.note(o.message, o.help, severity=o.severity) for o in oddities(app.stack))
    image, entries = stated_type(app, options.channel), definitions.entries(own)
    if isinstance(image, list):
        yield from (stack.note(f"left as it is: {o.message}", o.help, severity=o.severity) for o in image)
        return
    beside = {key: entries[key] for key in REPLACED if key in entries}
    empty = [entry for entry in beside.values() if is_empty(entry, stack)]
    concerned = [*empty, *([entries["type"]] if "type" in entries and image else [])]
    trial, as_list = Editor(edit.by), options.stack_form == "list"
    done = True
    if as_list and isinstance(node, Mapping):
        done = all(runtime.version for runtime in app.stack.runtimes) and to_list(trial, node, sections)
    elif not as_list:
        done = to_mapping(trial, node, sections)
    if not done or any(entry.mapping is not own or alias_of(entry) or len([*named(own, str(entry.name))]) > 1 for entry in concerned):
        fault = "items, comments, anchors or merge keys do not fit into its new form as they are written"
        yield stack.note(f"left as it is: {fault}", "write it anew", severity=Severity.WARNING)
        return
    edit.take_over(trial)
    for entry in empty:
        edit.remove(entry)
    if image := image_of(app, options):
        if "type" in entries:
            edit.replace(entries["type"].value, quoted(image, stack.see(entries["type"].value)))
        elif stack.entry.mapping is own:
            put_before(edit, stack.entry, "type", quoted(image, None, "'"))
        else:
            edit.add(own, "type", quoted(image, None, "'"))
    for key, entry in beside.items():
        if entry not in empty:
            yield stack.note(f"`{key}` has no effect beside a stack", "move it into the stack or the build hook", severity=Severity.WARNING)


def is_empty(entry: Entry, stack: Match) -> bool:
    """Whether an entry says nothing."""
    node = stack.see(entry.value)
    return node.is_null if isinstance(node, Scalar) else isinstance(node, Mapping) and not node.entries
