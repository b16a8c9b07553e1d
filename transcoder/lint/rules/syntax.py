"""What a playlist must be as text, and how tags and attribute lists are written. The reader notes the breaches."""

from __future__ import annotations

from transcoder.lint.rulebook import MUST, SHOULD, declare

declare(
    "extm3u-first", MUST, "RFC 4.4.1.1",
    says="The first line of every playlist is #EXTM3U.",
    fix="Begin the file with the line #EXTM3U.",
)  # fmt: skip
declare(
    "not-utf8", MUST, "RFC 4.1",
    says="Playlists are UTF-8.",
    fix="Write the file as UTF-8.",
)  # fmt: skip
declare(
    "byte-order-mark", MUST, "RFC 4.1",
    says="A playlist has no byte order mark.",
    fix="Save the file as UTF-8 without BOM.",
)  # fmt: skip
declare(
    "control-character", MUST, "RFC 4.1",
    says="No control characters but line ends.",
    fix="Remove the character.",
)  # fmt: skip
declare(
    "not-normalised", MUST, "RFC 4.1",
    says="All text is in Unicode normalization form C.",
    fix="Normalise the text (NFC) before writing it.",
)  # fmt: skip
declare(
    "whitespace", MUST, "RFC 4.1",
    says="No blanks outside of quoted strings and titles.",
    fix="Remove the blanks; write them as %20 in a URI.",
)  # fmt: skip
declare(
    "playlist-unmarked", MUST, "RFC 4",
    says="A playlist is known by the suffix .m3u8 or .m3u of its path, or by its HTTP content type.",
    fix="Name the file .m3u8, or serve it as application/vnd.apple.mpegurl.",
)  # fmt: skip
declare(
    "attribute-syntax", MUST, "RFC 4.2", "RFC 4.1",
    says="An attribute list is NAME=value pairs with commas between them and no blanks.",
    fix="Write NAME=value,NAME=value; quote values with commas or blanks.",
)  # fmt: skip
declare(
    "attribute-repeated", MUST, "RFC 4.2",
    says="No attribute stands twice in a list.",
    fix="Keep one of them.",
)  # fmt: skip
declare(
    "attribute-type", MUST, "RFC 4.2", "RFC 4.4.4.5", "RFC 4.4.5.1", "RFC 4.4.6.2",
    says="The value has the type that the attribute's definition says.",
    fix="Quote strings, and only strings; write numbers without signs or units.",
)  # fmt: skip
declare(
    "attribute-value", MUST, "RFC 4.2", "RFC 4.4.6.1", "RFC 4.4.6.2", "RFC 4.4.4.4",
    says="An enumerated value is one of the defined words.",
    fix="Use one of the words listed.",
)  # fmt: skip
declare(
    "attribute-missing", MUST, "RFC 4.4.2.2", "RFC 4.4.3.7", "RFC 4.4.4.4", "RFC 4.4.4.5", "RFC 4.4.4.9",
    "RFC 4.4.5.1", "RFC 4.4.5.2", "RFC 4.4.5.3", "RFC 4.4.6.1", "RFC 4.4.6.2", "RFC 4.4.6.3", "RFC 4.4.6.4",
    "RFC 4.4.6.5", "RFC 4.4.6.6",
    says="Required attributes are there, BANDWIDTH of every variant among them.",
    fix="Add the attribute.",
)  # fmt: skip
declare(
    "tag-syntax", MUST, "RFC 4.4", "RFC 4.4.4.1",
    says="A tag's value is written as its definition says.",
    fix="Correct the value; EXTINF is #EXTINF:<seconds>,[<title>].",
)  # fmt: skip
declare(
    "tag-repeated", MUST, "RFC 4.4.1.2", "RFC 4.4.2", "RFC 4.4.3", "RFC 4.4.5", "RFC 4.4.6.6",
    says="Tags that describe the whole playlist stand once.",
    fix="Keep one of them.",
)  # fmt: skip
declare(
    "tag-misplaced", MUST, "RFC 4.4.3", "RFC 4.4.4", "RFC 4.4.6",
    says="Tags of media playlists do not stand in multivariant playlists, nor the other way round.",
    fix="Move the tag to the playlist it belongs to.",
)  # fmt: skip
declare(
    "variant-without-uri", MUST, "RFC 4.4.6.2",
    says="The line of a variant's playlist follows its EXT-X-STREAM-INF.",
    fix="Put the URI on the next line.",
)  # fmt: skip
declare(
    "variable-undefined", MUST, "RFC 4.3", "RFC 6.3.1",
    says="A variable is defined before it is used.",
    fix="Add an EXT-X-DEFINE above the line.",
)  # fmt: skip
declare(
    "define-malformed", MUST, "RFC 4.4.2.3",
    says="EXT-X-DEFINE has one of NAME (with VALUE), IMPORT and QUERYPARAM, a name of letters, digits, - and _, once.",
    fix="Correct the tag.",
)  # fmt: skip
declare(
    "date-syntax", MUST, "RFC 4.4.4.6", "RFC 4.4.5.1",
    says="Dates are ISO 8601, as 2026-02-19T14:54:23.031+08:00.",
    fix="Write the date in that form.",
)  # fmt: skip
declare(
    "removed-feature", SHOULD, "RFC 8",
    says="What was removed from the protocol is not written any more.",
    fix="Leave it out.",
)  # fmt: skip
