"""How an application for a single-runtime image is written with a stack: its `runtime` moves below the stack, and its build hook grows.

What is to be written comes from :mod:`workerlib.stacks.conversion`. What can be kept keeps its text with the comments beside and above it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping as MappingABC

from workerlib.definitions import Definitions
from workerlib.editing import Editor, Value, Written, apply, block, flow, quoted, reindent
from workerlib.editing.gathering import drop
from workerlib.editing.surroundings import alias_of, indentation
from workerlib.rewrite import named
from workerlib.stacks.advice import REPLACED
from workerlib.stacks.conversion import Conversion
from workerlib.text import LINE_BREAK, Entry, Mapping, Node, Scalar, Sequence


def put_stack(edit: Editor, look: Definitions, app: Mapping, made: Conversion, *, as_list: bool) -> str | None:
    """Write a conversion into the mapping of an application. What stands in the way of that, if anything does."""
    entries = look.entries(app)
    for key in ("type", *REPLACED, *(["hooks"] if made.commands else [])):
        if key in entries and entries[key].mapping is not app:
            return f"`{key}` is merged from `{entries[key].key.origin}`"
        if key in entries and (alias := alias_of(entries[key])):
            return f"`{key}` has to do with an anchor, `&{alias.name}`"
        if hidden := [entry for entry in named(app, key) if entry is not entries.get(key)]:
            return f"`{key}` is also merged from `{hidden[0].key.origin}`"
    kind, runtime = entries["type"], entries.get("runtime")
    edit.replace(kind.value, quoted(made.type, kind.value))
    if made.profile:
        edit.add(app, "container_profile", made.profile, after=kind)
    first, *others = (quoted(f"{r.name}@{r.version}", kind.value, "'") for r in made.stack.runtimes)
    packages = [str(package.package) for package in made.stack.packages]
    more: list[Value] = [*others, *packages] if as_list else [*others]
    beside: dict[str, Value] = {"packages": packages} if packages and not as_list else {}
    gone = [entries[key] for key in REPLACED if key in entries]
    if runtime and made.has_options:
        inner = Editor(edit.by)
        if not isinstance(runtime.value, Mapping) or not _rename_items(inner, runtime.value, made.names):
            return "`runtime` is not written as a mapping of lists in the application"
        _put_under(edit, runtime, ("stack",) if as_list else ("stack", "runtimes"), first, more, beside, inner)
        gone.remove(runtime)
    else:
        edit.add(app, "stack", [first, *more] if as_list else {"runtimes": [first, *more], **beside}, after=kind)
    for entry in gone:
        edit.remove(entry)
    return _put_commands(edit, app, kind, entries.get("hooks"), made) if made.commands else None


def _rename_items(edit: Editor, options: Mapping, names: MappingABC[str, MappingABC[str, str | None]]) -> bool:
    """Give the items of lists in a mapping their new names; those without one go, and a list with them if nothing else is in it."""
    for key, renamed in names.items():
        entry = options.get(key)
        if entry is None or not isinstance(entry.value, Sequence):
            return False
        gone = list[Node]()
        for item in entry.value.items:
            inside = item.get("name") if isinstance(item, Mapping) else None
            name = inside.value if inside else item
            if not isinstance(name, Scalar) or name.value not in renamed:
                return False
            new = renamed[name.value]
            if new is None:
                gone.append(item)
            elif new != name.value:
                edit.replace(name, quoted(new, name))
        if len(gone) == len(entry.value.items):
            edit.remove(entry)
        else:
            drop(edit, entry.value, gone)
    return True


def _put_commands(edit: Editor, app: Mapping, kind: Entry, hooks: Entry | None, made: Conversion) -> str | None:
    """Write the commands of a conversion into the build hook. What stands in the way of that, if anything does."""
    if hooks is None:
        edit.add(app, "hooks", {"build": made.script("")}, after=kind)
    elif isinstance(hooks.value, Scalar) and hooks.value.is_null:
        edit.replace(hooks.value, {"build": made.script("")})
    elif not isinstance(hooks.value, Mapping) or hooks.value.tag or hooks.value.get("<<"):
        return "`hooks` is not written out in the application"
    elif (build := hooks.value.get("build")) is None:
        edit.add(hooks.value, "build", made.script(""))
    elif not isinstance(build.value, Scalar) or build.value.tag:
        return "the build hook is not written out in the application, and needs another command"
    else:
        _prepend(edit, build.value, made)
    return None


def _put_under(
    edit: Editor, entry: Entry, names: tuple[str, ...], item: Written, more: list[Value], beside: MappingABC[str, Value], inner: Editor
) -> None:
    """Make a mapping the options of a list's first item: ``x: {...}`` becomes ``names: [item: {...}, more]``, with keys `beside` the list.

    `inner` says what changes in the mapping.
    """
    source, key = entry.key.source, entry.key
    changes = inner.edits().get(source.path, ())
    if entry.mapping.flow:
        options = apply(source.text, changes, key.end, entry.end)
        tail = "".join(f", {flow(value)}" for value in more) + "]" + "".join(f", {name}: {flow(value)}" for name, value in beside.items())
        edit.cut(source, key.start, entry.end)
        edit.insert(source, key.start, f"{': {'.join(names)}: [{{{item.text}{options}}}{tail}" + "}" * (len(names) - 1))
        return
    indent, step, stop = source.column(key.start), source.step, source.next_line(entry.end)
    column = indent + step * len(names)
    options = apply(source.text, changes, key.end, stop)
    ended = options.endswith(("\n", "\r"))
    head, *rest = LINE_BREAK.split(options if ended else options + source.newline, maxsplit=1)
    above = [f"{name}:" for name in names]
    below = [" " * (column - indent) + line for value in more for line in block("-", value, step)]
    below += [" " * (column - indent - step) + line for name, value in beside.items() for line in block(name, value, step)]
    text = "".join(f"{line}{source.newline}{' ' * (indent + step * level)}" for level, line in enumerate(above, 1))
    text += f"- {item.text}{head}{source.newline}{reindent(rest[0], column - indent + 2)}"
    text += "".join(f"{' ' * indent}{line}{source.newline}" for line in below)
    edit.cut(source, key.start, stop)
    edit.insert(source, key.start, text if ended else text.removesuffix(source.newline))


def _prepend(edit: Editor, node: Scalar, made: Conversion) -> None:
    """Write the commands of a conversion into a script. Lines of a literal stay as they are; any other script is written anew."""
    source = node.source
    header = LINE_BREAK.search(source.text, node.body, node.end)
    if node.style != "|" or not header or "\n" not in node.value or re.search("[1-9]", source.text[node.body : header.start()]):
        edit.replace(node, made.script("" if node.is_null else node.value))
        return
    lines = [m.end() for m in LINE_BREAK.finditer(source.text, node.body, node.end)]
    first = next((line for line in lines if source.text[line : source.line_end(line)].strip(" ")), lines[0])
    indent = " " * indentation(source, first)
    if made.kept < len(lines):
        edit.insert(source, lines[made.kept], "".join(f"{indent}{command}{source.newline}" for command in made.commands))
    else:
        edit.insert(source, source.line_end(node.end), "".join(f"{source.newline}{indent}{command}" for command in made.commands))
