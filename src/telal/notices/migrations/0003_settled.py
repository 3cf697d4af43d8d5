"""A message that did not get through can be ticked off by whoever told the person in another way."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('notices', '0002_sealed'),
    ]

    operations = [
        migrations.AddField(
            model_name='notice',
            name='settled_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='notice',
            name='settled_by',
            field=models.CharField(blank=True, max_length=150),
        ),
    ]
