"""HTML of a notebook's outputs, made safe for a page: it fetches nothing and leads nowhere.

The page's policy forbids requests, but not a `<meta http-equiv="refresh">`, and not every program
heeds a policy. So HTML is written anew: every `<` of it begins an element on the list below.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Final

from markupsafe import escape

from smtpauth_kit.words.inert import printable
from smtpauth_kit.words.words import Words


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_HTML: Final = _names("""
    a abbr acronym address article aside b bdi bdo big blockquote br button caption center cite
    code col colgroup data dd del details dfn dialog div dl dt em fieldset figcaption figure
    font footer h1 h2 h3 h4 h5 h6 header hgroup hr i img input ins kbd label legend li mark menu
    meter nav ol optgroup option output p pre progress q rp rt ruby s samp search section select
    small span strike strong style sub summary sup table tbody td textarea tfoot th thead time
    title tr tt u ul var wbr
""")
_DRAWN: Final = _names("""
    svg circle clippath defs desc ellipse feblend fecolormatrix fecomponenttransfer fecomposite
    feconvolvematrix fediffuselighting fedisplacementmap fedistantlight fedropshadow feflood
    fefunca fefuncb fefuncg fefuncr fegaussianblur femerge femergenode femorphology feoffset
    fepointlight fespecularlighting fespotlight fetile feturbulence filter foreignobject g image
    line lineargradient marker mask metadata path pattern polygon polyline radialgradient rect
    stop switch symbol text textpath tspan use view math annotation maction menclose merror
    mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow ms mspace msqrt
    mstyle msub msubsup msup mtable mtd mtext mtr munder munderover semantics
""")
"""Elements of SVG and MathML; those that change or fetch something are not among them."""

_VOID: Final = _names("br col hr img input wbr")
_SHOWN: Final = _names("hr img input math meter progress select svg table textarea")
"""Elements with a look of their own."""
_DROPPED_WHOLE: Final = _names("iframe noembed noframes script style template")
"""What stands in these is no text of the page."""

_ATTRIBUTES: Final = _names("""
    abbr align alt axis bgcolor border cellpadding cellspacing checked class color cols colspan
    datetime dir disabled download face for headers height hidden high hreflang hspace id inert
    label lang low max maxlength min multiple noshade nowrap open optimum placeholder readonly
    rel reversed role rows rowspan rules scope selected size span start step style summary
    tabindex target title translate type valign value vspace width wrap
