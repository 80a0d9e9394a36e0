"""The program: `tamizdat` and `python -m service`."""

import gc
import os
import sys
from collections.abc import Sequence

from service.quick import question
from tamizdat.errors import TamizdatError


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


def run(arguments: Sequence[str]) -> int:
    """Run one command, the quick way where there is one; gives the exit code."""
    asked = question(arguments)
    if asked is None:
        from service import cli  # noqa: PLC0415 - Typer is slow to load

        return cli.run(arguments)
    gc.disable()  # nothing falls away while modules load: looking for it is a tenth of the start
    from service.console import refused, stopped  # noqa: PLC0415 - as `verify` needs it alone
    from service.verbs.copies import answer  # noqa: PLC0415 - the same

    gc.freeze()
    gc.enable()
    try:
        return answer(asked)
    except (TamizdatError, ExceptionGroup) as error:
        return refused(error)
    except KeyboardInterrupt:
        return stopped()


if __name__ == "__main__":
    main()
