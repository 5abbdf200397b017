#!/usr/bin/python3
"""Compares two captures as multisets of frames, without regard to time and order.

    compare_captures.py A.pcap B.pcap [--exact] [--lenient-icmp] [--ignore KIND]... [--order]

Without --exact the padding behind an IP packet or an ARP message does not count, because a host that sends through a
virtual interface does not pad and a wire does.
--lenient-icmp disregards what RFC 792, 1812 and 4443 leave to the router that writes an ICMP message of its own: in
errors and echo replies the identification, Don't Fragment, type of service, flow label and TTL of the outer header,
and in errors how much of the offending packet is quoted beyond its header and 8 bytes.
--ignore leaves out frames: `arp` (and IPv6 neighbour discovery), `multicast-listener`, `icmp-error`.
--order also wants frames of each flow (addresses, protocol, ports) in the same order.

Every frame found more often on one side is printed with both counts. Exit: 0 equal; 1 different; 2 unreadable.
Debian: nothing beyond python3.
"""

import argparse
import collections
import ipaddress
import sys

import captures

ERRORS_V4, ERRORS_V6 = (3, 4, 5, 11, 12), (1, 2, 3, 4)
REPLY_V4, REPLY_V6 = 0, 129
SHOWN = 96  # bytes of a frame that a difference prints


class Frame:
    """Where things lie in a frame."""

    def __init__(self, data):
        self.data = data
        self.ethertype, self.start = captures.network_layer(data)
        packet = data[self.start :]
        self.version = 0
        self.protocol, self.payload, self.end = None, len(data), len(data)
        if self.ethertype == 0x0806:
            self.end = min(len(data), self.start + 28)
        elif self.ethertype == 0x0800 and len(packet) >= 20:
            self.version, self.protocol = 4, packet[9]
            self.payload = self.start + (packet[0] & 15) * 4
            self.end = min(len(data), self.start + int.from_bytes(packet[2:4], "big"))
            self.is_later_fragment = int.from_bytes(packet[6:8], "big") & 0x1FFF != 0
            self.addresses = packet[12:16], packet[16:20]
        elif self.ethertype == 0x86DD and len(packet) >= 40:
            self.version, self.protocol = 6, packet[6]
            self.payload = self.start + 40
            if self.protocol == 0 and len(packet) >= 48:
                self.protocol, self.payload = packet[40], self.payload + 8 + packet[41] * 8
            self.end = min(len(data), self.start + 40 + int.from_bytes(packet[4:6], "big"))
            self.is_later_fragment = False
            self.addresses = packet[8:24], packet[24:40]
        is_icmp = (self.version, self.protocol) in ((4, 1), (6, 58)) and not self.is_later_fragment
        self.icmp = data[self.payload] if is_icmp and self.payload < self.end else None

    @property
    def is_error(self):
        return self.icmp is not None and self.icmp in (ERRORS_V4 if self.version == 4 else ERRORS_V6)

    @property
    def is_reply(self):
        return self.icmp is not None and self.icmp == (REPLY_V4 if self.version == 4 else REPLY_V6)

    @property
    def kind(self):
        if self.ethertype == 0x0806 or self.version == 6 and self.icmp in (133, 134, 135, 136, 137):
            return "arp"
        if self.version == 6 and self.icmp in (130, 131, 132, 143):
            return "multicast-listener"
        return "icmp-error" if self.is_error else ""

    def flow(self):
        """What must stay in order."""
        if not self.version:
            return self.data[:14]
        ports = self.data[self.payload : self.payload + 4] if self.protocol in (6, 17) else b""
        return self.addresses + (self.protocol, b"" if self.is_later_fragment else ports)

    def normal(self, exact, lenient):
        """The bytes to compare."""
        if exact:
            return self.data
        data = bytearray(self.data[: self.end])
        if not lenient or not (self.is_error or self.is_reply):
            return bytes(data)
        start = self.start
        if self.version == 4:
            data[start + 1] = data[start + 8] = 0
            for offset in (4, 5, 6, 7, 10, 11):
                data[start + offset] = 0
        else:
            data[start] &= 0xF0
            for offset in (1, 2, 3, 7):
                data[start + offset] = 0
        if self.is_error:
            # Lengths and the checksum depend on how much is quoted.
            lengths = (2, 3) if self.version == 4 else (4, 5)
            for offset in lengths:
                data[start + offset] = 0
            data[self.payload + 2] = data[self.payload + 3] = 0
            quoted = self.payload + 8
            header = (data[quoted] & 15) * 4 if self.version == 4 and quoted < len(data) else 40
            del data[quoted + header + 8 :]
        return bytes(data)

    def __str__(self):
        if self.version:
            source, destination = (ipaddress.ip_address(a) for a in self.addresses)
            text = "%s > %s protocol %s" % (source, destination, self.protocol)
            if self.icmp is not None:
                text += " type %d code %d" % (self.icmp, self.data[self.payload + 1])
            elif self.protocol in (6, 17) and not self.is_later_fragment:
                text += " ports %d > %d" % tuple(
                    int.from_bytes(self.data[self.payload + n : self.payload + n + 2], "big") for n in (0, 2))
        else:
            text = "ethertype %s" % ("cut" if self.ethertype is None else "%04x" % self.ethertype)
        return "%s > %s %s, %d bytes" % (
            self.data[6:12].hex(":"), self.data[0:6].hex(":"), text, len(self.data))


