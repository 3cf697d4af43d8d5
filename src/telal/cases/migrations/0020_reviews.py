"""Changes from the municipality's system that want a look; those of the last month that came before this are on the list, too."""

from datetime import timedelta

import django.db.models.deletion
from django.db import migrations, models
from django.utils import timezone


def fill(apps, schema_editor):
    odd = apps.get_model("cases", "CaseEvent").objects.filter(
        expected=False, no__gt=1, source__in=("api", "import"), recorded_at__gt=timezone.now() - timedelta(days=30)
    )
    Review = apps.get_model("cases", "Review")
    Review.objects.bulk_create(
        (Review(event_id=pk) for pk in odd.order_by("pk").values_list("pk", flat=True).iterator()), batch_size=1000
    )


class Migration(migrations.Migration):
    dependencies = [("cases", "0019_serial")]
    operations = [
        migrations.CreateModel(
            name="Review",
            fields=[
                (
                    "event",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="review",
                        serialize=False,
                        to="cases.caseevent",
                    ),
                ),
                ("looked_at", models.DateTimeField(blank=True, null=True)),
                ("looked_by", models.CharField(blank=True, max_length=150)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("looked_at__isnull", True)), fields=["-event"], name="review_open"
                    )
                ]
            },
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
