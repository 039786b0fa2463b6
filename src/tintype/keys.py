"""Names in the buckets: image IDs, the keys of originals, renditions and manifests, and tags.

The user's file name is never a key; it is only the end of one, in ASCII. The key of an original that
was uploaded with a link or through the API also contains the owner: the link's signature covers it,
whatever a client sends, and it is kept when the bytes are copied, restored or unreadable.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import UTC, datetime, timedelta
from unicodedata import normalize
from urllib.parse import quote, unquote

from tintype import owners

ORIGINALS = "originals/"
PRIVATE = "private/"  # the folder of private renditions
DELIVERED = "x/"  # the folder, in an image's, of files made for addresses; no revision is called so
MANIFEST = "manifest.json"
# Tags by which the renditions bucket's lifecycle rules select what expires.
TOMBSTONE_TAGS = {"tintype": "deleted"}  # of the manifest of a deleted image
DELIVERED_TAGS = {"tintype": "delivered"}  # of files made for addresses
MAX_KEY_BYTES = 1024  # S3's limit
MAX_NAME_LENGTH = 100  # characters of a file name at the end of a key

# Crockford's alphabet: no I, L, O, U. The first of 26 digits holds only three bits: 0 to 7.
_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
ID_PATTERN = rf"[0-7][{_DIGITS}]{{25}}"
_ID = re.compile(ID_PATTERN)
_OURS = re.compile(rf"{ORIGINALS}({ID_PATTERN})/(?:~([^/]+)/)?[^/]+")
_DELIVERED = re.compile(rf"(?:{PRIVATE}[^/]+/)?({ID_PATTERN})/{DELIVERED}([^/]+)")
_MANIFEST_KEY = re.compile(rf"({ID_PATTERN})/{re.escape(MANIFEST)}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_MILLISECOND = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // timedelta(milliseconds=1)
_RANDOM_BITS = 80


def new_id(now: datetime) -> str:
    """Return a new image ID: a ULID of 48 bits of milliseconds and 80 random bits (ulid/spec).

    >>> new_id(datetime(2026, 11, 21, tzinfo=UTC))[:10]
    '01M7XPE600'
    """
    milliseconds = (now - _EPOCH) // timedelta(milliseconds=1)
    return _written(milliseconds << _RANDOM_BITS | secrets.randbits(_RANDOM_BITS))


def derived_id(bucket: str, key: str) -> str:
    """Return the image ID for an object with any other key; it is always the same."""
    digest = hashlib.sha256(f"{bucket}\0{key}".encode("utf-8", "surrogatepass")).digest()
    return _written(int.from_bytes(digest[:16]))


def is_id(text: str) -> bool:
    """Whether *text* has the form of an image ID.

    >>> is_id("01M7XPE600ABCDEFGHJKMNPQRS"), is_id("beach.jpg")
    (True, False)
    """
    return _ID.fullmatch(text) is not None


def created_at(image_id: str) -> datetime:
    """Return the time at which `new_id` created an ID.

    Invented IDs may contain times beyond `datetime`'s range; they give its maximum.
    """
    number = 0
    for digit in image_id:
        number = number << 5 | _DIGITS.index(digit)
    return _EPOCH + timedelta(milliseconds=min(number >> _RANDOM_BITS, _LAST_MILLISECOND))


def original_key(image_id: str, filename: str, owner: str = owners.PUBLIC) -> str:
    """Return the key for the original of an owner's new image.

    >>> original_key("01M7XPE600ABCDEFGHJKMNPQRS", "Straßencafé, 1.JPG")
    'originals/01M7XPE600ABCDEFGHJKMNPQRS/Stra_encafe_1.JPG'
    >>> original_key("01M7XPE600ABCDEFGHJKMNPQRS", "beach.jpg", "alice@example.com")
    'originals/01M7XPE600ABCDEFGHJKMNPQRS/~alice%40example.com/beach.jpg'
    """
    return f"{_folder(image_id, owner)}{safe_name(filename)}"


def key_with_name(image_id: str, filename: str, owner: str = owners.PUBLIC) -> str | None:
    """Return a key for a new image's original that contains the full file name, for `name_in`.

    It is for uploads without metadata. Returns None if the name is too long for S3.

    >>> name_in(key_with_name("01M7XPE600ABCDEFGHJKMNPQRS", "Straßencafé, 1/2.JPG") or "")
    'Straßencafé, 1/2.JPG'
    """
    key = f"{_folder(image_id, owner)}{_segment(filename)}"
    return key if len(key) <= MAX_KEY_BYTES else None


def is_ours(key: str) -> bool:
    """Whether `original_key` created the key."""
    return _ours(key) is not None


def image_id(bucket: str, key: str) -> str:
    """Return the ID of the image whose original is at *key*."""
    ours = _ours(key)
    return ours[0] if ours else derived_id(bucket, key)


def owner_in(key: str) -> str | None:
    """Return the owner of the original at *key*, or None if it was put there directly.

    >>> owner_in(original_key("01M7XPE600ABCDEFGHJKMNPQRS", "beach.jpg", "alice"))
    'alice'
    >>> owner_in("originals/01M7XPE600ABCDEFGHJKMNPQRS/beach.jpg"), owner_in("~alice/beach.jpg")
    ('public', None)
    """
    ours = _ours(key)
    return ours[1] if ours else None


def safe_name(filename: str) -> str:
    """Return a file name in the form used in keys: ASCII, no spaces, at most 100 characters.

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
    """Return the file name at the end of a key, in readable form.

    >>> name_in("holiday/2026/at%20the%20beach.jpg")
    'at the beach.jpg'
    """
    return unquote(key.rstrip("/").rsplit("/", 1)[-1], errors="replace") or key


