"""What lies open is sealed, in batches that are each kept: an interrupted upgrade goes on where it was."""

from django.db import migrations

from telal.sealing.upgrade import sealing


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("messaging", "0005_sealed")]
    operations = [
        sealing("messaging_contact", "name"),
        sealing("messaging_inbound", "body"),
        sealing("messaging_message", "text"),
    ]
