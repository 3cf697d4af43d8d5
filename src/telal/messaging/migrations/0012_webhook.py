from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('messaging', '0011_floods'),
    ]

    operations = [
        migrations.AddField(
            model_name='channelstate',
            name='webhook',
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AddField(
            model_name='channelstate',
            name='missing_events',
            field=models.CharField(blank=True, max_length=200),
        ),
    ]
