"""The row that whoever sweeps has locked."""

from django.db import migrations


def install(apps, schema_editor):
    apps.get_model("messaging", "Pump").objects.create(name="retention")


class Migration(migrations.Migration):
    dependencies = [("retention", "0001_initial"), ("messaging", "0002_pumps")]
    operations = [migrations.RunPython(install, migrations.RunPython.noop)]
