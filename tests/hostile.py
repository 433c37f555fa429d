"""Projects that mean harm, and what each command makes of them: ``python -m tests.hostile`` tries them all, and says what the worst took.

`tests/test_hostile.py` holds the cheap ones to the same expectations.
"""

from __future__ import annotations

import os
import pkgutil
import resource
import shutil
import signal
import socket
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import chdir
from importlib import import_module
from pathlib import Path

from attrs import frozen

import workerlib
import workerlib_codemods

CANARY = "root:x:canary"  # what a file outside of the project holds, and what no output may
MEBI = 1 << 20
TERA = 1 << 40
Lay = Callable[[Path], object]


@frozen
class Hostile:
    """A project that means harm. `lay` lays it out in a folder; beside that one lies the file `secret`. `heavy` ones take their time."""

    name: str
    lay: Lay
    heavy: bool = False


# ---- files --------------------------------------------------------------------------------------------------------------------------


def put(path: str, content: bytes | str, size: int | None = None) -> Lay:
    """A file; if `size` is given, one of that many bytes, of which the rest take no place on the disk."""

    def lay(root: Path) -> None:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))
        if size is not None:
            os.truncate(root / path, size)

    return lay


def at(path: str, make: Callable[[str], object]) -> Lay:
    """What `make` makes of a path."""

    def lay(root: Path) -> None:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        with chdir((root / path).parent):  # a socket's path may not be long
            make(Path(path).name)

    return lay


def link(path: str, target: str) -> Lay:
    return at(path, lambda name: Path(name).symlink_to(target))


def fifo(path: str) -> Lay:
    return at(path, os.mkfifo)


def sock(path: str) -> Lay:
    def make(name: str) -> None:
        with socket.socket(socket.AF_UNIX) as one:
            one.bind(name)

    return at(path, make)


def all_of(*lays: Lay) -> Lay:
    return lambda root: [one(root) for one in lays]


def many(count: int, path: str, content: str) -> Lay:
    """Files whose paths and contents hold their number for `{}`, and the next for `{next}`."""

    def filled(text: str, n: int) -> str:
        return text.replace("{}", str(n)).replace("{next}", str(n + 1))

    return all_of(*(put(filled(path, n), filled(content, n)) for n in range(count)))


def app(lines: str | bytes) -> Lay:
    """An application in the old layout, with these lines behind its first two."""
    return put(
        ".platform.app.yaml",
        b"name: shop\ntype: php:8.4\n" + (lines if isinstance(lines, bytes) else lines.encode("utf-8", "surrogatepass")),
    )


def env(value: str) -> Lay:
    """An application with a variable that has this value."""
    return app(f"variables: {{env: {{A: {value}}}}}\n")


def config(text: str) -> Lay:
    return put(".upsun/config.yaml", text)


def keys(count: int, line: str) -> str:
    """Lines that hold their number for `{}`."""
    return "".join(line.replace("{}", str(n)) for n in range(count))


# ---- ways out -----------------------------------------------------------------------------------------------------------------------

TARGETS = ("../secret", "../../../../../../etc/passwd", "/etc/passwd", "..", "/", "out", "folder/secret", "a/../../secret")
NO_FILES = ("/proc/self/environ", "/dev/zero", "/dev/stdin", "/proc/self/fd/0", "pipe", "socket", "loop", "dir", "nowhere", "dangling")
ROOTS = ("../..", "/", "/etc", "a/../../b", "..", "\\0", "x" * 5000, "\\e[31m", "\\uD800", ".git", "C:\\\\x", "//x")
PATHS = ("\\0", "x" * 5000, "x/" * 3000, "\\e[31m", "\\uD800", "a\\nb", "", ".", "C:\\\\x", "~", "~root/x", "$HOME", "%2e%2e/secret", "-")
NAMES = (
    "..",
    "a/b",
    "/",
    ".",
    "",
    "../../x",
    "a\\nb",
    "a\\0b",
    "\\e[31mred",
    "x" * 5000,
    "\\uD800",
    "config",
    "CON",
    "a:b",
    "<script>",
    "\\u202Eabc",
)
FOLDERS = (b"a\xffb", b"red\x1b[31m", b"new\nline", "\u202etxt".encode(), b"-n", b"a b", b"x" * 250, b"::error::x")


