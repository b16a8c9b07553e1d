"""Languages as BCP 47 (RFC 5646) tags: checked where people write them, named in their own words."""

from __future__ import annotations

import re

from viewbox.errors import InvalidInput

LANGUAGE_NAMES = {
    "ar": "العربية", "bg": "Български", "ca": "Català", "cs": "Čeština", "da": "Dansk", "de": "Deutsch",
    "el": "Ελληνικά", "en": "English", "es": "Español", "et": "Eesti", "eu": "Euskara", "fa": "فارسی", "fi": "Suomi",
    "fr": "Français", "gl": "Galego", "he": "עברית", "hi": "हिन्दी", "hr": "Hrvatski", "hu": "Magyar",
    "id": "Indonesia", "it": "Italiano", "ja": "日本語", "ko": "한국어", "lt": "Lietuvių", "lv": "Latviešu",
    "ms": "Melayu", "nb": "Norsk bokmål", "nl": "Nederlands", "no": "Norsk", "pl": "Polski", "pt": "Português",
    "ro": "Română", "ru": "Русский", "sk": "Slovenčina", "sl": "Slovenščina", "sr": "Српски", "sv": "Svenska",
    "th": "ไทย", "tr": "Türkçe", "uk": "Українська", "vi": "Tiếng Việt", "zh": "中文",
}  # fmt: skip
ISO_639_1 = {
    "ara": "ar", "baq": "eu", "bul": "bg", "cat": "ca", "ces": "cs", "chi": "zh", "cze": "cs", "dan": "da",
    "deu": "de", "dut": "nl", "ell": "el", "eng": "en", "est": "et", "eus": "eu", "fas": "fa", "fin": "fi",
    "fra": "fr", "fre": "fr", "ger": "de", "glg": "gl", "gre": "el", "heb": "he", "hin": "hi", "hrv": "hr",
    "hun": "hu", "ind": "id", "ita": "it", "jpn": "ja", "kor": "ko", "lav": "lv", "lit": "lt", "may": "ms",
    "msa": "ms", "nld": "nl", "nob": "nb", "nor": "no", "per": "fa", "pol": "pl", "por": "pt", "ron": "ro",
    "rum": "ro", "rus": "ru", "slk": "sk", "slo": "sk", "slv": "sl", "spa": "es", "srp": "sr", "swe": "sv",
    "tha": "th", "tur": "tr", "ukr": "uk", "vie": "vi", "zho": "zh",
}  # fmt: skip  # RFC 5646 wants the shorter code where there is one
MAX_TAG_CHARACTERS = 35  # as many as RFC 5646, 4.4.1 asks everybody to keep
_TAG = re.compile(
    r"(?P<language>[a-z]{2,3}(?:-[a-z]{3}){0,3})(?:-(?P<script>[a-z]{4}))?(?:-(?P<region>[a-z]{2}|[0-9]{3}))?"
    r"(?P<rest>(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*(?:-[a-wy-z0-9](?:-[a-z0-9]{2,8})+)*(?:-x(?:-[a-z0-9]{1,8})+)?)",
    re.ASCII,
)


def language_tag(language: str) -> str:
    """RFC 5646: the two-letter code where there is one, `und` when the source does not say."""
    return ISO_639_1.get(language, language)


def checked_tag(text: str) -> str:
    """A tag as people write it, in its usual letters. Raises InvalidInput `bad_language` unless it is well-formed.

    Whether the registry lists its parts is not looked up: new ones come every year.

    >>> checked_tag("EN-us"), checked_tag("zh_hans"), checked_tag("eng")
    ('en-US', 'zh-Hans', 'en')
    """
    match = _TAG.fullmatch(text.strip().lower().replace("_", "-"))
    if match is None or len(text) > MAX_TAG_CHARACTERS:
        raise InvalidInput(
            f"{text[:MAX_TAG_CHARACTERS]!r} is not a language tag", code="bad_language",
            hint="write it as BCP 47 does: en, de, pt-BR, zh-Hant",
        )  # fmt: skip
    first, *extended = match["language"].split("-")
    parts = [
        "-".join([language_tag(first), *extended]),
        (match["script"] or "").title(),
        (match["region"] or "").upper(),
    ]
    return "-".join(filter(None, parts)) + match["rest"]


def base_of(tag: str) -> str:
    """The language without script and region.

    >>> base_of("pt-BR")
    'pt'
    """
    return tag.partition("-")[0].lower()


def name_of(tag: str, unknown: str) -> str:
    """What people choose: the language's own name, with the rest of the tag beside it.

    >>> name_of("de", ""), name_of("pt-BR", ""), name_of("und", "Captions")
    ('Deutsch', 'Português (BR)', 'Captions')
    """
    if tag == "und":
        return unknown
    base, _, rest = tag.partition("-")
    name = LANGUAGE_NAMES.get(base)
    if name is None:
        return tag
    return f"{name} ({rest})" if rest else name
