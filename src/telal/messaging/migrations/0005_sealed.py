"""Messages, callbacks and the names in chats are kept sealed."""

from django.db import migrations

from telal.sealing.fields import SealedTextField


class Migration(migrations.Migration):
    dependencies = [("messaging", "0004_keys_without_people"), ("sealing", "0001_initial")]
    operations = [
        migrations.AlterField("contact", "name", SealedTextField(blank=True)),
        # Text before and after: the large tables are not copied for it.
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField("inbound", "body", SealedTextField()),
                migrations.AlterField("message", "text", SealedTextField()),
            ]
        ),
    ]