def ways_out() -> Iterator[Hostile]:
    """Paths and names that lead elsewhere, and files that are none."""
    for target in TARGETS:
        links = all_of(
            link("out", "../secret"), link("folder", ".."), link(".platform/out", "../../secret"), link(".platform/folder", "../..")
        )
        for tag in (*(f"!include {{type: {kind}, path: {target}}}" for kind in ("yaml", "string", "binary")), f"!archive {target}"):
            yield Hostile(f"{tag} in an application", all_of(env(tag), links))
            service = f"db: {{type: 'varnish:7', configuration: {{vcl: {tag}}}}}\n"
            yield Hostile(f"{tag} in a service", all_of(app(""), links, put(".platform/services.yaml", service)))
    for target in NO_FILES:
        there = all_of(fifo("pipe"), sock("socket"), link("loop", "loop"), put("dir/x", ""), link("dangling", "nowhere"))
        above = target if target[0] == "/" else f"../{target}"
        tag = "!include {type: string, path: l}"
        yield Hostile(f"include of a link to {target}", all_of(env(tag), there, link("l", target)))
        yield Hostile(f"include of {target}", all_of(env(tag.replace("path: l", f"path: {target}")), there))
        yield Hostile(f"configuration that is a link to {target}", all_of(there, link(".upsun/config.yaml", above)))
        yield Hostile(f"application file that is a link to {target}", all_of(there, link(".platform.app.yaml", target)))
    odd = all_of(
        fifo("a/pipe"), sock("a/socket"), link("a/loop", "loop"), link("a/out", "/etc/passwd"), link("a/up", ".."), link("a/self", ".")
    )
    yield Hostile("archive of all that is no file", all_of(env("!archive a"), odd))
    yield Hostile("archive of the project", all_of(env("!archive ."), put("x", "x")))
    theirs = all_of(
        put("../theirs/config.yaml", "applications: {a: {type: 'php:8.4'}}\n"), put("../theirs/.platform.app.yaml", "name: a\n")
    )
    for folder in (".upsun", ".platform", "api"):
        yield Hostile(f"folder {folder} that is a link out", all_of(theirs, link(folder, "../theirs")))
    yield Hostile("new folder that is a link out", all_of(app("size: S\n"), link(".upsun", "../theirs"), theirs))
    yield Hostile("folder for a file", all_of(at(".upsun/config.yaml", os.mkdir), at(".platform.app.yaml", os.mkdir)))
    yield Hostile("file for a folder", all_of(put(".upsun", "x"), app("")))
    for root in ROOTS:
        yield Hostile(f"source.root {root[:20]}", app(f'source: {{root: "{root}"}}\nvariables: {{env: {{A: !archive secret}}}}\n'))
    for path in PATHS:
        yield Hostile(
            f"include of {path[:20]}", env(f'!include {{type: string, path: "{path}"}}, B: !include "{path}", C: !archive "{path}"')
        )
    for name in NAMES:
        workers = f'workers: {{"{name}": {{commands: {{start: x}}, size: S}}}}'
        yield Hostile(f"application {name[:20]}", put(".platform.app.yaml", f'name: "{name}"\ntype: php:8.4\n{workers}\n'))
        yield Hostile(f"current application {name[:20]}", config(f'applications: {{"{name}": {{type: "php:8.4", {workers}}}}}\n'))
        lines = (
            f'mounts: {{"{name}": "shared:files/{name}"}}\ncrons: {{"{name}": {{spec: "{name}", cmd: "{name}"}}}}\n'
            f'relationships: {{"{name}": "{name}:{name}"}}\nvariables: {{"{name}": {{"{name}": "{name}"}}}}\n"{name}": 1\n'
        )
        services, routes = f'"{name}": {{type: "{name}", disk: "{name}"}}\n', f'"{name}": {{type: upstream, upstream: "{name}:{name}"}}\n'
        others = all_of(put(".platform/services.yaml", services), put(".platform/routes.yaml", routes))
        yield Hostile(f"everything called {name[:20]}", all_of(app(lines), others))
    for name in map(os.fsdecode, FOLDERS):
        yield Hostile(
            f"application in the folder {name[:20]!r}",
            put(f"{name}/.platform.app.yaml", "name: shop\nvariables: {env: {A: !include x}}\nx: 1\n"),
        )
        yield Hostile(
            f"configuration called {name[:20]!r}", put(f".upsun/{name[:200]}.yaml", "applications: {shop: {type: 'php:8.4', x: 1}}\n")
        )


