"""Small requests go to Django in one hop, large ones stream; what Django sees and says is the same."""

import asyncio
from typing import Any

import pytest

from telal.config.bridge import LARGEST_BODY, Bridge


def echo(environ: Any, start_response: Any) -> Any:
    length = int(environ.get("CONTENT_LENGTH") or 0)
    start_response("201 Created", [("X-Path", environ["PATH_INFO"])])
    return Chunks([environ["wsgi.input"].read(length), b"."])


class Chunks(list[bytes]):
    closed = 0

    def close(self) -> None:
        Chunks.closed += 1


def ask(body: bytes, *headers: tuple[bytes, bytes]) -> tuple[int, dict[bytes, bytes], bytes]:
    said: list[Any] = []
    parts = [body[: len(body) // 2], body[len(body) // 2 :]]

    async def receive() -> Any:
        return {"type": "http.request", "body": parts.pop(0), "more_body": bool(parts)}

    async def send(message: Any) -> None:
        said.append(message)

    scope = {
        "type": "http", "method": "POST", "path": "/api/v1/Č", "query_string": b"", "http_version": "1.1", "headers": headers,
    }  # fmt: skip

    async def go() -> None:
        await Bridge(echo, threads=1)(scope, receive, send)

    asyncio.run(go())
    return said[0]["status"], dict(said[0]["headers"]), b"".join(part["body"] for part in said[1:])


@pytest.mark.parametrize("length", [0, 1, LARGEST_BODY, LARGEST_BODY + 1])
def test_whatever_its_size_a_body_arrives_and_an_answer_comes_back(length):
    before = Chunks.closed
    status, headers, body = ask(b"x" * length, (b"content-length", str(length).encode()))
    assert (status, body) == (201, b"x" * length + b".")
    assert headers[b"x-path"].decode("latin-1").encode("latin-1").decode() == "/api/v1/Č"
    assert Chunks.closed == before + 1


def test_a_body_of_unknown_size_streams():
    assert ask(b"x", (b"transfer-encoding", b"chunked"))[0] == 201
