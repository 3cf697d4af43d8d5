"""The statement of consent (izjava o saglasnosti) that a citizen signs, in all its versions.

``texts/consent/<version>/<script>.txt``. A version is never changed once somebody has signed it: a new
wording is a new directory, named by year and number; the newest is the one in use.
"""

from hashlib import sha256
from pathlib import Path

from telal.notices.words import Words

SCRIPTS = ("bs_latn", "bs_cyrl")

_DIRECTORY = Path(__file__).parent / "texts" / "consent"
_VERSIONS = sorted(
    (path.name for path in _DIRECTORY.iterdir() if path.is_dir()),
    key=lambda name: [int(part) for part in name.split("-")],
)
_PLACEHOLDERS = ("municipality", "address", "contact", "dpo_contact")
# The same checks as for any other words; the versions stand where the languages do.
_WORDS = Words(_DIRECTORY, dict.fromkeys(SCRIPTS, _PLACEHOLDERS), languages=_VERSIONS, longest_text=10_000)


def current_version() -> str:
    """The version to be signed today."""
    return _VERSIONS[-1]


def consent_text(
    script: str, *, municipality: str, address: str, contact: str, dpo_contact: str, version: str = ""
) -> str:
    """The whole statement in ``bs_latn`` or ``bs_cyrl``, in the current version unless another is named."""
    return _WORDS.text(
        version or current_version(),
        script,
        municipality=municipality,
        address=address,
        contact=contact,
        dpo_contact=dpo_contact,
    )


def text_hash(version: str) -> str:
    """SHA-256 of the version's files, Latin first, in hex. Empty for a version that is none of ours."""
    if version not in _VERSIONS:
        return ""
    return sha256(
        b"".join((_DIRECTORY / version / f"{script}.txt").read_bytes() for script in SCRIPTS)
    ).hexdigest()
