"""The codes that are not of checks: what reading, migrating and comparing say.

Codemods bring their own: those for YAML from WL501 to WL549, those for Python from WL620 on.

They stand here so that each code and name is given once, and so that documentation, `select` and `ignore` know them all; a test holds
them against the places that use them.
"""

from __future__ import annotations

from workerlib.checks.rules import ERROR, INFO, WARNING, Row
from workerlib.properties import PROPERTY

_YAML = "YAML 1.2.2"
_TAGS = "Upsun docs: Create apps > YAML tags"
_STRUCTURE = "Upsun docs: Create apps > YAML structure"
_APP = "Upsun docs: Create apps > App reference"
_SCHEMA = "Published JSON schema"
_COMPOSABLE = f"{_APP} > Composable image"
_UPGRADING = "Upsun Fixed docs: Changelog > Upgrading"
_FROM_FIXED = "Upsun docs: Migrate from Upsun Fixed"

ROWS = (
    # The text: the file cannot be read.
    Row("WL100", "not-text", ERROR, "expected text in {encoding}, found byte {byte}", "save the file as UTF-8", _YAML),
    Row("WL101", "not-yaml", ERROR, "expected {expected}, found {found}", "correct the YAML", _YAML),
    Row("WL102", "ambiguous-yaml", ERROR, "parsers of YAML disagree: {difference}", "write it so that all read the same", _YAML),
    Row("WL103", "several-documents", ERROR, "expected one document, found several", "delete the `---` between them", _STRUCTURE),
    Row("WL104", "duplicate-key", ERROR, "key `{key}` stands twice in one mapping", "delete one of them", _YAML),
    Row("WL105", "limit-exceeded", ERROR, "expected at most {limit}, found {found}", "split the file or raise it", "docs/limits.md"),
    Row("WL106", "cyclic-alias", ERROR, "`*{name}` stands for what it is part of", "write the value instead", _YAML),
    Row("WL107", "unknown-check", WARNING, "there is no check `{selector}`", "correct what the comment ignores", "docs/checks.md"),
    # Definitions: the project has no meaning.
    Row("WL110", "not-a-mapping", ERROR, "expected a mapping, found {found}", "write its keys", _STRUCTURE),
    Row("WL111", "no-name", ERROR, "expected `name`, since an application needs one", "add it", f"{_APP} > Name"),
    Row("WL114", "root-outside", ERROR, "expected `source.root` inside the project, found `{root}`", "correct it", PROPERTY["source"].page),
    Row("WL120", "include-path", ERROR, "expected a path inside the project, found `{path}`", "move the file into the project", _TAGS),
    Row("WL121", "include-cycle", ERROR, "`{file}` includes itself", "break the cycle", _TAGS),
    Row("WL122", "include-missing", ERROR, "expected a file `{path}`, found none", "add it, or correct the path", _TAGS),
    Row("WL123", "include-form", WARNING, "expected a path, or `type` and `path`, behind the tag", "write one of these forms", _TAGS),
    Row("WL124", "include-elsewhere", WARNING, "expected `{path}` at `{place}`, found it at `{target}`", "write the path from there",
        _TAGS),
    Row("WL125", "archive-file", WARNING, "`{path}`: expected a file of the project, found a link that leads to none, or what is no file",
        "delete it, or correct where it leads; it does not move along", _TAGS),
    # Values: kept as they are, and said.
    Row("WL130", "wrong-type", ERROR, "expected {expected}, found {found}", "correct the value", _SCHEMA),
    Row("WL131", "unknown-key", WARNING, "`{key}` is not a known key here", "delete it, or correct its name", _SCHEMA),
    Row("WL132", "dot-key-ignored", WARNING, "`{key}` begins with a dot, so the platform ignores it", "rename or delete it",
        "Upsun docs: Create apps > Troubleshoot mounts"),
    Row("WL133", "unknown-tag", WARNING, "`{tag}` is not a tag of the format", "write the value without it", _TAGS),
    Row("WL134", "key-not-text", WARNING, "`{key}` is read as text, which other readers of YAML do not", "put it in quotes", _YAML),
    Row("WL136", "toolstack-wrong", ERROR, "`toolstack`: expected a language and a flavor (`php:composer`), and no `type`; found {found}",
        "delete it, and write `type` and `build.flavor`", _UPGRADING),
    Row("WL137", "web-keys-mixed", ERROR, "`{key}` has no meaning beside `locations`, which replaced it",
        "move it into a location, or delete it", _UPGRADING),
    Row("WL138", "source-path-string", WARNING, "`source_path` is taken for the folder of this name, not for a source and a path",
        "write the path alone", PROPERTY["mounts"].page),
    Row("WL139", "relationship-implied", WARNING, "expected `service` beside `endpoint`, found none: `{name}` is taken for it",
        "write `service: {name}`", PROPERTY["relationships"].page),
    Row("WL146", "read-twice", WARNING, "`{file}` is included, and read as a file of its own too, in which `{key}` is not a known key",
        "move it into a folder below `.upsun`", _STRUCTURE),
    # Migration.
    Row("WL188", "root-not-stated", WARNING, "its root was `{root}`, and `source` is in a file that is not there",
        "write `root: {root}` into that file", PROPERTY["source"].page),
    Row("WL189", "not-split", INFO, "the applications share anchors, so they stay in one file", "write the aliases out to split them",
        "docs/limits.md"),
    Row("WL190", "proof-failed", ERROR, "the migrated project would mean something else", "please report this", "docs/concepts.md"),
    Row("WL192", "unfinished-write", ERROR, "a write of this project was interrupted", "run again with --recover", "docs/concepts.md"),
    Row("WL193", "not-possible", ERROR, "{reason}", "see the message", "docs/limits.md"),
    Row("WL194", "shared-value", ERROR, "expected to change alone, but shares {place} with others", "write a copy first: `--expand`",
        "docs/concepts.md"),
    Row("WL195", "old-spelling", ERROR, "the place is written in an old spelling", "migrate first", "docs/concepts.md"),
    Row("WL196", "comment-lost", ERROR, "the comment `{comment}` would be lost", "take it away first", "docs/concepts.md"),
    Row("WL197", "left-behind", INFO, "`{path}` is named nowhere in the configuration and stays where it is", "delete or move it",
        _FROM_FIXED),
    Row("WL198", "usage", ERROR, "{reason}", "see --help", "docs/concepts.md"),
    Row("WL199", "internal-error", ERROR, "{error}", "please report this", "docs/limits.md"),
    Row("WL215", "workers-not-mapping", ERROR, "expected a mapping, found {found}", "write a mapping", PROPERTY["workers"].page),
    Row("WL500", "not-migrated", WARNING, "belongs to an old layout, or holds old spellings", "run `python -m workerlib.migrate --write`",
        _FROM_FIXED),
    # Old spellings: understood, and said.
    Row("WL551", "mount-string", WARNING, "expected a mapping, found `{written}`",
        "write `source: instance` (Fixed: `local`), `source_path`", PROPERTY["mounts"].page),
    Row("WL552", "mount-local", WARNING, "`source: local` is an old name of `instance`", "write `source: instance`", _FROM_FIXED),
    Row("WL553", "relationship-string", INFO, "`{written}` is the old form of a relationship",
        "write `service` and `endpoint`, as `migrate --explicit-relationships` does", PROPERTY["relationships"].page),
    Row("WL554", "cron-cmd", WARNING, "`cmd` was replaced by `commands.start`", "write `commands: {{start: ...}}`", _UPGRADING),
    Row("WL555", "stack-list", WARNING, "expected `runtimes` and `packages`, found a list", "name the lists of the two kinds", _COMPOSABLE),
    Row("WL556", "stack-spelling", WARNING, "expected {expected}, found {found}", "write it as the vendor's page does", _COMPOSABLE),
    Row("WL557", "toolstack-key", WARNING, "`toolstack` was replaced by `type` and `build.flavor`", "write both", _UPGRADING),
    Row("WL558", "web-document-root", WARNING, "`{keys}`: replaced by `locations`", "write `locations./`", _UPGRADING),
    Row("WL559", "switch-bool", WARNING, "expected a mapping, found `{found}`", "write `enabled` below it", "Upsun docs: Define routes"),
    Row("WL560", "key-without-effect", WARNING, "`{key}` has no effect any more", "delete it", _UPGRADING),
    # Comparing.
    Row("WL601", "data-destroyed", WARNING, "{what}", "make a backup, or keep what names the data", PROPERTY["mounts"].page),
    Row("WL602", "built-again", INFO, "{what}", "expect a build", "Upsun docs: Development > Variables > Use variables"),
    Row("WL603", "runs-differently", INFO, "{what}", "look at it", PROPERTY["workers"].page),
    Row("WL604", "value-explained", INFO, "{why}", "nothing: this was asked for", "docs/workers.md"),
    # Python source.
    Row("WL610", "python-left", WARNING, "{text} is left as it is: {reason}", "change it by hand", "docs/concepts.md"),
    Row("WL611", "python-text", INFO, "this comment names `{file}`", "say where that is now", "docs/concepts.md"),
    Row("WL612", "python-relative", INFO, "the path is relative, so that it depends on the working directory",
        "start the program in the project's root", "docs/concepts.md"),
    Row("WL613", "python-out-of-reach", WARNING, "this is code of `{application}`: `.upsun/` is not in its container",
        "take what it needs at run time from elsewhere, such as the environment", PROPERTY["source"].page),
    Row("WL614", "python-encoding", WARNING, "expected text in UTF-8, found another encoding", "save it as UTF-8", "docs/limits.md"),
    Row("WL615", "python-not-parsed", WARNING, "expected Python {version}, found something else", "adapt it yourself", "docs/limits.md"),
    Row("WL616", "python-no-git", INFO, "which files git ignores is not known", "see that only your own files change", "docs/limits.md"),
    Row("WL690", "python-proof-failed", ERROR, "{what}", "please report this, or leave Python out", "docs/concepts.md"),
)  # fmt: skip
