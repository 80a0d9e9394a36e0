"""The wall: the board as it hangs there now. Rendered once for each change, for everybody."""

from desk.channel import BEAT, Channel
from desk.face import changes, chosen, face, page, snapshot
from tamizdat.board import BoardView, Cell


class Wall:
    """Holds the newest view as bytes, and tells listeners what changed."""

    def __init__(self, view: BoardView, *, beat: float = BEAT) -> None:
        self._face = face(view)
        self.channel = Channel(lambda: ("snapshot", snapshot(self._face)), beat=beat)
        self._pages = self._printed()

    @property
    def view(self) -> BoardView:
        """What is shown."""
        return self._face.view

    def show(self, view: BoardView) -> None:
        """Show this from now on."""
        after = face(view)
        payload = changes(self._face, after)
        self._face = after
        if payload is not None:
            self.channel.tell("change", payload)
        self._pages = self._printed()

    def page(self, *, whole: bool, who: str, beside: str, cell: Cell | None) -> bytes:
        """The page, with what belongs to one request put in."""
        head, middle, tail = self._pages[whole]
        if cell is not None:
            middle = chosen(middle, cell)
        return b"".join((head, who.encode(), middle, beside.encode("utf-8", "replace"), tail))

    def _printed(self) -> dict[bool, tuple[bytes, bytes, bytes]]:
        last = self.channel.last
        return {whole: page(self._face, last=last, whole=whole) for whole in (False, True)}
