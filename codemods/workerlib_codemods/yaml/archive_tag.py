"""Write `!include` of type `archive` as `!archive`.

Since May 2019 a folder that goes to a service as a whole, such as the configuration of Solr, has a tag of its own. The path and its
quoting stay. An include of what is not there is left as it is.

Vendor documentation: Create apps > YAML tags; Upsun Fixed: Upgrading (2017.11 and 2019.05).
"""

from __future__ import annotations

from collections.abc import Iterator

from workerlib.definitions import Inclusion
from workerlib.diagnostic import Diagnostic, Severity
from workerlib.editing import Editor
from workerlib.editing.gathering import has_comments, put_in_place, tagged
from workerlib.rewrite import Example, Match, Rewrite
from workerlib.text import Mapping, children, walk


def is_old(one: Inclusion) -> bool:
    """Whether an inclusion is an archive in the old form, of a folder that is there."""
    return one.kind == "archive" and one.target is not None and isinstance(one.node, Mapping)


rewrite = Rewrite(
    __name__,
    __doc__,
    safe=True,
    code="WL513",
    concerns=lambda tree, _options: any(map(is_old, tree.definitions.inclusions.values())),
    example=Example(
        before="""\
applications:
  shop:
    type: php:8.4
services:
  search:
    type: solr:9.9
    configuration:
      cores:
        main:
          conf_dir: !include
            type: archive
            path: "solr/main"
""",
        after="""\
applications:
  shop:
    type: php:8.4
services:
  search:
    type: solr:9.9
    configuration:
      cores:
        main:
          conf_dir: !archive "solr/main"
""",
    ),
)


@rewrite.yaml("applications.*.*", "services.*.*", "routes.*.*")
def retag(key: Match, edit: Editor) -> Iterator[Diagnostic]:
    inclusions = key.tree.definitions.inclusions
    pending = [key.entry.value]
    while pending:
        node = pending.pop()
        pending += children(key.see(node))
        found = inclusions.get(id(node))
        if found is None or not is_old(found):
            continue
        path, written = found.path, tagged("!archive", found.path)
        if has_comments(node) or any(part.anchor for part in walk(node)):
            message = f"`{path.value}` keeps its old tag, for the sake of a comment or an anchor"
            yield key.note(message, f"write `{written}`", severity=Severity.WARNING)
            continue
        put_in_place(edit, node, written)
