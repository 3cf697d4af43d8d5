"""Consents that no chat hears by have a list of their own; those that wait today are put on it."""

import django.db.models.deletion
from django.db import migrations, models

_FILL = """
INSERT INTO notices_unbound (consent_id, since, dropped_at, dropped_by)
SELECT c.id, c.recorded_at, NULL, '' FROM notices_consent c JOIN cases_case k ON k.id = c.case_id
WHERE k.reduced_at IS NULL AND k.status NOT IN ('transferred', 'merged', 'archived', 'cancelled')
    AND NOT EXISTS (SELECT 1 FROM notices_withdrawal w WHERE w.consent_id = c.id)
    AND NOT EXISTS (SELECT 1 FROM notices_subscription s WHERE s.case_id = c.case_id AND s.ended_at IS NULL)
ORDER BY c.id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("notices", "0007_settled_with_the_message"),
        ("cases", "0007_notes_may_be_emptied"),
    ]
    operations = [
        migrations.CreateModel(
            name="Unbound",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("since", models.DateTimeField()),
                ("dropped_at", models.DateTimeField(blank=True, null=True)),
                ("dropped_by", models.CharField(blank=True, max_length=150)),
                (
                    "consent",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="unbound", to="notices.consent"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("dropped_at__isnull", True)), fields=["id"], name="unbound_open"
                    )
                ]
            },
        ),
        migrations.RunSQL(_FILL, migrations.RunSQL.noop),
    ]
