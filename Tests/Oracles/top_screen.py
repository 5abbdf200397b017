"""Runs a command on a pseudo-terminal and prints the screens that a terminal shows.

usage: top_screen.py COLUMNS LINES SECONDS KEYS COMMAND...
KEYS are typed, or "SIGTERM" and the like are sent, after SECONDS. Screens are drawn by pyte, a terminal of other
people. Printed are: the screen before the keys, "--- after", the screen at the end, "--- modes", whether the cursor
shows and the exit status, and "--- settings", whether echo and line mode are as they were.
"""

import fcntl, os, pty, select, signal, struct, sys, termios, time

import pyte

columns, lines, seconds, keys = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), sys.argv[4]


class Alternate(pyte.HistoryScreen):
    """pyte knows no second screen: this one keeps the first while the second is shown."""

    left = False
    entered = False

    def set_mode(self, *modes, **kwargs):
        if 1049 in modes:
            self.entered = True
            self.reset()
        super().set_mode(*modes, **kwargs)

    def reset_mode(self, *modes, **kwargs):
        if 1049 in modes:
            self.left = True
        super().reset_mode(*modes, **kwargs)


screen = Alternate(columns, lines)
stream = pyte.ByteStream(screen)
master, slave = pty.openpty()
fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
before = termios.tcgetattr(slave)
child = os.fork()
if child == 0:
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    for target in (0, 1, 2):
        os.dup2(slave, target)
    os.environ["TERM"] = "xterm-256color"
    os.execvp(sys.argv[5], sys.argv[5:])


def read(until):
    while time.monotonic() < until:
        if not select.select([master], [], [], 0.05)[0]:
            if os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                return
            continue
        stream.feed(os.read(master, 65536))


read(time.monotonic() + seconds)
print("\n".join(line.rstrip() for line in screen.display))
if keys.startswith("SIG"):
    os.kill(child, getattr(signal, keys))
else:
    os.write(master, keys.encode().decode("unicode_escape").encode())
read(time.monotonic() + 5)
after = termios.tcgetattr(slave)
_, status = os.waitpid(child, 0)
print("--- modes")
print("entered", screen.entered, "left", screen.left, "cursor", not screen.cursor.hidden)
print("status", os.WEXITSTATUS(status) if os.WIFEXITED(status) else -os.WTERMSIG(status))
print("--- settings", "same" if before == after else "changed")
