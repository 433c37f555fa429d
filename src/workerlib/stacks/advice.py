"""What is to be said of composable images: which channel, whether a stack is sound, whether an application would be better off with one.

Upsun docs: Create apps > App reference > Composable image.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Mapping as MappingABC

from attrs import evolve, frozen

from workerlib.definitions import Definitions
from workerlib.diagnostic import Severity
from workerlib.images import Channel, channel, channels, image, newest_channel
from workerlib.model import ABSENT, Application, Build, Hooks, Maybe, Runtime, Stack
from workerlib.spellings import STACK_LISTS, Spelled, entries_of
from workerlib.spellings import stack as stack_entries
from workerlib.text import Mapping, Node, Scalar, Sequence

COMPOSABLE = "composable"
REPLACED = ("build", "dependencies", "runtime")  # what a stack stands for, and cannot stand beside it


@frozen(eq=False, repr=False)
class Remark:
    """Something to tell about an application, and what to do about it."""

    message: str
    help: str | None = None
    severity: Severity = Severity.INFO


def channel_of(app: Application) -> str | None:
    """The channel of an application's composable image, empty where none is stated; None for another kind of image."""
    name, _, version = (app.type or "").partition(":")
    return version if name == COMPOSABLE else None


def wanted_channel(name: str) -> Channel | Remark:
    """The channel of that name, the newest without one; or why it cannot be had."""
    found = channel(name) if name else newest_channel()
    if found is not None and found.status == "supported":
        return found
    supported = [c.name for c in channels().values() if c.status == "supported"]
    state = f"is {found.status}" if found else "does not exist"
    return Remark(f"channel {name} {state}", f"ask for --channel {supported[0]}", Severity.WARNING)


def sections_of(look: Definitions, node: Scalar | Mapping | Sequence) -> dict[str, list[Node]]:
    """The nodes of a stack's runtimes and packages, in any spelling; empty where it is not understood."""
    entries = entries_of(look, node) if isinstance(node, Mapping) else None
    found = stack_entries(Spelled("stack", node, entries, look, lambda *_: None)) or {}
    values = {name: found[name].value for name in STACK_LISTS if name in found}
    lists = {name: value.items for name, value in values.items() if isinstance(value, Sequence)}
    return lists if len(lists) == len(values) else {}


# ---- stacks that are there ----------------------------------------------------------------------------------------------------------


def missing_versions(stack: Stack, wanted: Channel) -> list[Remark]:
    """The runtimes of a stack that a channel does not have."""
    return [
        lacking(wanted, runtime.name, runtime.version or "")
        for runtime in stack.runtimes
        if runtime.version and not wanted.offers(runtime.name, runtime.version)
    ]


def lacking(wanted: Channel, name: str, version: str) -> Remark:
    """A channel does not have this runtime, or not in this version."""
    nearest = wanted.nearest(name, version)
    if nearest is None:
        return Remark(f"channel {wanted.name} has no runtime `{name}`", f"its runtimes are {', '.join(wanted.runtimes)}", Severity.WARNING)
    offered = ", ".join(wanted.runtimes[name])
    return Remark(f"channel {wanted.name} has no {name} {version}", f"it has {offered}; the nearest is {nearest}", Severity.WARNING)


def stated_type(app: Application, channel_name: str) -> str | list[Remark] | None:
    """The `type` that an application with a stack ought to state, None where it does; or why that is not known."""
    if not app.stack or "type" in app.extra or channel_of(app):
        return None
    wanted = wanted_channel(channel_name)
    if isinstance(wanted, Remark):
        return [wanted]
    name, _, version = (app.type or "").partition(":")
    if name and name != COMPOSABLE and not any(r.name == name and version in ("", r.version) for r in app.stack.runtimes):
        advised = f"write `{name}@{version}` as its first runtime, or correct `type`"
        return [Remark(f"`type` is `{app.type}`, which the stack does not hold", advised, Severity.WARNING)]
    return missing_versions(app.stack, wanted) or f"{COMPOSABLE}:{wanted.name}"


