"""How an application for a single-runtime image becomes one with a `stack`, or why it cannot.

This is about the model only, so that the same answer guides what is written and proves that it was written.
Upsun docs: Create apps > App reference > Composable image; Languages > PHP, Node.js; Configure resources.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping

from attrs import define, evolve, field, frozen

from workerlib.diagnostic import Severity
from workerlib.images import NIX_EXTENSIONS, UNSET_EXTENSIONS, Channel, carried_extension, image, nix_package
from workerlib.model import (
    ABSENT,
    Application,
    Build,
    Extension,
    Hooks,
    IncludedText,
    Instance,
    Maybe,
    Names,
    Number,
    Package,
    Runtime,
    Stack,
    StackRuntime,
    Values,
)
from workerlib.stacks.advice import COMPOSABLE, MANAGERS, REPLACED, Remark, installed_by_hand, interpreters, lacking, scripts, uncommented


@frozen(eq=False, repr=False)
class Flavor:
    """What runs before the build hook of a single-runtime image unless `build.flavor` says otherwise: commands, each behind its test."""

    name: str
    file: str  # that names what is to be installed
    commands: tuple[tuple[str, str], ...]
    done: re.Pattern[str]  # what a build hook holds that does the same


FLAVORS: Mapping[str, Flavor] = {
    "php": Flavor(
        "composer",
        "composer.json",
        (
            (
                "[ -f composer.json ]",
                "composer --no-ansi --no-interaction install --no-progress --prefer-dist --optimize-autoloader",
            ),
        ),
        re.compile(r"\bcomposer\b(?:(?!\bcomposer\b).)*\binstall\b"),
    ),
    "nodejs": Flavor(
        "npm",
        "package.json",
        (
            ("[ -f package.json ] && [ -f .npmrc ]", "npm prune --userconfig .npmrc && npm install --userconfig .npmrc"),
            ("[ -f package.json ] && [ ! -f .npmrc ]", "npm prune && npm install"),
        ),
        re.compile(r"\bnpm (?:install|i|ci)\b|\b(?:yarn|pnpm)\b"),
    ),
}
# How a manager installs one tool where it is kept for run time, and what finds it there.
_INSTALL: Mapping[str, tuple[str, str]] = {
    "nodejs": ('npm install --global --prefix "$PLATFORM_APP_DIR/.deps" {}', 'PATH="$PLATFORM_APP_DIR/.deps/bin:$PATH"'),
    "php": (
        'COMPOSER_HOME="$PLATFORM_APP_DIR/.deps/composer" composer global require {}',
        'PATH="$PLATFORM_APP_DIR/.deps/composer/vendor/bin:$PATH"',
    ),
    "python3": (
        'pip install --target "$PLATFORM_APP_DIR/.deps/python" {}',
        'PATH="$PLATFORM_APP_DIR/.deps/python/bin:$PATH" PYTHONPATH="$PLATFORM_APP_DIR/.deps/python"',
    ),
    "ruby": (
        'gem install --install-dir "$PLATFORM_APP_DIR/.deps/ruby" {}',
        'PATH="$PLATFORM_APP_DIR/.deps/ruby/bin:$PATH" GEM_PATH="$PLATFORM_APP_DIR/.deps/ruby"',
    ),
}
_REVIEW = re.compile(r"/usr/lib/php|/etc/php|\bapt(?:-get)? |\bnvm\b|\bn (?:auto|lts)\b")
_STOPS = re.compile(r"\s*set(?=.*\s-(?:[a-z]*e|o\s+errexit\b))(?:\s+[-+]?\w+)+\s*(?:#.*)?")
# Tools that do not come with their language, and the Nix packages that hold them.
_PACKAGED: Mapping[str, str] = {"gradle": "gradle", "mvn": "maven", "pnpm": "pnpm", "yarn": "yarn"}
_WARNING = Severity.WARNING


@frozen(eq=False, repr=False)
class Conversion:
    """How an application looks with a stack.

    `commands` go into its build hook behind the first `kept` lines; `names` tells for each list of extensions what becomes of its items,
    None for one that leaves; `profile` is a `container_profile` to add.
    """

    type: str
    stack: Stack
    commands: Names
    kept: int
    names: Mapping[str, Mapping[str, str | None]]
    profile: str | None
    remarks: tuple[Remark, ...]

    @property
    def has_options(self) -> bool:
        """Whether the primary runtime has options."""
        first = self.stack.runtimes[0]
        return first != StackRuntime(name=first.name, version=first.version)

    def applied(self, app: Application) -> Application:
        """The application as it is to be."""
        hooks = app.hooks
        if self.commands:
            hooks = evolve(hooks or Hooks(), build=self.script(hooks.build if hooks else None))
        profile = self.profile or app.container_profile
        app = evolve(app, type=self.type, stack=self.stack, hooks=hooks, container_profile=profile)
        return evolve(app, build=ABSENT, dependencies=ABSENT, runtime=ABSENT)

    def script(self, old: Maybe[str]) -> str:
        """The build hook with the commands."""
        lines = (old or "").split("\n")
        return "\n".join((*lines[: self.kept], *self.commands, *lines[self.kept :]))


def conversion(app: Application, wanted: Channel) -> Conversion:
    """How an application to which there are no obstacles looks with a stack."""
    return _Converter(app, wanted).convert()


# ---- what speaks against it ---------------------------------------------------------------------------------------------------------


def obstacles(app: Application, wanted: Channel) -> list[Remark]:
    """Why an application cannot be converted: all reasons at once."""
    found = [*_unknown_image(app, wanted), *_unknown_keys(app), *_unclear_build(app), *_lost_dependencies(app)]
    if wanted.offers(*language_of(app)):
        found += _lost_runtime(app)
    if not found and app.hooks and isinstance(app.hooks.build, IncludedText) and conversion(app, wanted).commands:
        found = [Remark("the build hook is a file, and needs another command", f"write `build: sh {app.hooks.build.path}`, then try again")]
    return [evolve(remark, severity=_WARNING) for remark in found]


def language_of(app: Application) -> tuple[str, str]:
    """Name and version of an application's `type`."""
    name, _, version = (app.type or "").partition(":")
    return name, version


