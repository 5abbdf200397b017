#!/usr/bin/python3
"""A live switch for a long time: mixed traffic, reloads, testpmd, kills; a table of what happened.

    unshare -n ./live_soak.py PENSTOCK [--seconds 600] [--only PART]

PENSTOCK is the program. Parts:

    traffic   routed and bridged at once, IPv4 and IPv6, UDP and TCP below line rate: no datagram is lost, none dropped
    reload    1000 reloads under load for 600 s, fewer for less
    memif     testpmd at the other end of a memif port, a tenth of the time
    vhost     the same over vhost-user
    incast    senders that obey PFC into a slow port: nothing is lost
    kill      the switch is killed with SIGKILL under load and started again, 10 times for 600 s

Exit: 0 all went well; 1 something did not; 2 nothing could be tried. Debian: as of live_switch.py, and dpdk-dev.
"""

import argparse
import contextlib
import json
import sys
import tempfile
import time

import live_incast
import live_switch
import live_testpmd
import namespace
from live_switch import FAULTS, Host, Stream, Switch, drops, expect, warm

MIXED = """
switch: {name: live}
ports:
  - {name: h1, speed: 1G, mtu: 1500, device: "tap:h1", address: [10.1.0.1/24, "fd01::1/64"]}
  - {name: h2, speed: 1G, mtu: 1500, device: "tap:h2", address: [10.2.0.1/24, "fd02::1/64"]}
  - {name: h3, speed: 1G, mtu: 1500, device: "tap:h3", vlan: 10}
  - {name: h4, speed: 1G, mtu: 1500, device: "tap:h4", vlan: 10}
"""


def traffic(program, directory, seconds):
    with contextlib.ExitStack() as stack:
        hosts = [Host(name, stack) for name in "abcd"]
        switch = Switch(program, MIXED, directory, stack)
        for number, host in enumerate(hosts[:2], 1):
            host.take(
                "h%d" % number, ["10.%d.0.2/24" % number, "fd0%d::2/64" % number],
                ["10.%d.0.1" % number, "fd0%d::1" % number])
        for number, host in enumerate(hosts[2:], 1):
            host.take("h%d" % (number + 2), ["10.3.0.%d/24" % number, "fd03::%d/64" % number], [])
        ways = [(0, 1, "10.2.0.2"), (0, 1, "fd02::2"), (2, 3, "10.3.0.2"), (2, 3, "fd03::2")]
        for source, _, address in ways:
            warm(hosts[source], address)
        # Neighbour discovery is done; what is dropped from here on counts.
        time.sleep(2)
        before = drops(switch)
        own = [host.lost("h%d" % number) for number, host in enumerate(hosts, 1)]
        streams = [
            Stream(hosts[source], [hosts[sink]], address, 6000 + number, 1500, (200, 1000)[number % 2])
            for number, (source, sink, address) in enumerate(ways)
        ]
        # TCP keeps its own pace, far below the line.
        servers, clients = [], []
        for number, (source, sink, address) in enumerate(ways):
            servers.append(hosts[sink].start("iperf3 -s -1 -p %d" % (5300 + number)))
            time.sleep(0.3)
            clients.append(hosts[source].start(
                "iperf3 -J -c %s -p %d -t %d -b 20M" % (address, 5300 + number, seconds)))
        time.sleep(seconds)
        received = []
        for client in clients:
            result = json.loads(client.communicate(timeout=seconds + 60)[0])
            received.append(result["end"]["sum_received"]["bytes"])
        for server in servers:
            server.terminate()
            server.wait()
        sent, lost = 0, 0
        for stream in streams:
            count, arrived = stream.end()
            sent, lost = sent + count, lost + count - sum(arrived)
        own = [host.lost("h%d" % number) - before for (number, host), before in zip(enumerate(hosts, 1), own)]
        expect(lost <= sum(own) and sent > 1000 * seconds, "%d of %d datagrams lost, %d packets by hosts themselves" % (
            lost, sent, sum(own)))
        expect(min(received) > 100_000 * seconds, "TCP: %s MB" % [count // 1_000_000 for count in received])
        expect(drops(switch) == before, "nothing was dropped: %s" % drops(switch))
        ports = switch.show("ports")["ports"]
        missed = sum(port["driver"]["counters"]["device_rx_missed"] for port in ports)
        packets = sum(port["rx"]["packets"] for port in ports)
        expect(missed == 0, "%d packets missed by devices" % missed)
        output, _ = switch.stop()
        expect("every packet is accounted for" in output, "every packet is accounted for")
        return "%d packets, %d datagrams of which %d lost, TCP %d MB" % (packets, sent, lost, sum(received) // 1_000_000)


def reload(program, directory, seconds):
    count = max(20, 1000 * seconds // 600)
    live_switch.reload(program, directory, count)
    return "%d reloads under load" % count


def testpmd(kind):
    return lambda program, directory, seconds: live_testpmd.exchange(program, directory, kind, max(2, seconds / 10))


def incast(program, directory, seconds):
    live_incast.cables()
    rounds = max(1, seconds // 60)
    for _ in range(rounds):
        live_incast.pfc(program, directory)
    return "%d incasts of 16000 packets" % rounds


def kill(program, directory, seconds):
    cycles = max(1, seconds // 60)
    live_switch.restart(program, directory, cycles)
    return "%d kills under load" % cycles


PARTS = {
    "traffic": traffic, "reload": reload, "memif": testpmd("memif"), "vhost": testpmd("vhost"), "incast": incast,
    "kill": kill,
}


def main():
    parser = argparse.ArgumentParser(description="Run a live switch for a long time.")
    parser.add_argument("penstock")
    parser.add_argument("--seconds", type=int, default=600, help="how long the mixed traffic takes (600)")
    parser.add_argument("--only", choices=PARTS, action="append", help="only this part; may be repeated")
    arguments = parser.parse_args()
    namespace.require_private_namespace()
    namespace.run("ip link set lo up")
    rows = []
    for name, part in PARTS.items():
        if arguments.only and name not in arguments.only:
            continue
        print("== " + name, flush=True)
        faults, begin = len(FAULTS), time.monotonic()
        with tempfile.TemporaryDirectory(prefix="penstock-") as directory:
            words = part(arguments.penstock, directory, arguments.seconds)
        went_well = len(FAULTS) == faults
        rows.append((name, time.monotonic() - begin, "well" if went_well else "FAULT", words))
        sys.stdout.flush()
    print("\n%-8s %8s  %-5s  %s" % ("part", "seconds", "went", "what"))
    for name, seconds, went, words in rows:
        print("%-8s %8.1f  %-5s  %s" % (name, seconds, went, words))
    for fault in FAULTS:
        print("FAULT " + fault)
    return 1 if FAULTS else 0


if __name__ == "__main__":
    sys.exit(main())
