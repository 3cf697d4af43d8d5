"""What the staff write about a case for each other."""

import django.db.models.deletion
from django.db import migrations, models

import telal.sealing.fields


class Migration(migrations.Migration):
    dependencies = [("cases", "0014_opinions")]
    operations = [
        migrations.CreateModel(
            name="Note",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", telal.sealing.fields.SealedTextField()),
                ("written_by", models.CharField(max_length=150)),
                ("written_at", models.DateTimeField()),
                ("key", models.CharField(max_length=40, unique=True)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="notes", to="cases.case"
                    ),
                ),
            ],
            options={"ordering": ["-id"]},
        ),
    ]
