"""Django behind an ASGI server, through WSGI: there and back in one hop to a thread.

a2wsgi streams both ways, and goes back and forth between the loop and the thread four times for it. That is worth it for a
large body only.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from io import BytesIO
from typing import Any

from a2wsgi import WSGIMiddleware
from a2wsgi.wsgi import build_environ

from telal.messaging.gateway import Headers, Receive, Scope, Send, read_body, respond

# A body of so many bytes may lie in memory before anybody knows who sent it.
LARGEST_BODY = 64 * 1024

Answer = tuple[int, Headers, bytes]


class Bridge:
    """A WSGI application as an ASGI one, in so many threads."""

    def __init__(self, application: Any, *, threads: int) -> None:
        self._application = application
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="django")
        self._streaming: Any = WSGIMiddleware(application)
        self._streaming.executor = self._threads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not _is_small(scope):
            await self._streaming(scope, receive, send)
            return
        body = await read_body(receive, LARGEST_BODY)
        assert body is not None  # the server lets no more through than was announced
        environ = build_environ(scope, BytesIO(body))  # type: ignore[arg-type]
        status, headers, answer = await asyncio.get_running_loop().run_in_executor(
            self._threads, self._answer, environ
        )
        await respond(send, status, headers, answer)

    def _answer(self, environ: Any) -> Answer:
        begun: list[Any] = []
        with closing(self._application(environ, lambda *start: begun.extend(start))) as chunks:
            body = b"".join(chunks)
        headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in begun[1]]
        return int(begun[0].split(" ", 1)[0]), headers, body


def _is_small(scope: Scope) -> bool:
    """Does the request say that its body is small, or that there is none?"""
    headers = dict(scope["headers"])
    return b"transfer-encoding" not in headers and int(headers.get(b"content-length", 0)) <= LARGEST_BODY
