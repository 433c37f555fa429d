"""Everything that authors write in YAML and dumpers never do: re-indented, renamed, removed and migrated with its value and its text."""

from __future__ import annotations

from pathlib import Path

import pytest

from workerlib.editing import Editor, apply, reindent
from workerlib.layout import CONFIG
from workerlib.migrate import plan
from workerlib.text import Mapping, Node, Scalar, Sequence, Source, dealias, parse

# Lines below `name: shop` and above `disk: 512`, both of which a migration takes out of there.
CONSTRUCTS = {
    "literal": "x-a: |\n  one\n    two\n",
    "literal with indentation and chomping": "x-a: |2-\n    one\n  two\n\n",
    "folded, chomping first": "x-a: >+2\n    one\n  two\n\n\n",
    "keeps the line breaks behind it": "x-a: |+\n  one\n\n\n",
    "leading blank line": "x-a: |\n\n  one\n",
    "line of blanks longer than the indentation": "x-a: |\n  one\n     \n  two\n",
    "line of blanks shorter than the indentation": "x-a: |\n    one\n \n    two\n",
    "what looks like a comment in a block": "x-a: |\n  one\n  # two\n",
    "comment behind a header": "x-a: |-  # c\n  one\n",
    "trailing spaces": "x-a: one  \nx-b: |\n  two  \n",
    "tabs inside scalars": "x-a: |\n  one\n  \ttwo\tthree\nx-b: 'one\ttwo'\n",
    "plain over several lines": "x-a: one\n  two\n\n  three\n",
    "quoted over several lines": "x-a: 'one\n\n  two'\nx-b: \"one\n  two \\\n  three\"\n",
    "flow over several lines": "x-a: {\n  one: [1,  # c\n    2],\n  'two': 3,\n}\n",
    "sequence not indented": "x-a:\n- one\n-   two: 1\n    three: 2\n",
    "sequence indented": "x-a:\n    - one\n    -\n      two: 1\n",
    "anchors and aliases": "x-a: &a\n  one: &b 1\nx-b: *a\nx-c: [*b]\n",
    "merge keys": "x-a: &a {one: 1}\nx-b: &b\n  two: 2\nx-c:\n  <<: [*a, *b]\n  three: 3\n",
    "tags": "x-a: !t one\nx-b: !t\n  one: !!str 1\nx-c: &a !t [1]\n",
    "explicit keys": "? x-a\n: one\n? x-b  # c\n: - two\n? x-c\n",
    "explicit keys in braces": "x-a: {? one : 1, ? two, three: 3}\n",
    "comments above, between, beside and below": "# up\n\n# between\nx-a:  # beside\n  # inside\n  one: 1  # value\n  # below\n# after\n",
    "comments far to the right": "x-a: |\n  one\n      # still text\nx-b: 1\n          # far\n",
    "not in the basic plane": "x-a: 😀\n'😀': \"\\U0001F600\"  # 😀\n",
    "null in every spelling": "x-a:\nx-b: ~\nx-c: null\nx-d: ''\n",
    "scalars that types are guessed of": "x-a: 1.10\nx-b: 0755\nx-c: 12:30\nx-d: yes\nx-e: '1.10'\n",
    "colons and hashes in plain scalars": "x-a: a#b\nx-b: http://a.b/c?d=e\nx-c: a:b\n",
}
FIRST, LAST = "name: shop\n", "disk: 512\n"
NEWLINES = ("\n", "\r\n", "\r")
WRITTEN = (("utf-8", "\n"), ("utf-8-sig", "\r\n"), ("utf-16", "\r"), ("utf-16-be", "\n"))  # encodings and line breaks


def meaning(node: Node | None) -> object:
    """What a node says; a plain scalar is something else than a quoted one."""
    if node is None:
        return None
    seen = dealias(node)
    if isinstance(seen, Scalar):
        return seen.tag, seen.value, not seen.style
    if isinstance(seen, Sequence):
        return seen.tag, [meaning(item) for item in seen.items]
    return seen.tag, [(meaning(e.key), meaning(e.value)) for e in seen.entries]


def root(source: Source) -> Mapping:
    assert isinstance(source.root, Mapping)
    return source.root


def everything(text: str) -> object:
    return meaning(parse(Source("f.yaml", text)).root)


