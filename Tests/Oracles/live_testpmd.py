#!/usr/bin/python3
"""DPDK's testpmd at the other end of a port of `penstock run`, for some time: nothing is lost, and nothing changed.

    unshare -n ./live_testpmd.py PENSTOCK KIND [--seconds N]

PENSTOCK is the program; KIND is memif or vhost. A host sends frames of random lengths and contents into a bridge, whose
other port leads over shared memory to testpmd, which sends each one back (macswap). So the shared memory carries the
stream in both directions. At most 128 frames are on their way at a time: what is lost then was lost by somebody.

Compared are the numbers of frames that the host sent, testpmd says it received and sent, and the host received; and
SHA-256 of all payloads in the order in which they were sent, with that of those that returned.

Exit: 0 equal; 1 not so; 2 nothing could be tried. Debian: dpdk-dev, iproute2.
"""

import argparse
import contextlib
import ctypes
import hashlib
import os
import random
import re
import select
import subprocess
import sys
import tempfile
import time

import live_devices
import live_switch
import namespace
from live_switch import FAULTS, Host, Switch, expect

ETHER_TYPE = live_devices.ETHER_TYPE
HOST, PEER = bytes.fromhex("02000000aa01"), bytes.fromhex("02000000bb01")
WINDOW = 128
CONFIGURATION = """
switch: {name: live}
ports:
  - {name: a, speed: 100G, mtu: 1500, device: "af_packet:near", vlan: 10}
  - {name: b, speed: 100G, mtu: 1500, device: "%s", vlan: 10}
"""


def devices(kind, path):
    """The device of the switch, and that of testpmd."""
    if kind == "memif":
        return "memif:%s,role=server" % path, "net_memif0,role=client,socket=%s,socket-abstract=no,bsize=2048" % path
    return "vhost:%s" % path, "net_virtio_user0,path=%s,queues=1" % path


