"""The desk: where editors write, release, correct and withdraw, and operators watch the board."""
