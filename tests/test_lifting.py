"""Lifting moves text: what comes out is what its author wrote, further to the right."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from textwrap import dedent

import pytest
from tests.support import steps

from workerlib.definitions import Definitions
from workerlib.layout import CONFIG, MemoryFiles, Overlay
from workerlib.lifting import left_behind, lift, written_down
from workerlib.loading import Tree, load_tree
from workerlib.text import Mapping, Node, Scalar

APP = ".platform.app.yaml"
APPS = ".platform/applications.yaml"
SERVICES = ".platform/services.yaml"
ROUTES = ".platform/routes.yaml"


def lifted(files: dict[str, str | bytes], *, split: bool = False) -> dict[str, str | None]:
    """The text of every planned file, after checking that the project still says the same."""
    view = MemoryFiles({path: text if isinstance(text, bytes) else dedent(text).encode() for path, text in files.items()})
    tree = load_tree(view)
    planned = lift(tree, split=split).planned
    assert meaning(load_tree(Overlay(view, planned))) == meaning(tree)
    return {path: None if data is None else data.decode() for path, data in planned.items()}


def meaning(tree: Tree) -> object:
    """Everything that a project's files say, as plain data; the names and roots of applications apart."""
    definitions = tree.definitions
    apps = {name: (plain(definitions, d.node, "name", "source"), d.root) for name, d in definitions.applications.items()}
    rest = [{name: plain(definitions, e.value) for name, e in part.items()} for part in (definitions.services, definitions.routes)]
    return apps, rest


def plain(definitions: Definitions, node: Node, *left_out: str) -> object:
    node = definitions.see(node)
    if isinstance(node, Scalar):
        found = definitions.inclusions.get(id(node))
        return (found.kind, found.content) if found and found.content else (node.tag, node.value, not node.style)
    if isinstance(node, Mapping):
        found = definitions.inclusions.get(id(node))
        if found and found.content:
            return found.kind, found.content
        return {name: plain(definitions, e.value) for name, e in definitions.entries(node).items() if name not in left_out}
    return [plain(definitions, item) for item in node.items]


def config(files: dict[str, str | bytes]) -> str:
    found = lifted(files)[CONFIG]
    assert found is not None
    return found


def test_a_comment_directly_behind_quotes_stays_one_behind_a_key() -> None:
    assert config({APP: "type: \"php:8.4\"# image\nname: 'shop'# who\nweb: {}# all\n"}) == dedent(
        """\
        applications:
          'shop': # who
            type: "php:8.4"# image
            web: {}# all
        """
    )


def test_name_becomes_the_key_with_the_comments_that_belong_to_it() -> None:
    files: dict[str, str | bytes] = {
        APP: """\
            # The shop.

            # Must be unique.
            name: 'shop'  # keep

            # What runs.
            type: php:8.4
            # the end
            """,
        SERVICES: "# Data.\ndb:\n  type: mariadb:11.4\n",
        ROUTES: '"https://{default}/": {type: upstream, upstream: "shop:http"}\n',
    }
    assert config(files) == dedent(
        """\
        applications:
          # The shop.

          # Must be unique.
          'shop':  # keep

            # What runs.
            type: php:8.4
            # the end

        services:
          # Data.
          db:
            type: mariadb:11.4

        routes:
          "https://{default}/": {type: upstream, upstream: "shop:http"}
        """
    )


def test_comment_above_a_name_that_is_not_first_goes_with_it_and_the_head_stays() -> None:
    assert config({APP: "# head\n\n# image\ntype: php:8.4\n\n# about the name\nname: shop # side\n# tail\n"}) == dedent(
        """\
        applications:
          # about the name
          shop: # side
            # head

            # image
            type: php:8.4

            # tail
        """
    )


def test_comments_between_the_key_name_and_its_value_go_above_the_new_key() -> None:
    text = "name:  # c\n  # d\n  shop  # e\ntype: php\n"
    assert config({APP: text}) == "applications:\n  # c\n  # d\n  shop:  # e\n    type: php\n"
    assert config({APP: "type: php\nname: |-  # c\n  shop\n"}) == "applications:\n  # c\n  shop:\n    type: php\n"


