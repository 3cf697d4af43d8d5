"""The phone number on a consent is kept sealed, and found by its keyed hash."""

from django.db import migrations

from telal.sealing.fields import KeyedHashField, SealedTextField
from telal.sealing.upgrade import sealing


class Migration(migrations.Migration):
    dependencies = [("notices", "0001_initial"), ("sealing", "0001_initial")]
    operations = [
        migrations.AddField("consent", "phone_hash", KeyedHashField(of="phone", db_index=True)),
        migrations.AlterField("consent", "phone", SealedTextField(blank=True)),
        sealing("notices_consent", "phone", hash_column="phone_hash"),
    ]
