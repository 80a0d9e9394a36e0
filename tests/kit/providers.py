"""Providers: which real S3 servers this machine can run."""

import shutil
import subprocess
from functools import cache

from tests.kit.bench.peers import find

CEPH = ("ceph", "ceph-mon", "ceph-osd", "monmaptool", "radosgw", "radosgw-admin")


def has_ceph() -> bool:
    """Whether Ceph is installed."""
    return all(shutil.which(one) for one in CEPH)


@cache
def rclone() -> str | None:
    """The rclone that can serve S3: Debian's cannot."""
    found = find("rclone")
    if found is None:
        return None
    asked = subprocess.run(
        [found, "serve", "s3", "--help"], capture_output=True, check=False, timeout=30
    )
    return found if b"--auth-key" in asked.stdout else None