def settled(app: Application, image: str | None) -> Application:
    """An application with a stack and this `type`, without what is empty beside the stack."""
    app = app if image is None else evolve(app, type=image)
    build = ABSENT if app.build in (None, Build()) else app.build
    runtime = ABSENT if app.runtime in (None, Runtime()) else app.runtime
    return evolve(app, build=build, runtime=runtime, dependencies=app.dependencies or ABSENT)


def oddities(stack: Stack) -> Iterator[Remark]:
    """What is likely to be meant otherwise than it is written."""
    known = newest_channel().runtimes
    for runtime in stack.runtimes:
        name, colon, version = runtime.name.partition(":")
        if colon:
            yield Remark(f"expected `{name}@{version}`, found `{runtime.name}`", "write `@` before the version", Severity.ERROR)
        elif name not in known:
            yield Remark(f"`{name}` is no runtime", f"the runtimes are {', '.join(known)}; tools are `packages`", Severity.ERROR)
        elif not runtime.version:
            yield Remark(f"runtime `{name}` has no version", f"write `{name}@{known[name][0]}`", Severity.WARNING)
    versions = {runtime.name: runtime.version or "" for runtime in stack.runtimes}
    for package in stack.packages:
        yield from _odd_package(package.package or "", versions)


_ATTRIBUTE = re.compile(r"([a-z]+?)_?(\d+)(?:_(\d+))?")  # as in elixir_1_18, nodejs_24, python312
_LIBRARY = re.compile(r"(python|php)(\d)(\d+)(?:Packages|Extensions)\.")


def _odd_package(name: str, versions: MappingABC[str, str]) -> Iterator[Remark]:
    """What is odd about a package, beside runtimes of these versions."""
    known = newest_channel().runtimes
    if name in known:
        yield Remark(f"`{name}` is a package without a version", f"write `{name}@{known[name][0]}` for the runtime", Severity.WARNING)
    elif (attribute := _ATTRIBUTE.fullmatch(name)) and (language := attribute[1]) in known:
        digits, minor = attribute[2], attribute[3]
        version = f"{digits}.{minor}" if minor else f"{digits[0]}.{digits[1:]}" if language in ("php", "python") else digits
        version = version if version in known[language] else known[language][0]
        yield Remark(f"`{name}` is a package", f"there are runtimes as well: `{language}@{version}`")
    elif (library := _LIBRARY.match(name)) and versions.get(library[1], f"{library[2]}.{library[3]}") != f"{library[2]}.{library[3]}":
        runtime = f"{library[1]}@{versions[library[1]]}"
        yield Remark(f"`{name}` is for another version than `{runtime}`", "use the package for that version", Severity.WARNING)


# ---- why to convert -----------------------------------------------------------------------------------------------------------------

