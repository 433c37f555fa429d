"""Any stack is respelled, and any application gets one, with every promise of codemods kept, or nothing happens."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st
from tests.support import app, check_promises

Lines = st.SearchStrategy[list[str]]

comment = st.sampled_from(["", "", "", "  # beside"])
above: Lines = st.sampled_from([[], [], [""], ["# above"], ["", "# above"]])
quotes = st.sampled_from(["", "'", '"'])


def indented(lines: list[str], by: int) -> list[str]:
    return [" " * by + line if line else "" for line in lines]


@st.composite
def name(draw: st.DrawFn, names: str) -> str:
    mark = draw(quotes)
    return mark + draw(st.sampled_from(names.split())) + mark


@st.composite
def item(draw: st.DrawFn, what: str) -> list[str]:
    """An item of a stack, or of its `runtimes` or `packages`, with what stands above it."""
    packages = [
        lambda: [f"- {draw(name('ffmpeg yarn facedetect'))}{draw(comment)}"],
        lambda: [f"- {{package: hugo, channel: unstable}}{draw(comment)}"],
    ]
    runtimes: list[Callable[[], list[str]]] = [
        lambda: [f"- {draw(name('php@8.4 nodejs@24 ruby@3.4'))}{draw(comment)}"],
        lambda: [f"- {draw(name('php@8.4'))}:{draw(comment)}", f"    extensions: [redis]{draw(comment)}"],
        lambda: [f"- {draw(name('php@8.4'))}:{draw(comment)}", "  extensions:", f"    - redis{draw(comment)}"],
        lambda: [f"- {{{draw(name('php@8.4'))}: {{extensions: [redis]}}}}{draw(comment)}"],
    ]
    return draw(above) + draw(st.sampled_from(packages if what == "packages" else [*packages, *runtimes]))()


@st.composite
def items(draw: st.DrawFn, what: str) -> list[str]:
    return [line for one in draw(st.lists(item(what), min_size=1, max_size=3)) for line in one]


@st.composite
def stack(draw: st.DrawFn) -> list[str]:
    """A stack in any spelling."""
    form, by = draw(st.sampled_from(["list", "mapping", "mappings"])), draw(st.sampled_from([0, 2, 4]))
    lines = [f"stack:{draw(comment)}"]
    if form == "list":
        return lines + indented(draw(items("stack")), by)
    for section in draw(st.permutations(["runtimes", "packages"]))[: draw(st.integers(1, 2))]:
        head, deeper = (f"- {section}:", by + 2) if form == "mappings" else (f"{section}:", by + 2)
        start = by if form == "mappings" else by + 2
        below = indented(draw(items(section)), deeper + draw(st.sampled_from([0, 2])))
        lines += [*indented(draw(above), start), *indented([head + draw(comment)], start), *below]
    return lines


TYPES: Lines = st.sampled_from([[], ["type: composable:26.05"], ["type: php:8.4  # old", "build: {}"]])


@given(stack(), TYPES, st.sampled_from(["mapping", "list"]), st.booleans())
def test_any_stack_is_respelled_or_left(lines: list[str], more: list[str], form: str, ends_open: bool) -> None:
    text = app("\n".join(more + lines))
    check_promises("stack_form", text.rstrip("\n") if ends_open else text, stack_form=form)


@st.composite
def runtime(draw: st.DrawFn) -> list[str]:
    lines = [f"runtime:{draw(comment)}"]
    names = {"extensions": "redis json ioncube facedetect xml", "disabled_extensions": "gd bz2 intl"}
    for key in draw(st.lists(st.sampled_from(sorted(names)), min_size=1, unique=True)):
        values = draw(st.lists(name(names[key]), min_size=1, max_size=3, unique_by=lambda text: text.strip("'\"")))
        below = [line for value in values for line in [*draw(above), f"- {value}{draw(comment)}"]]
        lines += indented([*draw(above), f"{key}:{draw(comment)}", *indented(below, draw(st.sampled_from([0, 2])))], 2)
    return lines


BUILDS: Lines = st.sampled_from(
    [
        [],
        ["hooks: {build: ./a}"],
        ["hooks:", "  deploy: ./a", "  build: |", "    # a", "    set -e", "", "    ./a"],
        ["hooks:", "  build: |-  # a", "    ./a", "    ./b", "  deploy: ./a"],
        ["hooks:", "  build: >", "    ./a", "    ./b", "", "    ./c"],
        ["hooks:  # a", "  build:", "  deploy: 'npm ci'"],
        ["hooks:", "  build: |2", "      ./a", "    ./b"],
    ]
)
TOOLS: Lines = st.sampled_from(
    [[], ["dependencies:", "  nodejs:", '    yarn: "*"  # a', '    gulp: "4"', "  php:", '    composer/composer: "^2"']]
)
IMAGES: Lines = st.sampled_from(
    [["type: php:8.4"], ['type: "php:8.3"  # a'], ["# a", "type: nodejs:24", "build: {flavor: none}"], ["type: java:21"]]
)


@given(
    st.tuples(IMAGES, st.one_of(runtime(), st.just([])), BUILDS, TOOLS, above).flatmap(st.permutations),
    st.sampled_from(["mapping", "list"]),
)
def test_any_application_gets_a_stack_or_stays(parts: list[list[str]], form: str) -> None:
    check_promises("composable_stack", app("\n".join(line for part in parts for line in part)), stack=("all",), stack_form=form)
