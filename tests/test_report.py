"""Diagnostics as text, JSON, SARIF and annotations."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from unittest.mock import Mock

import pytest

from workerlib import report
from workerlib.characters import cells, visible
from workerlib.diagnostic import Diagnostic, Origin, Severity, Span
from workerlib.report import Screen, as_json, github, placed, record, sarif, show
from workerlib.text import decode


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")


def at(text: str, part: str, message: str = "wrong", help: str | None = None, severity: Severity = Severity.ERROR) -> Diagnostic:
    start = text.index(part)
    line = text.count("\n", 0, start) + 1
    span = Span(start, start + len(part), line, start - text.rfind("\n", 0, start))
    return Diagnostic("WL104", "duplicate-key", severity, message, Origin("a.yaml", span), help)


def shown(diagnostic: Diagnostic, data: bytes | None = None, prefix: str = "") -> str:
    stream = io.StringIO()
    show(Screen(stream), diagnostic, lambda _: data, prefix)
    return stream.getvalue()


# ---- what a terminal must not obey --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "plain", "a\tb", "Grüße", "日本", "emoji 🎉", "combining e\u0301"])
def test_ordinary_text_stays(text: str) -> None:
    assert visible(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\x1b[31mred", "\\x1b[31mred"),
        ("bell\x07", "bell\\x07"),
        ("over\rwritten", "over\\rwritten"),
        ("one\ntwo", "one\\ntwo"),
        ("\x9b2J", "\\x9b2J"),
        ("abc\u202edef", "abc\\u202edef"),
        ("half \ud800", "half \\ud800"),
        ("é\x00", "é\\x00"),
    ],
)
def test_characters_that_act_are_made_visible(text: str, expected: str) -> None:
    assert visible(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("::add-mask::x", ":\\x3aadd-mask::x"),
        ("   ::add-mask::x", "   :\\x3aadd-mask::x"),
        ("a ##[add-mask]x", "a #\\x23[add-mask]x"),
        ("###vso[task.complete]", "##\\x23vso[task.complete]"),
        ("a ::b ## c [d]", "a ::b ## c [d]"),
    ],
)
def test_no_line_is_a_command_of_a_workflow_in_whose_log_it_may_be(text: str, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    for stream, line in ((io.StringIO(), expected), (Terminal(), text)):
        Screen(stream).line(text[:1], text[1:])
        assert stream.getvalue() == f"{line}\n"
    monkeypatch.setenv("FORCE_COLOR", "1")
    coloured = io.StringIO()
    Screen(coloured).line(("::x ##[add-mask]", "bold"))
    assert coloured.getvalue() == "\x1b[1m::x #\\x23[add-mask]\x1b[0m\n"


def test_a_message_broken_between_words_begins_no_line_with_a_command() -> None:
    stream = io.StringIO()
    Screen(stream).prose("x " * 47 + "::add-mask::y " + "z " * 20, rest="  ")
    assert "\n  :\\x3aadd-mask::y " in stream.getvalue()


def test_json_holds_no_command_of_a_workflow() -> None:
    text = as_json({"name": "##[add-mask]x ###[y]"})
    assert "##" not in text
    assert json.loads(text) == {"name": "##[add-mask]x ###[y]"}


def test_wide_and_combining_characters_take_their_columns() -> None:
    assert (cells("ab"), cells("日本"), cells("e\u0301")) == (2, 4, 1)


def test_a_name_cannot_forge_a_line_of_the_report() -> None:
    text = 'name: "x"\n'
    out = shown(at(text, '"x"', "expected a name, found `x\n\x1b[2Jerror: nothing is wrong`"), text.encode())
    assert out.splitlines()[0] == "error[WL104 duplicate-key]: expected a name, found `x\\n\\x1b[2Jerror: nothing is wrong`"


# ---- text ---------------------------------------------------------------------------------------------------------------------------


def test_a_diagnostic_shows_the_line_it_is_about() -> None:
    text = "name: shop\ntype: php:8.4\n"
    assert shown(at(text, "type", "key `type` stands twice", "delete one"), text.encode(), "shop/") == (
        "error[WL104 duplicate-key]: key `type` stands twice\n"
        " --> shop/a.yaml:2:1\n"
        "  |\n"
        "2 | type: php:8.4\n"
        "  | ^^^^\n"
        "  = help: delete one\n"
    )


def test_a_file_that_is_not_there_has_no_excerpt() -> None:
    assert shown(at("name: shop\n", "shop")) == "error[WL104 duplicate-key]: wrong\n --> a.yaml:1:7\n"


def test_a_diagnostic_without_a_place_is_a_message() -> None:
    assert shown(Diagnostic("WL1", "x", Severity.INFO, "so it is", None, "do this")) == "info[WL1 x]: so it is\n = help: do this\n"


def test_a_place_behind_the_end_of_a_changed_file_has_no_excerpt() -> None:
    assert "|" not in shown(at("a\nb\nc: 1\n", "c"), b"a\n")


@pytest.mark.parametrize(
    ("text", "part", "line", "mark"),
    [
        ("\tkey: value\n", "value", "1 |     key: value", "  |          ^^^^^"),
        ("日本: value\n", "value", "1 | 日本: value", "  |       ^^^^^"),
        ("a: 日本\n", "日本", "1 | a: 日本", "  |    ^^^^"),
        ("a: [1,\n  2]\n", "[1,\n  2]", "1 | a: [1,", "  |    ^^^"),
        ("a:\n", "\n", "1 | a:", "  |   ^"),
        ("a: \u202eb\n", "b", "1 | a: \\u202eb", "  |          ^"),
    ],
)
def test_the_mark_stands_below_what_it_marks(text: str, part: str, line: str, mark: str) -> None:
    assert shown(at(text, part), text.encode()).splitlines()[3:5] == [line, mark]


def test_lines_are_counted_as_yaml_does() -> None:
    text = "a: 1\r\nb: \x85\x0c1\rc: x\n"
    diagnostic = Diagnostic("WL1", "x", Severity.ERROR, "wrong", Origin("a.yaml", Span(16, 17, 3, 4)))
    assert "3 | c: x" in shown(diagnostic, text.encode()).splitlines()


def test_a_byte_order_mark_is_no_column() -> None:
    text = "key: 1\n"
    assert shown(at(text, "key"), text.encode("utf-16")).splitlines()[3:5] == ["1 | key: 1", "  | ^^^"]


def test_bytes_that_are_no_text_are_shown_by_the_byte() -> None:
    diagnostic = Diagnostic("WL100", "not-text", Severity.ERROR, "wrong", Origin("a.yaml", Span(3, 4, 1, 4)))
    assert shown(diagnostic, b"a: \xff\n").splitlines()[4] == "  |    ^"


def test_of_a_long_line_what_is_around_the_place_is_shown() -> None:
    text = "a: " + "x" * 300 + " HERE " + "y" * 300 + "\n"
    line, mark = shown(at(text, "HERE"), text.encode()).splitlines()[3:5]
    assert len(line) <= 100
    assert line[mark.index("^") : mark.rindex("^") + 1] == "HERE"
    assert line.startswith("1 | ...x")
    assert line.endswith("y...")


# ---- the screen ---------------------------------------------------------------------------------------------------------------------


def test_a_pipe_gets_no_colours() -> None:
    stream = io.StringIO()
    Screen(stream).line(("red", "red"), " and plain")
    assert stream.getvalue() == "red and plain\n"


def test_a_terminal_gets_colours() -> None:
    stream = Terminal()
    Screen(stream).line(("red", "red"), " and plain")
    assert stream.getvalue() == "\x1b[31mred\x1b[0m and plain\n"


def test_a_diff_is_in_colours_on_a_terminal_only() -> None:
    text = "--- a\n@@ -1 +1 @@\n-old\n+new \x1b[2J\n"
    shown, kept = Terminal(), io.TextIOWrapper(io.BytesIO())
    Screen(shown).diff(text)
    Screen(kept).diff(text)
    assert shown.getvalue().split("\n")[2:] == ["\x1b[31m-old\x1b[0m", "\x1b[32m+new \\x1b[2J\x1b[0m", ""]
    kept.seek(0)
    assert kept.read() == text


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_a_terminal_that_wants_none_gets_none(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    stream = Terminal()
    Screen(stream).line(("red", "red"))
    assert stream.getvalue() == "red\n"


def test_brackets_are_no_markup() -> None:
    stream = Terminal()
    Screen(stream).line(("[red]x[/red] :tada: 12", "bold"))
    assert stream.getvalue() == "\x1b[1m[red]x[/red] :tada: 12\x1b[0m\n"


def test_prose_is_broken_between_words_at_the_width_of_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("NO_COLOR", "1")
    stream = Terminal()
    Screen(stream).prose("as many words as it takes to fill more than a line of --forty-columns", "  - ")
    assert stream.getvalue() == "  - as many words as it takes to fill\n    more than a line of --forty-columns\n"


def test_a_command_in_prose_is_not_broken_so_that_it_can_be_pasted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("NO_COLOR", "1")
    stream = Terminal()
    Screen(stream).prose("see the `long words` of it, then run `python -m workerlib.migrate some/shop --write`", "  - ")
    assert stream.getvalue() == ("  - see the `long words` of it, then run\n    `python -m workerlib.migrate some/shop --write`\n")


def test_what_stands_between_two_things_in_backquotes_is_no_command() -> None:
    stream = io.StringIO()
    Screen(stream).prose("x " * 46 + "`a` found --b instead of `c`")
    assert stream.getvalue() == "x " * 46 + "`a`\nfound --b instead of `c`\n"


def test_a_stream_in_another_encoding_gets_escapes() -> None:
    data = io.BytesIO()
    screen = Screen(io.TextIOWrapper(data, encoding="ascii"))
    screen.line("Grüße")
    screen.flush()
    assert data.getvalue() == b"Gr\\xfc\\xdfe\n"


def test_raw_text_keeps_its_bytes() -> None:
    data = io.BytesIO()
    screen = Screen(io.TextIOWrapper(data, encoding="ascii", newline="\r\n"))
    screen.raw("+ü\n+\r\n")
    screen.flush()
    assert data.getvalue() == "+ü\n+\r\n".encode()


def test_plain_text_does_not_import_rich() -> None:
    code = "import sys; from workerlib.report import Screen; Screen(sys.stdout).line(('x', 'red')); sys.exit('rich' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, check=False).returncode == 0


def test_who_stops_reading_gets_no_complaint() -> None:
    code = "import sys; from workerlib.report import Screen; s = Screen(sys.stdout); [s.line('x' * 1000) for _ in range(1000)]; s.flush()"
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.close()
    _, errors = process.communicate()
    assert (process.returncode, errors) == (0, b"")


# ---- for programs -------------------------------------------------------------------------------------------------------------------


def test_a_record_has_all_keys_whatever_is_known() -> None:
    empty = record(Diagnostic("WL1", "x", Severity.INFO, "so it is"))
    full = record(at("a: 1\n", "1", help="do"))
    assert list(empty) == list(full)
    assert full == {
        "code": "WL104",
        "name": "duplicate-key",
        "severity": "error",
        "message": "wrong",
        "file": "a.yaml",
        "line": 1,
        "column": 4,
        "help": "do",
    }


def test_a_path_leads_there_from_where_the_user_is() -> None:
    assert str(placed(at("a: 1\n", "1"), "some/shop/").origin) == "some/shop/a.yaml:1:4"


def test_sarif_has_one_rule_for_each_kind_and_its_level() -> None:
    text = "a: 1\nb: 2\n"
    log = json.loads(json.dumps(sarif([at(text, "a"), at(text, "b", "less", "do", Severity.WARNING)], "1.0")))
    run = log["runs"][0]
    assert log["version"] == "2.1.0"
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["WL104"]
    assert [(r["ruleIndex"], r["level"], r["message"]["text"]) for r in run["results"]] == [
        (0, "error", "wrong"),
        (0, "warning", "less; do"),
    ]
    assert run["results"][1]["locations"] == [
        {"physicalLocation": {"artifactLocation": {"uri": "a.yaml"}, "region": {"startLine": 2, "startColumn": 1}}}
    ]


def test_a_rule_in_sarif_says_what_the_table_of_codes_does() -> None:
    known = Diagnostic("WL201", "worker-crons", Severity.ERROR, "wrong", None)
    of_codemod = Diagnostic("WL501", "cron-commands", Severity.WARNING, "wrong", None)
    log = json.loads(json.dumps(sarif([known, of_codemod], "1.0")))
    assert log["runs"][0]["tool"]["driver"]["rules"] == [
        {
            "id": "WL201",
            "name": "worker-crons",
            "shortDescription": {"text": "worker crons"},
            "fullDescription": {"text": "`crons` is not available in a worker (Upsun docs: Create apps > App reference > Crons)"},
            "help": {"text": "move it to the application: cron jobs run on its web instance only"},
            "defaultConfiguration": {"level": "error"},
        },
        {
            "id": "WL501",
            "name": "cron-commands",
            "shortDescription": {"text": "cron commands"},
            "fullDescription": {"text": "cron commands"},
            "help": {"text": "wrong"},
            "defaultConfiguration": {"level": "warning"},
        },
    ]


def test_every_result_in_sarif_has_a_line_since_code_scanning_refuses_others() -> None:
    nowhere = Diagnostic("WL115", "no-applications", Severity.ERROR, "wrong", None)
    whole_file = Diagnostic("WL500", "not-migrated", Severity.WARNING, "wrong", Origin("a.yaml"))
    places = [result["locations"] for result in json.loads(json.dumps(sarif([nowhere, whole_file], "1.0")))["runs"][0]["results"]]
    assert places == [[{"physicalLocation": {"artifactLocation": {"uri": uri}, "region": {"startLine": 1}}}] for uri in (".", "a.yaml")]


def test_a_name_in_sarif_is_no_link() -> None:
    found = sarif([at("a", "a", "found `[x](https://example.org)`", "correct [x](1)")], "1")
    text = json.dumps(found)
    assert "found `[x] (https://example.org)`; correct [x] (1)" in text
    assert "](" not in text


def test_a_path_in_sarif_is_an_address() -> None:
    diagnostic = Diagnostic("WL1", "x", Severity.ERROR, "\x1b[31m", Origin("my app/ä#1.yaml"))
    result = json.dumps(sarif([diagnostic], "1.0"))
    assert '"uri": "my%20app/%C3%A4%231.yaml"' in result
    assert "\\\\x1b[31m" in result


@pytest.mark.parametrize(("severity", "command"), [(Severity.ERROR, "error"), (Severity.WARNING, "warning"), (Severity.INFO, "notice")])
def test_annotations_have_the_levels_of_github(severity: Severity, command: str) -> None:
    expected = f"::{command} file=a.yaml,line=1,col=4,title=WL104 duplicate-key::wrong%0Ado 100%25"
    assert github(at("a: 1\n", "1", help="do 100%", severity=severity)) == expected


def test_a_name_cannot_end_an_annotation() -> None:
    diagnostic = Diagnostic("WL1", "x", Severity.ERROR, "a\n::error::forged", Origin("b,c:d\r.yaml"))
    assert github(diagnostic) == "::error file=b%2Cc%3Ad%0D.yaml,title=WL1 x::a%0A::error::forged"


def test_a_file_is_taken_apart_once_for_all_diagnostics_about_it(monkeypatch: pytest.MonkeyPatch) -> None:
    decoding = Mock(wraps=decode)
    monkeypatch.setattr(report, "decode", decoding)
    data = b"k: v\n" * 500
    stream = io.StringIO()
    for line in range(1, 500):
        place = Origin("f.yaml", Span(5 * line, 5 * line + 1, line, 1))
        show(Screen(stream), Diagnostic("WL1", "x", Severity.ERROR, "m", place), lambda _: data)
    assert stream.getvalue().count("| k: v") == 499
    assert decoding.call_count == 1


# ---- messages -----------------------------------------------------------------------------------------------------------------------


def test_a_message_is_broken_between_words_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("NO_COLOR", "1")
    terminal, pipe = Terminal(), io.StringIO()
    for stream in (terminal, pipe):
        Screen(stream).message(("error[WL201 worker-crons]: ", "bold red"), "`crons` is not available in a worker")
    assert terminal.getvalue() == "error[WL201 worker-crons]: `crons` is\n    not available in a worker\n"
    assert pipe.getvalue() == "error[WL201 worker-crons]: `crons` is not available in a worker\n"
