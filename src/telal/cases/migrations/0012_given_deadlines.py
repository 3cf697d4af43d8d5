"""The deadlines that cases have so far, somebody has given."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0011_deadline_clock'),
    ]

    operations = [
        migrations.RunSQL('UPDATE cases_case SET due_given = true WHERE due_on IS NOT NULL', migrations.RunSQL.noop),
    ]
