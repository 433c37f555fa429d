"""Codemods in libcst's own runner: ``python -m libcst.tool codemod``."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

import libcst as cst
from libcst.codemod import CodemodCommand, CodemodContext

from workerlib.diagnostic import Origin
from workerlib.editing.edits import apply
from workerlib.python.codemod import PythonRewrite
from workerlib.python.codes import NOT_UTF8
from workerlib.python.module import Module
from workerlib.python.places import INTERESTING, Context
from workerlib.python.running import run
from workerlib.rewrite import Options

if TYPE_CHECKING:
    import argparse


class Runner(CodemodCommand):
    """A codemod for ``python -m libcst.tool codemod``: what is known there is the file, and the name that ``--app`` gives."""

    def __init__(self, context: CodemodContext, app: str | None = None) -> None:
        super().__init__(context)
        self.app = app

    @classmethod
    def rewrites(cls) -> tuple[PythonRewrite, ...]:
        """The codemods that run: a command of its own says which."""
        return ()

    @staticmethod
    def add_args(arg_parser: argparse.ArgumentParser) -> None:
        arg_parser.add_argument("--app", metavar="NAME", help="the application whose file an old path names", default=None)

    def transform_module_impl(self, tree: cst.Module) -> cst.Module:
        path = self.context.filename or "<stdin>"
        if not INTERESTING.search(tree.code.encode()):
            return tree
        if not tree.encoding.startswith("utf-8") and not tree.code.isascii():
            self.warn(str(NOT_UTF8("expected text in UTF-8, found another encoding: left as it is", Origin(path), "adapt it yourself")))
            return tree
        module = Module(path, tree.code)
        planner = import_module("workerlib.migrate.planning").in_memory(Options())  # a higher layer, which this runner alone does without
        outcome = run(module, Context(app=self.app, planner=planner), self.rewrites())
        for note in outcome.notes:
            self.warn(str(note))
        return cst.parse_module(apply(module.text, outcome.edits), tree.config_for_parsing) if outcome.edits else tree