# ---- texts --------------------------------------------------------------------------------------------------------------------------

DIGITS = "9" * 5000
SPECS = (
    *("0 0 31 2 *", "*/0 * * * *", "1-99999999999999 * * * *", f"0-59/{DIGITS} * * * *", f"{DIGITS} * * * *", "H H H H H", "* * 30 2 *"),
    *("@reboot", "* * * * * *", "-1 * * * *", "a-b/c * * * *", "*/*/* * * * *", ",,,, * * * *", "१ * * * *"),
)
CONSTRUCTED = (
    "!!python/object/apply:os.system ['touch ran'], B: !!python/name:os.system x, C: !ruby/object:X {a: b}, D: !!java.net.URL [x], "
    "E: !!binary '////', F: !!set {a, b}, G: !!timestamp 2020-01-01, H: !!int x, I: !!float x, J: !!bool x, K: !!map x, L: !!str [x]"
)
WRONG = (
    (
        "mounts: x\nworkers: [x]\nvariables: 1\nrelationships: {a: [b]}\ncrons: {c: {spec: [x], cmd: {x: y}}}\nweb: []\n"
        "hooks: {build: [a]}\nstack: {a: b}\nsource: x\ndisk: [x]\nresources: x\nruntime: 1\n"
    ),
    (
        "mounts: {a: [], b: 1, c: null, d: {source: []}}\nworkers: {a: [], b: 1, c: null, d: {commands: x, disk: {}, size: {}}}\nhooks: x\n"
        "variables: {env: [], php: null}\nrelationships: {a: 1, b: [c, d, e]}\ncrons: {c: x, d: null, e: {commands: []}}\n"
        "web: {locations: [], commands: x, upstream: 1}\nstack: [[x], {a: [b]}, null, 1]\n"
    ),
)
NUMBERS = (
    f"disk: {DIGITS}\ntimezone: {DIGITS}\nweb: {{locations: {{/: {{expires: {DIGITS}}}}}}}\nresources: {{base_memory: {DIGITS}}}\n"
    f"workers: {{w: {{disk: {DIGITS}, size: {DIGITS}, commands: {{start: {DIGITS}}}}}}}\nstack: ['php@{DIGITS}']\n"
)
TEXTS: tuple[tuple[str, str | bytes], ...] = (
    (
        "alias bomb",
        "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)),
    ),
    ("chain of merge keys", "a0: &a0 {k: v}\n" + "".join(f"a{n}: &a{n} {{<<: *a{n - 1}}}\n" for n in range(1, 5000))),
    ("bomb of merge keys", "a0: &a0 {k: v}\n" + "".join(f"a{n}: &a{n} {{<<: [*a{n - 1}, *a{n - 1}]}}\n" for n in range(1, 90))),
    ("alias that names itself", "x: &x [*x ]\n"),
    ("merge key that names itself", "x: &x {<<: *x }\n"),
    ("100,000 brackets", "x: " + "[" * 100_000),
    ("100,000 brackets, closed", "x: " + "[" * 100_000 + "]" * 100_000),
    ("100,000 braces", "x: " + "{a: " * 100_000),
    ("100,000 dashes", "x:\n  " + "- " * 100_000 + "x\n"),
    ("100,000 question marks", "x:\n  " + "? " * 100_000 + "x\n"),
    ("as deep as may be", "variables: {env: {A: " + "[" * 95 + "]" * 95 + "}}\n"),
    ("numbers of 5,000 digits", NUMBERS),
    ("number of 5,000 digits for an image", f"disk: 0x{'f' * 5000}\ndependencies: {{php: {{a: '{DIGITS}'}}}}\n"),
    ("image of 5,000 digits", ""),
    (
        "floats",
        "disk: 1e999999\nresources: {base_memory: .nan, memory_ratio: -.inf}\nworkers: {w: {disk: .inf, commands: {start: .nan}}}\n",
    ),
    ("tags that construct", f"variables: {{env: {{A: {CONSTRUCTED}}}}}\n"),
    ("collections as keys", "? [a, b]\n: c\n? {a: b}\n: c\n"),
    ("nothing as key", "? \n: c\nnull: d\n~: e\n"),
    ("things of the wrong kind", WRONG[0]),
    ("things of the wrong kind inside", WRONG[1]),
    ("crons that never run", "crons:\n" + "".join(f"  c{n}: {{spec: '{spec}', cmd: x}}\n" for n, spec in enumerate(SPECS))),
    ("patterns", "web: {locations: {/: {rules: {'(a+)+$': {allow: true}, '[': {allow: true}, '(?P<x': {}}}}}\n"),
    ("invalid UTF-8", b"variables: {env: {A: '\xff\xfe'}}\n"),
    ("overlong UTF-8", b"variables: {env: {A: '\xc0\xaf\xe0\x80\xaf'}}\n"),
    ("lone surrogate", b"variables: {env: {A: '\xed\xa0\x80'}}\n"),
    ("lone surrogate as an escape", 'variables: {env: {A: "\\ud800", B: "\\ud83d\\ude00", C: "\\U0010ffff"}}\n"\\ud800": 1\n'),
    ("escape beyond Unicode", 'variables: {env: {A: "\\UFFFFFFFF"}}\n'),
    ("NUL", b"variables: {env: {A: '\x00'}}\n"),
    ("NUL as an escape", 'variables: {env: {"A\\0": "\\0"}}\nhooks: {build: "\\0"}\ntimezone: "\\0"\n'),
    ("terminal escape", b"variables: {env: {A: '\x1b]0;owned\x07'}}\n"),
    (
        "terminal escapes as escapes",
        'variables: {env: {"A\\e]0;x\\a": "\\e[2J"}}\n"\\e[31mx": 1\ndisk: "\\e[31m"\ncrons: {"\\e[2J": {spec: "\\x9b2J"}}\n',
    ),
    ("direction of text", "variables: {env: {A: '\u202eabc\u2066'}}\n\u202eabc: 1\n"),
    ("commands of GitHub", '"x\\n::error::y%0A": 1\n"::set-output name=a::b": 1\n'),
    ("line breaks that few parsers know", "x: 'a\x85b\u2028c'\n"),
    ("form feed", b"x: 'a\x0cb'\n"),
    ("10,000 documents", "---\nx: 1\n" * 10_000),
    ("tabs", "x:\t" * 100_000),
    ("quotes", "x: " + "'" * 1_000_001 + "\n"),
    ("backslashes", 'x: "' + "\\" * 1_000_001 + '"\n'),
    ("key of a megabyte", '? "' + "x" * 1_000_000 + '"\n: 1\n'),
    ("cron of a megabyte", "crons: {c: {spec: '" + "0-59/1," * 150_000 + "0 * * * *', cmd: x}}\n"),
    ("100,000 line breaks in a hook", 'hooks: {build: "' + "\\n" * 100_000 + 'x#"}\n'),
    ("100,000 assignments in a hook", "hooks:\n  build: '" + "|a=" * 100_000 + "'\n"),
    (
        "50,000 brackets in a pattern",
        "web:\n  locations:\n    /:\n      rules:\n        ? '" + "[[:" * 50_000 + "'\n        : {allow: true}\n",
    ),
    ("50,000 comments that ignore", "# workerlib: ignore[" * 50_000 + "\n"),
    ("500 keys that are not known", keys(500, "k{}: v\n")),
    ("500 keys that stand twice", "k: v\n" * 500),
)
HEAVY: tuple[tuple[str, str], ...] = (
    ("million keys", keys(1_000_000, "k{}: v\n")),
    ("240,000 keys", keys(240_000, "k{}: v\n")),
    ("240,000 keys that begin with a dot", keys(240_000, ".k{}: v\n")),
    ("240,000 workers that are none", "workers:\n" + keys(240_000, "  w{}: v\n")),
    ("240,000 mounts that are none", "mounts:\n" + keys(240_000, "  m{}: 1\n")),
    ("50,000 hidden anchors", keys(50_000, ".k{}: &a{} v\n") + "z:\n" + keys(50_000, "- *a{}\n")),
    ("20,000 anchors", keys(20_000, "k{}: &a{} v\n")),
    ("an alias used 100,000 times", "x: &x y\nz: [" + "*x , " * 100_000 + "]\n"),
    ("900 mappings with 900 merged keys", "x: &x {" + keys(900, "k{}: 1, ") + "}\n" + keys(900, "y{}: {<<: *x}\n")),
    ("200,000 variables", "variables:\n  env:\n" + keys(200_000, "    K{}: v\n")),
    ("20,000 workers", "workers:\n" + keys(20_000, "  w{}: {commands: {start: x}, size: S}\n")),
    ("20,000 mounts", "mounts:\n" + keys(20_000, "  m{}: 'shared:files/{}'\n")),
    ("20,000 crons", "crons:\n" + keys(20_000, "  c{}: {spec: '* * * * *', cmd: x}\n")),
    ("20,000 relationships", "relationships:\n" + keys(20_000, "  r{}: 'db:mysql'\n")),
    (
        "2,000 locations with 50 rules",
        "web:\n  locations:\n" + keys(2000, "    /{}:\n      rules:\n" + "".join(f"        '{i}': {{}}\n" for i in range(50))),
    ),
    ("3,000 columns of indentation", "".join(" " * n + "a:\n" for n in range(3000))),
    ("variable of 7 MB", "variables: {env: {A: '" + "x" * 7_000_000 + "'}}\n"),
    ("hook of 7 MB", "hooks:\n  build: |\n" + "    echo x\n" * 600_000),
    ("comment of 7 MB", "#" * 7_000_000 + "\n"),
    ("a million comments", "#\n" * 1_000_000),
    ("4 million blank lines", "\n" * 4_000_000),
    ("folded text of a million lines", "x: >\n" + "  a\n\n" * 500_000),
    ("flow of 100,000 lists on one line", "x: {" + keys(100_000, "k{}: [a, b], ") + "}\n"),
)