""")
_LINKS: Final = frozenset({"href", "xlink:href", "src"})

_TAG: Final = re.compile(r"<(/?)([a-zA-Z][^\s/>]*+)", re.ASCII)
_ATTRIBUTE: Final = re.compile(
    r"""[\s/]*+([^\s/>][^\s/>=]*+)(?:\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s>]*+)))?+""", re.ASCII
)
_TAG_END: Final = re.compile(r"[\s/]*+>", re.ASCII)
_NAME: Final = re.compile(r"[A-Za-z_][\w:.-]*", re.ASCII)
_FOLLOWED: Final = re.compile(
    r"[\x00-\x20]*+(?:(?:https?|mailto):|[^:&/?#]*+(?:[/?#]|\Z))", re.IGNORECASE
)
"""A link that a person may follow: on the web, by mail, or without a scheme."""
_PICTURE: Final = re.compile(r"\s*+data:image/", re.IGNORECASE)

_CSS_ESCAPE: Final = re.compile(r"\\([0-9a-f]{1,6})\s?", re.IGNORECASE)
_CSS_INSIDE: Final = re.compile(r"""url\(\s*+["']?+(?:\#|data:image/)""", re.IGNORECASE)
_CSS_FETCHES: Final = re.compile(r"url\s*+\(|\bsrc\s*+\(|\bimage(?:-set)?\s*+\(|@import", re.I)


_INLINE: Final = frozenset({"values", "datasets"})
"""Where a chart holds data itself."""
_MADE_OF: Final = frozenset({"value", "datum", "expr", "signal", "condition"})
"""What the address of a picture may be made of, beside a field."""


def cleaned(text: str, words: Words) -> str:
    """Return HTML as it may stand on a page; empty where nothing of it would be seen.

    Elements, attributes and styles that are not known to be harmless are left out; in place of a
    picture that lies at an address stands a sentence. Elements left open are closed. Time grows
    with the text, whatever is in it.

    >>> from smtpauth_kit.words.words import speak
    >>> cleaned('<meta http-equiv="refresh" content="0"><b onclick="x()">seen', speak("en"))
    '<b>seen</b>'
    """
    page = _Page(words)
    page.read(text)
    return "".join(page.parts) if page.shows else ""


class _Page:
    """HTML that is read once, from its beginning to its end, and written anew."""

    def __init__(self, words: Words) -> None:
        self.parts: list[str] = []
        self.shows = False
        self._words = words
        self._open: list[str] = []
        self._count: Counter[str] = Counter()

    def read(self, text: str) -> None:
        """Read a whole text."""
        at = 0
        while (start := text.find("<", at)) >= 0:
            self._text(text[at:start])
            at = self._markup(text, start)
        self._text(text[at:])
        while self._open:
            self._close()

    def _text(self, text: str) -> None:
        self.parts.append(text)
        self.shows = self.shows or bool(text.strip())

    def _markup(self, text: str, start: int) -> int:
        """Take what begins with a `<`; return where it ends."""
        if found := _TAG.match(text, start):
            return self._tag(text, found)
        if text.startswith(("<!", "<?", "</"), start):  # A comment; of a text nobody sees.
            mark = "-->" if text.startswith("<!--", start) else ">"
            end = text.find(mark, start)
            return len(text) if end < 0 else end + len(mark)
        self._text("&lt;")
        return start + 1

    def _tag(self, text: str, found: re.Match[str]) -> int:
        name, at = found[2].lower(), found.end()
        given: dict[str, str | None] = {}
        while attribute := _ATTRIBUTE.match(text, at):
            value = next((v for v in attribute.groups()[1:] if v is not None), None)
            given.setdefault(attribute[1], value)
            at = attribute.end()
        ended = _TAG_END.match(text, at)
        if not ended:
            return len(text)
        is_whole = ended[0].rstrip(">").endswith("/")
        if found[1]:
            self._end(name)
        elif name in _DROPPED_WHOLE and not (is_whole and self._count["svg"]):
            return self._whole(text, name, given, ended.end())
        elif name in _HTML or name in _DRAWN:
            self._start(name, given, is_whole)
        return ended.end()

    def _whole(self, text: str, name: str, given: dict[str, str | None], start: int) -> int:
        """Take an element whose content is no markup; keep styles and the kit's own data."""
        end = re.compile(rf"</{name}(?=[\s/>])", re.I | re.A).search(text, start)
        content = text[start : end.start() if end else len(text)]
        if name == "style" and not _fetches(content):
            inert = content.replace("<!--", "").replace("-->", "").replace("<", r"\3c ")
            self.parts.append(f"<style>{inert}</style>")
        if name == "script" and _is_data(given) and "<" not in content:
            attributes = "".join(_written(each, given[each]) for each in ("type", "class"))
            self.parts.append(f"<script{attributes}>{content}</script>")
        return end.start() if end else len(text)

    def _start(self, name: str, given: dict[str, str | None], is_whole: bool) -> None:
        if name == "img" and not _PICTURE.match(source := given.get("src") or "") and source:
            self._text(str(escape(_not_fetched(source, self._words))))
            return
        drawn = name in _DRAWN
        kept = "".join(_written(each, v) for each, v in given.items() if _keeps(name, each, v))
        self.shows = self.shows or name in _SHOWN
        if drawn and is_whole:
            self.parts.append(f"<{name}{kept}/>")
            return
        self.parts.append(f"<{name}{kept}>")
        if name not in _VOID:
            self._open.append(name)
            self._count[name] += 1

    def _end(self, name: str) -> None:
        """End an element that is open, and what is open in it; any other end is no end."""
        while self._count[name] and self._close() != name:
            pass

    def _close(self) -> str:
        name = self._open.pop()
        self._count[name] -= 1
        self.parts.append(f"</{name}>")
        return name


def _is_data(given: dict[str, str | None]) -> bool:
    """Tell whether a script is no code but what the kit's own screens read."""
    kinds = ("application/json", "application/octet-stream")
    return given.get("type") in kinds and bool(
        re.fullmatch(r"smtpauth-[a-z-]+", given.get("class") or "")
    )


def _written(name: str, value: str | None) -> str:
    if value is None:
        return f" {name}"
    for sign, code in (("<", "&lt;"), (">", "&gt;"), ('"', "&quot;")):
        value = value.replace(sign, code)
    return f' {name}="{value}"'


def _keeps(element: str, written: str, value: str | None) -> bool:
    """Tell whether an attribute stays: it neither runs nor fetches anything."""
    name = written.lower()
    if not _NAME.fullmatch(name) or name.startswith("on"):
        return False
    if name.startswith(("data-", "aria-")):
        return True
    if name in _LINKS:
        return _leads(element, name, value or "")
    if element in _DRAWN or name == "style":
        return name != "xml:base" and not _fetches(value or "")
    return name in _ATTRIBUTES


def _leads(element: str, name: str, value: str) -> bool:
    """Tell whether an address is one to click on, of a picture in the page, or in the page."""
    if element == "a" and name != "src":
        return bool(_FOLLOWED.match(value))
    if element in ("img", "image"):
        return bool(_PICTURE.match(value))
    return value.startswith("#")


def _fetches(css: str) -> bool:
    """Tell whether a style, or an attribute that may be one, reaches for an address."""
    with suppress(ValueError):  # A number of thousands of digits.
        css = html.unescape(css)
    plain = _CSS_ESCAPE.sub(lambda found: chr(min(int(found[1], 16), 0x10FFFF)), css)
    return bool(_CSS_FETCHES.search(_CSS_INSIDE.sub("", plain.replace("\\", ""))))


def _not_fetched(address: str, words: Words) -> str:
    return words("A picture lies at {address}; it is not fetched.", address=_cut(address))


def _cut(address: str) -> str:
    shown = printable(" ".join(address[:300].split()))
    return shown if len(shown) <= 200 else f"{shown[:199]}…"


# --- charts --------------------------------------------------------------------------------


def address_in(spec: Any) -> str | None:
    """Return an address that drawing a Vega-Lite chart would fetch; None: there is none.

    Where one is made by the chart itself, its formula stands for it.

    >>> address_in({"layer": [{"data": {"url": "https://data.example/a.csv"}}]})
    'https://data.example/a.csv'
    """
    return next((_cut(found) for found in _addresses(spec)), None)


def _addresses(spec: Any) -> Iterator[str]:
    rows: list[Any] = []
    places: list[Any] = []
    waiting = [spec]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting += part
        elif isinstance(part, dict):
            rows += [part[key] for key in _INLINE & part.keys()]
            places += [part[key] for key in {"url"} & part.keys()]
            waiting += [value for key, value in part.items() if key not in {*_INLINE, "url"}]
    fields: set[str] = set()
    yield from _addresses_of(places, fields)
    yield from _addresses_of_rows(rows if fields else [], fields)


def _addresses_of(waiting: list[Any], fields: set[str]) -> Iterator[str]:
    """Yield what each `url` says of where; add the fields of the data that hold it."""
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting += part
        elif isinstance(part, dict):
            fields |= {str(part[key]) for key in {"field"} & part.keys()}
            waiting += [part[key] for key in _MADE_OF & part.keys()]
        elif part is not None and not _PICTURE.match(str(part)):
            yield str(part)


def _addresses_of_rows(waiting: list[Any], fields: set[str]) -> Iterator[str]:
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting += part
        elif isinstance(part, dict):
            waiting += [value for value in part.values() if isinstance(value, list | dict)]
            held = [part[field] for field in fields if isinstance(part.get(field), str)]
            yield from (each for each in held if not _PICTURE.match(each))
