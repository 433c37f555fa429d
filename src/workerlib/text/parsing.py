"""From parse events to a tree, within limits, and only where every YAML parser would read the same.

The events come from libyaml through ruamel.yaml's C extension, or from ruamel.yaml's own parser, thirty times as slow, where that is not
installed. The two differ in a few places, found by trying; a text that they read differently is refused, whichever of them is at work.
Where one of them alone does not take what YAML 1.2 allows, the other is believed: ruamel.yaml's own parser takes no tabs between the parts
of a line and no blanks on the first line of a block, the old libyaml no colon inside brackets.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from itertools import islice
from typing import Any, TypeAlias

from attrs import Attribute, evolve, field, fields, frozen

from workerlib.diagnostic import Diagnostic, Origin, Severity
from workerlib.errors import ConfigurationError, UsageError, expect
from workerlib.text.nodes import LINE_BREAK, Alias, Anchored, Document, Entry, Mapping, Node, Scalar, Sequence, Source, dealias, skip_blank


def _count(_owner: object, attribute: Attribute[int], value: object) -> None:
    if type(value) is not int or value < 0:  # True is a number, too
        raise UsageError(f"{attribute.name}: expected a whole number from 0 on, found `{value!r}`")


@frozen
class Limits:
    """What a project may hold before it is refused, so that hostile input cannot exhaust the machine.

    `file_size` in bytes of one file of YAML, `project_size` in bytes of all files that are read; `depth` in collections around each
    other, `nodes` in scalars, collections and aliases, `expanded` in nodes once all aliases and includes are written out; `includes` in
    tags that include, and files of archives. `nodes` and `expanded` hold for a file and for the whole project. Raises UsageError for what
    is no number from 0 on.
    """

    file_size: int = field(default=8 * 1024 * 1024, validator=_count)
    project_size: int = field(default=128 * 1024 * 1024, validator=_count)
    depth: int = field(default=100, validator=_count)
    nodes: int = field(default=500_000, validator=_count)
    expanded: int = field(default=1_000_000, validator=_count)
    includes: int = field(default=5_000, validator=_count)

    @classmethod
    def of(cls, words: Iterable[str]) -> Limits:
        """The usual limits but for those that are stated, as ``depth=200``. Raises UsageError for what is no limit, or no number."""
        expect("words", words, Iterable)
        names = [one.name for one in fields(cls)]
        given: dict[str, int] = {}
        for word in words:
            name, _, number = word.partition("=")
            if name not in names or not re.fullmatch("[0-9]{1,18}", number):
                raise UsageError(f"expected a limit such as `depth=200`, of {', '.join(names)}, found `{word}`")
            given[name] = int(number)
        return cls(**given)


DEFAULT = Limits()
Event: TypeAlias = Any  # those of ruamel.yaml have no types


def problem(name: str, message: str, origin: Origin, advice: str) -> ConfigurationError:
    """An error of the text itself (``WL100`` to ``WL109``), ready to raise."""
    return ConfigurationError(_diagnostic(name, message, origin, advice))


def _diagnostic(name: str, message: str, origin: Origin, advice: str) -> Diagnostic:
    return Diagnostic(_CODES[name], name, Severity.ERROR, message, origin, advice)


_CODES = {
    "not-text": "WL100",
    "not-yaml": "WL101",
    "ambiguous-yaml": "WL102",
    "several-documents": "WL103",
    "duplicate-key": "WL104",
    "limit-exceeded": "WL105",
    "cyclic-alias": "WL106",
}


def build(source: Source, limits: Limits = DEFAULT, *, pure: bool = False, known: Iterable[Anchored] = ()) -> None:
    """Fill in the tree of a source from its text. `pure` has ruamel.yaml's own parser do it even where libyaml is there.

    Aliases may name nodes that are `known` from elsewhere.
    """
    from ruamel.yaml.error import YAMLError

    try:
        _Builder(source, limits, known).build(_events(source.text, pure=pure))
    except (YAMLError, ValueError, OverflowError) as error:  # of an escape like "\UFFFFFFFF" the pure parser says so in Python's own words
        if pure or _ONLY_LIBYAML not in str(error):
            raise _mistake(source, error) from None
        build(source, limits, pure=True, known=known)
    else:
        _refuse_unsure(source)


# Before its version 0.2.1, libyaml takes no colon into a plain scalar inside brackets, as in [12:30]. YAML 1.2 and all other parsers do.
_ONLY_LIBYAML = "found unexpected ':'"


def _events(text: str, *, pure: bool) -> Iterable[Event]:
    if not pure:
        try:
            from _ruamel_yaml import CParser  # type: ignore[import-not-found]  # an extension module without types
        except ImportError:
            pass
        else:
            # A CParser holds its whole state in itself, and get_event() gives None behind the last event.
            return iter(CParser(text).get_event, None)
    from ruamel.yaml import YAML

    return YAML(typ="safe", pure=True).parse(text)  # type: ignore[no-any-return]


# ---- building -----------------------------------------------------------------------------------------------------------------------


class _Builder:
    """Builds the tree of a source in one pass over its events, without recursion."""

    def __init__(self, source: Source, limits: Limits, known: Iterable[Anchored] = ()) -> None:
        self.source = source
        source.root, source.anchors, source.aliases, source.scalars, source.collections = None, [], [], [], []
        self.limits = limits
        self.anchors: dict[str, Anchored] = {str(node.anchor): node for node in known}
        # Of anchored collections, by id: how many nodes and levels they hold, with aliases counted as what they stand for.
        self.sizes: dict[int, int] = {}
        self.depths: dict[int, int] = {}
        self.hidden = 0  # nodes that aliases stand for
        self.duplicates: list[tuple[Entry, Entry]] = []

    def build(self, events: Iterable[Event]) -> None:
        from ruamel.yaml import events as ev

        scalar, mapping_start, sequence_start, alias = ev.ScalarEvent, ev.MappingStartEvent, ev.SequenceStartEvent, ev.AliasEvent
        mapping_end, sequence_end = ev.MappingEndEvent, ev.SequenceEndEvent
        source, limits = self.source, self.limits
        few = min(limits.nodes, limits.expanded)
        # Of the innermost open collection: itself, its entries or items, the count of nodes when it began, and for a mapping the names so
        # far and the key that waits for its value. Those around it are on the stack.
        parent: Mapping | Sequence | None = None
        within: list[Any] = []
        before = 0
        names: dict[str, Entry] | None = None
        key: Node | None = None
        in_flow = False
        stack: list[tuple[Mapping | Sequence | None, list[Any], int, dict[str, Entry] | None, Node | None, bool]] = []
        depths = [0]  # levels below each open collection so far
        count = 0  # nodes, with aliases counted as what they stand for
        add_scalar, add_collection, plain_or_quoted = source.scalars.append, source.collections.append, _PLAIN_OR_QUOTED
        node: Node = Scalar(source, 0, 0, None, None, 0, "", "")  # the last one that ended: nothing ends before something began
        for event in events:
            kind = type(event)
            if kind is scalar:
                start, end, style = event.start_mark.index, event.end_mark.index, event.style
                if in_flow or start == end or style not in plain_or_quoted or event.anchor is not None or event.ctag is not None:
                    node = self.scalar(event, parent, key)
                else:
                    node = Scalar(source, start, end, None, None, start, event.value, style or "")
                    add_scalar(node)
            elif kind is mapping_start or kind is sequence_start:
                stack.append((parent, within, before, names, key, in_flow))
                start, in_flow, within = event.start_mark.index, event.flow_style, []
                if kind is mapping_start:
                    names = {}
                    parent = Mapping(source, start, _OPEN, None, None, start, in_flow, within)
                else:
                    names = None
                    parent = Sequence(source, start, _OPEN, None, None, start, in_flow, within)
                if event.anchor is not None or event.ctag is not None:
                    self.marked(parent, event)
                add_collection(parent)
                before, key = count, None
                depths.append(0)
                if len(stack) > limits.depth:
                    raise self.too_deep(parent.start)
                continue
            elif kind is mapping_end or kind is sequence_end:
                assert parent is not None
                end = event.end_mark.index
                # A block ends with the last node in it, and so does a pair in a sequence, [a: b], which has no braces.
                parent.end = end if end > event.start_mark.index else node.end
                node = parent
                depth = depths.pop() + 1
                if depth > depths[-1]:  # noqa: PLR1730 - a call of max() takes three times as long
                    depths[-1] = depth
                if node.anchor is not None:
                    source.anchors.append(node)
                    self.sizes[id(node)] = count - before + 1
                    self.depths[id(node)] = depth
                parent, within, before, names, key, in_flow = stack.pop()
            elif kind is alias:
                node = self.alias(event)
                size, depth = self.sizes.get(id(node.target), 1), self.depths.get(id(node.target), 0)
                count += size - 1
                self.hidden += size - 1
                depths[-1] = max(depths[-1], depth)
                if len(stack) + depth > limits.depth:
                    raise self.too_deep(node.start)
            else:
                self.marker(event, ev)
                continue
            count += 1
            if count > few:
                self.check(count, node.start)
            if names is None:
                within.append(node)
                if parent is None:
                    source.root = node
            elif key is None:
                key = node
            else:
                assert isinstance(parent, Mapping)
                name = key.value if isinstance(key, Scalar) else _name(key)
                entry = Entry(parent, key, node, name)
                within.append(entry)
                key = None
                if name is not None and names.setdefault(name, entry) is not entry:
                    self.duplicates.append((names[name], entry))
        source.anchors.sort(key=lambda node: node.start)  # a collection came where it ends
        source.nodes, source.expanded = count - self.hidden, count
        if self.duplicates:
            raise ConfigurationError(*(_duplicate(first, again) for first, again in self.duplicates))

    def check(self, count: int, at: int) -> None:
        """Refuse a text with too many nodes: of its own, or with aliases written out."""
        limits = self.limits
        if count - self.hidden > limits.nodes:
            raise self.too_much(at, f"at most {limits.nodes} nodes", "nodes")
        if count > limits.expanded:
            raise self.too_much(at, f"at most {limits.expanded} nodes with aliases written out", "expanded")

    def scalar(self, event: Event, parent: Mapping | Sequence | None, key: Node | None) -> Scalar:
        start = body = event.start_mark.index
        end = event.end_mark.index
        tag, anchor, style = event.ctag, event.anchor, event.style or ""
        if tag is not None or anchor is not None:
            tag = tag and str(tag)
            start, body = self.properties(start, tag, end)
            end = max(end, body)
        elif start == end and not style:
            start = end = body = self.place_of_nothing(parent, key, start)
        if style == "|" or style == ">":  # noqa: PLR1714 - a third of the time of a tuple
            end = self.end_of_block(body, end, parent)
        node = Scalar(self.source, start, end, tag, anchor, body, event.value, style)
        self.source.scalars.append(node)
        if anchor is not None:
            self.anchors[anchor] = node
            self.source.anchors.append(node)
        if not style and parent is not None and parent.flow:
            self.refuse_unsure_plain(node)
        return node

    def marked(self, node: Mapping | Sequence, event: Event) -> None:
        """Give a collection its tag and anchor, and its place behind them."""
        node.tag = None if event.ctag is None else str(event.ctag)
        node.anchor = event.anchor
        node.start, node.body = self.properties(node.start, node.tag)
        if node.anchor is not None:
            self.anchors[node.anchor] = node

    def alias(self, event: Event) -> Alias:
        start, end, name = event.start_mark.index, event.end_mark.index, event.anchor
        target = self.anchors.get(name)
        if not _NAME.match(self.source.text, start):
            raise self.unsure(start, "an alias of unusual characters", "use letters, digits, `-` and `_`, and a blank behind it")
        place = self.source.origin(start, end)
        if target is None:
            raise problem("not-yaml", f"expected an anchor `&{name}` above, found none", place, "correct the alias or add the anchor")
        if target.end == _OPEN:
            raise problem("cyclic-alias", f"alias `*{name}` stands inside the node that it names", place, "write the value out")
        node = Alias(self.source, start, end, name, target)
        self.source.aliases.append(node)
        return node

    def marker(self, event: Event, ev: Event) -> None:
        """Take note of where a document begins or ends."""
        source = self.source
        kind = type(event)
        if kind is ev.DocumentStartEvent:
            if source.root is not None:
                place = source.origin(event.start_mark.index)
                raise problem("several-documents", "expected one YAML document, found a second", place, "move it into a file of its own")
            start = event.end_mark.index if event.explicit else 0
            directives = tuple(m[0] for m in _DIRECTIVE.finditer(source.text, 0, start))
            source.document = Document(bool(event.explicit), start, len(source.text), directives)
        elif kind is ev.DocumentEndEvent and event.explicit:
            source.document = evolve(source.document, end=event.end_mark.index - len("..."))

    # ---- places

    def end_of_block(self, body: int, end: int, parent: Mapping | Sequence | None) -> int:
        """Where a literal or folded scalar ends."""
        header = self.block_header(body, root=parent is None)
        assert parent is not None  # what is the whole document is refused
        return _block_scalar_end(header, end, parent)

    def place_of_nothing(self, parent: Mapping | Sequence | None, key: Node | None, mark: int) -> int:
        """Where a value that is not written would stand: just behind its colon or dash. The parsers' own marks differ."""
        text = self.source.text
        if parent is None:
            return self.source.document.start
        if isinstance(parent, Sequence):
            return mark
        if key is not None:
            at = skip_blank(text, key.end)
            return at + 1 if text.startswith(":", at) else key.end
        at = skip_blank(text, parent.entries[-1].end) if parent.entries else parent.body
        if text.startswith(":", at):
            raise self.unsure(at, "a colon without a key before it", "write the key, or put the colon in quotes")
        return mark

    def properties(self, start: int, tag: str | None, end: int | None = None) -> tuple[int, int]:
        """Where the anchor and tag of a node start, and where its content does: content that is not written, behind the last of them."""
        text = self.source.text
        at, seen = start, ""
        while text[at : at + 1] in ("&", "!"):
            found = _PROPERTY.match(text, at)
            if found is None:
                what = "an anchor" if text[at] == "&" else "a tag"
                raise self.unsure(at, f"{what} of unusual characters", "use letters, digits, `-` and `_`, and a blank behind it")
            seen += text[at]
            at = found.end()
            if end is None or at < end:
                at = skip_blank(text, at)
        if tag is not None and "!" not in seen:  # ruamel.yaml's own parser forgets a tag before an anchor
            while text[start - 1] in " \t\r\n":
                start -= 1
            while start and text[start - 1] not in " \t\r\n[{,":
                start -= 1
            if not text.startswith("!", start):
                raise self.unsure(start, "a tag that does not stand right before its anchor", "write the anchor first")
        return start, at

    # ---- refusals

    def refuse_unsure_plain(self, node: Scalar) -> None:
        """Inside brackets, libyaml ends a plain scalar at a question mark, and at a colon unless text stands on both its sides."""
        text = self.source.text
        if "?" in node.value or text[node.start - 1] == "?" or node.value.startswith(":") or node.value.endswith(":"):
            raise self.unsure(node.start, "a plain scalar with a colon or question mark inside braces or brackets", "put it in quotes")

    def block_header(self, body: int, *, root: bool) -> re.Match[str]:
        """How a block scalar begins. It is refused if parsers differ over its header or indentation, or if it is the whole document."""
        text = self.source.text
        header = _BLOCK_HEADER.match(text, body)
        if header is None or root:
            raise self.unsure(body, "a block of text that begins so", "leave a blank behind its `|` or `>`, and put it below a key")
        if text[header.end() : header.end() + 1] == "\t":
            raise self.unsure(header.start(3), "a block of text whose indentation is not clear", "indent its first line by spaces only")
        return header

    def unsure(self, at: int, what: str, advice: str) -> ConfigurationError:
        return _unsure(self.source, at, what, advice)

    def too_much(self, at: int, expected: str, limit: str) -> ConfigurationError:
        return problem("limit-exceeded", f"expected {expected}", self.source.origin(at), f"split the file, or raise the limit `{limit}`")

    def too_deep(self, at: int) -> ConfigurationError:
        return self.too_much(at, f"at most {self.limits.depth} collections inside each other", "depth")


