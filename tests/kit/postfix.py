"""A real Postfix on loopback: mail comes in by one door, answers go out by another."""

import asyncio
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from tests.kit.asking import ADDRESS, OURS, PROVIDER
from tests.kit.posthouse import in_time
from tests.kit.strangers import HOST, free_port

PROGRAM = "/usr/sbin/postfix"
MOST_BYTES = 64 * 1024

MAIN = """
compatibility_level = 3.6
queue_directory = {place}/spool
data_directory = {place}/data
maillog_file = {place}/log
maillog_file_prefixes = {place}
myhostname = mx.paper.example
mydestination =
local_recipient_maps =
alias_maps =
inet_interfaces = {host}
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
disable_dns_lookups = yes
relay_domains = {ours}
relay_recipient_maps = texthash:{place}/recipients
transport_maps = texthash:{place}/transport
virtual_mailbox_domains = {provider}
virtual_mailbox_base = {place}/mail
virtual_mailbox_maps = static:all/
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_mailbox_limit = 0
message_size_limit = 20000000
smtp_tls_security_level = none
smtpd_tls_security_level = none
smtpd_recipient_restrictions =
smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
"""

MASTER = """
{host}:{door} inet n - n - - smtpd -o message_size_limit={most} -o mynetworks=
{host}:{relay} inet n - n - - smtpd
postlog unix-dgram n - n - 1 postlogd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
error unix - - n - - error
retry unix - - n - - error
smtp unix - - n - - smtp
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
proxymap unix - - n - - proxymap
"""


@dataclass(frozen=True)
class Postfix:
    """One that runs: the port where readers' mail comes in, and the one for answers."""

    place: Path
    door: int
    relay: int

    def to(self, port: int) -> None:
        """Where the responder is, from now on."""
        (self.place / "transport").write_text(f"{OURS} smtp:[{HOST}]:{port}\n")
        self.run("reload")

    def run(self, word: str) -> None:
        subprocess.run([PROGRAM, "-c", self.place / "etc", word], check=True, capture_output=True)

    def mails(self) -> list[EmailMessage]:
        """What lies in the reader's Maildir, bounces too."""
        found = sorted((self.place / "mail" / "all" / "new").glob("*"))
        return [
            message_from_bytes(path.read_bytes(), EmailMessage, policy=default) for path in found
        ]

    def waiting(self) -> int:
        """Mails that it holds."""
        queues = ("maildrop", "incoming", "active", "deferred")
        return sum(
            path.is_file() for one in queues for path in (self.place / "spool" / one).rglob("*")
        )

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait until it is so."""
        assert await asyncio.to_thread(in_time, true)


@asynccontextmanager
async def postfix() -> AsyncIterator[Postfix]:
    """A Postfix, until the block ends."""
    place = Path(tempfile.mkdtemp(prefix="postfix"))
    found = Postfix(place, free_port(), free_port())
    try:
        await asyncio.to_thread(_laid, found)
        await asyncio.to_thread(found.run, "start")
        yield found
    finally:
        await asyncio.to_thread(found.run, "stop")
        await asyncio.to_thread(shutil.rmtree, place)


def _laid(found: Postfix) -> None:
    place, user = found.place, pwd.getpwnam("nobody")
    place.chmod(0o755)  # its parts run as different users
    for name in ("etc", "spool", "data", "mail"):
        (place / name).mkdir()
    shutil.chown(place / "data", "postfix")
    os.chown(place / "mail", user.pw_uid, user.pw_gid)
    (place / "recipients").write_text(f"{ADDRESS} known\n")
    (place / "transport").write_text("")
    main = MAIN.format(
        place=place, host=HOST, ours=OURS, provider=PROVIDER, uid=user.pw_uid, gid=user.pw_gid
    )
    (place / "etc" / "main.cf").write_text(main)
    master = MASTER.format(host=HOST, door=found.door, relay=found.relay, most=MOST_BYTES)
    (place / "etc" / "master.cf").write_text(master)
