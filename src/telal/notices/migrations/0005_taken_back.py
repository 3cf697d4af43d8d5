"""A change that was taken back before anybody was told."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("notices", "0004_proofs")]
    operations = [
        migrations.AlterField(
            "notice",
            "reason",
            models.CharField(blank=True, choices=[('no_consent', 'nema saglasnosti'), ('withdrawn', 'saglasnost je povučena'), ('not_bound', 'građanin još nije otvorio chat'), ('unreachable', 'građanin je isključio poruke ili više nije na Viberu'), ('unconfirmed', 'građanin još nije potvrdio da je to i dalje njegov razgovor'), ('no_news', 'ništa novo za građanina'), ('not_announced', 'ovaj status se ne objavljuje'), ('taken_back', 'poništeno prije slanja'), ('in_first_status', 'već rečeno u prvoj poruci nakon povezivanja')], max_length=20),
        ),
    ]
