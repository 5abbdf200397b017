#!/usr/bin/env python3
"""Writes the captures that the example configuration leaf.yaml is replayed with: one file for each port.

    examples/make-captures.py [DIRECTORY]        (by default the directory `captures` next to this script)

Python 3 and its standard library are enough. The files are the same byte for byte wherever and whenever they are
made. What is in them is described in README.md.
"""

import pathlib
import random
import struct
import sys

import frames as f

EPOCH = 1767225600  # 2026-01-01 00:00:00 UTC
WHOLE_UNTIL = 100_000  # ns; later frames are cut, to keep the files small
SNAP = 96

SWITCH = "02:00:00:00:00:01"
SPEED = {"h1": 100, "h2": 100, "h3": 25, "b1": 25, "b2": 25, "s1": 400, "s2": 400}  # Gb/s
MAC = {
    "h1": "02:00:00:00:01:02", "h2": "02:00:00:00:02:02", "h3": "02:00:00:00:03:02", "b1": "02:00:00:00:0b:01",
    "b2": "02:00:00:00:0b:02", "s1": "02:00:00:01:01:01", "s2": "02:00:00:01:02:01",
}
IP = {"h1": "10.0.1.2", "h2": "10.0.2.2", "h3": "10.0.3.2", "b1": "10.0.10.11", "b2": "10.0.10.12"}
GATEWAY = {"h1": "10.0.1.1", "h2": "10.0.2.1", "h3": "10.0.3.1"}

PATTERN = bytes(range(256)) * 36


