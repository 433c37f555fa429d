"""What the functions are that a path goes through, by their dotted names."""

from __future__ import annotations

import libcst as cst
import libcst.matchers as m


def _each(prefix: str, names: str) -> frozenset[str]:
    return frozenset(prefix + name for name in names.split())


PATH_CLASSES = _each("pathlib.", "Path PurePath PosixPath PurePosixPath")

OPEN = frozenset(("builtins.open", "io.open", "codecs.open"))
JOIN = frozenset(("os.path.join", "posixpath.join", *PATH_CLASSES))
SAME_PATH = frozenset(("builtins.str", "os.fspath")) | _each("os.path.", "abspath realpath normpath expanduser expandvars")
TEMPORARY = frozenset(("tempfile.mkdtemp()", "tempfile.TemporaryDirectory()"))
FOLDER = frozenset(("os.path.dirname", "posixpath.dirname"))
KEEPS = _each("functools.", "cache lru_cache lru_cache()")  # decorators
SAME_PATH_METHODS = frozenset("resolve absolute expanduser as_posix __str__".split())

LOAD = (
    _each("yaml.", "load safe_load full_load unsafe_load")
    | _each("ruamel.yaml.", "load safe_load round_trip_load YAML().load")
    | _each("ruamel.yaml.main.", "load safe_load round_trip_load YAML().load")
)
LOAD_PATH = frozenset(name for name in LOAD if "YAML()" in name)  # these take a pathlib.Path too
DUMP = (
    _each("yaml.", "dump safe_dump")
    | _each("ruamel.yaml.", "dump safe_dump round_trip_dump YAML().dump")
    | _each("ruamel.yaml.main.", "dump safe_dump round_trip_dump YAML().dump")
)
DUMP_PATH = frozenset(name for name in DUMP if "YAML()" in name)

# Only the path itself matters to these.
ASK = _each("os.path.", "exists lexists isfile isdir getmtime getsize") | _each("os.", "stat access")
ASK_METHODS = frozenset("exists is_file is_dir stat".split())
COPY = _each("shutil.", "copy copy2 copyfile")  # from their first argument
MAKE = _each("os.", "mkdir makedirs")
_LEVELS = "debug info warning error critical exception"
TELL = (
    frozenset(("builtins.print", "sys.exit", "builtins.exit", "warnings.warn", "sys.stderr.write", "sys.stdout.write"))
    | _each("click.", "echo secho style ClickException UsageException")
    | _each("typer.", "echo secho")
    | _each("pytest.", "fail skip exit")
    | _each("logging.", _LEVELS)
    | _each("logging.getLogger().", _LEVELS)
)


def makes(names: frozenset[str], call: cst.Call) -> bool:
    """Whether a call makes the folder that it is given, or is a method of."""
    return bool(names and names <= MAKE) or m.matches(call.func, m.Attribute(attr=m.Name("mkdir")))


def lenient(call: cst.Call) -> bool:
    """Whether the folder may be there already."""
    return any(m.matches(arg, m.Arg(keyword=m.Name("exist_ok"), value=m.Name("True"))) for arg in call.args)
