from django.db import migrations, models

import telal.cases.models


class Migration(migrations.Migration):
    dependencies = [("cases", "0018_name_words")]

    operations = [
        migrations.AddIndex(
            model_name="case",
            index=models.Index(telal.cases.models.Serial("number_key"), name="case_by_serial"),
        ),
    ]
