"""Outbox to HTTP (claim, send, record, all rules on) against the bare client that sends the same requests and records nothing."""

import asyncio
import multiprocessing
import os
import time
from concurrent.futures import ThreadPoolExecutor

import uvloop
from aiohttp import web

from bench.report import Table, cores
from tests.house import TOKEN, free_port

TEXT = """Predmet 06-23-1847/26

Za Vaš predmet je potrebno mišljenje ili saglasnost drugog organa.

Služba: Služba za urbanizam
Čeka se: KJKP Vodovod i kanalizacija"""


def answer_everything(port: int) -> None:
    """A platform that takes every message at once."""
    os.sched_setaffinity(0, {cores()[1]})
    token = 5_741_311_803_571_721_087

    async def take(request: web.Request) -> web.Response:
        nonlocal token
        await request.read()
        token += 1
        body = f'{{"status":0,"status_message":"ok","message_token":{token},"chat_hostname":"SN-CHAT-05_","billing_status":1}}'
        return web.Response(text=body, content_type="application/json")

    application = web.Application()
    application.router.add_post("/pa/send_message", take)
    web.run_app(application, host="127.0.0.1", port=port, access_log=None, print=None)


def fill(people: int, each: int) -> None:
    """``people`` contacts who are owed ``each`` messages."""
    from django.db import connection
    from django.utils import timezone

    from telal.messaging.channel import Button
    from telal.messaging.models import Attempt, Contact, Lane, Message
    from telal.messaging.outbox import Cause, Owed, owe

    Attempt.objects.all().delete()
    Message.objects.all().delete()
    Contact.objects.all().delete()
    contacts = Contact.objects.bulk_create(
        Contact(channel="viber", address=f"{n:022d}==", reachable=True) for n in range(people)
    )
    now = timezone.now()
    keys = [Button("Moji predmeti", "Moji predmeti", 3), Button("Pomoć", "Pomoć", 3)]
    for _ in range(each):
        owe([Owed(contact.pk, Lane.NOTICE, TEXT, keys, Cause(None, now)) for contact in contacts], now)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # what the database does by itself a minute later


async def dispatch(api: str, in_flight: int) -> float:
    """Messages a second, from the outbox to *sent*."""
    from telal.channels.viber import Viber
    from telal.messaging.dispatcher import Dispatcher
    from telal.messaging.models import Message

    channel = Viber(TOKEN, api=api, name="Općina", in_flight=in_flight)
    bell = asyncio.Event()
    with ThreadPoolExecutor(1) as database:
        dispatcher = Dispatcher(channel, database, in_flight=in_flight, ended=bell.set)
        owed = await asyncio.get_running_loop().run_in_executor(database, Message.objects.count)
        began = time.perf_counter()
        while True:
            bell.clear()
            if not await dispatcher.turn() and not dispatcher.in_hand:
                break
            if dispatcher.in_hand:
                await bell.wait()
        took = time.perf_counter() - began
        await dispatcher.finish()
        unsent = await asyncio.get_running_loop().run_in_executor(
            database,
            lambda: list(
                Message.objects.exclude(state="sent").values_list("state", "error", "error_detail").distinct()
            ),
        )
    await channel.aclose()
    assert not unsent, f"{unsent} of {owed} messages were not sent"
    return owed / took


async def send_bare(api: str, number: int, in_flight: int) -> float:
    """The same messages through the same client, one after another in so many tasks; nothing is read or written down."""
    from telal.channels.viber import Viber
    from telal.messaging.channel import Button, Outgoing

    channel = Viber(TOKEN, api=api, name="Općina", in_flight=in_flight)
    keys = (Button("Moji predmeti", "Moji predmeti", 3), Button("Pomoć", "Pomoć", 3))
    numbers = iter(range(number))

    async def sender() -> None:
        for n in numbers:
            await channel.send(Outgoing(f"{n % 2000:022d}==", TEXT, keys, str(n)))

    began = time.perf_counter()
    await asyncio.gather(*(sender() for _ in range(in_flight)))
    took = time.perf_counter() - began
    await channel.aclose()
    return number / took


def bench(rounds: int, number: int = 8000, in_flight: int = 50) -> Table:
    port = free_port()
    platform = multiprocessing.Process(target=answer_everything, args=(port,))
    platform.start()
    os.sched_setaffinity(0, {cores()[0]})
    api = f"http://127.0.0.1:{port}/pa"
    try:
        time.sleep(1)
        dispatched, bare = [], []
        for _ in range(rounds):
            fill(people=number // 4, each=4)
            dispatched.append(uvloop.run(dispatch(api, in_flight)))
            bare.append(uvloop.run(send_bare(api, number, in_flight)))
    finally:
        platform.terminate()
        platform.join()
    table = Table(f"outbox to HTTP, {in_flight} in flight", "messages/s")
    table.add("bare client", bare)
    table.add("dispatcher", dispatched)
    table.ratio("dispatcher", "bare client", at_least=0.7)
    return table
