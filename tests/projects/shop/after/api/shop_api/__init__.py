"""A stand-in for the API of the shop: an ASGI application that answers every request with an empty list."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping


async def app(_scope: Mapping[str, object], _receive: object, send: Callable[[Mapping[str, object]], Awaitable[None]]) -> None:
    """Answer one request."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": b"[]"})
