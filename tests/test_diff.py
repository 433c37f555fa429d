"""The diff for programs: the new files come of the old ones and it, and of a large file that hardly changes only a little is compared."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workerlib.changes import FileChange
from workerlib.migrate import diff, matching
from workerlib.migrate.diff import unified
from workerlib.migrate.matching import Matcher

LINES = st.lists(st.sampled_from(["a", "b", "c", "d", "e", ""]), max_size=40)


def patched(old: str, changes: str) -> str:
    """A text with a unified diff of it applied, each line of which has to be where the diff says."""
    lines, out, at = old.split("\n"), list[str](), 0
    for hunk in re.split(r"^@@ -", changes, flags=re.MULTILINE)[1:]:
        head, *rows = hunk.split("\n")
        found = re.fullmatch(r"(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@", head)
        assert found is not None
        start = int(found[1]) - (found[2] != "0")
        out += lines[at:start]
        at = start
        assert len(out) == int(found[3]) - (found[4] != "0")
        for row in rows[:-1] if not rows[-1] else rows:
            if row[:1] in (" ", "-"):
                assert lines[at] == row[1:]
                at += 1
            out += [row[1:]] if row[:1] in (" ", "+") else []
    return "\n".join([*out, *lines[at:]])


@given(LINES, LINES, LINES, LINES)
def test_the_new_text_comes_of_the_old_one_and_the_diff(head: list[str], old: list[str], new: list[str], tail: list[str]) -> None:
    before, after = ("".join(f"{line}\n" for line in (*head, *middle, *tail)) for middle in (old, new))
    found = unified([FileChange("f", before.encode(), after.encode())], {})
    assert patched(before, found) == after


@given(LINES, LINES)
def test_runs_of_the_same_lines_are_in_order_and_as_long_as_can_be(old: list[str], new: list[str]) -> None:
    *runs, (a, b, size) = Matcher(old, new).get_matching_blocks()
    assert (a, b, size) == (len(old), len(new), 0)
    at = (0, 0)
    for run in runs:
        assert at == (0, 0) or (run.a >= at[0] and run.b >= at[1] and at != (run.a, run.b))
        assert run.size
        assert old[run.a : run.a + run.size] == new[run.b : run.b + run.size]
        at = run.a + run.size, run.b + run.size


def test_lines_that_stand_once_in_each_text_are_paired_as_far_as_they_are_in_order() -> None:
    old, new = "one x two x three x four".split(), "four one x two y three x".split()
    assert [tuple(run) for run in Matcher(old, new).get_matching_blocks()] == [(0, 1, 3), (4, 5, 2), (7, 7, 0)]


def test_many_changes_of_a_text_are_compared_in_a_time_in_proportion_to_their_number(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[int] = []

    class Counting(difflib.SequenceMatcher[str]):
        def __init__(self, isjunk: None, a: Sequence[str], b: Sequence[str], autojunk: bool) -> None:
            compared.append(len(a) * len(b))
            super().__init__(isjunk, a, b, autojunk)

    monkeypatch.setattr(matching, "SequenceMatcher", Counting)
    old, new = ([line for n in range(500) for line in (f"a{n}:", "same", word, "same")] for word in ("x", "y"))
    assert sum(tag == "replace" for tag, *_ in Matcher(old, new).get_opcodes()) == 500
    assert sum(compared) < 10 * len(old)


def test_of_a_large_file_that_hardly_changes_only_what_is_around_the_change_is_taken_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[int] = []
    lines_of = diff._lines

    def counted(data: bytes | None) -> list[str]:
        taken.append(len(data or b""))
        return lines_of(data)

    monkeypatch.setattr(diff, "_lines", counted)
    before = "".join(f"{n}\n" for n in range(10_000))
    after = before.replace("\n5000\n", "\nnew\n")
    found = unified([FileChange("f", before.encode(), after.encode())], {})
    assert found.partition("+++ b/f\n")[2] == "@@ -4998,7 +4998,7 @@\n 4997\n 4998\n 4999\n-5000\n+new\n 5001\n 5002\n 5003\n"
    assert sum(taken) < 200
