from __future__ import annotations

from functools import partial

import pytest
from tests.sources import FLEET, check_left, check_noop, check_rewritten, notes, planned

from workerlib.rewrite import Options

rewritten = partial(check_rewritten, "python-paths")

REWRITTEN: dict[str, tuple[str, str]] = {
    "whether a file exists": (
        "import os\nfound = os.path.isfile('.platform.app.yaml')\n",
        "import os\nfound = os.path.isfile('.upsun/config.yaml')\n",
    ),
    "whether a folder exists": (
        "from pathlib import Path\nfound = (Path.cwd() / '.platform').is_dir()\n",
        "from pathlib import Path\nfound = (Path.cwd() / '.upsun').is_dir()\n",
    ),
    "a folder with its slash": (
        'import os\nos.makedirs(".platform/", exist_ok=True)\n',
        'import os\nos.makedirs(".upsun/", exist_ok=True)\n',
    ),
    "a copy": (
        "import shutil\nshutil.copy2('.platform/routes.yaml', 'backup.yaml')\n",
        "import shutil\nshutil.copy2('.upsun/config.yaml', 'backup.yaml')\n",
    ),
    "a message": (
        'print("Edit .platform.app.yaml and .platform/services.yaml, then push")\n',
        'print("Edit .upsun/config.yaml and .upsun/config.yaml, then push")\n',
    ),
    "a message with values in it": (
        'import logging\nlog = logging.getLogger(__name__)\nlog.warning(f"{1} of .platform.app.yaml")\n',
        'import logging\nlog = logging.getLogger(__name__)\nlog.warning(f"{1} of .upsun/config.yaml")\n',
    ),
    "an exception": (
        "raise FileNotFoundError('.platform.app.yaml')\n",
        "raise FileNotFoundError('.upsun/config.yaml')\n",
    ),
    "a message that is filled in": (
        'raise Problem("{} in your .platform.app.yaml, see %s".format(1))\n',
        'raise Problem("{} in your .upsun/config.yaml, see %s".format(1))\n',
    ),
    "messages that are filled in with a path": (
        """
        FILE = ".platform.app.yaml"
        print("%d: no %s (%s)" % (1, FILE, 2), "in '{!r}' no {}".format(2, FILE), "no %s" % FILE, f"no {FILE}")
        raise SystemExit("%s" % FILE)
        """,
        """
        FILE = ".upsun/config.yaml"
        print("%d: no %s (%s)" % (1, FILE, 2), "in '{!r}' no {}".format(2, FILE), "no %s" % FILE, f"no {FILE}")
        raise SystemExit("%s" % FILE)
        """,
    ),
    "what an assertion says": (
        'import os\nassert os.path.isfile("/a/.platform.app.yaml"), "no .platform.app.yaml"\n',
        'import os\nassert os.path.isfile("/a/.upsun/config.yaml"), "no .upsun/config.yaml"\n',
    ),
    "a path that is filled in": (
        "import os\nprint(os.path.exists('%s/.platform.app.yaml' % os.getcwd()))\n",
        "import os\nprint(os.path.exists('%s/.upsun/config.yaml' % os.getcwd()))\n",
    ),
    "one constant for a check and a message": (
        """
        import os
        FILE = ".platform.app.yaml"
        if not os.path.exists(FILE):
            raise SystemExit(FILE)
        """,
        """
        import os
        FILE = ".upsun/config.yaml"
        if not os.path.exists(FILE):
            raise SystemExit(FILE)
        """,
    ),
    "an f-string's part": (
        'import os\nroot = os.getcwd()\nprint(os.path.getsize(f"{root}/.platform/services.yaml"))\n',
        'import os\nroot = os.getcwd()\nprint(os.path.getsize(f"{root}/.upsun/config.yaml"))\n',
    ),
    "a path that is added up": (
        'import os\nroot = os.getcwd()\nprint(os.path.exists(root + "/.platform.app.yaml"))\n',
        'import os\nroot = os.getcwd()\nprint(os.path.exists(root + "/.upsun/config.yaml"))\n',
    ),
    "joinpath with a folder and a file": (
        'from pathlib import Path\nprint(Path("/app").joinpath(".platform", "routes.yaml").stat().st_size)\n',
        'from pathlib import Path\nprint(Path("/app").joinpath(".upsun", "config.yaml").stat().st_size)\n',
    ),
    "what a function of the file returns": (
        """
        import os
        def place():
            return os.path.join(os.sep, "app", ".platform.app.yaml")
        print(os.path.exists(place()))
        """,
        """
        import os
        def place():
            return os.path.join(os.sep, "app", ".upsun/config.yaml")
        print(os.path.exists(place()))
        """,
    ),
}


