"""The staff screens in Croatian, Serbian and English: collecting what is to be said, and checking that all of it is.

The source is Bosnian: a text in the code is itself the message's id. So the Bosnian catalog holds only what depends on a number,
which Bosnian says in three ways. Needs Babel, which users do not: the compiled catalogs come with the package.

    make translations       # bring the catalogs up to date with code and templates, and compile them
"""

import io
import re
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

PACKAGE = Path(__file__).parents[1]
LOCALES = PACKAGE / "counter" / "locale"
SOURCE = "bs"
LANGUAGES = (SOURCE, "hr", "sr", "en")

_KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop"), None),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}
_ALIASES = re.compile(r"import \w*gettext\w* as (\w+)")
_VALUES = re.compile(r"%\((\w+)\)")
_HEADER = "# The staff screens of Telal."
# A date of its own in every run would make every file another one.
_DATED = datetime(2026, 1, 1, tzinfo=UTC)


def wanted() -> Catalog:
    """All that code and templates say, and where."""
    catalog = Catalog()
    for path in _sources():
        place = path.relative_to(PACKAGE).as_posix()
        for line, found, _, context in _said(path):
            catalog.add(found, locations=[(place, line)], context=context)
    return catalog


def _sources() -> Iterator[Path]:
    for path in sorted(PACKAGE.rglob("*")):
        is_code = path.suffix == ".py" and not path.name.startswith(("test_", "conftest"))
        if (is_code and "migrations" not in path.parts) or path.suffix == ".html":
            yield path


def _said(path: Path) -> Iterable[tuple[int, str | tuple[str, ...], list[str], str | None]]:
    text = path.read_text()
    if path.suffix == ".html":
        # Django makes calls of the tags; what is left between them is no Python, and only this reader bears it.
        return extract("javascript", io.BytesIO(templatize(text).encode()), _KEYWORDS)
    return extract("python", io.BytesIO(text.encode()), _KEYWORDS)


def troubles() -> list[str]:
    """What is wrong with the catalogs; each names what to do."""
    said = wanted()
    return [*_unheard(), *(trouble for language in LANGUAGES for trouble in _troubles_in(language, said))]


def _unheard() -> Iterator[str]:
    """Where Django's functions go by a name under which nobody collects what they say."""
    for path in _sources():
        for name in _ALIASES.findall(path.read_text()):
            if name not in _KEYWORDS:
                yield f"{path.relative_to(PACKAGE)}: what {name}(…) says is not collected; call it _ or by its own name"


def _troubles_in(language: str, said: Catalog) -> Iterator[str]:
    catalog = _read(language)
    if _ids(catalog) != _ids(_of_concern(language, said)):
        yield f"{language}: the texts in code or templates have changed; run make translations and fill in what is empty"
    for message in catalog:
        if message.id and (trouble := _trouble_of(message)):
            yield f"{language}: {trouble}: {_first(message.id)!r}"
    compiled = _compiled_path(language)
    if not compiled.exists() or compiled.read_bytes() != _compiled(catalog):
        yield f"{language}: the compiled catalog is not of this one; run make translations"


def _trouble_of(message: Message) -> str:
    said = _all(message.string or "")
    if not all(said):
        return "not translated"
    if message.fuzzy:
        return "marked as doubtful (fuzzy)"
    values = _values(_all(message.id))
    if _values(said) != values:
        return "other values than in the source"
    return ""


def _values(texts: Iterable[str]) -> set[str]:
    return set(_VALUES.findall(" ".join(texts)))


def update() -> None:
    """Bring every catalog up to date and compile it; what is known stays."""
    said = wanted()
    for language in LANGUAGES:
        catalog = _read(language)
        catalog.update(_of_concern(language, said), no_fuzzy_matching=True)
        catalog.obsolete.clear()
        _write(language, catalog)


def _of_concern(language: str, said: Catalog) -> Catalog:
    if language != SOURCE:
        return said
    counted = Catalog()
    for message in said:
        if message.id and message.pluralizable:
            counted.add(message.id, locations=message.locations, context=message.context)
    return counted


def _read(language: str) -> Catalog:
    path = _path(language)
    if not path.exists():
        return Catalog(locale=language, header_comment=_HEADER)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def _write(language: str, catalog: Catalog) -> None:
    catalog.header_comment = _HEADER
    catalog.creation_date = catalog.revision_date = _DATED
    path = _path(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    written = io.BytesIO()
    write_po(written, catalog, width=0, sort_by_file=True, include_lineno=False)
    path.write_bytes(written.getvalue())
    _compiled_path(language).write_bytes(_compiled(_read(language)))


def _compiled(catalog: Catalog) -> bytes:
    compiled = io.BytesIO()
    write_mo(compiled, catalog)
    return compiled.getvalue()


def _path(language: str) -> Path:
    return LOCALES / language / "LC_MESSAGES" / "django.po"


def _compiled_path(language: str) -> Path:
    return _path(language).with_suffix(".mo")


def _ids(catalog: Catalog) -> set[tuple[str | None, str | tuple[str, ...]]]:
    return {(message.context, tuple(_all(message.id))) for message in catalog if message.id}


def _all(id_: str | tuple[str, ...] | list[str]) -> list[str]:
    return [id_] if isinstance(id_, str) else list(id_)


def _first(id_: str | tuple[str, ...] | list[str]) -> str:
    return _all(id_)[0]


def main() -> int:
    update()
    left = troubles()
    print(*left, sep="\n", end="\n" if left else "")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
