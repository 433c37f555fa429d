"""The tree of a YAML file: nodes that know their true place in the text, and the file that they stand in.

An alias is a node of its own, a block collection ends where its last leaf does, and nothing is constructed: a scalar is its text.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from itertools import accumulate
from operator import attrgetter
from typing import TypeAlias, TypeVar

from attrs import define, field, frozen

from workerlib.diagnostic import Origin, Span

LINE_BREAK = re.compile(r"\r\n|\n|\r")  # str.splitlines also cuts at form feeds and the like, where YAML does not
CORE = "tag:yaml.org,2002:"


# ---- nodes --------------------------------------------------------------------------------------------------------------------------


@define(eq=False, repr=False)
class _Place:
    """What every node has: `start` is before its anchor and tag, `end` behind its last character; both are places in the file's text."""

    source: Source
    start: int
    end: int

    @property
    def text(self) -> str:
        """The node as it is written."""
        return self.source.text[self.start : self.end]

    @property
    def origin(self) -> Origin:
        """File, line and column."""
        return self.source.origin(self.start, self.end)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.origin} {self.text[:40]!r}>"


@define(eq=False, repr=False)
class Scalar(_Place):
    """A scalar: its `value` as text, and its `style`: ``""`` for plain, or one of ``'`` ``"`` ``|`` ``>``.

    `body` is where its content starts behind anchor and tag.
    """

    tag: str | None
    anchor: str | None
    body: int
    value: str
    style: str

    @property
    def is_null(self) -> bool:
        """Whether this is YAML's null, in any spelling."""
        return not self.style and self.value in _NULLS and self.tag in (None, CORE + "null")

    @property
    def is_block(self) -> bool:
        """Whether this is a literal or folded scalar: a header, and lines below it."""
        return self.style in _BLOCK_STYLES


@define(eq=False, repr=False)
class Mapping(_Place):
    """A mapping with its entries in the order of the text; `body` is where the first key or the brace starts."""

    tag: str | None
    anchor: str | None
    body: int
    flow: bool
    entries: list[Entry] = field(factory=list)

    def get(self, key: str) -> Entry | None:
        """The entry of `key` that is written here, merge keys not counted."""
        return next((e for e in self.entries if e.name == key), None)


@define(eq=False, repr=False)
class Sequence(_Place):
    """A sequence; `body` is where the first dash or the bracket starts."""

    tag: str | None
    anchor: str | None
    body: int
    flow: bool
    items: list[Node] = field(factory=list)

    def dash(self, index: int) -> int:
        """Where the dash of an item of a block sequence stands."""
        return skip_blank(self.source.text, self.items[index - 1].end if index else self.body)


@define(eq=False, repr=False)
class Alias(_Place):
    """``*name``, and the node of that anchor."""

    name: str
    target: Anchored

    anchor = None
    tag = None


@define(eq=False, repr=False)
class Entry:
    """A key and its value in the mapping that is written around them. `name` is the key's text, or None for a key that is a collection."""

    mapping: Mapping
    key: Node
    value: Node
    name: str | None

    @property
    def start(self) -> int:
        """Where the key starts, or the ``?`` before it."""
        entries, at = self.mapping.entries, self.key.start
        index = bisect_left(entries, at, key=lambda e: e.key.start)
        after = skip_blank(self.key.source.text, entries[index - 1].end if index else self.mapping.body)
        if self.key.source.text[after : after + 1] in ("{", ","):
            after = skip_blank(self.key.source.text, after + 1)
        return min(after, at)

    @property
    def end(self) -> int:
        """Where the value ends, or the key if no value is written."""
        return max(self.key.end, self.value.end)

    def __repr__(self) -> str:
        return f"<Entry {self.name!r}: {self.value!r}>"


Anchored: TypeAlias = Scalar | Mapping | Sequence
Node: TypeAlias = Scalar | Mapping | Sequence | Alias
N = TypeVar("N", bound=Node)
_NULLS = frozenset(("", "~", "null", "Null", "NULL"))
_BLOCK_STYLES = ("|", ">")


def children(node: Node) -> Iterator[Node]:
    """The nodes directly below, keys included, in the order of the text. An alias has none: its node stands elsewhere."""
    if isinstance(node, Mapping):
        for entry in node.entries:
            yield entry.key
            yield entry.value
    elif isinstance(node, Sequence):
        yield from node.items


def walk(node: Node | None) -> Iterator[Node]:
    """The node and all below it, in the order of the text; aliases are not followed."""
    pending = [node] if node else []
    while pending:
        node = pending.pop()
        yield node
        if not isinstance(node, Scalar):
            pending.extend(reversed(list(children(node))))