# The language of each command that interprets, or installs for, one.
_INTERPRETERS: MappingABC[str, str] = {
    command: language
    for language, commands in (
        ("bun", "bun bunx"),
        ("elixir", "elixir mix"),
        ("golang", "go"),
        ("java", "java mvn gradle"),
        ("nodejs", "node npm npx yarn pnpm"),
        ("php", "php composer"),
        ("python", "python python3 pip pip3 pipenv poetry gunicorn uvicorn celery"),
        ("ruby", "ruby bundle gem rails"),
    )
    for command in commands.split()
}
# White space stays on one line, and of assignments there are a few that are not long: else the time grows with the square of a script.
_COMMAND = re.compile(
    rf"(?:^|[;&|(`!]|\b(?:if|then|else|while|until|do|exec|sudo)\s)[^\S\n]*+(?:\w{{1,64}}=\S{{0,256}}[^\S\n]++){{0,8}}"
    rf"({'|'.join(_INTERPRETERS)})(?=[\s;)]|$)",
    re.MULTILINE | re.ASCII,
)
# What installs a runtime, and the language of that runtime, where it has one only.
_INSTALLERS: MappingABC[str, str] = {
    "nvm": "nodejs",
    "fnm": "nodejs",
    "volta": "nodejs",
    "n": "nodejs",
    "pyenv": "python",
    "rbenv": "ruby",
    "bun.sh/install": "bun",
    "asdf": "",
}
_BY_HAND = re.compile(
    r"\b(nvm|pyenv|rbenv|asdf|fnm|volta) (?:install|use)\b|(bun\.sh/install)|(nvm)/v[\d.]+/install\.sh|^[^\S\n]*(n) (?:auto|lts|\d)",
    re.MULTILINE | re.ASCII,
)
_COMPILER = re.compile(r"\b(?:phpize|pecl install)\b", re.ASCII)
_COMMENT = re.compile(r"^[^\S\n]*#.*$", re.MULTILINE)
# The runtime of each manager that `dependencies` may name.
MANAGERS: MappingABC[str, str] = {"nodejs": "nodejs", "php": "php", "python3": "python", "ruby": "ruby"}


def need(app: Application) -> str | None:
    """Why an application without a stack cannot run as it is written and could with one, None where it can."""
    name = (app.type or "").partition(":")[0]
    return f"`{name}` is a runtime of composable images only" if image(name) is None and name in newest_channel().runtimes else None


def advice(app: Application) -> Iterator[str]:
    """Why an application would be better off with a stack."""
    language = (app.type or "").partition(":")[0]
    for manager, tools in (app.dependencies or {}).items():
        if tools and MANAGERS.get(manager, language) != language:
            yield f"`dependencies.{manager}` installs tools of another language"
    for where, commands in interpreters(app).items():
        if foreign := [command for command, other in commands.items() if other != language]:
            yield f"{where} runs {', '.join(f'`{command}`' for command in foreign)}"
    if by_hand := installed_by_hand(app):
        yield f"hook `build` installs a runtime by hand (`{by_hand[0]}`)"
    if compiler := _COMPILER.search(uncommented((app.hooks or Hooks()).build or "")):
        yield f"hook `build` makes an extension by hand (`{compiler[0]}`)"


def interpreters(app: Application) -> dict[str, dict[str, str]]:
    """The commands of languages that each script of an application runs, with their languages."""
    found = {where: dict.fromkeys(_COMMAND.findall(uncommented(script))) for where, script in scripts(app).items()}
    return {where: {command: _INTERPRETERS[command] for command in commands} for where, commands in found.items() if commands}


def installed_by_hand(app: Application) -> tuple[str, str] | None:
    """What the build hook installs a runtime with, and the language of that, empty where it is not known."""
    found = _BY_HAND.search(uncommented((app.hooks or Hooks()).build or ""))
    tool = next(filter(None, found.groups())) if found else ""
    return (tool, _INSTALLERS[tool]) if tool else None


def scripts(app: Application) -> dict[str, str]:
    """All that an application runs, by what a report calls it."""
    hooks = app.hooks or Hooks()
    found: dict[str, Maybe[str]] = {f"hook `{name}`": getattr(hooks, name) for name in ("build", "deploy", "post_deploy")}
    commands = {"`web`": app.web.commands} if app.web else {}
    commands |= {f"worker `{name}`": worker.commands for name, worker in app.workers.items()}
    for where, one in commands.items():
        found[where] = "\n".join(text for text in (one.pre_start, one.start, one.post_start) if text) if one else ABSENT
    found |= {f"cron `{name}`": cron.commands.start if cron.commands else ABSENT for name, cron in (app.crons or {}).items()}
    return {where: script for where, script in found.items() if script}


def uncommented(script: str) -> str:
    """A script without the lines that are comments."""
    return _COMMENT.sub("", script) if "#" in script else script
