"""The simulator over HTTP: Viber's API, the phones' page, and the control API below.

**Viber's API**: ``POST /pa/<method>`` as documented by Viber (``get_account_info`` also by ``GET``).

**The page**: ``GET /`` shows phones. ``/?link=<viber://…>&phone=<phone>`` or ``/?chatURI=…&context=…`` opens
the chat on that phone (else the first); ``GET /open?link=…&phone=…`` opens it before it sends the browser to
the page.

**Control API**: JSON in, JSON out; for tests and the demo, without authentication. ``{p}`` is a phone's id,
percent-encoded, or its number from 1. Errors are ``{"error": "…"}``: 400 bad request, 404 no such phone, 409
not possible now. A *phone* is a summary (``number, id, name, phone_number, country, language, api_version,
devices, online, personalised, subscribed, draft, unread``) with ``keyboard`` and ``chat``: ``[{"token",
"mine", "at", "progress": sending|delivered|seen|failed, "shown", "message"}]``.

``GET /control/state``
    Account, webhook, event types, settings, number of phones, held receipts, waiting
    callbacks, time, last log number.
``POST /control/reset`` ``{"seed"?}``
    Phones, faults, held receipts and waiting callbacks go; webhook, settings and log stay. Returns
    ``{"seq"}``, the last log number.
``POST /control/settings``
    Any of ``Settings``: ``{"speed", "patience", "receipt_delay", "hourly_limit", "broadcast_allowed",
    "public_chat", "incoming_receipts"}``.
``POST /control/clock`` ``{"advance": seconds}``
    Puts the platform's clock forward (sessions, hourly limit, 14 days).
``GET /control/phones``
    ``{"phones": [summary]}``.
``POST /control/phones`` ``{"id"?, "name"?, "country"?, "language"?, "phone_number"?, "api_version"?,
"devices"?: ["phone", "desktop"], "online"?, "personalised"?, "avatar"?, "subscribed"?}``
    A new person; returns the phone. With ``"count": n`` so many of them; returns ``{"phones": [summary]}``.
``GET /control/phones/{p}``
    The phone; ``?last=n`` for the end of the chat only.
``PATCH /control/phones/{p}``
    Changes any field of a new person but the id.
``DELETE /control/phones/{p}``
    The Viber account is gone: status 5 from now on.
``POST /control/phones/{p}/<action>``
    What the person does. Returns, after the first attempt of the callback that follows, ``{"phone": summary,
    "keyboard", "answer": {"http", "body", "seconds", "error"} | null}``. Actions:
    ``open`` ``{"context"?}`` or ``{"link": "viber://pa?chatURI=…&context=…"}``, where
    a web address stands for the QR code that holds it: the chat link on its page is tapped;
    ``say`` ``{"text"}``;
    ``press`` ``{"button": place from 0 | text | action body, "token"?: of the message whose keyboard is
    meant, "device"?: "desktop"}``;
    ``share`` ``{"device"?}`` presses the share-phone button;
    ``send`` ``{"message": {"type", …}, "silent"?}`` of any type, where content left out is a sample's;
    ``leave`` (``unsubscribed``) and ``return`` (``subscribed``);
    ``read``: ``seen`` for all that arrived; ``online`` ``{"online": bool}``;
    ``event`` ``{"event": "client_status" | …, …}``: any event about this person, with the fields given.
``POST /control/faults``
    One ``faults.Fault`` as JSON, e.g. ``{"kind": "timeout", "when": "after", "times": 3}``; returns
    ``{"id"}``. ``GET`` lists them with how often each ``struck``; ``DELETE`` ends them all, ``DELETE
    /control/faults/{id}`` one.
``POST /control/receipts`` ``{"held": bool}``
    Keeps all receipts back, or lets them go; returns ``{"released": n}``.
``GET /control/log``
    NDJSON, append-only. ``?after=seq``, ``?kind=request|callback|welcome|reset``.
``GET /control/events``
    Server-sent events ``{"phones": [id…]}``: these changed (empty: the list of phones did).

A log line of kind ``request`` has ``seq, at, kind, peer`` (the asking machine's address), ``method, accepted,
status, detail, token, http`` (null: no answer), ``fault`` (``{"kind", "when"}`` or null) and what was asked:
``receiver, type, text, keyboard, tracking_data, min_api_version, sender, …``. It is written when the
platform takes or refuses the request, before any receipt. A line of kind ``callback``, one for each attempt,
has ``event, token, user_id, attempt, http`` (0: no answer), ``seconds``, ``error`` (empty: taken) and
``body`` (the JSON text as sent). Tokens are strings.
"""

import asyncio
import socket
import struct
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson
from aiohttp import web

from telal.simulator.control import Control, Watchers, json_answer
from telal.simulator.faults import Fault
from telal.simulator.platform import Platform, accepted, refused
from telal.simulator.settings import Settings
from telal.simulator.validation import REQUEST_BYTES, Refusal

PAGE = Path(__file__).parent / "page"
LOGGED = (
    *("receiver", "broadcast_list", "type", "text", "media", "keyboard", "tracking_data", "min_api_version"),
    *("sender", "url", "event_types", "send_name", "send_photo", "id", "ids"),
)


@dataclass(frozen=True, slots=True)
class Call:
    """One request to the API. ``problem`` says why ``body`` could not be read."""

    peer: str
    method: str
    auth: object
    body: dict[str, Any]
    problem: str = ""


