"""The whole database in one file, and back again. Knows settings and databases, and nothing of what is in the tables."""


class Trouble(Exception):
    """It cannot be done; the message says why and what to do. Nothing has been changed."""
