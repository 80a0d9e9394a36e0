"""Rules: which right each address of the desk asks for. What stands here nowhere is refused."""

from collections.abc import Mapping

from tamizdat.rights import Right

PUBLIC = frozenset(
    {
        ("GET", "/sign-in"),
        ("POST", "/sign-in"),
        ("GET", "/join/{token}"),
        ("POST", "/join/{token}"),
    }
)
"""Open to whoever is not signed in; the assets are too (`ASSETS`)."""

ASSETS = "/assets/"

_CELL = "/board/cell/{mirror}/{country}"

RULES: Mapping[tuple[str, str], Right] = {
    ("POST", "/sign-out"): Right.SELF,
    ("POST", "/sign-out-everywhere"): Right.SELF,
    ("GET", "/keys"): Right.SELF,
    ("GET", "/you"): Right.SELF,
    ("POST", "/you/sessions/{session}/end"): Right.SELF,
    ("POST", "/you/second"): Right.SELF,
    ("GET", "/names"): Right.RELEASE,
    ("POST", "/names/add"): Right.RELEASE,
    ("POST", "/names/remove"): Right.RELEASE,
    ("GET", "/bylines"): Right.RELEASE,
    ("POST", "/bylines"): Right.RELEASE,
    ("GET", "/set-aside"): Right.WRITE,
    ("GET", "/log"): Right.LOG,
    ("GET", "/people"): Right.PEOPLE,
    ("POST", "/people/{number}/role"): Right.PEOPLE,
    ("POST", "/people/{number}/sign-out"): Right.PEOPLE,
    ("POST", "/people/{number}/remove"): Right.PEOPLE,
    ("GET", "/"): Right.READ,
    ("GET", "/cards"): Right.READ,
    ("GET", "/events"): Right.READ,
    ("GET", "/pictures/{name}"): Right.READ,
    ("GET", "/stories/{id}"): Right.READ,
    ("GET", "/stories/new"): Right.WRITE,
    ("POST", "/stories/new"): Right.WRITE,
    ("POST", "/stories/paste"): Right.WRITE,
    ("POST", "/stories/{id}"): Right.WRITE,
    ("POST", "/stories/{id}/translate"): Right.WRITE,
    ("POST", "/stories/{id}/agree"): Right.WRITE,
    ("GET", "/stories/{id}/preview"): Right.READ,
    ("POST", "/stories/{id}/preview"): Right.WRITE,
    ("GET", "/stories/{id}/as/{kind}/{path}"): Right.READ,
    ("GET", "/stories/{id}/correct"): Right.WRITE,
    ("GET", "/stories/{id}/edit"): Right.WRITE,
    ("POST", "/stories/{id}/ask"): Right.ASK,
    ("POST", "/stories/{id}/set-clock"): Right.RELEASE,
    ("POST", "/stories/{id}/release"): Right.RELEASE,
    ("POST", "/stories/{id}/discard"): Right.DISCARD,
    ("POST", "/stories/{id}/withdraw"): Right.WITHDRAW,
    ("POST", "/stories/{id}/approve"): Right.APPROVE,
    ("POST", "/stories/{id}/send"): Right.RELEASE,
    ("POST", "/stories/{id}/send-back"): Right.SEND_BACK,
    ("POST", "/stories/{id}/hold"): Right.HOLD,
    ("POST", "/stories/{id}/clock"): Right.PLAN,
    ("POST", "/stories/{id}/stop-clock"): Right.SEND_BACK,
    ("GET", "/board"): Right.WATCH,
    ("GET", "/board/events"): Right.WATCH,
    ("GET", _CELL): Right.WATCH,
    ("POST", f"{_CELL}/look"): Right.WATCH,
    ("GET", "/board/raw/{number}"): Right.WATCH,
    ("GET", "/incidents"): Right.WATCH,
    ("GET", f"{_CELL}/rotate"): Right.TURN,
    ("POST", f"{_CELL}/rotate"): Right.TURN,
    ("POST", "/incidents/{number}/false-alarm"): Right.TURN,
    ("POST", "/turns/{number}/undo"): Right.TURN,
}


def is_public(method: str, address: str) -> bool:
    """Whether an address is there for somebody who is not signed in."""
    return (_read(method), address) in PUBLIC or address.startswith(ASSETS)


def right_for(method: str, address: str) -> Right | None:
    """What an address asks for, as the router spells it; None: nobody may ask it."""
    return RULES.get((_read(method), address))


def _read(method: str) -> str:
    return "GET" if method == "HEAD" else method