def test_indentation_of_the_first_application_wins() -> None:
    assert config({APP: "name: a\nweb:\n    commands:\n        start: x\n"}) == (
        "applications:\n    a:\n        web:\n            commands:\n                start: x\n"
    )


def test_root_of_an_application_in_a_folder_is_written_down() -> None:
    found = config({"api/.platform.app.yaml": "name: api\ntype: php\n", "web/.platform.app.yaml": "name: web\nsource:\n  root: /\n"})
    assert found == "applications:\n  api:\n    source:\n      root: api\n    type: php\n\n  web:\n    source:\n      root: /\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("name: a\nsource:\n  operations: {u: {command: x}}\n", "  a:\n    source:\n      root: x\n      operations: {u: {command: x}}\n"),
        ("name: a\nsource:\n", "  a:\n    source:\n      root: x\n"),
        ("name: a\nsource:\n  root:  # here\n  operations: {}\n", "  a:\n    source:\n      root: x  # here\n      operations: {}\n"),
        ("{name: a, source: {root: null}}\n", "  a: {source: {root: x}}\n"),
        ("{name: a, type: php}\n", "  a: {type: php, source: {root: x}}\n"),
        ("name: a\n", "  a:\n    source:\n      root: x\n"),
        ("{name: a}\n", "  a: {source: {root: x}}\n"),
    ],
)
def test_root_is_added_to_what_is_there(before: str, after: str) -> None:
    assert config({"x/.platform.app.yaml": before}) == "applications:\n" + after


def test_root_application_comes_first_then_by_path() -> None:
    found = config({f"{folder}{APP}": f"name: {name}\n" for folder, name in (("b/", "b"), ("a/", "z"), ("", "m"))})
    assert [line.strip(" :{}") for line in found.splitlines() if line.startswith("  ") and line[2] != " "] == ["m", "z", "b"]


def test_list_of_applications() -> None:
    before = """\
        # head
        - name: a
          type: php
          # tail of a
        # above b
        - type: php  # image
          # about b's name
          name: b # side

        -
          name: c
          type: php
        - {name: d, type: php} # brace
        - &base
          name: e
          type: php
        - <<: *base
          name: f
        - # beside the dash
          name: g
          type: php
        # end
        """
    assert config({APPS: before}) == dedent(
        """\
        applications:
          # head
          a:
            type: php
            # tail of a
          # above b
          # about b's name
          b: # side
            type: php  # image

          c:
            type: php
          d: {type: php} # brace
          e: &base
            type: php
          f:
            <<: *base
          # beside the dash
          g:
            type: php
          # end
        """
    )


def test_dot_keys_go_to_the_top_where_they_are_ignored() -> None:
    assert config({APPS: "# shared\n.c: &c\n  type: php\n\n# app\na:\n  <<: *c\nb: {<<: *c, name: b}\n"}) == (
        "# shared\n.c: &c\n  type: php\n\napplications:\n  # app\n  a:\n    <<: *c\n  b: {<<: *c}\n"
    )


def test_section_key_stays_as_it_is_written() -> None:
    files: dict[str, str | bytes] = {APPS: "'applications': # all\n  a:\n    type: php\n", SERVICES: '"services":\n  db: {type: x}\n'}
    assert config(files) == "'applications': # all\n  a:\n    type: php\n\n\"services\":\n  db: {type: x}\n"


def test_block_that_keeps_empty_lines_takes_in_none_of_another_file() -> None:
    files: dict[str, str | bytes] = {APP: "name: a\nx: |+\n  t\n", f"b/{APP}": "\n\n# b\nname: b\ny: |+\n  t\n"}
    assert config(files | {ROUTES: "\nroutes:\n  /: {}\n"}) == dedent(
        """\
        applications:
          a:
            x: |+
              t
          # b
          b:
            source:
              root: b
            y: |+
              t
        routes:
          /: {}
        """
    )


def test_block_above_a_comment_that_goes_with_the_name_keeps_its_empty_lines() -> None:
    assert config({APP: "x: |+\n  t\n\n# about\nname: a\n\n# next\ny: 1\n"}) == dedent(
        """\
        applications:
          # about
          a:
            x: |+
              t

            # next
            y: 1
        """
    )


