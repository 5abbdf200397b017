#!/usr/bin/python3
"""Ports come to `penstock run` and leave it while hosts on other ports talk.

    unshare -n ./live_ports.py PENSTOCK WORKERS [--cycles N]

PENSTOCK is the program, WORKERS how many workers the switch has. Hosts are network namespaces on TAP devices. A stream of
datagrams from one host to another must lose nothing while a third port comes, is used, leaves and comes again, N times, and
then as fast as it goes; while wrong configurations are refused; and while one is taken back.

Prints what it measured. Exit: 0 as expected; 1 not so; 2 nothing could be tried. Debian: iproute2, iputils-ping.
"""

import argparse
import contextlib
import os
import sys
import tempfile
import time

import namespace
from live_switch import FAULTS, Host, Stream, Switch, drops, expect, warm

PORT = '  - {name: h%d, speed: 1G, mtu: 1500, device: "tap:h%d", address: 10.%d.0.1/24}\n'


def configuration(numbers, workers, more="", port=PORT):
    ports = "".join(port % (n, n, n) for n in numbers)
    return "switch: {name: live, max-ports: 4}\nworkers: %d\nports:\n%s%s" % (workers, ports, more)


def reload(switch, text, **options):
    return switch.request("POST", "/v1/switches/live/reload", {"text": text, "path": switch.path, **options})


def names(switch):
    return [port["name"] for port in switch.show("ports")["ports"]]


def pools(switch):
    return {pool["name"]: (pool["size_bytes"], pool["used_bytes"]) for pool in switch.show("buffers")["buffers"]["pools"]}


def until(condition, seconds=5):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False


def refusals(switch, two, workers):
    """Wrong files, each of which changes nothing."""
    sizes = pools(switch)
    for what, text, words in (
        ("a device that is not there", two + '  - {name: h3, speed: 1G, mtu: 1500, device: "af_packet:nosuch"}\n', "nosuch"),
        ("a device that another port has", two.replace("name: h2", "name: h9"), "h2"),
        ("no device", two + "  - {name: h3, speed: 1G, address: 10.3.0.1/24}\n", "device"),
        ("a port with another speed", two.replace("speed: 1G", "speed: 2G", 1), "h1"),
        ("more ports than there is room for", configuration(range(1, 6), workers), "max-ports"),
        ("more than the buffer holds", two + PORT % (3, 3, 3) + "buffer: {size: 100kB}\n", "buffer"),
    ):
        status, answer = reload(switch, text)
        said = str(answer)
        expect(status == 422 and words in said, "refused for %s: %s" % (what, said[:200]))
        expect(names(switch) == ["h1", "h2"] and pools(switch) == sizes, "%s has changed nothing" % what)


def use(hosts, third):
    """Takes the new port over, and lets everybody talk to everybody."""
    third.take("h3", ["10.3.0.2/24"], ["10.3.0.1"])
    if not until(lambda: ", 0% packet loss" in third.run("ping -c 1 -W 1 -q 10.3.0.1"), 3):
        return False
    return all(
        ", 0% packet loss" in one.run("ping -c 5 -i 0.01 -W 1 -q " + address)
        for one, address in ((third, "10.1.0.2"), (hosts[0], "10.3.0.2"), (third, "10.2.0.2"), (hosts[1], "10.3.0.2")))


def ports(program, directory, workers, cycles):
    two, three = configuration([1, 2], workers), configuration([1, 2, 3], workers)
    with contextlib.ExitStack() as stack:
        hosts = [Host(name, stack) for name in "ab"]
        third = Host("c", stack)
        switch = Switch(program, two, directory, stack)
        for number, host in enumerate(hosts, 1):
            host.take("h%d" % number, ["10.%d.0.2/24" % number], ["10.%d.0.1" % number])
        warm(hosts[0], "10.2.0.2")
        sizes, before = pools(switch), drops(switch)
        own = hosts[0].lost("h1") + hosts[1].lost("h2")
        stream = Stream(hosts[0], hosts[1:], "10.2.0.2", 5009, 3000, 200)
        refusals(switch, two, workers)
        status, answer = reload(switch, three, is_dry_run=True)
        expect(status == 200 and "port h3 comes" in str(answer) and names(switch) == ["h1", "h2"], "diff: %s" % answer)
        used = 0
        for cycle in range(cycles):
            status, answer = reload(switch, three)
            if status != 200 or not answer["is_applied"]:
                expect(False, "cycle %d: %s" % (cycle, answer))
                break
            used += use(hosts, third)
            counted = [port for port in switch.show("ports")["ports"] if port["name"] == "h3"]
            if not counted or not 0 < counted[0]["rx"]["packets"] < 200:
                expect(False, "cycle %d: the port counts anew: %s" % (cycle, counted))
            status, answer = reload(switch, two)
            if status != 200 or "port h3 leaves" not in str(answer):
                expect(False, "cycle %d: %s" % (cycle, answer))
                break
        expect(used == cycles, "the third port came, was used and left %d of %d times" % (used, cycles))
        begin = time.monotonic()
        for fast in range(2 * cycles):
            status, answer = reload(switch, (three, two)[fast % 2])
            if status != 200:
                expect(False, "change %d: %s" % (fast, answer))
                break
        seconds = time.monotonic() - begin
        expect(True, "%d changes in %.1f s, %.1f ms each" % (2 * cycles, seconds, seconds * 1e3 / (2 * cycles)))
        reload(switch, three, rollback_after_seconds=0.5)
        expect(names(switch) == ["h1", "h2", "h3"], "on trial there are three ports")
        expect(until(lambda: names(switch) == ["h1", "h2"]), "it was taken back")
        sent, (arrived,) = stream.end()
        own = hosts[0].lost("h1") + hosts[1].lost("h2") - own
        expect(sent > 500 and sent - arrived <= own, "%d of %d datagrams lost, %d of them by hosts" % (
            sent - arrived, sent, own))
        expect(drops(switch) == before, "nothing was dropped on ports that stay: %s" % drops(switch))
        expect(pools(switch) == sizes, "the buffer is as it was, and empty: %s" % pools(switch))
        output, _ = switch.stop()
        expect("every packet is accounted for" in output, "every packet is accounted for")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("penstock")
    parser.add_argument("workers", type=int)
    parser.add_argument("--cycles", type=int, default=20, help="how often the port comes and leaves (20)")
    arguments = parser.parse_args()
    namespace.require_private_namespace()
    namespace.run("ip link set lo up")
    with tempfile.TemporaryDirectory(prefix="penstock-") as directory:
        ports(arguments.penstock, directory, arguments.workers, arguments.cycles)
    return 1 if FAULTS else 0


if __name__ == "__main__":
    sys.exit(main())
