"""Hostile texts: pastes and pages that would run, call home or hide, each around a text to keep."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

SPY = "https://spy.invalid/seen"
COUNT = 500

TEXTS = (
    "The ferry stays in harbour",
    "می‌خواهم بدانم چه شد",
    "לא יצא לים ביום שני",
    "क्‍ष का एक वाक्य",
    "渡輪停在港口裡",
    "العبّارة بقيت في الميناء",
    "Паром остался в гавани",
)
"""What must survive, with the joiners of Persian and Hindi."""

_RUNS = (
    "<script>{run}</script>",
    "<script src={spy}></script>",
    "<img src=x onerror={run}>",
    "<img src='{spy}' srcset='{spy} 2x' loading=eager>",
    "<svg onload={run}><script>{run}</script></svg>",
    "<svg><animate onbegin={run} attributeName=x></svg>",
    (
        "<math><mtext><table><mglyph><style><!--</style>"
        "<img title='--&gt;&lt;img src=1 onerror={run}&gt;'></mglyph></table></mtext></math>"
    ),
    "<iframe srcdoc='&lt;script&gt;{run}&lt;/script&gt;'></iframe>",
    "<iframe src='javascript:{run}'></iframe>",
    "<object data='{spy}'></object><embed src='{spy}'>",
    "<a href='javascript:{run}'>go</a>",
    "<a href='java\tscript:{run}'>go</a>",
    "<a href=' &#1;javascript:{run}'>go</a>",
    "<a href='data:text/html,<script>{run}</script>'>go</a>",
    "<a ping='{spy}' href='https://a.invalid/'>go</a>",
    (
        "<form action='{spy}'><input autofocus onfocus={run}>"
        "<button formaction='javascript:{run}'>x</form>"
    ),
    "<body onload={run}>",
    (
        "<link rel=stylesheet href='{spy}'><link rel=prefetch href='{spy}'>"
        "<link rel=dns-prefetch href='{spy}'>"
    ),
    "<meta http-equiv=refresh content='0;url={spy}'>",
    "<base href='{spy}/'>",
    "<style>@import '{spy}'; p{{background:url({spy})}}</style>",
    "<p style='background:url({spy})'>styled</p>",
    "<div style='position:fixed;inset:0' onclick={run}>over</div>",
    "<video poster='{spy}'><source src='{spy}' onerror={run}></video><audio src='{spy}'></audio>",
    "<picture><source srcset='{spy}'><img src='{spy}'></picture>",
    "<table background='{spy}'><tr><td background='{spy}'>cell</table>",
    "<details open ontoggle={run}>x</details>",
    "<noscript><p title='</noscript><img src=x onerror={run}>'></noscript>",
    "<template><script>{run}</script></template>",
    "<xmp><script>{run}</script></xmp><plaintext-x>",
    "<!--><script>{run}</script>-->",
    "<!--[if gte mso 9]><xml><w:x>{run}</w:x></xml><script>{run}</script><![endif]-->",
    "<o:p onclick={run}>&nbsp;</o:p>",
    "<p id=location name=document>clobber</p><form name=body><input name=firstChild></form>",
    "<isindex action=javascript:{run}>",
    "<marquee onstart={run}>m</marquee>",
    "<input type=image src='{spy}'>",
    "<use href='{spy}#x'/><image href='{spy}'/>",
    "<bgsound src='{spy}'><blink onclick={run}>",
    "<portal src='{spy}'></portal><fencedframe src='{spy}'></fencedframe>",
    "<script type=module>import '{spy}'</script><script>fetch('{spy}')</script>",
)
_CLOTHES = (
    "<p>{text}</p>{bad}",
    "{bad}<p>{text}</p>",
    "<div><p>{text}{bad}</p></div>",
    "<p class=MsoNormal><span lang=FA style='font-family:\"B Nazanin\"'>{text}</span></p>{bad}",
    "<b style='font-weight:normal' id='docs-internal-guid-1'><p>{text}</p></b>{bad}",
    "<blockquote>{bad}<p dir=rtl>{text}</p></blockquote>",
    "<ul><li>{text}<li>{bad}</ul>",
    "<table><tr><td>{text}</td><td>{bad}</td></tr></table>",
    "<article><h1>{text}</h1>{bad}</article>",
    "<p>{text}<!-- {bad} --></p>{bad}",
    "<p>{text}</p>" + "<div>" * 40 + "{bad}",
)
_TWISTS = (
    "{0}",
    "{0}\x00",
    "\ufeff{0}",
    "<!doctype html>{0}",
    "{0}<",
    "{0}&#0;&#xD800;",
    "<p>{0}</p></p>",
)


@dataclass(frozen=True, slots=True)
class Hostile:
    """One text, and the words in it that must be read in the end."""

    html: str
    text: str


def corpus(seed: int = 1, count: int = COUNT) -> Sequence[Hostile]:
    """Hostile texts, the same ones for the same seed; each way to run is in it many times."""
    dice = random.Random(seed)  # noqa: S311 - a corpus, no secret
    made = []
    for number in range(count):
        bad = _RUNS[number % len(_RUNS)]
        if number >= len(_RUNS):
            bad += dice.choice(_RUNS)
        bad = bad.format(run=f"window.ran={number}", spy=f"{SPY}?{number}")
        if dice.random() < 0.3:
            bad = "".join(dice.choice((sign.upper(), sign)) for sign in bad)
        text = dice.choice(TEXTS)
        clothed = dice.choice(_CLOTHES).format(text=text, bad=bad)
        made.append(Hostile(dice.choice(_TWISTS).format(clothed), text))
    return made
