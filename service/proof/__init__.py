"""The proof of a withdrawal: where anything of what was taken back still stands."""