_PLAIN_OR_QUOTED = frozenset(("", None, "'", '"'))
_OPEN = -1  # the end of a collection that is not closed yet
_NAME = re.compile(r"\*[-\w]+(?=[\s,\]}]|\Z)", re.ASCII)
_PROPERTY = re.compile(r"(?:&[-\w]+|!<[^>\s#]*>|!(?:[-\w]*!)?[^\s!,\[\]{}<>&*|#%@`\"']*)(?=[\s,\]}]|\Z)", re.ASCII)
_DIRECTIVE = re.compile(r"^%[^\r\n]*", re.MULTILINE)
_HALF = re.compile("[\ud800-\udfff]")
_END = re.compile(r"^\.\.\.", re.MULTILINE)
# The header's indicators, that of the indentation alone, and all blanks and line breaks before the first visible character.
_BLOCK_HEADER = re.compile(r"([|>][-+]?([1-9]?)[-+]?)[ \t]*(?:(?<=[ \t])#[^\r\n]*)?(?:\r\n|\n|\r|\Z)([ \r\n]*)")


def _unsure(source: Source, at: int, what: str, advice: str) -> ConfigurationError:
    return problem("ambiguous-yaml", f"expected text that all YAML parsers read alike, found {what}", source.origin(at), advice)


def _refuse_unsure(source: Source) -> None:
    """Refuse what of a text, outside its nodes, only some parsers accept."""
    text, document = source.text, source.document
    for directive in document.directives:
        if not re.fullmatch(r"%(?:YAML|TAG) [^#]*(?:(?<=[ \t])#.*)?", directive):
            raise _unsure(source, text.index(directive), "an unknown directive", "delete the line")
    if again := _END.search(text, document.end + 3):
        raise _unsure(source, again.start(), "a second end of the document", "delete the line")
    # ruamel.yaml's own parser takes an escape for half of a character, which cannot be encoded.
    escaped = source.scalars if "\\u" in text or "\\U" in text else ()
    if half := next((node for node in escaped if _HALF.search(node.value)), None):
        raise problem("not-yaml", "expected characters, found an escape of half of one", half.origin, "write the character itself")


