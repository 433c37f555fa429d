"""Turn a single-runtime `type` into a composable `stack`, where it is needed or you ask for it.

An application gets a stack if its runtime exists only so (`--stack needed`, the default), if one would serve it better
(`--stack advised`: it installs or runs tools of another language), if you name it (`--stack shop`), or in any case (`--stack all`).
What is advised is otherwise reported, with the command that does it; `--stack never` is silent. The channel is the newest one, or that of
`--channel`.

`runtime` moves below its runtime, with extensions renamed or dropped as Nix has them. `dependencies` become packages where Nix is known to
have the tool, and commands of the build hook otherwise, as does what ran before the build hook by itself; a folded hook becomes a literal
one for that. Runtimes whose commands a hook, worker, cron or `web` starts are added in their newest version. A Java application keeps its
profile. Workers follow, since they share the image. Where anything would be lost, the application stays as it is and the reasons are
reported; and so does one whose image or hook is shared through an anchor, or stands in another file.

Vendor documentation: Create apps > App reference > Composable image, Single-runtime image; Languages > PHP, Node.js.
"""

from __future__ import annotations

from collections.abc import Iterator

from attrs import evolve

from workerlib.diagnostic import Diagnostic, Severity
from workerlib.editing import Editor
from workerlib.images import Channel
from workerlib.keypath import KeyPath
from workerlib.model import ABSENT, Project
from workerlib.rewrite import Example, Match, Options, Rewrite, each_application
from workerlib.stacks.advice import Remark, advice, channel_of, need, wanted_channel
from workerlib.text import Mapping


def composed(project: Project, paths: list[KeyPath], options: Options) -> Project:
    """The project as it is to be: these applications have a stack."""
    from workerlib.stacks.conversion import conversion

    wanted = wanted_channel(options.channel)
    assert isinstance(wanted, Channel)
    return each_application(project, paths, lambda app: conversion(app, wanted).applied(app))


rewrite = Rewrite(
    __name__,
    __doc__,
    safe=False,
    code="WL521",
    intended=composed,
    example=Example(
        before="""\
applications:
  shop:
    type: 'php:8.4'
    dependencies:
      nodejs: {yarn: '*'}
    runtime:
      extensions:
        - redis  # sessions
    hooks:
      build: |
        set -e
        ./build.sh
""",
        after="""\
applications:
  shop:
    type: 'composable:26.05'
    stack:
      runtimes:
        - 'php@8.4':
            extensions:
              - redis  # sessions
        - 'nodejs@26'
      packages:
        - yarn
    hooks:
      build: |
        set -e
        if [ -f composer.json ]; then composer --no-ansi --no-interaction install --no-progress --prefer-dist --optimize-autoloader; fi
        ./build.sh
""",
        options=Options(stack=("all",)),
    ),
)


@rewrite.yaml("applications.*.type", "applications.*.toolstack")
def compose(image: Match, edit: Editor) -> Iterator[Diagnostic]:
    definitions, options = image.tree.definitions, image.options
    app = image.application
    own = definitions.see(definitions.applications[app.name].node)
    if "never" in options.stack or app.stack is not ABSENT or "stack" in app.extra or channel_of(app) is not None:
        return
    reasons, wanted = list(advice(app)), wanted_channel(options.channel)
    needed = need(app)
    asked = needed or not {"all", app.name}.isdisjoint(options.stack) or (reasons and "advised" in options.stack)
    if not asked and not reasons:
        return

    from workerlib.stacks.conversion import conversion, obstacles  # most projects get no stack
    from workerlib.stacks.insertion import put_stack

    against, trial = [wanted] if isinstance(wanted, Remark) else obstacles(app, wanted), Editor(edit.by)
    remarks: tuple[Remark, ...] = ()
    if not against and isinstance(own, Mapping) and isinstance(wanted, Channel):
        made = conversion(app, wanted)
        remarks, fault = made.remarks, put_stack(trial, definitions, own, made, as_list=options.stack_form == "list")
        against = [Remark(fault, "write it out in the application, then try again")] if fault else []
    if not asked:
        asking = evolve(options, stack=(*(one for one in options.stack if one != "needed"), app.name))
        advised = f"not possible yet: {against[0].message}" if against else f"run `{image.command(asking)}`"
        yield image.note(f"a composable image would serve it better: {'; '.join(reasons)}", advised)
    elif against:
        yield from (image.note(f"not converted: {one.message}", one.help, severity=Severity.WARNING) for one in against)
    else:
        edit.take_over(trial)
        yield from (image.note(one.message, one.help, severity=one.severity) for one in remarks)
