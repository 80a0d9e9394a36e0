"""Errors: one tree for bugs and refusals; expected outcomes are values instead."""


class TamizdatError(Exception):
    """Base of everything we raise on purpose; its text is one line for a person."""


class ConfigError(TamizdatError):
    """The config, or what the user typed, cannot be used as it stands."""


class SourceError(TamizdatError):
    """What came in from outside (an export, a feed, a picture) cannot be used."""


class FormatError(TamizdatError):
    """Bytes that break a clause of docs/formats.md.

    `clause` is the clause's number, `where` the file or path concerned.
    """

    def __init__(self, clause: str, where: str, detail: str) -> None:
        super().__init__(f"{where}: {detail} (formats {clause})")
        self.clause = clause
        self.where = where
        self.detail = detail


class SigningError(TamizdatError):
    """A key is missing, or a signature that we made does not verify."""


class LedgerError(TamizdatError):
    """The ledger cannot be opened, is of another version, or is in use."""


class BlobMissingError(TamizdatError):
    """A file that the ledger names by hash is not in the store."""


class BackendError(TamizdatError):
    """A mirror's owner said no, or said nothing. `retry` tells whether later may help."""

    def __init__(self, detail: str, *, retry: bool) -> None:
        super().__init__(detail)
        self.retry = retry
