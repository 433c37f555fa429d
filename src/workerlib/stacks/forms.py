"""How a stack that is there is written otherwise: a list as a mapping of lists, and the other way round.

Every function takes an editor and nodes, and returns whether it could say what it was asked to: where it could not, nothing is to change.
What can be kept keeps its text with the comments beside and above it.
"""

from __future__ import annotations

from collections.abc import Mapping as MappingABC

from workerlib.editing import Editor, Written, apply, parent_entry, reindent
from workerlib.editing.gathering import drop
from workerlib.editing.surroundings import opening
from workerlib.spellings import STACK_LISTS
from workerlib.text import LINE_BREAK, Mapping, Node, Scalar, Sequence, Source, skip_blank

Sections = MappingABC[str, list[Node]]  # the items of `runtimes` and `packages`


def to_mapping(edit: Editor, node: Scalar | Mapping | Sequence, sections: Sections) -> bool:
    """Write a stack as `runtimes` and `packages`, with what belongs to each."""
    items = [item for section in sections.values() for item in section]
    if any(i.source is not node.source or not node.start <= i.start <= i.end <= node.end for i in items):
        return False
    if isinstance(node, Scalar):
        _wrap(edit, node, f"{{{next(iter(sections))}: [", "]}")
        return True
    if isinstance(node, Mapping):
        emptied = any(node.get(name) and name not in sections for name in STACK_LISTS if len(node.entries) > 1)
        return not emptied and all(_correct(edit, node, name, wanted) for name, wanted in sections.items())
    if any(_has_siblings(item) and not _is_simple(item) for item in items):
        return False
    if node.flow:
        return _flow_to_mapping(edit, node, sections)
    if parts := _parts(node):
        if len(parts) == 1:
            return _undash(edit, node, parts[0]) and to_mapping(edit, parts[0], sections)
        own = [_within(part, sections) for part in parts]
        stays = all(inside.keys() == {entry.name for entry in part.entries} for part, inside in zip(parts, own, strict=True))
        return stays and all(_undash(edit, node, part) and to_mapping(edit, part, inside) for part, inside in zip(parts, own, strict=True))
    return {*map(id, node.items)} == {*map(id, items)} and _block_to_mapping(edit, node, sections)


def to_list(edit: Editor, node: Mapping, sections: Sections) -> bool:
    """Write the runtimes and packages of a stack as one list."""
    source = node.source
    values = [entry.value for entry in node.entries if isinstance(entry.value, Sequence)]
    items = [item for value in values for item in value.items]
    if (
        len(values) < len(node.entries)
        or {*map(id, items)} != {id(item) for section in sections.values() for item in section}
        or any(map(_has_siblings, items))
    ):
        return False
    if node.flow or not items:
        if _has_comments(source, node.body, node.end):
            return False
        _rewrite(edit, node, "[" + ", ".join(item.text for item in items) + "]")
        return True
    column = source.column(node.entries[0].key.start)
    lines = ""
    at = start = source.line_start(node.entries[0].key.start)
    for entry, value in zip(node.entries, values, strict=True):
        line = source.line_start(entry.key.start)
        if _has_comments(source, line, value.end if value.flow else source.line_end(line)):
            return False
        lines += source.text[at:line]
        if value.flow:
            lines += "".join(f"{' ' * column}- {item.text}{source.newline}" for item in value.items)
        elif (chunks := _chunks(value)) is not None:
            lines += "".join(reindent(chunk, column - _dash(value)) for chunk in chunks)
        else:
            return False
        at = source.next_line(entry.end)
    _replace_lines(edit, source, start, node.end, lines)
    return True


