"""Make untrusted text safe for a terminal: file names, log lines, other programs' errors."""

from __future__ import annotations

# Format characters that only change the look of their neighbours: the joiners of emoji and of Persian
# and Indic scripts (Unicode 16, 23.2), and the tags of flags (23.9). Marks that change the direction
# of text are not included.
_JOINERS = frozenset({"\u200c", "\u200d"})
_TAGS = range(0xE0020, 0xE0080)


def printable(text: str) -> str:
    r"""Return *text* with � in place of characters that could control a terminal.

    >>> printable("a\x1b[2Jb.jpg"), printable("می\u200cخواهم") == "می\u200cخواهم"
    ('a�[2Jb.jpg', True)
    """
    return "".join(sign if _is_shown(sign) else "�" for sign in text)


def _is_shown(sign: str) -> bool:
    return sign.isprintable() or sign in _JOINERS or ord(sign) in _TAGS
