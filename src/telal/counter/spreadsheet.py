"""Cells of a table for a spreadsheet: what somebody has written must not become a formula there. Pure."""

# With one of these a formula begins; Excel takes a cell with an apostrophe in front for text, and does not show it.
_BEGINS = ("=", "+", "-", "@", "\t", "\r")


def as_text(cell: str) -> str:
    """The cell as it is written into the table."""
    return f"'{cell}" if cell.startswith(_BEGINS) else cell


def as_written(cell: str) -> str:
    """The cell as it was before ``as_text``."""
    return cell[1:] if cell.startswith(tuple(f"'{begin}" for begin in _BEGINS)) else cell
