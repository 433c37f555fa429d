"""Every example of the documentation, run: page by page, from top to bottom, in a folder of its own with a copy of `examples/`.

* ``python`` is run, as a doctest where it has prompts;
* ``console`` is a session in a shell: what stands behind ``$`` is run, what follows is what it says, with ``...`` for what may be anything;
* ``yaml``, ``toml`` and ``json`` are parsed, and those with a caption are the file that the caption names.

Nothing else may stand in a block that says what language it is in, but ``text``, and ``sh`` for what only the vendor's tools can run.
"""

from __future__ import annotations

import contextlib
import doctest
import io
import json
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from ruamel.yaml import YAML

from workerlib.__main__ import main

ROOT = Path(__file__).parent.parent
GENERATED = ("codemods", "properties", "command-line")  # from the code, whose own tests run these examples
PAGES = [page for page in sorted((ROOT / "docs").rglob("*.md")) if page.stem not in GENERATED and "_build" not in page.parts]
PAGES += [ROOT / "README.md", ROOT / "codemods/README.md"]
ELLIPSIS = doctest.ELLIPSIS


class Block(NamedTuple):
    """A block of a page: where it is, its language, its options and its text."""

    line: int
    language: str
    caption: str | None
    text: str


_BLOCK = re.compile(r"^( *)(```+)(?:\{code-block\} *)?(\w+)\n(.*?)^\1\2$", re.MULTILINE | re.DOTALL)
_OPTION = re.compile(r"^:(\w+): *(.*)\n", re.MULTILINE)


def blocks(page: str) -> Iterator[Block]:
    for found in _BLOCK.finditer(page):
        indent, _, language, text = found.groups()
        text = re.sub(rf"^{indent}", "", text, flags=re.MULTILINE)
        head = re.match(r"(?::\w+: *.*\n)*\n?", text)
        options = dict(_OPTION.findall(head[0] if head else ""))
        body = text[head.end() if head and options else 0 :]
        yield Block(page.count("\n", 0, found.start()) + 1, language, options.get("caption"), body)


# ---- running it ---------------------------------------------------------------------------------------------------------------------


def run_python(block: Block, names: dict[str, Any], page: Path) -> str:
    if ">>>" not in block.text:
        exec(compile(block.text, f"{page}:{block.line}", "exec"), names)  # noqa: S102 - our own text
        return ""
    test = doctest.DocTestParser().get_doctest(block.text, names, page.name, str(page), block.line)
    said: list[str] = []
    doctest.DocTestRunner(verbose=False, optionflags=ELLIPSIS).run(test, out=said.append, clear_globs=False)
    names.update(test.globs)
    return "".join(said)


def run_console(block: Block, monkeypatch: pytest.MonkeyPatch) -> str:
    """What a session says that it should not have said."""
    wrong = []
    for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        command, _, expected = part.partition("\n")
        while command.endswith("\\"):
            more, _, expected = expected.partition("\n")
            command = command[:-1] + more.removeprefix("> ")
        found = run_command(command, monkeypatch)
        if not doctest.OutputChecker().check_output(expected, found, doctest.ELLIPSIS):
            wrong.append(f"$ {command}\nexpected:\n{expected}\nfound:\n{found}")
    return "\n".join(wrong)


PROGRAM = "import sys; sys.argv[0] = 'workerlib'; from workerlib.__main__ import main; sys.exit(main())"


def run_command(command: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """What a command says, on either stream. Our own runs in this process, which is quicker, unless a shell is needed."""
    words = shlex.split(command)
    if words[0] == "cd" and len(words) == 2:
        monkeypatch.chdir(words[1])
        return ""
    if words[0] == "workerlib" and not set(command) & set("|<>&;"):
        said = io.StringIO()
        monkeypatch.setattr(sys, "argv", words)
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said), contextlib.suppress(SystemExit):
            main(words[1:])
        return said.getvalue()
    function = f'workerlib() {{ {shlex.quote(sys.executable)} -c {shlex.quote(PROGRAM)} "$@"; }}\n'
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)  # as for a user: what goes to a pipe is written when it is flushed
    done = subprocess.run(  # noqa: S602 - our own text
        function + command, shell=True, executable="/bin/bash", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    return done.stdout


READERS: dict[str, Callable[[str], object]] = {
    "yaml": lambda text: list(YAML(typ="safe").load_all(re.sub(r"!\w+", "", text))),
    "toml": tomllib.loads,
    "json": json.loads,
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    for name in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{name}_NAME", "Ida")
        monkeypatch.setenv(f"GIT_{name}_EMAIL", "ida@example.org")
    return tmp_path


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).with_suffix("").as_posix())
def test_the_examples_of_a_page_run(page: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names: dict[str, Any] = {"__name__": "page"}
    for block in blocks(page.read_text(encoding="utf-8")):
        where = f"{page.name}:{block.line}"
        if block.caption:
            file = folder / block.caption
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(block.text, encoding="utf-8")
        if block.language == "python":
            said = run_python(block, names, page)
        elif block.language == "console":
            said = run_console(block, monkeypatch)
        elif block.language in READERS:
            READERS[block.language](block.text)
            said = ""
        else:
            assert block.language in ("text", "sh", "mermaid"), where
            said = ""
        assert said == "", f"{where}\n{said}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).with_suffix("").as_posix())
def test_what_cannot_be_run_is_for_other_programs(page: Path) -> None:
    own = [block.line for block in blocks(page.read_text(encoding="utf-8")) if block.language == "sh" and "workerlib" in block.text]
    assert own == [] or page.name == "README.md", "a command of ours belongs into a block of `console`"  # the CI runs those of the README


# ---- that it would see a mistake ----------------------------------------------------------------------------------------------------


def session(text: str) -> Block:
    return Block(1, "console", None, text)


def test_what_a_session_does_not_say_is_seen(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "found:\nb\n" in run_console(session("$ echo b\na\n"), monkeypatch)
    assert "found:\n\n" not in run_console(session("$ workerlib check examples/none\n"), monkeypatch)
    assert run_console(session("$ workerlib --version\n...\n$ echo one \\\n> two\none two\n"), monkeypatch) == ""


def test_what_python_does_not_say_is_seen() -> None:
    assert "Expected:\n    3\nGot:\n    2\n" in run_python(Block(1, "python", None, ">>> 1 + 1\n3\n"), {}, ROOT / "README.md")


def test_blocks_are_found_with_their_captions() -> None:
    text = "a\n\n```{code-block} yaml\n:caption: .platform.app.yaml\n\nname: a\n```\n\n  ```python\n  1\n  ```\n"
    assert list(blocks(text)) == [Block(3, "yaml", ".platform.app.yaml", "name: a\n"), Block(9, "python", None, "1\n")]


# ---- links --------------------------------------------------------------------------------------------------------------------------

OUTSIDE = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "codemods/README.md")]
OUTSIDE += sorted((ROOT / "examples").rglob("README.md"))


@pytest.mark.parametrize("page", OUTSIDE, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_of_pages_that_sphinx_does_not_build_lead_somewhere(page: Path) -> None:
    """Sphinx checks those of the others, and fails for one that leads nowhere."""
    links = re.findall(r"\]\(([^)\s#]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not link.startswith("https://") and not (page.parent / link).exists()] == []


def test_paths_that_pages_name_are_there() -> None:
    named = {path for page in (*PAGES, *OUTSIDE) for path in re.findall(r"`((?:examples|docs|scripts|tests)/[\w./-]+)`", page.read_text())}
    assert len(named) > 10
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []
