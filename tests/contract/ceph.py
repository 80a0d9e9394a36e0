"""A Ceph cluster of one monitor, one disk in memory and one RADOS Gateway, on loopback.

It speaks S3 over HTTP and over HTTPS, with a certificate of an authority of ours.
"""

import os
import subprocess
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.contract.s3_server import KEYS, Server
from tests.kit.lab.certificates import issued
from tests.kit.strangers import free_port

HOST = "localhost"
PATIENCE = 60.0

_CONFIG = """\
[global]
fsid = {fsid}
mon_host = v1:127.0.0.1:{monitor}
monmap = {place}/monmap
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
ms_bind_msgr2 = false
ms_bind_ipv6 = false
public_network = 127.0.0.0/8
run_dir = {place}
admin_socket = {place}/$name.asok
keyring = {place}/keyring
log_file = {place}/$name.log
pid_file =
crash_dir = {place}
osd_objectstore = memstore
memstore_device_bytes = 1073741824
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 1
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
mon_allow_pool_size_one = true
mon_data_avail_crit = 0
mon_data_avail_warn = 0
osd_memory_target = 939524096
osd_class_update_on_start = false
osd_crush_update_on_start = false
rgw_dynamic_resharding = false
rgw_enable_usage_log = false
rgw_thread_pool_size = 32
[mon.a]
mon_data = {place}/mon
[osd.0]
osd_data = {place}/osd
[client.rgw]
rgw_data = {place}
rgw_frontends = beast tcp_nodelay=1 endpoint=127.0.0.1:{plain} ssl_endpoint=127.0.0.1:{secure} \
ssl_certificate={place}/shown.pem
"""


@dataclass(frozen=True)
class Ceph:
    """A running cluster, by its two doors."""

    plain: Server
    secure: Server
    config: Path

    def admin(self, *words: str) -> None:
        """Let the cluster's owner do something."""
        _run("radosgw-admin", "-c", str(self.config), *words)


@contextmanager
def running(place: Path) -> Iterator[Ceph]:
    """Start a cluster in an empty folder, wait until it answers, stop it at the end."""
    monitor, plain, secure = free_port(), free_port(), free_port()
    fsid, config = str(uuid.uuid4()), place / "ceph.conf"
    authority = issued("Authority of the cluster")
    issued(HOST, by=authority).write(place / "shown.pem")
    (place / "authority.pem").write_text(authority.pem)
    (place / "keyring").touch()
    config.write_text(
        _CONFIG.format(fsid=fsid, place=place, monitor=monitor, plain=plain, secure=secure)
    )
    conf = ["-c", str(config)]
    with ExitStack() as stack:
        _monitor(conf, place, fsid, monitor, stack)
        _disk(conf, place, stack)
        user = ["user", "create", "--uid=paper", "--display-name=paper"]
        _run("radosgw-admin", *conf, *user, f"--access-key={KEYS.access_key}",
             f"--secret={KEYS.secret_key}")  # fmt: skip
        _start(["radosgw", *conf, "-n", "client.rgw", "-f"], place, stack)
        _until(lambda: _answers(f"http://127.0.0.1:{plain}/"))
        trusted = place / "authority.pem"
        yield Ceph(
            plain=Server(endpoint=f"http://127.0.0.1:{plain}"),
            secure=Server(
                endpoint=f"https://{HOST}:{secure}",
                street=f"http://127.0.0.1:{plain}",
                authority=trusted,
            ),
            config=config,
        )


def _monitor(conf: list[str], place: Path, fsid: str, port: int, stack: ExitStack) -> None:
    chart = str(place / "monmap")
    _run("monmaptool", "--create", "--fsid", fsid, "--addv", "a", f"[v1:127.0.0.1:{port}]", chart)
    _run("ceph-mon", *conf, "--mkfs", "-i", "a", "--monmap", chart)
    _start(["ceph-mon", *conf, "-i", "a", "-f"], place, stack)


def _disk(conf: list[str], place: Path, stack: ExitStack) -> None:
    (place / "osd").mkdir()
    _run("ceph-osd", *conf, "-i", "0", "--mkfs", "--osd-uuid", str(uuid.uuid4()))
    ask = ["ceph", *conf, "--connect-timeout", "60"]
    # a disk in memory gives itself a number of its own
    _run(*ask, "osd", "new", (place / "osd" / "fsid").read_text().strip(), "0")
    _run(*ask, "osd", "crush", "add", "osd.0", "1.0", "host=here", "root=default")
    _start(["ceph-osd", *conf, "-i", "0", "-f"], place, stack)
    _until(lambda: '"num_up_osds":1' in _run(*ask, "osd", "stat", "--format", "json"))


def _run(*command: str) -> str:
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=PATIENCE, check=False, env=_SOBER
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]}: {done.stderr[-500:]}")
    return done.stdout


def _start(command: list[str], place: Path, stack: ExitStack) -> None:
    log = stack.enter_context((place / f"{command[0]}.out").open("wb"))
    server = subprocess.Popen(command, stdout=log, stderr=log, env=_SOBER)
    stack.callback(_stop, server)


def _stop(server: "subprocess.Popen[bytes]") -> None:
    """What it keeps is in memory, or thrown away: it need not tidy up."""
    server.kill()
    server.wait(10)


def _answers(address: str) -> bool:
    try:
        urllib.request.urlopen(address, timeout=5).close()  # noqa: S310 - ours
    except OSError:
        return False
    return True


def _until(ready: Callable[[], bool]) -> None:
    ends = time.monotonic() + PATIENCE
    while not ready():
        if time.monotonic() > ends:
            raise RuntimeError("Ceph did not start")
        time.sleep(0.2)


_SOBER = {"PATH": os.environ.get("PATH", "/usr/bin:/bin:/usr/sbin:/sbin"), "LC_ALL": "C.UTF-8"}
