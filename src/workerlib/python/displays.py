"""Definitions written as dictionary displays: as plain data, and the edits that make the display say something else.

What is no literal is a unique word in the data, and its source again in what is written from it.
"""

from __future__ import annotations

import keyword
import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence

import libcst as cst
from attrs import define, field, frozen

from workerlib.editing.edits import Edit
from workerlib.python.module import Module
from workerlib.python.places import CannotFollowError
from workerlib.python.virtual import WORD, WORDS, Data

_WIDTH = 100  # columns of a value on one line
_BY_HAND = "adapt it yourself"


@frozen
class Item:
    """An entry of a display: its key, what it is written as, and the characters from its first to its last, without a comma."""

    key: str
    value: cst.BaseExpression
    start: int
    end: int


@define(eq=False)
class Display:
    """An expression of a program that is a definition. Raises CannotFollowError where what it holds is not all known."""

    module: Module
    node: cst.BaseExpression
    by: str
    unknown: dict[str, cst.BaseExpression] = field(factory=dict)
    sources: dict[str, str] = field(factory=dict)  # of texts, as they are written
    names: list[cst.Name] = field(factory=list)  # of values that stand elsewhere
    elsewhere: list[cst.BaseExpression] = field(factory=list)  # these values
    data: Data = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.data = self._data(self.node)

    # ---- reading

    def _data(self, node: cst.BaseExpression) -> Data:
        node = self._shown(node)
        if (items := self._items(node)) is not None:
            out: dict[str, Data] = {}
            for item in items:
                if item.key in out:
                    raise CannotFollowError(f"its key `{item.key}` stands twice", _BY_HAND)
                out[item.key] = self._data(item.value)
            return out
        match node:
            case cst.List():
                if all(isinstance(one, cst.Element) for one in node.elements):
                    return [self._data(one.value) for one in node.elements]
            case cst.SimpleString() | cst.ConcatenatedString() if (text := self.module.constant(node)) is not None:
                self.sources.setdefault(text, self.module.source(node))
                return text
            case cst.Integer() if len(node.value) < 4300:  # more digits Python refuses to convert
                return int(node.value.replace("_", ""), 0)
            case cst.Float() if math.isfinite(float(node.value)):
                return float(node.value)
            case cst.Name("True" | "False" | "None"):
                return {"True": True, "False": False, "None": None}[node.value]
        return self._word(node)

    def _word(self, node: cst.BaseExpression) -> str:
        known = next((word for word, one in self.unknown.items() if one is node), None)
        word = known or WORD.format(len(self.unknown))
        self.unknown[word] = node
        return word

    def _shown(self, node: cst.BaseExpression) -> cst.BaseExpression:
        """The display that a name stands for, if it is used in this one only."""
        if isinstance(node, cst.Name) and (binding := self.module.only_binding(node)) is not None:
            value = self.module.value(binding)
            alone = all(self._part(use) for use in self.module.uses(node))
            if isinstance(value, cst.Dict | cst.List) and alone and not self.module.within(node, value):
                self.names.append(node)
                self.elsewhere.append(value)
                return value
        return node

    def _part(self, node: cst.CSTNode) -> bool:
        """Whether a node is part of this display, or of one that a name in it stands for."""
        return any(self.module.within(node, one) for one in (self.node, *self.elsewhere))

    def _items(self, node: cst.BaseExpression) -> list[Item] | None:
        """The entries of ``{...}`` or ``dict(...)``, the one of ``{key: value for ...}``, None for anything else."""
        out = []
        match node:
            case cst.Dict():
                for element in node.elements:
                    if not isinstance(element, cst.DictElement):
                        raise CannotFollowError(f"`{self.module.source(element)}` may hold any key", _BY_HAND)
                    out.append(self._item(element.key, element.value))
            case cst.DictComp():
                out.append(self._item(node.key, node.value))
            case cst.Call() if self.module.names(node.func) == frozenset(("builtins.dict",)):
                for arg in node.args:
                    if arg.keyword is None:
                        raise CannotFollowError(f"`{self.module.source(node)}` may hold any key", _BY_HAND)
                    out.append(Item(arg.keyword.value, arg.value, self.module.span(arg.keyword)[0], self.module.outer_span(arg.value)[1]))
            case _:
                return None
        return out

    def _item(self, key: cst.BaseExpression, value: cst.BaseExpression) -> Item:
        text = self.module.constant(key)
        return Item(self._word(key) if text is None else text, value, self.module.outer_span(key)[0], self.module.outer_span(value)[1])

    # ---- writing

    def become(self, new: Data, keys: Sequence[str]) -> list[Edit]:
        """The edits that make the display say something else, to stand at some keys.

        Raises CannotFollowError where a call would be lost or made twice.
        """
        before, after = (Counter(WORDS.findall(repr(data))) for data in (self.data, (new, keys)))
        for word, node in self.unknown.items():
            if before[word] != after[word] and not isinstance(node, cst.Name | cst.Attribute | cst.SimpleString):
                raise CannotFollowError(f"`{self.module.source(node)}` stands at a key that changes", _BY_HAND)
        return list(dict.fromkeys(self._edits(self.node, self.data, new)))

    def _edits(self, node: cst.BaseExpression, old: Data, new: Data) -> Iterator[Edit]:
        if old == new and type(old) is type(new):
            return
        node = self._shown(node)
        items = self._items(node)
        if items is not None and isinstance(old, dict) and isinstance(new, dict):
            yield from self._mapping(node, items, old, new)
        elif isinstance(node, cst.List) and isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
            for element, before, after in zip(node.elements, old, new, strict=True):
                yield from self._edits(element.value, before, after)
        else:
            start, end = self.module.outer_span(node)
            yield Edit(self.module.path, start, end, self._written(new, start), self.by)

    def _mapping(self, node: cst.BaseExpression, items: Sequence[Item], old: dict[str, Data], new: dict[str, Data]) -> Iterator[Edit]:
        for item in items:
            if item.key in new:
                yield from self._edits(item.value, old[item.key], new[item.key])
        added = {key: value for key, value in new.items() if key not in old}
        gone = [index for index, item in enumerate(items) if item.key not in new]
        if isinstance(node, cst.DictComp) and (added or gone):
            raise CannotFollowError(f"`{self.module.source(node)}` would have other keys", _BY_HAND)
        if added:
            if not gone:
                raise CannotFollowError(f"it is to have `{next(iter(added))}`, too", _BY_HAND)
            first = items[gone.pop(0)]
            call = isinstance(node, cst.Call)
            text = ", ".join(self._entry(key, value, first.start, call=call) for key, value in added.items())
            yield Edit(self.module.path, first.start, first.end, text, self.by)
            gone = [index for index in gone if items[index] is not first]
        yield from self._cuts(items, gone)

    def _cuts(self, items: Sequence[Item], gone: Sequence[int]) -> Iterator[Edit]:
        """The edits that take entries out: with their line where they stand alone on it, else with a comma."""
        text, kept = self.module.text, [index for index in range(len(items)) if index not in gone]
        for index in gone:
            item = items[index]
            if (line := self._line(item)) is not None:
                yield Edit(self.module.path, *line, "", self.by)
            elif kept and index > kept[-1]:
                last = items[index - 1].end
                end = item.end
                if self._line(items[index - 1]) is not None and index - 1 in gone:
                    last = item.start
                yield Edit(self.module.path, last, end, "", self.by)
            elif index + 1 < len(items):
                yield Edit(self.module.path, item.start, items[index + 1].start, "", self.by)
            else:
                found = re.compile(r"\s*,?").match(text, item.end)
                yield Edit(self.module.path, item.start, found.end() if found else item.end, "", self.by)

    def _line(self, item: Item) -> tuple[int, int] | None:
        """The whole lines of an entry, where nothing else stands on them but a comment."""
        text = self.module.text
        start = self.module.line_start(item.start)
        rest = _REST.match(text, item.end)
        if text[start : item.start].strip() or rest is None:
            return None
        return start, rest.end()

    def _entry(self, key: str, value: Data, at: int, *, call: bool) -> str:
        if call and not (key.isidentifier() and not keyword.iskeyword(key)):
            raise CannotFollowError(f"`{key}` cannot be an argument of `dict`", _BY_HAND)
        return f"{key}={self._written(value, at)}" if call else f"{self._written(key, at)}: {self._written(value, at)}"

    def _written(self, value: Data, at: int) -> str:
        """Source for a value, on one line if it is short."""
        text = self._source(value)
        if len(text) <= _WIDTH or not isinstance(value, dict):
            return text
        line = self.module.text[self.module.line_start(at) : at]
        indent = line[: len(line) - len(line.lstrip())]
        newline = self.module.tree.default_newline
        inner = "".join(f"{indent}    {self._source(key)}: {self._source(inner)},{newline}" for key, inner in value.items())
        return f"{{{newline}{inner}{indent}}}"

    def _source(self, value: Data) -> str:
        match value:
            case dict():
                return "{" + ", ".join(f"{self._source(key)}: {self._source(inner)}" for key, inner in value.items()) + "}"
            case list():
                return "[" + ", ".join(map(self._source, value)) + "]"
            case str() if value in self.unknown:
                return self.module.source(self.unknown[value])
            case str():
                return self.sources.get(value) or self._quoted(value)
        return repr(value)

    def _quoted(self, text: str) -> str:
        """A literal of a text, in the quotes that the display has most."""
        written = repr(text)
        wants = '"' if sum(source.endswith('"') for source in self.sources.values()) * 2 >= len(self.sources) else "'"
        plain = '"' not in text and "'" not in text
        return f"{wants}{written[1:-1]}{wants}" if plain else written


_REST = re.compile(r"[ \t]*,?[ \t]*(?:#[^\r\n]*)?(?:\r\n?|\n|\Z)")