@pytest.mark.parametrize(
    ("files", "between"),
    [
        pytest.param(
            {APP: "name: a\nx: |-\n t\n...\n", f"b/{APP}": "y: first\n  second\n     # c\nname: b\n"},
            "    x: |-\n     t\n\n  # c\n  b:\n",
            id="comment above a name that is not the first key",
        ),
        pytest.param(
            {APP: "name: a\nx: |+\n  t\n...\n", f"b/{APP}": "y: 1\n\n     # c\n   # d\nname: b\n"},
            "    x: |+\n      t\n  # c\n  # d\n  b:\n",
            id="the same below one that keeps empty lines",
        ),
        pytest.param(
            {APPS: "- name: a\n  x: |\n    t\n-\n  y: 1\n       # c\n  name: b\n"},
            "    x: |\n      t\n  # c\n  b:\n    y: 1\n",
            id="the same in a list",
        ),
        pytest.param(
            {APPS: "- x: |\n    t\n  name: a\n-\n       # c\n       # d\n  name: b\n"},
            "    x: |\n      t\n  # c\n  # d\n  b: {}\n",
            id="comments below a dash after a name that leaves",
        ),
        pytest.param(
            {APPS: "- x: |\n    t\n  name: a\n-       # c\n  {name: b}\n"},
            "    x: |\n      t\n  # c\n  b: {}\n",
            id="comment beside a dash after a name that leaves",
        ),
        pytest.param(
            {APPS: "- x: |+\n    t\n  name: a\n\n        \n- name: b\n"},
            "    x: |+\n      t\n  b: {}\n",
            id="empty lines between items after a name that leaves",
        ),
        pytest.param(
            {APPS: "x:\n  a: |+\n    t\n.c:\n  b: 1\n\ny: {}\n"},
            "applications:\n  x:\n    a: |+\n      t\n  y: {}\n",
            id="empty lines below a dot key that goes to the top",
        ),
        pytest.param(
            {APPS: ".a: |+\n  t\nx:\n  b: 1\n\n.c: 1\n"},
            ".a: |+\n  t\n.c: 1\n\napplications:\n",
            id="dot keys that meet at the top",
        ),
        pytest.param(
            {APP: "name: a\nworkers:\n  w:\n    name: |+\n      t\n", f"b/{APP}": "\n\nname: b\n"},
            "        name: |+\n          t\n  b:\n",
            id="last key is a name but not the application's",
        ),
        pytest.param(
            {APP: "name: a\nx: |\n  t\n", SERVICES: "     # c\nservices:\n     # d\n  db: {}\n"},
            "    x: |\n      t\n\n# c\nservices:\n     # d\n  db: {}\n",
            id="services after an application",
        ),
        pytest.param(
            {APP: "name: a\nx: |+\n  t\n", SERVICES: "   \n\t\n     # c\nservices:\n  db: {}\n"},
            "    x: |+\n      t\n# c\nservices:\n",
            id="services after an application that keeps empty lines",
        ),
        pytest.param(
            {APP: "name: a\n", SERVICES: "db:\n  x: |+\n    t\n", ROUTES: "---\n  \n     # c\nroutes:\n  /: {}\n"},
            "    x: |+\n      t\n# c\nroutes:\n",
            id="routes after services",
        ),
        pytest.param(
            {APP: "name: a\nworkers:\n  w:\n    commands:\n      start: |\n        t\n\n     # c\n", ROUTES: "/: {}\n"},
            "          start: |\n            t\n\n         # c\n\nroutes:\n",
            id="comments at the end of a worker",
        ),
    ],
)
def test_nothing_becomes_text_of_a_block_in_the_file_or_item_before(files: dict[str, str | bytes], between: str) -> None:
    assert between in config(files)


def test_comments_below_a_name_that_leaves_an_included_file_do_not_become_text_of_a_block() -> None:
    found = lifted({APPS: "- !include a.yaml\n- name: b\n", ".platform/a.yaml": "x: |+\n  t\nname: a\n\n     # c\n"})
    assert found[".upsun/include/a.yaml"] == "x: |+\n  t\n# c\n"


