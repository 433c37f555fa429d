"""Write `source: instance` for mounts that say `source: local`.

`local` is the old word for storage that belongs to one instance of an application or worker; `instance` is the exact equivalent. With
`--mounts storage` such mounts become `storage`, which is kept apart from the instances and shared by them: that changes what runs, and
the data of each mount has to be uploaded in either case.

Vendor documentation: Create apps > App reference > Mounts; Move from Upsun Fixed to Upsun Flex.
"""

from __future__ import annotations

from collections.abc import Iterator

from workerlib.diagnostic import Diagnostic
from workerlib.editing import Editor
from workerlib.keypath import KeyPath
from workerlib.model import Project
from workerlib.mounting import with_mount_source
from workerlib.rewrite import Example, Match, Options, Rewrite, instances
from workerlib.text import Scalar


def stored(project: Project, paths: list[KeyPath], options: Options) -> Project:
    """The project as it is to be: `local` and `instance` are the same, `storage` is not."""
    return project if options.mounts == "instance" else with_mount_source(project, [p.parent for p in paths], options.mounts)


rewrite = Rewrite(
    __name__,
    __doc__,
    safe=True,
    code="WL503",
    intended=stored,
    example=Example(
        before="""\
applications:
  shop:
    type: php:8.4
    mounts:
      uploads:
        source: local  # each worker has its own
        source_path: uploads
""",
        after="""\
applications:
  shop:
    type: php:8.4
    mounts:
      uploads:
        source: instance  # each worker has its own
        source_path: uploads
""",
    ),
)


@rewrite.yaml(*instances("mounts.*.source"))
def rename(source: Match, edit: Editor) -> Iterator[Diagnostic]:
    value = source.value
    if isinstance(value, Scalar) and value.value == "local" and value.tag is None and value.source is source.entry.value.source:
        edit.replace(value, source.options.mounts)
        advice = "upload the mount's data again; use --mounts storage where instances share files"
        yield source.note(f"`local` became `{source.options.mounts}`", advice)
