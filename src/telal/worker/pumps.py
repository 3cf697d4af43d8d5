"""The worker: turns the pumps, and sleeps when there is nothing to pump.

Three loops on one event loop: *desk* (listen, announce, tend: the database only), *post* (dispatch: the network) and *broom* (the
totals of the day, and what has been kept long enough). Each runs its transactions in a thread of its own. Trouble with the database
is waited out, never fatal.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime

import structlog
from django.conf import settings
from django.db import Error, connection

from telal import sql
from telal.cases.unmatched import take_in_what_waited
from telal.conversation import bot, wording
from telal.conversation.listener import greet, listen
from telal.messaging.account import examine, remember
from telal.messaging.channel import Channel
from telal.messaging.dispatcher import Dispatcher
from telal.messaging.promise import keep_totals
from telal.messaging.recovery import latest_known, recover, turn_back
from telal.messaging.retry import RECEIPT_PATIENCE
from telal.notices.announcer import announce
from telal.retention.sweeping import sweep
from telal.worker.deadman import signal_life
from telal.worker.watch import Sight, look

# How long an idle worker sleeps before it looks again, at first and at most. The desk is where questions arrive: an answer begins
# within a blink, and where somebody has just written, others may. The post is woken by the desk and by every send that ends; it
# only needs to come by for retries and its lease.
DESK_NAPS, POST_NAPS = (0.01, 0.2), (1.0, 1.0)
TEND_EVERY = 1.0
# How often somebody looks whether the case has come to which a change could not be assigned.
MATCH_EVERY = 10.0
ACCOUNT_EVERY = 3600.0
# The broom looks for what is over now and then; while there is some, it leaves the others most of the time between its batches.
BROOM_NAPS, BROOM_BREATH = (300.0, 300.0), 1.0
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 5.0

log = structlog.get_logger(__name__)


class Worker:
    """Everything a worker does, until ``stop``. Made in the event loop it runs on; ``in_flight`` is how many sends at a time."""

    def __init__(self, channel: Channel, *, in_flight: int = 100) -> None:
        self._channel = channel
        self._desk = ThreadPoolExecutor(1, thread_name_prefix="desk")
        self._post = ThreadPoolExecutor(1, thread_name_prefix="post")
        self._broom = ThreadPoolExecutor(1, thread_name_prefix="broom")
        self._desk_bell, self._post_bell, self._broom_bell = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._dispatcher = Dispatcher(channel, self._post, in_flight=in_flight, ended=self._post_bell.set)
        self._loop = asyncio.get_running_loop()
        self._stopping = False
        self._tended = self._matched = 0.0
        self._seen: datetime | None = None
        self._dropped: Counter[str] = Counter()

    async def run(self) -> None:
        """Work until ``stop`` is called; then finish what is under way."""
        beside = [asyncio.create_task(self._watch_account())]
        if settings.TELAL_DEADMAN_URL:
            beside.append(asyncio.create_task(signal_life(settings.TELAL_DEADMAN_URL, self._look)))
        desk = _turn(self._work_at_desk, self._desk_bell, DESK_NAPS, lambda: self._stopping)
        post = _turn(self._dispatcher.turn, self._post_bell, POST_NAPS, lambda: self._stopping)
        broom = _turn(self._sweep, self._broom_bell, BROOM_NAPS, lambda: self._stopping)
        await asyncio.gather(desk, post, broom)
        for task in beside:
            task.cancel()
        await self._dispatcher.finish()
        for executor in (self._desk, self._post, self._broom):
            executor.submit(connection.close)
            executor.shutdown()

    def stop(self) -> None:
        """Begin to stop; ``run`` returns when it is done."""
        self._stopping = True
        self._desk_bell.set()
        self._post_bell.set()
        self._broom_bell.set()

    def wake(self) -> None:
        """Something has come in. Called on the event loop."""
        self._desk_bell.set()

    async def _work_at_desk(self) -> bool:
        return bool(await self._loop.run_in_executor(self._desk, self._desk_work))

    def _desk_work(self) -> int:
        with sql.healthy_connection():
            done = 0
            wording.keep_up()
            if _is_waiting():
                # Answers first; and they leave while the next changes are announced.
                done += self._to_post(listen(self._channel))
                done += self._to_post(greet())
                done += self._to_post(announce(bot.menu))
            if time.monotonic() >= self._tended + TEND_EVERY:
                self._tended = time.monotonic()
                done += self._to_post(self._tend(sql.database_now()))
            if time.monotonic() >= self._matched + MATCH_EVERY:
                self._matched = time.monotonic()
                done += take_in_what_waited(sql.database_now())
        return done

    def _tend(self, now: datetime) -> int:
        # It may have gone back before we started.
        seen = self._seen or latest_known()
        if seen and now < seen - RECEIPT_PATIENCE:
            log.critical("clock_went_back", seconds=int((seen - now).total_seconds()))
            turn_back(now)
        self._seen = now
        return recover(now)

    def _to_post(self, done: int) -> int:
        """What the desk has done may have given the post something to send."""
        if done:
            self._loop.call_soon_threadsafe(self._post_bell.set)
        return done

    async def _sweep(self) -> bool:
        dropped = await self._loop.run_in_executor(self._broom, _sweep_once)
        self._dropped += dropped
        if dropped:
            with suppress(TimeoutError):
                async with asyncio.timeout(BROOM_BREATH):
                    await self._broom_bell.wait()
        elif self._dropped:
            log.info("retention_dropped", **self._dropped)
            self._dropped.clear()
        return bool(dropped)

    async def _look(self) -> Sight:
        """How it stands, seen from the desk: that it answers proves that it turns."""
        return await self._loop.run_in_executor(self._desk, _look)

    async def _watch_account(self) -> None:
        """Ask the platform about our account at the start and every hour, and say plainly what is wrong."""
        while True:
            account = await self._channel.account()
            for finding in examine(account, self._channel):
                log.error("channel_account", finding=finding.what, remedy=finding.remedy)
            with suppress(Error):
                await self._loop.run_in_executor(self._desk, remember, account, self._channel)
            await asyncio.sleep(ACCOUNT_EVERY if not account.problem else ACCOUNT_EVERY / 60)


async def _turn(
    work: Callable[[], Awaitable[bool]],
    bell: asyncio.Event,
    naps: tuple[float, float],
    is_over: Callable[[], bool],
) -> None:
    """Work while there is work, sleep until the bell or the end of the nap when there is none: ever longer, while nothing comes."""
    shortest, longest = naps
    pause, nap = FIRST_PAUSE, longest
    while not is_over():
        bell.clear()
        try:
            busy = await work()
            pause = FIRST_PAUSE
        except Exception as error:
            # Whatever it is, the others' messages must go on: say it, wait, try again.
            log.error(
                "pump_trouble",
                pause_seconds=pause,
                exc_info=not isinstance(error, Error),
                error=type(error).__name__,
            )
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
            continue
        if busy:
            nap = shortest
            continue
        with suppress(TimeoutError):
            async with asyncio.timeout(nap):
                await bell.wait()
        nap = min(nap * 2, longest)


def _sweep_once() -> Counter[str]:
    with sql.healthy_connection():
        now = sql.database_now()
        while keep_totals(now):
            pass  # before anything of those days is dropped
        dropped = sweep(now)
        if not dropped:
            connection.close()  # it is not needed again for minutes
    return dropped


def _look() -> Sight:
    with sql.healthy_connection():
        return look()


def _is_waiting() -> bool:
    """Is there a callback to answer, a consent to look at, or an event to announce that is not held? One small question, asked all
    day long.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT EXISTS (SELECT 1 FROM messaging_inbound WHERE handled_at IS NULL)
                OR EXISTS (SELECT 1 FROM cases_untold WHERE not_before IS NULL OR not_before <= {sql.clock()})
                OR EXISTS (SELECT 1 FROM notices_newconsent)
            """  # noqa: S608  (built from constants)
        )
        return bool(cursor.fetchone()[0])
