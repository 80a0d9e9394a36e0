"""The lab's newspaper: the same signed edition in every process, without a file between them."""

from tests.unit.signing.paper import Files, Newsroom, bundle_path, first_files, writes

HEAVY = 96 * 1024


async def made() -> tuple[Newsroom, Files]:
    """A newsroom with one edition, and every file that lies on its mirror."""
    bundle = b"a heavy bundle\n" * (HEAVY // 15 + 1)
    room = await Newsroom().found()
    await room.publish(first_files() | {bundle_path(bundle, "zip"): bundle})
    return room, dict(writes(room, 1))