def dealias(node: Node) -> Anchored:
    """The node, or what it is an alias of."""
    return node.target if isinstance(node, Alias) else node


def is_merge(entry: Entry) -> bool:
    """Whether the entry's key is the merge key, whose value is spread into the mapping."""
    key = entry.key
    return entry.name == "<<" and isinstance(key, Scalar) and not key.style and key.tag in (None, CORE + "merge")


def merging(alias: Alias) -> Entry | None:
    """The merge key that spreads what an alias names, alone or in a list."""
    parents = alias.source.parents
    parent = parents.get(id(alias))
    entry = parents.get(id(parent)) if isinstance(parent, Sequence) else parent
    return entry if isinstance(entry, Entry) and is_merge(entry) else None


def merged_entries(mapping: Mapping) -> dict[str, Entry]:
    """Entries by key with ``<<`` applied: a key written here wins over a merged one, an earlier merged mapping over a later.

    Keys that are collections are left out. What is merged stands where ``<<`` does.
    """
    written = {e.name: e for e in mapping.entries if e.name is not None}
    if "<<" not in written:
        return written
    own = {e.name for e in mapping.entries if not is_merge(e)}
    out: dict[str, Entry] = {}
    for entry in mapping.entries:
        if is_merge(entry):
            for base in merged_mappings(entry):
                for name, inner in merged_entries(base).items():
                    if name not in own:
                        out.setdefault(name, inner)
        elif entry.name is not None:
            out[entry.name] = entry
    return out


def merged_mappings(entry: Entry) -> Iterator[Mapping]:
    """The mappings that a merge key spreads, in order; anything else in its place has no effect."""
    value = dealias(entry.value)
    for part in value.items if isinstance(value, Sequence) else (value,):
        base = dealias(part)
        if isinstance(base, Mapping):
            yield base


# ---- the file -----------------------------------------------------------------------------------------------------------------------


@frozen(eq=False, repr=False)
class Document:
    """Where the document's markers stand: the end of ``---`` or 0, the start of ``...`` or the text's length; all 0 without one."""

    explicit: bool
    start: int
    end: int
    directives: tuple[str, ...] = ()


