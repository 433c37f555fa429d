"""What the arguments of a call are for."""

from __future__ import annotations

import libcst as cst

from workerlib.python.module import Module
from workerlib.python.places import CannotFollowError

BY_HAND = "adapt it yourself: the configuration is in `.upsun/config.yaml`"


def takes_dump(call: cst.Call, arg: cst.Arg) -> bool:
    """Whether an argument of a dump is what is dumped to."""
    return keyword(arg) == "stream" or (len(call.args) > 1 and call.args[1] is arg and not arg.keyword)


def dumped(call: cst.Call) -> cst.BaseExpression:
    """What a dump dumps."""
    first = call.args[0]
    if first.star or keyword(first) not in (None, "data"):
        raise CannotFollowError("what is dumped is not told by its place", BY_HAND)
    return first.value


def keyword(arg: cst.Arg) -> str | None:
    """The name that an argument is given by."""
    return arg.keyword.value if arg.keyword else None


def writes(module: Module, call: cst.Call, position: int) -> bool:
    """Whether a file is opened for writing. Raises CannotFollowError where that is not told, or for both."""
    plain = [arg for arg in call.args if not arg.keyword and not arg.star]
    given = next((arg for arg in call.args if keyword(arg) == "mode"), plain[position] if len(plain) > position else None)
    mode = "r" if given is None else module.constant(given.value)
    if mode is None or not set(mode) <= set("rwxbt"):
        raise CannotFollowError("it is opened in a mode that is not followed", BY_HAND)
    return "r" not in mode and bool(set("wx") & set(mode))


def parameter(function: cst.FunctionDef, call: cst.Call, arg: cst.Arg) -> cst.Param | None:
    """The parameter that takes an argument."""
    given = function.params
    if any(a.star for a in call.args):
        return None
    if arg.keyword:
        return next((p for p in (*given.params, *given.kwonly_params) if p.name.value == arg.keyword.value), None)
    index, positional = [a for a in call.args if not a.keyword].index(arg), (*given.posonly_params, *given.params)
    return positional[index] if index < len(positional) else None


def argument(function: cst.FunctionDef, call: cst.Call, param: cst.Param) -> cst.Arg | None:
    """The argument that a parameter takes."""
    return next((arg for arg in call.args if parameter(function, call, arg) is param), None)
