"""Where a municipality's coat of arms is."""

from pathlib import Path

KINDS = {".svg": "image/svg+xml", ".png": "image/png", ".webp": "image/webp"}


def find_coat(home: Path) -> Path | None:
    """``coat.svg``, ``.png`` or ``.webp`` in TELAL_HOME."""
    return next((path for kind in KINDS if (path := home / f"coat{kind}").is_file()), None)
