"""``python -m telal.simulator --token TOKEN``: the simulator until Ctrl-C."""

import argparse
import asyncio
import contextlib
import signal
import sys

import uvloop

from telal.simulator import Settings, Simulator


def main() -> None:
    asked = _arguments()
    with contextlib.suppress(KeyboardInterrupt):
        uvloop.run(_serve(asked))


async def _serve(asked: argparse.Namespace) -> None:
    stopped = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stopped.set)
    settings = Settings(speed=asked.speed, hourly_limit=asked.hourly_limit, receipt_delay=asked.receipt_delay)
    simulator = Simulator(
        asked.token, uri=asked.uri, name=asked.name, phones=asked.phones, seed=asked.seed, settings=settings
    )
    await simulator.start(asked.host, asked.port)
    sys.stdout.write(f"Phones: {simulator.url}/\nViber API: {simulator.api_url}\nChat: {asked.uri}\n")
    sys.stdout.flush()
    await stopped.wait()
    await simulator.stop()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="telal.simulator", description="A fake Viber with one bot.")
    defaults = Settings()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8090)
    parser.add_argument("--token", required=True, help="the bot's token: API credential and signature key")
    parser.add_argument("--uri", default="opcina", help="the bot's chat URI, as in its links")
    parser.add_argument("--name", default="Općina", help="the bot's name")
    parser.add_argument("--phones", type=int, default=3, help="people to begin with")
    parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same people and faults")
    parser.add_argument("--speed", type=float, default=defaults.speed, help="divides the pauses of repeats")
    parser.add_argument("--hourly-limit", type=int, default=defaults.hourly_limit)
    parser.add_argument("--receipt-delay", type=float, default=defaults.receipt_delay, help="seconds")
    return parser.parse_args()


main()
