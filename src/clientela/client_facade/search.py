"""What a search finds: each word a prefix of a word, or a part of a number; the order of names.

Accents and case do not count (SQLite FTS5's unicode61). Numbers are indexed from each of their
digits on, so that people find a phone or a document by any part that they remember.
"""

import re
import unicodedata
from collections.abc import Iterator

from clientela.clients.model import Client

_NUMBER = re.compile(r"[0-9A-Za-z]+(?:[./+()-]+[0-9A-Za-z]+)*")
_PUNCTUATION = re.compile(r"[^0-9A-Za-z]+")
_ONLY_NUMBER = re.compile(r"[0-9\s./+()-]*[0-9][0-9\s./+()-]*")


def indexed_text(client: Client) -> str:
    """Give the words under which a client is found."""
    words = [client.name, client.email or ""]
    for number in (client.phone, client.document):
        words.extend(_endings(_PUNCTUATION.sub("", number or "")))
    return " ".join(words)


def name_key(name: str) -> str:
    """Give what a name is sorted by: accents and case do not count."""
    if name.isascii():
        return name.casefold()
    letters = unicodedata.normalize("NFKD", name)
    return "".join(c for c in letters if not unicodedata.combining(c)).casefold()


def _endings(number: str) -> Iterator[str]:
    return (number[start:] for start in range(len(number)))


def match_expression(query: str) -> str | None:
    """Give FTS5's expression for what people typed; None when there is no word in it."""
    one_number = _ONLY_NUMBER.fullmatch(query)
    words = [_PUNCTUATION.sub("", query)] if one_number else query.split()
    terms = [_term(word) for word in words if any(c.isalnum() for c in word)]
    return " AND ".join(terms) if terms else None


def _term(word: str) -> str:
    as_words = _prefix(word)
    compact = _PUNCTUATION.sub("", word)
    # 12.ABC.345 is looked up as it is indexed, too: without punctuation.
    if compact != word and _NUMBER.fullmatch(word) and any(c.isdigit() for c in compact):
        return f"({as_words} OR {_prefix(compact)})"
    return as_words


def _prefix(word: str) -> str:
    # SQLite ends an expression at a NUL.
    quoted = word.replace('"', '""').replace("\0", " ")
    return f'"{quoted}"*'
