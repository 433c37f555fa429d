"""Write mounts that are strings, such as `shared:files/tmp`, as mappings.

Before November 2017 a mount was `shared:files` and a folder in it. In spite of its name each instance had its own: the exact equivalent is
`source: instance` with that folder as `source_path`. `--mounts storage` chooses the other kind, as for `local`.

Vendor documentation: Upsun Fixed: Upgrading (2017.11); Create apps > App reference > Mounts.
"""

from __future__ import annotations

from collections.abc import Iterator

from workerlib.diagnostic import Diagnostic
from workerlib.editing import Editor
from workerlib.keypath import KeyPath
from workerlib.model import Project
from workerlib.mounting import with_mount_source
from workerlib.rewrite import Example, Match, Options, Rewrite, instances
from workerlib.spellings import string_mount
from workerlib.text import Scalar


def stored(project: Project, paths: list[KeyPath], options: Options) -> Project:
    """The project as it is to be: the string says `instance`."""
    return project if options.mounts == "instance" else with_mount_source(project, paths, options.mounts)


rewrite = Rewrite(
    __name__,
    __doc__,
    safe=True,
    code="WL504",
    intended=stored,
    example=Example(
        before="""\
applications:
  shop:
    type: php:8.4
    mounts:
      /tmp: shared:files/tmp  # scratch
""",
        after="""\
applications:
  shop:
    type: php:8.4
    mounts:
      /tmp:  # scratch
        source: instance
        source_path: tmp
""",
    ),
)


@rewrite.yaml(*instances("mounts.*"))
def expand(mount: Match, edit: Editor) -> Iterator[Diagnostic]:
    value = mount.value
    if not isinstance(value, Scalar) or value.is_null or value.tag is not None:
        return
    folder = string_mount(value.value)
    if folder is None:  # reading it reports what it ought to be
        return
    edit.replace(mount.entry.value, {"source": mount.options.mounts, "source_path": folder})
    advice = "upload the mount's data again; use --mounts storage where instances share files"
    yield mount.note(f"`{value.value}` became `{mount.options.mounts}`", advice)
