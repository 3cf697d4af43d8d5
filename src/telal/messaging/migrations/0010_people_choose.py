"""What people choose for themselves: a language with its script, messages without details, a human."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('messaging', '0009_ended'),
    ]

    operations = [
        migrations.AddField(
            model_name='contact',
            name='discreet',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='contact',
            name='language_chosen',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='contact',
            name='with_human_until',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name='contact',
            name='language',
            field=models.CharField(default='bs', max_length=7),
        ),
    ]
