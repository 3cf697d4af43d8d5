"""A small disk of a test's own, to be filled. It is memory, and needs root."""

import os
import shutil
import subprocess
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path


@cache
def why_not() -> str:
    """Why there can be no such disk here; empty when there can."""
    with tempfile.TemporaryDirectory(prefix="telal-disk-") as folder:
        try:
            with Disk(Path(folder), megabytes=1):
                return ""
        except subprocess.CalledProcessError as error:
            return f"a small disk needs root: {error.stderr.decode().strip()}"


class Disk:
    """``with Disk(folder, megabytes=48) as disk: …``: the folder, empty until then, is one."""

    def __init__(self, folder: Path, *, megabytes: int) -> None:
        self._folder = folder
        self._filler = folder / "filler"
        self._size = f"size={megabytes}m"

    def __enter__(self) -> "Disk":
        owner = self._folder.stat()
        options = f"{self._size},uid={owner.st_uid},gid={owner.st_gid},mode=700"
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", options, "none", str(self._folder)],
            check=True,
            capture_output=True,
        )
        return self

    def __exit__(self, *_: object) -> None:
        subprocess.run(["umount", "--lazy", str(self._folder)], check=True)

    def fill(self, *, left: int = 0) -> None:
        """But for so many bytes."""
        # Somebody else may take some of it at the same time.
        with self._filler.open("wb") as file, suppress(OSError):
            os.posix_fallocate(file.fileno(), 0, shutil.disk_usage(self._folder).free - left)

    def clear(self) -> None:
        self._filler.unlink()
