"""Where the demonstration lives: a folder of its own, free ports, and settings that reach nothing outside this machine."""

import fcntl
import os
import secrets
import shutil
import socket
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

HOST = "127.0.0.1"


class CannotStart(Exception):
    """The demonstration cannot begin; the message says why, in Bosnian and English."""


@dataclass(frozen=True, slots=True)
class Place:
    """``home`` is emptied at every start; ``token`` is the simulated bot's."""

    home: Path
    port: int
    simulator_port: int
    token: str

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def simulator_url(self) -> str:
        return f"http://{HOST}:{self.simulator_port}"

    def settle(self) -> None:
        """Make this the environment of this process and its children: nothing of another installation is left in it."""
        for name in [name for name in os.environ if name.startswith("TELAL_")]:
            del os.environ[name]
        os.environ |= {
            "TELAL_HOME": str(self.home),
            "TELAL_SECRET_KEY": secrets.token_urlsafe(50),
            "TELAL_PUBLIC_URL": self.url,
            "TELAL_VIBER_TOKEN": self.token,
            "TELAL_VIBER_API": f"{self.simulator_url}/pa",
            "TELAL_LOG": "text",
            "PYTHONUNBUFFERED": "1",
        }


class Folder(AbstractContextManager[Path]):
    """``var/demo``, empty, and ours alone until the end. Raises CannotStart while another demonstration uses it."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._lock: IO[str] | None = None

    def __enter__(self) -> Path:
        self._home.parent.mkdir(parents=True, exist_ok=True)
        self._lock = self._home.with_suffix(".lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._lock.close()
            raise CannotStart(
                f"Demo već radi u {self._home}. Zaustavite ga (Ctrl-C) ili pokrenite iz drugog foldera.\n"
                f"A demo is running in {self._home}. Stop it (Ctrl-C), or start from another folder."
            ) from error
        if self._home.exists():
            shutil.rmtree(self._home)
        self._home.mkdir(mode=0o700)
        return self._home

    def __exit__(self, *_: object) -> None:
        if self._lock:
            self._lock.close()


def choose_port(asked: int | None, usual: int) -> int:
    """The port asked for, else the usual one, else a free one. Raises CannotStart when the one asked for is taken."""
    if _is_free(asked or usual):
        return asked or usual
    if asked:
        raise CannotStart(f"Port {asked} je zauzet.\nPort {asked} is taken.")
    with socket.create_server((HOST, 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _is_free(port: int) -> bool:
    try:
        with socket.create_server((HOST, port)):
            return True
    except OSError:
        return False
