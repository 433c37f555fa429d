"""YAML written as a string literal: as text whose placeholders are plain words, and the edits that make the literal say something else.

What a program does to the literal before it is written (``dedent``, ``strip``) is done to the text too, and undone for the result.
"""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections import Counter
from collections.abc import Callable, Iterator
from typing import TypeAlias

import libcst as cst
from attrs import define, field, frozen

from workerlib.editing.edits import Edit
from workerlib.errors import ConfigurationError
from workerlib.python.module import Module
from workerlib.python.places import CannotFollowError
from workerlib.python.virtual import WORD, WORDS
from workerlib.text import Scalar, read, walk

_BY_HAND = "migrate the text yourself"
Step: TypeAlias = Callable[[str], str]
_FUNCTIONS: dict[str, Step] = {"textwrap.dedent": textwrap.dedent, "inspect.cleandoc": inspect.cleandoc}
_METHODS: dict[str, Callable[..., str]] = {"strip": str.strip, "lstrip": str.lstrip, "rstrip": str.rstrip}


@frozen
class Form:
    """A kind of template: its placeholders, how it writes characters that would begin one, and which placeholders count by their order."""

    placeholder: re.Pattern[str]
    escapes: tuple[tuple[str, str], ...] = ()
    ordered: re.Pattern[str] | None = None


_JINJA = Form(re.compile(r"\{\{[^{}]*\}\}"))
_FORMAT = Form(re.compile(r"\{[^{}]*\}"), (("{", "{{"), ("}", "}}")), re.compile(r"\{(?:[!:][^{}]*)?\}"))
_PERCENT = Form(re.compile(r"%(?:\(\w+\))?[-#0 +]*+\d*(?:\.\d+)?[a-zA-Z]"), (("%", "%%"),), re.compile(r"%[^(].*"))
_STATEMENT = re.compile(r"\{[%#]")


