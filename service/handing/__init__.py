"""Handing out: who learns which secret mirror, in a newsroom that runs."""
