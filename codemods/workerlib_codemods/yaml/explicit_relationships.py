"""Write relationships that are strings, such as `db:mysql`, as mappings, with `--explicit-relationships`.

Both forms are valid and mean the same: the service and its endpoint. The mapping says which is which. The endpoint is written even where
it is the default of the service, since defaults are the platform's to change. The name of a relationship stays, for it names the
variables of the environment.

Vendor documentation: Create apps > App reference > Relationships.
"""

from __future__ import annotations

from workerlib.editing import Editor
from workerlib.rewrite import Example, Match, Options, Rewrite, instances
from workerlib.spellings import text_of

rewrite = Rewrite(
    __name__,
    __doc__,
    safe=True,
    concerns=lambda _tree, options: options.explicit_relationships,
    code="WL512",
    example=Example(
        before="""\
applications:
  shop:
    type: php:8.4
    relationships:
      database: "db:mysql"  # the only one
services:
  db:
    type: mariadb:11.4
""",
        after="""\
applications:
  shop:
    type: php:8.4
    relationships:
      database:  # the only one
        service: db
        endpoint: mysql
services:
  db:
    type: mariadb:11.4
""",
        options=Options(explicit_relationships=True),
    ),
)


@rewrite.yaml(*instances("relationships.*"), "services.*.relationships.*")
def expand(relationship: Match, edit: Editor) -> None:
    node = relationship.entry.value
    service, _, endpoint = (text_of(relationship.value) or "").partition(":")
    if node.tag is None and service and endpoint and ":" not in endpoint:
        edit.replace(node, {"service": service, "endpoint": endpoint})