def texts() -> Iterator[Hostile]:
    """Texts that are none, or that grow."""
    yield Hostile("submodules far apart", all_of(app(""), put(".gitmodules", "path = a" + " " * 500_000 + "b\n" * 100_000)))
    yield from (Hostile(name, app(text)) for name, text in TEXTS)
    yield from (Hostile(name, app(text), heavy=True) for name, text in HEAVY)
    yield Hostile("image of 5,000 digits", put(".platform.app.yaml", f"name: shop\ntype: php:{DIGITS}.{DIGITS}\n"))
    for encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "utf-8-sig"):
        data = "name: shop\ntype: php:8.4\nx: é\n".encode(encoding)
        yield Hostile(f"{encoding}", put(".platform.app.yaml", data))
        yield Hostile(f"half a character of {encoding}", put(".platform.app.yaml", data[:-1]))
    for encoding in ("utf-16-le", "utf-32-le"):
        yield Hostile(
            f"lone surrogate in {encoding}", put(".platform.app.yaml", "name: shop\nx: \ud800\n".encode(encoding, "surrogatepass"))
        )
    for name, data in (("only a mark", b"\xff\xfe"), ("nothing", b""), ("NULs", bytes(1000)), ("every byte", bytes(range(256)) * 100)):
        yield Hostile(name, put(".platform.app.yaml", data))
    for name, text in (
        ("tag at the top", "!!python/object/apply:os.system ['touch ran']\n"),
        ("scalar at the top", "x\n"),
        ("sequence at the top", "[x]\n"),
        ("directives", "%YAML 9.9\n%TAG ! tag:x,2000:\n---\napplications: {}\n"),
    ):
        yield Hostile(name, config(text))
    yield Hostile("file of 200 MB", put(".platform.app.yaml", b"name: shop\n" + b"k: v\n" * (40 * MEBI)), heavy=True)
    yield Hostile("scalar of 100 MB", put(".platform.app.yaml", b"name: shop\nx: '" + b"x" * (100 * MEBI) + b"'\n"), heavy=True)
    yield Hostile("file of 1 TB", put(".platform.app.yaml", "", TERA))


