#!/usr/bin/python3
"""Linux kernels and `penstock run` as nodes of one IOAM domain: each adds to the trace of the same packet.

    unshare -n ./live_ioam.py PENSTOCK CHAIN

CHAIN is a row of nodes, K for a Linux kernel in a namespace of its own and P for a switch: KPK, PKP. A UDP packet over
IPv6 with room for all of them passes from the first to the last one. What each wrote must be right: node, hop limit,
interfaces and data where they are known, times that are of this minute and in order; and of the packet nothing else may
have changed but the hop limit.

Prints what it found. Exit: 0 as expected; 1 not so; 2 nothing could be tried. Debian: iproute2.
"""

import os
import select
import socket
import struct
import subprocess
import sys
import tempfile
import time

import namespace

NAMESPACE, DATA = 123, 0xDEADBEEF
# Node and hop limit, interfaces, seconds, fraction, data of the namespace, queue depth.
TRACE_TYPE, WORDS = 0xF60000, 6
PAYLOAD = b"ioam-through-both"
FAULTS = []


def expect(condition, words):
    print(("ok    " if condition else "FAULT ") + words)
    if not condition:
        FAULTS.append(words)


def address(link, end):
    return "2001:db8:%x::%x" % (link, end)


def mac(link, end):
    return "02:00:00:00:%02x:%02x" % (link, end)


class Kernel:
    """A namespace that forwards IPv6 and fills traces."""

    def __init__(self, number):
        self.number, self.net = number, "ioam%d-%d" % (number, os.getpid())
        self.id = 0x0A00 + number
        self.interfaces = (0x100 + number, 0x200 + number)
        namespace.run("ip netns add " + self.net)

    def run(self, command):
        return namespace.run(command, ("ip", "netns", "exec", self.net))

    def start(self, ingress, egress, next_mac):
        for interface, link, end in ((ingress, self.number, 2), (egress, self.number + 1, 1)):
            namespace.run("ip link set %s netns %s" % (interface, self.net))
            self.run("sysctl -qw net.ipv6.conf.%s.accept_dad=0" % interface)
            self.run("ip link set %s up" % interface)
            self.run("ip -6 addr add %s/64 dev %s nodad" % (address(link, end), interface))
        self.run("sysctl -qw net.ipv6.conf.all.forwarding=1")
        self.run("sysctl -qw net.ipv6.ioam6_id=%d" % self.id)
        self.run("sysctl -qw net.ipv6.conf.%s.ioam6_enabled=1" % ingress)
        self.run("sysctl -qw net.ipv6.conf.%s.ioam6_id=%d" % (ingress, self.interfaces[0]))
        self.run("sysctl -qw net.ipv6.conf.%s.ioam6_id=%d" % (egress, self.interfaces[1]))
        self.run("ip ioam namespace add %d data 0x%x" % (NAMESPACE, DATA))
        after = address(self.number + 1, 2)
        self.run("ip -6 neigh add %s lladdr %s dev %s nud permanent" % (after, next_mac, egress))
        self.run("ip -6 route add 2001:db8:ff::/64 via %s dev %s" % (after, egress))

    def entry_mac(self):
        return mac(self.number, 2)

    def close(self):
        namespace.run("ip netns del " + self.net, may_fail=True)


