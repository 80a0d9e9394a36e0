"""The program: `tamizdat` and `python -m service`."""

import sys

from service.cli import run


def main() -> None:
    """Run the command line; errors of ours are one line and exit code 1 or 2."""
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
