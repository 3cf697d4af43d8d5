"""What the municipality's system sends and Telal cannot take in is kept, sealed and counted."""

from django.db import migrations, models

import telal.sealing.fields


class Migration(migrations.Migration):
    dependencies = [("cases", "0020_reviews")]
    operations = [
        migrations.CreateModel(
            name="Unmatched",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("source", models.CharField(max_length=10)),
                ("sender", models.CharField(max_length=150)),
                ("line", models.PositiveIntegerField(blank=True, null=True)),
                ("ref", models.CharField(blank=True, max_length=200)),
                ("status", models.CharField(blank=True, max_length=30)),
                ("occurred_at", models.DateTimeField(blank=True, null=True)),
                ("reason", models.CharField(max_length=300)),
                ("said", telal.sealing.fields.SealedTextField(blank=True)),
                ("change", telal.sealing.fields.SealedTextField(blank=True)),
                ("mark", models.CharField(max_length=64, unique=True)),
                ("times", models.PositiveIntegerField(default=1)),
                ("first_at", models.DateTimeField()),
                ("last_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "ended_as",
                    models.CharField(
                        blank=True, choices=[("taken_in", "raspoređeno"), ("dismissed", "odbačeno")], max_length=10
                    ),
                ),
                ("ended_by", models.CharField(blank=True, max_length=150)),
                ("ended_because", models.CharField(blank=True, max_length=200)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("ended_at__isnull", True)), fields=["-id"], name="unmatched_open"
                    ),
                    models.Index(fields=["source", "sender", "-last_at", "-id"], name="unmatched_of_sender"),
                ]
            },
        ),
        migrations.CreateModel(
            name="UnmatchedCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("source", models.CharField(max_length=10)),
                ("sender", models.CharField(max_length=150)),
                ("total", models.PositiveBigIntegerField(default=0)),
                ("since", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("source", "sender"), name="unmatched_count_once")
                ]
            },
        ),
    ]
