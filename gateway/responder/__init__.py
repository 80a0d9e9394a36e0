"""Readers ask by mail and are answered; nothing of them is kept."""
