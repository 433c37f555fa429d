"""What notebooks show: escaped, well-formed, small, and found without anybody importing it."""

from __future__ import annotations

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from workerlib import Diagnostics, check, compare, dumps, effective, load, loads, plan, resources
from workerlib._html import Markup, escaped, tag

ROOT = Path(__file__).parent.parent
SHOP = ROOT / "examples/shop"

TEXT = """\
applications:
  shop:
    type: 'php:8.4'
    variables: {env: {MODE: base}}
    mounts: {uploads: {source: storage}}
    web: {commands: {start: ./web}}
    workers:
      queue:
        commands: {start: ./q}
        variables: {env: {MODE: own}}
"""


class Page(HTMLParser):
    """The elements of a page, each with its attributes and the text directly in it; refuses what is not closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None], list[str]]] = []
        self.open: list[tuple[str, list[str]]] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        words: list[str] = []
        self.found.append((tag, dict(attrs), words))
        self.open.append((tag, words))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs), []))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        if self.open:
            for _, words in self.open:
                words.append(data)

    def all(self, name: str) -> list[tuple[str, str | None, str | None]]:
        """The text, class and title of every element of that name."""
        return [("".join(words), given.get("class"), given.get("title")) for tag, given, words in self.found if tag == name]


def shown(value: Any) -> Page:
    return Page(value._repr_html_())


# ---- elements -----------------------------------------------------------------------------------------------------------------------


def test_text_is_escaped_and_what_is_html_already_is_not() -> None:
    assert tag("p", "<b>", Markup("<i/>"), title='"&') == '<p title="&quot;&amp;">&lt;b&gt;<i/></p>'


def test_characters_that_act_on_a_page_are_made_visible() -> None:
    assert escaped("a\u202eb\x1b\nc\td") == "a\\u202eb\\x1b\nc\td"


# ---- the configuration --------------------------------------------------------------------------------------------------------------


def test_a_worker_s_own_values_are_strong_inherited_ones_pale_and_each_says_where_it_is_written() -> None:
    cells = shown(loads(TEXT)).all("td")
    assert ("env.MODE: own", "wl-own") in [cell[:2] for cell in cells]
    assert ("env.MODE: base", None) in [cell[:2] for cell in cells]
    title = "applications.shop.workers.queue.mounts: inherited from the application, since the worker sets no `mounts` of its own"
    assert ("uploads: {source: storage, source_path: uploads}", "wl-pale", f"{title} (.upsun/config.yaml:5:5)") in cells
    assert ("start: ./web", None) in [cell[:2] for cell in cells]


def test_each_value_says_where_it_is_written() -> None:
    assert ("env.MODE: own", None, ".upsun/config.yaml:10:27") in shown(loads(TEXT)).all("div")


def test_what_is_only_a_default_is_not_in_the_matrix() -> None:
    assert [cell[0] for cell in shown(loads(TEXT)).all("th")] == ["", "shop", "shop--queue", "type", "mounts", "variables", "commands"]


def test_an_instance_says_why() -> None:
    queue = effective(loads(TEXT).applications["shop"], "queue")
    page = shown(queue)
    assert page.all("td")[:3] == [
        ("php:8.4", "wl-pale", str(queue.explain("type"))),
        ("shared", None, None),
        (".upsun/config.yaml:3:5", None, None),
    ]


def test_parts_are_tables_of_what_is_set() -> None:
    worker = loads(TEXT).applications["shop"].workers["queue"]
    assert [(cell[0]) for cell in shown(worker).all("td")] == ["env: {MODE: own}", "start: ./q"]


def test_all_kinds_of_values_are_shown() -> None:
    project = load(SHOP)
    newer = loads(dumps(project).replace("php:8.4", "php:8.5"))
    values: list[Any] = [
        project,
        project.applications["shop"],
        project.applications["shop"].workers["queue"],
        project.routes["https://{default}/"],
        effective(project.applications["api"]),
        check(project),
        check(project)[0],
        plan(SHOP),
        compare(project, newer),
        compare(project, newer).changes[0],
        compare(project, project),
        resources(project),
        Diagnostics(),
        project.diagnostics,
        plan(SHOP).diagnostics,
    ]
    for value in values:
        page = shown(value)
        assert page.found[0][:2] == ("div", {"class": "wl"})
        assert set(value._repr_mimebundle_()) == {"text/plain", "text/html"}
    assert all(len(value._repr_html_()) < 60_000 for value in values)


# ---- diagnostics, plans, comparisons ------------------------------------------------------------------------------------------------


def test_a_diagnostic_says_what_and_where_with_code_as_code() -> None:
    page = shown(check(loads("applications: {a: {type: 'php:8.4', workers: {w: {commands: {start: x}, crons: {}}}}}")))
    texts = [cell[0] for cell in page.all("td")]
    assert "WL201 worker-crons" in texts
    assert ("crons", None, None) in page.all("code")
    assert ".upsun/config.yaml:1:73" in texts


def test_no_diagnostics_are_said() -> None:
    assert "nothing found" in Diagnostics()._repr_html_()


def test_of_very_many_instances_the_first_are_shown() -> None:
    workers = "".join(f"      w{number}: {{commands: {{start: ./w}}}}\n" for number in range(60))
    page = loads(f"applications:\n  shop:\n    type: 'php:8.4'\n    workers:\n{workers}")._repr_html_()
    assert re.findall(r'<th scope="col">(.*?)</th>', page) == ["", "shop", *(f"shop--w{number}" for number in range(39))]
    assert "and 21 instances more" in page


def test_a_plan_is_a_coloured_diff() -> None:
    spans = shown(plan(SHOP)).all("span")
    assert ("   8 - size: L", "wl-del", None) in spans
    assert ("   1 + applications:", "wl-add", None) in spans
    assert ("resource-keys", "wl-mark wl-info", None) in spans


def test_a_plan_begins_with_what_changes_and_what_is_proved() -> None:
    found = shown(plan(SHOP))
    cells = [cell[0] for cell in found.all("td")]
    assert cells[0] == "shop with 2 workers queue, mailer; api with 1 worker indexer"
    assert ".platform/shop.vcl > .upsun/shop.vcl" in cells
    assert (
        "2 applications and 3 workers configured as before, except as listed below; "
        "no comment lost, but for 5 in what was removed; a second run changes nothing"
    ) in cells
    assert "Write cron commands under commands.start. (2 places)" in cells


# Text and background of themes, by the lightness of their greys.
THEMES = {
    "JupyterLab light": (33, 255),
    "JupyterLab dark": (255, 17),
    "Visual Studio Code light": (59, 255),
    "Visual Studio Code dark": (204, 31),
    "furo light": (0, 255),
    "furo dark": (207, 19),
}


@pytest.mark.parametrize("theme", THEMES)
def test_pale_text_can_be_read(theme: str) -> None:
    """WCAG 2.2 asks for a contrast of 4.5."""

    def luminance(grey: float) -> float:
        return 0.05 + (grey / 255 / 12.92 if grey < 10 else ((grey / 255 + 0.055) / 1.055) ** 2.4)

    text, back = THEMES[theme]
    style = re.search("<style>(.*?)</style>", plan(SHOP)._repr_html_())
    assert style
    palest = min(map(float, re.findall(r"opacity:([\d.]+)", style[1])))
    pale, ground = luminance(palest * text + (1 - palest) * back), luminance(back)
    assert max(pale, ground) / min(pale, ground) >= 4.5


def test_pale_text_does_not_stand_in_pale_text() -> None:
    class Nested(Page):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            super().handle_starttag(tag, attrs)
            pale = {"wl-pale", "wl-none", "wl-note", "wl-at"}
            assert not (pale & set((dict(attrs).get("class") or "").split()) and any(pale & set(name.split()) for name in self.classes()))

        def classes(self) -> list[str]:
            depth = len(self.open) - 1
            return [attributes.get("class") or "" for _, attributes, words in self.found if any(words is w for _, w in self.open[:depth])]

    for value in (load(SHOP), plan(SHOP), compare(load(SHOP), plan(SHOP).project), check(load(SHOP))):
        Nested(value._repr_html_())


def test_a_plan_of_what_is_current_has_nothing_to_do(tmp_path: Path) -> None:
    (tmp_path / ".upsun").mkdir()
    (tmp_path / ".upsun/config.yaml").write_text(TEXT)
    assert "nothing to do" in plan(tmp_path)._repr_html_()


def test_a_comparison_marks_what_destroys_data() -> None:
    found = shown(compare(loads(TEXT), loads(TEXT.replace("uploads", "files"))))
    assert ("destroys data", "wl-mark wl-error", None) in found.all("span")
    assert ("{source: storage, source_path: uploads}", "wl-del", None) in found.all("td")


def test_a_change_has_its_place_below_what_follows_so_that_no_column_is_out_of_sight() -> None:
    found = shown(compare(loads(TEXT), loads(TEXT.replace("./q", "./r"))))
    assert [text for text, _, _ in found.all("th")] == ["", "what", "before", "after", "what follows", "shop--queue"]
    told = [text for text, _, _ in found.all("td")]
    assert told[0] == "command applications.shop.workers.queue.commands.start"
    assert told[3] == "another command runs.upsun/config.yaml:9:20"


def test_nothing_is_a_dash_in_a_comparison() -> None:
    found = shown(compare(loads(TEXT.replace("php:8.4'", "php:8.4'\n    disk: 1024")), loads(TEXT)))
    assert [cell[:2] for cell in found.all("td")][1:3] == [("1024", "wl-del"), ("\N{EN DASH}", "wl-none")]


# ---- escaping -----------------------------------------------------------------------------------------------------------------------


def test_no_text_of_a_configuration_becomes_an_element() -> None:
    evil = "<img src=x onerror=alert(1)>"
    text = """
