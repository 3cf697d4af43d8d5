"""What every peer does to the database for a message: claim it in its citizen's order and limit, record what came of it.

Two statements a message and no more, so that the peers are not slowed down by us.
"""

SCHEMA = """
CREATE TABLE IF NOT EXISTS peer_contact (
    id bigserial PRIMARY KEY, address text NOT NULL UNIQUE, unanswered integer NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS peer_message (
    id bigserial PRIMARY KEY, contact_id bigint NOT NULL REFERENCES peer_contact, lane smallint NOT NULL, text text NOT NULL,
    state text NOT NULL DEFAULT 'queued', attempts integer NOT NULL DEFAULT 0, started_at timestamptz, sent_at timestamptz,
    token bigint
);
CREATE INDEX IF NOT EXISTS peer_line ON peer_message (contact_id, lane, id) WHERE state IN ('queued', 'sending');
CREATE TABLE IF NOT EXISTS peer_attempt (
    id bigserial PRIMARY KEY, message_id bigint NOT NULL REFERENCES peer_message, started_at timestamptz NOT NULL,
    ended_at timestamptz NOT NULL, outcome text NOT NULL, code text NOT NULL
);
"""

# A hundred messages to somebody who does not answer are all that Viber takes.
CLAIM = """
UPDATE peer_message m SET state = 'sending', started_at = clock_timestamp(), attempts = attempts + 1
FROM peer_contact c
WHERE m.id = %s AND m.state = 'queued' AND c.id = m.contact_id AND c.unanswered < 100 AND NOT EXISTS (
    SELECT 1 FROM peer_message e
    WHERE e.contact_id = m.contact_id AND e.state IN ('queued', 'sending') AND (e.lane, e.id) < (m.lane, m.id)
)
RETURNING c.address, m.text
"""

# Gives the id and lane of the next message to the same person.
RECORD = """
WITH sent AS (
    UPDATE peer_message SET state = 'sent', sent_at = clock_timestamp(), token = %(token)s WHERE id = %(id)s
    RETURNING id, contact_id, lane, started_at, sent_at
), attempt AS (
    INSERT INTO peer_attempt (message_id, started_at, ended_at, outcome, code)
    SELECT id, started_at, sent_at, 'accepted', '' FROM sent
), counted AS (
    UPDATE peer_contact c SET unanswered = unanswered + 1 FROM sent WHERE c.id = sent.contact_id
)
SELECT m.id, m.lane FROM peer_message m, sent
WHERE m.contact_id = sent.contact_id AND m.state = 'queued' AND m.id <> sent.id ORDER BY m.lane, m.id LIMIT 1
"""

HEADS = """
SELECT DISTINCT ON (contact_id) id, lane FROM peer_message WHERE state = 'queued' ORDER BY contact_id, lane, id
"""
