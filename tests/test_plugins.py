"""Codemods of other distributions: the example package, installed and run; and what goes wrong, said."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from workerlib.errors import WorkerlibError
from workerlib.migrate.plugins import GROUP, plugins

ROOT = Path(__file__).parent.parent

TEXT = """\
applications:
  shop:
    type: 'php:8.4'
    variables: {env: {TEA_API: 'https://tea.example.org'}}  # the client reads it
    workers:
      queue:
        commands: {start: ./q}
        variables:
          env:
            TEA_API: 'https://tea.example.org'
            LEAF_API: 'https://leaf.example.org'
"""


# ---- the example package ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which the example package is installed."""
    place = tmp_path_factory.mktemp("installed")
    package = tmp_path_factory.mktemp("source") / "house-codemods"
    package.mkdir()
    for path in (ROOT / "examples/house-codemods").rglob("*"):  # building leaves files beside the source
        if path.is_file() and path.suffix in (".py", ".toml", ".md"):
            target = package / path.relative_to(ROOT / "examples/house-codemods")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    options = ("--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check", "--root-user-action=ignore")
    subprocess.run((sys.executable, "-m", "pip", "install", *options, "--target", str(place), str(package)), check=True)
    return place


def migrate(installed: Path, *arguments: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, (str(installed), os.environ.get("PYTHONPATH")))),
        "NO_COLOR": "1",
    }
    command = (sys.executable, "-m", "workerlib.migrate", *arguments)
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_an_installed_codemod_is_explained(installed: Path) -> None:
    done = migrate(installed, "--explain", "tea-api")
    assert done.stdout.startswith(
        "tea-api (LK001, unsafe: it changes what runs)\n\nCall the variable `TEA_API` by its new name, `LEAF_API`.\n"
    )


def test_an_installed_codemod_runs_and_is_proved(installed: Path, tmp_path: Path) -> None:
    (tmp_path / ".upsun").mkdir()
    (tmp_path / ".upsun/config.yaml").write_text(TEXT)
    done = migrate(installed, "--write", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    line = "    variables: {env: {TEA_API: 'https://tea.example.org'}}"
    assert (tmp_path / ".upsun/config.yaml").read_text() == TEXT.replace(line, line.replace("TEA_API", "LEAF_API"))
    assert "warning[LK001 tea-api]: applications.shop.workers.queue.variables.env.TEA_API: `LEAF_API` is set as well" in done.stderr


def test_an_installed_codemod_can_be_left_out(installed: Path, tmp_path: Path) -> None:
    (tmp_path / ".upsun").mkdir()
    (tmp_path / ".upsun/config.yaml").write_text(TEXT)
    assert migrate(installed, "--check", "--skip", "tea-api", folder=tmp_path).returncode == 0


# ---- what goes wrong ----------------------------------------------------------------------------------------------------------------

REWRITE = """\
'''Do nothing.'''
from workerlib.rewrite import Example, Rewrite
rewrite = Rewrite(__name__, __doc__, safe=True, code="X1", example=Example(before="", after=""))
"""


def offer(place: Path, monkeypatch: pytest.MonkeyPatch, **modules: str) -> None:
    """A distribution that offers these modules."""
    info = place / "offer-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: offer\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[{GROUP}]\n" + "".join(f"{name} = {name}\n" for name in modules))
    for name, text in modules.items():
        (place / f"{name}.py").write_text(text)
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.syspath_prepend(str(place))


def test_codemods_come_in_the_order_of_their_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    offer(tmp_path, monkeypatch, offered_b=REWRITE, offered_a=REWRITE)
    assert [rewrite.name for rewrite in plugins([])] == ["offered-a", "offered-b"]


def test_without_any_there_are_none() -> None:
    assert plugins([]) == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1 / 0\n", " cannot be loaded (ZeroDivisionError: division by zero)"),
        ("rewrite = 1\n", ": expected a module with a `Rewrite` called `rewrite`, found none"),
        ("", ": expected a module with a `Rewrite` called `rewrite`, found none"),
        (REWRITE, ": there is a codemod `offered` already"),
    ],
    ids=["fails", "is-none", "has-none", "taken"],
)
def test_one_that_cannot_be_run_is_an_error_that_names_its_distribution(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, said: str
) -> None:
    offer(tmp_path, monkeypatch, offered=text)
    with pytest.raises(WorkerlibError) as caught:
        plugins(["offered"])
    assert str(caught.value) == f"the codemod `offered` of `offer`{said}; update or uninstall that distribution"