# ---- many files ---------------------------------------------------------------------------------------------------------------------


def bomb(width: int, depth: int) -> Lay:
    """Files of which each includes the next so many times."""
    return all_of(
        env("!include f0.yaml"),
        many(depth, "f{}.yaml", "".join(f"k{n}: !include f{{next}}.yaml\n" for n in range(width))),
        put(f"f{depth}.yaml", "x"),
    )


def folders(root: Path) -> None:
    """2,000 folders, one in the other: longer than any path may be."""
    with chdir(root):
        for _ in range(2000):
            Path("d").mkdir()
            os.chdir("d")
        Path(".platform.app.yaml").write_text("name: shop\n")


def files() -> Iterator[Hostile]:
    """Files that include each other, and too many of them."""
    string = "    K{}: !include {type: string, path: x}\n"
    yield Hostile("10,000 includes of a file", all_of(app("variables:\n  env:\n" + keys(10_000, string)), put("x", "x")))
    yield Hostile("10,000 includes of nothing", app("variables:\n  env:\n" + keys(10_000, "    K{}: !include f/{}.yaml\n")))
    lines = "variables:\n  env:\n" + keys(10_000, "    K{}: !include f/{}.yaml\n")
    yield Hostile("10,000 included files", all_of(app(lines), many(10_000, "f/{}.yaml", "x: y\n")), heavy=True)
    yield Hostile("chain of 100 includes", all_of(env("!include f0.yaml"), many(100, "f{}.yaml", "x: !include f{next}.yaml\n")))
    yield Hostile("file that includes itself", all_of(env("!include f.yaml"), put("f.yaml", "x: !include f.yaml\n")))
    two = all_of(put("f.yaml", "x: !include g.yaml\n"), put("g.yaml", "x: !include f.yaml\n"))
    yield Hostile("files that include each other", all_of(env("!include f.yaml"), two))
    yield Hostile(
        "file that includes a link to itself",
        all_of(env("!include f.yaml"), put("f.yaml", "x: !include g.yaml\n"), link("g.yaml", "f.yaml")),
    )
    yield Hostile("includes, 9 to the 9th", bomb(9, 9))
    yield Hostile("includes, 30 to the 5th", bomb(30, 5))
    yield Hostile("archive of 1 TB", all_of(env("!archive a"), put("a/big", "", TERA)), heavy=True)
    yield Hostile("binary of 1 TB", all_of(env("!include {type: binary, path: big}"), put("big", "", TERA)), heavy=True)
    yield Hostile("included file of 1 TB", all_of(env("!include big"), put("big", "", TERA)))
    yield Hostile("archive of 20,000 files", all_of(env("!archive a"), many(20_000, "a/{}", "{}")), heavy=True)
    big = "variables:\n  env:\n" + keys(60, "    K{}: !include f/{}.yaml\n")
    yield Hostile(
        "60 included files of 490,000 nodes", all_of(app(big), many(60, "f/{}.yaml", "x: [" + "a," * 490_000 + "]\n")), heavy=True
    )
    yield Hostile("10,000 configuration files", many(10_000, ".upsun/{}.yaml", "applications: {a{}: {type: 'php:8.4'}}\n"), heavy=True)
    yield Hostile("10,000 application files", many(10_000, "a{}/.platform.app.yaml", "name: a{}\ntype: php:8.4\n"), heavy=True)
    one = "applications:\n  a: &a {type: 'php:8.4', workers: {w: {commands: {start: x}, disk: 1}}}\n"
    yield Hostile("2,000 applications by alias", config(one + keys(2000, "  a{}: *a\n")), heavy=True)
    yield Hostile("2,000 folders in each other", folders, heavy=True)


