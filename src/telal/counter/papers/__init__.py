"""Papers as PDF, for a receipt printer of 80 mm and for A4: set by typst, with a typeface that we bring along, from nowhere else.

``*.typ`` is how a paper looks, ``words/`` what it says; what differs from one to the next comes in as JSON, and is never markup.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, cast

import typst
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

Paper = Literal["receipt", "a4"]
PAPERS = {"receipt": _("rolna 80 mm"), "a4": _("A4")}

_DIRECTORY = Path(__file__).parent
_FONTS = _DIRECTORY.parent / "fonts"
# A PDF runs nothing and loads nothing; a rule about its insides would only keep the browser's own viewer from showing it.
_POLICY = "frame-ancestors 'none'; form-action 'none'; base-uri 'none'"


def pdf(name: str, paper: Paper, values: Mapping[str, Any]) -> bytes:
    """The paper ``name`` (``slip``, ``statement``). ``values`` has what its template names, ``words`` and ``language`` among it."""
    return typst.compile(
        _DIRECTORY / f"{name}.typ",
        root=_DIRECTORY,
        font_paths=[_FONTS],
        ignore_system_fonts=True,
        sys_inputs={"values": json.dumps({**values, "paper": paper})},
    )


def chosen(request: HttpRequest) -> Paper:
    """Which paper this clerk's printer takes: what they say now, or said last; a roll where they have never said."""
    asked = (request.POST if request.method == "POST" else request.GET).get("paper", "")
    if asked in PAPERS and asked != request.session.get("paper"):
        request.session["paper"] = asked
    return cast(Paper, request.session.get("paper", "receipt"))


def choice(request: HttpRequest) -> dict[str, Any]:
    """For a page with a button that prints."""
    return {"papers": PAPERS, "paper": chosen(request)}


def shown(document: bytes, name: str) -> HttpResponse:
    """To be looked at and printed; ``name`` is of the kind of paper and says of nobody anything."""
    return HttpResponse(
        document,
        content_type="application/pdf",
        headers={
            "Content-Disposition": f'inline; filename="{name}.pdf"',
            "Content-Security-Policy": _POLICY,
        },
    )
