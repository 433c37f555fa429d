"""Hypothesis strategies for whole projects in an old layout, as authors write them: every spelling, style and place for a comment."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from attrs import define, field, frozen
from hypothesis import strategies as st
from tests.property.choices import Choices


@frozen
class Block:
    """A literal or folded scalar of these lines."""

    lines: tuple[str, ...]


Data: TypeAlias = "str | Block | Sequence[Data] | Mapping[str, Data]"
"""What a file says: a scalar as it is written, or collections of such."""

GONE = ("size", "disk", "resources")  # keys that a migration removes, with the comments on their lines
SCALARS = (
    "x",
    "'1'",
    '"a\\tb"',
    "0755",
    "1.10",
    "on",
    "null",
    "''",
    "'it''s # no'",
    "é😀",
    "some words",
    "a#b",
    "http://a.b/c",
    "12:30",
    "!t x",
)
STRINGS = ("x", "'x y'", '"x: y"', "./run --now", "php app.php queue:work", "'# no comment'", "é")
COMMANDS = (*STRINGS, Block(("set -e", "", "  ./run", "# no comment")), Block(("one",)), Block(("", " x")), Block(("./x  ", "")))
NAMES = ("a", "b-c", "'q'", '"w"', "x1")
EXTENSIONS: tuple[Data, ...] = (("redis", "apcu"), ("redis", {"name": "x", "configuration": {"a": "b"}}))
LINKS: tuple[Data, ...] = ("'db:mysql'", '"db:mysql"', "db:mysql", "null", "", {"service": "db", "endpoint": "mysql"}, {"service": "db"})
MOUNTS = ("/files", "'var/log'", '"public/files"', "cache", "/", "é")


@define
class Author(Choices):
    """Makes up one project; every choice is drawn, so that failures shrink."""

    layout: str
    comments: list[str] = field(factory=list)  # those that a migration keeps
    files: dict[str, str] = field(factory=dict)
    count: int = 0
    gone: bool = False  # whether what is being written belongs to a key that leaves
    anchors: list[tuple[str, Data]] = field(factory=list)  # of the file that is being written
    folder: str = ""
    block: bool = False  # whether a block scalar stands above, which would take in what is indented more

    def some(self, choices: Mapping[str, Callable[[], Data]], most: int, *always: str) -> dict[str, Data]:
        keys = self.draw(st.lists(st.sampled_from(sorted(choices)), unique=True, max_size=most))
        assert isinstance(keys, list)
        return {key: choices[key]() for key in dict.fromkeys((*always, *keys))}

    def named(self, names: Sequence[str], make: Callable[[], Data], most: int = 2) -> dict[str, Data]:
        keys = self.draw(st.lists(st.sampled_from(names), unique=True, max_size=most))
        assert isinstance(keys, list)
        return {key: make() for key in keys}

    # ---- what is said

    def application(self, name: str) -> dict[str, Data]:
        made = self.some(
            {
                "size": lambda: self.one(("S", "AUTO", "'2XL'")),
                "disk": lambda: self.one(("2048", "'512'")),
                "resources": lambda: {"base_memory": "64", "memory_ratio": "128"},
                "build": lambda: self.some({"flavor": lambda: self.one(("composer", "none")), "caches": dict}, 2),
                "dependencies": lambda: {"php": {"composer/composer": "'^2'"}},
                "runtime": lambda: {"extensions": self.one(EXTENSIONS)},
                "relationships": self.relationships,
                "mounts": self.mounts,
                "variables": self.variables,
                "crons": lambda: self.named(NAMES, self.cron),
                "workers": lambda: self.named(NAMES, self.worker, 3),
                "web": self.web,
                "hooks": lambda: self.some({key: lambda: self.one(COMMANDS) for key in ("build", "deploy", "post_deploy")}, 3),
                "timezone": lambda: self.one(("Europe/Paris", "'UTC'")),
                "access": lambda: {"ssh": self.one(("admin", "viewer"))},
                "firewall": lambda: {"outbound": ({"ports": ("443",)},)},
                "source": lambda: {"root": self.one(("''", "/", "app"))},
                "operations": lambda: {"clear": {"role": "admin", "commands": {"start": self.one(COMMANDS)}}},
                "x-unknown": self.anything,
                "container_profile": lambda: "HIGH_CPU",
            },
            7,
        )
        kind: dict[str, Data] = (
            {"type": self.one(("php:8.4", "'nodejs:22'", '"python:3.13"', "ruby:3.3"))}
            if self.chance(92)
            else {"toolstack": "'php:composer'"}
        )
        entries = [*made.items()]
        for key, value in (*kind.items(), ("name", name)):
            entries.insert(self.number(0, len(entries)), (key, value))
        return dict(entries)

    def relationships(self) -> Data:
        return self.named(
            ("db", "'cache'", '"mq"'),
            lambda: self.one(LINKS),
        )

    def mounts(self) -> Data:
        return self.named(MOUNTS, self.mount)

    def mount(self) -> Data:
        source = self.one(("local", "'local'", "service", "tmp", "storage", "instance", "temporary"))
        full: dict[str, Data] = {"source": source, "source_path": self.one(("x", "''"))}
        if source == "service":
            full["service"] = "files"
        choices: tuple[Data, ...] = ("'shared:files/tmp'", '"shared:files/x"', "'shared:files'", full, full, {"source": source})
        return self.one(choices)

    def variables(self) -> Data:
        return self.named(("env", "php", '"d8config"'), lambda: self.named(("A", "'B'", "c.d", "e:f"), lambda: self.one(SCALARS), 3))

    def cron(self) -> Data:
        spec = {"spec": self.one(("'*/5 * * * *'", '"H * * * *"', "0 0 * * 1"))}
        return (
            spec
            | self.some({"cmd": lambda: self.one(COMMANDS), "timeout": lambda: "10", "shutdown_timeout": lambda: "'5'"}, 3)
            | ({"commands": {"start": self.one(COMMANDS)}} if self.chance(30) else {})
        )

    def worker(self) -> Data:
        return self.some(
            {
                "size": lambda: self.one(("S", "'M'")),
                "disk": lambda: "512",
                "commands": lambda: {"start": self.one(COMMANDS)},
                "mounts": self.mounts,
                "variables": self.variables,
                "relationships": self.relationships,
                "resources": lambda: {"base_memory": "64"},
                "timezone": lambda: "UTC",
                "x-unknown": self.anything,
            },
            4,
            "commands",
        )

    def web(self) -> Data:
        def location() -> Data:
            return self.some(
                {
                    "root": lambda: self.one(("public", "''", "'public'")),
                    "passthru": lambda: self.one(("true", "'/index.php'", "false")),
                    "expires": lambda: self.one(("5m", "-1", "'1d'")),
                    "index": lambda: ("index.php", "'index.html'"),
                    "scripts": lambda: "false",
                    "headers": lambda: {"X-A": "b"},
                    "rules": lambda: {"\\.(jpe?g|png)$": {"expires": "1h"}, "'^/x'": {"allow": "false"}},
                },
                4,
            )

        old: dict[str, Callable[[], Data]] = {
            "document_root": lambda: "'/public'",
            "passthru": lambda: "'/index.php'",
            "index_files": lambda: ("index.php",),
            "expires": lambda: "5m",
            "whitelist": lambda: ("'\\.html$'", "\\.png$"),
            "blacklist": lambda: ("'\\.php$'",),
        }
        new: dict[str, Callable[[], Data]] = {
            "commands": lambda: {"start": self.one(COMMANDS)},
            "locations": lambda: self.named(("/", "'/media'", '"/é"'), location),
            "upstream": lambda: {"socket_family": "tcp"},
        }
        return self.some(old, 5, "document_root") if self.chance(12) else self.some(new, 3)

    def anything(self) -> Data:
        choices: tuple[Data, ...] = (*SCALARS, "", {"a": "b"}, ("a", {"b": "c"}), {}, (), Block(("x",)), {"k": {"l": ("m", "n")}})
        return self.one(choices)

    # ---- how it is written

    def comment(self) -> str:
        self.count += 1
        text = f"# {'gone' if self.gone else 'kept'} {self.count}{self.one(('', ': x', ' é', '  ', ' - a'))}"
        if not self.gone:
            self.comments.append(text)
        return text

    def above(self, column: int) -> list[str]:
        """Comments and blank lines above an entry."""
        out: list[str] = []
        columns = (column, column, column, 0, column if self.block else column + 3)
        while self.chance(18) and len(out) < 3:
            out.append(" " * self.one(columns) + self.comment() if self.chance(60) else self.one(("", "", "  ")))
        return out

    def beside(self) -> str:
        return self.one(("  ", " ")) + self.comment() if self.chance(15) else ""

    def mapping(self, data: Mapping[str, Data], column: int) -> list[str]:
        out: list[str] = []
        merged = next((name for name, known in reversed(self.anchors) if isinstance(known, Mapping) and known), None)
        if merged and not self.gone and column and self.chance(10):
            out.append(f"{' ' * column}<<: *{merged}{self.beside()}")
        for key, value in data.items():
            outer = self.gone
            out += self.above(column)
            self.gone = outer or key in GONE
            first, *rest = self.value(value, column)
            out += [f"{' ' * column}{key}:{first}", *rest]
            self.gone = outer
        return out

    def sequence(self, data: Sequence[Data], column: int) -> list[str]:
        out: list[str] = []
        for item in data:
            out += self.above(column)
            if isinstance(item, Mapping) and item and self.chance(60):
                lines = self.mapping(item, column + 2)
                start = next(n for n, line in enumerate(lines) if line.strip() and not line.strip().startswith("#"))
                out += lines[:start]
                out += [" " * column + "- " + lines[start][column + 2 :], *lines[start + 1 :]]
            else:
                first, *rest = self.value(item, column)
                out += [f"{' ' * column}-{first}", *rest]
        return out

    def value(self, data: Data, column: int) -> list[str]:
        """What stands behind a colon or dash at `column`: the rest of its line, and the lines below."""
        self.block = isinstance(data, Block)
        same = [name for name, known in self.anchors if known == data and data not in ("", {}, ())]
        if same and self.chance(50):
            return [f" *{self.one(same)}{self.beside()}"]
        if isinstance(data, Mapping) and data and not self.gone and self.chance(4):
            return [f" {self.included(data)}{self.beside()}"]
        anchor = ""
        if data != "" and self.chance(12):
            self.count += 1
            anchor = f"n{self.count}"
        lines = self.written(data, column)
        if anchor:
            self.anchors.append((anchor, data))
            lines[0] = f" &{anchor}{lines[0]}"
        return lines

    def written(self, data: Data, column: int) -> list[str]:
        if isinstance(data, Block):
            deep = self.number(1, 4)
            sign = self.one(("|", "|", ">", "|-", "|+", ">-"))
            if any(line.startswith(" ") for line in data.lines[:1]) or (data.lines[0] == "" and data.lines[-1].startswith(" ")):
                sign = sign[0] + str(deep) + sign[1:]
            return [f" {sign}{self.beside()}", *(" " * (column + deep) + line if line.strip() else line for line in data.lines)]
        if isinstance(data, str):
            return [f" {data}{self.beside()}" if data else self.beside()]
        if not data or (self.chance(20) and self.fits(data)):
            return [f" {self.flow(data)}{self.beside()}"]
        if isinstance(data, Mapping):
            return [self.beside(), *self.mapping(data, column + self.one((2, 4, 4, 1)))]
        return [self.beside(), *self.sequence(data, column + self.one((0, 2, 4)) if column else column + 2)]

    def fits(self, data: Data) -> bool:
        """Whether this can stand between braces."""
        if isinstance(data, Block):
            return False
        if isinstance(data, str):
            return data[:1] in ("'", '"') or not set(data) & set(",[]{}:?#!")
        if isinstance(data, Mapping):
            return all(self.fits(key) and self.fits(value) for key, value in data.items())
        return all(map(self.fits, data))

    def flow(self, data: Data) -> str:
        if isinstance(data, Mapping):
            inner = ", ".join(f"{key}: {self.flow(value)}" for key, value in data.items())
            return f"{{{self.one(('', ' '))}{inner}{self.one(('', ' '))}}}" if inner else "{}"
        if isinstance(data, str):
            return data
        assert not isinstance(data, Block)
        return f"[{', '.join(self.flow(value) or 'null' for value in data)}]"

    def included(self, data: Data) -> str:
        """The tag for a file that says this."""
        self.count += 1
        name = f"part{self.count}.yaml"
        anchors, self.anchors = self.anchors, []
        assert isinstance(data, Mapping)
        self.files[f"{self.folder}{name}"] = self.text(data)
        self.anchors = anchors
        return self.one((f"!include {name}", f"!include {{type: yaml, path: {name}}}", f"!include {{type: yaml, path: '{name}'}}"))

    def text(self, data: Mapping[str, Data]) -> str:
        lines = [*self.above(0), *(["---"] if self.chance(10) else []), *self.mapping(data, 0), *self.above(0)]
        return "\n".join(lines) + ("" if self.chance(10) else "\n")

    def file(self, path: str, data: Mapping[str, Data]) -> None:
        self.anchors = []
        self.folder = path.rpartition("/")[0] + "/" if "/" in path else ""
        self.files[path] = self.text(data)


@frozen
class Made:
    """A made-up project: its files, and the comments in them that no migration may lose."""

    files: Mapping[str, bytes]
    comments: tuple[str, ...]


@st.composite
def project_texts(draw: Callable[[st.SearchStrategy[object]], object]) -> Made:
    """A project in one of the old layouts, with one or two applications, services and routes."""
    author = Author(draw, "")
    folder, name = author.one(
        (
            (".platform", ".platform.app.yaml"),
            (".platform", ".platform.app.yaml"),
            (".symfony", ".symfony.cloud.yaml"),
            (".magento", ".magento.app.yaml"),
        )
    )
    applications = ("shop", "api")[: author.number(1, 2)]
    if folder != ".platform" or author.chance(75):
        for at, one in enumerate(applications):
            author.file(f"{one}/{name}" if at or author.chance(20) else name, author.application(author.one((one, f"'{one}'"))))
    else:
        made = {one: author.application(one) for one in applications}
        author.file(f"{folder}/applications.yaml", {key: {k: v for k, v in value.items() if k != "name"} for key, value in made.items()})
    if author.chance(60):
        author.file(
            f"{folder}/services.yaml",
            {
                "db": {
                    "type": "mysql:11.4",
                    **author.some({"disk": lambda: "2048", "size": lambda: "S", "configuration": author.anything}, 2),
                },
                "files": {"type": "network-storage:1.0", "disk": "256"},
            },
        )
    if author.chance(60):
        author.file(
            f"{folder}/routes.yaml",
            {
                '"https://{default}/"': {"type": "upstream", "upstream": '"shop:http"'},
                "'https://www.{default}/'": {"type": "redirect", "to": "'https://{default}/'"},
            },
        )
    newline, encoding = author.one(("\n", "\n", "\r\n")), author.one(("utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16"))
    return Made({path: text.replace("\n", newline).encode(encoding) for path, text in author.files.items()}, tuple(author.comments))