def _unknown_image(app: Application, wanted: Channel) -> Iterator[Remark]:
    name, version = language_of(app)
    if name not in wanted.runtimes:
        known = image(name) is not None or name in ("hhvm", "lisp")
        yield Remark(
            f"there is no composable runtime `{name}`" if known else f"`{app.type or 'nothing'}` is no type of an application",
            "stay on the single-runtime image" if known else f"write one of {', '.join(wanted.runtimes)}, and its version",
        )
    elif not version:
        yield Remark("`type` states no version", f"write one of {', '.join(wanted.runtimes[name])}")
    elif not wanted.offers(name, version):
        yield lacking(wanted, name, version)


def _unknown_keys(app: Application) -> Iterator[Remark]:
    for path, instance in _instances(app).items():
        for key in ("type", "stack", *REPLACED):
            if key in instance.extra:
                yield Remark(f"`{path}{key}` is not available there" if path else f"`{key}` is not understood", "correct it first")


def _instances(app: Application) -> dict[str, Instance]:
    """The application, its web instance and its workers, by what their key paths start with."""
    web = {"web.": app.web} if app.web else {}
    return {"": app, **web, **{f"workers.{name}.": worker for name, worker in app.workers.items()}}


def _unclear_build(app: Application) -> Iterator[Remark]:
    build, own = app.build or Build(), FLAVORS.get(language_of(app)[0])
    if build.flavor and build.flavor not in ("default", "none", own and own.name):
        yield Remark(f"`build.flavor: {build.flavor}` is not documented", "write its commands into the build hook, and `flavor: none`")
    if build.caches or build.extra or build.malformed:
        yield Remark("of `build` only `flavor` can be carried over", "remove the rest, or stay on the single-runtime image")


def _lost_runtime(app: Application) -> Iterator[Remark]:
    name, version = language_of(app)
    runtime = app.runtime or Runtime()
    if runtime.malformed or "extensions" in runtime.extra:
        yield Remark("`runtime` is not understood", "correct it first")
    elif "quicklisp" in runtime.extra:
        yield Remark("`runtime.quicklisp` has no successor", "remove it, or stay on the single-runtime image")
    elif name != "php" and runtime != Runtime():
        yield Remark("`runtime` is for PHP", "remove it first")
    else:
        for extension in runtime.extensions or ():
            carried = carried_extension(extension.name or "", version)
            if carried.kind == "missing":
                yield Remark(f"extension `{extension.name or '?'}` would be missing", carried.advice)
            elif carried.kind == "package" and extension.configuration:
                yield Remark(f"`{extension.name}` becomes a package, which has no configuration", "remove the configuration first")


def _lost_dependencies(app: Application) -> Iterator[Remark]:
    for manager, tools in (app.dependencies or {}).items():
        if manager not in MANAGERS:
            yield Remark(f"`dependencies.{manager}` has no runtime", "install these tools in the build hook")
        elif manager == "php" and not {"require", "repositories", "config"}.isdisjoint(tools):
            yield Remark("`dependencies.php` is a whole composer.json", "install its packages in the build hook")
        elif not all(isinstance(version, str | Number) or version is None for version in tools.values()):
            yield Remark(f"`dependencies.{manager}`: expected versions", "correct it first")