@pytest.mark.parametrize("case", REWRITTEN)
def test_rewritten(case: str) -> None:
    rewritten(*REWRITTEN[case])


LEFT: dict[str, tuple[str, str]] = {
    "a pattern": ("import glob\nglob.glob('.platform/*.yaml')\n", "it is passed to `glob.glob`, which is not followed"),
    "a pattern of a path": (
        "from pathlib import Path\nlist(Path('.').glob('.platform/*.yaml'))\n",
        "it is passed to `Path('.').glob`, which is not followed",
    ),
    "an argument's default": (
        "import argparse\np = argparse.ArgumentParser()\np.add_argument('--file', default='.platform.app.yaml')\n",
        "it is passed to `p.add_argument`, which is not followed",
    ),
    "a comparison": ("import sys\nprint(sys.argv[1] == '.platform.app.yaml')\n", "it is compared"),
    "the end of a word": ("name = 'x'\nprint(f'{name}.platform')\n", "it is part of a longer text"),
    "the end of a word that is filled in": ("print('my%s' % '.platform')\n", "it is part of a longer text"),
    "a file of the old folder that is not known": (
        "import yaml\nfor name in 'ab':\n    print(yaml.safe_load(open(f'.platform/{name}.yaml')))\n",
        "which file it leads to is not known",
    ),
    "a path of bytes": ("import os\nprint(os.path.exists(b'.platform.app.yaml'))\n", "it is written as bytes"),
    "a name that nothing uses": ("FILE = '.platform.app.yaml'\n", "`FILE` is not used in this file"),
    "a name that is deleted": (
        "import os\nFILE = '.platform.app.yaml'\nprint(os.path.exists(FILE))\ndel FILE\n",
        "it is used in a way that is not followed",
    ),
    "a dictionary": ("FILES = {'app': '.platform.app.yaml'}\n", "it is part of a dictionary"),
    "a file of the old folder that is no configuration": (
        "import os\nprint(os.path.exists('.platform/local/project.yaml'))\n",
        "it leads to something in the old folder that is no configuration",
    ),
    "a copy to an old place": (
        "import shutil\nshutil.copy('template.yaml', '.platform.app.yaml')\n",
        "it is passed to `shutil.copy`, which is not followed",
    ),
    "a folder that is listed": ("import os\nprint(os.listdir('.platform'))\n", "it is passed to `os.listdir`, which is not followed"),
    "another function called exists": (
        "def exists(path):\n    return path in ()\nprint(exists('.platform.app.yaml'))\n",
        "it is compared",
    ),
    "a print of one's own": (
        "def print(text):\n    return text.upper()\nprint('.platform.app.yaml')\n",
        "`upper` is called on it",
    ),
    "one use of several that is not followed": (
        "import os, subprocess\nFILE = '.platform.app.yaml'\nprint(os.path.exists(FILE))\nsubprocess.run(['cat', FILE])\n",
        "it is part of a list",
    ),
}


@pytest.mark.parametrize("case", LEFT)
def test_left_and_said(case: str) -> None:
    check_left(*LEFT[case])