def test_with_split_too_comments_above_a_name_do_not_become_text_of_a_block() -> None:
    found = lifted({APPS: "- name: a\n  x: |\n    t\n-\n  y: 1\n       # c\n  name: b\n"}, split=True)
    assert found[".upsun/a.yaml"] == "applications:\n  a:\n    x: |\n      t\n"
    assert found[".upsun/b.yaml"] == "applications:\n  # c\n  b:\n    y: 1\n"


def test_files_that_repeat_the_name_of_their_section() -> None:
    found = config(
        {
            APPS: "# top\napplications: # side\n  a:\n    type: php\n  # tail\n",
            SERVICES: "services:\n    db: {type: x}\n",
            ROUTES: "routes:\n",
        }
    )
    assert found == "# top\napplications: # side\n  a:\n    type: php\n  # tail\n\nservices:\n  db: {type: x}\n\nroutes:\n"


def test_files_in_braces_that_repeat_the_name_of_their_section() -> None:
    files: dict[str, str | bytes] = {
        APPS: '# all\n{\n  "applications": {\n    "a": {"type": "php"}\n  }\n} # end\n',
        SERVICES: "{'services': {db: {type: x}, # d\n  es: {type: y}}}\n",
        ROUTES: "{ routes: null } # none\n",
    }
    assert config(files) == (
        '# all\n"applications":\n  "a": {"type": "php"}\n  # end\n\n\'services\':\n  db: {type: x}\n  # d\n  es: {type: y}\n\n'
        "routes:\n  # none\n"
    )


def test_anchors_of_different_files_are_kept_apart() -> None:
    files: dict[str, str | bytes] = {APP: "name: a\nx: &d {v: 1}\ny: *d\n", "b/.platform.app.yaml": "name: b\nx: &d {v: 2}\ny: *d\n"}
    assert "x: &d-2 {v: 2}\n    y: *d-2\n" in config(files)


BLOCK_SCALARS = {
    "explicit indentation": "a: |2-\n    four\n  two\n",
    "leading blank line": "a: |\n\n  text\n",
    "longer blank line inside": "a: |\n  text\n     \n  more\n",
    "hash inside": "a: |\n  text\n  # no comment\n",
    "keep": "a: >+\n  folded\n\n\nb: 1\n",
    "no last line break": "a: |\n  text",
    "no last line break, keep": "a: |+\n  text",
    "indentation and chomping": "a: >1-\n  text\n   more",
    "empty": "a: |\nb: >-\n",
    "trailing blanks": "a: |\n  text  \n  more\t\n",
    "header comment": "a: | # why\n  text\n",
    "in a sequence": "a:\n- |\n text\n-   - >-\n      x\n",
}


@pytest.mark.parametrize("text", BLOCK_SCALARS.values(), ids=BLOCK_SCALARS.keys())
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"], ids=["lf", "crlf", "cr"])
def test_block_scalars_keep_their_value(text: str, newline: str) -> None:
    for app in (f"name: x\n{text}", f"{text.rstrip()}\nname: x\n", f"{text.rstrip()}\nname: x\n\n# end\n"):
        lifted({APP: app.replace("\n", newline).encode(), SERVICES: "db: {type: x}\n"})  # checks the meaning


@pytest.mark.parametrize(
    "text",
    [
        'a: "two\n  lines, \\\n  three"\n',
        "a: 'two\n\n  lines'\n",
        "a: plain\n  goes on\n   and on # end\n",
        "a: {x: 1,\n  # inside\n  y: [1,\n2]}\n",
        "a: [\n1,\n]\n",
        "? a\n: b\n? [x, y]\n: c\n",
        "a:\n- 1\n- b: 2\n  c: 3\n",
        "a: !custom {x: !other y}\n",
        "a: &x\n  b: 1\nc:\n  <<: *x\n  d: *x\n",
        'a: "tab\tinside"\nb: |\n  tab\there\n',
        "a: 😀 # 😀\n'😀': é\n",
        "a: ~\nb:\nc: ''\n",
    ],
)
def test_values_of_every_style_survive(text: str) -> None:
    lifted(
        {
            APP: f"name: x\n{text}",
            "sub/.platform.app.yaml": f"{text}name: y\n",
            APPS: "- name: z\n" + "".join(f"  {line}" for line in text.splitlines(True)),
        }
    )


