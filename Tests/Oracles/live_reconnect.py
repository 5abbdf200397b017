#!/usr/bin/python3
"""A memif client whose server is killed and started again, also in the middle of their handshake.

    unshare -n ./live_reconnect.py PENSTOCK [--kills N] [--seed N]

PENSTOCK is the program. One process is the client of a memif, the other one its server, which is killed with SIGKILL after
some milliseconds, N times: before it listens, while both agree, and after; every third is stopped for a while before. The
client must live, and be up when the last server is.

Prints what it measured. Exit: 0 as expected; 1 not so. Needs nothing but the program.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time

PORTS = """
switch: {name: %s}
ports:
  - {name: m, speed: 1G, mtu: 1500, device: "memif:%s,role=%s", vlan: 10}
  - {name: n, speed: 1G, mtu: 1500, device: "null:", vlan: 10}
"""


def start(program, directory, name, role):
    path = os.path.join(directory, name + ".yaml")
    with open(path, "w") as file:
        file.write(PORTS % (name, os.path.join(directory, "memif.sock"), role))
    command = [program, "run", path, "--socket", os.path.join(directory, name + ".sock")]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def is_up(program, directory):
    words = [program, "show", "ports", "--json", "--socket", os.path.join(directory, "client.sock")]
    result = subprocess.run(words, capture_output=True, text=True, timeout=20)
    if result.returncode:
        return False
    return next(port for port in json.loads(result.stdout)["ports"] if port["name"] == "m")["is_up"]


def until(condition, seconds):
    begin = time.monotonic()
    while time.monotonic() - begin < seconds:
        if condition():
            return time.monotonic() - begin
        time.sleep(0.02)
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("penstock")
    parser.add_argument("--kills", type=int, default=25, help="how often the server is killed (25)")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    chance = random.Random(arguments.seed)
    with tempfile.TemporaryDirectory(prefix="penstock-") as directory:
        client = start(arguments.penstock, directory, "client", "client")
        server = None
        killed = 0
        try:
            for killed in range(1, arguments.kills + 1):
                server = start(arguments.penstock, directory, "server", "server")
                # Most handshakes are at 200 to 600 ms: DPDK starts first, and the client looks every 100 ms.
                time.sleep(chance.uniform(0.1, 1.2))
                if killed % 3 == 0:
                    # It answers nothing more, but its socket still takes clients in.
                    server.send_signal(signal.SIGSTOP)
                    time.sleep(chance.uniform(0.2, 1.5))
                server.send_signal(signal.SIGKILL)
                server.communicate()
                if client.poll() is not None:
                    break
            if client.poll() is None:
                server = start(arguments.penstock, directory, "server", "server")
                seconds = until(lambda: is_up(arguments.penstock, directory), 10)
                if seconds is None:
                    print("FAULT the client did not come up again")
                    return 1
                print("ok    after %d kills the client lives, and was up %.2f s after the last server's start" % (
                    killed, seconds))
                return 0
            print("FAULT the client ended with %d after %d kills:\n%s" % (
                client.returncode, killed, client.stderr.read()[-600:]))
            return 1
        finally:
            for process in (client, server):
                if process and process.poll() is None:
                    process.terminate()
                    process.communicate()


if __name__ == "__main__":
    sys.exit(main())
