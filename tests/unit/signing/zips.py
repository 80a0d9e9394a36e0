"""ZIPs to seal."""

import io
import zipfile


def plain_zip(members: dict[str, bytes]) -> bytes:
    """A ZIP without a comment."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, body in sorted(members.items()):
            archive.writestr(zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0)), body)
    return stream.getvalue()