def revision(sha256: str, presets_revision: str, version: int, *, focus: str = "") -> str:
    """Return the short hash that makes a rendition's key change with its content.

    The hash includes the *version* of the manifest that first lists the rendition. An abandoned key is
    therefore never reused, and may be deleted at any later time. The *focus* of the crops keeps two
    runs that compete for a version from writing different content to the same key.
    """
    facts = f"{sha256} {presets_revision} {version}" + (f" {focus}" if focus else "")
    return hashlib.sha256(facts.encode()).hexdigest()[:16]


def rendition_key(image_id: str, revision: str, filename: str, owner: str | None = None) -> str:
    """Return the key of a rendition, private if *owner* is given; the same key always has the same content.

    >>> rendition_key("01M7XPE600ABCDEFGHJKMNPQRS", "3f9a", "thumb.webp", "auth0|ann")
    'private/auth0%7Cann/01M7XPE600ABCDEFGHJKMNPQRS/3f9a/thumb.webp'
    """
    folder = image_folder(image_id) if owner is None else private_folder(image_id, owner)
    return f"{folder}{revision}/{filename}"


def delivered_key(image_id: str, filename: str, owner: str | None = None) -> str:
    """Return the key of a file that was made for an address, private if *owner* is given.

    It has no revision, which the edge cannot know: the object's metadata have it.

    >>> delivered_key("01M7XPE600ABCDEFGHJKMNPQRS", "w_640.avif")
    '01M7XPE600ABCDEFGHJKMNPQRS/x/w_640.avif'
    """
    return f"{delivered_folder(image_id, owner)}{filename}"


def delivered_in(key: str) -> tuple[str, str] | None:
    """Return the image ID and the file name in a key of `delivered_key`, or None for any other.

    >>> delivered_in("private/ann/01M7XPE600ABCDEFGHJKMNPQRS/x/w_640.avif")
    ('01M7XPE600ABCDEFGHJKMNPQRS', 'w_640.avif')
    """
    match = _DELIVERED.fullmatch(key)
    return (match[1], match[2]) if match else None


def is_mark(key: str) -> bool:
    """Whether an object in such a folder is a mark, named after a revision, and not a file.

    >>> folder = delivered_folder("01M7XPE600ABCDEFGHJKMNPQRS")
    >>> is_mark(f"{folder}3f9a0c1d2e4b5a69"), is_mark(f"{folder}w_640.avif")
    (True, False)
    """
    return "." not in key.rpartition("/")[2]


def delivered_folder(image_id: str, owner: str | None = None) -> str:
    """Return the folder of the files that were made for an image's addresses."""
    folder = image_folder(image_id) if owner is None else private_folder(image_id, owner)
    return f"{folder}{DELIVERED}"


def image_folder(image_id: str) -> str:
    """Return the folder of an image's manifest and of its public renditions."""
    return f"{image_id}/"


def private_folder(image_id: str, owner: str) -> str:
    """Return the folder of an image's private renditions."""
    return f"{PRIVATE}{owner_folder(owner)}/{image_id}/"


def owner_folder(owner: str) -> str:
    """Return an owner as a segment of a key or a path that no program takes for a parent folder.

    >>> owner_folder("auth0|ann"), owner_folder(".."), owner_folder("*")
    ('auth0%7Cann', '%2E%2E', '%2A')
    """
    return _segment(owner)


def manifest_key(image_id: str) -> str:
    """Return the key of an image's manifest."""
    return f"{image_id}/{MANIFEST}"


def id_of_manifest(key: str) -> str | None:
    """Return the image ID of the manifest at *key*, or None if it is not a manifest's key.

    >>> id_of_manifest("01M7XPE600ABCDEFGHJKMNPQRS/manifest.json")
    '01M7XPE600ABCDEFGHJKMNPQRS'
    """
    match = _MANIFEST_KEY.fullmatch(key)
    return match[1] if match else None


def _segment(text: str) -> str:
    written = quote(text, safe="", errors="replace")
    # Only dots are a parent folder, to some programs.
    return written if written.strip(".") else written.replace(".", "%2E")


def _folder(image_id: str, owner: str) -> str:
    """Return the folder of an original's key; file names in keys have no slash."""
    mine = "" if owner == owners.PUBLIC else f"~{quote(owner, safe='')}/"
    return f"{ORIGINALS}{image_id}/{mine}"


def _ours(key: str) -> tuple[str, str] | None:
    """Return the image ID and owner in a key created by `original_key`, or None for any other."""
    match = _OURS.fullmatch(key)
    if match is None:
        return None
    owner = owners.known(unquote(match[2])) if match[2] else owners.PUBLIC
    return (match[1], owner) if owner else None


def _written(number: int) -> str:
    return "".join(_DIGITS[number >> shift & 31] for shift in range(125, -1, -5))
