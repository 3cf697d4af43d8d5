from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("messaging", "0012_webhook")]

    operations = [
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=Q(
                    ("ended_at__isnull", False),
                    Q(("state__in", ("failed", "uncertain")), Q(("error", "unreachable"), ("state", "cancelled")), _connector="OR"),
                ),
                fields=["-id"],
                name="message_lost",
            ),
        ),
    ]
