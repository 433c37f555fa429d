"""An entry that is written in another mapping, with its comments."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from workerlib.editing.copying import in_braces, remade
from workerlib.editing.edits import Edit, apply, reindent, with_newlines
from workerlib.editing.surroundings import closing, comments_above, indentation, is_beside
from workerlib.editing.writing import scalar
from workerlib.errors import UsageError
from workerlib.text import LINE_BREAK, Alias, Entry, Mapping, Scalar, skip_blank, starting


@frozen(eq=False, repr=False)
class Moved:
    """An entry on its way to another mapping, perhaps with another name."""

    entry: Entry
    name: str | None

    @property
    def above(self) -> tuple[int, int]:
        """Where the comment lines above the entry begin, which move along, and where its own line does."""
        entry, source = self.entry, self.entry.key.source
        line = source.line_start(entry.start)
        return (entry.start, entry.start) if entry.mapping.flow or is_beside(source, entry.start) else (comments_above(source, line), line)

    def text(self, mapping: Mapping, edits: Sequence[Edit] = ()) -> str:
        """The entry as it is written in a mapping, with edits of its text; its first line without indentation.

        Raises UsageError for what cannot be written inside braces, or has a comment there that cannot come along.
        """
        entry, source = self.entry, self.entry.key.source
        old, start = entry.mapping.flow, entry.start
        stop = entry.end if old else source.line_end(entry.end)
        if old and "#" in source.text[stop : source.line_end(stop)]:
            raise UsageError(f"{entry.key.origin}: the comment behind `{entry.name}` cannot be moved out of braces")
        if old and not mapping.flow and start < entry.key.start:  # outside of braces, `? a : b` is a key that is a mapping
            raise UsageError(f"{entry.key.origin}: the explicit key `{entry.name}` cannot be moved out of braces as it is written")
        above, line = self.above
        column = indentation(source, start) if old else source.column(start)
        chunk = source.text[above:line] + " " * column + self.own_text(stop, edits, in_flow=mapping.flow)
        if not mapping.flow:
            shift = mapping.source.column(mapping.entries[0].start) - column
            return with_newlines(reindent(chunk, shift).lstrip(" "), mapping.source.newline)
        if old and not LINE_BREAK.search(chunk):
            return chunk.lstrip(" ")
        if "#" in chunk or not (old or isinstance(entry.value, Scalar)):
            raise UsageError(f"{entry.key.origin}: `{entry.name}` cannot be moved into braces as it is written")
        key = scalar(self.name, in_flow=True) if self.name else in_braces(entry.key, anchored=True)
        return f"{key}: {in_braces(remade(entry.value, edits), anchored=True)}"

    def own_text(self, stop: int, edits: Sequence[Edit], *, in_flow: bool) -> str:
        """The entry's own text up to `stop`, with its new name."""
        entry, source = self.entry, self.entry.key.source
        key = scalar(self.name, in_flow=in_flow) if self.name else source.text[key_body(entry) : entry.key.end]
        if entry.mapping.flow and not in_flow and not source.text.startswith(":", skip_blank(source.text, entry.key.end)):
            key += ":"  # braces may hold a key alone
        last = closing(source) if stop == len(source.text) else None
        return apply(source.text, [*edits, key_as(entry, key, ""), *([last] if last else [])], entry.start, stop)


def key_body(entry: Entry) -> int:
    """Where an entry's key starts behind its anchor and tag."""
    return entry.key.start if isinstance(entry.key, Alias) else entry.key.body


def key_as(entry: Entry, text: str, by: str) -> Edit:
    """Write a key otherwise; a blank comes between it and a value that stood directly behind it, as in ``{"a":1}``."""
    key, start = entry.key, key_body(entry)
    whole = key.source.text
    if key.end == start:
        return Edit(key.source.path, start, start, f" {text}", by)
    if whole.startswith(":", key.end) and whole[key.end + 1 : key.end + 2].strip():
        return Edit(key.source.path, start, key.end + 1, f"{text}: ", by)
    return Edit(key.source.path, start, key.end, text, by)


def refuse_move(entry: Entry, mapping: Mapping, after: Entry | None) -> None:
    """Raise UsageError for a move that would part an alias from its anchor, or put it before."""
    source, other = entry.key.source, mapping.source is not entry.key.source
    goal = after.end if after else mapping.start
    concerned = starting(source.aliases, entry.start, entry.end)
    concerned += (alias for node in starting(source.anchors, entry.start, entry.end) for alias in source.uses.get(id(node), ()))
    for alias in sorted(concerned, key=lambda alias: alias.start):
        moves, stays = (entry.start <= n.start < entry.end for n in (alias, alias.target))
        if moves == stays:
            continue
        target = alias.target
        late = target.end > goal or target.start <= mapping.start < target.end if moves else alias.start < goal
        if other or late:
            raise UsageError(f"{alias.origin}: `{entry.name}` cannot be moved, since `{alias.text}` would stand before its anchor")