def test_markers_and_directives_go_and_their_comments_stay() -> None:
    found = config({APP: "%YAML 1.1\n# before\n--- # beside\nname: a\ntype: php\n...\n# after\n", SERVICES: "--- {db: {type: x}}\n"})
    assert found == "applications:\n  # before\n  # beside\n  a:\n    type: php\n    # after\n\nservices:\n  db: {type: x}\n"


def test_anchor_and_tag_of_the_whole_document_move_behind_the_key() -> None:
    assert config({APP: "--- &app\nname: a\ntype: php\n"}) == "applications:\n  a: &app\n    type: php\n"


@pytest.mark.parametrize("name", ["name: &n shop", "name:\n  shop", "name: >-\n  shop", "name: !!str shop", 'name: "shop"'])
def test_names_of_every_style(name: str) -> None:
    assert lifted({APP: f"{name}\ntype: php\n"})[CONFIG]


def test_name_that_other_values_refer_to() -> None:
    assert config({APP: "name: &n shop\nvariables: {env: {N: *n}}\n"}) == "applications:\n  &n shop:\n    variables: {env: {N: *n}}\n"


def test_json() -> None:
    found = config({APP: '{\n  "name": "shop",\n  "web": {\n    "a": 1\n  }\n}\n', SERVICES: '{\n  "db": {\n    "type": "x"\n  }\n}\n'})
    assert found == 'applications:\n  "shop": {\n    "web": {\n      "a": 1\n    }\n  }\n\nservices:\n  "db": {\n    "type": "x"\n  }\n'


def test_comments_in_braces_and_brackets_are_kept() -> None:
    found = config(
        {APPS: "[ # open\n  {name: a}, # a\n  # b\n  {name: b} ] # close\n", SERVICES: "{ # open\n  db: {type: x}, # db\n} # close\n"}
    )
    assert found.count("#") == 7


def test_first_application_decides_encoding_and_line_ends() -> None:
    planned = lift(
        load_tree(MemoryFiles({APP: codecs.BOM_UTF8 + b"name: a\r\ntype: php\r\n", SERVICES: "db: {type: 'é'}\n".encode("utf-16")}))
    ).planned
    assert planned[CONFIG] == codecs.BOM_UTF8 + "applications:\r\n  a:\r\n    type: php\r\n\r\nservices:\r\n  db: {type: 'é'}\r\n".encode()


def test_file_of_comments_keeps_them() -> None:
    assert config({APP: "name: a\ntype: php\n", SERVICES: "# nothing yet\n", ROUTES: ""}) == (
        "applications:\n  a:\n    type: php\n\nservices:\n  # nothing yet\n"
    )


def test_included_files_move_along_and_their_paths_lead_to_them() -> None:
    found = lifted(
        {
            APPS: "- !include a.yaml # c\n- !include\n    type: yaml\n    path: sub/b.yaml\n",
            ".platform/a.yaml": "# about\nname: a # n\nhooks: {build: !include {type: string, path: build.sh}}\n",
            ".platform/sub/b.yaml": "name: b\nweb: !include w.yaml\n",
            ".platform/sub/w.yaml": "locations: {}\n",
            "build.sh": "make\n",
            SERVICES: "v:\n  configuration:\n    vcl: !include {type: string, path: v.vcl}\n    dir: !archive solr\n"
            "    out: !include {type: string, path: ../build.sh}\n",
            ".platform/v.vcl": "vcl\n",
            ".platform/solr/conf/schema.xml": "<x/>\n",
        }
    )
    assert found[".upsun/include/a.yaml"] == "# about\nhooks: {build: !include {type: string, path: build.sh}}\n"
    assert found[".upsun/sub/b.yaml"] == "web: !include w.yaml\n"
    assert found[".upsun/v.vcl"] == "vcl\n"
    assert found[".upsun/solr/conf/schema.xml"] == "<x/>\n"
    text = found[CONFIG]
    assert text is not None
    assert text.startswith("applications:\n  a: !include include/a.yaml # c\n  b: !include\n    type: yaml\n    path: sub/b.yaml\n")
    assert "path: ../build.sh" in text
    assert found[".platform/a.yaml"] is None
    assert ".upsun/a.yaml" not in found


