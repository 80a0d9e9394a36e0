"""What an editor wrote, as the form of a story brings it. Pure."""

from html import escape

from desk.forms import Form
from desk.shown import shown
from tamizdat.story import Story, Written

BLANK = "blank"
"""Stands for the moment of a story that was never saved."""

AUTHORS = 20


def written(form: Form, languages: tuple[str, ...], story: Story | None) -> Written:
    """The fields as a value; language and section of a story that exists stay as they are."""
    html = form.text("form") == "html"
    language = form.line("language")
    return Written(
        title=form.line("title"),
        text=_with_pictures(form, html=html),
        form="html" if html else "markdown",
        language=story.card.language if story else _known(language, languages),
        summary=form.line("summary"),
        authors=tuple(filter(None, (name.strip() for name in _names(form.line("authors")))))[
            :AUTHORS
        ],
        section=story.section if story else form.line("section"),
        correction=form.line("reason"),
    )


def as_written(story: Story) -> Written:
    """A story's text to go on with: cleaned HTML, its pictures at our own address."""
    return Written(
        title=story.card.title,
        text=str(shown(story)),
        form="html",
        language=story.card.language,
        summary=story.summary,
        authors=story.authors,
        section=story.section,
    )


def nothing(language: str) -> Written:
    """An empty sheet."""
    return Written(title="", text="", form="markdown", language=language)


def moment(story: Story | None) -> str:
    """Tells whether somebody else saved it meanwhile."""
    if story is None:
        return BLANK
    return f"{story.card.state}.{story.card.revision}.{int(story.card.at.timestamp())}"


def first_word(title: str) -> str:
    """What is typed to confirm a withdrawal; four letters where words have no spaces between."""
    words = title.split()
    first = next((word for word in words if _bare(word)), next(iter(words), ""))
    return first if len(first) <= 24 else first[:4]  # noqa: PLR2004 - no word of a headline


def is_first_word(typed: str, title: str) -> bool:
    """Whether it was typed; capitals and quotation marks do not matter."""
    word = first_word(title)
    return (_bare(typed) or typed.strip()) == (_bare(word) or word)


def _bare(word: str) -> str:
    return "".join(char for char in word.casefold() if char.isalnum())


def _known(language: str, languages: tuple[str, ...]) -> str:
    return language if language in languages else languages[0]


def _names(line: str) -> list[str]:
    for comma in "،、，":
        line = line.replace(comma, ",")
    return line.split(",")


def _with_pictures(form: Form, *, html: bool) -> str:
    """The text, with what was attached at its end."""
    alt = form.line("alt")
    text = form.text("text")
    for address in form.pictures:
        if html:
            text += f'\n<p><img src="{address}" alt="{escape(alt)}"></p>'
        else:
            text += f"\n\n![{_unbracketed(alt)}]({address})\n"
    return text


def _unbracketed(alt: str) -> str:
    return alt.translate(str.maketrans("[]\\", "() "))
