"""The peers' outbox as the benchmark sees it: filled, watched, and read afterwards."""

import psycopg

from bench.peers import sql


def fill(url: str, people: list[str], each: int, text: str) -> int:
    """So many messages to each; returns the last id before them."""
    with psycopg.connect(url) as database:
        database.execute(sql.SCHEMA)
        last = _number(database, "SELECT coalesce(max(id), 0) FROM peer_message")
        database.execute("INSERT INTO peer_contact (address) SELECT unnest(%s::text[])", [people])
        database.execute(
            """
            INSERT INTO peer_message (contact_id, lane, text)
            SELECT c.id, 1, %s FROM generate_series(1, %s) AS n, peer_contact c WHERE c.address = ANY(%s) ORDER BY n, c.id
            """,
            [text, each, people],
        )
        database.execute("ANALYZE peer_contact, peer_message")
    return last


def owed(database: "psycopg.Connection[tuple[int]]", after: int) -> int:
    return _number(database, "SELECT count(*) FROM peer_message WHERE id > %s AND state <> 'sent'", after)


def rate(database: "psycopg.Connection[tuple[float]]", after: int) -> float:
    """Messages a second from the moment when a tenth had been sent; each citizen's must have left in their order."""
    disordered = _number(
        database,
        """
        SELECT count(*) FROM (
            SELECT started_at < lag(sent_at) OVER (PARTITION BY contact_id ORDER BY id) AS too_early FROM peer_message WHERE id > %s
        ) AS line WHERE too_early
        """,
        after,
    )
    assert not disordered, f"{disordered} messages left before an earlier one to the same person"
    return _number(
        database,
        """
        SELECT count(*) / extract(epoch FROM max(sent_at) - min(sent_at))::float8 FROM (
            SELECT sent_at, percent_rank() OVER (ORDER BY sent_at) AS place FROM peer_message WHERE id > %s
        ) AS sent WHERE place >= 0.1
        """,
        after,
    )


def _number(database, statement: str, *arguments: object):  # type: ignore[no-untyped-def]
    return database.execute(statement, arguments).fetchone()[0]
