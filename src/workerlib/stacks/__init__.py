"""Composable images: who would be better off with one, what a single-runtime image becomes as one, and how that is written.

What is to be said of an application or a stack is in :mod:`workerlib.stacks.advice`; how an application gets a stack is in
:mod:`workerlib.stacks.conversion`, how that is written in :mod:`workerlib.stacks.insertion`; and how a stack that is there is written
otherwise in :mod:`workerlib.stacks.forms`.
"""

from __future__ import annotations