def test_a_copy_to_an_old_place_leaves_both_paths() -> None:
    said = check_noop("import shutil\nshutil.copy('.platform.app.yaml', 'other/.platform.app.yaml')\n")
    assert [one.partition(": ")[2] for one in said] == [
        "`'.platform.app.yaml'` is left as it is: it is used together with a path that is left",
        "`'other/.platform.app.yaml'` is left as it is: it is passed to `shutil.copy`, which is not followed",
    ]


def test_a_folder_that_is_there_already_is_not_made_again() -> None:
    (said,) = check_noop("import os\nos.mkdir('.platform')\n")
    assert "the folder `.upsun` is there already" in said


@pytest.mark.parametrize(
    "text",
    [
        "import sys\nprint(sys.platform)\n",
        "class A:\n    platform = '.'\n    def f(self): return self.platform\n",
        "print('https://docs.platform.sh', 'x.platform.app.yaml', '.platformio')\n",
        "print('.platform.app.yaml.bak', '.platform.app.yamllint', '.platform.app.yaml-old')\n",
    ],
)
def test_other_words_are_not_even_reported(text: str) -> None:
    assert check_noop(text) == []


def test_comments_and_docstrings_are_reported_only() -> None:
    said = check_noop('"""Reads .platform.app.yaml."""\n\n# see .platform/services.yaml\nx = 1\n')
    assert sorted(said) == [
        "WL611 1: this docstring names `.platform.app.yaml`",
        "WL611 3: this comment names `.platform/services.yaml`",
    ]


def test_a_relative_path_is_reported_and_an_absolute_one_is_not() -> None:
    relative = rewritten("import os\nos.path.exists('.platform')\n", "import os\nos.path.exists('.upsun')\n")
    assert relative == ["WL612 2: the path is relative, so that it depends on the working directory"]
    assert rewritten("import os\nos.path.exists('/app/.platform')\n", "import os\nos.path.exists('/app/.upsun')\n") == []


def test_a_name_that_another_module_uses_keeps_its_value() -> None:
    files = {
        ".platform.app.yaml": "name: shop\ntype: php:8.4\n",
        "settings.py": "import os\nFILE = '.platform.app.yaml'\nprint(os.path.exists(FILE))\n",
        "tool.py": "from settings import FILE\nopen(FILE)\n",
    }
    found = planned(files)
    assert "settings.py" not in found.files
    assert notes(found, "settings.py") == ["WL610 2: `'.platform.app.yaml'` is left as it is: `FILE` is used in `tool.py`, too"]


def test_code_of_an_application_in_a_folder_is_reported() -> None:
    said = rewritten(
        "import os\nos.path.exists('/app/.platform')\n",
        "import os\nos.path.exists('/app/.upsun')\n",
        project=FLEET,
        path="api/tool.py",
    )
    assert said == ["WL613 2: this is code of `api`, whose root is `api/`: `.upsun/` is not in its container"]


def test_a_codemod_that_is_left_out_leaves_its_paths() -> None:
    files = {".platform.app.yaml": "name: shop\ntype: php:8.4\n", "tool.py": "print('.platform.app.yaml')\n"}
    found = planned(files, Options(python=True, skip=("python-paths",)))
    assert "tool.py" not in found.files
    assert notes(found, "tool.py") == ["WL610 1: `'.platform.app.yaml'` is left as it is: the codemod for it is not asked for"]


def test_a_message_where_each_application_has_a_file_of_its_own() -> None:
    before = "import sys\nsys.exit('no .platform.app.yaml, no .platform/services.yaml, nothing in .platform')\n"
    after = "import sys\nsys.exit('no .upsun/shop.yaml, no .upsun/config.yaml, nothing in .upsun')\n"
    assert rewritten(before, after, split=True) == []
    (note,) = notes(planned({**FLEET, "tool.py": before}, Options(python=True, split=True)), "tool.py")
    assert "the project has several applications (api, web)" in note
