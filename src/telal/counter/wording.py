"""The editor of what citizens get to read: one text or label in one language, seen on a phone while it is written.

Every version is kept: with who wrote it and when, and how it differs from the one before. Nothing that citizens could not read, or
that we would not understand when they tap it, can be saved.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from telal.cases.numbers import redact_personal_numbers
from telal.cases.statuses import LANGUAGES
from telal.conversation.bot import Reply
from telal.conversation.models import Wording
from telal.conversation.sayable import flaws, is_button
from telal.conversation.wording import Overtaken, save, versions_of
from telal.counter.access import may
from telal.counter.page import page
from telal.counter.samples import Sample, Scene
from telal.counter.texts import APPS, App, scene_of, title_of
from telal.counter.words import SAMPLE_KINDS, TEXT_LANGUAGES
from telal.messaging.channel import Button
from telal.notices.words import Flaw, Part, Version

# So many versions are shown; all are kept.
MOST_VERSIONS = 50

_FLAWS: dict[str, str | Promise] = {
    "empty": _("Tekst je prazan. Napišite ga, ili se vratite na Telalov."),
    "too_long": _("Tekst je predug: najviše {value} znakova. Na telefonu se čita samo početak."),
    "lines": _("Ovo mora stati u jedan red."),
    "missing": _("Nedostaje {{{value}}}. Vratite ga tamo gdje podatak treba stajati."),
    "unknown": _("U redu {line} stoji {{{value}}}, a takvog podatka ovdje nema."),
    "brace": _("U redu {line} vitičasta zagrada je otvorena, a nije zatvorena, ili obrnuto."),
    "unheard": _(
        "Kad građanin pritisne ovo dugme, računar ne bi razumio šta želi. Ostanite blizu Telalovih riječi."
    ),
    "ambiguous": _(
        "Ovako se zove i drugo dugme pod istom porukom, pa se ne bi znalo šta je građanin odgovorio."
    ),
}

_VALUES: dict[str, str | Promise] = {
    "number": _("broj predmeta, ili broj dana ili predmeta"),
    "date": _("datum promjene"),
    "phone": _("telefon općine"),
    "email": _("e-pošta općine"),
    "address": _("adresa općine"),
    "dpo": _("kontakt za zaštitu podataka"),
    "answer": _("ono što je službenik napisao"),
    "days": _("broj dana za odgovor"),
    "time": _("vrijeme, npr. 8:00"),
}
_EXAMPLES = {"number": "06-23-1847/26", "date": "22. 11. 2026.", "time": "16:00"}


class WordingForm(forms.Form):
    """``seen`` is the version that was there when somebody began to write. Its flaws are said elsewhere."""

    template = forms.CharField(required=False)
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    @classmethod
    def sent(cls, request: HttpRequest) -> "WordingForm":
        sent = request.POST.copy()
        # Browsers send lines ended by two characters, and nobody means a third empty line.
        written = sent.get("template", "").replace("\r\n", "\n")
        lines = "\n".join(line.rstrip() for line in written.split("\n"))
        sent["template"] = re.sub(r"\n{3,}", "\n\n", lines).strip()
        form = cls(sent)
        form.is_valid()
        return form


@dataclass(frozen=True, slots=True)
class Change:
    """A version that was saved, and what it changed: pieces of text that stayed, came or went."""

    wording: Wording
    pieces: Sequence[tuple[str, str]]
    is_current: bool


@require_safe
@may("texts.see")
def wording(request: HttpRequest, app: str, part: str, language: str, name: str) -> HttpResponse:
    """One text or label in one language, how it looks, and how it has changed."""
    chosen, version = _chosen(app, part, language, name)
    return _show(request, chosen, version, _begun(request, chosen, version))


@require_POST
@may("texts.change")
def save_wording(request: HttpRequest, app: str, part: str, language: str, name: str) -> HttpResponse:
    """Say this from now on; what has flaws, or what a colleague has overtaken, is shown again and not lost."""
    chosen, version = _chosen(app, part, language, name)
    form = WordingForm.sent(request)
    version = version._replace(template=form.data["template"])
    if wrong(chosen.name, version):
        return _show(request, chosen, version, form)
    try:
        is_new = save(
            chosen.name, version, by=request.user.get_username(), seen=form.cleaned_data.get("seen") or 0
        )
    except Overtaken:
        return _show(request, chosen, version, form, overtaken=True)
    said = (
        _("Sačuvano. Građani ovo dobijaju za nekoliko sekundi.") if is_new else _("Ništa nije promijenjeno.")
    )
    messages.success(request, str(said))
    return redirect("counter:wording", app, part, language, name)


@require_POST
@may("texts.see", quiet=True)
def preview_wording(request: HttpRequest, app: str, part: str, language: str, name: str) -> HttpResponse:
    """How it would look, and what would be wrong with it; nothing is kept."""
    chosen, version = _chosen(app, part, language, name)
    version = version._replace(template=WordingForm.sent(request).data["template"])
    return render(request, "counter/wording_preview.html", _seen(request, chosen, version))


def _chosen(app: str, part: str, language: str, name: str) -> tuple[App, Version]:
    """What the address means, with the words that are said now. Raises Http404."""
    chosen = APPS.get(app)
    if chosen is None or language not in LANGUAGES:
        raise Http404
    kind: Part = "label" if part == "label" else "text"
    if name not in (chosen.words.labels if kind == "label" else chosen.words.texts):
        raise Http404
    return chosen, Version(kind, language, name, chosen.words.template(kind, language, name))


def _begun(request: HttpRequest, app: App, version: Version) -> WordingForm:
    """The form as it is first shown: with what is said now, or with an earlier version that somebody wants back."""
    wanted = request.GET.get("version", "")
    saved = versions_of(app.name, version)
    template = version.template
    if wanted == "0":
        template = app.words.ours(*version[:3])
    elif wanted.isascii() and wanted.isdecimal() and (one := saved.filter(pk=int(wanted[:18])).first()):
        template = one.template or app.words.ours(*version[:3])
    newest = saved.values_list("pk", flat=True).first() or 0
    return WordingForm(initial={"template": template, "seen": newest})


def _show(
    request: HttpRequest, app: App, version: Version, form: WordingForm, *, overtaken: bool = False
) -> HttpResponse:
    history = list(_history(app, version))
    overtaken = overtaken and bool(history)
    if overtaken:
        # What a colleague has saved meanwhile has been seen now: who saves again means it.
        form = WordingForm(initial={"template": version.template, "seen": history[0].wording.pk})
    written = version if form.is_bound or overtaken else version._replace(template=form.initial["template"])
    names = app.words.labels if version.part == "label" else app.words.texts
    context = {
        **_seen(request, app, written),
        "form": form,
        "ours": app.words.ours(*version[:3]),
        "is_own": app.words.is_own(*version[:3]),
        "is_other": written.template != app.words.template(*version[:3]),
        "placeholders": [(name, _VALUES[name]) for name in names[version.name]],
        "languages": [
            (code, TEXT_LANGUAGES[code], app.words.is_own(version.part, code, version.name))
            for code in LANGUAGES
        ],
        "history": history,
        "overtaken": history[0] if overtaken else None,
        "rows": 3 if version.part == "label" else 9,
    }
    return page(request, "wording.html", context, status=200)


def _seen(request: HttpRequest, app: App, version: Version) -> dict[str, Any]:
    """The phone and the complaints. Words that cannot be said are shown as far as they can."""
    found = wrong(app.name, version)
    scene = scene_of(request.GET)
    scene = Scene(version.language, scene.office, scene.kind)
    broken = any(flaw.kind in ("empty", "missing", "unknown", "brace") for flaw in flaws(app.name, version))
    if broken:
        sample = Sample("", Reply(version.template, ()))
    else:
        with app.words.as_if(version):
            sample = _sample(app, scene, version)
    return {
        "app": app.name,
        "version": version,
        "title": _title(app, version, scene),
        "is_button": is_button(app.name, version),
        "sample": sample,
        "language": version.language,
        "kind": scene.kind,
        "kinds": SAMPLE_KINDS,
        "flaws": found,
        "length": len(version.template),
    }


def wrong(app: str, version: Version) -> list[str]:
    """All that keeps these words from being saved, in sentences."""
    said = [_sentence(flaw) for flaw in flaws(app, version)]
    if redact_personal_numbers(version.template) != version.template:
        said.append(gettext("Izostavite JMBG: ovo ide svim građanima."))
    return said


def _sentence(flaw: Flaw) -> str:
    return str(_FLAWS[flaw.kind]).format(value=flaw.value, line=flaw.line)


def _title(app: App, version: Version, scene: Scene) -> str:
    if version.part == "label":
        return f"„{app.words.template(*version[:3])}“"
    return title_of(version.name, app.sample(scene, version.name).asked)


def _sample(app: App, scene: Scene, version: Version) -> Sample:
    """An occasion on which it is said; a label stands alone where we know of none."""
    if version.part == "text":
        return app.sample(scene, version.name)
    if occasion := _OCCASIONS.get((app.name, version.name)):
        where, text = occasion
        return APPS[where].sample(scene, text)
    values = {name: _EXAMPLES[name] for name in app.words.labels[version.name]}
    words = app.words.label(scene.language, version.name, **values)
    is_key = is_button(app.name, version)
    return Sample(
        "", Reply("" if is_key else words, (Button(words, says=words, columns=6),) if is_key else ())
    )


# Where a label is seen: the text on whose occasion it is said.
_OCCASIONS = {
    **{("notices", name): ("notices", "awaiting_other_body") for name in (
        "waiting_for", "waiting_since", "department", "officer", "phone", "room", "due_on", "case")},
    **{("notices", name): ("notices", "still_you") for name in ("yes", "no")},
    ("notices", "outcome"): ("notices", "outcome_granted"),
    ("notices", "meaning"): ("notices", "outcome_refused"),
    ("conversation", "start"): ("conversation", "welcome"),
    **{("conversation", name): ("conversation", "bound") for name in ("my_cases", "help")},
    **{("conversation", name): ("conversation", "which_case") for name in ("history",)},
    **{("conversation", name): ("conversation", "script") for name in (
        "in_bs", "in_hr", "in_sr", "in_sr_latn", "in_en")},
    ("conversation", "end"): ("conversation", "end_which"),
    ("conversation", "stop"): ("conversation", "help"),
    ("conversation", "case"): ("conversation", "more_cases"),
    ("conversation", "human"): ("conversation", "silence"),
    ("conversation", "erase"): ("conversation", "erasure"),
    ("conversation", "share_phone"): ("conversation", "phone_change"),
}  # fmt: skip


def _history(app: App, version: Version) -> Iterator[Change]:
    """The newest first, each beside the one before it; the first of all beside ours."""
    ours = app.words.ours(*version[:3])
    saved = list(versions_of(app.name, version)[: MOST_VERSIONS + 1])
    older = [one.template or ours for one in saved[1:]] + [ours]
    for place, (wording, old) in enumerate(zip(saved, older, strict=False)):
        if place < MOST_VERSIONS:
            yield Change(wording, difference(old, wording.template or ours), place == 0)


def difference(old: str, new: str) -> list[tuple[str, str]]:
    """Word by word: what stayed, what is new and what is gone, in the order in which one reads."""
    before, after = (re.findall(r"\s+|[^\s]+", text) for text in (old, new))
    pieces: list[tuple[str, str]] = []
    for what, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if what == "equal":
            pieces.append(("same", "".join(before[i:j])))
            continue
        pieces += [
            (kind, text)
            for kind, text in (("gone", "".join(before[i:j])), ("new", "".join(after[k:m])))
            if text
        ]
    return pieces
