"""``python -m workerlib.migrate --python``: which files are looked at, what is proved, and that programs go on doing what they did."""

from __future__ import annotations

import itertools
import subprocess
import sys
from pathlib import Path
from unittest.mock import Mock

import libcst
import pytest
from tests.sources import ALONE, SHOP, execute, notes, planned, source

from workerlib import load
from workerlib.editing.edits import Edit
from workerlib.errors import RefusedError
from workerlib.migrate import Options, plan
from workerlib.migrate import __main__ as cli
from workerlib.python import composed, following, running
from workerlib.python.flows import Piece
from workerlib.python.module import Module

READS = "import yaml\nwith open('.platform.app.yaml') as f:\n    print(yaml.safe_load(f)['type'])\n"
NEW = "import yaml\nwith open('.upsun/config.yaml') as f:\n    print(yaml.safe_load(f)['applications']['shop']['type'])\n"


def project(folder: Path, files: dict[str, str]) -> Path:
    for path, text in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, newline="")
    return folder


def git(root: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", root, *arguments], check=True)  # noqa: S607


def test_python_is_left_alone_unless_it_is_asked_for() -> None:
    assert "tool.py" not in planned({**SHOP, "tool.py": READS}, Options()).files


def test_python_and_yaml_are_written_together_and_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = project(tmp_path, {**SHOP, "tool.py": READS})
    assert cli.main(["--python", "--write", str(root)]) == 0
    assert (root / "tool.py").read_text() == NEW
    assert (root / ".upsun/config.yaml").is_file()
    assert not (root / ".platform.app.yaml").exists()
    assert "python-reads" in capsys.readouterr().err
    assert cli.main(["--python", "--check", str(root)]) == 0


def test_a_project_that_moved_before_its_programs(tmp_path: Path) -> None:
    root = project(tmp_path, {".upsun/config.yaml": "applications:\n  shop:\n    type: php:8.4\n", "tool.py": READS})
    assert {path: data.decode() for path, data in plan(root, Options(python=True)).files.items() if data} == {"tool.py": NEW}


def test_a_tool_without_configuration_needs_the_application_s_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = project(tmp_path, {"tool.py": READS})
    assert notes(plan(root, Options(python=True)), "tool.py") == [
        "WL610 2: `'.platform.app.yaml'` is left as it is: which application is meant is not known (line 3)"
    ]
    assert cli.main(["--python", "--app", "shop", "--write", str(root)]) == 0
    assert (root / "tool.py").read_text() == NEW
    assert "0 applications" not in capsys.readouterr().err


def test_a_configuration_that_stays_keeps_its_programs() -> None:
    found = planned({**SHOP, "tool.py": READS}, Options(python=True, skip=("lift",)))
    assert "tool.py" not in found.files
    assert "the configuration stays in its old layout, and so Python source as it is" in [one.message for one in found.diagnostics]


def test_names_of_python_codemods_are_for_python(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--only", "python-reads"]) == 2
    assert "codemods for Python run with --python only" in capsys.readouterr().err
    assert cli.main(["--app", "shop"]) == 2
    assert "--app is for --python" in capsys.readouterr().err


def test_list_and_explain_know_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--list"]) == 0
    assert "python-reads " in capsys.readouterr().out
    assert cli.main(["--explain", "python-reads"]) == 0
    assert "python-reads (WL620, safe: nothing that runs can notice)" in capsys.readouterr().out


def test_libcst_is_not_imported_unless_python_is_rewritten(tmp_path: Path) -> None:
    root = project(tmp_path, ALONE)
    program = "import sys\nfrom workerlib.migrate.__main__ import main\nmain([sys.argv[1]])\nsys.exit('libcst' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program, str(root)], check=False, capture_output=True).returncode == 0


# ---- which files --------------------------------------------------------------------------------------------------------------------


def test_installed_packages_links_and_what_git_ignores_are_skipped(tmp_path: Path) -> None:
    skipped = (".venv/lib/a.py", "env/lib/site-packages/b.py", "out/c.py")
    root = project(tmp_path, {**SHOP, "tool.py": READS, ".gitignore": "out/\n", **dict.fromkeys(skipped, READS)})
    (root / "link.py").symlink_to("tool.py")
    git(root, "init", "-q")
    found = plan(root, Options(python=True))
    assert [path for path in found.files if path.endswith(".py")] == ["tool.py"]
    assert {one.origin.file for one in found.diagnostics if one.origin and one.origin.file.endswith(".py")} == {"tool.py"}


def test_a_tracked_file_is_not_ignored(tmp_path: Path) -> None:
    root = project(tmp_path, {**SHOP, "out/tool.py": READS, ".gitignore": "out/\n"})
    git(root, "init", "-q")
    git(root, "add", "--force", "out/tool.py")
    assert "out/tool.py" in plan(root, Options(python=True)).files


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"# -*- coding: latin-1 -*-\nx = '\xe9', '.platform.app.yaml'\n", "WL614 0: expected text in UTF-8, found another encoding"),
        (b"x = '\xe9', '.platform.app.yaml'\n", "WL614 0: expected text in UTF-8, found another encoding"),
        (b"import os\nprint '.platform.app.yaml'\n", "WL615 2: expected Python"),
        (b"x = '.platform.app.yaml'\ny = (\n", "WL615 2: expected Python"),
        (b"x = '.platform.app.yaml\0'\n", "WL615 1: expected Python"),
        (b"if x == '.platform.app.yaml': pass\n" + b"elif x: pass\n" * 900, "WL615 299: expected at most 300 parts"),
        (b"x = '.platform.app.yaml'" + b" and x" * 900, "WL615 1: expected Python"),
    ],
    ids=["latin-1", "no declaration", "Python 2", "unfinished", "a null character", "deep", "deep for libcst only"],
)
def test_what_cannot_be_read_is_reported_and_left(data: bytes, said: str) -> None:
    found = planned({**SHOP, "tool.py": data})
    assert "tool.py" not in found.files
    (one,) = notes(found, "tool.py")
    assert one.startswith(said)