# ---- programs -----------------------------------------------------------------------------------------------------------------------

P = "p = '.platform.app.yaml'\n"
PROGRAMS: tuple[tuple[str, str | bytes], ...] = (
    ("100,000 parentheses", P + "open(" + "(" * 100_000 + "p" + ")" * 100_000 + ")\n"),
    ("100,000 minus signs", P + "x = " + "-" * 100_000 + "1\nopen(p)\n"),
    ("20,000 times not", P + "x = " + "not " * 20_000 + "1\nopen(p)\n"),
    ("100,000 sums", P + "x = " + " + ".join(["1"] * 100_000) + "\nopen(p)\n"),
    ("50,000 attributes", P + "x = p" + ".a" * 50_000 + "\nopen(p)\n"),
    ("99 blocks in each other", P + "".join(" " * n + "if 1:\n" for n in range(99)) + " " * 99 + "open(p)\n"),
    ("20,000 times elif", P + "if 0: pass\n" + "elif 1: pass\n" * 20_000 + "open(p)\n"),
    ("20,000 lambdas", P + "x = " + "lambda:" * 20_000 + "1\nopen(p)\n"),
    ("300 joined strings, 30 times", ("x = " + "'.platform.app.yaml' " * 300 + "\n") * 30),
    ("2,000 subscripts, 20 times", P + ("x = open(p)" + "[0]" * 2000 + "\n") * 20),
    ("format of 100,000 zeros", P + "x = '%" + "0" * 100_000 + "' % p\n"),
    (
        "text of 300,000 empty lines",
        "import textwrap as t\nd = t.dedent('''\nname: x\nx: >\n"
        + "\n" * 300_000
        + "  y\n''')\nopen('.platform.app.yaml', 'w').write(d)\n",
    ),
    ("20,000 joined strings", "x = " + "'.platform.app.yaml' " * 20_000 + "\n"),
    ("function that calls itself", P + "def f(a):\n    f(a); return open(a)\nf(p)\n"),
    ("200 functions that call each other", P + keys(200, "def f{}(a): return f{}_(a)\n") + "f0(p)\n"),
    ("names that exchange their values", P + "q = p\np = q\n" * 200 + "open(p)\n"),
    ("2,000 openings of a file", P + "open(p)\n" * 2000),
    ("5,000 paths", "x = [" + "'.platform.app.yaml', " * 5000 + "]\n"),
    ("NUL in a program", P + "\0open(p)\n"),
    ("encoding that is none", "# -*- coding: unknown -*-\n" + P),
    ("encoding that hides a program", "# -*- coding: rot13 -*-\n" + P),
    ("terminal escapes in a program", P + "print(open('.platform.app.yaml\\x1b[2J')); raise Exception('.platform.app.yaml \\x1b[2J')\n"),
    ("lone surrogate in a program", "x = '.platform.app.yaml\\ud800'\nopen(x)\n"),
    ("bytes that are no program", b"\xff.platform.app.yaml\xff"),
    ("program of 2 MB", P + "#" * 2_000_000),
)