# ---- how it is done -----------------------------------------------------------------------------------------------------------------


@define(eq=False, repr=False)
class _Converter:
    app: Application
    wanted: Channel
    runtimes: dict[str, StackRuntime] = field(factory=dict)
    packages: list[Package] = field(factory=list)
    commands: list[str] = field(factory=list)
    names: dict[str, dict[str, str | None]] = field(factory=dict)
    flavor: Flavor | None = None
    remarks: list[Remark] = field(factory=list)

    def convert(self) -> Conversion:
        app = self.app
        name, version = language_of(app)
        self.runtimes[name] = self.primary(name, version)
        for manager, tools in (app.dependencies or {}).items():
            if tools:
                self.depend(manager, tools)
        self.interpret()
        self.build(name)
        kept = self.script((app.hooks.build if app.hooks else None) or "")
        profile = self.profile(name) if app.container_profile is ABSENT else None
        self.review(name, profile)
        stack = Stack(runtimes=tuple(self.runtimes.values()), packages=tuple(self.packages))
        image = f"{COMPOSABLE}:{self.wanted.name}"
        return Conversion(image, stack, tuple(self.commands), kept, self.names, profile, tuple(self.remarks))

    def script(self, old: str) -> int:
        """Finish the commands for a build hook, and say how many of its lines come before them.

        A command that fails is to fail the build, as it did, and the rest of the hook goes on as it did.
        """
        lines = old.split("\n")
        first = next((i for i, line in enumerate(lines) if line.strip() and not line.lstrip().startswith("#")), None)
        kept = first + 1 if first is not None and _STOPS.fullmatch(lines[first]) else 0
        if not self.commands and not self.flavor:
            return kept
        if not kept and _is_one_command(old):
            stops, self.commands = True, ["set -e", *self.commands]
        else:
            stops = kept > 0
        self.commands = [_or_stop(command, stops) for command in self.commands]
        if self.flavor:
            self.commands += [f"if {test}; then {_or_stop(command, stops)}; fi" for test, command in self.flavor.commands]
        return kept

    def note(self, message: str, help: str | None = None, severity: Severity = Severity.INFO) -> None:
        self.remarks.append(Remark(message, help, severity))

    def primary(self, name: str, version: str) -> StackRuntime:
        """The language of the application with its options."""
        runtime = self.app.runtime or Runtime()
        extensions, disabled = self.extensions(runtime, version), runtime.disabled_extensions
        if disabled:
            kept = tuple(n for n in disabled if n in NIX_EXTENSIONS)
            self.names["disabled_extensions"] = {n: n if n in kept else None for n in disabled}
            for gone in (n for n in disabled if n not in kept):
                self.note(f"extension `{gone}` is not enabled on composable images, so it is no longer disabled")
            disabled = kept or ABSENT
        named = {extension.name for extension in extensions or ()} | {*(runtime.disabled_extensions or ())}
        if name == "php" and (unset := [one for one in UNSET_EXTENSIONS if one not in named]):
            self.note(f"composable images may not enable {', '.join(unset)}", "list the ones that are needed as extensions")
        return StackRuntime(
            name=name,
            version=version,
            extensions=extensions,
            disabled_extensions=disabled,
            request_terminate_timeout=runtime.request_terminate_timeout,
            sizing_hints=runtime.sizing_hints,
            xdebug=runtime.xdebug,
            extra=runtime.extra,
        )

    def extensions(self, runtime: Runtime, version: str) -> Maybe[tuple[Extension, ...]]:
        if not runtime.extensions:
            return runtime.extensions
        kept, names = [], self.names.setdefault("extensions", {})
        for extension in runtime.extensions:
            old = extension.name or ""
            carried = carried_extension(old, version)
            names[old] = carried.name if carried.kind == "extension" else None
            if carried.kind == "extension":
                kept.append(evolve(extension, name=carried.name))
                if carried.name != old:
                    self.note(f"extension `{old}` became `{carried.name}`")
            elif carried.kind == "package":
                self.packages.append(Package(package=carried.name))
                self.note(f"`{old}` became a package")
            else:
                self.note(f"extension `{old}` left: it is always there")
        return tuple(kept) or ABSENT

    def depend(self, manager: str, tools: Values) -> None:
        """Nix packages for the tools that have one, commands of the build hook for all others."""
        language = MANAGERS[manager]
        self.add(language, f"for `dependencies.{manager}`")
        minor = (self.runtimes[language].version or "").replace(".", "")
        install, environment = _INSTALL[manager]
        commands = []
        for tool, version in tools.items():
            constraint = version.text if isinstance(version, Number) else str(version or "*")
            package = nix_package(manager, tool)
            if package is None:
                commands.append(install.format(_requirement(manager, tool, constraint)))
            elif package:
                self.packages.append(Package(package=package.format(minor=minor)))
                self.note(f"`{tool}` became a package, in the channel's version instead of `{constraint}`", severity=_WARNING)
            else:
                self.note(f"`{tool}` left with its version `{constraint}`: it comes with {language}")
        if commands:
            self.commands += [*commands, f"export {environment}"]
            self.note(f"the build hook installs what `dependencies.{manager}` did", f"add `export {environment}` to .environment", _WARNING)

    def interpret(self) -> None:
        """The runtimes of other languages that scripts start: single-runtime images hold some of them."""
        wanted: dict[str, str] = {}
        for where, commands in interpreters(self.app).items():
            for command, language in commands.items():
                wanted.setdefault(language, f"{where} runs `{command}`")
        if by_hand := installed_by_hand(self.app):
            wanted.setdefault(by_hand[1], f"hook `build` installs it with `{by_hand[0]}`")
        for language, reason in wanted.items():
            if language in self.wanted.runtimes:
                self.add(language, f"since {reason}")

    def add(self, language: str, reason: str) -> None:
        """Another runtime, in its newest version, if it is not there."""
        if language not in self.runtimes:
            latest, *others = self.wanted.runtimes[language]
            self.runtimes[language] = StackRuntime(name=language, version=latest)
            self.note(f"`{language}@{latest}` was added {reason}", f"any of {', '.join(others)} serves as well" if others else None)

    def build(self, name: str) -> None:
        """What ran before the build hook of its own accord."""
        flavor, app = FLAVORS.get(name), self.app
        if flavor is None or (app.build and app.build.flavor == "none"):
            return
        if app.hooks and app.hooks.build and flavor.done.search(uncommented(app.hooks.build)):
            self.note(f"the build hook installs what {flavor.file} asks for, so no command was added")
            return
        self.flavor = flavor
        self.note(f"the build hook runs {flavor.name}, as single-runtime images do by themselves")

    def review(self, name: str, profile: str | None) -> None:
        """What is to be looked at by the application's author."""
        app = self.app
        for path, instance in _instances(app).items():
            if own := [mount for mount, value in (instance.mounts or {}).items() if value.source == "instance"]:
                listed = ", ".join(f"`{mount}`" for mount in own)
                message = f"`{path}mounts`: {listed}: `instance` mounts may not be available on composable images"
                self.note(message, "use `tmp` for caches and `storage` for data", _WARNING)
        for where, script in scripts(app).items():
            if found := _REVIEW.search(uncommented(script)):
                self.note(f"review {where}, which uses `{found[0].strip()}`: the image is read-only and laid out in another way")
        for where, commands in interpreters(app).items():
            for tool in (one for one in commands if one in _PACKAGED and Package(package=_PACKAGED[one]) not in self.packages):
                self.note(f"review {where}, which runs `{tool}`: it may not come with its runtime", f"add the package `{_PACKAGED[tool]}`")
        if name != "php" and not (app.web and app.web.commands and app.web.commands.start):
            self.note("only PHP starts by itself", "write `web.commands.start`", _WARNING)
        if len(self.runtimes) > 1 and not (app.container_profile or profile):
            self.note(
                "an image with several runtimes needs more resources than it starts with",
                "set `container_profile`, or push with --resources-init=manual and set sizes",
                _WARNING,
            )

    def profile(self, name: str) -> str | None:
        """The profile that the single-runtime image had, where composable images have another."""
        known = image(name)
        if known is None or known.profile in (None, "HIGH_CPU"):
            return None
        self.note(f"`container_profile: {known.profile}` was written, since composable images start with HIGH_CPU")
        return known.profile


def _is_one_command(script: str) -> bool:
    """Whether `set -e` before a script changes nothing else: it has one command at most, or one list of them."""
    return not re.search(r"[;\n]", script.strip())


def _or_stop(command: str, stops: bool) -> str:
    """A command that ends the build where it fails; `stops` if the script ends by itself, which no list but its last command lets it do."""
    return command if command.startswith(("export ", "set ")) or (stops and "&&" not in command) else f"{command} || exit 1"


def _requirement(manager: str, tool: str, constraint: str) -> str:
    """A tool and its version as the manager wants them, quoted for a shell."""
    if constraint == "*":
        return shlex.quote(tool)
    if manager == "ruby":
        return f"{shlex.quote(tool)} -v {shlex.quote(constraint)}"
    if manager == "python3":
        return shlex.quote(tool + constraint if constraint[0] in "<>=!~" else f"{tool}=={constraint}")
    return shlex.quote(f"{tool}{':' if manager == 'php' else '@'}{constraint}")
