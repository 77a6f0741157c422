"""Stand in for Python: have a script run by `vhi.io.warm`, and end as it did. Run as a file, with nothing imported that is slow."""

import os
import pickle
import socket
import sys


def main(path: str, *words: str) -> int:
    """Hand over the script and its arguments, with the folder, the environment and where it prints; give its exit status."""
    with socket.socket(socket.AF_UNIX) as line:
        try:
            line.connect(path)
        except OSError:  # it has ended: Python itself, then
            os.execv(sys.executable, [sys.executable, *words])
        socket.send_fds(line, [b"f"], [0, 1, 2])
        line.sendall(pickle.dumps((list(words), os.getcwd(), dict(os.environ))))
        return int(line.recv(8) or b"1")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