def programs() -> Iterator[Hostile]:
    """Python that is none, or that is too much, beside a configuration that moves."""
    yield from (Hostile(name, all_of(app("size: S\n"), put("tool.py", text))) for name, text in PROGRAMS)
    yield Hostile("program of 1 TB", all_of(app("size: S\n"), put("tool.py", P, TERA)))
    yield Hostile("program that is a pipe", all_of(app("size: S\n"), fifo("tool.py"), link("other.py", "/dev/zero")))
    yield Hostile("program that is a link out", all_of(app("size: S\n"), link("tool.py", "../secret")))


def everything() -> Iterator[Hostile]:
    yield from programs()
    yield from ways_out()
    yield from texts()
    yield from files()


# ---- what is done with them ---------------------------------------------------------------------------------------------------------

COMMANDS: tuple[tuple[str, ...], ...] = (
    ("check",),
    ("check", "--format", "json"),
    ("check", "--format", "sarif"),
    ("check", "--format", "github"),
    ("resolve",),
    ("resolve", "--format", "json"),
    ("compare", ".", "."),
    ("set", "applications.shop.timezone", "UTC"),
    ("migrate",),
    ("migrate", "--format", "json"),
    ("migrate", "--split", "--factor", "--explicit-relationships"),
    ("migrate", "--python"),
    ("migrate", "--recursive", "--check", "."),
    ("migrate", "--write", "--split"),
)


@frozen
class Outcome:
    """What became of a command: its status, what it said, seconds of the processor and bytes of memory, and what was wrong about it."""

    status: int
    said: bytes
    seconds: float
    memory: int
    faults: tuple[str, ...]


