"""Choices that Hypothesis draws one by one, so that failures shrink."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from attrs import define
from hypothesis import strategies as st

T = TypeVar("T")


@define
class Choices:
    """What makes something up by drawing."""

    draw: Callable[[st.SearchStrategy[object]], object]

    def one(self, values: Sequence[T]) -> T:
        return self.draw(st.sampled_from(values))  # type: ignore[return-value]

    def chance(self, percent: int) -> bool:
        return bool(self.draw(st.integers(0, 99)) >= 100 - percent)  # type: ignore[operator]

    def number(self, least: int, most: int) -> int:
        return self.draw(st.integers(least, most))  # type: ignore[return-value]
