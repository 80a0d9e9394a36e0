"""Saying: what the running service tells its log, each thing on one line with what it is about."""

import logging

_USUAL = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}


class Line(logging.Formatter):
    """`no edition (kind=LedgerError, why=...)`; nothing of it can begin a line of its own."""

    def format(self, record: logging.LogRecord) -> str:
        """The message, and what came with it."""
        about = {name: value for name, value in record.__dict__.items() if name not in _USUAL}
        told = ", ".join(f"{name}={value}" for name, value in sorted(about.items()))
        line = f"{record.getMessage()} ({told})" if told else record.getMessage()
        plain = "".join(sign if sign.isprintable() else " " for sign in line)
        if record.exc_info:
            return f"{plain}\n{self.formatException(record.exc_info)}"
        return plain


def say_all() -> None:
    """Let warnings come out on the error stream in this form."""
    handler = logging.StreamHandler()
    handler.setFormatter(Line())
    logging.basicConfig(handlers=[handler], level=logging.WARNING)
