"""Write `toolstack` as `type` and `build.flavor`.

Before July 2015 a language and the way to build for it were one value, `php:drupal`. No version was stated, and today's `type` needs one:
the report asks you to add it. A `type` beside the toolstack says something else, so that such an application is left as it is.

Vendor documentation: Create apps > App reference > Types; Create apps > App reference > Build; Upsun Fixed: Upgrading (2015.7 and
2016.4).
"""

from __future__ import annotations

from collections.abc import Iterator

from workerlib.diagnostic import Diagnostic, Severity
from workerlib.editing import Editor
from workerlib.rewrite import Example, Match, Rewrite
from workerlib.spellings import text_of
from workerlib.text import Mapping

rewrite = Rewrite(
    __name__,
    __doc__,
    safe=True,
    code="WL511",
    instead_of=("toolstack-key", "toolstack-wrong"),
    example=Example(
        before="""\
applications:
  shop:
    toolstack: "php:composer"  # with its packages
    disk: 1024
""",
        after="""\
applications:
  shop:
    type: php  # with its packages
    build:
      flavor: composer
    disk: 1024
""",
    ),
)

OLD_FLAVORS = ("drupal", "symfony")


@rewrite.yaml("applications.*.toolstack")
def split(toolstack: Match, edit: Editor) -> Iterator[Diagnostic]:
    language, _, flavor = (text_of(toolstack.value) or "").partition(":")
    definitions = toolstack.tree.definitions
    application = definitions.see(definitions.applications[toolstack.name].node)
    beside = definitions.entries(application) if isinstance(application, Mapping) else {}
    build = beside["build"].value if "build" in beside else None
    stated = build.get("flavor") if isinstance(build, Mapping) else None
    fault = ""
    if not (language and flavor):
        fault = "expected a language and a flavor, such as `php:composer`"
    elif "type" in beside:
        fault = "`type` is there as well"
    elif len(toolstack.everywhere) > 1:
        fault = "another one is merged"
    elif build is not None and not (isinstance(build, Mapping) and build.tag is None):
        fault = "`build` is not written as a mapping"
    elif stated and text_of(toolstack.see(stated.value)) != flavor:
        fault = "`build.flavor` is there as well"
    if fault:
        yield toolstack.note(f"cannot be converted: {fault}", "write `type` and `build.flavor`, and delete it", severity=Severity.ERROR)
        return
    edit.rename(toolstack.entry, "type")
    edit.replace(toolstack.entry.value, language)
    if build is None:
        edit.add(toolstack.entry.mapping, "build", {"flavor": flavor}, after=toolstack.entry)
    elif isinstance(build, Mapping) and not stated:
        edit.add(build, "flavor", flavor)
    yield toolstack.note(f"`type: {language}` lacks a version", f"write `type: '{language}:<version>'`", severity=Severity.WARNING)
    if flavor in OLD_FLAVORS:
        advice = "see whether `composer` builds the application, or write `none` and a build hook"
        yield toolstack.note(f"the flavor `{flavor}` is no longer documented", advice, severity=Severity.WARNING)
