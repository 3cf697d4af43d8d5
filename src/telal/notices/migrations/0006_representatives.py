"""Who represents an applicant consents for themselves; and a number that has changed is a reason to ask whether it is still them."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('notices', '0005_taken_back'),
    ]

    operations = [
        migrations.AddField(
            model_name='consent',
            name='given_as',
            field=models.CharField(choices=[('applicant', 'stranka'), ('attorney', 'punomoćnik'), ('guardian', 'zakonski zastupnik')], default='applicant', max_length=10),
        ),
        migrations.AlterField(
            model_name='doubt',
            name='because',
            field=models.CharField(choices=[('silence', 'dugo se nije javljao'), ('shared', 'isti broj potvrđen je i iz drugog razgovora'), ('number', 'stranka je na šalteru prijavila drugi broj')], max_length=10),
        ),
    ]
