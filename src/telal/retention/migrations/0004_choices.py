from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('retention', '0003_erasure'),
    ]

    operations = [
        migrations.CreateModel(
            name='Choice',
            fields=[
                ('code', models.CharField(max_length=20, primary_key=True, serialize=False)),
                ('days', models.PositiveIntegerField()),
                ('chosen_by', models.CharField(max_length=150)),
                ('chosen_at', models.DateTimeField()),
            ],
        ),
    ]
