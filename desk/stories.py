"""Stories: the pages on which editors write, release, correct and withdraw."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace

from aiohttp import web
from markupsafe import Markup

from desk import sheets
from desk.arrivals import arrival_part
from desk.cautions import blocked, cautions
from desk.channel import Channel
from desk.forms import Form, large_form, small_form
from desk.languages import lag, tabs
from desk.office import Office
from desk.pending import clock_move, done, times
from desk.previewing import Previews
from desk.reviewing import Reviewing
from desk.sessions import Visitor
from desk.shelf import shelf, waits_for
from desk.staff import words_for
from desk.template import fill
from desk.times import Zones
from desk.translating import Translating
from desk.visiting import FRAGMENT, Notes, inside, page, visitor_of
from desk.writing import as_written, first_word, is_first_word, moment, nothing, written
from tamizdat.article import ArticleId
from tamizdat.board import BoardView
from tamizdat.digest import Digest, is_digest
from tamizdat.errors import ConfigError, SourceError
from tamizdat.moves import Ask
from tamizdat.progress import CONSOLE, PENDING, UNWRITTEN
from tamizdat.rights import Right, owns
from tamizdat.state import StoryState
from tamizdat.story import Story, Written

CONFLICT = 409
SAVED_ELSEWHERE = "Somebody else saved this meanwhile. Saving again replaces what they wrote."
LOOK_FIRST = "Not released yet: cleaning took something out. Look at it, then release."
Deed = Callable[[Story, Form, int], Awaitable[Story]]
"""What is done with a story that was just saved, by whom."""

_ID = re.compile(r"[a-z2-7]{13}")


class Stories:
    """The editors' pages. `board` gives the newest view, for what is said before a release."""

    def __init__(
        self,
        office: Office,
        channel: Channel,
        notes: Notes,
        board: Callable[[], BoardView],
    ) -> None:
        self._office = office
        self._desk = office.newsdesk
        self._channel = channel
        self._notes = notes
        self._board = board
        self._zones = Zones(office.zone)
        self._reviewing = Reviewing(
            office,
            notes,
            self._zones,
            self._story,
            self._page,
            self._tell,
            lambda: blocked(board()),
        )

    def routes(self) -> list[web.RouteDef]:
        """Its addresses."""
        return [
            web.get("/", self._show_desk),
            web.get("/cards", self._show_cards),
            web.get("/stories/new", self._show_new),
            web.post("/stories/new", self._save_new),
            web.get("/stories/{id}", self._show),
            web.post("/stories/{id}", self._save),
            web.get("/stories/{id}/correct", self._show_correct),
            web.get("/stories/{id}/edit", self._show_edit),
            web.post("/stories/{id}/ask", self._ask),
            web.post("/stories/{id}/set-clock", self._set_clock),
            web.post("/stories/{id}/release", self._release),
            web.post("/stories/{id}/discard", self._discard),
            web.post("/stories/{id}/withdraw", self._withdraw),
            web.get("/pictures/{name}", self._picture),
            web.post("/stories/{id}/preview", self._save),
            *self._reviewing.routes(),
            *Previews(self._office, self._story, self._page).routes(),
            *Translating(self._office, self._notes, self._story, self._tell).routes(),
        ]

    async def _show_desk(self, request: web.Request) -> web.StreamResponse:
        cards = await self._desk.cards()
        person = _approver(visitor_of(request))
        waiting = next((card for card in cards if waits_for(card, person)), None)
        if waiting is not None and "all" not in request.query:
            raise web.HTTPSeeOther(f"/stories/{waiting.id}")
        view = self._board()
        return await self._page(
            request,
            "desk.html",
            heading="",
            empty=not cards,
            lost=blocked(view),
            delivery=view.delivery,
        )

    async def _show_cards(self, request: web.Request) -> web.StreamResponse:
        return page(await self._shelf(request, request.query.get("current", "")))

    async def _show_new(self, request: web.Request) -> web.StreamResponse:
        return await self._editor(request, None, nothing(self._office.languages[0]))

    async def _save_new(self, request: web.Request) -> web.StreamResponse:
        form = await large_form(request)
        given = written(form, self._office.languages, None)
        try:
            story = await self._desk.save(None, given, visitor_of(request).person.number)
        except (ConfigError, SourceError) as error:
            return await self._failed(request, None, given, form, str(error))
        self._tell()
        return self._kept(request, story)

    async def _show(self, request: web.Request) -> web.StreamResponse:
        story = await self._story(request)
        if FRAGMENT in request.query:
            return page(arrival_part(await self._desk.arrival(story.card.id)))
        if story.card.state in {StoryState.WRITING, StoryState.CORRECTING}:
            return await self._editor(request, story, as_written(story))
        if story.card.state in PENDING:
            return await self._reviewing.show(request, story)
        return await self._reading(request, story)

    async def _show_correct(self, request: web.Request) -> web.StreamResponse:
        story = await self._story(request)
        if story.card.state is not StoryState.OUT:
            raise web.HTTPSeeOther(f"/stories/{story.card.id}")
        return await self._editor(request, story, as_written(story), correcting=True)

    async def _show_edit(self, request: web.Request) -> web.StreamResponse:
        """What is on its way out, to be changed after all."""
        story = await self._story(request)
        if story.card.state not in PENDING:
            raise web.HTTPSeeOther(f"/stories/{story.card.id}")
        return await self._editor(request, story, as_written(story))

    async def _save(self, request: web.Request) -> web.StreamResponse:
        story, form, given = await self._given(request)
        if form.fields.get("seen") != moment(story):
            return await self._failed(request, story, given, form, SAVED_ELSEWHERE, status=CONFLICT)
        try:
            kept = await self._desk.save(story.card.id, given, visitor_of(request).person.number)
        except (ConfigError, SourceError) as error:
            return await self._failed(request, story, given, form, str(error))
        if (kept.card.title, kept.card.state) != (story.card.title, story.card.state):
            self._tell()
        return self._kept(request, kept)

    async def _release(self, request: web.Request) -> web.StreamResponse:
        """Save what stands in the form and release it, unless cleaning took something out of it."""

        async def deed(story: Story, form: Form, person: int) -> Story:
            return await self._desk.release(story.card.id, form.line("reason"), person)

        return await self._saved_and(request, deed)

    async def _ask(self, request: web.Request) -> web.StreamResponse:
        """Save what stands in the form and ask for approval; an empty time is no clock."""

        async def deed(story: Story, form: Form, person: int) -> Story:
            clock = clock_move(form.line("due"), form.line("zone"), person, self._zones)
            return await self._office.approving.move(story.card.id, clock, Ask(person=person))

        return await self._saved_and(request, deed)

    async def _set_clock(self, request: web.Request) -> web.StreamResponse:
        """Save what stands in the form and set its time; an empty one is no clock, never now."""

        async def deed(story: Story, form: Form, person: int) -> Story:
            clock = clock_move(form.line("due"), form.line("zone"), person, self._zones)
            return await self._office.approving.move(story.card.id, clock)

        return await self._saved_and(request, deed)

    async def _saved_and(self, request: web.Request, deed: Deed) -> web.StreamResponse:
        story, form, given = await self._given(request)
        person = visitor_of(request).person.number
        if form.fields.get("seen") != moment(story):
            return await self._failed(request, story, given, form, SAVED_ELSEWHERE, status=CONFLICT)
        try:
            story = await self._desk.save(story.card.id, given, person)
            after = story if story.removed else await deed(story, form, person)
        except (ConfigError, SourceError) as error:
            now = await self._desk.story(story.card.id)
            return await self._failed(request, now, given, form, str(error))
        if story.removed:
            return await self._editor(
                request, story, as_written(story), fault=LOOK_FIRST, reason=form.line("reason")
            )
        self._tell()
        self._notes.leave(visitor_of(request), done(after, self._zones.of(person)))
        raise web.HTTPSeeOther(f"/stories/{story.card.id}")

    async def _discard(self, request: web.Request) -> web.StreamResponse:
        story = await self._story(request)
        try:
            await self._desk.discard(story.card.id)
        except (ConfigError, SourceError) as error:
            self._notes.leave(visitor_of(request), str(error))
            raise web.HTTPSeeOther(f"/stories/{story.card.id}") from None
        self._tell()
        out = story.card.state is StoryState.CORRECTING
        raise web.HTTPSeeOther(f"/stories/{story.card.id}" if out else "/")

    async def _withdraw(self, request: web.Request) -> web.StreamResponse:
        story = await self._story(request)
        form = await small_form(request)
        if not is_first_word(form.line("word"), story.card.title):
            fault = f"Not withdrawn: the first word is “{first_word(story.card.title)}”."
            return await self._reading(request, story, fault=fault, withdrawing=True, status=422)
        try:
            waits = await self._desk.withdraw(story.card.id, visitor_of(request).person.number)
        except (ConfigError, SourceError) as error:
            return await self._reading(request, story, fault=str(error), status=422)
        self._tell()
        words = waits or "Withdrawn. Watch on the right from where it is gone."
        self._notes.leave(visitor_of(request), words)
        raise web.HTTPSeeOther(f"/stories/{story.card.id}")

    async def _picture(self, request: web.Request) -> web.StreamResponse:
        sha256 = request.match_info["name"].partition(".")[0]
        found = await self._desk.picture(Digest(sha256)) if is_digest(sha256) else None
        if found is None or not found[1].startswith("image/"):
            raise web.HTTPNotFound
        body, media_type = found
        headers = {"Content-Security-Policy": "default-src 'none'; sandbox"}
        return web.Response(body=body, content_type=media_type, headers=headers)

    async def _story(self, request: web.Request) -> Story:
        name = request.match_info["id"]
        story = await self._desk.story(ArticleId(name)) if _ID.fullmatch(name) else None
        if story is None:
            raise web.HTTPNotFound
        return _as_seen(request, story)

    async def _given(self, request: web.Request) -> tuple[Story, Form, Written]:
        story = await self._story(request)
        form = await large_form(request)
        return story, form, written(form, self._office.languages, story)

    def _kept(self, request: web.Request, story: Story) -> web.StreamResponse:
        """A script goes on writing; a browser without one gets the page anew."""
        if FRAGMENT in request.query:
            words = fill("cautions.html", cautions=cautions(_as_seen(request, story)))
            return web.json_response(sheets.state(story, words))
        if request.path.endswith("/preview"):
            raise web.HTTPSeeOther(f"/stories/{story.card.id}/preview")
        self._notes.leave(visitor_of(request), sheets.saved(story))
        raise web.HTTPSeeOther(f"/stories/{story.card.id}")

    def _tell(self) -> None:
        """Everybody's list of stories is another one now."""
        self._channel.tell("cards", "{}")

    async def _failed(
        self,
        request: web.Request,
        story: Story | None,
        given: Written,
        form: Form,
        fault: str,
        status: int = 422,
    ) -> web.StreamResponse:
        """What was typed comes back, with why it was not kept."""
        if FRAGMENT in request.query:
            seen = {"seen": moment(story)} if status == CONFLICT else {}
            return web.json_response({"fault": fault, **seen}, status=status)
        return await self._editor(
            request, story, given, fault=fault, status=status, reason=form.line("reason")
        )

    async def _editor(
        self,
        request: web.Request,
        story: Story | None,
        given: Written,
        *,
        fault: str = "",
        status: int = 200,
        correcting: bool = False,
        reason: str = "",
    ) -> web.StreamResponse:
        person = visitor_of(request).person.number
        policy = (await self._office.approving.policy()).as_seen_by(person)
        words = sheets.editor(
            _as_seen(request, story) if story else None,
            given,
            self._office.languages,
            correcting=correcting,
            reason=reason,
            approvals=policy.approvals,
        )
        zone = self._zones.of(person)
        words |= times(story.card.progress if story else UNWRITTEN, zone)
        lost = blocked(self._board())
        return await self._page(
            request, "editor.html", status=status, fault=fault, lost=lost, **words
        )

    async def _reading(
        self,
        request: web.Request,
        story: Story,
        *,
        fault: str = "",
        status: int = 200,
        withdrawing: bool = False,
    ) -> web.StreamResponse:
        words = sheets.reading(story, self._office.clock.now(), withdrawing=withdrawing)
        return await self._page(request, "reading.html", status=status, fault=fault, **words)

    async def _page(
        self, request: web.Request, name: str, *, status: int = 200, **words: object
    ) -> web.Response:
        story = words.get("story")
        current = story.card.id if isinstance(story, Story) else ""
        last = self._channel.last  # before anything is read, so that no news is missed
        arrival = await self._desk.arrival(ArticleId(current)) if current else None
        tongues = await self._office.translating.tongues(ArticleId(current)) if current else ()
        return inside(
            request,
            self._office,
            name,
            here="desk",
            status=status,
            last=last,
            current=current,
            now=self._office.clock.now(),
            note=self._notes.take(visitor_of(request)),
            cards=Markup(await self._shelf(request, current)),  # noqa: S704 - our own template
            arrival=arrival_part(arrival),
            tabs=tabs(tongues, self._office.languages, ArticleId(current)),
            lag=lag(tongues, ArticleId(current)),
            codes=await words_for(self._office, visitor_of(request).person),
            may=_rights(visitor_of(request), story if isinstance(story, Story) else None),
            **words,
        )

    async def _shelf(self, request: web.Request, current: str) -> str:
        who = visitor_of(request)
        zone, now = self._zones.of(who.person.number), self._office.clock.now()
        return shelf(await self._desk.cards(), now, current, _approver(who), zone)


def _as_seen(request: web.Request, story: Story) -> Story:
    """Without names of the watch list for who was forced: typing one would tell that it is on."""
    return story if visitor_of(request).person.frozen is None else replace(story, watched=())


def _approver(who: Visitor) -> int:
    """Whose approval may be waited for; CONSOLE where this person gives none."""
    return who.person.number if who.may(Right.APPROVE) else CONSOLE


def _rights(who: Visitor, story: Story | None) -> dict[str, bool]:
    """What the page offers to this person."""
    progress, person = story.card.progress if story else UNWRITTEN, who.person.number
    return {
        right.name.lower(): who.may(right, own=owns(right, person, progress.author, progress.out))
        for right in Right
    }
