"""Whole projects, written with all that authors write and dumpers never do: a migration never fails its own proof."""

from __future__ import annotations

from hypothesis import assume, event, example, given
from hypothesis import strategies as st
from tests.property.wild_projects import projects

from workerlib import Options
from workerlib.errors import ConfigurationError
from workerlib.migrate.planning import in_memory

APP = ".platform.app.yaml"
OPTIONS = (
    Options(),
    Options(mounts="storage"),
    Options(explicit_relationships=True),
    Options(factor=True),
    Options(stack=("all",)),
    Options(factor=True, explicit_relationships=True),
)


@given(projects(), st.sampled_from(OPTIONS), st.booleans())
@example({APP: b"name: shop\nworkers:\n  w:\n    mounts:\n      /a: &m  # c\n        shared:files  # d\n"}, Options(), False)
@example({APP: b"x-own: |-\n  t\nname: shop\n     # c\n"}, Options(), True)
@example({".platform/applications.yaml": b"- name: a\n  x-own: !t |+\n-\n\n  name: b\n"}, Options(), False)
@example({APP: b"name: shop\nx-own: |-\n t\n...\n", f"app/{APP}": b"x-own: first\n  second\n     # c\nname: api\n"}, Options(), False)
def test_a_project_that_can_be_read_is_never_refused_by_the_proof(files: dict[str, bytes], options: Options, split: bool) -> None:
    try:
        in_memory(options)(files, split)
    except ConfigurationError as error:
        names = {one.name for one in error.diagnostics}
        if "proof-failed" in names:
            raise
        event(f"refused: {sorted(names)}")
        assume(False)