def _name(key: Node) -> str | None:
    """What a key is called: the text of the scalar that it is, be it through an alias."""
    named = dealias(key)
    return named.value if isinstance(named, Scalar) else None


def _duplicate(first: Entry, again: Entry) -> Diagnostic:
    message = f"key `{again.name}` stands twice in one mapping, first at {first.key.origin}"
    return _diagnostic("duplicate-key", message, again.key.origin, "delete or rename one of them")


def _block_scalar_end(header: re.Match[str], end: int, parent: Mapping | Sequence) -> int:
    """Where the last line of a block scalar ends that is part of it; parsers put the mark behind the blank lines that follow."""
    text, body, keeps = header.string, header.start(), "+" in header[1]
    shown = text[body:end].rstrip(" \r\n")
    empty = not LINE_BREAK.search(shown)
    indent = len(LINE_BREAK.split(header[3])[-1])
    if header[2]:
        indent = parent.source.column(parent.body) + int(header[2])
    elif empty:
        indent = end - body
    # The lines of blanks behind the last one that shows anything: those with more blanks than the indentation are text.
    blank = LINE_BREAK.split(text[body + len(shown) : end])[1:]
    if blank and len(blank[-1]) <= indent:
        blank.pop()  # the indentation of what follows
    while blank and not keeps and len(blank[-1]) <= indent:
        blank.pop()
    if empty and not blank:
        return header.end(1)
    following = islice(LINE_BREAK.finditer(text, body + len(shown), end), len(blank), None)
    return next((found.start() for found in following), end)