def run(root: Path, commands: Sequence[tuple[str, ...]], *, seconds: int = 60, memory: int = 2048 * MEBI) -> Outcome:
    """Run commands in a project, in a process of their own that may use so much of the processor and of memory."""
    said = root.parent / "said"
    pid = os.fork()
    if pid == 0:
        status = 99
        try:
            signal.alarm(20 * seconds)  # who only waits uses no processor
            os.chdir(root)
            written = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(written, 1)
            os.dup2(written, 2)
            resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
            resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
            sys.stdout, sys.stderr = (open(number, "w", encoding="utf-8", closefd=False) for number in (1, 2))  # noqa: SIM115
            statuses = [_status(command) for command in commands]
            sys.stdout.flush()
            sys.stderr.flush()
            status = next((one for one in statuses if one not in (0, 1, 3)), statuses[-1])
        except BaseException:  # noqa: BLE001 - whatever it is, it is a fault
            os.write(2, traceback.format_exc().encode("utf-8", "backslashreplace"))
        finally:
            os._exit(status)
    _, how, usage = os.wait4(pid, 0)
    out = said.read_bytes()
    said.unlink()
    return Outcome(
        os.waitstatus_to_exitcode(how),
        out,
        usage.ru_utime + usage.ru_stime,
        usage.ru_maxrss * 1024,
        tuple(_faults(root, how, out, commands)),
    )


def _status(command: tuple[str, ...]) -> int:
    from workerlib.__main__ import main

    try:
        return main(command)
    except SystemExit as error:
        return error.code if isinstance(error.code, int) else 98


def _faults(root: Path, how: int, said: bytes, commands: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """What no project may bring about. That it has no application of the name that a command asks for is wrong usage."""
    if os.waitstatus_to_exitcode(how) not in ((0, 1, 3), (0, 1, 2, 3))[any(words[0] == "set" for words in commands)]:
        yield f"ended with {os.waitstatus_to_exitcode(how)}"
    for word in ("Traceback", "mistake in workerlib", CANARY, "root:x:0", "\x1b", "\x9b", "\x07", "\n::error::y"):
        if word.encode() in said:
            yield f"said {word!r}"
    if (root / "ran").exists():
        yield "was executed"
    beside = {path.name: path.read_bytes() for path in root.parent.iterdir() if path.is_file()}
    theirs = {path.name for path in root.parent.glob("theirs/*")}
    if beside != {"secret": CANARY.encode()} or theirs - {"config.yaml", ".platform.app.yaml"}:
        yield "changed what lies beside the project"


def lay(hostile: Hostile, folder: Path) -> Path:
    """The project, laid out below a folder, with a secret beside it."""
    root = folder / "project"
    root.mkdir(parents=True)
    (folder / "secret").write_text(CANARY)
    hostile.lay(root)
    return root


def warm() -> None:
    """Import everything, so that no process has to."""
    for package in (workerlib, workerlib_codemods):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            import_module(module.name)


def main(words: Sequence[str]) -> int:
    """Try every command on every project whose name holds one of the words; 1 if anything was wrong."""
    warm()

    done: list[tuple[Hostile, tuple[str, ...], Outcome]] = []
    for hostile in everything():
        if not words or any(word in hostile.name for word in words):
            with tempfile.TemporaryDirectory() as place:
                for command in COMMANDS:
                    folder = Path(place, str(len(done)))
                    outcome = run(lay(hostile, folder), [command])
                    shutil.rmtree(folder)
                    done.append((hostile, command, outcome))
                    if outcome.faults:
                        print(f"FAULT {hostile.name}: {' '.join(command)}: {', '.join(outcome.faults)}", flush=True)
                        print("   ", ascii(outcome.said[-300:].decode(errors="replace")), flush=True)
    for title, amount in (("time", lambda one: one[2].seconds), ("memory", lambda one: one[2].memory)):
        print(f"\nthe most {title}")
        seen: set[str] = set()
        for hostile, command, outcome in sorted(done, key=amount, reverse=True):
            if hostile.name not in seen and len(seen) < 10:
                seen.add(hostile.name)
                print(
                    f"{outcome.seconds:6.1f} s {outcome.memory // MEBI:5} MiB  status {outcome.status}  {hostile.name}: {' '.join(command)}"
                )
    names = {hostile.name for hostile, _, _ in done}
    faulty = {hostile.name for hostile, _, outcome in done if outcome.faults}
    print(f"\n{len(names)} projects, {len(done)} runs; {len(names) - len(faulty)} projects handled")
    return 1 if faulty else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
