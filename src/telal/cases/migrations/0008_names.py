import django.db.models.deletion
from django.db import migrations, models


def _spelling(name: str, of: str) -> migrations.CreateModel:
    return migrations.CreateModel(
        name=name,
        fields=[
            ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
            ('name', models.CharField(max_length=200, unique=True)),
            ('of', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='spellings', to=of)),
        ],
        options={'abstract': False},
    )


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0007_notes_may_be_emptied'),
    ]

    operations = [
        *(
            migrations.AddField(model_name=model, name=field, field=models.BooleanField(default=value))
            for model in ('department', 'institution', 'officer')
            for field, value in (('active', True), ('checked', False))
        ),
        migrations.AddField(
            model_name='institution', name='opinion_days', field=models.PositiveSmallIntegerField(blank=True, null=True)
        ),
        migrations.AddField(
            model_name='institution', name='contact', field=models.CharField(blank=True, max_length=200)
        ),
        migrations.AddField(
            model_name='officer',
            name='department',
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL,
                related_name='officers', to='cases.department',
            ),
        ),
        _spelling('DepartmentSpelling', 'cases.department'),
        _spelling('InstitutionSpelling', 'cases.institution'),
        _spelling('OfficerSpelling', 'cases.officer'),
    ]
