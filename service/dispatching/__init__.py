"""Dispatching: who does the work, this program or several."""
