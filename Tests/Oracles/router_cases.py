#!/usr/bin/python3
"""Writes a configuration and captures that try out a router, for penstock and the Linux kernel alike.

    router_cases.py DIRECTORY

Makes DIRECTORY/router.yaml, a.pcap and b.pcap: packets from a host at port a and one at port b of a router, built by
scapy. Replay them with `penstock replay router.yaml --in a=a.pcap --in b=b.pcap --out ...`, have the kernel route
them with linux_router.py, and compare the results with compare_captures.py --lenient-icmp.

Exit: 0 written; 2 scapy is missing. Debian: python3-scapy.
"""

import logging
import pathlib
import sys

import captures

try:
    logging.getLogger("scapy").setLevel(logging.CRITICAL)
    from scapy.layers.inet import ICMP, IP, TCP, UDP, fragment
    from scapy.layers.inet6 import (
        ICMPv6EchoRequest, IPv6, IPv6ExtHdrDestOpt, IPv6ExtHdrFragment, IPv6ExtHdrHopByHop, PadN, RouterAlert, fragment6)
    from scapy.layers.l2 import Ether
    from scapy.packet import Raw
except ImportError:
    print("scapy is missing for %s: apt-get install python3-scapy" % sys.executable, file=sys.stderr)
    sys.exit(2)

CONFIGURATION = """\
# Two hosts on routed ports; the second one takes packets of at most 1500 bytes.
switch: {name: router, id: 1, mac: "02:00:00:00:00:01"}
ports:
  - {name: a, speed: 10G, mtu: 9000, address: [10.0.1.1/24, "fd00:a::1/64"]}
  - {name: b, speed: 10G, mtu: 1500, address: [10.0.2.1/24, "fd00:b::1/64"]}
neighbors:
  - {port: a, address: 10.0.1.2, mac: "02:00:00:00:0a:02"}
  - {port: b, address: 10.0.2.2, mac: "02:00:00:00:0b:02"}
  - {port: a, address: "fd00:a::2", mac: "02:00:00:00:0a:02"}
  - {port: b, address: "fd00:b::2", mac: "02:00:00:00:0b:02"}
routes:
  - prefix: 10.8.0.0/16
    via: [{address: 10.0.2.2}]
  - prefix: 10.8.7.0/24
    via: [{address: 10.0.1.2}]
  - prefix: "fd00:c::/32"
    via: [{address: "fd00:b::2"}]
"""

SWITCH = "02:00:00:00:00:01"
A = {"mac": "02:00:00:00:0a:02", "v4": "10.0.1.2", "v6": "fd00:a::2"}
B = {"mac": "02:00:00:00:0b:02", "v4": "10.0.2.2", "v6": "fd00:b::2"}


def data(length):
    return Raw(bytes(n * 7 & 0xFF for n in range(length)))