@pytest.mark.parametrize("text", CONSTRUCTS.values(), ids=CONSTRUCTS.keys())
def test_moves_below_a_key_and_back(text: str) -> None:
    below = root(parse(Source("f.yaml", "k:\n" + reindent(text, 3)))).entries[0].value
    assert meaning(below) == everything(text)
    assert reindent(reindent(text, 3), -3) == text


@pytest.mark.parametrize("newline", NEWLINES, ids=("lf", "crlf", "cr"))
@pytest.mark.parametrize("text", CONSTRUCTS.values(), ids=CONSTRUCTS.keys())
def test_keys_around_it_leave_and_it_stays_as_it_is(text: str, newline: str) -> None:
    whole = f"{FIRST}{text}{LAST}".replace("\n", newline)
    source = parse(Source("f.yaml", whole))
    edit = Editor("test")
    edit.remove(root(source).entries[0])
    edit.remove(root(source).entries[-1])
    assert apply(whole, edit.edits()["f.yaml"]) == text.replace("\n", newline)


@pytest.mark.parametrize("text", CONSTRUCTS.values(), ids=CONSTRUCTS.keys())
def test_each_key_can_be_put_deeper(text: str) -> None:
    source = parse(Source("f.yaml", text))
    for index, entry in enumerate(root(source).entries):
        edit = Editor("test")
        edit.nest(entry, "outer", "inner")
        after = root(parse(Source("f.yaml", apply(text, edit.edits()["f.yaml"])))).entries
        outer = after[index].value
        assert after[index].name == "outer"
        assert isinstance(outer, Mapping)
        assert [e.name for e in outer.entries] == ["inner"]
        assert meaning(outer.entries[0].value) == meaning(entry.value)
        assert [meaning(e.value) for e in after if e is not after[index]] == [
            meaning(e.value) for e in root(source).entries if e is not entry
        ]


@pytest.mark.parametrize("text", CONSTRUCTS.values(), ids=CONSTRUCTS.keys())
def test_the_last_key_of_a_mapping_leaves_an_empty_one(text: str) -> None:
    source = parse(Source("f.yaml", "k:\n" + reindent(text, 2) + "z: 1\n"))
    inner = root(source).entries[0].value
    assert isinstance(inner, Mapping)
    edit = Editor("test")
    for entry in inner.entries:
        edit.remove(entry)
    after = root(parse(Source("f.yaml", apply(source.text, edit.edits()["f.yaml"]))))
    assert [(e.name, meaning(e.value)) for e in after.entries] == [("k", (None, [])), ("z", (None, "1", True))]


@pytest.mark.parametrize(("encoding", "newline"), WRITTEN, ids=("utf-8, lf", "bom, crlf", "utf-16, cr", "utf-16-be, lf"))
@pytest.mark.parametrize("text", CONSTRUCTS.values(), ids=CONSTRUCTS.keys())
def test_is_migrated_with_every_line_as_it_was(tmp_path: Path, text: str, encoding: str, newline: str) -> None:
    (tmp_path / ".platform.app.yaml").write_bytes(f"{FIRST}{text}{LAST}".replace("\n", newline).encode(encoding))
    data = plan(tmp_path).files[CONFIG]
    assert data is not None
    expected = f"applications:\n  shop:\n{reindent(text, 4)}".replace("\n", newline)
    assert data == expected.encode(encoding)


@pytest.mark.parametrize("newline", NEWLINES, ids=("lf", "crlf", "cr"))
@pytest.mark.parametrize("text", CONSTRUCTS.values(), ids=CONSTRUCTS.keys())
def test_is_migrated_between_files_of_other_line_endings_and_encodings(tmp_path: Path, text: str, newline: str) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / ".platform.app.yaml").write_bytes(f"--- # head\n{FIRST}{text}...\n# end".encode())
    (tmp_path / "b/.platform.app.yaml").write_bytes(f"# other\nname: b\n{text}".replace("\n", newline).encode("utf-16"))
    data = plan(tmp_path).files[CONFIG]
    assert data is not None
    tree = root(parse(Source(CONFIG, data.decode())))
    applications = tree.entries[0].value
    assert isinstance(applications, Mapping)
    first, second = (entry.value for entry in applications.entries)
    assert meaning(first) == everything(text)
    assert isinstance(second, Mapping)
    second.entries[:] = [entry for entry in second.entries if entry.name != "source"]  # which says the root that the place did
    assert meaning(second) == everything(text)
    comments = [data.decode()[a:b] for a, b in tree.source.comments()]
    assert [c for c in comments if c in ("# head", "# end", "# other")] == ["# head", "# end", "# other"]
