"""Phone numbers and subjects are kept sealed; a number is found by its keyed hash."""

from django.db import migrations, models

from telal.sealing.fields import KeyedHashField, SealedTextField
from telal.sealing.upgrade import sealing


class Migration(migrations.Migration):
    dependencies = [("cases", "0004_reduced_cases"), ("sealing", "0001_initial")]
    operations = [
        migrations.RemoveConstraint("applicant", "applicant_once"),
        migrations.RemoveIndex("applicant", "applicant_by_phone"),
        migrations.AddField("applicant", "phone_hash", KeyedHashField(of="phone")),
        migrations.AlterField("applicant", "phone", SealedTextField(blank=True)),
        migrations.AlterField("case", "subject", SealedTextField()),
        sealing("cases_applicant", "phone", hash_column="phone_hash"),
        sealing("cases_case", "subject"),
        migrations.AddIndex("applicant", models.Index(fields=["phone_hash"], name="applicant_by_phone")),
        migrations.AddConstraint(
            "applicant", models.UniqueConstraint(fields=["name", "phone_hash"], name="applicant_once")
        ),
    ]