class Simulator:
    """A Viber with one bot, living in the running event loop from ``start`` to ``stop``."""

    def __init__(
        self,
        token: str = "4453b6ac12345678-f1a2b3c4d5e6f708-0123456789abcdef",  # noqa: S107
        *,
        uri: str = "opcina",
        name: str = "Općina",
        phones: int = 0,
        seed: int = 1,
        settings: Settings | None = None,
    ) -> None:
        self.token = token
        self.url = ""
        self._account = {"uri": uri, "name": name}
        self._phones = phones
        self._seed = seed
        self._settings = settings or Settings()

    @property
    def api_url(self) -> str:
        return f"{self.url}/pa"

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> "Simulator":
        watchers = Watchers()
        self.platform = Platform(
            self.token,
            settings=replace(self._settings),
            seed=self._seed,
            changed=watchers.notice,
            **self._account,
        )
        for _ in range(self._phones):
            self.platform.chats.add()
        self._runner = web.AppRunner(self._application(watchers), access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port, backlog=1024).start()
        self.url = f"http://{host}:{self._runner.addresses[0][1]}"
        return self

    async def stop(self) -> None:
        await self._runner.cleanup()
        await self.platform.callbacks.close()

    def _application(self, watchers: Watchers) -> web.Application:
        application = web.Application(client_max_size=2**20)
        for method in self.platform.methods:
            application.router.add_post(f"/pa/{method}", self._api)
        application.router.add_get("/pa/get_account_info", self._api)
        application.router.add_static("/page", PAGE)
        application.router.add_get("/", self._page)
        application.add_routes(Control(self.platform, watchers).routes())
        application.on_shutdown.append(watchers.close)
        return application

    async def _page(self, _: web.Request) -> web.StreamResponse:
        return web.FileResponse(PAGE / "index.html")

    # ── Viber's API ─────────────────────────────────────────────────────────────────────────────────────────

    async def _api(self, request: web.Request) -> web.StreamResponse:
        call = _read(request, await request.read())
        fault = self.platform.faults.for_request(call.method, str(call.body.get("receiver", "")))
        if fault is not None:
            return await self._troubled(request, call, fault)
        return json_answer(await self._serve(call))

    async def _serve(self, call: Call, fault: Fault | None = None) -> dict[str, Any]:
        reply = await self._reply(call)
        self._write(call, reply, fault)
        if "message_token" in reply:
            await self.platform.chats.overtake(reply["message_token"])
        return reply

    async def _reply(self, call: Call) -> dict[str, Any]:
        try:
            self.platform.authenticate(call.auth)
            if call.problem:
                raise Refusal(3, call.problem)
            return accepted(await self.platform.methods[call.method](call.body))
        except Refusal as refusal:
            return refused(refusal)

    def _write(self, call: Call, reply: dict[str, Any] | None, fault: Fault | None) -> None:
        reply = reply or {}
        token = reply.get("message_token")
        self.platform.journal.write(
            "request",
            peer=call.peer,
            method=call.method,
            accepted=reply.get("status") == 0,
            status=reply.get("status"),
            detail=reply.get("status_message", ""),
            token=None if token is None else str(token),
            http=_http(fault),
            fault=fault and {"kind": fault.kind, "when": fault.when},
            **{name: call.body[name] for name in LOGGED if name in call.body},
        )

    # ── Trouble ─────────────────────────────────────────────────────────────────────────────────────────────

    async def _troubled(self, request: web.Request, call: Call, fault: Fault) -> web.StreamResponse:
        if fault.kind == "status":
            refusal = refused(Refusal(fault.status, fault.detail))
            self._write(call, refusal, fault)
            return json_answer(refusal)
        if fault.kind == "delay":
            return await self._delayed(call, fault)
        if fault.when == "after":
            await self._serve(call, fault)
        else:
            self._write(call, None, fault)
        return await self._unanswered(request, fault)

    async def _delayed(self, call: Call, fault: Fault) -> web.StreamResponse:
        if fault.when == "before":
            await asyncio.sleep(fault.seconds)
        reply = await self._serve(call, fault)
        if fault.when == "after":
            await asyncio.sleep(fault.seconds)
        return json_answer(reply)

    async def _unanswered(self, request: web.Request, fault: Fault) -> web.StreamResponse:
        if fault.kind == "http":
            retry = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
            return web.Response(status=fault.code, text=fault.body, headers=retry, content_type="text/html")
        if fault.kind == "timeout":
            await asyncio.sleep(fault.seconds)
        _reset(request)
        return web.Response()


def _read(request: web.Request, raw: bytes) -> Call:
    peer, method = request.remote or "", request.path.rpartition("/")[2]
    header = request.headers.get("X-Viber-Auth-Token")
    try:
        body = orjson.loads(raw or b"{}")
    except orjson.JSONDecodeError:
        return Call(peer, method, header, {}, "the body is not JSON")
    if not isinstance(body, dict):
        return Call(peer, method, header, {}, "the body is not an object")
    problem = f"the body has more than {REQUEST_BYTES} bytes" if len(raw) > REQUEST_BYTES else ""
    return Call(peer, method, header or body.get("auth_token"), body, problem)


def _http(fault: Fault | None) -> int | None:
    if fault is None or fault.kind in ("delay", "status"):
        return 200
    return fault.code if fault.kind == "http" else None


def _reset(request: web.Request) -> None:
    """End the connection with a TCP reset, not a goodbye."""
    if request.transport is None:
        return
    connection = request.transport.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    request.transport.abort()
