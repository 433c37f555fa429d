"""When a cron job runs: the five fields of its `spec`, and how close together two runs can be.

Source: Upsun docs, Create apps > App reference > Crons. `H` stands for a value that the platform chooses, one for each project and cron.
"""

from __future__ import annotations

import re
from itertools import pairwise

from attrs import frozen

_MONTHS = {name: number for number, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}
_DAYS = {name: number for number, name in enumerate("sun mon tue wed thu fri sat".split())}
_FIELDS: tuple[tuple[str, int, int, dict[str, int]], ...] = (
    ("a minute", 0, 59, {}),
    ("an hour", 0, 23, {}),
    ("a day of the month", 1, 31, {}),
    ("a month", 1, 12, _MONTHS),
    ("a day of the week", 0, 7, _DAYS),
)
_ITEM = re.compile(
    r"(?:\*|(?P<hash>h)(?:\((?P<low>\d+)-(?P<high>\d+)\))?|(?P<first>\w+)(?:-(?P<last>\w+))?)(?:/(?P<step>\d+))?",
    re.IGNORECASE | re.ASCII,
)
_DAY = 24 * 60
LEAST_INTERVAL = 5  # minutes between two runs


@frozen
class Schedule:
    """The values of each field that a job runs at; `H` is one of those that it may stand for.

    `stepped` says that the minutes follow from one step (``*/19``): it is the interval that is meant, though an hour is no multiple of it.
    """

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    stepped: bool = False

    @property
    def shortest_interval(self) -> int:
        """The least number of minutes between two runs."""
        if self.stepped and len(self.minutes) > 1:
            return min(later - earlier for earlier, later in pairwise(sorted(self.minutes)))
        times = sorted(60 * hour + minute for hour in self.hours for minute in self.minutes)
        gaps = [later - earlier for earlier, later in pairwise(times)]
        overnight = times[0] + _DAY - times[-1]
        return min([*gaps, overnight if self.on_consecutive_days else _DAY])

    @property
    def on_consecutive_days(self) -> bool:
        """Whether it can run on two days in a row. Where both kinds of days are restricted, either kind is enough to run."""
        in_month = any(day + 1 in self.days for day in self.days) or (1 in self.days and max(self.days) >= 28)
        in_week = any((day + 1) % 7 in self.weekdays for day in self.weekdays)
        if len(self.weekdays) == 7:
            return in_month
        return in_week if len(self.days) == 31 else True


def parse(spec: str) -> Schedule:
    """Read the `spec` of a cron. Raises ValueError, which says what was expected and what was found."""
    texts = spec.split()
    if len(texts) != len(_FIELDS):
        raise ValueError(f"expected five fields, found {len(texts)}")
    minutes, hours, days, months, weekdays = (_values(text, *row) for text, row in zip(texts, _FIELDS, strict=True))
    stepped = "/" in texts[0] and "," not in texts[0]
    return Schedule(minutes, hours, days, months, frozenset(day % 7 for day in weekdays), stepped)


def runs_too_often(spec: str) -> int | None:
    """The least number of minutes between two runs where that is less than Upsun Flex allows; None otherwise, and for what is no `spec`."""
    try:
        minutes = parse(spec).shortest_interval
    except ValueError:
        return None
    return minutes if minutes < LEAST_INTERVAL else None


def _values(text: str, field: str, least: int, most: int, names: dict[str, int]) -> frozenset[int]:
    values: set[int] = set()
    for item in text.split(","):
        match = _ITEM.fullmatch(item)
        if match is None:
            raise ValueError(f"expected {field}, found `{item}`")
        ends = match["low"] or match["first"], match["high"] or match["last"]
        low, high = (_number(end, field, least, most, names) for end in ends)
        step = _whole(match["step"] or "1")
        if step < 1:
            raise ValueError(f"expected a step of at least 1, found `{item}`")
        first = least if low is None else low
        if high is None:
            high = most if low is None or match["step"] else first
        if first > high:
            raise ValueError(f"expected a range that begins with its lower end, found `{item}`")
        values.update([first] if match["hash"] and not match["step"] else range(first, high + 1, step))
    return frozenset(values)


def _whole(digits: str) -> int:
    """A number; of one with more digits than any field of a spec has use for, the first ones."""
    return int(digits[:9])


def _number(text: str | None, field: str, least: int, most: int, names: dict[str, int]) -> int | None:
    if text is None:
        return None
    number = names.get(text.lower(), _whole(text) if text.isdecimal() else -1)
    if not least <= number <= most:
        raise ValueError(f"expected {field} from {least} to {most}, found `{text}`")
    return number
