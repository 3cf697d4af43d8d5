"""The dead-man's switch: while work flows, somebody elsewhere hears of it every minute, and calls a human when they no longer do.

It speaks as healthchecks.io and its like do: a POST to the address says that all is well, one to ``<address>/fail`` that it is not.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog
from pyreqwest.client import ClientBuilder
from pyreqwest.exceptions import PyreqwestError

from telal.worker.watch import Sight

EVERY = 60.0
# A worker that has just started takes a moment to be alive.
FIRST_AFTER = 2.0
# Longer than this nothing may wait; a mass of messages may take its time.
PATIENCE = timedelta(minutes=5)
PATIENCE_WITH = {"bulk": timedelta(hours=1)}
TIMEOUT = timedelta(seconds=10)
LOOK_TIMEOUT = 10.0

log = structlog.get_logger(__name__)


async def signal_life(address: str, look: Callable[[], Awaitable[Sight]]) -> None:
    """Tell them every minute how it stands, until cancelled."""
    await asyncio.sleep(FIRST_AFTER)
    while True:
        await tell(address, await _examine(look))
        await asyncio.sleep(EVERY)


async def tell(address: str, trouble: str) -> None:
    """One signal. That it did not get through is for them to notice."""
    to = f"{address.rstrip('/')}/fail" if trouble else address
    try:
        async with ClientBuilder().no_proxy().timeout(TIMEOUT).error_for_status().build() as client:
            await client.post(to).body_text(trouble).build().send()
    except PyreqwestError as error:
        log.warning("deadman_not_told", error=type(error).__name__)


def trouble_in(sight: Sight) -> str:
    """Why this is no proof that work flows, or an empty string."""
    for reason in sight.stopped_because.values():
        return f"Sending is stopped: {reason}"
    if not sight.workers:
        return "No worker is alive."
    return "\n".join(
        f"{name}: the oldest of {queue.length} has been waiting for {int(queue.oldest.total_seconds())} seconds."
        for name, queue in sight.queues.items()
        if queue.oldest > PATIENCE_WITH.get(name, PATIENCE)
    )


async def _examine(look: Callable[[], Awaitable[Sight]]) -> str:
    try:
        return trouble_in(await asyncio.wait_for(look(), LOOK_TIMEOUT))
    except TimeoutError:
        return "The desk does not turn, or the database does not answer."
    except Exception as error:
        return f"The worker cannot see how it stands: {type(error).__name__}."
