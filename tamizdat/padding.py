"""Padding: lengths that tell little of what has them. Pure."""


def padme(length: int) -> int:
    """The Padmé length for `length`: at most 12 % more, and it tells log log of the length.

    Nikitin, Barman, Lueks, Underwood, Hubaux, Ford: Reducing Metadata Leakage from Encrypted
    Files and Communication with PURBs, PoPETs 2019(4), algorithm 1.
    """
    if length < 2:  # noqa: PLR2004 - neither has a logarithm to speak of
        return length
    exponent = length.bit_length() - 1
    kept = exponent.bit_length()
    mask = (1 << (exponent - kept)) - 1 if exponent > kept else 0
    return (length + mask) & ~mask
