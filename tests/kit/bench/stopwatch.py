"""A stopwatch: runs one command and tells what it cost. A small program of its own.

The peak memory that the system tells of a child is never below that of the program which started
it, so a small one starts it: `python -I -S stopwatch.py SECONDS COMMAND...` writes one line of
JSON to its standard error's end.
"""

import json
import os
import signal
import sys
import time


def main() -> None:
    """Run the command that the arguments name, to its end or to its last second."""
    patience, command = int(sys.argv[1]), sys.argv[2:]
    begun = time.perf_counter()
    child = os.posix_spawnp(command[0], command, os.environ, setpgroup=0)
    signal.signal(signal.SIGALRM, lambda *_: os.killpg(child, signal.SIGKILL))
    signal.alarm(patience)
    _, status, used = os.wait4(child, 0)
    told = {
        "code": os.waitstatus_to_exitcode(status),
        "wall": time.perf_counter() - begun,
        "cpu": used.ru_utime + used.ru_stime,
        "peak": used.ru_maxrss * 1024,
    }
    sys.stderr.write("\n" + json.dumps(told) + "\n")


if __name__ == "__main__":
    main()