class Port:
    """What one host or neighbouring switch sends to the switch, in order and never above line rate."""

    def __init__(self, name):
        self.name, self.queue, self.ident = name, [], 0

    def send(self, time, frame):
        self.queue.append((int(time), len(self.queue), frame))

    def route(self, time, packet, vlan=None, priority=0):
        """Sends an IP packet by way of the switch's own MAC address."""
        ethertype = 0x86DD if packet[0] >> 4 == 6 else 0x0800
        self.send(time, f.ethernet(MAC[self.name], SWITCH, ethertype, packet, vlan, priority))

    def next_ident(self):
        self.ident = (self.ident + 1) & 0xFFFF
        return self.ident

    def duration(self, frame):
        """Nanoseconds on the wire with FCS, preamble and gap, rounded up."""
        return -(-(len(frame) + 24) * 8 // SPEED[self.name])

    def write(self, directory):
        free = previous = 0
        with open(directory / (self.name + ".pcap"), "wb") as file:
            file.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 65535, 1))
            for time, _, frame in sorted(self.queue):
                # Far enough apart whether a stamp is taken at the first or at the last bit of a frame.
                time = max(time, free, previous + self.duration(frame)) if free else time
                previous, free = time, time + self.duration(frame)
                kept = frame if time < WHOLE_UNTIL else frame[:SNAP]
                file.write(struct.pack(
                    "<IIII", EPOCH + time // 10**9, time % 10**9, len(kept), len(frame)) + kept)
        return len(self.queue)


class QueuePair:
    """A reliable connection: the sending side lives at a port, the other one at an address."""

    def __init__(self, port, source, destination, number, peer_number, path_mtu=1024):
        self.port, self.source, self.destination = port, source, destination
        self.number, self.peer_number, self.path_mtu = number, peer_number, path_mtu
        self.sequence, self.messages = number * 977 & 0xFFFFFF, 0
        # Adapters derive the UDP source port from the queue pairs, so that routers can tell connections apart.
        self.entropy = 0xC000 | (number * 2654435761 >> 13 ^ peer_number * 40503) & 0x3FFF

    def packet(self, transport, payload=b"", **fields):
        ident = self.port.next_ident()
        return f.roce(self.source, self.destination, self.entropy, transport, payload, ident=ident, **fields)

    def write(self, time, length, spacing):
        """An RDMA WRITE in as many packets as the path MTU asks for; returns the time and size of each."""
        count = -(-length // self.path_mtu)
        sent = []
        for index in range(count):
            payload = PATTERN[: min(self.path_mtu, length - index * self.path_mtu)]
            first, last = index == 0, index == count - 1
            opcode = f.WRITE_FIRST if first else f.WRITE_LAST if last else f.WRITE_MIDDLE
            opcode = f.WRITE_ONLY if count == 1 else opcode
            header = f.bth(opcode, self.peer_number, self.sequence, ask_ack=last)
            if first:
                header += f.reth(0x7F00_0000_0000 + self.number * 0x100000, 0x1000 + self.number, length)
            packet = self.packet(header, payload)
            self.port.route(time + index * spacing, packet)
            sent.append((time + index * spacing, len(packet) + 14))
            self.sequence += 1
        self.messages += 1
        return sent

    def acknowledge(self, time, port):
        """The peer's ACK of everything sent so far, entering the switch at another port."""
        header = f.bth(f.ACKNOWLEDGE, self.number, self.sequence - 1) + f.aeth(self.messages)
        port.route(time, f.roce(self.destination, self.source, self.entropy, header, ident=port.next_ident()))

    def notify(self, time, port):
        """The peer's congestion notification (CNP), of DSCP 48 as adapters send it."""
        header = f.bth(f.CNP, self.number, 0, congestion=0x40) + bytes(16)
        port.route(time, f.roce(self.destination, self.source, self.entropy, header, dscp=48, ident=port.next_ident()))


def greet(ports):
    """ARP, neighbour discovery and ping: how hosts find their gateways, and the switch them."""
    for index, name in enumerate(("h1", "h2", "h3")):
        request = f.arp(1, MAC[name], IP[name], "00:00:00:00:00:00", GATEWAY[name])
        ports[name].send(1000 + 500 * index, f.ethernet(MAC[name], f.BROADCAST, 0x0806, request))
        for number in range(3):
            echo = f.icmp_echo(8, 100 + index, number, PATTERN[:56])
            ports[name].route(5000 + 1000 * number + 300 * index, f.ip(IP[name], GATEWAY[name], 1, echo, ident=number))
    for index, name in enumerate(("s1", "s2"), 1):
        own, switch = "fd00:%d::1" % index, "fd00:%d::" % index
        group = "ff02::1:ff00:0"
        solicitation = f.neighbor(135, own, group, switch, MAC[name])
        packet = f.ip(own, group, 58, solicitation, ttl=255)
        ports[name].send(2000, f.ethernet(MAC[name], "33:33:ff:00:00:00", 0x86DD, packet))


def show_operations(ports):
    """One of each RDMA operation in whole frames: WRITE, SEND and READ from h1 to h3, and a WRITE over IPv6."""
    pair = QueuePair(ports["h1"], IP["h1"], IP["h3"], 0x101, 0x301)
    pair.write(20_000, 8000, 100)
    pair.acknowledge(28_000, ports["h3"])
    send = f.bth(f.SEND_ONLY, pair.peer_number, pair.sequence, pad=2, ask_ack=True, solicited=True)
    ports["h1"].route(30_000, pair.packet(send, b"forty-two bytes of an application's message"[:42]))
    pair.sequence, pair.messages = pair.sequence + 1, pair.messages + 1
    pair.acknowledge(33_000, ports["h3"])
    ask = f.bth(f.READ_REQUEST, pair.peer_number, pair.sequence, ask_ack=True) + f.reth(0x7F01_0000_0000, 0x1301, 3072)
    ports["h1"].route(35_000, pair.packet(ask))
    pair.messages += 1
    for index, opcode in enumerate((f.READ_RESPONSE_FIRST, f.READ_RESPONSE_MIDDLE, f.READ_RESPONSE_LAST)):
        header = f.bth(opcode, pair.number, pair.sequence + index)
        if opcode != f.READ_RESPONSE_MIDDLE:
            header += f.aeth(pair.messages)
        answer = f.roce(IP["h3"], IP["h1"], pair.entropy, header, PATTERN[:1024], ident=ports["h3"].next_ident())
        ports["h3"].route(38_000 + 400 * index, answer)
    wide = QueuePair(ports["s1"], "fd00:1::1", "fd00:2::1", 0x111, 0x211)
    wide.write(60_000, 4096, 50)
    wide.acknowledge(66_000, ports["s2"])


def incast(ports):
    """Three times, three senders at 50 Gb/s each write 8 x 64 KiB to h3, which drains them at 25 Gb/s."""
    pairs = [
        QueuePair(ports["h1"], IP["h1"], IP["h3"], 0x121, 0x321, 4096),
        QueuePair(ports["h2"], IP["h2"], IP["h3"], 0x122, 0x322, 4096),
        QueuePair(ports["s1"], "10.9.7.1", IP["h3"], 0x123, 0x323, 4096),
    ]
    spacing = (4096 + 58 + 24) * 8 / 50
    for start in (200_000, 900_000, 1_600_000):
        arrivals = []
        for number, pair in enumerate(pairs):
            pair.due = []
            for message in range(8):
                sent = pair.write(start + 7 * number + message * 16 * spacing, 65536, spacing)
                arrivals += [(time, number, size, index == 15) for index, (time, size) in enumerate(sent)]
                pair.due.append((pair.sequence, pair.messages))
        # h3 receives in order of arrival, and answers the last packet of each message.
        done = 0
        acknowledged = [0, 0, 0]
        for time, number, size, is_last in sorted(arrivals):
            done = max(done, time) + (size + 24) * 8 / 25
            if is_last:
                pair = pairs[number]
                pair.sequence, pair.messages = pair.due[acknowledged[number]]
                acknowledged[number] += 1
                pair.acknowledge(done + 1500, ports["h3"])
        # A receiver whose packets arrive marked notifies each sender at most every 50 us.
        for number, pair in enumerate(pairs):
            for time in range(int(start) + 40_000, int(done), 50_000):
                pair.notify(time + 100 * number, ports["h3"])


def many_flows(ports):
    """5000 short WRITEs, each on its own connection, into 10.9.0.0/16: work for the weighted load balancer."""
    draw = random.Random(20260101)
    for number in range(5000):
        port = ports["h1" if number % 5 < 4 else "h2"]
        destination = "10.9.%d.%d" % (draw.getrandbits(5), 1 + draw.getrandbits(7))
        pair = QueuePair(port, IP[port.name], destination, 0x2000 + number, 0x8000 + draw.getrandbits(12))
        time = 110_000 + number * 430 + draw.getrandbits(7)
        pair.write(time, (512, 1024, 2048, 1500)[draw.getrandbits(2)], 90)
        pair.acknowledge(time + 9000 + draw.getrandbits(10), ports["s1" if draw.getrandbits(2) else "s2"])


def background(ports):
    """DSCP 0: a TCP upload from h2, and UDP between h1 and h2."""
    server, client = "10.9.250.10", IP["h2"]
    sequence, port = 1000, 43210

    def upload(time, segment):
        ports["h2"].route(time, f.ip(client, server, 6, segment, ident=ports["h2"].next_ident()))

    def answer(time, segment):
        ports["s2"].route(time, f.ip(server, client, 6, segment, ttl=61, ident=ports["s2"].next_ident()))

    upload(70_000, f.tcp(client, server, port, 5201, sequence, 0, 2))
    answer(75_000, f.tcp(server, client, 5201, port, 5000, sequence + 1, 0x12))
    upload(79_000, f.tcp(client, server, port, 5201, sequence + 1, 5001, 0x10))
    sequence += 1
    for number in range(1200):
        time = 85_000 + number * 1700
        upload(time, f.tcp(client, server, port, 5201, sequence, 5001, 0x18, PATTERN[:1460]))
        sequence += 1460
        if number % 2:
            answer(time + 8000, f.tcp(server, client, 5201, port, 5001, sequence, 0x10))
    for number in range(300):
        for offset, (name, peer) in enumerate((("h1", "h2"), ("h2", "h1"))):
            datagram = f.udp(IP[name], IP[peer], 7000 + number % 10, 7000, PATTERN[: 64 + 3 * number])
            packet = f.ip(IP[name], IP[peer], 17, datagram, ident=ports[name].next_ident())
            ports[name].route(90_000 + 7000 * number + 1500 * offset, packet)


def bridged(ports):
    """VLAN 10 between b1 (access) and b2 (trunk, native 10), and frames that a bridge must not pass on."""
    def between(time, name, peer, ethertype, payload, **tag):
        ports[name].send(time, f.ethernet(MAC[name], MAC[peer], ethertype, payload, **tag))

    ask = f.arp(1, MAC["b1"], IP["b1"], "00:00:00:00:00:00", IP["b2"])
    ports["b1"].send(3000, f.ethernet(MAC["b1"], f.BROADCAST, 0x0806, ask))
    between(9000, "b2", "b1", 0x0806, f.arp(2, MAC["b2"], IP["b2"], MAC["b1"], IP["b1"]))
    for number in range(3):
        echo = PATTERN[:56]
        between(15_000 + 20_000 * number, "b1", "b2", 0x0800,
                f.ip(IP["b1"], IP["b2"], 1, f.icmp_echo(8, 7, number, echo), ident=number))
        between(22_000 + 20_000 * number, "b2", "b1", 0x0800,
                f.ip(IP["b2"], IP["b1"], 1, f.icmp_echo(0, 7, number, echo), ident=number))
    for number in range(400):
        time = 120_000 + 5000 * number
        for offset, (name, peer) in enumerate((("b1", "b2"), ("b2", "b1"))):
            datagram = f.udp(IP[name], IP[peer], 9000 + number % 4, 9000, PATTERN[:1000])
            # Half of what b2 sends is tagged, with a priority; the other half relies on the native VLAN.
            tag = {"vlan": 10, "priority": 3} if name == "b2" and number % 2 else {}
            packet = f.ip(IP[name], IP[peer], 17, datagram, ident=number)
            between(time + 2000 * offset, name, peer, 0x0800, packet, **tag)
    lldp = bytes.fromhex("020704020000000b01" "0403056231" "06020078" "0000")
    ports["b1"].send(50_000, f.ethernet(MAC["b1"], "01:80:c2:00:00:0e", 0x88CC, lldp))
    stray = f.arp(1, MAC["b2"], "10.0.30.12", "00:00:00:00:00:00", "10.0.30.1")
    for number in range(3):
        ports["b2"].send(52_000 + 1000 * number, f.ethernet(MAC["b2"], f.BROADCAST, 0x0806, stray, vlan=30))


def trouble(ports):
    """What a switch must answer or drop: no route, TTL run out, a broken checksum; and PFC, which it consumes."""
    h1 = ports["h1"]
    for number in range(3):
        lost = f.udp(IP["h1"], "10.200.0.1", 5000, 5001, b"nobody is there")
        h1.route(80_000 + 2000 * number, f.ip(IP["h1"], "10.200.0.1", 17, lost, ident=h1.next_ident()))
        probe = f.udp(IP["h1"], "10.9.1.1", 33434, 33434 + number, b"traceroute")
        h1.route(81_000 + 2000 * number, f.ip(IP["h1"], "10.9.1.1", 17, probe, ttl=1, ident=h1.next_ident()))
    good = f.ip(IP["h1"], IP["h3"], 17, f.udp(IP["h1"], IP["h3"], 6000, 6000, b"bit error"), ident=h1.next_ident())
    h1.route(88_000, good[:10] + bytes([good[10] ^ 0x20]) + good[11:])
    for time, quanta in ((92_000, 0xFFFF), (97_000, 0)):
        body = struct.pack("!HBB8H", 0x0101, 0, 1 << 3, *(quanta if n == 3 else 0 for n in range(8)))
        ports["h3"].send(time, f.ethernet(MAC["h3"], "01:80:c2:00:00:01", 0x8808, body))


def main():
    directory = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).parent / "captures"
    directory.mkdir(parents=True, exist_ok=True)
    ports = {name: Port(name) for name in SPEED}
    for scene in (greet, show_operations, incast, many_flows, background, bridged, trouble):
        scene(ports)
    for port in ports.values():
        count = port.write(directory)
        print("%s: %d packets, %d bytes" % (port.name, count, (directory / (port.name + ".pcap")).stat().st_size))


if __name__ == "__main__":
    main()
