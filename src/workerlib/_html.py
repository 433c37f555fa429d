"""Elements of HTML and SVG as escaped text, and the style sheet that goes with them.

Colours are those of the page around, and shades of them, so that light and dark themes are both served. Pale text keeps a contrast of at
least 4.5 in the themes of JupyterLab, Visual Studio Code and this documentation.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from workerlib.characters import visible


class Markup(str):
    """Text that is HTML already, and so is not escaped again."""

    __slots__ = ()


def escaped(text: object) -> Markup:
    """Any text as HTML; what would act on a page is made visible, line breaks and tabs excepted."""
    if isinstance(text, Markup):
        return text
    return Markup("".join(part if part in "\n\t" else escape(visible(part)) for part in _pieces(str(text))))


def _pieces(text: str) -> Iterable[str]:
    for number, line in enumerate(text.split("\n")):
        yield from ("\n", line) if number else (line,)


def tag(name: str, *content: object, **attributes: object) -> Markup:
    """An element. Attributes that are None are left out; ``_`` in a name stands for ``-``, and one at its end is dropped (``class_``)."""
    given = "".join(f' {key.rstrip("_").replace("_", "-")}="{escaped(value)}"' for key, value in attributes.items() if value is not None)
    inner = joined(content)
    return Markup(f"<{name}{given}>{inner}</{name}>" if inner or name not in _EMPTY else f"<{name}{given}/>")


_EMPTY = ("path", "rect", "br")


def joined(parts: Iterable[object], between: str = "") -> Markup:
    """Parts one after the other."""
    return Markup(between.join(map(escaped, parts)))


def table(head: Iterable[object], rows: Iterable[Iterable[object]], look: str | None = None) -> Markup:
    """A table; cells may be whole ``td`` elements, and the first of each row is its heading."""
    heads = tag("tr", *(tag("th", one, scope="col") for one in head))
    body = (tag("tr", *(_cell(one, first=not at) for at, one in enumerate(row))) for row in rows)
    return tag("div", tag("table", tag("thead", heads), tag("tbody", *body), class_=look), class_="wl-wide")


def _cell(content: object, *, first: bool) -> Markup:
    if isinstance(content, Markup) and content.startswith(("<td", "<th")):
        return content
    return tag("th", content, scope="row") if first else tag("td", content)


def page(*content: object) -> Markup:
    """All that is shown of one value."""
    return tag("div", Markup(f"<style>{_STYLE}</style>"), *content, class_="wl")


# The rules are meant to win against those that notebooks and documentation have for tables, by naming `.wl` three times.
_STYLE = "".join(
    line.strip()
    for line in """
.wl.wl.wl{font:13px/1.45 system-ui,sans-serif;color:inherit;max-width:100%}
.wl.wl.wl .wl-wide{overflow-x:auto;margin:.4em 0}
.wl.wl.wl table{border-collapse:collapse;margin:0;font-size:12px;color:inherit;width:auto;border:0;box-shadow:none;display:table}
.wl.wl.wl tr{background:none}
.wl.wl.wl th,.wl.wl.wl td{text-align:left;vertical-align:top;padding:3px 9px;border:0;border-bottom:1px solid rgba(128,128,128,.3);
background:none;color:inherit;max-width:24em;white-space:normal;overflow-wrap:break-word;line-height:inherit}
.wl.wl.wl .wl-matrix td{min-width:10em}
.wl.wl.wl .wl-facts td{max-width:60em}
.wl.wl.wl thead th{border-bottom:2px solid rgba(128,128,128,.55);font-weight:600;white-space:nowrap}
.wl.wl.wl tbody th{font-weight:500;white-space:nowrap}
.wl.wl.wl code,.wl.wl.wl pre{font:12px/1.45 ui-monospace,Menlo,Consolas,monospace;background:none;border:0;padding:0;color:inherit}
.wl.wl.wl code{white-space:pre-wrap;font-weight:inherit}
.wl.wl.wl .wl-title{font-weight:600;font-size:14px;margin:.5em 0 .2em}
.wl.wl.wl .wl-own{font-weight:700;background:rgba(56,132,255,.16)}
.wl.wl.wl .wl-pale{opacity:.72}
.wl.wl.wl .wl-none{opacity:.72;font-style:italic}
.wl.wl.wl .wl-note{opacity:.75;font-size:12px;margin:.2em 0}
.wl.wl.wl .wl-legend{font-size:12px;margin:.2em 0}
.wl.wl.wl .wl-mark{display:inline-block;border-radius:3px;padding:0 5px;margin-right:4px;font-size:11px;font-weight:600;white-space:nowrap}
.wl.wl.wl .wl-error,.wl.wl.wl .wl-del{background:rgba(229,83,75,.22)}
.wl.wl.wl .wl-warning{background:rgba(219,153,0,.25)}
.wl.wl.wl .wl-info{background:rgba(56,132,255,.18)}
.wl.wl.wl .wl-add{background:rgba(46,160,67,.22)}
.wl.wl.wl .wl-at{opacity:.72}
.wl.wl.wl pre.wl-diff{margin:.3em 0;max-height:32em;overflow:auto;border:1px solid rgba(128,128,128,.3);border-radius:4px}
.wl.wl.wl pre.wl-diff span{display:block;padding:0 8px;min-height:1.45em;width:max-content;min-width:100%;box-sizing:border-box}
.wl.wl.wl details{margin:.3em 0}
.wl.wl.wl summary{cursor:pointer;font-weight:600}
.wl.wl.wl svg{max-width:100%;height:auto;display:block;margin:.4em 0}
""".splitlines()
)