applications: {EVIL: {type: EVIL, variables: {env: {EVIL: EVIL}}, nonsense: EVIL, workers: {EVIL: {crons: {EVIL: 1}}}}}
services: {EVIL: {type: EVIL}}
routes: {EVIL: {type: upstream, upstream: EVIL}}
"""
    project = loads(text.replace("EVIL", f"'{evil}'"))
    for value in (project, check(project), compare(project, loads(TEXT)), *project.applications.values()):
        assert not [one for one in shown(value).found if one[0] == "img"]


# ---- what it costs ------------------------------------------------------------------------------------------------------------------


def test_nothing_of_it_is_imported_until_something_is_shown() -> None:
    script = (
        "import sys, workerlib\n"
        f"project = workerlib.loads({TEXT!r})\n"
        "before = {'workerlib.notebook', 'workerlib._html', 'workerlib.drawing'} & set(sys.modules)\n"
        "shown = project._repr_html_()\n"
        "print(before, len(shown) > 1000)\n"
    )
    done = subprocess.run((sys.executable, "-c", script), capture_output=True, check=True, text=True)
    assert done.stdout == "set() True\n"


def test_the_style_names_no_colour_of_text_or_page() -> None:
    style = re.findall(r"<style>(.*?)</style>", loads(TEXT)._repr_html_())[0]
    assert "color:inherit" in style
    assert not re.search(r"#[0-9a-f]{3}|: *(white|black)", style)


@pytest.mark.parametrize("lines", [3000])
def test_a_long_diff_is_cut(tmp_path: Path, lines: int) -> None:
    variables = "".join(f"        V{number}: '1'\n" for number in range(lines))
    (tmp_path / ".platform.app.yaml").write_text(f"name: a\ntype: 'php:8.4'\nvariables:\n    env:\n{variables}")
    assert re.search(r"and \d+ lines more", plan(tmp_path)._repr_html_())