def test_path_that_started_from_the_old_file_is_rewritten_for_the_root() -> None:
    files: dict[str, str | bytes] = {
        "conf/.platform.app.yaml": "name: a\nsource: {root: code}\nhooks: {build: !include {type: string, path: b.sh}}\n",
        "conf/b.sh": "make\n",
    }
    assert "path: ../conf/b.sh" in config(files)


def test_include_that_is_missing_is_kept_as_it_stands() -> None:
    found = config({APP: "name: a\nhooks: {build: !include {type: string, path: gone.sh}}\n"})
    assert "!include {type: string, path: gone.sh}" in found


def test_split_writes_a_file_for_each_application() -> None:
    found = lifted({APPS: "- name: a\n  type: php\n- name: b\n  type: php\n", SERVICES: "db: {type: x}\n"}, split=True)
    assert found[".upsun/a.yaml"] == "applications:\n  a:\n    type: php\n"
    assert found[".upsun/b.yaml"] == "applications:\n  b:\n    type: php\n"
    assert found[CONFIG] == "services:\n  db: {type: x}\n"


def test_split_puts_what_comes_before_the_first_application_into_its_file() -> None:
    found = lifted({APP: "# moved\n", APPS: "a: {type: php}\n"}, split=True)
    assert found == {APP: None, APPS: None, ".upsun/a.yaml": "applications:\n  # moved\n  a: {type: php}\n"}


def test_split_keeps_applications_together_that_share_an_anchor() -> None:
    found = lifted({APPS: "- &a\n  name: a\n  type: php\n- <<: *a\n  name: b\n"}, split=True)
    assert [path for path, text in found.items() if text is not None] == [CONFIG]


@pytest.mark.parametrize(
    "text",
    [
        "  crons: {c: {spec: '*/20 * * * *', cmd: x}}\n",
        "  hooks:\n    build: |\n      rm -rf cache/* *.log *\n",
        "  # all of *this\n",
        "  variables: {env: {A: &v. 1, B: *v.}}\n",
    ],
    ids=["cron", "hook", "comment", "alias"],
)
def test_split_counts_aliases_and_not_asterisks(text: str) -> None:
    found = lifted({APPS: f"- name: a\n{text.replace('.', '1')}- name: b\n{text.replace('.', '2')}"}, split=True)
    assert [path for path, text in found.items() if text is not None] == [".upsun/a.yaml", ".upsun/b.yaml"]


@pytest.mark.parametrize(
    "text",
    [
        "a: &x {type: php}\nb: *x\n",
        "a:\n  type: &t php\nb:\n  type: x\n  hooks: {build: [*t]}\n",
    ],
    ids=["whole", "deep"],
)
def test_split_keeps_together_what_an_alias_ties(text: str) -> None:
    found = lifted({APPS: text}, split=True)
    assert [path for path, text in found.items() if text is not None] == [CONFIG]


def test_archive_goes_where_it_takes_no_other_files_place() -> None:
    found = lifted(
        {
            APP: "name: a\n",
            SERVICES: "s:\n  type: solr:8\n  configuration: {core: !archive solr, text: !include {type: string, path: solr/b}}\n",
            ".platform/solr/a": "1",
            ".platform/solr/b": "2",
            ".upsun/solr/a": "other",
        }
    )
    assert {path: text for path, text in found.items() if "solr" in path} == {
        ".platform/solr/a": None,
        ".platform/solr/b": None,
        ".upsun/include/solr/a": "1",
        ".upsun/include/solr/b": "2",
    }
    assert "{core: !archive include/solr, text: !include {type: string, path: include/solr/b}}" in str(found[CONFIG])


