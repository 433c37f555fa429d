from __future__ import annotations

import pytest
from tests.checks.cases import Case, said

from workerlib.checks.schedule import parse

NIGHTLY = "applications.shop.crons.nightly"


def cron(text: str) -> str:
    return f"crons:\n  nightly: {{{text}}}"


GOOD = cron("spec: 'H 2 * * *', commands: {start: ./run}, timeout: 86400, shutdown_timeout: 0")
CASES = (
    Case("cron-command", cron("spec: 0 2 * * *"), f"{NIGHTLY}: expected `commands.start`, found nothing", "nightly", GOOD),
    Case(
        "cron-command",
        cron("spec: 0 2 * * *, commands: {stop: ./x}"),
        f"{NIGHTLY}: expected `commands.start`, found nothing",
        "commands",
        GOOD,
    ),
    Case(
        "cron-command",
        cron("spec: 0 2 * * *, cmd: a, commands: {start: a}"),
        f"{NIGHTLY}: expected `commands` or `cmd`, found both",
        "cmd",
        GOOD,
    ),
    Case("cron-spec", cron("spec: nightly, commands: {start: a}"), f"{NIGHTLY}: `spec`: expected five fields, found 1", "spec", GOOD),
    Case(
        "cron-spec",
        cron("commands: {start: a}"),
        f"{NIGHTLY}: `spec`: expected the times at which it runs, found nothing",
        "nightly",
        GOOD,
    ),
    Case(
        "cron-frequency",
        cron("spec: '*/4 * * * *', commands: {start: a}"),
        f"{NIGHTLY}: `spec`: expected at least 5 minutes between two runs, found 4",
        "spec",
        cron("spec: '*/19 * * * *', commands: {start: a}"),
        "warning",
    ),
    Case(
        "cron-timeout",
        cron("spec: 0 2 * * *, commands: {start: a}, timeout: 86401"),
        f"{NIGHTLY}: `timeout`: expected 1 to 86400 seconds, found `86401`",
        "timeout",
        GOOD,
    ),
    Case(
        "cron-timeout",
        cron("spec: 0 2 * * *, commands: {start: a}, shutdown_timeout: -1"),
        f"{NIGHTLY}: `shutdown_timeout`: expected 0 or more seconds, found `-1`",
        "shutdown_timeout",
        GOOD,
    ),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_check_of_crons(case: Case) -> None:
    case.test()


def test_an_old_command_is_a_command() -> None:
    assert said("cron-command", cron("spec: 0 2 * * *, cmd: ./run")) == []


@pytest.mark.parametrize(
    ("spec", "minutes"),
    [
        ("* * * * *", 1),
        ("*/5 * * * *", 5),
        ("*/19 * * * *", 19),
        ("H/7 * * * *", 7),
        ("0/5 8-16 * * *", 5),
        ("H * * * *", 60),
        ("H(0-29)/10 * * * *", 10),
        ("H H * * *", 1440),
        ("17,47 * * * *", 30),
        ("58,1 * * * *", 3),
        ("0-2 4 * * *", 1),
        ("0 0,6 * * *", 360),
        ("58 23 * * *", 1440),
        ("59,0 0,23 * * *", 1),
        ("59,0 0,23 * * 1,3", 59),
        ("59,0 0,23 1,15 * *", 59),
        ("59,0 0,23 1,31 * *", 1),
        ("59,0 0,23 * * 6,0", 1),
        ("59,0 0,23 1 * 1", 1),
        ("0,3 * * * *", 3),
        ("0-10/5 * * * *", 5),
        ("H(0-10) * * * *", 60),
        ("0 1 * * 1-6", 1440),
        ("0 5 1 JAN,jul mon", 1440),
    ],
)
def test_how_far_apart_runs_are(spec: str, minutes: int) -> None:
    assert parse(spec).shortest_interval == minutes


@pytest.mark.parametrize(
    ("spec", "fault"),
    [
        ("", "expected five fields, found 0"),
        ("* * * *", "expected five fields, found 4"),
        ("* * * * * *", "expected five fields, found 6"),
        ("60 * * * *", "expected a minute from 0 to 59, found `60`"),
        ("* 24 * * *", "expected an hour from 0 to 23, found `24`"),
        ("* * 0 * *", "expected a day of the month from 1 to 31, found `0`"),
        ("\u0663 * * * *", "expected a minute, found `\u0663`"),
        ("* * * FOO *", "expected a month from 1 to 12, found `FOO`"),
        ("* * * * 8", "expected a day of the week from 0 to 7, found `8`"),
        ("*/0 * * * *", "expected a step of at least 1, found `*/0`"),
        ("30-10 * * * *", "expected a range that begins with its lower end, found `30-10`"),
        ("1, * * * *", "expected a minute, found ``"),
        ("H(50-70) * * * *", "expected a minute from 0 to 59, found `70`"),
    ],
)
def test_what_is_no_schedule(spec: str, fault: str) -> None:
    with pytest.raises(ValueError, match=r"\Aexpected") as caught:
        parse(spec)
    assert str(caught.value) == fault


def test_sunday_has_two_numbers() -> None:
    assert parse("0 0 * * 7") == parse("0 0 * * sun") == parse("0 0 * * 0")
