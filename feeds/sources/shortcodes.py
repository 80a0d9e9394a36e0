"""Shortcodes: WordPress's words in brackets, taken out of a text without taking text out."""

import re
from html import escape

MAX_ATTRIBUTES = 1000
"""Characters between the name and the closing bracket; a longer one is no shortcode."""

_CODE = re.compile(rf"\[(\[?)(/?)([A-Za-z][\w-]{{0,60}})([^\[\]]{{0,{MAX_ATTRIBUTES}}})\](\]?)")
_KNOWN = re.compile(
    r"caption|wp_caption|gallery|embed|audio|video|playlist|youtube|vimeo|twitter|tweet|googlemaps"
    r"|contact-form(?:-7)?|contact-form-field|slideshow|soundcloud|instagram|facebook|nextpage|toc"
    r"|(?:wpml|vc|et_pb|fusion|av|tagdiv|su)_.*|elementor.*|rev_slider|smartslider3|ngg_images"
    r"|nggallery|adrotate",
    re.IGNORECASE,
)
_ASSIGNS = re.compile(r"[\w-]+\s*=\s*[\"'\w&#“”]")
_CAPTION = re.compile(r"caption\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_ADDRESS = re.compile(r"https?://[^\s\"'<>\[\]]{1,2000}")
_PICTURE = re.compile(r"\s*((?:<a\b[^>]*>\s*)?<img\b[^>]*>(?:\s*</a>)?)", re.IGNORECASE)
_CAPTIONS = frozenset({"caption", "wp_caption"})
_PLAYERS = frozenset(
    {"embed", "youtube", "vimeo", "twitter", "tweet", "soundcloud", "audio", "video"}
)


def without(text: str) -> str:
    """`text` without shortcodes: what they enclose stays, players become links, captions figures.

    Brackets that are a writer's own, such as `[sic]` or `[1]`, stay; `[[gallery]]` is WordPress's
    way to write `[gallery]`.
    """
    pieces: list[str] = []
    captions: list[tuple[int, str]] = []
    closed = {hit.group(3).lower() for hit in _CODE.finditer(text) if hit.group(2)}
    end = 0
    for hit in _CODE.finditer(text):
        pieces.append(text[end : hit.start()])
        end = hit.end()
        doubled, closing, name, attributes, tail = hit.groups()
        name = name.lower()
        if doubled and tail:
            pieces.append(hit.group()[1:-1])
        elif not _is_code(name, closing, attributes, closed):
            pieces.append(hit.group())
        elif name in _CAPTIONS and closing and captions:
            start, told = captions.pop()
            inner = "".join(pieces[start:])
            pieces[start:] = [_figure(inner, told)]
        elif name in _CAPTIONS and not closing:
            found = _CAPTION.search(attributes)
            captions.append((len(pieces), "".join(filter(None, found.groups())) if found else ""))
        elif name in _PLAYERS:
            pieces.append(_enclosed(pieces.pop()) if closing else _opened(attributes))
    pieces.append(text[end:])
    return "".join(pieces)


def _is_code(name: str, closing: str, attributes: str, closed: set[str]) -> bool:
    """Whether it is for WordPress: a closing, a known or later closed name, or an assignment."""
    if closing or _ASSIGNS.search(attributes):
        return True
    bare = not attributes.strip(" /") or _ADDRESS.search(attributes) is not None
    return bare and (name in closed or _KNOWN.fullmatch(name) is not None)


def _figure(inner: str, told: str) -> str:
    """The picture and its caption; the words alone where there is no picture."""
    hit = _PICTURE.match(inner)
    words = told or (inner[hit.end() :] if hit else inner)
    if not hit:
        return words.strip()
    caption = f"<figcaption>{words.strip()}</figcaption>" if words.strip() else ""
    return f"\n\n<figure>{hit.group(1)}{caption}</figure>\n\n"


def _opened(attributes: str) -> str:
    """The address that a player was given, as a link."""
    hit = _ADDRESS.search(attributes)
    return _link(hit.group()) if hit else ""


def _enclosed(told: str) -> str:
    """What a player encloses: a link where it is an address and nothing else."""
    return _link(told.strip()) if _ADDRESS.fullmatch(told.strip()) else told


def _link(address: str) -> str:
    return f'<a href="{escape(address)}">{escape(address)}</a>'
