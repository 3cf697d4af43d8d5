"""Opinions of other bodies: asked, due, answered."""

import django.db.models.deletion
from django.db import migrations, models

import telal.sealing.fields


class Migration(migrations.Migration):
    dependencies = [("cases", "0013_held")]
    operations = [
        migrations.CreateModel(
            name="Opinion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("asked_on", models.DateField()),
                ("asked_by", models.CharField(max_length=150)),
                ("due_on", models.DateField()),
                ("answered_on", models.DateField(blank=True, null=True)),
                ("answered_by", models.CharField(blank=True, max_length=150)),
                ("answer", telal.sealing.fields.SealedTextField(blank=True)),
                (
                    "answered_in",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL,
                        related_name="opinions_answered", to="cases.caseevent",
                    ),
                ),
                (
                    "asked_in",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.CASCADE,
                        related_name="opinions_asked", to="cases.caseevent",
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="opinions", to="cases.case"
                    ),
                ),
                (
                    "institution",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="opinions",
                        to="cases.institution",
                    ),
                ),
            ],
            options={
                "ordering": ["due_on", "id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("answered_on__isnull", True)), fields=["due_on", "id"], name="opinion_by_due"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("answered_on__isnull", True)), fields=("case", "institution"),
                        name="opinion_asked_once",
                    )
                ],
            },
        ),
    ]
