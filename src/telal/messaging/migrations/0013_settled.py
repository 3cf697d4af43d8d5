"""How somebody was told what a message could not tell them stands with the message, so that what waits has an index of its own."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("messaging", "0012_webhook")]
    operations = [
        migrations.AddField("message", "settled_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("message", "settled_by", models.CharField(blank=True, max_length=150)),
        migrations.AddField(
            "message",
            "told_by",
            models.CharField(
                blank=True,
                choices=[
                    ("call", "telefonom"),
                    ("letter", "dopisom"),
                    ("person", "lično"),
                    ("nobody", "nije potrebno"),
                ],
                max_length=10,
            ),
        ),
        migrations.RemoveIndex("message", "message_ended"),
        migrations.AddIndex(
            "message",
            models.Index(
                condition=models.Q(("ended_at__isnull", False), ("settled_at__isnull", True)),
                fields=["-id"],
                name="message_unsettled",
            ),
        ),
    ]