def forwarded(host, v4, v6):
    """Packets that a router passes on: every protocol, header length, size and mark, and fragments."""
    yield from (IP(src=host["v4"], dst=v4, tos=tos, id=1) / UDP(sport=1024 + tos, dport=9) / data(40)
                for tos in (0, 0x6A, 0x69, 0x68, 0x6B, 0xC0, 0xFF))
    yield from (IP(src=host["v4"], dst=v4, ttl=ttl, id=2, flags="DF") / UDP(sport=2000, dport=9) / data(ttl)
                for ttl in (2, 3, 64, 128, 255))
    # Identifications that drive the header checksum through its corner cases under incremental update.
    yield from (IP(src=host["v4"], dst=v4, id=ident) / UDP(sport=3000, dport=9) / data(8)
                for ident in range(0, 65536, 997))
    yield IP(src=host["v4"], dst=v4, id=3) / UDP(sport=4000, dport=4000, chksum=0) / data(100)
    yield IP(src=host["v4"], dst=v4, id=4) / TCP(sport=5000, dport=80, flags="S", options=[("MSS", 1460)])
    yield IP(src=host["v4"], dst=v4, id=5) / TCP(sport=5000, dport=80, flags="PA", seq=1) / data(1000)
    yield IP(src=host["v4"], dst=v4, id=6) / ICMP(type=8, id=9, seq=1) / data(56)
    yield IP(src=host["v4"], dst=v4, id=7) / UDP(sport=6000, dport=6000) / data(1472)
    yield IP(src=host["v4"], dst=v4, id=8, proto=253) / data(32)
    yield from fragment(IP(src=host["v4"], dst=v4, id=9) / UDP(sport=7000, dport=7000) / data(3000), 1400)
    yield from (IPv6(src=host["v6"], dst=v6, tc=tc, fl=0xABCDE, hlim=64) / UDP(sport=1024, dport=9) / data(40)
                for tc in (0, 0x6A, 0xFF))
    yield from (IPv6(src=host["v6"], dst=v6, hlim=hlim) / UDP(sport=2000, dport=9) / data(hlim)
                for hlim in (2, 64, 255))
    yield IPv6(src=host["v6"], dst=v6) / TCP(sport=5000, dport=80, flags="PA", seq=1) / data(1000)
    yield IPv6(src=host["v6"], dst=v6) / ICMPv6EchoRequest(id=9, seq=1, data=bytes(56))
    yield IPv6(src=host["v6"], dst=v6) / UDP(sport=6000, dport=6000) / data(1452)
    yield from fragment6(
        IPv6(src=host["v6"], dst=v6) / IPv6ExtHdrFragment(id=77) / UDP(sport=7000, dport=7000) / data(3000), 1280)


def with_options(host, v4, v6, ttl=64):
    """Header options and extension headers that a router passes on as they are.

    Not here, because routers may do as they like with them (RFC 7126, RFC 8200 section 4.3) and Linux does: record
    route, timestamps and source routes, into which it writes or which it follows, and IPv6 options that ask for an
    ICMP error where they are not known; penstock, as a switch ASIC, looks at no option.
    """
    for options in (b"\x01\x01\x01\x00", b"\x94\x04\x00\x00", b"\x1e\x04\xab\xcd", b"\x01" * 40, b"\x00" * 12):
        for payload in (UDP(sport=1100, dport=9) / data(40), TCP(sport=1100, dport=80), ICMP(type=8, id=7)):
            yield raw_options(IP(src=host["v4"], dst=v4, id=60, ttl=ttl) / payload, options)
    for extension in (
        IPv6ExtHdrHopByHop(options=PadN(optdata=bytes(4))), IPv6ExtHdrHopByHop(options=RouterAlert()),
        IPv6ExtHdrDestOpt(options=PadN(optdata=bytes(12))),
        IPv6ExtHdrHopByHop(options=PadN(optdata=bytes(4))) / IPv6ExtHdrDestOpt(options=PadN(optdata=bytes(4))),
    ):
        yield IPv6(src=host["v6"], dst=v6, hlim=ttl) / extension / UDP(sport=1100, dport=9) / data(40)


def raw_options(packet, options):
    """An IPv4 packet with bytes of options, a multiple of four, that no library interprets."""
    content = bytearray(bytes(packet))
    content[20:20] = options
    content[0] = 0x45 + len(options) // 4
    content[2:4] = len(content).to_bytes(2, "big")
    content[10:12] = b"\0\0"
    words = sum(int.from_bytes(content[n : n + 2], "big") for n in range(0, 20 + len(options), 2))
    words = (words & 0xFFFF) + (words >> 16)
    content[10:12] = (~((words & 0xFFFF) + (words >> 16)) & 0xFFFF).to_bytes(2, "big")
    return Raw(bytes(content))


