"""How much a contact has just written, and how often the same: so that a machine is not answered for ever."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('messaging', '0010_people_choose'),
    ]

    operations = [
        migrations.AddField(
            model_name='contact',
            name='while_ends',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='contact',
            name='said_in_while',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='contact',
            name='rights_in_while',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='contact',
            name='said_mark',
            field=models.CharField(blank=True, max_length=16),
        ),
        migrations.AddField(
            model_name='contact',
            name='said_times',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='contact',
            name='said_until',
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
