"""Remove the `name` of an application whose key says it already.

In the current layout the key of an application is its name; a `name` inside is left over from an old layout, and no longer known. Lifting
an old layout takes it out on the way, this codemod where somebody moved the file by hand.

Vendor documentation: Create apps > App reference; Move from Upsun Fixed to Upsun Flex.
"""

from __future__ import annotations

from workerlib.editing import Editor
from workerlib.layout import CURRENT, below
from workerlib.rewrite import Example, Match, Rewrite

rewrite = Rewrite(
    __name__,
    __doc__,
    safe=True,
    code="WL505",
    example=Example(
        before="""\
applications:
  shop:
    name: shop
    type: php:8.4
""",
        after="""\
applications:
  shop:
    type: php:8.4
""",
    ),
)


@rewrite.yaml("applications.*.name")
def remove(name: Match, edit: Editor) -> None:
    if below(name.tree.definitions.applications[name.name].source.path, CURRENT.folder):
        for entry in name.everywhere:
            edit.remove(entry)
