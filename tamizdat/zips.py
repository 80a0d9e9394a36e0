"""ZIPs: what the standard library raises over bytes that are no sound archive. Pure."""

import lzma
import struct
import zipfile
import zlib

UNSOUND = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    RuntimeError,  # also a coding that is not known, or a passphrase that is asked for
    ValueError,  # also letters that are none
)
"""Beside OSError, which unsound bzip2 raises, and a disk."""
