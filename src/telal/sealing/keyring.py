"""The keys and what they do: seal and unseal a text, and hash one so that it can be looked up. No settings, no database.

A sealed text is ``sealed:<id of the key>:<base64 of nonce, ciphertext and tag>``, by AES-256-GCM with a random nonce. The place
where it is kept (``table.column``) is authenticated with it, so that a value moved to another column does not open there.
"""

import hashlib
import hmac
import os
import secrets
from base64 import urlsafe_b64decode
from binascii import a2b_base64, b2a_base64
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SEALED = "sealed:"
KEY_BYTES = 32
ID_LENGTH = 8
_HEAD_LENGTH = len(SEALED) + ID_LENGTH + 1
_NONCE_BYTES = 12
_HASH_LENGTH = 32


class Unreadable(Exception):
    """A sealed text cannot be opened. The message says what to do, and never what was in it."""


class NotSealed(Unreadable):
    """A value lies open where a sealed one is expected: the database has not been migrated, or somebody wrote past Telal."""

    def __init__(self, place: str) -> None:
        super().__init__(f"A value in {place} is not sealed: run telal migrate.")


class KeyMissing(Unreadable):
    """Nothing is lost, but the key is not at hand."""

    def __init__(self, place: str, id_: str) -> None:
        super().__init__(
            f"{place} is sealed with the key {id_}, which is not at hand: give it back in TELAL_DATA_KEYS, or "
            "give back the TELAL_SECRET_KEY that it was made from. Nothing has been changed."
        )
        self.id = id_


class Damaged(Unreadable):
    """The value has been changed or moved since it was sealed."""

    def __init__(self, place: str) -> None:
        super().__init__(f"A sealed value in {place} has been changed or moved: restore it from a backup.")


class Keyring:
    """Keys of 32 bytes, the newest first: it seals, all of them open. What it seals begins with ``head``."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._ciphers = {_head(key_id(key)): AESGCM(key) for key in keys}
        self.newest = key_id(keys[0])
        self.head = _head(self.newest)
        self._newest_cipher = self._ciphers[self.head]

    def seal(self, text: str, place: str) -> str:
        """An empty text stays empty: that nothing is known is no secret."""
        if not text:
            return text
        nonce = os.urandom(_NONCE_BYTES)
        hidden = self._newest_cipher.encrypt(nonce, text.encode(), place.encode())
        return self.head + b2a_base64(nonce + hidden, newline=False).decode("ascii")

    def unseal(self, sealed: str, place: str) -> str:
        """The text that was sealed for this place. Raises NotSealed, KeyMissing or Damaged."""
        if not sealed:
            return sealed
        if not sealed.startswith(SEALED):
            raise NotSealed(place)
        cipher = self._ciphers.get(sealed[:_HEAD_LENGTH])
        if cipher is None:
            raise KeyMissing(place, sealed[len(SEALED) : _HEAD_LENGTH - 1])
        try:
            hidden = a2b_base64(sealed[_HEAD_LENGTH:], strict_mode=True)
            return cipher.decrypt(hidden[:_NONCE_BYTES], hidden[_NONCE_BYTES:], place.encode()).decode()
        except (InvalidTag, ValueError):
            raise Damaged(place) from None


def _head(id_: str) -> str:
    return f"{SEALED}{id_}:"


def new_key() -> str:
    """A fresh key, as it is written in TELAL_DATA_KEYS."""
    return secrets.token_urlsafe(KEY_BYTES)


def read_key(written: str) -> bytes:
    """The key that ``new_key`` wrote. Raises ValueError for anything else."""
    key = urlsafe_b64decode(f"{written}=")
    if len(key) != KEY_BYTES:
        raise ValueError(f"a key has {KEY_BYTES} bytes")
    return key


def key_from(secret: str) -> bytes:
    """The key of an installation that was given none: made from its secret key."""
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=b"telal data key").derive(secret.encode())


def key_id(key: bytes) -> str:
    """Names a key without telling anything of it."""
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=b"telal key id").derive(key).hex()[:ID_LENGTH]


def keyed_hash(text: str, key: bytes) -> str:
    """Equal texts have equal hashes, and without the key nobody can try out which. Empty for an empty text."""
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:_HASH_LENGTH] if text else ""
