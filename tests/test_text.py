"""Reading: bytes, places, limits, refusals."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest
from tests.support import steps

from workerlib.diagnostic import Origin, Span
from workerlib.errors import ConfigurationError, UsageError
from workerlib.text import Alias, Limits, Mapping, Scalar, Sequence, Source, merged_entries, merging, parse, parsing, read, walk

libyaml = pytest.mark.skipif(find_spec("_ruamel_yaml") is None, reason="libyaml, which this is about, is not installed")


def tree(text: str) -> Source:
    return parse(Source("f.yaml", text))


def refusal(data: bytes | str, limits: Limits = parsing.DEFAULT) -> tuple[str, str]:
    """The name of the one refusal, and its place."""
    with pytest.raises(ConfigurationError) as caught:
        read("f.yaml", data if isinstance(data, bytes) else data.encode("utf-8", "surrogatepass"), limits)
    (found,) = caught.value.diagnostics
    assert found.help
    return found.name, str(found.origin).removeprefix("f.yaml").removeprefix(":")


# ---- bytes


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_every_encoding_of_yaml_with_and_without_a_mark(encoding: str, mark: str) -> None:
    data = (mark + "a: é😀  # c\r\n").encode(encoding)
    if data.count(b"\xef\xbb\xbf") == 2 or (mark and encoding in ("utf-16", "utf-32")):
        return  # two marks
    found = read("f.yaml", data)
    assert found.text == "a: é😀  # c\r\n"
    assert found.encode(found.text) == data


def test_bytes_that_are_no_text_are_shown_with_their_place() -> None:
    assert refusal(b"a: x\nb: \xe9\n") == ("not-text", "2:4")
    assert refusal("é: x\né: ".encode() + b"\xff\n") == ("not-text", "2:4")
    assert refusal("a: x".encode("utf-16") + b"\x00") == ("not-text", "1:5")


@pytest.mark.parametrize("character", ["\x00", "\x07", "\x1b", "\x7f", "\x80", "\ufeff", "\ufffe", "\ud800"])
def test_characters_that_cannot_be_printed_are_refused(character: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        tree(f"a: x\nb: y{character}z\n")
    (found,) = caught.value.diagnostics
    assert (found.name, str(found.origin)) == ("not-yaml", "f.yaml:2:5")


def test_the_byte_that_is_no_text_has_a_place_of_one_character_behind_the_mark() -> None:
    with pytest.raises(ConfigurationError) as caught:
        read("f.yaml", b"\xef\xbb\xbfa: \xff\n")
    (found,) = caught.value.diagnostics
    assert found.origin == Origin("f.yaml", Span(3, 4, 1, 4))
    assert found.message == "expected text in UTF-8, found byte 0xff"


@pytest.mark.parametrize(
    ("character", "message"),
    [
        ("\x07", "expected printable text, found character U+0007"),
        ("\u2028", "expected line breaks that all YAML parsers know, found character U+2028"),
    ],
)
def test_a_character_that_is_refused_is_named(character: str, message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        tree(f"a: {character}\n")
    assert caught.value.diagnostics[0].message == message


@pytest.mark.parametrize("character", [" ", "~"])
def test_the_first_and_the_last_printable_character(character: str) -> None:
    assert tree(f"a: 'x{character}'\n").root


@pytest.mark.parametrize(
    ("data", "code", "said", "advice"),
    [
        (b"a: xxx", "WL105", "expected a file of at most 5 bytes, found more", "split the file, or raise the limit `file_size`"),
        (b"a: \xff", "WL100", "expected text in UTF-8, found byte 0xff", "save the file as UTF-8"),
        (b"a: \x07", "WL101", "expected printable text, found character U+0007", "remove it, or write it as an escape in double quotes"),
    ],
)
def test_what_is_wrong_with_bytes_and_what_to_do(data: bytes, code: str, said: str, advice: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read("f.yaml", data, Limits(file_size=5))
    assert [(one.code, one.message, one.help) for one in caught.value.diagnostics] == [(code, said, advice)]


def test_a_file_may_be_as_large_as_its_limit() -> None:
    assert read("f.yaml", b"a: xx", Limits(file_size=5)).root
    assert refusal(b"a: xx", Limits(file_size=4))[0] == "limit-exceeded"


# ---- places


def test_a_block_collection_ends_at_its_last_leaf() -> None:
    found = tree("a:\n  b: 1  # c\n  # d\n\ne: 2\n").root
    assert isinstance(found, Mapping)
    assert [e.value.text for e in found.entries] == ["b: 1", "2"]


@pytest.mark.parametrize(
    ("text", "scalar"),
    [
        ("a: |\n  x\n\n\nb: 1", "|\n  x"),
        ("a: |+\n  x\n\n\nb: 1", "|+\n  x\n\n"),
        ("a: |-  # c\n  x\n     \nb: 1", "|-  # c\n  x\n     "),
        ("a: |2\n    x\n   \n  \nb: 1", "|2\n    x\n   "),
        ("a: >\n\n  x\n# c", ">\n\n  x"),
        ("a: |\nb: 1", "|"),
        ("a: |  # c\nb: 1", "|"),
        ("a: |\n  x\n  ", "|\n  x"),
        ("- a: |1\n    x\n  b: 1", "|1\n    x"),
        ("- a: |1\n    x\n   \n  b: 1", "|1\n    x"),
        ("a: |\n  x", "|\n  x"),
        ("a: |\n  x\n     ", "|\n  x\n     "),
        ("a: |+\n  x\n  ", "|+\n  x"),
        ("a: |+\n  x\n  \n", "|+\n  x\n  "),
        ("- |+\n  x\n \n- b", "|+\n  x\n "),
        ("a:\n  b: |+\n    x\n\n  c: d", "|+\n    x\n"),
        ("a: |", "|"),
        ("a: |+\n\n\nb: c", "|+\n\n"),
        ("a: |2-\n\nb: c", "|2-"),
        ("a: |\n   \nb: c", "|"),
        ("- a: |1\n    x\n    \n  b: 1", "|1\n    x\n    "),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_a_block_scalar_ends_at_its_last_line(text: str, scalar: str, newline: str) -> None:
    found = walk(tree(text.replace("\n", newline)).root)
    assert next(n.text for n in found if isinstance(n, Scalar) and n.is_block) == scalar.replace("\n", newline)


@pytest.fixture(params=["libyaml", "pure"])
def either_parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "pure":
        monkeypatch.setitem(sys.modules, "_ruamel_yaml", None)


@pytest.mark.usefixtures("either_parser")
def test_what_is_not_written_stands_behind_its_colon_or_dash() -> None:
    text = "a:   # c\nb: &x\nc:\n-\n- 1\n-   # c\n? d\n? # e\n"
    nodes = [n for n in walk(tree(text).root) if isinstance(n, Scalar) and not n.value]
    places = ["   # c\nb", "&x", "\n- 1", "   # c\n?", "\n? # e", " # e", " # e"]
    assert [n.start for n in nodes] == [text.index(place) for place in places]
    assert [n.start for n in tree("{a, b: }").scalars] == [1, 2, 4, 6]


@pytest.mark.usefixtures("either_parser")
@pytest.mark.parametrize(
    ("text", "tag", "anchor", "start", "body", "end"),
    [
        ("a: &x !t {b: c}\n", "!t", "x", 3, 9, 15),
        ("a: !t &x {b: c}\n", "!t", "x", 3, 9, 15),
        ("a: &x {b: c}\n", None, "x", 3, 6, 12),
        ("a: !t {b: c}\n", "!t", None, 3, 6, 12),
        ("a: !t\n  b: c\n", "!t", None, 3, 8, 12),
        ("a: &x\n  b: c\n", None, "x", 3, 8, 12),
        ("[!t &x [b]]\n", "!t", "x", 1, 7, 10),
        ("- &x\n  - b\n", None, "x", 2, 7, 10),
        ("!t &x\na: b\n", "!t", "x", 0, 6, 10),
        ("a: !!map {b: c}\n", "tag:yaml.org,2002:map", None, 3, 9, 15),
        ("a: ! b\n", "!", None, 3, 5, 6),
        ("a: !<tag:x,2000:t> b\n", "tag:x,2000:t", None, 3, 19, 20),
        ("%TAG !e! tag:x,2000:\n---\na: !e!t b\n", "tag:x,2000:t", None, 28, 33, 34),
        ("a: &x # c\n  !t # d\n  b\n", "!t", "x", 3, 21, 22),
        ("a: &x\nb: c\n", None, "x", 3, 5, 5),
        ("a: !t &x\nb: c\n", "!t", "x", 3, 8, 8),
        ("- !t\n", "!t", None, 2, 4, 4),
        ("a: !t |\n  b\n", "!t", None, 3, 6, 11),
    ],
)
def test_where_anchor_and_tag_stand_and_what_they_belong_to(
    text: str, tag: str | None, anchor: str | None, start: int, body: int, end: int
) -> None:
    (node,) = (node for node in walk(tree(text).root) if isinstance(node, Scalar | Mapping | Sequence) and (node.tag or node.anchor))
    assert (node.tag, node.anchor, node.start, node.body, node.end) == (tag, anchor, start, body, end)


@libyaml
def test_a_tag_that_the_pure_parser_does_not_place_is_refused_by_it(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "a: !t # c\n  &x [b]\n"
    assert tree(text).collections[1].start == 3
    monkeypatch.setitem(sys.modules, "_ruamel_yaml", None)
    assert refusal(text) == ("ambiguous-yaml", "1:9")


@pytest.mark.usefixtures("either_parser")
@pytest.mark.parametrize("text", ["[a: b , c]", "[d, ? a : b , c]", "{e: [a: b ], d: e }"])
def test_a_pair_in_a_sequence_ends_at_its_value(text: str) -> None:
    found = next(node for node in tree(text).collections if isinstance(node, Mapping) and node.get("a"))
    assert found.text in ("a: b", "? a : b")
    assert tree(text).collections[0].text == text


@pytest.mark.usefixtures("either_parser")
@pytest.mark.parametrize(
    ("text", "explicit", "start", "end", "directives", "root"),
    [
        ("# c\n", False, 0, 0, (), None),
        ("a: b\n", False, 0, 5, (), 0),
        ("---\na: b\n", True, 3, 9, (), 4),
        ("--- # c\n...\n", True, 3, 8, (), 3),
        ("a: b\n...\n", False, 0, 5, (), 0),
        ("%YAML 1.2\n%TAG !e! tag:x,2000:\n---\na: b\n...\n# %d\n", True, 34, 40, ("%YAML 1.2", "%TAG !e! tag:x,2000:"), 35),
        ("%YAML 1.2 # c#d\n---\na: b\n", True, 19, 25, ("%YAML 1.2 # c#d",), 20),
    ],
)
def test_where_the_document_begins_and_ends(
    text: str, explicit: bool, start: int, end: int, directives: tuple[str, ...], root: int | None
) -> None:
    source = tree(text)
    found = source.document
    assert (found.explicit, found.start, found.end, found.directives) == (explicit, start, end, directives)
    assert (source.root.start if source.root else None) == root


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_lines_are_counted_whatever_ends_them(newline: str) -> None:
    source = tree(newline.join(["a: 1", "", "b: 2", "# c", "c: 3"]))
    assert isinstance(source.root, Mapping)
    last = source.root.entries[-1]
    assert str(tree(f"a: 1\rb: 2{newline}c: 3\n").scalars[-1].origin) == "f.yaml:3:4"
    assert str(last.value.origin) == "f.yaml:5:4"
    assert (source.line_start(last.end), source.column(last.value.start), source.before(last.value.start)) == (last.start, 3, "c: ")
    second = source.root.get("b")
    assert second
    assert source.root.get("d") is None
    assert (source.line_end(second.start), source.next_line(second.start)) == (second.end, second.end + len(newline))
    assert (source.line_end(last.start), source.next_line(last.start)) == (last.end, len(source.text))


def test_an_alias_is_a_node_of_its_own() -> None:
    found = tree("a: &x {k: 1}\nb: *x\n").root
    assert isinstance(found, Mapping)
    alias = found.entries[1].value
    assert isinstance(alias, Alias)
    assert (alias.text, alias.target) == ("*x", found.entries[0].value)


def test_merge_keys_yield_to_own_keys_and_earlier_mappings_to_none() -> None:
    found = tree("x: &x {a: 1, b: 1}\ny: &y {b: 2, c: 2}\nz:\n  <<: [*x, *y]\n  a: 3\n").root
    assert isinstance(found, Mapping)
    last = found.entries[-1].value
    assert isinstance(last, Mapping)
    values = {name: e.value.text for name, e in merged_entries(last).items()}
    assert values == {"b": "1", "c": "2", "a": "3"}


def merged(text: str) -> dict[str, str]:
    """The entries of the last value, as text, merge keys applied."""
    root = tree(text).root
    assert isinstance(root, Mapping)
    last = root.entries[-1].value
    assert isinstance(last, Mapping)
    return {name: entry.value.text for name, entry in merged_entries(last).items()}


def test_where_the_dashes_of_items_stand() -> None:
    text = "- a\n# c\n- - b\n  -\n-\n"
    outer, inner = (node for node in walk(tree(text).root) if isinstance(node, Sequence))
    assert [outer.dash(index) for index in range(3)] == [0, 8, 18]
    assert [inner.dash(index) for index in range(2)] == [10, 16]


def test_nodes_are_shown_with_their_places() -> None:
    source = tree("a:\n  b: " + "x" * 50 + "\n")
    assert repr(source) == "<Source f.yaml>"
    assert repr(source.scalars[-1]) == f"<Scalar f.yaml:2:6 '{'x' * 40}'>"
    assert isinstance(source.root, Mapping)
    assert repr(source.root.entries[0]) == f"<Entry 'a': <Mapping f.yaml:2:3 'b: {'x' * 37}'>>"


def test_what_is_merged_stands_where_its_merge_key_does_and_own_keys_where_they_are_written() -> None:
    assert list(merged("x: &x {a: 1, b: 1}\nz:\n  c: 2\n  <<: *x\n  d: 2\n  a: 2\n").items()) == [
        ("c", "2"),
        ("b", "1"),
        ("d", "2"),
        ("a", "2"),
    ]


def test_keys_that_are_collections_are_left_out_of_merged_entries() -> None:
    assert merged("z: {? [a] : b, c: d}\n") == {"c": "d"}
    assert merged("x: &x {? [a] : b, c: d}\nz: {<<: *x, ? {e: f} : g}\n") == {"c": "d"}


def test_a_merge_key_in_quotes_is_a_key_like_others() -> None:
    assert merged("x: &x {'<<': 1, a: 1}\nz: {<<: *x, b: 2}\n") == {"<<": "1", "a": "1", "b": "2"}


def test_a_merge_key_may_have_its_tag_and_no_other() -> None:
    assert merged("x: &x {a: 1}\nz: {!!merge <<: *x}\n") == {"a": "1"}
    assert merged("x: &x {a: 1}\nz: {!!str <<: *x}\n") == {"<<": "*x"}


def test_a_key_that_is_an_alias_is_called_what_it_stands_for() -> None:
    source = tree("a: &x b\n*x : c\n? &y [d]\n: e\n*y : f\n")
    assert isinstance(source.root, Mapping)
    assert [entry.name for entry in source.root.entries] == ["a", "b", None, None]
    assert refusal("a: &x b\n*x : c\nb: d\n") == ("duplicate-key", "3:1")


def test_the_merge_key_of_an_alias() -> None:
    source = tree("x: &x {a: 1}\nz:\n  <<: *x\n  b: [*x]\n  c: *x\ny:\n  <<: [{}, *x]\n")
    found = [merging(alias) for alias in source.aliases]
    assert [entry.start if entry else None for entry in found] == [18, None, None, 48]


def test_null_in_every_spelling() -> None:
    found = tree("[~, null, Null, NULL, !!null null, !!null ~]\n")
    assert [node.is_null for node in found.scalars] == [True] * 6
    assert [node.is_null for node in tree("a: !!null\nb:\n").scalars] == [False, True, False, True]
    assert [node.is_null for node in tree("['null', nULL, !!str null, !t null]").scalars] == [False] * 4


@pytest.mark.parametrize("text", ["{? a : b}", "{c: d, ? a : b}", "[c, ? a : b]", "[? a : b]", "? a\n: b\n", "c: d\n? # e\n  a\n: b\n"])
def test_an_entry_starts_at_its_question_mark(text: str) -> None:
    mapping = next(node for node in walk(tree(text).root) if isinstance(node, Mapping))
    assert mapping.entries[-1].name == "a"
    assert mapping.entries[-1].start == text.index("?")


@pytest.mark.parametrize(
    ("text", "newline"),
    [("", "\n"), ("a: 1", "\n"), ("a: 1\nb: 2\nc: 3\r\n", "\n"), ("a: 1\r\nb: 2\r\nc: 3\n", "\r\n"), ("a: 1\rb: 2\rc: 3\n", "\r")],
)
def test_new_lines_end_as_most_lines_do(text: str, newline: str) -> None:
    assert tree(text).newline == newline


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("a: 1\n", 2),
        ("a: {b: {c: d}}\n", 2),
        ("- a:\n     b:\n     - c\n", 3),
        ("a:\n   b:\n      c: 1\nd:\n  e: 1\n", 3),
        ("a:\n  b: 1\nd:\n    e: 1\n", 2),
        ("a:\n    b: 1\nd:\n  e: 1\n", 2),
    ],
)
def test_the_step_is_by_how_much_most_mappings_are_indented(text: str, step: int) -> None:
    assert tree(text).step == step


def test_comments_are_found_wherever_they_stand() -> None:
    text = "# 1\na: 'x # no' # 2\nb: |  # 3\n  # no\n  x # no\n# 4\nc: [a, # 5\n  b#no]\nd: x#no # 6"
    assert [text[a:b] for a, b in tree(text).comments()] == [f"# {n}" for n in range(1, 7)]


@pytest.mark.usefixtures("either_parser")
@pytest.mark.parametrize(
    "text",
    ["a: !t#c b", "a: !<t#c> b", "a: &x#c b", "a: &x b\nc: *x#c\n", "a: |#c\n  b\n", "a: >2#c\n  b\n", "%TAG !e! tag:x#c:\n---\na: b"],
)
def test_a_hash_that_opens_no_comment_stands_in_scalars_alone(text: str) -> None:
    assert refusal(text)[0] in ("not-yaml", "ambiguous-yaml")


def test_a_source_has_places_and_bytes_of_its_own() -> None:
    source = tree("a: é\n")
    assert source.scalars[1].origin == Origin("f.yaml", Span(3, 4, 1, 4))
    assert source.origin(3) == Origin("f.yaml", Span(3, 3, 1, 4))
    assert source.encode("é") == b"\xc3\xa9"


def test_comments_may_stand_directly_behind_quotes_and_brackets() -> None:
    text = 'a: \'x\'# 1\n"b": [c,# 2\n  d]# 3\ne: {# 4\n  f: g}\nh: i\'#no\nj: "["# 5\n'
    source = tree(text)
    assert [text[a:b] for a, b in source.comments()] == [f"# {n}" for n in range(1, 6)]
    assert isinstance(source.root, Mapping)
    assert [source.column(entry.start) for entry in source.root.entries] == [0, 0, 0, 0, 0]


# ---- refusals


@pytest.mark.parametrize(
    ("text", "name", "place"),
    [
        ("a: 1\nb: 2\na: 3\n", "duplicate-key", "3:1"),
        ("a: 1\n---\nb: 1\n", "several-documents", "2:1"),
        ("a: 1\n...\n---\nb: 1\n", "several-documents", "3:1"),
        ("a: 1\n...\nb: 1\n", "not-yaml", "3:1"),
        ("a: &x [*x]\n", "cyclic-alias", "1:8"),
        ("a: *x\n", "not-yaml", "1:4"),
        ("a: 1\nb\nc: 2\n", "not-yaml", "2:1"),
        ("a: b: c\n", "not-yaml", "1:5"),
        ("a: {{ x }}/y\n", "not-yaml", "1:11"),
        ("a: 'x\nb: 1\n", "not-yaml", "1:4"),
        ("a: 'x\n---\n", "not-yaml", "1:4"),
        ("a: 'x\nb: 1\nc: 'y'\n", "not-yaml", "1:4"),
        ("a: 'x\n  y'\n b: 1\n", "not-yaml", "3:2"),
        ("a: 'x': y\n", "not-yaml", "1:7"),
        ("a: [x\nb: 1\n", "not-yaml", "1:4"),
        ("a:\n\tb: 1\n", "not-yaml", "2:1"),
        ("a: @x\n", "not-yaml", "1:4"),
        ('a: "\\d"\n', "not-yaml", "1:5"),
    ],
)
@libyaml
def test_mistakes_have_a_place_and_advice(text: str, name: str, place: str) -> None:
    assert refusal(text) == (name, place)


ALIGN = "correct the indentation, or the quotes above"
CLOSE = "close it, or put an item that holds `:`, `?` or `#` in quotes"
NO_KEY = "begin it with `#` if it goes on with a comment; else write a colon behind its key, or correct the indentation"
QUOTE_BLOCK = "put text that begins with `|` or `>` in quotes"


@pytest.mark.parametrize(
    ("text", "expected", "advice"),
    [
        ("a:\n\tb: 1\n", "spaces", "indent with spaces, not with tabs"),
        ("a: 1\nb\nc: 2\n", "`key: value`", "add a colon and a blank, or indent a line that goes on"),
        ("a: b: c\n", "one key on the line", "put a value that holds `: ` in quotes, or correct the indentation"),
        ("# a comment that goes\non here\na: b\n", "a key or a comment, found text", NO_KEY),
        ("a:\n  - b c\n\n    d: e\n", "a key or a comment, found text", NO_KEY),
        ("a: b\n  c: d\n", "one key on the line", "put a value that holds `: ` in quotes, or correct the indentation"),
        ("# a\nb:\n  # c\n d e: f: g\n", "one key on the line", "put a value that holds `: ` in quotes, or correct the indentation"),
        ("a:\n  b: 1\n c: 2\n", "a key in line with those above", ALIGN),
        ("a: [b]]\n", "a key in line with those above", ALIGN),
        ("- a\nb: c\n", "an item in line with those above", "begin it with `- `, or correct the indentation"),
        ("a: - b\n", "a value", "put the first `- ` on a line of its own"),
        ("a: 'x\n", "the closing quote", "close the quote"),
        ("a: 'x\n---\n", "the closing quote", "close the quote"),
        ("a: 'x\nb: 'y'\n", "the closing quote", "close the quote; the text that begins here goes on to line 2"),
        ("a: 'x\nb: ' y'\n", "the closing quote", "close the quote; the text that begins here goes on to line 2"),
        ('a: "x\nb: "y"\n', "the closing quote", "close the quote; the text that begins here goes on to line 2"),
        ("a: [b\n", "a comma or the closing bracket", CLOSE),
        ("a: {b: c\nd: e\n", "a comma or the closing bracket", CLOSE),
        ("a: [\n", "the closing bracket, found the end", "close it"),
        ("a: {b: [c,  \n\n", "the closing bracket, found the end", "close it"),
        ("a: ]\n", "a value", "put a template such as `{{ name }}`, and text that begins with `%`, `@` or a backtick, in quotes"),
        ("a: @b\n", "a value", "put text that begins with `%`, `@` or a backtick in quotes"),
        ('a: "\\d"\n', "an escape that YAML has", "write the backslash twice, or use single quotes"),
        ("a: & b\n", "the name of an anchor", "put text that begins with `&` or `*` in quotes"),
        ("a: !b!c d\n", "a known tag", "write `!name`, or declare the handle with %TAG"),
        ("a: |b\n", "the end of the line behind `|` or `>`", QUOTE_BLOCK),
        ("a: >- b\n", "the end of the line behind `|` or `>`", QUOTE_BLOCK),
        ("%YAML 1.2\na: b\n", "the end of the document, or `---` below directives", "correct the indentation of this line"),
        ("a: !<b c\n", "YAML", "correct the file, then try again"),
    ],
)
@pytest.mark.parametrize("pure", [False, True])
def test_what_to_do_about_a_mistake_is_said_alike_by_both_parsers(
    text: str, expected: str, advice: str, pure: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if pure:
        monkeypatch.setitem(sys.modules, "_ruamel_yaml", None)
    with pytest.raises(ConfigurationError) as caught:
        tree(text)
    (found,) = caught.value.diagnostics
    assert (found.code, found.name) == ("WL101", "not-yaml")
    assert found.message.startswith(f"expected {expected} (")
    assert found.help == advice


@pytest.mark.parametrize("pure", [pytest.param(False, marks=libyaml), True])
def test_half_a_character_is_refused_by_either_parser(pure: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if pure:
        monkeypatch.setitem(sys.modules, "_ruamel_yaml", None)
    for escape in (r"\ud83d\ude00", r"\udfff", r"\U0000D800"):
        with pytest.raises(ConfigurationError) as caught:
            tree(f'a: "{escape}"\n')
        (found,) = caught.value.diagnostics
        assert (found.name, found.help) == ("not-yaml", "write the character itself")
        expected = "expected characters, found an escape of half of one" if pure else "expected an escape that YAML has ("
        assert found.message.startswith(expected)
    assert refusal('a: "\\UFFFFFFFF"') == ("not-yaml", "1:1" if pure else "1:7")
    assert [node.value for node in tree(r'a: "\ud7ff\ue000\U0001f600"').scalars] == ["a", "\ud7ff\ue000\U0001f600"]


@pytest.mark.parametrize("pure", [pytest.param(False, marks=libyaml), True])
def test_text_in_place_of_a_key_is_shown_where_it_begins(pure: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if pure:
        monkeypatch.setitem(sys.modules, "_ruamel_yaml", None)
    assert refusal("web:\n  commands\n    start: x\n") == ("not-yaml", "2:3")
    assert refusal("a:\n  - name b \n\n    d: e\n") == ("not-yaml", "2:5")


@libyaml
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [b\n", "expected a comma or the closing bracket (did not find expected ',' or ']' while parsing a flow sequence)"),
        ("a: b: c\n", "expected one key on the line (mapping values are not allowed in this context)"),
        (
            "a:\n\tb: c\n",
            "expected spaces (found character that cannot start any token while scanning for the next token: a tab character)",
        ),
        ("a: 'b\nc: 'd'\n", "expected the closing quote (did not find expected key while parsing a block mapping)"),
    ],
)
def test_a_mistake_keeps_the_words_of_the_parser(text: str, message: str) -> None:
    pytest.importorskip("_ruamel_yaml")
    with pytest.raises(ConfigurationError) as caught:
        tree(text)
    assert [found.message for found in caught.value.diagnostics] == [message]


@pytest.mark.parametrize(
    ("text", "code", "message", "advice"),
    [
        ("a: 1\n---\nb: 1\n", "WL103", "expected one YAML document, found a second", "move it into a file of its own"),
        ("a: 1\na: 3\n", "WL104", "key `a` stands twice in one mapping, first at f.yaml:1:1", "delete or rename one of them"),
        ("a: *x\n", "WL101", "expected an anchor `&x` above, found none", "correct the alias or add the anchor"),
        ("a: &x [*x]\n", "WL106", "alias `*x` stands inside the node that it names", "write the value out"),
        ("[[[x]]]", "WL105", "expected at most 2 collections inside each other", "split the file, or raise the limit `depth`"),
        ("[x, x, x, x, x]", "WL105", "expected at most 5 nodes", "split the file, or raise the limit `nodes`"),
        (
            "[&x [a, b], *x]",
            "WL105",
            "expected at most 6 nodes with aliases written out",
            "split the file, or raise the limit `expanded`",
        ),
    ],
)
def test_what_is_refused_is_named_with_what_to_do(text: str, code: str, message: str, advice: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse(Source("f.yaml", text), Limits(depth=2, nodes=5, expanded=6))
    (found,) = caught.value.diagnostics
    assert (found.code, found.message, found.help) == (code, message, advice)


QUOTE = "put it in quotes"
PLAIN_NAME = "use letters, digits, `-` and `_`, and a blank behind it"
COLON = "a plain scalar with a colon or question mark inside braces or brackets"


@pytest.mark.parametrize(
    ("pure", "text", "place", "what", "advice"),
    [
        (False, "a: |#c\n  x\n", "1:4", "a block of text that begins so", "leave a blank behind its `|` or `>`, and put it below a key"),
        (False, "--- |\n  x\n", "1:5", "a block of text that begins so", "leave a blank behind its `|` or `>`, and put it below a key"),
        (False, "a: >2\n  \tx\n", "2:1", "a block of text whose indentation is not clear", "indent its first line by spaces only"),
        (True, "a: &b: c\n", "1:4", "an anchor of unusual characters", PLAIN_NAME),
        (False, "a: !!!t c\n", "1:4", "a tag of unusual characters", PLAIN_NAME),
        (False, "a: &b x\nc: [*b:]\n", "2:5", "an alias of unusual characters", PLAIN_NAME),
        (True, "[a, b?c]\n", "1:5", COLON, QUOTE),
        (False, "[?a]\n", "1:3", COLON, QUOTE),
        (True, "[:a]\n", "1:2", COLON, QUOTE),
        (False, "{a: b:}\n", "1:5", COLON, QUOTE),
        (True, "a: b\n: c\n", "2:1", "a colon without a key before it", "write the key, or put the colon in quotes"),
        (True, "%FOO\n---\na: b\n", "1:1", "an unknown directive", "delete the line"),
        (False, "a: b\n...\n...\n", "3:1", "a second end of the document", "delete the line"),
    ],
)
@libyaml
def test_what_parsers_read_differently_is_shown_with_what_to_do(
    pure: bool, text: str, place: str, what: str, advice: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if pure:  # libyaml says it in its own words
        monkeypatch.setitem(sys.modules, "_ruamel_yaml", None)
    with pytest.raises(ConfigurationError) as caught:
        tree(text)
    (found,) = caught.value.diagnostics
    assert found.code == "WL102"
    assert str(found.origin) == f"f.yaml:{place}"
    assert found.message == f"expected text that all YAML parsers read alike, found {what}"
    assert found.help == advice


def test_a_merge_conflict_is_called_one() -> None:
    with pytest.raises(ConfigurationError) as caught:
        tree("a: 1\n<<<<<<< HEAD\nb: 1\n=======\nb: 2\n>>>>>>> other\n")
    (found,) = caught.value.diagnostics
    assert (str(found.origin), found.message) == ("f.yaml:2:1", "expected a file without merge conflicts")
    assert found.help == "resolve the conflict, and delete its marks"


# What only one of the two parsers accepts, or each reads in its own way.
AMBIGUOUS = [
    "a: |#c\n  x\n",
    "a: |\n  \tx\n",
    "--- |\nx\n",
    "a: &b: c\n",
    "a: &é c\n",
    "a: &b x\nc: [*b:]\n",
    "a: !!!t c\n",
    "{a: b:}\n",
    "[a?b]\n",
    "[?a]\n",
    "[:a]\n",
    ": a\n",
    "%FOO\n---\na: b\n",
    "a: b\n...\n...\n",
    "a: b\x85c\n",
    "a: 'b\u2028c'\n",
]


@pytest.mark.parametrize("text", AMBIGUOUS)
@pytest.mark.parametrize("pure", [False, True])
def test_texts_that_parsers_read_differently_are_refused_by_either(text: str, pure: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if pure:
        monkeypatch.setitem(sys.modules, "_ruamel_yaml", None)
    assert refusal(text)[0] in ("ambiguous-yaml", "not-yaml", "several-documents")


@pytest.mark.parametrize("text", ["a: 'x\ty'\n", "a: |\n  x\ty\t\n", "a: b #\tc\n", "a: [x, 'y?']\n", "a: {'b':1}\n"])
def test_what_both_parsers_read_alike_is_accepted(text: str) -> None:
    assert tree(text).root


@pytest.mark.parametrize("text", ["{to: http://x:80/}", "[a: 12:30, b]", "{a:b}", "a: [x:y\n  z:0]\n"])
@pytest.mark.parametrize("pure", [False, True])
def test_colon_with_text_on_both_sides_is_part_of_a_scalar_in_brackets(text: str, pure: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if pure:
        monkeypatch.setitem(sys.modules, "_ruamel_yaml", None)
    values = {"{to": ["to", "http://x:80/"], "[a:": ["a", "12:30", "b"], "{a:": ["a:b", ""], "a: ": ["a", "x:y z:0"]}
    assert [n.value for n in tree(text).scalars] == values[text[:3]]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("a:\tb\t\n", ["a", "b"]),
        ("a: b\t# c\n", ["a", "b"]),
        ("a: b\tc\n", ["a", "b\tc"]),
        ("a: |\t# c\n  x\n", ["a", "x\n"]),
        ("a: |\n \n  x\n", ["a", "\nx\n"]),
    ],
)
@libyaml
def test_libyaml_takes_tabs_and_blanks_that_yaml_allows_and_the_pure_parser_does_not(
    text: str, values: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [n.value for n in tree(text).scalars] == values
    monkeypatch.setitem(sys.modules, "_ruamel_yaml", None)
    assert refusal(text)[0] == "not-yaml"


def test_the_pure_parser_serves_where_there_is_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "a: &x !t [1, '2']\nb:\n  - *x\n  - !t &y |\n    z\n"
    fast = [(type(n), n.start, n.end) for n in walk(tree(text).root)]
    monkeypatch.setitem(sys.modules, "_ruamel_yaml", None)
    assert [(type(n), n.start, n.end) for n in walk(tree(text).root)] == fast


@pytest.mark.skipif("WORKERLIB_CORPUS" not in os.environ, reason="WORKERLIB_CORPUS names no folder")
def test_both_parsers_build_the_same_trees_of_the_corpus() -> None:
    def shape(data: bytes, *, pure: bool) -> object:
        try:
            found = Source("f.yaml", data.decode("utf-8-sig"))
            parsing.build(found, pure=pure)
        except (ConfigurationError, UnicodeDecodeError):
            return None
        return [(type(n), n.start, n.end, n.tag, n.anchor, n.value if isinstance(n, Scalar) else None) for n in walk(found.root)]

    files = [p for p in Path(os.environ["WORKERLIB_CORPUS"]).rglob("*.yaml") if p.is_file()]
    assert files
    for data in {p.read_bytes() for p in files}:
        assert shape(data, pure=False) == shape(data, pure=True)


# ---- limits


def aliases(levels: int) -> str:
    return "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, levels))


def merge_keys(length: int) -> str:
    return "a0: &a0 {k: v}\n" + "".join(f"a{n}: &a{n} {{<<: *a{n - 1}}}\n" for n in range(1, length))


# Texts that could go on for ever, by their length, and a length at which they are refused.
HOSTILE: dict[str, tuple[Callable[[int], str], int]] = {
    "aliases": (aliases, 12),
    "merge keys": (merge_keys, 5000),
    "brackets": (lambda n: "[" * n, 100_000),
    "braces": (lambda n: "{a: " * n, 100_000),
    "dashes": (lambda n: "- " * n + "x", 100_000),
    "question marks": (lambda n: "? " * n + "x", 100_000),
    "indentation": (lambda n: "".join(" " * at + "a:\n" for at in range(n)), 500),
    "nodes": (lambda n: "[" + "x," * n + "]", 600_000),
    "size": (lambda n: "a: " + "x" * n, 9_000_000),
}


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.parametrize("pure", [False, True])
def test_hostile_texts_are_refused(kind: str, pure: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    make, size = HOSTILE[kind]
    if pure:
        if size > 500_000:
            pytest.skip("the pure parser takes its time, but no more than a constant for each character")
        monkeypatch.setitem(sys.modules, "_ruamel_yaml", None)
    assert refusal(make(size))[0] == "limit-exceeded"


@pytest.mark.parametrize("kind", [kind for kind in HOSTILE if kind != "size"])
def test_a_text_is_refused_where_it_exceeds_a_limit_whatever_follows(kind: str) -> None:
    make, size = HOSTILE[kind]
    assert refusal(make(size) + "\n%", Limits(nodes=2000, expanded=2000))[0] == "limit-exceeded"


# Texts within the limits, by their length.
LONG: dict[str, Callable[[int], str]] = {
    "keys": lambda n: "".join(f"k{at}:\n" for at in range(n)),
    "questions": lambda n: "".join(f"? k{at}\n" for at in range(n)),
    "dashes": lambda n: "-\n" * n,
    "pairs": lambda n: "[" + "a: b, " * n + "]",
    "aliases": lambda n: "- &x a\n" + "- *x\n" * n,
    "anchors": lambda n: "".join(f"- !t &x{at} [a]\n" for at in range(n)),
    "blocks": lambda n: "- a: |1\n    x\n" * n,
    "blank lines": lambda n: "a: |\n  x\n" + "  \n" * n + "b: c",
    "comments": lambda n: "".join(f"k{at}: ['x#'] # c\n" for at in range(n)),
}


@pytest.mark.parametrize("kind", LONG)
@pytest.mark.parametrize("pure", [False, True])
def test_the_work_of_reading_grows_no_faster_than_the_text(kind: str, pure: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if pure:
        monkeypatch.setitem(sys.modules, "_ruamel_yaml", None)

    def look(text: str) -> None:
        found = tree(text)
        for node in found.collections:
            for entry in node.entries if isinstance(node, Mapping) else ():
                assert entry.start < entry.end
        assert found.step >= 1
        assert len(found.comments()) <= len(found.parents)

    text, longer = LONG[kind](200), LONG[kind](400)
    look(text)
    assert steps(lambda: look(longer)) < 2.2 * steps(lambda: look(text))


def test_a_tree_within_the_limits_can_be_walked_and_merged() -> None:
    deep = tree("[" * 100 + "]" * 100)
    assert sum(1 for _ in walk(deep.root)) == 100
    chain = tree("a0: &a0 {k: v}\n" + "".join(f"a{n}: &a{n} {{<<: *a{n - 1}}}\n" for n in range(1, 90)))
    assert isinstance(chain.root, Mapping)
    last = chain.root.entries[-1].value
    assert isinstance(last, Mapping)
    assert list(merged_entries(last)) == ["k"]


def test_nodes_are_counted_as_written_and_with_aliases_written_out() -> None:
    found = tree("a: &x [1, &y {b: 2}]\nb: *x\n*y : &z 3\nc: [*z, *y]\n")
    assert (found.nodes, found.expanded) == (15, 23)
    assert [node.anchor for node in found.anchors] == ["x", "y", "z"]
    assert [alias.text for alias in found.aliases] == ["*x", "*y", "*z", "*y"]


@pytest.mark.parametrize(
    ("text", "depth", "place"),
    [
        ("[[x]]", 2, "1:2"),
        ("{a: &x [[b]], c: [*x]}", 4, "1:19"),
        ("{a: &x [[b], d], c: *x}", 3, "1:9"),
        ("{a: &x [[b]], c: &y [*x, d], e: [*y]}", 5, "1:34"),
        ("{z: &z b, y: &y [[[c]], *z], e: [*y]}", 5, "1:34"),
        ("[&x b, [*x]]", 2, "1:8"),
    ],
)
def test_depth_counts_collections_through_aliases(text: str, depth: int, place: str) -> None:
    assert read("f.yaml", text.encode(), Limits(depth=depth)).root
    assert refusal(text, Limits(depth=depth - 1)) == ("limit-exceeded", place)


def test_limits_are_those_of_the_documentation() -> None:
    found = Limits()
    assert (found.file_size, found.project_size) == (8_388_608, 134_217_728)
    assert (found.depth, found.nodes, found.expanded, found.includes) == (100, 500_000, 1_000_000, 5000)


def test_limits_as_words() -> None:
    assert Limits.of(["depth=200", "nodes=7"]) == Limits(depth=200, nodes=7)
    assert Limits.of([]) == Limits()
    assert Limits.of(["depth=" + "9" * 18]).depth == 10**18 - 1


@pytest.mark.parametrize("word", ["depth", "depth=", "depth=x", "depth=-1", "nope=1", "depth=1=2", "depth=" + "9" * 19])
def test_words_that_are_no_limit(word: str) -> None:
    names = "file_size, project_size, depth, nodes, expanded, includes"
    with pytest.raises(UsageError) as caught:
        Limits.of([word])
    assert str(caught.value) == f"expected a limit such as `depth=200`, of {names}, found `{word}`"


def test_limits_can_be_set() -> None:
    assert refusal("[[x]]", Limits(depth=1))[0] == "limit-exceeded"
    assert refusal("[x, x]", Limits(nodes=2))[0] == "limit-exceeded"
    assert refusal("a: &x [1, 2]\nb: *x", Limits(expanded=8))[0] == "limit-exceeded"
    assert read("f.yaml", b"a: &x [1, 2]\nb: *x", Limits(expanded=9, nodes=7)).expanded == 9
    assert refusal("a: xx", Limits(file_size=4))[0] == "limit-exceeded"
    assert isinstance(read("f.yaml", b"[x, x]", Limits(nodes=3)).root, Sequence)
