"""The cleaner: the last thing that touches an article's HTML, and the only maker of SafeHtml."""

import html as entities
import re

import nh3

from feeds.letters import legal
from tamizdat.article import SafeHtml

REL = "noreferrer noopener nofollow"
MAX_PASSES = 8
"""How often HTML may change its shape when parsed again before it is reduced to its text."""
MAX_NESTING = 400
"""Tags open at one time, by a rough count; deeper HTML is reduced to its text."""

TAGS = frozenset(
    str.split(
        "p h2 h3 h4 h5 h6 ul ol li dl dt dd blockquote pre code em strong b i s sub sup small mark"
        " a br hr figure figcaption table thead tbody tfoot tr th td caption colgroup col bdi bdo"
        " ruby rt rp details summary time abbr q cite span div img"
    )
)
"""Every element that may stand in an article."""

ATTRIBUTES = {
    "*": {"lang", "dir"},
    "a": {"href", "hreflang", "title"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "col": {"span"},
    "colgroup": {"span"},
    "time": {"datetime"},
    "abbr": {"title"},
    "img": {"src", "alt", "width", "height"},
}
"""Every attribute that may stand on them."""

_SILENCED = frozenset(
    str.split(
        "script style iframe object embed applet noscript template svg math title textarea select"
        " option button xmp noembed noframes plaintext frameset audio video canvas dialog"
    )
)
_NUMBER = re.compile(r"[0-9]{1,4}")
_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,4}")
_FORMS = {
    "lang": _TAG,
    "hreflang": _TAG,
    "dir": re.compile(r"ltr|rtl|auto"),
    "colspan": _NUMBER,
    "rowspan": _NUMBER,
    "span": _NUMBER,
    "width": _NUMBER,
    "height": _NUMBER,
    "scope": re.compile(r"row|col|rowgroup|colgroup"),
    "datetime": re.compile(r"[0-9TZPDHMSW:.+ -]{1,40}"),
    "src": re.compile(r"picture:[0-9]{1,4}"),
    "href": re.compile(r"(?:https?://|mailto:)[^\s\x00-\x20]{1,4000}", re.IGNORECASE),
}
_PRE_LINES = re.compile(r"(<pre\b[^>]*>)\n+", re.IGNORECASE)
_CLOSES_ITSELF = "br|hr|img|wbr|col|colgroup|p|li|dt|dd|tr|td|th|thead|tbody|tfoot|rt|rp"
_OPENING_OR_CLOSING = re.compile(rf"<(?!/?(?:{_CLOSES_ITSELF})\b)(/?)[A-Za-z]", re.IGNORECASE)


def clean(html: str) -> SafeHtml:
    """`html` with nothing left that runs, loads, hides or points anywhere unexpected.

    Never raises; what it gives is not changed by cleaning it again. Pictures stay only as
    `<img src="picture:n">`. Nothing may edit the result.
    """
    now = legal(html)
    if _nesting(now) > MAX_NESTING:
        return _text_of(now)
    for _ in range(MAX_PASSES):
        before, now = now, _pass(now)
        if before == now:
            return SafeHtml(now)
    return _text_of(now)


def _pass(html: str) -> str:
    """One cleaning. The parser eats a line feed after `<pre>`, so none is left there to eat."""
    return legal(_CLEANER.clean(_PRE_LINES.sub(r"\1", html)))


def _text_of(html: str) -> SafeHtml:
    text = _BARE.clean(_flat(html))
    return SafeHtml(f"<p>{entities.escape(entities.unescape(text), quote=False).strip()}</p>")


def _flat(html: str) -> str:
    """`html` with its nesting gone: every tag of no consequence to a reader becomes a space."""
    return re.sub(r"<[^<>]{0,4000}>", " ", html)


def _nesting(html: str) -> int:
    """How deep `html` is nested, roughly: the parser's time grows with the square of it."""
    deepest = depth = 0
    for hit in _OPENING_OR_CLOSING.finditer(html):
        depth = max(depth - 1, 0) if hit.group(1) else depth + 1
        deepest = max(deepest, depth)
    return deepest


def _attribute(tag: str, name: str, value: str) -> str | None:
    form = _FORMS.get(name)
    if form is None:
        return value
    if name == "src" and tag != "img":
        return None
    return value if form.fullmatch(value) else None


_CLEANER = nh3.Cleaner(
    tags=set(TAGS),
    clean_content_tags=set(_SILENCED),
    attributes=ATTRIBUTES,
    attribute_filter=_attribute,
    strip_comments=True,
    link_rel=REL,
    url_schemes={"https", "http", "mailto", "picture"},
    url_relative="deny",
)
_BARE = nh3.Cleaner(tags=set(), clean_content_tags=set(_SILENCED), attributes={})
