"""Stories to look at: the ones of the design, in several languages and states."""

from dataclasses import replace
from datetime import timedelta

from tamizdat.article import ArticleId
from tamizdat.board import Leg
from tamizdat.state import StoryState
from tamizdat.story import Arrival
from tests.kit.desk.board import NOW
from tests.kit.desk.stories import PICTURE_NAME, MemoryNewsdesk

STRIKE, BREAD, RECORD, DATA, SCHOOL, WARD, PERSIAN = (
    ArticleId(name * 13) for name in ("a", "b", "c", "d", "e", "f", "g")
)

BODY = """
<p>Relatives were not told, and two hearings have already taken place behind closed doors. A clerk
describes how the folder left the building in a private car.</p>
<figure><img src="picture:0" alt="The harbour in October" width="620" height="132"><figcaption>The
harbour in October.</figcaption></figure>
<h2>What the file contains</h2>
<p>The list of witnesses fills nine pages. Seven of the names on it are struck out by hand.</p>
"""
FARSI = (
    "<p>به بستگان خبر داده نشد و دو جلسه پشت درهای بسته برگزار شده است.</p>"
    "<p>پرونده در سپتامبر به دادگاه دیگری فرستاده شد.</p>"
)


def fill_newsdesk(newsdesk: MemoryNewsdesk) -> None:
    """Lay the samples on the desk."""
    picture = (PICTURE_NAME,)
    story = newsdesk.add(
        STRIKE,
        "Judges quietly reopen the case of the harbour strike",
        BODY,
        state=StoryState.WRITING,
        section="Courts",
        summary="Four documents seen by this newspaper show that the file was moved to another"
        " district in September.",
        pictures=picture,
        removed=("a script from elsewhere", "3 inline styles"),
    )
    newsdesk.stories[STRIKE] = story
    newsdesk.add(BREAD, "Bread price rises for the third time", "<p>x</p>", state="writing")
    newsdesk.add(RECORD, "How to ask for a court record", "<p>x</p>", state="correcting")
    newsdesk.add(
        DATA,
        "Mobile data cut in two border towns",
        BODY,
        section="Borders",
        pictures=picture,
        summary="Both lost the mobile internet on Saturday night; fixed lines still work.",
        path=f"en/2026/{DATA}.html",
    )
    newsdesk.add(PERSIAN, "قاضیان پرونده اعتصاب بندر را بی‌صدا باز کردند", FARSI, language="fa")
    newsdesk.add(SCHOOL, "School reform", "<p>x</p>", revision=2, correction="The year was wrong")
    newsdesk.add(WARD, "", "", state="withdrawn")
    for number, name in enumerate((BREAD, RECORD, DATA, PERSIAN, SCHOOL, WARD)):
        old = newsdesk.stories[name]
        at = NOW - timedelta(hours=5 * number, minutes=4)
        newsdesk.stories[name] = replace(old, card=replace(old.card, at=at))
    newsdesk.arrivals[DATA] = arrival(12)


def arrival(done: int) -> Arrival:
    """How the data story gets out: on so many of twelve mirrors."""
    names = ["aster", "birch", "cedar", "dune", "fjord", "grove", "heron", "inlet"]
    names += ["jetty", "knoll", "larch", "marsh"]
    places = [(name, 6.0 + n if n < done else None) for n, name in enumerate(names)]
    return Arrival(
        id=DATA,
        revision=1,
        began=NOW - timedelta(minutes=30),
        legs=(
            Leg(name="released", done=1, wanted=1, seconds=0.1),
            Leg(name="built and signed", done=1, wanted=1, seconds=1.1),
            Leg(name="on mirrors", done=done, wanted=12, seconds=17.0 if done == 12 else None),
            Leg(name="in gateways’ feeds", done=1, wanted=2),
        ),
        places=(*places, ("post", 22.0), ("relay", None)),
        refusals=(("ember", "answers 503: its owner switched it off"),),
        address=f"https://aster.example/en/2026/{DATA}.html" if done else None,
    )