def test_a_byte_order_mark_stays() -> None:
    found = planned({**SHOP, "tool.py": b"\xef\xbb\xbf" + READS.encode()})
    assert found.files["tool.py"] == b"\xef\xbb\xbf" + NEW.encode()


def test_places_are_those_in_the_new_text() -> None:
    found = planned({**SHOP, "tool.py": "import yaml; print(yaml.safe_load(open('.platform.app.yaml'))['disk'])\n"})
    (origin,) = [one.origin for one in found.diagnostics if one.code == "WL620"]
    data = found.files["tool.py"]
    assert data is not None
    assert origin is not None
    assert origin.span is not None
    assert data.decode()[origin.span.start :].startswith("yaml.safe_load(open('.upsun/config.yaml'))")


def test_files_that_cannot_name_an_old_one_are_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed = []
    parse = libcst.parse_module

    def noted(text: str) -> libcst.Module:
        parsed.append(text)
        return parse(text)

    monkeypatch.setattr(libcst, "parse_module", noted)
    others = {f"other{number}.py": f"import sys\nprint(sys.platform, {number}, 'services.yaml')\n" for number in range(20)}
    planned({**SHOP, "tool.py": READS, **others})
    assert parsed == [READS]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        # What Python itself reads and libcst does not, or in a very long time; a file of which no more is read than may be.
        ("x = " + "'.platform.app.yaml' " * 5000 + "\n", "expected Python "),
        ("x = open('.platform.app.yaml')" + "[0]" * 2000 + "\n", "expected at most 300 parts of a program around each other, found more"),
        ("open('.platform.app.yaml')\n" + "#" * (1 << 20), "expected at most 1048576 bytes, found more: left as it is"),
        ("open('.platform.app.yaml')\n" + "é" * (1 << 20), "expected at most 1048576 bytes, found more: left as it is"),
    ],
    ids=["joined strings", "deep", "large", "cut within a character"],
)
def test_files_that_are_too_much(text: str, said: str) -> None:
    found = planned({**SHOP, "tool.py": text})
    assert "tool.py" not in found.files
    assert [note.message.startswith(said) for note in found.diagnostics if note.name == "python-not-parsed"] == [True]


