"""The demonstration: up within seconds, alive, and gone without a trace."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house import ask, eventually


class Demo:
    """``telal demo`` in a folder of its own."""

    def __init__(self, folder: Path, *options: str) -> None:
        self._out = folder / "out.txt"
        with self._out.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "telal.cli", "demo", *options], cwd=folder, stdout=out, stderr=out
            )

    def said(self) -> str:
        return self._out.read_text()

    def address(self, what: str) -> str:
        """Of one line of the board, once it is printed."""
        return str(
            eventually(lambda: re.search(rf"{what} .*(http://\S+?)/", self.said()), "the board", seconds=45)[
                1
            ]
        )

    def children(self) -> list[int]:
        pid = self.process.pid
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    running = Demo(tmp_path, "--pace", "0.05")
    yield running
    if running.process.poll() is None:
        running.process.terminate()
        running.process.wait(10)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def heard(phone: int, simulator: str) -> str:
    chat = ask("GET", f"{simulator}/control/phones/{phone}").body["chat"]
    return "\n".join(line["message"].get("text", "") for line in chat if not line["mine"])


def test_it_starts_tells_people_about_their_cases_and_stops(demo: Demo) -> None:
    simulator = demo.address("Telefoni")
    assert ask("GET", demo.address("Šalter") + "/health/ready").status == 200
    eventually(lambda: "KJKP Vodovod i kanalizacija" in heard(2, simulator), "the state of an old case")
    eventually(lambda: "je poslan" in heard(2, simulator), "the end of a replayed history")
    children = demo.children()
    assert len(children) == 2

    demo.process.send_signal(signal.SIGINT)
    assert demo.process.wait(10) == 0
    assert "Traceback" not in demo.said()
    assert not any(is_alive(child) for child in children)


def test_a_second_one_is_refused_and_when_a_process_dies_the_others_end(demo: Demo, tmp_path: Path) -> None:
    demo.address("Telefoni")
    done = subprocess.run(
        [sys.executable, "-m", "telal.cli", "demo"], cwd=tmp_path, capture_output=True, text=True, timeout=20
    )
    assert (done.returncode, "A demo is running in" in done.stderr) == (1, True)

    simulator, telal = demo.children()
    os.kill(telal, signal.SIGKILL)
    assert demo.process.wait(10) == 1
    assert "telal se ugasio / telal ended (exit code -9)" in demo.said()
    assert "Traceback" not in demo.said()
    assert not is_alive(simulator)