@define(eq=False)
class Literal:
    """A string literal that is written to a file, as it is seen through what is done to it before."""

    module: Module
    node: cst.SimpleString | cst.ConcatenatedString | cst.FormattedString
    form: Form
    steps: tuple[Step, ...]
    by: str
    names: tuple[cst.Name, ...] = ()  # through which it was found
    placeholders: dict[str, str] = field(factory=dict)  # as they are written
    raw: str = field(init=False)  # the text of the literal, with words for placeholders
    lead: str = field(init=False)  # empty lines before the text
    text: str = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.raw = self._read()
        whole = self._done(self.raw)
        self.text = whole.lstrip("\n")
        self.lead = whole[: len(whole) - len(self.text)]
        self._check(self.text)

    # ---- reading

    def _read(self) -> str:
        if isinstance(self.node, cst.FormattedString):
            joined = "".join(self._part(part) for part in self.node.parts)
            return self._unescaped(_decoded(joined, self._prefix, self._quote))
        text = self.module.constant(self.node)
        if text is None:
            raise CannotFollowError("it is no text", _BY_HAND)
        if _STATEMENT.search(text) and self.form is _JINJA:
            raise CannotFollowError("it is a template with statements in it", _BY_HAND)
        return self._unescaped(self._with_words(text))

    def _part(self, part: cst.BaseFormattedStringContent) -> str:
        if isinstance(part, cst.FormattedStringText):
            return part.value
        return self._word(self.module.source(part))

    def _with_words(self, text: str) -> str:
        """The text with words for placeholders, its escapes as they are."""
        doubled = "".join(re.escape(written) + "|" for _, written in self.form.escapes)
        pattern = re.compile(f"{doubled}({self.form.placeholder.pattern})")
        return pattern.sub(lambda found: self._word(found[1]) if found[1] else found[0], text)

    def _word(self, source: str) -> str:
        word = WORD.format(len(self.placeholders))
        self.placeholders[word] = source
        return word

    def _unescaped(self, text: str) -> str:
        for plain, written in self.form.escapes:
            if plain in text.replace(written, ""):
                raise CannotFollowError("its placeholders are not understood", _BY_HAND)
            text = text.replace(written, plain)
        return text

    def _done(self, text: str) -> str:
        for step in self.steps:
            text = step(text)
        return text

    @property
    def _prefix(self) -> str:
        node = self._parts()[0]
        return node.prefix.lower()

    @property
    def _quote(self) -> str:
        return self._parts()[0].quote

    def _parts(self) -> list[cst.SimpleString | cst.FormattedString]:
        return list(_flat(self.node))

    def _check(self, text: str) -> None:
        """Raise CannotFollowError where a placeholder is a part of a value only, or the text is no YAML."""
        try:
            source = read("text.yaml", text.encode())
        except ConfigurationError as error:
            raise CannotFollowError(f"it is no YAML: {error.diagnostics[0].message}", _BY_HAND) from None
        values = [node.value for node in walk(source.root) if isinstance(node, Scalar)] if source.root is not None else []
        for value in values:
            if (found := WORDS.search(value)) and found[0] != value:
                shown = self.placeholders.get(found[0], found[0])
                raise CannotFollowError(f"its placeholder `{shown}` is a part of a value only", _BY_HAND)
        if Counter(word for value in values for word in WORDS.findall(value)) != Counter(WORDS.findall(text)):
            raise CannotFollowError("it has a placeholder that is no value", _BY_HAND)

    # ---- writing

    def become(self, new: str) -> Iterator[Edit]:
        """The edits that make the literal say another text. Raises CannotFollowError where that cannot be written in its form."""
        self._check(new)
        words = WORDS.findall(new)
        if len(words) > len(set(words)):
            raise CannotFollowError("a placeholder would stand twice", _BY_HAND)
        if self.form.ordered:
            ordered = [word for word, source in self.placeholders.items() if self.form.ordered.fullmatch(source)]
            if ordered and ordered != [word for word in words if word in ordered]:
                raise CannotFollowError("its placeholders count by their order, which changes", _BY_HAND)
        raw = self._undone(self.lead + new)
        for plain, written in self.form.escapes:
            raw = raw.replace(plain, written)
        parts = self._parts()
        if len(parts) > 1:
            yield from self._lines(parts, raw)
            return
        (part,) = parts
        start, end = self.module.span(part)
        opening, closing = len(part.prefix) + len(part.quote), len(part.quote)
        if isinstance(part, cst.FormattedString):
            opening = len(part.start)
        old = self.module.text[start + opening : end - closing]
        yield Edit(self.module.path, start + opening, end - closing, self._encoded(old, raw), self.by)

    def _undone(self, new: str) -> str:
        """The text of a literal from which the steps make `new`."""
        if not self.steps:
            return new
        head = _BLANK_LINES.match(self.raw)
        last = self.raw.find("\n", len(self.raw.rstrip(" \t\n")))
        tail = self.raw[last:] if last >= 0 else ""
        middle = self.raw[head.end() if head else 0 : len(self.raw) - len(tail)]
        pads = [line[: len(line) - len(line.lstrip())] for line in middle.split("\n") if line.strip()]
        tries = [min(pads, key=len, default=""), ""]
        body = new.strip("\n")
        for pad in tries:
            raw = (head[0] if head else "") + textwrap.indent(body, pad) + tail
            if self._done(raw) == new or self._done(raw) == new.rstrip("\n"):
                return raw
        raise CannotFollowError("its indentation is not understood", _BY_HAND)

    def _encoded(self, old: str, new: str) -> str:
        """What stands between the quotes, for another text. Raises CannotFollowError where the old one is written in an unusual way."""
        newline = self.module.tree.default_newline
        triple = len(self._quote) == 3
        head = next((head for head in ("\\\n", "\\\r\n", "\\\r") if triple and old.startswith(head)), "")

        def encode(text: str) -> str:
            out = text
            if "r" not in self._prefix:
                out = out.replace("\\", "\\\\")
                if triple:
                    out = out.replace(self._quote, "".join(f"\\{c}" for c in self._quote)).replace("\r", "\\r")
                else:
                    out = out.replace(self._quote, f"\\{self._quote}").replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
            return head + self.with_sources(out.replace("\n", newline))

        raw = self.raw
        for plain, written in self.form.escapes:
            raw = raw.replace(plain, written)
        if encode(raw) != old:
            raise CannotFollowError("it is written with unusual escapes", _BY_HAND)
        out = encode(new)
        if "r" in self._prefix and (self._quote in out or out.endswith("\\") or (not triple and "\n" in out)):
            raise CannotFollowError("it is a raw string that cannot hold the new text", _BY_HAND)
        return out

    def with_sources(self, text: str) -> str:
        """A text with the placeholders as they are written."""
        return WORDS.sub(lambda found: self.placeholders.get(found[0], found[0]), text)

    def _lines(self, parts: list[cst.SimpleString | cst.FormattedString], raw: str) -> Iterator[Edit]:
        """A literal of several, of which each is a line: the same for another text."""
        texts = [part.evaluated_value for part in parts if isinstance(part, cst.SimpleString)]
        same = len({(part.prefix, part.quote) for part in parts}) == 1 and len(self._quote) == 1 and not self._prefix
        whole = all(isinstance(text, str) and text.count("\n") == 1 and text.endswith("\n") for text in texts[:-1])
        if not same or not whole or len(texts) < len(parts) or str(texts[-1]).rstrip("\n").count("\n"):
            raise CannotFollowError("its parts are no lines", _BY_HAND)
        spans = [self.module.span(part) for part in parts]
        between = self.module.text[spans[0][1] : spans[1][0]]
        lines = raw.splitlines(keepends=True)
        quote = self._quote

        def written(line: str) -> str:
            escaped = line.replace("\\", "\\\\").replace(quote, f"\\{quote}").replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
            return quote + self.with_sources(escaped) + quote

        yield Edit(self.module.path, spans[0][0], spans[-1][1], between.join(map(written, lines)), self.by)