def test_service_in_a_file_that_moves_elsewhere_still_reaches_its_folder_and_file() -> None:
    found = lifted(
        {
            APP: "name: a\n",
            SERVICES: "search: !include 'search.yaml'\n",
            ".platform/search.yaml": 'type: solr:9.9\nconfig:\n  dir: !archive "solr"\n  text: !include {type: string, path: b.crt}\n',
            ".platform/solr/schema.xml": "<x/>\n",
            ".platform/b.crt": "b\n",
        }
    )
    assert "search: !include 'include/search.yaml'\n" in str(found[CONFIG])
    moved = 'type: solr:9.9\nconfig:\n  dir: !archive "../solr"\n  text: !include {type: string, path: ../b.crt}\n'
    assert found[".upsun/include/search.yaml"] == moved
    assert found[".upsun/solr/schema.xml"] == "<x/>\n"
    assert found[".upsun/b.crt"] == "b\n"


def test_sections_are_set_apart_unless_the_last_value_would_take_the_empty_line() -> None:
    block = "hooks: {}\ntext: |+\n  a\n"
    for last, apart in (("", ""), ("name: shop\n", ""), ("type: php\n", "\n")):
        first = "" if last.startswith("name") else "name: shop\n"
        text = config({APP: f"{first}{block}{last}", SERVICES: "db: {type: x}\n"})
        assert text.endswith(f"{apart}services:\n  db: {{type: x}}\n")
        assert text.endswith("\n\nservices:\n  db: {type: x}\n") == bool(apart)


def test_empty_lines_below_a_dot_key_do_not_follow_the_section_s_key() -> None:
    text = config({APPS: ".x: &x\n  type: php\n\n# shop\nshop: *x\n\nother: *x\n"})
    assert text == ".x: &x\n  type: php\n\napplications:\n  # shop\n  shop: *x\n\n  other: *x\n"


def many(form: str) -> Callable[[int], dict[str, str]]:
    """A file of applications, each in this form."""
    return lambda count: {APPS: "".join(form.replace("%", str(n)) for n in range(count))}


def in_folders(text: str) -> Callable[[int], dict[str, str]]:
    return lambda count: {f"d{n}/{APP}": text.replace("%", str(n)) for n in range(count)}


def services(form: str, **files: str) -> Callable[[int], dict[str, str]]:
    """Services, each in this form, and for each the files by their paths."""
    return lambda count: {
        APP: "name: a\n",
        SERVICES: "".join(form.replace("%", str(n)) for n in range(count)),
        **{f".platform/{path.replace('_', str(n))}": text for n in range(count) for path, text in files.items()},
    }


@pytest.mark.parametrize(
    "project",
    [
        pytest.param(many("- type: php\n  # above\n  name: a%\n"), id="items"),
        pytest.param(many("- &x%\n  text: |+\n    a\n  name: a%\n"), id="items-with-anchors-that-keep-lines"),
        pytest.param(many("- {name: a%, type: php}  # beside\n"), id="items-in-braces"),
        pytest.param(many("- {name: a%, mounts: &m% {}, variables: {a: *m%}}\n"), id="items-with-aliases"),
        pytest.param(many("- .b: &b%\n    name: a%\n  <<: *b%\n"), id="items-with-merged-names"),
        pytest.param(many(".x%: &x% {}\na%:\n  mounts: *x%\n"), id="dot-keys"),
        pytest.param(many(".x%: &x% {}\n.y%: {k: *x%}\n"), id="dot-keys-with-aliases"),
        pytest.param(in_folders("name: a%\nmounts: &m {}\nx: *m\n"), id="anchors-of-one-name"),
        pytest.param(services("s%:\n  configuration: !include v%.yaml\n", **{"v_.yaml": "a: b\n"}), id="included-files-that-move"),
        pytest.param(services("s%:\n  configuration: !archive solr%\n", **{"solr_/schema.xml": "a"}), id="archives-that-move"),
        pytest.param(services("s%: {}\n", **{"_.yml": ""}), id="files-left-behind"),
    ],
)
def test_lifting_takes_a_time_in_proportion_to_the_size(project: Callable[[int], dict[str, str]]) -> None:
    def taken(count: int) -> int:
        tree = load_tree(MemoryFiles({path: text.encode() for path, text in project(count).items()}))
        return steps(lambda: (written_down(tree), left_behind(tree, lift(tree, split=True).planned)))

    assert taken(240) < 4.5 * taken(60)
