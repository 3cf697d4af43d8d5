"""Keys of callbacks are kept for ever: from now on they hold a hash of the person's id, and so do those already kept."""

import hashlib

from django.db import migrations

_ENDS_WITH_ADDRESS = "address <> '' AND substr(key, length(key) - length(address)) = ' ' || address"
_POSTGRESQL = "left(encode(sha256(convert_to(address, 'UTF8')), 'hex'), 32)"
_SQLITE = "telal_hash(address)"


def hash_people(apps, schema_editor):
    connection = schema_editor.connection
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        connection.connection.create_function(
            "telal_hash", 1, lambda address: hashlib.sha256(address.encode()).hexdigest()[:32], deterministic=True
        )
    hashed = _POSTGRESQL if connection.vendor == "postgresql" else _SQLITE
    schema_editor.execute(
        f"UPDATE messaging_inbound SET key = substr(key, 1, length(key) - length(address)) || {hashed} WHERE {_ENDS_WITH_ADDRESS}"
    )


class Migration(migrations.Migration):
    dependencies = [("messaging", "0003_seen")]
    operations = [migrations.RunPython(hash_people, migrations.RunPython.noop)]
