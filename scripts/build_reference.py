"""Write the generated pages of the documentation: codemods, checks, properties and the command line. A test holds them to the code.

python scripts/build_reference.py
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from workerlib.__main__ import EXAMPLES, parser
from workerlib.checking import TABLE
from workerlib.checks.rules import Row
from workerlib.migrate.__main__ import add_options
from workerlib.migrate.registry import codemods, python_codemods
from workerlib.properties import PROPERTIES, InWorker, Property, Status
from workerlib.python.codemod import PythonRewrite
from workerlib.rewrite import Rewrite

DOCS = Path(__file__).resolve().parent.parent / "docs"


def codemods_page() -> str:
    """Every codemod with its manual and its example."""
    head = [
        "# Codemods",
        "",
        "What a migration does to a configuration besides moving it to `.upsun/`, in the order in which it is done. `--only NAME` and",
        "`--skip NAME` choose among them; `lift` is the name of the move itself. An *unsafe* codemod changes what runs.",
        "",
        "| codemod | what it does |",
        "|---|---|",
        *(f"| [{one.name}](#{one.name}) | {one.summary}{'' if one.safe else ' *Unsafe.*'} |" for one in codemods()),
        "| [for Python](#for-python) | Rewrite programs that read, write or name the old files. |",
        "",
    ]
    python = [
        "## For Python",
        "",
        "What `--python` does to Python source that reads, writes or names files of an old layout. Each of these also runs in libcst's own",
        "runner, file by file, which knows no project: the name of the application comes from `--app` there, and what is left is a",
        "warning. `-x` can go if `modules` in `.libcst.codemod.yaml` lists `workerlib_codemods.python`. `--no-format` keeps the author's",
        "layout.",
        "",
        "```sh",
        "python -m libcst.tool codemod -x workerlib_codemods.python.reads.Command --no-format --app shop tools/",
        "```",
        "",
    ]
    lines = [line for rewrite in codemods() for line in _codemod(rewrite, "## ", "yaml")]
    return "\n".join(head + lines + python + [line for rewrite in python_codemods() for line in _codemod(rewrite, "### ", "python")])


def _codemod(rewrite: Rewrite | PythonRewrite, heading: str, language: str) -> list[str]:
    lines = [heading + rewrite.name, ""]
    if not rewrite.safe:
        lines += ["*Unsafe.*", ""]
    lines += [rewrite.manual.strip(), "", f"Notes carry the code `{rewrite.code}`.", ""]
    if isinstance(rewrite, Rewrite) and (given := " ".join(rewrite.example.options.words())):
        lines += [f"With `{given}`:", ""]
    for title, text in (("Before", rewrite.example.before), ("After", rewrite.example.after)):
        lines += [f"{title}:", "", f"```{language}", text.rstrip("\n"), "```", ""]
    return lines


def _default(row: Property) -> str:
    """A default as it would be written; what holds where that is nothing."""
    if isinstance(row.default, dict):
        written = {key: {"": "/", True: "true", (): "[]"}.get(value, value) for key, value in row.default.items()}
        return "`{" + ", ".join(f"{key}: {value}" for key, value in written.items()) + "}`"
    return row.unwritten if row.default is None else f"`{row.default}`"


_CHECKS = """\
# Checks

Each diagnostic has a code and a name; both are stable. A comment on a line, or above it, ignores what it names there, and a table in
`pyproject.toml` does so for the project. Both take codes, beginnings of codes (`WL2`) and names.

```yaml
workers:
  queue:
    commands: {start: ./run &}  # workerlib: ignore[worker-background]
```

```toml
[tool.workerlib]
select = ["WL1", "WL2", "WL3", "WL4"]
ignore = ["type-retired"]
```

