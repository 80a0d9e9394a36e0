"""Forms and addresses that no browser sends: refused, and no page breaks. Found by its schema."""

from urllib.parse import quote

from tests.kit.desk.room import FROM_HERE, Room, opened, signed_in

ODD = 'Content-Disposition: form-data; name="\x1a\xfc"'


async def test_a_part_with_a_header_that_is_none_is_not_understood() -> None:
    room = Room()
    headers = {**FROM_HERE, "Content-Type": "multipart/form-data; boundary=b"}
    body = f"--b\r\n{ODD}\r\n\r\nx\r\n--b--\r\n".encode()

    async with opened(room) as (_, base), signed_in(room, base) as visit:
        status, _, _ = await visit.post("/stories/new", body, headers)

    assert status == 400


async def test_a_session_in_other_letters_is_not_there() -> None:
    room = Room()

    async with opened(room) as (_, base), signed_in(room, base) as visit:
        status, _, _ = await visit.post(f"/you/sessions/{quote('сессия')}/end")

    assert status == 404
