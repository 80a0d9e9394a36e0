"""Writes `editions.json` and `mirrors.json` beside it: `python -m tests.vectors`."""

from tests.vectors import book, courses

if __name__ == "__main__":
    book.BOOK.write_text(book.text(), encoding="utf-8")
    courses.BOOK.write_text(courses.text(), encoding="utf-8")
