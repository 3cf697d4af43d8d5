"""A case's own deadline. What the clock of those that are there has done, the timeline knows: their ``held_days`` are null."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0010_services_and_rules'),
    ]

    operations = [
        migrations.AddField(
            model_name='case',
            name='service',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='cases', to='cases.service'),
        ),
        migrations.AddField(model_name='case', name='due_given', field=models.BooleanField(default=False)),
        migrations.AddField(model_name='case', name='counted_from', field=models.DateField(blank=True, null=True)),
        migrations.AddField(model_name='case', name='held_days', field=models.PositiveIntegerField(blank=True, null=True)),
        migrations.AddField(model_name='case', name='held_since', field=models.DateField(blank=True, null=True)),
        migrations.AddField(model_name='case', name='asked_others', field=models.BooleanField(default=False)),
        migrations.AlterField(model_name='case', name='held_days', field=models.PositiveIntegerField(blank=True, default=0, null=True)),
    ]
