"""WL135 and WL16x: cron jobs. Source: Upsun docs, Create apps > App reference > Crons."""
# ruff: noqa: ARG001, D103 - a check takes what all checks take, and its row says what it is for

from __future__ import annotations

from workerlib.checks import schedule
from workerlib.checks.rules import ERROR, WARNING, Findings, Scope, found, rule
from workerlib.model import ABSENT, Cron, JobCommands
from workerlib.properties import PROPERTY

_CRONS = PROPERTY["crons"].page


@rule(
    "WL135",
    "cron-command",
    ERROR,
    Cron,
    "expected `commands.start`, found nothing",
    "write the command that runs at these times",
    page=_CRONS,
)
def cron_command(cron: Cron, scope: Scope) -> Findings:
    commands = cron.commands
    if not isinstance(commands, JobCommands):
        if "commands" not in cron.extra:
            yield found("commands")
    elif not (commands.start and commands.start.strip()) and "start" not in commands.extra and commands.malformed is ABSENT:
        yield found("commands", "start")


@rule("WL160", "cron-spec", ERROR, Cron, "`spec`: {fault}", "write minute, hour, day of the month, month and day of the week", page=_CRONS)
def cron_spec(cron: Cron, scope: Scope) -> Findings:
    if isinstance(cron.spec, str):
        try:
            schedule.parse(cron.spec)
        except ValueError as fault:
            yield found("spec", fault=fault)
    elif "spec" not in cron.extra:
        yield found("spec", fault="expected the times at which it runs, found nothing")


@rule(
    "WL161",
    "cron-frequency",
    WARNING,
    Cron,
    "`spec`: expected at least {least} minutes between two runs, found {minutes}",
    "let it run less often; a worker can do what must not wait",
    page=_CRONS,
)
def cron_frequency(cron: Cron, scope: Scope) -> Findings:
    if isinstance(cron.spec, str) and (minutes := schedule.runs_too_often(cron.spec)):
        yield found("spec", least=schedule.LEAST_INTERVAL, minutes=minutes)


@rule(
    "WL162",
    "cron-timeout",
    ERROR,
    Cron,
    "`{key}`: expected {expected} seconds, found `{value}`",
    "correct it: a job that runs for a day is ended",
    page=_CRONS,
)
def cron_timeout(cron: Cron, scope: Scope) -> Findings:
    if isinstance(cron.timeout, int) and not 0 < cron.timeout <= _MOST_SECONDS:
        yield found("timeout", key="timeout", expected=f"1 to {_MOST_SECONDS}", value=cron.timeout)
    if isinstance(cron.shutdown_timeout, int) and cron.shutdown_timeout < 0:
        yield found("shutdown_timeout", key="shutdown_timeout", expected="0 or more", value=cron.shutdown_timeout)


_MOST_SECONDS = 86400
