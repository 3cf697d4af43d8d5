"""A clock that can be turned: libfaketime beneath a process, told by a file. Monotonic clocks stay as they are."""

from pathlib import Path

_LIBRARY = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)


def why_not() -> str:
    """Why no clock can be turned here; empty when one can."""
    return "" if _LIBRARY else "libfaketime is missing (Debian: faketime)"


class Clock:
    """Right at first. ``environment`` is for the processes that shall go by it."""

    def __init__(self, folder: Path) -> None:
        self._told = folder / "clock"
        self.turn("+0")
        self.environment = {
            "LD_PRELOAD": str(_LIBRARY),
            "FAKETIME_TIMESTAMP_FILE": str(self._told),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        } if _LIBRARY else {}  # fmt: skip

    def turn(self, by: str) -> None:
        """Away from the right time: ``+5h``, ``-30m``; ``+0`` puts it right. It is seen within a second."""
        self._told.write_text(f"{by}\n")
