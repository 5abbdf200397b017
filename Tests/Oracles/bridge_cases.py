#!/usr/bin/python3
"""Writes a configuration and captures that try out a bridge, for penstock and the Linux kernel alike.

    bridge_cases.py DIRECTORY

Makes DIRECTORY/bridge.yaml and a capture for each of its ports, a.pcap to c.pcap. Replay them with penstock, have the
kernel bridge them with linux_bridge.py, and compare the results with compare_captures.py --exact --order.

Left out, because the two differ and may: frames to 01-80-C2-00-00-00, which Linux forwards while its spanning tree
protocol is off, and frames to the bridge's own address, which Linux takes for itself although it has no IP address.

Exit: 0 written. Debian: nothing beyond python3.
"""

import pathlib
import struct
import sys

import captures

CONFIGURATION = """\
# Three ports of one VLAN.
switch: {name: bridge, id: 1, mac: "02:00:00:00:00:01"}
ports:
  - {name: a, speed: 10G, mtu: 1500, vlan: 10}
  - {name: b, speed: 10G, mtu: 1500, vlan: 10}
  - {name: c, speed: 10G, mtu: 1500, vlan: 10}
"""

BROADCAST, NOBODY = b"\xff" * 6, bytes.fromhex("0200000000ee")
STATION = {name: bytes.fromhex("02000000%02x02" % (10 + n)) for n, name in enumerate("abc")}


class Cases:
    """Collects frames, numbered in their payload, 20 ms apart."""

    def __init__(self):
        self.frames = {name: [] for name in STATION}
        self.time = 1767225600 * 10**9
        self.number = 0

    def send(self, port, destination, source=None, ethertype=0x88B5, length=60):
        """A frame of an ethertype for experiments (IEEE 802, clause 9.2.3) from a station at a port."""
        self.number += 1
        head = destination + (source or STATION[port]) + struct.pack("!HI", ethertype, self.number)
        frame = head + bytes(n & 0xFF for n in range(max(0, length - len(head))))
        self.frames[port].append(captures.Packet(self.time, len(frame), frame))
        self.time += 20_000_000


def flooding(cases):
    """Broadcast, multicast and unknown stations reach every other port."""
    for port in STATION:
        for destination in (BROADCAST, NOBODY, bytes.fromhex("01005e010203"), bytes.fromhex("3333ff010203")):
            cases.send(port, destination)


def learning(cases):
    """Unicast to every station, those at the same port too, and a station that moves there and back."""
    for port in STATION:
        for destination in STATION.values():
            cases.send(port, destination)
    wanderer = bytes.fromhex("020000000aaa")
    cases.send("c", wanderer)
    for port in "abca":
        cases.send(port, BROADCAST, wanderer)
        for sender in STATION:
            cases.send(sender, wanderer)
    # Learned from a frame whose own destination is known.
    newcomer = bytes.fromhex("020000000abb")
    cases.send("b", STATION["a"], newcomer)
    cases.send("c", newcomer)


def refused(cases):
    """Addresses that no bridge forwards (IEEE 802.1Q table 8-1) and their neighbours, and group addresses as source."""
    for last in range(1, 16):
        cases.send("a", bytes.fromhex("0180c20000") + bytes([last]), ethertype=0x88CC)
    for last in (0x10, 0x20, 0x2F):
        cases.send("a", bytes.fromhex("0180c20000") + bytes([last]))
    for source in (bytes.fromhex("010203040506"), BROADCAST):
        cases.send("a", BROADCAST, source)
        # Nothing was learned from it.
        cases.send("b", source)


def payloads(cases):
    """IP, ARP, unknown and damaged: a bridge forwards them all; and every size of frame."""
    for ethertype in (0x0800, 0x0806, 0x86DD, 0x8847, 0x8915, 0x0026, 0xFFFF):
        cases.send("b", STATION["a"], ethertype=ethertype)
    for length in (60, 61, 64, 127, 1000, 1513, 1514):
        cases.send("a", STATION["b"], length=length)


def main():
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    directory = pathlib.Path(sys.argv[1])
    directory.mkdir(parents=True, exist_ok=True)
    cases = Cases()
    for part in (flooding, learning, refused, payloads):
        part(cases)
    (directory / "bridge.yaml").write_text(CONFIGURATION)
    for name, frames in cases.frames.items():
        captures.write(directory / (name + ".pcap"), frames)
    print("%s: %d frames" % (directory, cases.number))
    return 0


if __name__ == "__main__":
    sys.exit(main())
