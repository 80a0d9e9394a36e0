"""Writes `tests/vectors/editions.json`: `python -m tests.vectors`."""

from tests.vectors.book import BOOK, text

if __name__ == "__main__":
    BOOK.write_text(text(), encoding="utf-8")