def _correct(edit: Editor, node: Mapping, name: str, wanted: list[Node]) -> bool:
    """Make an entry of a mapping the list that it ought to be."""
    entry = node.get(name)
    if entry is None:  # all of it comes from the other list
        other = next((e for e in node.entries if isinstance(e.value, Sequence) and e.value.items == wanted), None)
        if other is not None:
            edit.rename(other, name)
            return True
        edit.add(node, name, [Written(item.text) for item in wanted], after=node.entries[-1])
        return not any(LINE_BREAK.search(item.text) or _line_has_comment(item) for item in wanted)
    value = entry.value
    if isinstance(value, Scalar):
        if wanted == [value]:
            _wrap(edit, value, "[", "]")
        return wanted == [value]
    if not isinstance(value, Sequence):
        return False
    for item in wanted:
        if _has_siblings(item):
            if not _is_simple(item):
                return False
            _indent_siblings(edit, item)
    there, stays = ({id(item) for item in items} for items in (value.items, wanted))
    gone = [item for item in value.items if id(item) not in stays]
    come = [item for item in wanted if id(item) not in there]
    if (gone and len(gone) == len(value.items)) or any(_line_has_comment(item) for item in come):
        return bool(not gone and not come)
    drop(edit, value, gone)
    if come and not value.items:
        edit.replace(value, [Written(item.text) for item in come])
    elif come:
        _join(edit, value, [item.text for item in come], first=wanted[0] in come)
    return True


def _flow_to_mapping(edit: Editor, node: Sequence, sections: Sections) -> bool:
    source, text = node.source, node.source.text
    items = [item for section in sections.values() for item in section]
    if node.items != items:
        if _has_comments(source, node.body, node.end):
            return False
        parts = (f"{name}: [{', '.join(map(_item_text, section))}]" for name, section in sections.items())
        _rewrite(edit, node, "{" + ", ".join(parts) + "}")
        return True
    for item in filter(_has_siblings, items):
        _indent_siblings(edit, item)
    names = list(sections)
    edit.insert(source, node.body, f"{{{names[0]}: ")
    if len(names) > 1:
        comma = skip_blank(text, sections[names[0]][-1].end)
        blanks = len(text[comma + 1 :]) - len(text[comma + 1 :].lstrip(" "))
        edit.cut(source, comma, comma + 1 + (0 if text.startswith("#", comma + 1 + blanks) else blanks))
        edit.insert(source, comma, f"], {names[1]}: [")
    edit.insert(source, node.end, "}")
    return True


def _item_text(item: Node) -> str:
    """The text of an item, with options that stand beside a runtime below it."""
    inside = Editor()
    if _has_siblings(item):
        _indent_siblings(inside, item)
    return apply(item.source.text, inside.edits().get(item.source.path, ()), item.start, item.end)


def _block_to_mapping(edit: Editor, node: Sequence, sections: Sections) -> bool:
    source, chunks = node.source, _chunks(node)
    if chunks is None:
        return False
    of = {id(item): chunk for item, chunk in zip(node.items, chunks, strict=True)}
    holder, dash = parent_entry(node), _dash(node)
    inner = dash - source.column(holder.key.start) if holder else source.step
    column = dash if inner or holder is None else dash + source.step
    lines = ""
    for name, items in sections.items():
        lines += f"{' ' * column}{name}:{source.newline}"
        lines += "".join(reindent(of[id(item)], column + inner - dash) for item in items)
    _replace_lines(edit, source, _top(node), node.end, lines)
    return True


def _chunks(node: Sequence) -> list[str] | None:
    """The lines of each item of a block list, with the lines above it; None where an item has no lines of its own."""
    source, out = node.source, list[str]()
    at = _top(node)
    for item in node.items:
        line = source.line_start(item.start)
        before = source.text[line : item.start]
        if before.strip(" ") != "-" or before.index("-") != _dash(node):
            return None
        stop, inside = source.next_line(item.end), Editor()
        if _has_siblings(item):
            _indent_siblings(inside, item)
        text = apply(source.text, inside.edits().get(source.path, ()), at, stop)
        out.append(text if LINE_BREAK.search(text[-1:]) else text + source.newline)
        at = stop
    return out


def _top(node: Sequence) -> int:
    """Where the first line of a block list is that belongs to it: below what opens it."""
    source, opened = node.source, opening(node)
    return source.next_line(opened) if source.text[source.line_start(opened) : opened].strip() else source.line_start(node.body)


