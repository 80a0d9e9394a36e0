"""The ground: the words everyone shares and the seams where rooms and outsiders plug in."""
