"""An upgrade replaces files while the old release still runs."""

from contextlib import closing
from pathlib import Path

import pytest
from django.http import HttpResponseNotFound
from django.test import RequestFactory

from telal.config.static_files import StaticFiles


@pytest.fixture
def style(tmp_path: Path, settings) -> Path:
    settings.STATICFILES_DIRS = [tmp_path]
    settings.STATIC_ROOT = None
    file = tmp_path / "look.css"
    file.write_text("old")
    return file


@pytest.mark.django_db  # Django looks after its connections when an answer is closed
def test_a_replaced_file_is_served_whole_and_a_removed_one_is_missed(style: Path, rf: RequestFactory):
    serve = StaticFiles(lambda _: HttpResponseNotFound())

    def asked() -> tuple[int, bytes, str]:
        with closing(serve(rf.get("/static/look.css"))) as answer:
            return answer.status_code, answer.getvalue(), answer.headers.get("Content-Length", "")

    for text in ("much longer", "", "new"):
        style.write_text(text)
        assert asked() == (200, text.encode(), str(len(text)))
    style.unlink()
    assert asked()[0] == 404
    style.write_text("back")
    assert asked() == (200, b"back", "4")