@pytest.mark.parametrize(
    "line",
    [
        "x = " + "'.platform.app.yaml' " * 100 + "\n",
        "x = " + "'.platform.app.yaml' + " * 100 + "''\n",
        "x = f'" + "{a}.platform.app.yaml" * 100 + "'\n",
        "x = '" + "{}" * 100 + "'.format(" + "'.platform.app.yaml', " * 100 + ")\n",
    ],
    ids=["joined strings", "sum", "f-string", "format"],
)
def test_paths_of_very_many_parts_are_not_followed_for_ever(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made = Mock(side_effect=Piece)
    monkeypatch.setattr(composed, "Piece", made)
    monkeypatch.setattr(following.Effort.__init__, "__defaults__", (5000,))
    assert "tool.py" not in planned({**SHOP, "tool.py": line * 5}).files
    assert made.call_count < 25_000


def test_a_program_that_moves_with_the_configuration() -> None:
    app = "name: shop\ntype: php:8.4\nhooks:\n  build: !include {type: string, path: .platform/build.py}\n"
    found = planned({".platform.app.yaml": app, ".platform/build.py": "print('see .platform.app.yaml')\n"})
    assert found.files[".platform/build.py"] is None
    assert found.files[".upsun/build.py"] == b"print('see .upsun/config.yaml')\n"


# ---- the proof ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (Edit("tool.py", 0, 0, "("), "the new text would not compile"),
        (Edit("tool.py", 0, 0, "pass\n"), "a second run would change it again"),
        (Edit("tool.py", 0, 0, "'''\n'''#"), "it would differ outside of what is rewritten"),
    ],
    ids=["does not compile", "not stable", "more changes than was said"],
)
def test_what_is_not_proved_is_refused(edit: Edit, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    once = ["'''" in edit.text]

    def run(module: Module, *rest: object) -> running.Outcome:
        done = module.text.startswith(edit.text)
        return running.Outcome([] if done and all(once) else [edit])

    monkeypatch.setattr(running, "run", run)
    with pytest.raises(RefusedError) as refused:
        planned({**SHOP, "tool.py": READS})
    assert [one.code for one in refused.value.diagnostics] == ["WL690"]
    assert said in refused.value.diagnostics[0].message


# ---- programs do what they did ------------------------------------------------------------------------------------------------------

READERS = {
    "PyYAML": """
        import os, yaml
        from pathlib import Path

        HERE = Path(__file__).parent
        def load(path, key=None):
            with open(path) as stream:
                return yaml.safe_load(stream)

        app = load(HERE / ".platform.app.yaml")
        print(app["name"], app["type"], sorted(app["workers"]), app["workers"]["queue"]["commands"]["start"])
        services = yaml.load(Path(".platform/services.yaml").read_text(), Loader=yaml.SafeLoader)
        print({name: service["type"] for name, service in services.items()})
        if os.path.exists(os.path.join(".platform", "routes.yaml")):
            with open(os.path.join(".platform", "routes.yaml")) as f:
                for url, route in (yaml.safe_load(f) or {}).items():
                    print(url, route["upstream"])
        """,
    "ruamel.yaml": """
        import ruamel.yaml
        from pathlib import Path
        yaml = ruamel.yaml.YAML(typ="safe", pure=True)
        round_trip = ruamel.yaml.YAML()
        path = Path(".platform.app.yaml")
        if (app := yaml.load(path)) is not None:
            print(app["name"], app.get("type"))
        with path.open(encoding="utf-8") as f:
            print(round_trip.load(f)["workers"]["queue"]["commands"])
        print(yaml.load(Path.cwd().joinpath(".platform", "services.yaml"))["db"]["type"])
        """,
}


# Every way to come to a file, with every way to load it: each is a line of one program.
_OPENED = (
    'open(".platform.app.yaml")',
    'open("./.platform.app.yaml", encoding="utf-8")',
    'open(os.path.join(os.getcwd(), ".platform.app.yaml"), "rb")',
    'open(f"{HERE}/.platform.app.yaml")',
    'open(str(HERE) + "/.platform.app.yaml")',
    'open("%s/.platform.app.yaml" % HERE)',
    'open("{}/.platform.app.yaml".format(HERE))',
    'io.open(file=HERE / ".platform.app.yaml")',
    '(HERE / ".platform.app.yaml").open()',
    'Path(".platform.app.yaml").absolute().open(mode="r")',
    "open(FILE)",
    "open(place())",
)
_READ = ("{0}.read()", "{0}")
_LOADED = ("yaml.safe_load({0})", "yaml.load({0}, Loader=yaml.SafeLoader)", "safe.load({0})", "load({0}, SafeLoader)")
_SHOWN = ('{0}["name"]', '{0}.get("type")', 'sorted({0}["workers"])', '[w["commands"] for w in {0}["workers"].values()]')


def test_every_way_to_read_prints_what_it_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    head = source(
        """
        import io, os, ruamel.yaml, yaml
        from pathlib import Path
        from yaml import SafeLoader, load
        HERE = Path(__file__).resolve().parent
        FILE = os.path.abspath(".platform.app.yaml")
        safe = ruamel.yaml.YAML(typ="safe", pure=True)
        def place(name=".platform.app.yaml"):
            return os.path.join(HERE, name)
        """
    )
    ways = [(opened, read, loaded) for opened in _OPENED for read in _READ for loaded in _LOADED]
    lines = [
        f"with {opened} as f:\n    print({shown.format(loaded.format(read.format('f')))})\n"
        for (opened, read, loaded), shown in zip(ways, itertools.cycle(_SHOWN), strict=False)
    ]
    root = project(tmp_path, {**SHOP, "tool.py": head + "".join(lines)})
    monkeypatch.chdir(root)
    execute(Path("tool.py"))
    before = capsys.readouterr().out
    plan(root, Options(python=True)).apply()
    assert ".platform" not in (root / "tool.py").read_text()
    execute(Path("tool.py"))
    assert capsys.readouterr().out == before
    assert len(before.splitlines()) == len(lines) == 96


WRITERS = {
    "PyYAML": """
        import os, sys, yaml
        from pathlib import Path
        app = {
            "name": "site",
            "type": "php:8.4",
            "workers": {"queue": {"commands": {"start": "./queue"}}},
            "variables": {"env": {"size": "S"}},
        }
        def save(path, value):
            with open(path, "w") as stream:
                yaml.dump(value, stream, sort_keys=False)
        def load(path):
            with open(path) as stream:
                return yaml.safe_load(stream)
        root = Path(sys.argv[1])
        save(root / ".platform.app.yaml", app)
        os.makedirs(root / ".platform", exist_ok=True)
        save(os.path.join(root, ".platform", "services.yaml"), {"cache": {"type": "redis:7.2"}})
        (root / ".platform" / "routes.yaml").write_text("https://a/: {type: upstream, upstream: 'site:http'}\\n")
        print(load(os.path.join(root, ".platform", "services.yaml"))["cache"])
        print(load(root / ".platform" / "routes.yaml"))
        """,
    "ruamel.yaml and strings": """
        import tempfile
        from pathlib import Path
        from textwrap import dedent
        from ruamel.yaml import YAML
        yaml = YAML(typ="safe", pure=True)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, ".platform", "services.yaml")
            Path(folder, ".platform").mkdir()
            yaml.dump({"db": {"type": "mariadb:11.4"}}, path)
            print(yaml.load(path)["db"]["type"])
            with open(Path(folder, ".platform", "routes.yaml"), "w") as stream:
                stream.write(dedent('''\\
                    # Where it is
                    "https://{default}/":
                        type: upstream
                        upstream: "a:http"
                '''))
            with open(Path(folder, ".platform", "routes.yaml")) as stream:
                print(yaml.load(stream))
        """,
}


@pytest.mark.parametrize("program", WRITERS)
def test_a_program_reads_what_it_wrote(
    program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = project(tmp_path / "project", {**ALONE, "tool.py": source(WRITERS[program])})
    monkeypatch.chdir(root)

    def printed(folder: str) -> str:
        (tmp_path / folder).mkdir()
        monkeypatch.setattr(sys, "argv", ["tool.py", str(tmp_path / folder)])
        execute(Path("tool.py"))
        return capsys.readouterr().out

    before = printed("before")
    plan(root, Options(python=True)).apply()
    assert ".platform" not in (root / "tool.py").read_text()
    assert printed("after") == before
    assert before
    if program == "PyYAML":  # what it writes means what it meant
        assert load(tmp_path / "after") == load(tmp_path / "before")


@pytest.mark.parametrize("program", READERS)
def test_a_program_prints_what_it_printed(
    program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = project(tmp_path, {**SHOP, "tool.py": source(READERS[program])})
    monkeypatch.chdir(root)

    def printed() -> str:
        execute(Path("tool.py"))
        return capsys.readouterr().out

    before = printed()
    plan(root, Options(python=True)).apply()
    assert not (root / ".platform.app.yaml").exists()
    assert ".platform" not in (root / "tool.py").read_text()
    assert printed() == before
    assert before
