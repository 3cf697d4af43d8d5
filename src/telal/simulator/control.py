"""The control API: a hand on the phones and on the platform. Paths and JSON are described in ``server``."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any
from urllib.parse import quote

import orjson
from aiohttp import web

from telal.simulator.callbacks import Answer
from telal.simulator.chats import CannotBeDone, NoSuchPhone
from telal.simulator.faults import Fault
from telal.simulator.phones import Phone
from telal.simulator.platform import Platform

Json = dict[str, Any]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Action = Callable[[Phone, Json], Awaitable[Answer | None]]

PERSON: dict[str, type] = {
    "name": str,
    "country": str,
    "language": str,
    "phone_number": str,
    "api_version": int,
    "devices": list,
    "online": bool,
    "personalised": bool,
    "avatar": str,
    "subscribed": bool,
}
GATHER_SECONDS = 0.1
JSON_HEADERS = {"Content-Type": "application/json; charset=utf-8"}


class Watchers:
    """Who watches the phones change. Changes are gathered for a moment: a thousand are one message."""

    def __init__(self) -> None:
        self._waiting: dict[asyncio.Event, set[str]] = {}
        self._closed = False

    def notice(self, phone: Phone | None) -> None:
        for wake, changed in self._waiting.items():
            if phone is not None:
                changed.add(phone.id)
            wake.set()

    async def close(self, _: web.Application) -> None:
        self._closed = True
        self.notice(None)

    async def stream(self, response: web.StreamResponse) -> None:
        wake, changed = asyncio.Event(), set[str]()
        self._waiting[wake] = changed
        try:
            while not self._closed:
                await response.write(b"data: %b\n\n" % orjson.dumps({"phones": list(changed)}))
                changed.clear()
                await asyncio.sleep(GATHER_SECONDS)
                await wake.wait()
                wake.clear()
        except ConnectionError:
            return
        finally:
            del self._waiting[wake]


class Control:
    """Handlers; each translates JSON to one call on the platform."""

    def __init__(self, platform: Platform, watchers: Watchers) -> None:
        self._platform = platform
        self._chats = platform.chats
        self._watchers = watchers

    def routes(self) -> list[web.RouteDef]:
        table: list[tuple[str, str, Handler]] = [
            ("GET", "/control/state", self.state),
            ("POST", "/control/reset", self.reset),
            ("POST", "/control/settings", self.settings),
            ("POST", "/control/clock", self.clock),
            ("GET", "/control/phones", self.phones),
            ("POST", "/control/phones", self.new_phone),
            ("GET", "/control/phones/{p}", self.phone),
            ("PATCH", "/control/phones/{p}", self.change_phone),
            ("DELETE", "/control/phones/{p}", self.remove_phone),
            ("POST", "/control/phones/{p}/{action}", self.act),
            ("GET", "/control/faults", self.faults),
            ("POST", "/control/faults", self.new_fault),
            ("DELETE", "/control/faults", self.clear_faults),
            ("DELETE", "/control/faults/{n}", self.end_fault),
            ("POST", "/control/receipts", self.receipts),
            ("GET", "/control/log", self.log),
            ("GET", "/control/events", self.events),
            ("GET", "/open", self.open_link),
        ]
        return [web.route(method, path, _explained(handler)) for method, path, handler in table]

    # ── The platform ────────────────────────────────────────────────────────────────────────────────────────

    async def state(self, _: web.Request) -> web.Response:
        platform = self._platform
        return json_answer(
            {
                "account": {"name": platform.name, "uri": platform.uri},
                "webhook": platform.callbacks.url,
                "event_types": platform.callbacks.event_types,
                "settings": asdict(platform.settings),
                "phones": len(self._chats.phones),
                "held_receipts": self._chats.held(),
                "waiting_callbacks": platform.callbacks.waiting(),
                "now": platform.clock.now(),
                "seq": len(platform.journal),
            }
        )

    async def reset(self, request: web.Request) -> web.Response:
        self._platform.reset((await _body(request)).get("seed"))
        return json_answer({"seq": len(self._platform.journal)})

    async def settings(self, request: web.Request) -> web.Response:
        self._platform.settings.change(await _body(request))
        return json_answer(asdict(self._platform.settings))

    async def clock(self, request: web.Request) -> web.Response:
        self._platform.clock.advance(float((await _body(request))["advance"]))
        return json_answer({"now": self._platform.clock.now()})

    async def faults(self, _: web.Request) -> web.Response:
        return json_answer({"faults": self._platform.faults.describe()})

    async def new_fault(self, request: web.Request) -> web.Response:
        return json_answer({"id": self._platform.faults.add(Fault(**await _body(request)))})

    async def clear_faults(self, _: web.Request) -> web.Response:
        self._platform.faults.clear()
        return json_answer({})

    async def end_fault(self, request: web.Request) -> web.Response:
        self._platform.faults.remove(int(request.match_info["n"]))
        return json_answer({})

    async def receipts(self, request: web.Request) -> web.Response:
        return json_answer({"released": self._chats.hold_receipts(bool((await _body(request))["held"]))})

    async def log(self, request: web.Request) -> web.Response:
        kind, after = request.query.get("kind", ""), int(request.query.get("after", 0))
        marker = b'"kind":"%b"' % kind.encode()
        lines = (line for line in self._platform.journal.lines(after) if not kind or marker in line)
        return web.Response(body=b"".join(lines), content_type="application/x-ndjson")

    async def events(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
        )
        await response.prepare(request)
        await self._watchers.stream(response)
        return response

    # ── Phones ──────────────────────────────────────────────────────────────────────────────────────────────

    async def phones(self, _: web.Request) -> web.Response:
        return json_answer({"phones": [phone.summary() for phone in self._chats.phones.values()]})

    async def new_phone(self, request: web.Request) -> web.Response:
        given = await _body(request)
        count = given.pop("count", None)
        person = _person(given, also={"id": str})
        if count is None:
            return json_answer(self._chats.add(**person).describe())
        return json_answer({"phones": [self._chats.add(**person).summary() for _ in range(int(count))]})

    async def phone(self, request: web.Request) -> web.Response:
        described = self._phone(request).describe()
        last = int(request.query.get("last", 0))
        described["chat"] = described["chat"][-last:]
        return json_answer(described)

    async def change_phone(self, request: web.Request) -> web.Response:
        phone, changes = self._phone(request), _person(await _body(request))
        online = changes.pop("online", phone.online)
        for name, value in changes.items():
            setattr(phone, name, value)
        self._chats.set_online(phone, online)
        return json_answer(phone.summary())

    async def remove_phone(self, request: web.Request) -> web.Response:
        self._chats.remove(self._phone(request))
        return json_answer({})

    async def act(self, request: web.Request) -> web.Response:
        action = ACTIONS.get(request.match_info["action"])
        if action is None:
            raise web.HTTPNotFound
        phone = self._phone(request)
        answer = await action(self, phone, await _body(request))
        told = answer and {
            "http": answer.http,
            "body": answer.body.decode(errors="replace"),
            "seconds": answer.seconds,
            "error": answer.error,
        }
        return json_answer({"phone": phone.summary(), "keyboard": phone.keyboard, "answer": told})

    async def open_link(self, request: web.Request) -> web.Response:
        phone = self._chats.find(request.query.get("phone") or "1")
        await self._chats.follow(phone, request.query["link"], self._platform.uri)
        raise web.HTTPSeeOther(f"/?phone={quote(phone.id, safe='')}")

    def _phone(self, request: web.Request) -> Phone:
        return self._chats.find(request.match_info["p"])

    # ── What a person does ──────────────────────────────────────────────────────────────────────────────────

    async def _open(self, phone: Phone, given: Json) -> Answer | None:
        if "link" in given:
            return await self._chats.follow(phone, given["link"], self._platform.uri)
        return await self._chats.open(phone, given.get("context", ""))

    async def _say(self, phone: Phone, given: Json) -> Answer | None:
        return await self._chats.say(phone, given["text"])

    async def _press(self, phone: Phone, given: Json) -> Answer | None:
        token, device = str(given.get("token", "")), given.get("device", "")
        return await self._chats.press(phone, given["button"], token, device)

    async def _share(self, phone: Phone, given: Json) -> Answer | None:
        return await self._chats.share_phone(phone, given.get("device", ""))

    async def _send(self, phone: Phone, given: Json) -> Answer | None:
        return await self._chats.send(phone, given["message"], silent=bool(given.get("silent")))

    async def _leave(self, phone: Phone, _: Json) -> Answer | None:
        return await self._chats.leave(phone)

    async def _return(self, phone: Phone, _: Json) -> Answer | None:
        return await self._chats.come_back(phone)

    async def _read(self, phone: Phone, _: Json) -> Answer | None:
        self._chats.read(phone)
        return None

    async def _online(self, phone: Phone, given: Json) -> Answer | None:
        self._chats.set_online(phone, bool(given["online"]))
        return None

    async def _event(self, phone: Phone, given: Json) -> Answer | None:
        return await self._chats.raw_event(phone, given)


ACTIONS: dict[str, Callable[[Control, Phone, Json], Awaitable[Answer | None]]] = {
    "open": Control._open,
    "say": Control._say,
    "press": Control._press,
    "share": Control._share,
    "send": Control._send,
    "leave": Control._leave,
    "return": Control._return,
    "read": Control._read,
    "online": Control._online,
    "event": Control._event,
}


def _explained(handler: Handler) -> Handler:
    """Turn what went wrong into an answer that says so."""

    async def explained(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except NoSuchPhone as missing:
            return json_answer({"error": f"there is no phone {missing}"}, 404)
        except CannotBeDone as obstacle:
            return json_answer({"error": str(obstacle)}, 409)
        except KeyError as missing:
            return json_answer({"error": f"{missing} is missing"}, 400)
        except (ValueError, TypeError) as wrong:
            return json_answer({"error": str(wrong)}, 400)

    return explained


async def _body(request: web.Request) -> Json:
    body = orjson.loads(await request.read() or b"{}")
    if not isinstance(body, dict):
        raise ValueError("a JSON object is expected")
    return body


def _person(given: Json, also: dict[str, type] | None = None) -> Json:
    known = PERSON | (also or {})
    for name, value in given.items():
        if name not in known:
            raise ValueError(f"a person has no {name!r}; there are {', '.join(known)}")
        if not isinstance(value, known[name]):
            raise ValueError(f"{name} must be a {known[name].__name__}")
    return given


def json_answer(content: Json, status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(content), status=status, headers=JSON_HEADERS)
