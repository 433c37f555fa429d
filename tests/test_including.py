"""What includes may cost: a project that includes itself to death is refused, whatever its files hold."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from attrs import frozen
from tests.support import steps

from workerlib import Limits, load
from workerlib.diagnostic import Diagnostic
from workerlib.errors import ConfigurationError
from workerlib.layout import CONFIG, DiskFiles, MemoryFiles
from workerlib.loading import load_tree

APP = ".platform.app.yaml"


def files(lines: str, others: Mapping[str, str] | None = None) -> dict[str, bytes]:
    """An application with these lines, and other files."""
    return {APP: f"name: shop\n{lines}".encode()} | {path: text.encode() for path, text in (others or {}).items()}


def refusal(given: Mapping[str, bytes] | Path, limits: Limits | None = None) -> tuple[str, str, str | None]:
    """The name of the one refusal, its place, and its advice."""
    with pytest.raises(ConfigurationError) as caught:
        load(given, limits=limits or Limits())
    (found,) = caught.value.diagnostics
    return found.name, str(found.origin), found.help


def told(given: Mapping[str, bytes]) -> list[str]:
    """What is said of includes when these files are read."""
    try:
        found: Sequence[Diagnostic] = load_tree(MemoryFiles(given)).diagnostics
    except ConfigurationError as error:
        found = error.diagnostics
    return [f"{one.code} {one.severity.value} {one.origin}: {one.message}; {one.help}" for one in found]


FORMS = ("[a]", "{type: yaml}", "{type: text, path: a}", "{type: [yaml], path: a}", "{path: [a]}")
CHAIN = {f"f{n}.yaml": f"x: !include f{n + 1}.yaml\n" for n in range(10)}
ROOTED = b"applications:\n  shop: {source: {root: b}, web: !include w.yaml}\n"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        *(
            (
                files(f"web: !include {form}\n"),
                f"WL123 warning {APP}:2:6: expected a path, or `type` and `path`, behind the tag; see the vendor's page on YAML tags",
            )
            for form in FORMS
        ),
        (
            files("web: !include ../x.yaml\n"),
            f"WL120 error {APP}:2:6: expected a path inside the project, found `../x.yaml`; move the file into the project",
        ),
        (
            files("web: !include /x.yaml\n"),
            f"WL120 error {APP}:2:6: expected a path relative to the project, found `/x.yaml`; write it relative to the application's root",
        ),
        (
            files("web: !include /app/x.yaml\n"),
            (
                f"WL122 error {APP}:2:6: expected a file `app/x.yaml`, found none; "
                "add it, or correct the path: it was looked for at `app/x.yaml`"
            ),
        ),
        (
            files("variables: {env: {A: !archive x}}\n", {"x": "a file"}),
            f"WL122 error {APP}:2:22: expected a folder `x`, found none; add it, or correct the path: it was looked for at `x`",
        ),
        (
            {CONFIG: ROOTED},
            (
                f"WL122 error {CONFIG}:2:34: expected a file `w.yaml`, found none; "
                "add it, or correct the path: it was looked for at `b/w.yaml` and `.upsun/w.yaml`"
            ),
        ),
        (
            {CONFIG: ROOTED, ".upsun/w.yaml": b"{}\n"},
            (
                f"WL124 warning {CONFIG}:2:34: expected `w.yaml` at `b/w.yaml`, found it at `.upsun/w.yaml`; "
                "write the path from `b`, or move the file there"
            ),
        ),
        (
            {CONFIG: ROOTED.replace(b"source: {root: b}, ", b""), ".upsun/w.yaml": b"{}\n"},
            (
                f"WL124 warning {CONFIG}:2:15: expected `w.yaml` at `w.yaml`, found it at `.upsun/w.yaml`; "
                "write the path from `/`, or move the file there"
            ),
        ),
        (
            files("web: !include a.yaml\n", {"a.yaml": "x: !include b.yaml\n", "b.yaml": "y: !include c.yaml\n"}),
            (
                f"WL122 error b.yaml:1:4: expected a file `c.yaml`, found none, included by {APP} > a.yaml > b.yaml; "
                "add it, or correct the path: it was looked for at `c.yaml`"
            ),
        ),
        (
            files("web: !include a.yaml\n", {"a.yaml": "x: !include b.yaml\n", "b.yaml": "y: !include a.yaml\n"}),
            f"WL121 error b.yaml:1:4: `a.yaml` includes itself: {APP} > a.yaml > b.yaml > a.yaml; break the cycle",
        ),
        (
            files("variables: {env: !include f0.yaml}\n", {**CHAIN, "f10.yaml": "{}\n"}),
            "WL105 error f9.yaml:1:4: expected at most 10 files that include each other; include from fewer files",
        ),
    ],
)
def test_what_cannot_be_included_is_told_with_what_to_do(given: Mapping[str, bytes], said: str) -> None:
    assert told(given) == [said]


def test_as_many_files_as_may_include_each_other_do() -> None:
    assert told(files("variables: {env: !include f0.yaml}\n", {**CHAIN, "f9.yaml": "{}\n"})) == []


def bomb(width: int, depth: int) -> dict[str, bytes]:
    """Files of which each includes the next so many times."""
    keys = [f"k{n}: !include f{{}}.yaml\n" for n in range(width)]
    inner = {f"f{n}.yaml": "".join(keys).replace("{}", str(n + 1)) for n in range(depth - 1)}
    return files("variables: {env: !include f0.yaml}\n", inner | {f"f{depth - 1}.yaml": "x: y\n"})


@pytest.mark.parametrize(("width", "depth"), [(9, 9), (30, 6), (1000, 3)])
def test_includes_that_multiply_are_refused_before_they_are_written_out(width: int, depth: int) -> None:
    given = bomb(width, depth)
    name, _, advice = refusal(given)
    assert (name, advice) == ("limit-exceeded", "raise the limit `expanded`")
    assert steps(lambda: refusal(given)) < 150 * sum(map(len, given.values()))


def test_includes_that_multiply_within_the_limits_are_read() -> None:
    variables = load(bomb(2, 9)).applications["shop"].variables
    assert isinstance(variables, Mapping)
    env: object = variables["env"]
    for _ in range(8):
        assert isinstance(env, Mapping)
        assert list(env) == ["k0", "k1"]
        env = env["k1"]
    assert env == {"x": "y"}


def test_aliases_of_an_include_count_what_it_holds() -> None:
    given = files("x: &x !include f.yaml\nvariables: {env: {A: [*x , *x , *x ]}}\n", {"f.yaml": "[a, b, c]\n"})
    assert load(given, limits=Limits(expanded=26)).applications
    assert refusal(given, Limits(expanded=25)) == ("limit-exceeded", f"{APP}:1:1", "raise the limit `expanded`")


@pytest.mark.parametrize("mounts", ["{a: tmp, b: tmp}", "!include f.yaml"])
def test_workers_count_with_what_they_take_over(mounts: str) -> None:
    given = files(f"mounts: {mounts}\nworkers: {{x: {{}}, y: {{}}, z: {{}}}}\n", {"f.yaml": "a: tmp\nb: tmp\n"})
    # Ten nodes for each of three workers: the mapping, `name` with its value, `mounts` with five, and the key `workers`.
    assert load(given, limits=Limits(expanded=30)).applications
    assert refusal(given, Limits(expanded=29)) == ("limit-exceeded", f"{APP}:3:10", "raise the limit `expanded`")


def test_workers_that_take_over_very_much_are_refused_before_anybody_looks_at_them() -> None:
    many = "".join(f"  k{n}: tmp\n" for n in range(3000))
    given = files(f"mounts:\n{many}workers:\n{many.replace('tmp', '{}')}")
    assert refusal(given)[::2] == ("limit-exceeded", "raise the limit `expanded`")


def test_collections_of_including_and_included_files_count_as_around_each_other() -> None:
    given = files("variables: {env: {A: !include f.yaml}}\n", {"f.yaml": "[[[!include g.yaml]]]\n", "g.yaml": "[[[[x]]]]\n"})
    assert load(given, limits=Limits(depth=10)).applications
    assert refusal(given, Limits(depth=9))[::2] == ("limit-exceeded", "raise the limit `depth`")


def test_as_deep_as_the_limit_is_no_recursion_too_deep() -> None:
    chain = {f"f{n}.yaml": "[" * 10 + (f"!include f{n + 1}.yaml" if n < 8 else "x") + "]" * 10 for n in range(9)}
    assert load(files("variables: {env: {A: !include f0.yaml}}\n", chain)).applications


def test_nodes_of_all_files_count() -> None:
    given = files("variables: {env: {A: !include f.yaml, B: !include g.yaml}}\n", {"f.yaml": "[a, b]\n", "g.yaml": "[a, b]\n"})
    assert load(given, limits=Limits(nodes=17)).applications
    assert refusal(given, Limits(nodes=16)) == ("limit-exceeded", f"{APP}:2:22", "raise the limit `nodes`")


def test_bytes_of_all_files_count() -> None:
    given = files("variables: {env: {A: !include {type: string, path: f}, B: !include {type: binary, path: f}}}\n", {"f": "x" * 1000})
    assert load(given, limits=Limits(project_size=2200)).applications
    assert refusal(given, Limits(project_size=2000))[::2] == ("limit-exceeded", "raise the limit `project_size`")


def test_a_file_that_is_included_twice_is_read_once() -> None:
    given = files("variables: {env: {A: !include {type: string, path: f}, B: !include {type: string, path: f}}}\n", {"f": "x" * 1000})
    assert load(given, limits=Limits(project_size=1200)).applications


def test_reading_ends_where_the_limit_of_a_project_is_exceeded() -> None:
    given = {f"a{n}/{APP}": f"name: a{n}\nx: [\n".encode() for n in range(10)}
    with pytest.raises(ConfigurationError) as caught:
        load(given, limits=Limits(project_size=30))
    assert [one.name for one in caught.value.diagnostics] == ["not-yaml", "not-yaml", "limit-exceeded"]


def test_files_of_an_archive_count_as_included() -> None:
    given = files("variables: {env: {A: !archive a}}\n", {f"a/{n}": "x" for n in range(10)})
    assert load(given, limits=Limits(includes=11)).applications
    assert refusal(given, Limits(includes=10)) == ("limit-exceeded", f"{APP}:2:22", "raise the limit `includes`")


SEVERAL = files(
    "x: &x !include f.yaml\nvariables: {env: {A: [*x , *x ], B: !archive a, C: !include {type: string, path: g}}}\n",
    {"f.yaml": "[[a]]\n", "g": "x" * 1000, "a/b": "x"},
)


@pytest.mark.parametrize(
    ("limit", "enough", "place", "unit"),
    [
        ("project_size", 1126, "2:4", "bytes"),
        ("depth", 6, "1:1", "collections around each other"),
        ("nodes", 24, "2:4", "nodes"),
        ("expanded", 27, "1:1", "nodes with aliases and includes written out"),
        ("includes", 4, "2:4", "includes and files of archives"),
    ],
)
def test_a_limit_that_is_exceeded_is_told_with_its_value_and_unit(limit: str, enough: int, place: str, unit: str) -> None:
    assert load(SEVERAL, limits=Limits(**{limit: enough})).applications
    with pytest.raises(ConfigurationError) as caught:
        load(SEVERAL, limits=Limits(**{limit: enough - 1}))
    (one,) = caught.value.diagnostics
    assert f"{one.code} {one.origin}: {one.message}; {one.help}" == (
        f"WL105 {APP}:{place}: expected at most {enough - 1} {unit} in a project, found more; raise the limit `{limit}`"
    )


def test_a_link_that_leads_nowhere_is_no_file_of_an_archive(tmp_path: Path) -> None:
    (tmp_path / APP).write_text("name: shop\nvariables: {env: {A: !archive a}}\n")
    (tmp_path / "a").mkdir()
    (tmp_path / "a/file").write_text("x")
    (tmp_path / "a/link").symlink_to("gone")
    (told,) = load_tree(DiskFiles(tmp_path)).diagnostics
    assert f"{told.code} {told.severity.value} {told.origin}: {told.message}; {told.help}" == (
        f"WL125 warning {APP}:2:22: `a/link`: expected a file of the project, found a link that leads to none, or what is no file; "
        "delete it, or correct where it leads; it does not move along"
    )


def test_ten_thousand_includes_are_too_many() -> None:
    given = files("variables:\n  env:\n" + "".join(f"    K{n}: !include f.yaml\n" for n in range(10_000)), {"f.yaml": "x"})
    assert refusal(given)[::2] == ("limit-exceeded", "raise the limit `includes`")


def test_no_more_of_a_file_is_read_than_may_be(tmp_path: Path) -> None:
    """A terabyte of nothing takes no place on the disk, and would take all of memory."""
    (tmp_path / APP).write_text("name: shop\nvariables: {env: {A: !include {type: binary, path: big}}}\n")
    (tmp_path / "big").touch()
    try:
        with (tmp_path / "big").open("r+b") as file:
            file.truncate(1 << 40)
    except OSError:
        pytest.skip("this file system holds no files as large")
    assert refusal(tmp_path) == ("limit-exceeded", f"{APP}:2:52", "raise the limit `project_size`")
    (tmp_path / APP).unlink()
    (tmp_path / "big").rename(tmp_path / APP)
    assert refusal(tmp_path) == ("limit-exceeded", APP, "split the file, or raise the limit `file_size`")
    assert refusal(tmp_path / APP)[0] == "limit-exceeded"


@pytest.mark.parametrize("path", ["x" * 5000, "x/" * 3000 + "x", "\\0", "a\\nb"])
def test_names_that_no_file_can_have_are_files_that_are_not_there(tmp_path: Path, path: str) -> None:
    tags = f'!include {{type: string, path: "{path}"}}', f'!include "{path}"', f'!archive "{path}"'
    (tmp_path / APP).write_text(f"name: shop\nvariables: {{env: {{A: {tags[0]}, B: {tags[1]}, C: {tags[2]}}}}}\n")
    found = load_tree(DiskFiles(tmp_path))
    assert [one.name for one in found.diagnostics] == ["include-missing"] * 3
    assert load_tree(MemoryFiles({APP: (tmp_path / APP).read_bytes()})).diagnostics == found.diagnostics


@frozen
class Decomposing(MemoryFiles):
    """Files as macOS has them: whatever form a name is asked for in, it is found, and it is listed in the decomposed one."""

    def read(self, path: str, most: int | None = None) -> bytes:
        return super().read(unicodedata.normalize("NFD", path), most)

    def is_file(self, path: str) -> bool:
        return super().is_file(unicodedata.normalize("NFD", path))


def test_a_name_may_be_written_in_another_form_than_the_file_system_lists_it_in() -> None:
    given = files("variables: {env: !include caf\u00e9.yaml}\n", {"cafe\u0301.yaml": "A: b\n"}) | {f"u\u0308/{APP}": b"name: other\n"}
    project = load_tree(Decomposing(given)).project
    assert project.applications["shop"].variables == {"env": {"A": "b"}}
    assert project.applications["other"].source.root == "u\u0308"
