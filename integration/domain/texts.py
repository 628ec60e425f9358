"""A text from elsewhere becomes one printable line, and a line too long for its place is divided and never cut."""

import unicodedata

_BLANKS = frozenset({"Cc", "Zl", "Zp", "Zs"})
_INVISIBLE = frozenset({"Cf", "Cs"})
# Persian and the Indian scripts spell with these, and emoji are joined by them.
_JOINERS = "\u200c\u200d"


def one_line(text: str | None) -> str:
    """The visible words with one blank between them; line breaks and control characters would break a label."""
    shown = "".join(_shown(letter) for letter in text or "")
    return " ".join(word for word in shown.split() if word.strip(_JOINERS))


def divide(text: str, longest: int) -> tuple[str, str]:
    """What fits into `longest` characters, ending at a word break, and the rest; a word is never broken.

    Where the first word alone is too long, nothing fits.
    """
    if len(text) <= longest:
        return text, ""
    at = max(text.rfind(" ", 0, longest + 1), 0)
    return text[:at], text[at:].lstrip(" ")


def folded(text: str) -> str:
    """A form in which spellings of one name are equal: no case, accents, full stops or doubled blanks."""
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
    return " ".join(plain.replace(".", "").replace("’", "'").replace("&", " and ").casefold().split())


def _shown(letter: str) -> str:
    category = unicodedata.category(letter)
    if category in _BLANKS:
        return " "
    return "" if category in _INVISIBLE and letter not in _JOINERS else letter
