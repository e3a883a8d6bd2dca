"""The accepted file types, detected from name and content (`docs/security.md`, "Untrusted input").

The setting FILE_TYPES can name others. Files that browsers or systems would execute are never accepted.
"""

import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from pathlib import PurePath
from typing import Final

from django.conf import settings
from django.utils.translation import gettext as _

HEAD_BYTES: Final = 8 * 1024
_OFFICE: Final = ("docx", "xlsx", "pptx", "odt", "ods", "odp")
_OLD_OFFICE: Final = ("doc", "xls", "ppt")
_DETECTED: Final = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
    "heic": "image/heic",
    "tif": "image/tiff",
    "tiff": "image/tiff",
    "bmp": "image/bmp",
    "mp4": "video/mp4",
    "zip": "application/zip",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odp": "application/vnd.oasis.opendocument.presentation",
    "doc": "application/msword",
    "xls": "application/vnd.ms-excel",
    "ppt": "application/vnd.ms-powerpoint",
    "msg": "application/vnd.ms-outlook",
}
"""Types that are detected from the content."""
_ANY_TEXT: Final = re.compile(b"")
_TEXTS: Final = {
    "txt": ("text/plain", _ANY_TEXT),
    "csv": ("text/csv", _ANY_TEXT),
    "md": ("text/markdown", _ANY_TEXT),
    "log": ("text/plain", _ANY_TEXT),
    "eml": ("message/rfc822", re.compile(rb"(From |[A-Za-z0-9-]+[ \t]*:)")),
    "ics": ("text/calendar", re.compile(rb"BEGIN:VCALENDAR\s", re.IGNORECASE)),
    "json": ("application/json", re.compile(rb"""[\[{"\-0-9tfn]""")),
    "xml": ("application/xml", re.compile(rb"<[?!A-Za-z_]")),
}
"""Text types, and patterns for their beginning after a byte order mark and white space."""
_SAME_CONTENT: Final = {
    **dict.fromkeys(_OFFICE, frozenset({*_OFFICE, "zip"})),
    **dict.fromkeys((*_OLD_OFFICE, "msg"), frozenset({*_OLD_OFFICE, "msg"})),
    **dict.fromkeys(("jpg", "jpeg"), frozenset({"jpg", "jpeg"})),
    **dict.fromkeys(("tif", "tiff"), frozenset({"tif", "tiff"})),
    "heic": frozenset({"heic", "heif"}),
}
"""File extensions whose contents can't or need not be distinguished."""
_PAGES: Final = ("html", "htm", "xhtml", "xht", "shtml", "mht", "mhtml", "svg", "svgz", "xsl", "xslt", "swf")
_PROGRAMS: Final = (
    *(
        "exe",
        "com",
        "bat",
        "cmd",
        "scr",
        "pif",
        "msi",
        "dll",
        "reg",
        "lnk",
        "url",
        "hta",
        "jar",
        "apk",
        "app",
    ),
    *("js", "mjs", "jse", "vbs", "vbe", "wsf", "wsh", "ps1", "sh", "command", "desktop", "dmg"),
)
_RUNS: Final = re.compile(rb"MZ|\x7fELF|#!|\xca\xfe\xba\xbe|[\xce\xcf]\xfa\xed\xfe")
_MARKUP: Final = re.compile(
    rb"<(!doctype\s+)?(\w+:)?(html|svg|script)\b|www\.w3\.org/(1999/xhtml|2000/svg)|<\?xml-stylesheet",
    re.IGNORECASE,
)
"""Markup that a browser would render as a page, which can run scripts."""
_START: Final = re.compile(rb"(\xef\xbb\xbf)?\s*")


def accepted_types() -> list[str]:
    """Return the accepted file extensions: those of the setting, or all that are known here."""
    named = [ending.lower().removeprefix(".") for ending in settings.FILE_TYPES]
    return sorted({*(named or [*_DETECTED, *_TEXTS])}.difference(_PAGES, _PROGRAMS))


def detect_type(name: str, head: bytes) -> str:
    """Return the media type of a file with this name and these first bytes.

    Raise ValueError, with a message for users, if the type is not accepted or does not match the content.
    """
    ending = PurePath(name).suffix.lower().removeprefix(".")
    accepted = accepted_types()
    if ending not in accepted:
        message = _("“%(name)s” has a file type that is not accepted. Accepted types: %(kinds)s.")
        raise ValueError(message % {"name": name, "kinds": ", ".join(accepted)})
    media_type, _start = _TEXTS.get(ending, (_DETECTED.get(ending, "application/octet-stream"), None))
    if not _fits(ending, head, name):
        message = _("“%(name)s” is damaged, or its content does not match its name.")
        raise ValueError(message % {"name": name})
    return media_type


def _fits(ending: str, head: bytes, name: str) -> bool:
    if ending in _TEXTS and head.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        head = head.decode("utf-16", "ignore").encode()
    begins = _START.match(head)
    content = head[begins.end() :] if begins else head
    if ending in _DETECTED:
        return bool(_detected_extensions(content, name) & _SAME_CONTENT.get(ending, frozenset({ending})))
    if ending not in _TEXTS:  # known only from the setting
        return not (_RUNS.match(head) or _MARKUP.search(head))
    _type, start = _TEXTS[ending]
    is_page = ending == "xml" and _MARKUP.search(head)
    return _is_text(head) and bool(start.match(content)) and not is_page


def _detected_extensions(head: bytes, name: str) -> set[str]:
    import puremagic  # here, because its table of types is large, and few requests have files

    try:
        found = puremagic.magic_string(head, filename=name)
    except (puremagic.PureError, ValueError):
        return set()
    # Without matching bytes, the type was only guessed from the name.
    return {each.extension.lower().removeprefix(".") for each in found if each.byte_match}


def _is_text(head: bytes) -> bool:
    """Return whether the first bytes of a file look like text, in UTF-8 or an older encoding."""
    try:
        head.decode()
    except UnicodeDecodeError as error:
        # An error in the last bytes may be a truncated character, which is acceptable.
        if error.start < len(head) - 4:
            return b"\x00" not in head and _is_legacy_text(head)
    return b"\x00" not in head


def _is_legacy_text(head: bytes) -> bool:
    """Return whether this may be text in an encoding older than Unicode: no control characters."""
    return not any(byte < ord("\t") or ord("\r") < byte < ord(" ") for byte in head)