def start_testpmd(device):
    # It polls without pause: on the first CPU, which penstock leaves to others.
    words = [
        "dpdk-testpmd", "--no-huge", "--no-pci", "--no-telemetry", "--no-shconf", "-m", "256", "-l", "0,1",
        "--main-lcore", "1", "--vdev", device, "--", "--nb-cores=1", "--forward-mode=macswap", "--port-topology=loop",
        "--auto-start", "--total-num-mbufs=8192", "--stats-period=3600",
    ]
    return live_devices.start(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


class SilentHost(Host):
    """A host that speaks no protocol of its own, so that every frame is one of ours."""

    def __init__(self, name, stack):
        super().__init__(name, stack)
        self.run("sysctl -qw net.ipv6.conf.default.disable_ipv6=1 net.ipv6.conf.all.disable_ipv6=1")
        namespace.run("ip link add near type veth peer name far")
        stack.callback(namespace.run, "ip link del near", may_fail=True)
        namespace.run("sysctl -qw net.ipv6.conf.near.disable_ipv6=1")
        namespace.disable_offloads("near")
        namespace.run("ip link set near up")
        namespace.run("ip link set far netns " + self.net)
        self.run("ip link set far up")

    def socket(self):
        with inside("/var/run/netns/" + self.net):
            namespace.disable_offloads("far")
            return namespace.raw_socket("far", True)


@contextlib.contextmanager
def inside(path):
    """Is in another network namespace for a while."""
    libc = ctypes.CDLL(None)
    back, there = os.open("/proc/self/ns/net", os.O_RDONLY), os.open(path, os.O_RDONLY)
    try:
        if libc.setns(there, 0):
            print("setns failed", file=sys.stderr)
            sys.exit(2)
        yield
    finally:
        libc.setns(back, 0)
        os.close(back)
        os.close(there)


def receive(raw, seconds):
    """Payloads of our frames that have come back, waiting for the first no longer than a time."""
    payloads = []
    select.select([raw], [], [], seconds)
    with contextlib.suppress(BlockingIOError):
        while True:
            frame = raw.recv(2048)
            if frame[12:14] == ETHER_TYPE and frame[:6] == HOST:
                payloads.append(frame[14:])
    return payloads


def send(raw, payload):
    while True:
        try:
            return raw.send(PEER + HOST + ETHER_TYPE + payload)
        except (BlockingIOError, OSError):
            time.sleep(0.001)


def stream(raw, seconds):
    """Sends for some time; returns numbers and digests of what was sent and what came back."""
    source = random.Random(1)
    contents = source.randbytes(1 << 20)
    digests, counts = (hashlib.sha256(), hashlib.sha256()), [0, 0]
    end, quiet = time.monotonic() + seconds, time.monotonic()
    while True:
        is_sending = time.monotonic() < end
        while is_sending and counts[0] - counts[1] < WINDOW:
            start, length = source.randrange(len(contents) - 1500), source.randrange(46, 1501)
            payload = contents[start : start + length]
            send(raw, payload)
            digests[0].update(payload)
            counts[0] += 1
        payloads = receive(raw, 0.05)
        for payload in payloads:
            digests[1].update(payload)
        counts[1] += len(payloads)
        if payloads:
            quiet = time.monotonic()
        if (not is_sending and counts[0] == counts[1]) or time.monotonic() - quiet > 5:
            return counts, [digest.hexdigest()[:16] for digest in digests]


def link_up(raw):
    """Waits until a frame comes back, and for all that were on their way; returns how many were sent."""
    for tries in range(1, 200):
        send(raw, bytes(46))
        if receive(raw, 0.1):
            while receive(raw, 0.5):
                continue
            return tries
    print("no frame came back", file=sys.stderr)
    sys.exit(2)


def exchange(program, directory, kind, seconds):
    with contextlib.ExitStack() as stack:
        host = SilentHost("a", stack)
        ours, theirs = devices(kind, os.path.join(directory, kind + ".sock"))
        switch = Switch(program, CONFIGURATION % ours, directory, stack)
        peer = start_testpmd(theirs)
        stack.callback(peer.kill)
        raw = host.socket()
        stack.callback(raw.close)
        link_up(raw)

        def packets(port, way):
            return [p for p in switch.show("ports")["ports"] if p["name"] == port][0][way]["packets"]

        before = [packets("b", "tx"), packets("b", "rx")]
        dropped = live_switch.drops(switch)
        begin = time.monotonic()
        counts, digests = stream(raw, seconds)
        rate = counts[1] / (time.monotonic() - begin)
        after = [packets("b", "tx"), packets("b", "rx")]
        peer.terminate()
        words = peer.communicate(timeout=20)[0]
        total = words[words.rfind("Forward statistics for all ports") - 2000 :]
        seen = [int(number) for number in re.findall(r"(?:RX|TX)-packets: (\d+)", total)[-2:]]
        expect(counts[0] == counts[1] > 1000, "%s: %d frames sent, %d returned, %.0f a second" % (kind, *counts, rate))
        expect(digests[0] == digests[1], "%s: SHA-256 of payloads %s sent, %s returned" % (kind, *digests))
        moved = [new - old for new, old in zip(after, before)]
        expect(moved == counts, "%s: the switch sent %d to testpmd and received %d" % (kind, *moved))
        # What the switch sent before testpmd looked is in no counter of testpmd's.
        expect(seen == [after[1], after[1]], "%s: testpmd received and sent %s since its start; the switch had %d back" % (
            kind, seen, after[1]))
        expect(live_switch.drops(switch) == dropped, "%s: nothing was dropped: %s" % (kind, dropped))
        output, _ = switch.stop()
        expect("every packet is accounted for" in output, "%s: every packet is accounted for" % kind)
        return "%d frames, %.0f a second, both ways, none lost or changed" % (counts[1], rate)


def main():
    parser = argparse.ArgumentParser(description="Exchange frames with testpmd over shared memory.")
    parser.add_argument("penstock")
    parser.add_argument("kind", choices=["memif", "vhost"])
    parser.add_argument("--seconds", type=float, default=3)
    arguments = parser.parse_args()
    namespace.require_private_namespace()
    with tempfile.TemporaryDirectory(prefix="penstock-") as directory:
        exchange(arguments.penstock, directory, arguments.kind, arguments.seconds)
    return 1 if FAULTS else 0


if __name__ == "__main__":
    sys.exit(main())
