"""Write ``docs/checks.md`` from the table of all codes.

Usage: ``python scripts/build_checks_page.py``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from workerlib.checking import TABLE
from workerlib.checks.rules import Row
from workerlib.migrate.registry import codemods

TARGET = Path(__file__).parents[1] / "docs" / "checks.md"
HEAD = """\
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
SECTIONS = {
    "WL1": "Structure",
    "WL2": "Workers",
    "WL3": "References between parts",
    "WL4": "Images and versions",
    "WL5": "Style and deprecation",
    "WL6": "Comparisons, and Python code",
}


def page() -> str:
    """The text of the page."""
    return "\n".join([HEAD, *(line for prefix, title in SECTIONS.items() for line in section(prefix, title))])


def section(prefix: str, title: str) -> Iterator[str]:
    """The codes of one kind, with what there is to know of each."""
    yield f"## {prefix}xx: {title}\n"
    for row in (row for row in TABLE if row.code.startswith(prefix)):
        yield from entry(row)
    changes = [rewrite for rewrite in codemods() if rewrite.code.startswith(prefix)]
    if changes:
        yield "### Codemods\n\nWhat a codemod has to say bears its code.\n"
        yield from (f"* **{one.code} {one.name}**: {one.summary}" for one in sorted(changes, key=lambda one: one.code))
        yield ""


def entry(row: Row) -> Iterator[str]:
    """One code."""
    message, advice = (text.replace("{{", "{").replace("}}", "}") for text in (row.message, row.help))
    yield f"### {row.code} {row.name}\n"
    yield f"{row.severity.value.capitalize()}: {message}\n"
    yield f"* What to do: {advice}."
    yield f"* Source: {row.page}.\n"


if __name__ == "__main__":
    TARGET.write_text(page())