def answered(host):
    """Packets that a router answers: TTL run out, no route, too big, and ping of the router itself."""
    for packet in (UDP(sport=8000, dport=33434), TCP(sport=8000, dport=80), ICMP(id=3)):
        yield IP(src=host["v4"], dst="10.8.0.9", ttl=1, id=20) / packet / data(60)
        yield IP(src=host["v4"], dst="10.77.0.9", id=21) / packet / data(60)
    yield IP(src=host["v4"], dst="10.8.0.9", ttl=1, id=22) / ICMP(type=3, code=1) / data(60)
    yield IPv6(src=host["v6"], dst="fd00:c::9", hlim=1) / UDP(sport=8000, dport=33434) / data(60)
    yield IPv6(src=host["v6"], dst="fd99::9") / UDP(sport=8000, dport=33434) / data(60)
    for size in (0, 56, 1400):
        yield IP(src=host["v4"], dst="10.0.1.1", id=23) / ICMP(type=8, id=4, seq=size) / data(size)
        yield IPv6(src=host["v6"], dst="fd00:a::1") / ICMPv6EchoRequest(id=4, seq=size, data=bytes(size))
    # The router's address on the other side.
    yield IP(src=host["v4"], dst="10.0.2.1", id=24) / ICMP(type=8, id=5, seq=1) / data(56)


def too_big(host):
    """Packets longer than port b's MTU: with Don't Fragment, and over IPv6."""
    yield IP(src=host["v4"], dst="10.8.0.9", id=30, flags="DF") / UDP(sport=9000, dport=9) / data(1473)
    yield IP(src=host["v4"], dst="10.8.0.9", id=31, flags="DF") / TCP(sport=9000, dport=9, flags="A") / data(5000)
    yield IPv6(src=host["v6"], dst="fd00:c::9") / UDP(sport=9000, dport=9) / data(1453)


def dropped(host):
    """Packets that a router drops in silence (RFC 1812 section 5.2.2, 5.3.7)."""
    def cut(packet, **fields):
        layer = IP(bytes(packet))
        for name, value in fields.items():
            setattr(layer, name, value)
        return layer

    good = IP(src=host["v4"], dst="10.8.0.9", id=40) / UDP(sport=9100, dport=9) / data(40)
    yield cut(good, chksum=0x1234)
    yield cut(good, version=5)
    yield IP(src="127.0.0.1", dst="10.8.0.9", id=41) / UDP(sport=9101, dport=9) / data(40)
    yield IP(src=host["v4"], dst="127.0.0.1", id=42) / UDP(sport=9102, dport=9) / data(40)
    yield IP(src="224.0.0.9", dst="10.8.0.9", id=43) / UDP(sport=9103, dport=9) / data(40)
    yield IPv6(src="::1", dst="fd00:c::9") / UDP(sport=9105, dport=9) / data(40)
    yield IPv6(src="ff02::5", dst="fd00:c::9") / UDP(sport=9106, dport=9) / data(40)


def frames(host, packets, start):
    built, time = [], start
    for packet in packets:
        ethertype = 0x86DD if isinstance(packet, IPv6) else 0x0800
        frame = bytes(Ether(src=host["mac"], dst=SWITCH, type=ethertype) / packet)
        built.append(captures.Packet(time, len(frame), frame))
        time += 20_000_000
    return built


def main():
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    directory = pathlib.Path(sys.argv[1])
    directory.mkdir(parents=True, exist_ok=True)
    start = 1767225600 * 10**9
    from_a = [*forwarded(A, "10.8.0.9", "fd00:c::9"), *forwarded(A, B["v4"], B["v6"])]
    from_a += [*with_options(A, "10.8.0.9", "fd00:c::9"), *with_options(A, "10.8.0.9", "fd00:c::9", ttl=1)]
    from_a += [*answered(A), *too_big(A), *dropped(A)]
    from_b = [*forwarded(B, "10.8.7.1", A["v6"])]
    # Another host's frame is none of the router's business.
    strange = Ether(src=A["mac"], dst="02:00:00:00:99:99")
    stray = bytes(strange / IP(src=A["v4"], dst="10.8.0.9", id=50) / UDP() / data(40))
    captured_a = frames(A, from_a, start)
    captured_a.append(captures.Packet(captured_a[-1].time + 20_000_000, len(stray), stray))
    (directory / "router.yaml").write_text(CONFIGURATION)
    captures.write(directory / "a.pcap", captured_a)
    captures.write(directory / "b.pcap", frames(B, from_b, start + 10_000_000))
    print("%s: %d packets from a, %d from b" % (directory, len(captured_a), len(from_b)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
