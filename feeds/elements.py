"""Elements of HTML: which of them say what, which only say how, and which never stay."""

DROPPED = str.split(
    "script style noscript template svg math form input select textarea button option label"
    " fieldset nav applet frame frameset canvas dialog link meta base head title map area"
)
"""Gone with all that they hold."""

FRAMES = ("iframe", "embed", "object", "video", "audio")
"""They show what lies elsewhere."""

RENAMED = {
    "b": "strong", "i": "em", "tt": "code", "samp": "code", "kbd": "code", "var": "em",
    "strike": "s", "del": "s", "acronym": "abbr", "dfn": "em", "dir": "ul", "menu": "ul",
    "listing": "pre", "xmp": "pre",
}  # fmt: skip
"""They said how, or are out of use: what they mean today."""

BOXES = frozenset(
    str.split("div section article main header footer center address hgroup aside body html")
)
"""They hold blocks and mean nothing to a reader."""

INLINE = frozenset(
    str.split(
        "a em strong s sub sup small mark code bdi bdo span ruby rt rp abbr time q cite br img"
    )
)
"""They stand within a line."""

BLOCKS = frozenset(
    str.split(
        "p h2 h3 h4 h5 h6 li dt dd td th caption figcaption summary pre ul ol dl blockquote figure"
        " table thead tbody tfoot tr colgroup col details hr"
    )
)
"""They stand alone."""

KEPT = INLINE | BLOCKS | {"div"}
"""Of all others, the text stays."""

TURNED = sorted((BLOCKS - {"hr", "col", "colgroup", "thead", "tbody", "tfoot", "tr"}) | {"div"})
"""They can have a direction of their own."""

NEED_TEXT = str.split(
    "p h2 h3 h4 h5 h6 blockquote figure figcaption ul ol li dl span em strong s a div"
)
"""Empty, they are nothing."""