class Switch:
    """A switch between two devices of this namespace."""

    def __init__(self, number):
        self.number, self.id, self.interfaces = number, 0x0B00 + number, (1, 2)

    def entry_mac(self):
        return "02:00:00:00:aa:%02x" % self.number

    def configuration(self, ingress, egress, next_mac):
        after = address(self.number + 1, 2)
        return """switch: {name: sw%d, id: %d, mac: "%s"}
ports:
  - {name: in, speed: 1G, mtu: 1500, device: "af_packet:%s", address: "%s/64"}
  - {name: out, speed: 1G, mtu: 1500, device: "af_packet:%s", address: "%s/64"}
neighbors: [{port: out, address: "%s", mac: "%s"}]
routes: [{prefix: "2001:db8:ff::/64", via: "%s"}]
telemetry: {ioam: {namespaces: [{id: %d, data: %d}]}}
""" % (
            self.number, self.id, self.entry_mac(), ingress, address(self.number, 2), egress,
            address(self.number + 1, 1), after, next_mac, after, NAMESPACE, DATA)


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def frame(nodes, entry_mac):
    """The packet: hop-by-hop header with an empty trace for all nodes, UDP with a checksum."""
    source = socket.inet_pton(socket.AF_INET6, address(0, 1))
    destination = socket.inet_pton(socket.AF_INET6, "2001:db8:ff::9")
    room = WORDS * nodes
    trace = struct.pack("!HHI", NAMESPACE, WORDS << 11 | room, TRACE_TYPE << 8) + bytes(4 * room)
    body = bytes([1, 0, 0x31, 2 + len(trace), 0, 0]) + trace
    padding = -(len(body) + 2) % 8
    body += bytes([1, padding - 2] + [0] * (padding - 2)) if padding else b""
    header = bytes([17, (len(body) + 2) // 8 - 1]) + body
    udp = struct.pack("!HHHH", 40000, 4791, 8 + len(PAYLOAD), 0) + PAYLOAD
    total = checksum(source + destination + struct.pack("!II", len(udp), 17) + udp) or 0xFFFF
    udp = udp[:6] + struct.pack("!H", total) + udp[8:]
    ip = struct.pack("!IHBB", 6 << 28, len(header) + len(udp), 0, 64) + source + destination
    ethernet = bytes.fromhex(entry_mac.replace(":", "")) + bytes.fromhex(mac(0, 1).replace(":", "")) + b"\x86\xdd"
    return ethernet + ip + header + udp


def exchange(sent, first, last):
    """Sends the frame until it comes out, for at most 20 seconds, and then once more: the first ones have queued."""
    sender, receiver = namespace.raw_socket(first, False), namespace.raw_socket(last, True)

    def receive(seconds):
        end = time.time() + seconds
        while time.time() < end:
            if select.select([receiver], [], [], 0.1)[0]:
                received = receiver.recv(4000)
                if PAYLOAD in received:
                    return received
        return None

    for _ in range(60):
        sender.send(sent)
        if receive(0.3) is not None:
            while receive(0.5) is not None:
                pass
            sender.send(sent)
            return receive(2)
    return None


def check(sent, received, nodes):
    place = 14 + 40 + 4 + 12
    expect(len(received) == len(sent), "the packet is as long as it was: %d bytes" % len(received))
    expect(received[21] == 64 - len(nodes), "hop limit %d behind %d nodes" % (received[21], len(nodes)))
    end = place + 4 * WORDS * len(nodes)
    same = received[12:21] + received[22:64] + received[66:place] + received[end:]
    expect(same == sent[12:21] + sent[22:64] + sent[66:place] + sent[end:], "nothing else in it has changed")
    lengths = struct.unpack("!H", received[64:66])[0]
    expect(lengths == WORDS << 11, "the trace is full and has not overflowed: %04x" % lengths)
    before = 0
    for position, node in enumerate(nodes):
        # The list fills from its end: the first node is the last entry.
        start = place + 4 * WORDS * (len(nodes) - 1 - position)
        words = struct.unpack("!6I", received[start:start + 24])
        kind = "kernel" if isinstance(node, Kernel) else "switch"
        name = "%s %d: " % (kind, position)
        expect(words[0] == (63 - position) << 24 | node.id, name + "node and hop limit %08x" % words[0])
        expect(words[1] == node.interfaces[0] << 16 | node.interfaces[1], name + "interfaces %08x" % words[1])
        moment = words[2] * 1000000 + words[3]
        expect(abs(time.time() - moment / 1e6) < 60 and words[3] < 1000000, name + "time %d.%06d" % words[2:4])
        # Clocks of switch and kernel are both this machine's; a tenth of a second is for starting them apart.
        expect(moment >= before - 100000, name + "not before the node in front of it")
        expect(words[4] == DATA, name + "data of the namespace %08x" % words[4])
        expect(words[5] == 0, name + "nothing else in the queue")
        before = moment


def main():
    namespace.require_private_namespace()
    program, chain = sys.argv[1], sys.argv[2]
    nodes = [Kernel(number) if kind == "K" else Switch(number) for number, kind in enumerate(chain)]
    process = None
    with tempfile.TemporaryDirectory() as directory:
        try:
            for link in range(len(nodes) + 1):
                # Two letters, so that names of ends and of links do not meet.
                left, right = "l%dx" % link, "l%dy" % link
                namespace.run("ip link add %s address %s type veth peer name %s address %s" % (
                    left, mac(link, 1), right, mac(link, 2)))
                for interface in (left, right):
                    namespace.disable_offloads(interface)
                    namespace.run("sysctl -qw net.ipv6.conf.%s.disable_ipv6=%d" % (interface, 1))
                    namespace.run("ip link set %s up" % interface)
            arguments = []
            for number, node in enumerate(nodes):
                ingress, egress = "l%dy" % number, "l%dx" % (number + 1)
                following = nodes[number + 1].entry_mac() if number + 1 < len(nodes) else mac(number + 1, 2)
                if isinstance(node, Kernel):
                    node.start(ingress, egress, following)
                    continue
                path = os.path.join(directory, "sw%d.yaml" % number)
                with open(path, "w") as file:
                    file.write(node.configuration(ingress, egress, following))
                arguments.append(path)
            process = subprocess.Popen(
                [program, "run", *arguments, "--socket", os.path.join(directory, "socket")], stdout=subprocess.DEVNULL)
            sent = frame(len(nodes), nodes[0].entry_mac())
            received = exchange(sent, "l0x", "l%dy" % len(nodes))
            expect(received is not None, "the packet passes %s" % chain)
            if received is not None:
                check(sent, received, nodes)
        finally:
            if process is not None:
                process.terminate()
                process.wait()
            for node in nodes:
                if isinstance(node, Kernel):
                    node.close()
    sys.exit(1 if FAULTS else 0)


if __name__ == "__main__":
    main()
