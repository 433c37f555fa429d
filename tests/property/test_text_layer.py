"""The laws of the text layer, over made-up texts with all that authors write."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TypeAlias

import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st
from tests.property.yaml_texts import encodings, newlines, yaml_texts

from workerlib.editing import Edit, Editor, Value, apply, reindent, with_newlines
from workerlib.editing.writing import is_special
from workerlib.errors import ConfigurationError, UsageError
from workerlib.text import (
    Alias,
    Entry,
    Limits,
    Node,
    Scalar,
    Sequence,
    Source,
    dealias,
    is_merge,
    merged_entries,
    parse,
    parsing,
    read,
    walk,
)
from workerlib.text import Mapping as MappingNode

Meaning: TypeAlias = object
Instead: TypeAlias = Mapping[int, Callable[[], Meaning]]


def source(text: str) -> Source:
    """The tree of a text that both parsers read alike."""
    try:
        return parse(Source("f.yaml", text))
    except ConfigurationError as error:
        event(error.diagnostics[0].name)
        assume(False)
        raise


def meaning(node: Node | None, instead: Instead | None = None, *, merged: bool = False) -> Meaning:
    """What a node says, aliases resolved. `instead` says what nodes and entries, by id, mean now; an entry is a list of pairs."""
    told = instead or {}
    again = partial(meaning, instead=told, merged=merged)
    if node is None:
        return None
    if id(node) in told:
        return told[id(node)]()
    if isinstance(node, Alias):
        return again(node.target)
    if isinstance(node, Scalar):
        return (None, "null", True) if node.is_null else (node.tag, node.value, not node.style and is_special(node.value))
    if isinstance(node, Sequence):
        return (node.tag, [again(item) for item in node.items])
    entries = merged_entries(node).values() if merged else node.entries
    pairs = []
    for entry in entries:
        told_pairs = told[id(entry)]() if id(entry) in told else [(again(entry.key), again(entry.value))]
        assert isinstance(told_pairs, list)
        pairs += told_pairs
    return (node.tag, dict_of(pairs) if merged else pairs)


def dict_of(pairs: list[tuple[Meaning, Meaning]]) -> dict[str, Meaning]:
    return {repr(key): value for key, value in pairs}


def means(value: Value) -> Meaning:
    """What a new value says."""
    if isinstance(value, Mapping):
        return (None, [(means(k), means(v)) for k, v in value.items()])
    if isinstance(value, list):
        return (None, [means(v) for v in value])
    assert isinstance(value, str)
    return parse_scalar(value)


def parse_scalar(value: str) -> Meaning:
    return ("?", value)


def alike(found: Meaning, expected: Meaning) -> bool:
    """Whether two meanings are equal; a new scalar may have any style."""
    if isinstance(expected, tuple) and expected[0] == "?":
        return isinstance(found, tuple) and len(found) == 3 and found[1] == expected[1]
    if isinstance(expected, (tuple, list)):
        return type(found) is type(expected) and len(found) == len(expected) and all(map(alike, found, expected))
    if isinstance(expected, dict):
        return isinstance(found, dict) and found.keys() == expected.keys() and all(alike(found[k], v) for k, v in expected.items())
    return found == expected


def edited(before: Source, edit: Editor) -> Source:
    """The text with the edits. It parses, and its twins with other line breaks are edited alike."""
    try:
        edits = edit.edits().get(before.path, ())
    except UsageError:  # what an alias in braces needs cannot be written there
        assume(False)
        raise
    text = apply(before.text, edits)
    event("edited")
    keeps_what_is_outside(before.text, edits, text)
    try:
        return parse(Source("f.yaml", text))
    except ConfigurationError as error:
        raise AssertionError(f"{error}\n{text}") from error


def keeps_what_is_outside(before: str, edits: Iterable[Edit], after: str) -> None:
    """What stands between edits stands between what they wrote, to the letter."""
    old = new = 0
    for one in edits:
        size = one.start - old
        assert size >= 0
        assert after[new : new + size] == before[old : one.start]
        assert after[new + size : new + size + len(one.text)] == one.text
        old, new = one.end, new + size + len(one.text)
    assert after[new:] == before[old:]


def check(text: str, act: Callable[[Source, Editor], Instead], *, merged: bool = False, comments: bool = True) -> None:
    """Do something to a text; the result says what was asked for, and nothing else is different."""
    before = source(text)
    edit = Editor("law")
    instead = act(before, edit)
    after = edited(before, edit)
    expected, found = meaning(before.root, instead, merged=merged), meaning(after.root, merged=merged)
    assert alike(found, expected), f"\n--- before\n{before.text}\n--- after\n{after.text}\n--- found\n{found}\n--- expected\n{expected}"
    if comments:
        lost = Counter(before.text[a:b] for a, b in before.comments()) - Counter(after.text[a:b] for a, b in after.comments())
        assert not lost, f"\n--- lost {lost}\n--- before\n{before.text}\n--- after\n{after.text}"
    for newline in ("\r\n", "\r"):
        twin = parse(Source("f.yaml", with_newlines(text, newline)))
        edit = Editor("law")
        act(twin, edit)
        assert with_newlines(apply(twin.text, edit.edits().get("f.yaml", ())), "\n") == with_newlines(after.text, "\n")
        if "\n" in text:
            assert not re.search(r"(?<!\r)\n" if newline == "\r\n" else "\n", apply(twin.text, edit.edits().get("f.yaml", ())))


def entries(tree: Source) -> list[Entry]:
    return [e for n in walk(tree.root) if isinstance(n, MappingNode) for e in n.entries]


def nodes(tree: Source) -> list[Node]:
    """Every node but keys and the root."""
    keys = {id(e.key) for e in entries(tree)}
    return [n for n in walk(tree.root) if n is not tree.root and id(n) not in keys]


def is_key(node: Node) -> bool:
    parent = node.source.parents.get(id(node))
    return isinstance(parent, Entry) and parent.key is node


indices = st.integers(0, 30)
NEW = "new-key"
VALUES: list[Value] = ["x", "1.10", "a: b # c", "two\nlines\n", "", "é😀", "a?b:c", {"k": "v"}, ["a", {"b": "c", "d": "e"}]]
VALUES += [{"k": {"l": ["a", "b: c"]}, "m": "n"}, {"k": "two\nlines"}]
values = st.sampled_from(VALUES)


# ---- reading


@given(yaml_texts(), newlines, encodings)
def test_bytes_come_back_as_they_were(text: str, newline: str, encoding: str) -> None:
    data = with_newlines(text, newline).encode(encoding)
    try:
        found = read("f.yaml", data)
    except ConfigurationError:
        assume(False)
        raise
    assert found.encode(apply(found.text, ())) == data


@given(yaml_texts())
def test_places_are_true(text: str) -> None:
    tree = source(text)
    for node in walk(tree.root):
        assert 0 <= node.start <= node.end <= len(text)
        if isinstance(node, Scalar) and not node.style and node.value and "\n" not in node.text:
            assert text[node.body : node.end] == node.value
        if isinstance(node, Scalar) and node.style in ("'", '"'):
            assert text[node.body] == text[node.end - 1] == node.style
        if not isinstance(node, (Scalar, Alias)) and node.flow and text[node.body] in "{[":
            assert text[node.end - 1] in "}]"
        assert node.text == node.text.rstrip("\n") or "+" in text
    for entry in entries(tree):
        assert entry.start == entry.key.start or text[entry.start] == "?"
    for start, end in tree.comments():
        assert text[start] == "#"
        assert "\n" not in text[start:end]


@given(yaml_texts(), newlines)
def test_both_parsers_read_the_same(text: str, newline: str) -> None:
    pytest.importorskip("_ruamel_yaml")
    assert tree_of(with_newlines(text, newline), pure=False) == tree_of(with_newlines(text, newline), pure=True)


def tree_of(text: str, *, pure: bool) -> object:
    tree = Source("f.yaml", text)
    try:
        parsing.build(tree, Limits(), pure=pure)
    except ConfigurationError as error:
        assume("more indented follow up line" not in str(error))  # below a line of blanks, which YAML allows and ruamel.yaml does not
        return "refused"
    return [
        (type(n), n.start, n.end, n.tag, n.anchor, n.value if isinstance(n, Scalar) else "", getattr(n, "body", 0)) for n in walk(tree.root)
    ]


# ---- re-indenting


@given(yaml_texts(markers=False), st.integers(1, 5), newlines)
def test_lines_can_be_moved_below_a_key_and_back(text: str, by: int, newline: str) -> None:
    text = with_newlines(text, newline)
    before = source(text)
    below = reindent(text, by)
    after = parse(Source("f.yaml", f"above:{newline}{below}"))
    assert isinstance(after.root, MappingNode)
    assert meaning(after.root.entries[0].value) == meaning(before.root)
    assert reindent(below, -by) == text


@given(yaml_texts(size=14), indices)
def test_a_block_can_be_moved_to_the_left(text: str, index: int) -> None:
    tree = source(text)
    blocks = [e for e in entries(tree) if isinstance(e.value, MappingNode) and not e.value.flow and e.mapping is tree.root]
    assume(blocks)
    entry = blocks[index % len(blocks)]
    inner = entry.value
    assert isinstance(inner, MappingNode)
    inside = [a for a in tree.aliases if entry.start <= a.start < entry.end]
    assume(all(inner.start < a.target.start < inner.end for a in inside))
    assume(inner.start == inner.body)
    lines = text[tree.line_start(inner.body) : tree.next_line(inner.end)]
    after = parse(Source("f.yaml", reindent(lines, -tree.column(inner.body))))
    assert meaning(after.root) == meaning(inner)


# ---- keys


@given(yaml_texts(), st.lists(indices, min_size=1, max_size=4))
def test_removed_keys_are_gone_and_nothing_else(text: str, chosen: list[int]) -> None:
    def remove(tree: Source, edit: Editor) -> Instead:
        found = entries(tree)
        gone = {id(found[i % len(found)]): found[i % len(found)] for i in chosen}
        for entry in gone.values():
            edit.remove(entry)
        kept = Counter(tree.text[a:b] for a, b in tree.comments() if not any(leaves(e, a) for e in gone.values()))
        after = edited(tree, edit)
        missing = kept - Counter(after.text[a:b] for a, b in after.comments())
        assert not missing, f"\n--- lost {missing}\n--- before\n{tree.text}\n--- after\n{after.text}"
        return dict.fromkeys(gone, list)

    check(text, remove, comments=False)


def leaves(entry: Entry, comment: int) -> bool:
    """Whether a comment stands inside an entry or beside its end."""
    tree = entry.key.source
    return entry.start <= comment and not tree.text[entry.end : comment].strip(" ,") if comment >= entry.end else entry.start < comment


@given(yaml_texts(), indices)
def test_a_renamed_key_keeps_its_value(text: str, index: int) -> None:
    def rename(tree: Source, edit: Editor) -> Instead:
        entry = entries(tree)[index % len(entries(tree))]
        assume(isinstance(dealias(entry.key), Scalar) and dealias(entry.key).anchor is None)
        edit.rename(entry, NEW)
        tag = None if isinstance(entry.key, Alias) else entry.key.tag
        return {id(entry.key): lambda: ("?", NEW) if tag is None else (tag, NEW, True)}

    check(text, rename)


@given(yaml_texts(), indices, st.integers(1, 3))
def test_a_nested_value_keeps_its_value(text: str, index: int, depth: int) -> None:
    names = [NEW, "b", "c"][:depth]

    def nest(tree: Source, edit: Editor) -> Instead:
        entry = entries(tree)[index % len(entries(tree))]
        edit.nest(entry, *names)
        tag = None if isinstance(entry.key, Alias) else entry.key.tag

        def pairs() -> Meaning:
            value = meaning(entry.value)
            for name in reversed(names[1:]):
                value = (None, [(("?", name), value)])
            return [(("?", NEW), value)]

        assume(tag is None and entry.key.anchor is None and not is_merge(entry))
        return {id(entry): pairs}

    check(text, nest)


@given(yaml_texts(), indices, indices, values, st.booleans())
def test_an_added_key_stands_where_it_was_asked_for(text: str, index: int, after: int, value: Value, twice: bool) -> None:
    def add(tree: Source, edit: Editor) -> Instead:
        mappings = [n for n in walk(tree.root) if isinstance(n, MappingNode) and not is_key(n)]
        mapping = mappings[index % len(mappings)]
        at = after % (len(mapping.entries) + 1)
        names = [NEW, NEW + "2"] if twice else [NEW]
        for name in names:
            edit.add(mapping, name, value, after=mapping.entries[at - 1] if at else None)
        new = [(("?", name), means(value)) for name in names]

        def pairs() -> Meaning:
            old = [(meaning(e.key), meaning(e.value)) for e in mapping.entries]
            return (mapping.tag, [*old[:at], *new, *old[at:]])

        return {id(mapping): pairs}

    check(text, add)


@given(yaml_texts(), indices, indices, values)
def test_keys_come_and_go_at_once(text: str, index: int, after: int, value: Value) -> None:
    def swap(tree: Source, edit: Editor) -> Instead:
        mappings = [n for n in walk(tree.root) if isinstance(n, MappingNode) and n.entries and not is_key(n)]
        mapping = mappings[index % len(mappings)]
        gone = mapping.entries[: 1 + index % len(mapping.entries)]
        at = after % (len(mapping.entries) + 1)
        for entry in gone:
            edit.remove(entry)
        edit.add(mapping, NEW, value, after=mapping.entries[at - 1] if at else None)

        def pairs() -> Meaning:
            old = [(meaning(e.key), meaning(e.value)) for e in mapping.entries[len(gone) :]]
            place = max(0, at - len(gone))
            return (mapping.tag, [*old[:place], (("?", NEW), means(value)), *old[place:]])

        return {id(mapping): pairs}

    check(text, swap, comments=False)


# ---- values


@given(yaml_texts(), indices, values)
def test_a_replaced_value_is_the_new_one(text: str, index: int, value: Value) -> None:
    def replace(tree: Source, edit: Editor) -> Instead:
        node = nodes(tree)[index % len(nodes(tree))]
        assume(not (isinstance(value, (Mapping, list)) and node.tag == "tag:yaml.org,2002:str"))
        edit.replace(node, value)

        def new() -> Meaning:
            said = means(value)
            if isinstance(node, Alias) or node.tag is None:
                return said
            return ("?", value) if isinstance(value, str) else (node.tag, said[1])  # type: ignore[index]

        return {id(node): new}

    check(text, replace, comments=False)


@given(yaml_texts(), indices, values)
def test_a_replaced_scalar_leaves_every_comment(text: str, index: int, value: Value) -> None:
    def replace(tree: Source, edit: Editor) -> Instead:
        scalars = [n for n in nodes(tree) if isinstance(n, Scalar) and n.tag is None]
        assume(scalars)
        node = scalars[index % len(scalars)]
        edit.replace(node, value)
        return {id(node): lambda: means(value)}

    check(text, replace)


@given(yaml_texts(), indices)
def test_an_expanded_alias_says_the_same_and_is_free(text: str, index: int) -> None:
    def expand(tree: Source, edit: Editor) -> Instead:
        assume(tree.aliases)
        alias = tree.aliases[index % len(tree.aliases)]
        assume(not is_key(alias))
        try:
            edit.expand(alias)
        except UsageError:
            assume(False)
        return {}

    check(text, expand)


MERGE = "base: &base\n  x1: |+\n    t\n\n  a: &x2 [y,\n   z]  # c\n  b: *x2\nuser:\n  <<: *base  # d\n"


@given(yaml_texts(markers=False), indices)
def test_an_expanded_merge_key_says_the_same(below: str, index: int) -> None:
    text = MERGE + reindent(below, 2)

    def expand(tree: Source, edit: Editor) -> Instead:
        merges = [e for e in entries(tree) if is_merge(e)]
        try:
            edit.expand(merges[index % len(merges)])
        except UsageError:
            assume(False)
        return {}

    check(text, expand, merged=True)


@given(yaml_texts(size=14), indices, indices)
def test_a_moved_entry_says_the_same_elsewhere(text: str, index: int, goal: int) -> None:
    def move(tree: Source, edit: Editor) -> Instead:
        found = entries(tree)
        entry = found[index % len(found)]
        mappings = [n for n in walk(tree.root) if isinstance(n, MappingNode) and n.entries and not is_key(n)]
        mapping = mappings[goal % len(mappings)]
        assume(mapping is not entry.mapping and not entry.start <= mapping.start < entry.end and entry.key.anchor is None)
        assume(not isinstance(entry.key, Alias) and entry.key.tag is None)
        try:
            edit.move(entry, mapping, NEW, after=mapping.entries[-1])
        except UsageError:
            assume(False)
        assume(len({a.anchor for a in tree.anchors}) == len(tree.anchors))

        moved = meaning(entry.value)
        assume(not mapping.start <= entry.start < mapping.end)

        def without(node: MappingNode) -> list[tuple[Meaning, Meaning]]:
            return [(meaning(e.key, out), meaning(e.value, out)) for e in node.entries if e is not entry]

        out: dict[int, Callable[[], Meaning]] = {id(entry): list}
        out[id(mapping)] = lambda: (mapping.tag, [*without(mapping), (("?", NEW), moved)])
        return out

    check(text, move)


@given(yaml_texts(), st.lists(st.sampled_from(("a", "b", "cmd", NEW)), min_size=1, max_size=3), values)
def test_a_set_value_is_at_its_path(text: str, path: list[str], value: Value) -> None:
    before = source(text)
    edit = Editor("law")
    assert isinstance(before.root, MappingNode)
    try:
        edit.set(before.root, path, value)
    except UsageError:
        assume(False)
    after: Node | None = edited(before, edit).root
    for name in path:
        assert isinstance(after, MappingNode)
        entry = after.get(name)
        assert entry is not None
        after = entry.value
    assert after is not None
    expected = means(value)
    found = meaning(after)
    assert alike(found, expected) or (isinstance(found, tuple) and alike((None, *found[1:]), expected))
    again = Editor("law")
    tree = source(apply(before.text, edit.edits()["f.yaml"]))
    assert isinstance(tree.root, MappingNode)
    again.set(tree.root, path, value)
    assert meaning(edited(tree, again).root) == meaning(tree.root)