@define(eq=False, repr=False)
class Source:
    """A file of YAML: its text and its tree.

    `path` is relative to the project's root, with ``/``. `text` is without a byte order mark. `encoding` is a codec's name, `bom` whether
    the file began with the mark. `nodes` counts what is written, `expanded` the same with aliases written out. What is found out about the
    text is remembered: neither text nor tree changes once they are read. `anchors` and the lists below it are in the order of the text.
    """

    path: str
    text: str
    encoding: str = "utf-8"
    bom: bool = False
    root: Node | None = None
    document: Document = Document(explicit=False, start=0, end=0)
    anchors: list[Anchored] = field(factory=list)
    aliases: list[Alias] = field(factory=list)
    scalars: list[Scalar] = field(factory=list)
    collections: list[Mapping | Sequence] = field(factory=list)
    nodes: int = 0
    expanded: int = 0

    @property
    def folder(self) -> str:
        """The folder that the file lies in, empty for the project's root."""
        return self.path.rpartition("/")[0]

    @cached_property
    def may_include(self) -> bool:
        """Whether the text holds a tag ``!include`` or ``!archive``, or what looks like one."""
        return "!include" in self.text or "!archive" in self.text

    @cached_property
    def newline(self) -> str:
        """The line break that most lines end in; a line feed where there is none."""
        crlf = self.text.count("\r\n")
        counts = {"\n": self.text.count("\n") - crlf, "\r\n": crlf, "\r": self.text.count("\r") - crlf}
        return max(counts, key=lambda k: counts[k])

    @cached_property
    def step(self) -> int:
        """By how many columns most block mappings stand right of what holds them; 2 where there is none."""
        counts = Counter(
            self.column(entry.value.body) - self.column(node.body)
            for node in self.collections
            if isinstance(node, Mapping)
            for entry in node.entries
            if isinstance(entry.value, Mapping) and not entry.value.flow
        )
        return max(counts, key=lambda step: (counts[step], -step), default=2)

    @cached_property
    def parents(self) -> dict[int, Entry | Sequence]:
        """By the `id` of each node but the root: the entry that it is the key or value of, or the sequence that it is an item of."""
        out: dict[int, Entry | Sequence] = {}
        for node in self.collections:
            if isinstance(node, Mapping):
                for entry in node.entries:
                    out[id(entry.key)] = out[id(entry.value)] = entry
            else:
                for item in node.items:
                    out[id(item)] = node
        return out

    @cached_property
    def lines(self) -> list[int]:
        """Where each line starts."""
        text = self.text
        if text.count("\r") > text.count("\r\n"):
            return [0, *[found.end() for found in LINE_BREAK.finditer(text)]]
        return [0, *accumulate([len(line) + 1 for line in text.split("\n")[:-1]])]  # half the time

    def line_start(self, at: int) -> int:
        """Where the line that holds character `at` starts."""
        return self.lines[bisect_right(self.lines, at) - 1]

    def line_end(self, at: int) -> int:
        """Where the line that holds character `at` ends, its line break not included."""
        index = bisect_right(self.lines, at)
        if index == len(self.lines):
            return len(self.text)
        end = self.lines[index]
        return max(end - (2 if self.text.startswith("\r\n", end - 2) else 1), at)

    def next_line(self, at: int) -> int:
        """Where the line after the one that holds character `at` starts; the text's length behind the last."""
        index = bisect_right(self.lines, at)
        return self.lines[index] if index < len(self.lines) else len(self.text)

    def column(self, at: int) -> int:
        """How many characters stand before `at` on its line."""
        return at - self.line_start(at)

    def before(self, at: int) -> str:
        """What stands before `at` on its line."""
        return self.text[self.line_start(at) : at]

    def origin(self, start: int, end: int | None = None) -> Origin:
        """The place of characters `start` to `end` as users count lines and columns."""
        line = bisect_right(self.lines, start)
        return Origin(self.path, Span(start, start if end is None else end, line, start - self.lines[line - 1] + 1))

    def encode(self, text: str) -> bytes:
        """`text` as bytes, encoded and marked as this file was."""
        return ("\ufeff" + text if self.bom else text).encode(self.encoding)

    @cached_property
    def starts(self) -> list[int]:
        """Where each node starts, in order."""
        return sorted([node.start for node in (*self.scalars, *self.collections, *self.aliases)])

    @cached_property
    def uses(self) -> dict[int, list[Alias]]:
        """The aliases of each node that has any, in order, by the node's `id`."""
        out: dict[int, list[Alias]] = {}
        for alias in self.aliases:
            out.setdefault(id(alias.target), []).append(alias)
        return out

    @cached_property
    def named(self) -> dict[str | None, list[Anchored]]:
        """The anchored nodes by the name of their anchor, in order."""
        out: dict[str | None, list[Anchored]] = {}
        for node in self.anchors:
            out.setdefault(node.anchor, []).append(node)
        return out

    @cached_property
    def targets(self) -> list[int]:
        """Where each node starts that an alias names, in order."""
        return sorted([alias.target.start for alias in self.aliases])

    def comments(self) -> list[tuple[int, int]]:
        """Start and end of every comment, in order, without the blanks behind it."""
        return self._comments

    @cached_property
    def _comments(self) -> list[tuple[int, int]]:
        out: list[tuple[int, int]] = []
        text = self.text
        # Outside of scalars every `#` opens a comment, also right behind a quote or bracket; elsewhere it is refused.
        # What a scalar does not say it does not hold.
        free = [content(node) for node in self.scalars if "#" in node.value]
        ends = [end for _, end in free]
        at = text.find("#")
        while at >= 0:
            index = bisect_right(ends, at)
            if index < len(free) and free[index][0] <= at:
                at = text.find("#", ends[index])
            else:
                found = _COMMENT.match(text, at)
                assert found is not None
                out.append((at, at + len(found[0].rstrip())))
                at = text.find("#", found.end())
        return out

    def __repr__(self) -> str:
        return f"<Source {self.path}>"


_COMMENT = re.compile(r"#[^\r\n]*")
_BLANK = re.compile(r"(?:[ \t\r\n]+|#[^\r\n]*)*")


def skip_blank(text: str, at: int) -> int:
    """The first character at or after `at`, where a token ends, that is neither white space nor part of a comment."""
    found = _BLANK.match(text, at)
    return found.end() if found else at


def starting(nodes: list[N], start: int, end: int) -> list[N]:
    """Those of some nodes, which are in the order of the text, that start from one place to before another."""
    return nodes[bisect_left(nodes, start, key=_START) : bisect_left(nodes, end, key=_START)]


_START = attrgetter("start")


def content(node: Scalar) -> tuple[int, int]:
    """The part of a scalar in which a ``#`` is no comment: not the header line of a block scalar."""
    if not node.is_block:
        return node.body, node.end
    found = LINE_BREAK.search(node.source.text, node.body, node.end)
    return (found.end() if found else node.end), node.end