def _dash(node: Sequence) -> int:
    """The column of a block list's dashes."""
    return node.source.column(node.dash(0))


def _parts(node: Sequence) -> list[Mapping]:
    """The items of a block list, if they are mappings of `runtimes` and `packages` that can stand as one; none otherwise."""
    parts = [item for item in node.items if isinstance(item, Mapping) and not item.flow]
    names = [entry.name for part in parts for entry in part.entries]
    one = len(parts) == len(node.items) and len({node.source.column(part.start) for part in parts}) == 1
    return parts if one and len({*names}) == len(names) and {*names} <= {*STACK_LISTS} else []


def _within(part: Mapping, sections: Sections) -> dict[str, list[Node]]:
    """The items of a stack that are written in a part of it."""
    inside = {name: [item for item in items if part.start <= item.start < part.end] for name, items in sections.items()}
    return {name: items for name, items in inside.items() if items}


def _undash(edit: Editor, node: Sequence, part: Mapping) -> bool:
    """Have a mapping that is an item of a block list stand without its dash."""
    source = node.source
    dash = source.line_start(part.start) + _dash(node)
    if source.text[dash : part.start].strip("- "):
        return False
    edit.cut(source, dash, dash + 1)
    edit.insert(source, dash, " ")
    return True


def _has_siblings(item: Node) -> bool:
    """Whether options of a runtime stand beside its name instead of below it."""
    return isinstance(item, Mapping) and len(item.entries) > 1 and any("@" in (entry.name or "") for entry in item.entries)


def _is_simple(item: Node) -> bool:
    assert isinstance(item, Mapping)
    first = item.entries[0]
    nothing = isinstance(first.value, Scalar) and first.value.is_null and not first.value.anchor
    return "@" in (first.name or "") and nothing and (item.flow or first.value.start == first.value.end)


def _indent_siblings(edit: Editor, item: Node) -> None:
    assert isinstance(item, Mapping)
    source, first = item.source, item.entries[0]
    if item.flow:
        edit.cut(source, first.key.end, item.entries[1].start)
        edit.insert(source, first.key.end, ": {")
        edit.insert(source, item.entries[-1].end, "}")
        return
    line = source.next_line(first.end)
    while line < item.end:
        if source.line_end(line) > line:
            edit.insert(source, line, " " * source.step)
        line = source.next_line(line)


# ---- pieces -------------------------------------------------------------------------------------------------------------------------


def _wrap(edit: Editor, node: Scalar, before: str, after: str) -> None:
    edit.insert(node.source, node.body, before)
    edit.insert(node.source, node.end, after)


def _rewrite(edit: Editor, node: Mapping | Sequence, text: str) -> None:
    edit.cut(node.source, node.body, node.end)
    edit.insert(node.source, node.body, text)


def _replace_lines(edit: Editor, source: Source, start: int, end: int, lines: str) -> None:
    """Replace the lines from `start` to the one that holds `end`."""
    stop = source.line_end(end)
    edit.cut(source, start, stop)
    edit.insert(source, start, lines.rstrip("\r\n"))


def _join(edit: Editor, node: Sequence, texts: list[str], *, first: bool) -> None:
    """Write further items of a list, before the `first` one or behind the last."""
    source = node.source
    if node.flow and first:
        edit.insert(source, node.items[0].start, "".join(f"{text}, " for text in texts))
    elif node.flow:
        edit.insert(source, node.items[-1].end, "".join(f", {text}" for text in texts))
    else:
        lines = [f"{' ' * _dash(node)}- {text}" for text in texts]
        if first:
            edit.insert(source, source.line_start(node.items[0].start), "".join(f"{line}{source.newline}" for line in lines))
        else:
            edit.insert(source, source.line_end(node.end), "".join(f"{source.newline}{line}" for line in lines))


def _has_comments(source: Source, start: int, end: int) -> bool:
    return any(start <= at < end for at, _ in source.comments())


def _line_has_comment(node: Node) -> bool:
    return _has_comments(node.source, node.source.line_start(node.start), node.source.next_line(node.end))
