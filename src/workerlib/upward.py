"""What values can tell of themselves that only higher layers know.

It is looked up by name when somebody asks, as a plug-in is: lower layers import nothing from above, and nobody pays who does not ask.
"""

from __future__ import annotations

from importlib import import_module
from typing import Protocol, cast


class Teller(Protocol):
    """What is looked up."""

    def __call__(self, value: object) -> object: ...


def upward(module: str, name: str) -> Teller:
    """The function `name` of the module ``workerlib.<module>``."""
    return cast("Teller", getattr(import_module(f"workerlib.{module}"), name))


class Displayed:
    """A value that notebooks show as a table or a picture. How is up to :mod:`workerlib.notebook`."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        return str(upward("notebook", "html")(self))

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {"text/plain": str(upward("notebook", "plain")(self)), "text/html": self._repr_html_()}
