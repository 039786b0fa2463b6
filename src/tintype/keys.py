"""Names in the buckets: an image's id, where its original, its renditions and its manifest lie.

The user's file name is never a key: it only ends one, and in ASCII.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import UTC, datetime, timedelta
from unicodedata import normalize
from urllib.parse import quote, unquote

ORIGINALS = "originals/"
MANIFEST = "manifest.json"
MAX_KEY_BYTES = 1024  # S3's limit
MAX_NAME_LENGTH = 100  # characters of a file name at the end of a key

# Crockford's alphabet: no I, L, O, U. The first of 26 digits holds only three bits: 0 to 7.
_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
ID_PATTERN = rf"[0-7][{_DIGITS}]{{25}}"
_ID = re.compile(ID_PATTERN)
_OURS = re.compile(rf"{ORIGINALS}({ID_PATTERN})/[^/]+")
_MANIFEST_KEY = re.compile(rf"({ID_PATTERN})/{re.escape(MANIFEST)}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_RANDOM_BITS = 80


def new_id(now: datetime) -> str:
    """Return a new image's id: a ULID, 48 bits of milliseconds and 80 random ones (ulid/spec).

    >>> new_id(datetime(2026, 11, 21, tzinfo=UTC))[:10]
    '01M7XPE600'
    """
    milliseconds = (now - _EPOCH) // timedelta(milliseconds=1)
    return _written(milliseconds << _RANDOM_BITS | secrets.randbits(_RANDOM_BITS))


def derived_id(bucket: str, key: str) -> str:
    """Return the id of an object that somebody put under a key of their own: always the same one."""
    digest = hashlib.sha256(f"{bucket}\0{key}".encode("utf-8", "surrogatepass")).digest()
    return _written(int.from_bytes(digest[:16]))


def is_id(text: str) -> bool:
    """Whether *text* has the form of an image's id.

    >>> is_id("01M7XPE600ABCDEFGHJKMNPQRS"), is_id("beach.jpg")
    (True, False)
    """
    return _ID.fullmatch(text) is not None


def created_at(image_id: str) -> datetime:
    """Return the moment at which `new_id` made an id."""
    number = 0
    for digit in image_id:
        number = number << 5 | _DIGITS.index(digit)
    return _EPOCH + timedelta(milliseconds=number >> _RANDOM_BITS)


def original_key(image_id: str, filename: str) -> str:
    """Return where the original of a new image goes.

    >>> original_key("01M7XPE600ABCDEFGHJKMNPQRS", "Straßencafé, 1.JPG")
    'originals/01M7XPE600ABCDEFGHJKMNPQRS/Stra_encafe_1.JPG'
    """
    return f"{ORIGINALS}{image_id}/{safe_name(filename)}"


def telling_key(image_id: str, filename: str) -> str | None:
    """Return a key for a new image's original that `name_in` reads all of the file name from.

    It is for uploads that carry no metadata. None where S3 has no room for the name.

    >>> name_in(telling_key("01M7XPE600ABCDEFGHJKMNPQRS", "Straßencafé, 1/2.JPG") or "")
    'Straßencafé, 1/2.JPG'
    """
    written = quote(filename, safe="", errors="replace")
    if not written.strip("."):  # a step up a path, to some
        written = written.replace(".", "%2E")
    key = f"{ORIGINALS}{image_id}/{written}"
    return key if len(key) <= MAX_KEY_BYTES else None


def is_ours(key: str) -> bool:
    """Whether a key is one that `original_key` made."""
    return _OURS.fullmatch(key) is not None


def image_id(bucket: str, key: str) -> str:
    """Return the id of the image whose original lies at *key*."""
    match = _OURS.fullmatch(key)
    return match[1] if match else derived_id(bucket, key)


def safe_name(filename: str) -> str:
    """Return a file name as it may stand in a key: ASCII, no spaces, at most 100 characters.

    >>> safe_name("../../etc/пароль .png"), safe_name("")
    ('original.png', 'original')
    """
    last = re.split(r"[/\\]", filename)[-1]
    stem, dot, ending = last.rpartition(".")
    if not dot:
        return _ascii(last)[:MAX_NAME_LENGTH] or "original"
    name = f"{_ascii(stem) or 'original'}.{_ascii(ending)}"
    return name[-MAX_NAME_LENGTH:].strip("._-")


def _ascii(text: str) -> str:
    plain = (normalize("NFKD", character).encode("ascii", "ignore") or b"_" for character in text)
    return re.sub(r"[^A-Za-z0-9.-]+", "_", b"".join(plain).decode()).strip("._-")


def name_in(key: str) -> str:
    """Return the file name at the end of a key, as a person would call it.

    >>> name_in("holiday/2026/at%20the%20beach.jpg")
    'at the beach.jpg'
    """
    return unquote(key.rstrip("/").rsplit("/", 1)[-1], errors="replace") or key


def revision(sha256: str, presets_revision: str, version: int) -> str:
    """Return the short hash that makes a rendition's key change when its content would.

    With the *version* of the manifest that first names it in the hash, a key that was given up is
    never taken up again, and may be deleted at any later time.
    """
    return hashlib.sha256(f"{sha256} {presets_revision} {version}".encode()).hexdigest()[:16]


def rendition_key(image_id: str, revision: str, filename: str) -> str:
    """Return where a rendition goes; the same key always holds the same picture."""
    return f"{image_id}/{revision}/{filename}"


def manifest_key(image_id: str) -> str:
    """Return where an image's manifest lies."""
    return f"{image_id}/{MANIFEST}"


def id_of_manifest(key: str) -> str | None:
    """Return whose manifest lies at *key*; None where it is not a manifest's.

    >>> id_of_manifest("01M7XPE600ABCDEFGHJKMNPQRS/manifest.json")
    '01M7XPE600ABCDEFGHJKMNPQRS'
    """
    match = _MANIFEST_KEY.fullmatch(key)
    return match[1] if match else None


def _written(number: int) -> str:
    return "".join(_DIGITS[number >> shift & 31] for shift in range(125, -1, -5))
