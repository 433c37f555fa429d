"""Write `document_root` and the keys of its time as `web.locations`.

Before March 2016 an application was served from one place: `document_root`, `passthru`, `index_files` and `expires` are `root`,
`passthru`, `index` and `expires` of today's location `/`. Files were served if `whitelist` named them and `blacklist` did not; both
become rules. Where no `whitelist` is written, a fixed list of common kinds of files held. It is written out, so that no more is served
than before, and the report asks you to shorten it. Old keys beside `locations` mean nothing, and are left for you to delete.

Vendor documentation: Create apps > App reference > Web; Upsun Fixed: Upgrading (2016.3).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from workerlib.diagnostic import Diagnostic, Severity
from workerlib.editing import Editor, Value
from workerlib.editing.gathering import Item, gather, has_comments, items_to_keys, keys_of, on_one_line
from workerlib.model import Location
from workerlib.rewrite import Example, Match, Rewrite
from workerlib.text import Entry, Scalar, Sequence

rewrite = Rewrite(
    __name__,
    __doc__,
    safe=True,
    code="WL510",
    example=Example(
        before="""\
applications:
  shop:
    web:
      document_root: /public
      whitelist:
        - \\.html$  # pages
""",
        after="""\
applications:
  shop:
    web:
      locations:
        /:
          root: public
          passthru: /index.php
          allow: false
          rules:
            \\.html$: {allow: true}  # pages
""",
    ),
)

OLD = ("document_root", "passthru", "index_files", "expires", "whitelist", "blacklist")
NEW: Mapping[str, str] = dict(zip(OLD, ("root", "passthru", "index", "expires", "allow", "rules"), strict=True))


@rewrite.yaml("applications.*.web")
def locate(web: Match, edit: Editor) -> Iterator[Diagnostic]:
    warn = partial(web.note, severity=Severity.WARNING)
    old = {name: entry for name in OLD if (entry := web.get(name))}
    if not old:
        return
    location = _meant(web, old)
    patterns = list(location.rules or ()) if location else []
    lists = {name: old[name].value for name in ("whitelist", "blacklist") if name in old}
    kept = next((name for name, value in lists.items() if (keys := keys_of(value)) and patterns[: len(keys)] == keys), "")
    fault, locations = "", web.get("locations")
    if locations and location is None:
        fault = "`locations` is there as well"
    elif location is None:
        fault = "a value is not of the expected kind"
    elif len({id(entry.mapping) for entry in (*old.values(), *filter(None, [locations]))}) > 1 or web.hides(*old):
        fault = "they are merged from different mappings"
    elif any(has_comments(value, beside=isinstance(value, Sequence) and not value.flow) for name, value in lists.items() if name != kept):
        fault = "there are comments in a list that does not stay one"
    if location is None or fault:
        message = f"{', '.join(f'`{name}`' for name in old)} cannot be converted: {fault}"
        yield web.note(message, "say it below `locations`, and delete the old keys", severity=Severity.ERROR)
        return
    if "document_root" not in old:
        yield warn("without `document_root`, `root` is `public`", "see whether that is so")
    if "whitelist" not in lists or isinstance(web.see(lists["whitelist"]), Scalar):
        yield warn("without `whitelist`, only files of common kinds are served: they are rules now", "delete those of no use to you")
    if locations:
        edit.remove(locations)
    _move(web, old, kept, location, edit)


def _move(web: Match, old: dict[str, Entry], kept: str, location: Location, edit: Editor) -> None:
    """Write the old keys below `locations./`; items of the list that is `kept` become rules where they stand."""
    inner, in_block = Editor(edit.by), not next(iter(old.values())).mapping.flow
    rules: dict[str, Value] = {pattern: {"allow": bool(rule.allow)} for pattern, rule in (location.rules or {}).items()}
    values: dict[str, Value] = {"root": str(location.root), "passthru": str(location.passthru), "allow": bool(location.allow)}
    if rules:
        values["rules"] = {pattern: on_one_line(rule) for pattern, rule in rules.items()} if in_block else rules
    if "blacklist" in old and (kept == "whitelist" or not rules):
        edit.remove(old.pop("blacklist"))
    new = {"rules" if name == kept else NEW[name]: entry for name, entry in old.items()}
    moved = sorted((entry for name, entry in new.items() if name != "rules"), key=lambda entry: entry.start)
    items: list[Item] = [*moved]
    for name, value in values.items():
        if name not in new:
            items.append((name, value))
        elif name == "rules" and kept:
            items_to_keys(inner, new["rules"].value, rules)
        elif not isinstance(written := web.see(new[name].value), Scalar) or written.value != value:
            inner.replace(new[name].value, value)
    for name, entry in new.items():
        inner.rename(entry, name)
    items += [new["rules"]] if "rules" in new else []
    gather(edit, ("locations", "/"), items, inner)


def _meant(web: Match, old: Mapping[str, Entry]) -> Location | None:
    """The location that the old keys stand for; None where they stand for nothing."""
    found = web.application.web
    return found.locations.get("/") if found and found.locations and old.keys().isdisjoint(found.extra) else None