def load(path, arguments):
    frames = [Frame(packet.data) for packet in captures.read(path)]
    return [frame for frame in frames if frame.kind not in arguments.ignore]


def show_difference(a, b):
    """The first bytes that differ between a frame and the most similar one on the other side."""
    position = next((n for n, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
    return "first differs at byte %d: %s / %s" % (
        position, a[position : position + 8].hex(" ") or "end", b[position : position + 8].hex(" ") or "end")


def nearest(data, candidates):
    def distance(other):
        return abs(len(other) - len(data)) + sum(x != y for x, y in zip(data, other))

    return min(candidates, key=distance, default=None)


def out_of_order(left, right, normal):
    """Flows whose frames are the same but come in another order."""
    def sequences(frames):
        flows = collections.defaultdict(list)
        for frame in frames:
            flows[frame.flow()].append(normal(frame))
        return flows

    a, b = sequences(left), sequences(right)
    return [frame for flow, frame in {f.flow(): f for f in left}.items() if a[flow] != b.get(flow)]


def main():
    parser = argparse.ArgumentParser(description="Compare two captures as multisets of frames.")
    parser.add_argument("a", metavar="A.pcap")
    parser.add_argument("b", metavar="B.pcap")
    parser.add_argument("--exact", action="store_true", help="compare all bytes, padding too")
    parser.add_argument("--lenient-icmp", action="store_true", help="allow what standards leave to the router")
    parser.add_argument("--ignore", action="append", default=[], choices=["arp", "multicast-listener", "icmp-error"])
    parser.add_argument("--order", action="store_true", help="want the frames of each flow in the same order")
    parser.add_argument("--limit", type=int, default=20, metavar="N", help="print at most N differences")
    arguments = parser.parse_args()
    try:
        left, right = load(arguments.a, arguments), load(arguments.b, arguments)
    except captures.CaptureError as error:
        print(error, file=sys.stderr)
        return 2

    def normal(frame):
        return frame.normal(arguments.exact, arguments.lenient_icmp)

    a, b = collections.Counter(map(normal, left)), collections.Counter(map(normal, right))
    samples = {normal(frame): frame for frame in left + right}
    only_a, only_b = a - b, b - a
    differences = 0
    for path, surplus, other in ((arguments.a, only_a, only_b), (arguments.b, only_b, only_a)):
        for data in surplus:
            differences += 1
            if differences > arguments.limit:
                continue
            print("more often in %s (%d to %d): %s" % (
                path, *((a[data], b[data]) if path == arguments.a else (b[data], a[data])), samples[data]))
            print("    %s%s" % (data[:SHOWN].hex(), "..." if len(data) > SHOWN else ""))
            similar = nearest(data, other)
            if similar is not None:
                print("    nearest on the other side: %s" % show_difference(data, similar))
    disordered = out_of_order(left, right, normal) if arguments.order and not differences else []
    for frame in disordered[: arguments.limit]:
        print("out of order: flow of %s" % frame)
    differences += len(disordered)
    print("%d and %d frames, %s" % (
        len(left), len(right), "%d differences" % differences if differences else "equal"))
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
