"""Remove `size`, `disk` and `resources`, which the platform no longer reads from files.

CPU, memory and disk are set with `upsun resources:set`; the report shows the exact command for what the files said. Keys of these names
anywhere else, such as a variable `size` or a mount `disk`, are data and stay.

Vendor documentation: Manage resources; Upsun Fixed: Flexible resources, Size.
"""

from __future__ import annotations

from workerlib.editing import Editor
from workerlib.keypath import KeyPath
from workerlib.model import Project
from workerlib.rewrite import Example, Match, Options, Rewrite, instances
from workerlib.sizing import KEYS, without_resources


def without(project: Project, paths: list[KeyPath], options: Options) -> Project:
    """The project as it is to be."""
    del paths, options
    return without_resources(project)


rewrite = Rewrite(
    __name__,
    __doc__,
    safe=True,
    code="WL502",
    intended=without,
    example=Example(
        before="""\
applications:
  shop:
    type: php:8.4
    disk: 1024  # MB
    workers:
      mail:
        size: S
        commands:
          start: ./mail
services:
  db:
    type: mariadb:11.4
    disk: 2048
""",
        after="""\
applications:
  shop:
    type: php:8.4
    workers:
      mail:
        commands:
          start: ./mail
services:
  db:
    type: mariadb:11.4
""",
    ),
)


@rewrite.yaml(*(p for key in KEYS for p in (*instances(key), f"services.*.{key}")))
def remove(key: Match, edit: Editor) -> None:
    for entry in key.everywhere:
        edit.remove(entry)
