"""Write cron commands under `commands.start`.

A cron's `cmd` was replaced by `commands.start` in February 2022, so that a cron can also say how it is stopped. The command, its quoting
and its lines stay as they are. A cron that has both keys is left as it is: which of them counts is for its author to say.

Vendor documentation: Create apps > App reference > Crons.
"""

from __future__ import annotations

from workerlib.editing import Editor
from workerlib.rewrite import Example, Match, Rewrite

rewrite = Rewrite(
    __name__,
    __doc__,
    safe=True,
    code="WL501",
    example=Example(
        before="""\
applications:
  shop:
    type: php:8.4
    crons:
      nightly:
        spec: H 3 * * *
        cmd: |
          ./sweep  # the cache
""",
        after="""\
applications:
  shop:
    type: php:8.4
    crons:
      nightly:
        spec: H 3 * * *
        commands:
          start: |
            ./sweep  # the cache
""",
    ),
)


@rewrite.yaml("applications.*.crons.*")
def nest(cron: Match, edit: Editor) -> None:
    cmd = cron.get("cmd")
    if cmd and not cron.get("commands"):
        edit.nest(cmd, "commands", "start")
