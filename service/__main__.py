"""The program: `tamizdat` and `python -m service`."""

import os
import sys

from service.cli import run


def main() -> None:
    """Run the command line; errors of ours are one line and exit code 1 or 2."""
    try:
        code = run(sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:
        # who read our output (`| head`) has left: say no more, not even at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 1
    sys.exit(code)


if __name__ == "__main__":
    main()
