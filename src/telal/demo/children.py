"""The processes of the demonstration: started, watched, and stopped within five seconds, whatever happened."""

import os
import signal
import subprocess
import sys
import time
from contextlib import AbstractContextManager, suppress
from pathlib import Path

_SECONDS_TO_STOP = 4.0
_LINES_OF_LOG = 20


_STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(Exception):
    """Somebody wants us to stop: by Ctrl-C, from a service manager, or by closing the terminal."""


class ChildDied(Exception):
    """A process ended that should be running; the message shows the end of its log."""


class Children(AbstractContextManager["Children"]):
    """Real commands in a process group of their own: Ctrl-C comes to us alone, and we stop them in order.

    ``with Children(folder) as children: children.start("web", "-m", "telal.cli", "serve")``; logs go to ``folder/web.log``.
    A wish to stop is remembered until somebody calls ``check``, so that it never comes between starting a process and knowing it.
    """

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._interrupted = False

    def __enter__(self) -> "Children":
        for number in _STOPPING:
            signal.signal(number, self._interrupt)
        return self

    def start(self, name: str, *arguments: str) -> None:
        """Run Python with these arguments."""
        with self._log(name).open("wb") as log:
            self._processes[name] = subprocess.Popen(  # noqa: S603  our own commands
                [sys.executable, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                process_group=self._group(),
            )

    def check(self) -> None:
        """May we go on? Raises Interrupted and ChildDied."""
        if self._interrupted:
            raise Interrupted
        for name, process in self._processes.items():
            if (code := process.poll()) is not None:
                raise ChildDied(
                    f"{name} se ugasio / {name} ended (exit code {code}). {self._log(name)}:\n{self._tail(name)}"
                )

    def __exit__(self, *_: object) -> None:
        """Those started last stop first, so that nobody loses a partner; who does not stop in time is ended."""
        end = time.monotonic() + _SECONDS_TO_STOP
        for process in reversed(self._processes.values()):
            with suppress(ProcessLookupError):
                process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0.1, end - time.monotonic()))
        for process in self._processes.values():
            with suppress(ProcessLookupError):
                process.kill()
            process.wait()

    def watch(self, seconds: float = float("inf")) -> None:
        """Let time pass, and notice what happens. Raises Interrupted and ChildDied."""
        end = time.monotonic() + seconds
        self.check()
        while (left := end - time.monotonic()) > 0:
            time.sleep(min(left, 0.1))
            self.check()

    def _interrupt(self, *_: object) -> None:
        self._interrupted = True

    def _group(self) -> int:
        """That of the first child, while it lives; 0 makes a new one."""
        for process in self._processes.values():
            with suppress(ProcessLookupError):
                return os.getpgid(process.pid)
        return 0

    def _log(self, name: str) -> Path:
        return self._logs / f"{name}.log"

    def _tail(self, name: str) -> str:
        lines = self._log(name).read_text(errors="replace").splitlines()
        return "\n".join(f"    {line}" for line in lines[-_LINES_OF_LOG:])
