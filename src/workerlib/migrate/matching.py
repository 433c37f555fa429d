"""Which lines of two texts are the same. The time grows with their number, where that of difflib grows with its square."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import Match, SequenceMatcher


class Matcher(SequenceMatcher[str]):
    """The matcher of difflib, but that lines which stand once in each text are paired first, and what is between these by itself."""

    def __init__(self, old: Sequence[str], new: Sequence[str], *, autojunk: bool = True) -> None:
        super().__init__(None, "", "")
        self.a, self.b, self.inner = old, new, autojunk

    def get_matching_blocks(self) -> list[Match]:
        """The runs of lines that are the same, with the empty one at the end that difflib has there."""
        blocks: list[Match] = []
        for block in self._in_turn():
            last = blocks[-1] if blocks else Match(0, 0, 0)
            if (last.a + last.size, last.b + last.size) == (block.a, block.b):
                blocks[-1:] = [Match(last.a, last.b, last.size + block.size)]
            else:
                blocks.append(block)
        return [*blocks, Match(len(self.a), len(self.b), 0)]

    def _in_turn(self) -> Iterator[Match]:
        a = b = 0
        for next_a, next_b in (*_once_in_each(self.a, self.b), (len(self.a), len(self.b))):
            yield from self._between(a, next_a, b, next_b)
            if next_a < len(self.a):
                yield Match(next_a, next_b, 1)
            a, b = next_a + 1, next_b + 1

    def _between(self, a: int, end_a: int, b: int, end_b: int) -> Iterator[Match]:
        start, most = a, min(end_a - a, end_b - b)
        while a - start < most and self.a[a] == self.b[b]:
            a, b = a + 1, b + 1
        if a > start:
            yield Match(start, b - (a - start), a - start)
        if a < end_a and b < end_b:
            found = SequenceMatcher(None, self.a[a:end_a], self.b[b:end_b], self.inner).get_matching_blocks()[:-1]
            yield from (Match(a + one.a, b + one.b, one.size) for one in found)


def _once_in_each(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """The numbers of lines that stand once in each text, old and new: as many of them as are in the same order."""
    counts, places = Counter(old), Counter(new)
    there = {line: number for number, line in enumerate(new) if places[line] == 1}
    pairs = [(number, there[line]) for number, line in enumerate(old) if counts[line] == 1 and line in there]
    ends: list[int] = []  # for each length, the new number at which a run of that length may end earliest, and which pair that is
    last: list[int] = []
    before: list[int] = []  # for each pair the one before it in its run
    for index, (_, number) in enumerate(pairs):
        length = bisect_left(ends, number)
        before.append(last[length - 1] if length else -1)
        ends[length : length + 1], last[length : length + 1] = [number], [index]
    run: list[tuple[int, int]] = []
    index = last[-1] if last else -1
    while index >= 0:
        run.append(pairs[index])
        index = before[index]
    return run[::-1]
