import django.db.models.deletion
from django.db import migrations, models

from telal.cases.words import name_words

AT_ONCE = 2000


def give_words(apps, schema_editor):
    Applicant = apps.get_model("cases", "Applicant")
    NameWord = apps.get_model("cases", "NameWord")
    last = 0
    while some := list(Applicant.objects.filter(pk__gt=last).order_by("pk").values_list("pk", "name")[:AT_ONCE]):
        NameWord.objects.bulk_create(
            NameWord(applicant_id=pk, word=word) for pk, name in some for word in name_words(name)
        )
        last = some[-1][0]


class Migration(migrations.Migration):
    dependencies = [("cases", "0017_work_lists")]

    operations = [
        migrations.CreateModel(
            name="NameWord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("word", models.CharField(max_length=40)),
                (
                    "applicant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="words", to="cases.applicant"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["word", "applicant"],
                        name="name_word",
                        opclasses=["varchar_pattern_ops", "int8_ops"],
                    )
                ],
            },
        ),
        migrations.RunPython(give_words, migrations.RunPython.noop),
    ]
