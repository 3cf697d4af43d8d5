"""What is not translated does not slip through."""

from pathlib import Path

import pytest

from telal.config import translations

CODE = "from django.utils.translation import gettext as _\nsaid = _('Stiglo je %(count)s.') % {'count': 1}\n"
PAGE = """{% load i18n %}<p class="it's">{% translate "Predmeti" %}</p>{% include "x.html" with hint=_("nije obavezno") %}
{% blocktranslate trimmed with who=name %}
  Pozdrav, {{ who }}!
{% endblocktranslate %}{% blocktranslate count n=3 %}{{ n }} predmet{% plural %}{{ n }} predmeta{% endblocktranslate %}"""


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package with one module and one template, already translated into all languages."""
    (tmp_path / "code.py").write_text(CODE)
    (tmp_path / "page.html").write_text(PAGE)
    monkeypatch.setattr(translations, "PACKAGE", tmp_path)
    monkeypatch.setattr(translations, "LOCALES", tmp_path / "locale")
    translations.update()
    for language in translations.LANGUAGES:
        catalog = translations._read(language)
        for message in catalog:
            if message.id:
                forms = message.string if message.pluralizable else ("",)
                message.string = message.id if not message.pluralizable else (message.id[1],) * len(forms)
        translations._write(language, catalog)


def said(language: str) -> set[str]:
    return {translations._first(message.id) for message in translations._read(language) if message.id}


def test_texts_are_found_in_code_tags_and_arguments():
    counted = "%(n)s predmet"
    assert said("hr") == {"Stiglo je %(count)s.", "Predmeti", "nije obavezno", "Pozdrav, %(who)s!", counted}
    assert said("bs") == {counted}
    assert translations.troubles() == []


@pytest.mark.parametrize(
    ("before", "after", "trouble"),
    [
        ('msgstr "Predmeti"', 'msgstr ""', "not translated"),
        ('msgid "Predmeti"', '#, fuzzy\nmsgid "Predmeti"', "fuzzy"),
        ('msgstr "Pozdrav, %(who)s!"', 'msgstr "Pozdrav!"', "other values"),
        ('msgstr "Predmeti"', 'msgstr "Spisi"', "compiled"),
    ],
)
def test_what_is_wrong_with_a_catalog_is_said(before: str, after: str, trouble: str):
    path = translations._path("hr")
    assert before in path.read_text()
    path.write_text(path.read_text().replace(before, after))
    assert any(trouble in one for one in translations.troubles())


def test_a_new_text_is_missed_until_the_catalogs_know_it(tmp_path: Path):
    (tmp_path / "more.html").write_text('{% load i18n %}{% translate "Novo" %}')
    assert sum("make translations" in one for one in translations.troubles()) == 3
    translations.update()
    assert sorted(one[:2] for one in translations.troubles()) == ["en", "hr", "sr"]