# ---- mistakes -----------------------------------------------------------------------------------------------------------------------


@frozen(eq=False, repr=False)
class _Mistake:
    """What a parser's own words mean to the author of the file, and what to do.

    `begins` if the place to show is where the part began that went wrong.
    """

    words: str
    expected: str
    advice: str
    begins: bool = False


_SEPARATE = "close it, or put an item that holds `:`, `?` or `#` in quotes"
_TEMPLATE = "put a template such as `{{ name }}`, and text that begins with `%`, `@` or a backtick, in quotes"
_ALIGN = "correct the indentation, or the quotes above"
_HEADER_END = "the end of the line behind `|` or `>`"
_SECOND_KEY = "mapping values are not allowed"
_MISTAKES = (
    _Mistake("tab character", "spaces", "indent with spaces, not with tabs"),
    _Mistake(
        "could not find expected ':'",
        "`key: value`",
        "add a colon and a blank, or indent a line that goes on",
        begins=True,
    ),
    _Mistake(_SECOND_KEY, "one key on the line", "put a value that holds `: ` in quotes, or correct the indentation"),
    _Mistake("while parsing a block mapping", "a key in line with those above", _ALIGN),
    _Mistake("while parsing a block collection", "an item in line with those above", "begin it with `- `, or correct the indentation"),
    _Mistake("sequence entries are not allowed", "a value", "put the first `- ` on a line of its own"),
    _Mistake("unexpected end of stream", "the closing quote", "close the quote", begins=True),
    _Mistake("unexpected document", "the closing quote", "close the quote", begins=True),
    _Mistake("expected ',' or", "a comma or the closing bracket", _SEPARATE, begins=True),
    _Mistake("node content", "a value", _TEMPLATE),
    _Mistake("cannot start any token", "a value", "put text that begins with `%`, `@` or a backtick in quotes"),
    _Mistake("unknown escape character", "an escape that YAML has", "write the backslash twice, or use single quotes"),
    _Mistake("invalid Unicode character escape", "an escape that YAML has", "write the character itself"),
    _Mistake("alphabetic or numeric character", "the name of an anchor", "put text that begins with `&` or `*` in quotes"),
    _Mistake("undefined tag handle", "a known tag", "write `!name`, or declare the handle with %TAG"),
    _Mistake("expected chomping or indentation", _HEADER_END, "put text that begins with `|` or `>` in quotes"),
    _Mistake("comment or line break while scanning a block scalar", _HEADER_END, "put text that begins with `|` or `>` in quotes"),
    _Mistake("expected a comment or a line break", _HEADER_END, "put text that begins with `|` or `>` in quotes"),
    _Mistake("<document start>", "the end of the document, or `---` below directives", "correct the indentation of this line"),
)


