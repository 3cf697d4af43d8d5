"""The rows that a pump locks while it turns."""

from django.db import migrations


def install(apps, schema_editor):
    apps.get_model("messaging", "Pump").objects.bulk_create(
        [apps.get_model("messaging", "Pump")(name=name) for name in ("listen", "announce")]
    )


class Migration(migrations.Migration):
    dependencies = [("messaging", "0001_initial")]
    operations = [migrations.RunPython(install, migrations.RunPython.noop)]