_BLANK_LINES = re.compile(r"(?:[ \t]*\n)*")


def _decoded(raw: str, prefix: str, quote: str) -> str:
    text = ast.literal_eval(f"{prefix.replace('f', '')}{quote}{raw}{quote}")
    assert isinstance(text, str)
    return text


def _flat(node: cst.BaseExpression) -> Iterator[cst.SimpleString | cst.FormattedString]:
    if isinstance(node, cst.ConcatenatedString):
        yield from _flat(node.left)
        yield from _flat(node.right)
    elif isinstance(node, cst.SimpleString | cst.FormattedString):
        yield node
    else:
        raise CannotFollowError("it is no plain literal", _BY_HAND)


# ---- from the place where it is written -----------------------------------------------------------------------------------------------


def literal(module: Module, node: cst.BaseExpression, by: str) -> Literal:
    """The literal that an expression is made from. Raises CannotFollowError where that is not known."""
    steps: list[Step] = []
    names: list[cst.Name] = []
    form: Form | None = None
    while not isinstance(node, cst.SimpleString | cst.ConcatenatedString | cst.FormattedString):
        inner, step, found = _peeled(module, node)
        steps += [step] if step else []
        names += [node] if isinstance(node, cst.Name) else []
        if found and form:
            raise CannotFollowError("it is filled in twice", _BY_HAND)
        form, node = found or form, inner
    if isinstance(node, cst.FormattedString):
        if form:
            raise CannotFollowError("it is filled in twice", _BY_HAND)
        form = Form(_FORMAT.placeholder, _FORMAT.escapes)
    return Literal(module, node, form or _JINJA, tuple(reversed(steps)), by, tuple(names))


def _peeled(module: Module, node: cst.BaseExpression) -> tuple[cst.BaseExpression, Step | None, Form | None]:
    """What an expression is made from, and how."""
    match node:
        case cst.Name() if (binding := module.only_binding(node)) is not None and (value := module.value(binding)) is not None:
            if module.uses(node) != [node] or module.targets(value) > 1:
                raise CannotFollowError(f"`{node.value}`, which is written, is used elsewhere, too", _BY_HAND)
            return value, None, None
        case cst.BinaryOperation(operator=cst.Modulo(), left=left):
            return left, None, _PERCENT
        case cst.Call(func=cst.Attribute(value=inner, attr=cst.Name("format"))):
            return inner, None, _FORMAT
        case cst.Call(func=cst.Attribute(value=inner, attr=cst.Name("encode"))):
            return inner, None, None
        case cst.Call(func=cst.Attribute(value=inner, attr=cst.Name(name)), args=args) if name in _METHODS:
            given = [module.constant(arg.value) for arg in args]
            if None not in given:
                return inner, lambda text: _METHODS[name](text, *given), None
        case cst.Call(func=cst.Attribute(value=cst.Call(args=[cst.Arg(value=inner), *_]) as template, attr=cst.Name("render"))):
            if (names := module.names(template.func)) and all(n == "jinja2.Template" or n.endswith(".from_string") for n in names):
                return inner, None, _JINJA
        case cst.Call(args=[cst.Arg(value=inner)]) if len(names := module.names(node.func)) == 1 and names <= _FUNCTIONS.keys():
            return inner, _FUNCTIONS[next(iter(names))], None
    raise CannotFollowError("what is written is no literal", "see that it is written in the new layout")
