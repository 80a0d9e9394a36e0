"""Running: the parts of the program that does it all on its own."""