def _mistake(source: Source, error: Exception) -> ConfigurationError:
    """A parser's error in words that help."""
    if _CONFLICT_END.search(source.text) and (conflict := _CONFLICT.search(source.text)):
        place = source.origin(conflict.start(), conflict.end())
        return problem("not-yaml", "expected a file without merge conflicts", place, "resolve the conflict, and delete its marks")
    problem_mark, context_mark = getattr(error, "problem_mark", None), getattr(error, "context_mark", None)
    words = " ".join(str(part) for part in (getattr(error, "problem", None), getattr(error, "context", None)) if part)
    if problem_mark and source.text[problem_mark.index : problem_mark.index + 1] == "\t":
        words += ": a tab character"
    known = next((m for m in _MISTAKES if m.words in words), _Mistake("", "YAML", "correct the file, then try again"))
    mark = (context_mark if known.begins else None) or problem_mark or context_mark
    at = min(mark.index if mark else 0, len(source.text))
    if "node content" in words and not source.text[at:].strip():
        return problem("not-yaml", f"expected the closing bracket, found the end ({words})", source.origin(at), "close it")
    if opened := _never_closed(source, at):
        goes_on = f"close the quote; the text that begins here goes on to line {bisect_right(source.lines, opened.end)}"
        return problem("not-yaml", f"expected the closing quote ({words or error})", source.origin(opened.start), goes_on)
    if known.words == _SECOND_KEY and (text := _no_key_above(source, at)) is not None:
        advice = "begin it with `#` if it goes on with a comment; else write a colon behind its key, or correct the indentation"
        return problem("not-yaml", f"expected a key or a comment, found text ({words})", source.origin(text), advice)
    return problem("not-yaml", f"expected {known.expected} ({words or error})", source.origin(at), known.advice)


# A line of text that is neither a key nor a comment, behind any dashes.
_NO_KEY = re.compile(r" *(?:- +)*(?![#-])(\S(?:(?!:\s).)*)(?<!:)")


def _no_key_above(source: Source, at: int) -> int | None:
    """Where the text begins that the line above holds in place of a key, so that the key of the line `at` seems to be more of it."""
    above = source.text[: source.line_start(at)].rstrip()
    found = _NO_KEY.fullmatch(above, source.line_start(len(above)))
    return found.start(1) if found else None


# How git marks the two sides of a conflict.
_CONFLICT, _CONFLICT_END = re.compile("^<{7} .*", re.MULTILINE), re.compile("^>{7} ", re.MULTILINE)


def _never_closed(source: Source, at: int) -> Scalar | None:
    """The text in quotes over several lines that ends just before a mistake: its closing quote was meant to open another."""
    last = source.scalars[-1] if source.scalars else None
    if last is None or last.style not in ("'", '"') or source.text[last.end : at].strip(" "):
        return None
    return last if LINE_BREAK.search(source.text, last.start, last.end) else None