What stands in braces differs from case to case. A warning or error can be another one where the message differs from the one here.
"""
_SECTIONS = {
    "WL1": "Structure",
    "WL2": "Workers",
    "WL3": "References between parts",
    "WL4": "Images and versions",
    "WL5": "Style and deprecation",
    "WL6": "Comparisons, and Python code",
}


def checks_page() -> str:
    """The code, name and advice of everything that there is to be said of a configuration."""
    return "\n".join([_CHECKS, *(line for prefix, title in _SECTIONS.items() for line in _section(prefix, title))])


def _section(prefix: str, title: str) -> Iterator[str]:
    """The codes of one kind, with what there is to know of each."""
    yield f"## {prefix}xx: {title}\n"
    for row in (row for row in TABLE if row.code.startswith(prefix)):
        yield from _entry(row)
    changes = [rewrite for rewrite in codemods() if rewrite.code.startswith(prefix)]
    if changes:
        yield "### Codemods\n\nWhat a codemod has to say bears its code.\n"
        yield from (f"* **{one.code} {one.name}**: {one.summary}" for one in sorted(changes, key=lambda one: one.code))
        yield ""


def _entry(row: Row) -> Iterator[str]:
    """One code."""
    message, advice = (text.replace("{{", "{").replace("}}", "}") for text in (row.message, row.help))
    yield f"### {row.code} {row.name}\n"
    yield f"{row.severity.value.capitalize()}: {message}\n"
    yield f"* What to do: {advice}."
    yield f"* Source: {row.page}.\n"


def properties_page() -> str:
    """Every property of an application, and where it may be set."""
    worker = {InWorker.REPLACE: "its own", InWorker.SHARED: "the application's", InWorker.ABSENT: "none"}
    inherited = "its own, or else the application's"
    lines = [
        "# Properties",
        "",
        "What an application may say, in which kind of image, whether it may stand in the application itself and in its `web`, and what it",
        "is to a worker. What an instance has of its own replaces what the application has as a whole: properties are not merged.",
        "",
        "An application's name is no property. In the current layout it is the key above the application; in the old ones it is written as",
        "`name`, and a `name` below a key has to say the same as the key.",
        "",
        "The last column is the section of *Create apps > App reference* in the vendor's docs.",
        "",
        "| property | image | application | `web` | worker | default | section |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in PROPERTIES:
        cells = [
            f"`{row.name}`",
            row.images.value,
            _yes(row.application),
            _yes(row.web),
            inherited if row.inherited else worker[row.worker],
            _default(row),
            row.page.rpartition("docs: Create apps > ")[2].removeprefix("App reference > ")
            + (f" ({row.status.value})" if row.status is not Status.CURRENT else ""),
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join([*lines, ""])


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def command_line_page() -> str:
    """Every command with its options, as the parser has them."""
    whole = parser(add_options)
    whole.prog = "workerlib"
    lines = ["# Command line", "", "`workerlib`, or `python -m workerlib`; `workerlib migrate` is `python -m workerlib.migrate`.", ""]
    lines += ["```text", (whole.epilog or "").replace("%(prog)s", whole.prog).rstrip("\n"), "```", ""]
    commands = next(action for action in whole._actions if isinstance(action, argparse._SubParsersAction))
    helps = {choice.dest: choice.help or "" for choice in commands._choices_actions}
    for name, command in commands.choices.items():
        lines += [f"## {name}", "", f"{helps[name][:1].upper()}{helps[name][1:]}.", "", "| | |", "|---|---|"]
        for group in command._action_groups:
            actions = [action for action in group._group_actions if action.dest != "help"]
            if actions and group.title not in ("positional arguments", "options"):
                lines.append(f"| **{group.title}** | |")
            lines += map(_option, actions)
        lines.append("")
        if examples := EXAMPLES.get(name):
            lines += ["```sh", *(f"{whole.prog} {name} {words}".rstrip() for words in examples), "```", ""]
    return "\n".join(lines)


def _option(action: argparse.Action) -> str:
    named = " ".join(action.metavar) if isinstance(action.metavar, tuple) else action.metavar or r"\|".join(map(str, action.choices or ()))
    words = [f"`{option} {named}`" if action.nargs != 0 and named else f"`{option}`" for option in action.option_strings] or [f"`{named}`"]
    return f"| {', '.join(words)} | {action.help} |".replace("%(prog)s", "workerlib")


PAGES = {"codemods.md": codemods_page, "checks.md": checks_page, "properties.md": properties_page, "command-line.md": command_line_page}


if __name__ == "__main__":
    for name, page in PAGES.items():
        (DOCS / name).write_text(page(), encoding="utf-8")
