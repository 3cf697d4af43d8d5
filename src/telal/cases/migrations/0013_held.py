"""A line of the timeline may be held back for a while, and taken back within it."""

import django.core.serializers.json
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0012_given_deadlines")]
    operations = [
        migrations.AddField("untold", "not_before", models.DateTimeField(blank=True, null=True)),
        migrations.AddField(
            "untold",
            "before",
            models.JSONField(blank=True, encoder=django.core.serializers.json.DjangoJSONEncoder, null=True),
        ),
        migrations.AddIndex(
            "untold",
            models.Index(
                condition=models.Q(("not_before__isnull", False)), fields=["not_before"], name="untold_held"
            ),
        ),
    ]
