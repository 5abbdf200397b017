"""Writes frames.json, soft-roce-frames.json, opcodes.json and icrc.json: bytes with what others read in them.

Frames come from scapy, from vectors.json and from a capture of real RoCE. Every expected value is tshark's; the
invariant CRCs are zlib's. Needs scapy (2.6 or later) and tshark (4.0 or later).

    python3 make_frames.py CAPTURE.pcap
"""

import json
import os
import random
import struct
import subprocess
import sys
import tempfile
import zlib

from scapy.all import (
    ARP, ICMP, IP, IPv6, TCP, UDP, Dot1AD, Dot1Q, Ether, ICMPv6DestUnreach, ICMPv6EchoRequest, ICMPv6ND_NA,
    ICMPv6ND_NS, ICMPv6NDOptDstLLAddr, ICMPv6NDOptMTU, ICMPv6NDOptSrcLLAddr, ICMPv6PacketTooBig, ICMPv6TimeExceeded,
    IPv6ExtHdrDestOpt, IPv6ExtHdrFragment, IPv6ExtHdrHopByHop, IPv6ExtHdrSegmentRouting, PadN, RawPcapReader, Raw,
    RouterAlert, wrpcap)
from scapy.contrib.mac_control import MACControlClassBasedFlowControl, MACControlPause
from scapy.contrib.roce import AETH, BTH, cnp
from scapy.layers.ipsec import AH
from scapy.layers.vxlan import VXLAN

HERE = os.path.dirname(os.path.abspath(__file__))

FIELDS = """
eth.dst eth.src eth.type vlan.priority vlan.dei vlan.id vlan.etype
ieee8021ad.priority ieee8021ad.dei ieee8021ad.id
arp.opcode arp.src.hw_mac arp.src.proto_ipv4 arp.dst.hw_mac arp.dst.proto_ipv4
ip.hdr_len ip.dsfield ip.dsfield.dscp ip.dsfield.ecn ip.len ip.id ip.flags.df ip.flags.mf ip.frag_offset ip.ttl
ip.proto ip.checksum ip.checksum.status ip.src ip.dst
ipv6.tclass ipv6.tclass.dscp ipv6.tclass.ecn ipv6.flow ipv6.plen ipv6.nxt ipv6.hlim ipv6.src ipv6.dst
ipv6.routing.segleft ipv6.routing.srh.last_entry ipv6.routing.srh.flags ipv6.routing.srh.tag ipv6.routing.srh.addr
ipv6.fraghdr.offset ipv6.fraghdr.more
ipv6.opt.ioam.trace.ns ipv6.opt.ioam.trace.nodelen ipv6.opt.ioam.trace.flag.o ipv6.opt.ioam.trace.remlen
ipv6.opt.ioam.trace.type
icmp.type icmp.code icmp.checksum icmp.checksum.status icmp.ident icmp.seq icmp.mtu
icmpv6.type icmpv6.code icmpv6.checksum icmpv6.checksum.status icmpv6.echo.identifier icmpv6.echo.sequence_number
icmpv6.mtu icmpv6.nd.ns.target_address icmpv6.nd.na.target_address icmpv6.nd.na.flag.r icmpv6.nd.na.flag.s
icmpv6.nd.na.flag.o icmpv6.opt.linkaddr
udp.srcport udp.dstport udp.length udp.checksum udp.checksum.status
tcp.srcport tcp.dstport tcp.seq_raw tcp.ack_raw tcp.hdr_len tcp.flags tcp.window_size_value tcp.checksum
tcp.checksum.status tcp.urgent_pointer
vxlan.flag_i vxlan.vni
macc.opcode macc.pause_time macc.cbfc.enbv macc.cbfc.pause_time.c0 macc.cbfc.pause_time.c1 macc.cbfc.pause_time.c2
macc.cbfc.pause_time.c3 macc.cbfc.pause_time.c4 macc.cbfc.pause_time.c5 macc.cbfc.pause_time.c6
macc.cbfc.pause_time.c7
infiniband.grh.ipver infiniband.grh.tclass infiniband.grh.flowlabel infiniband.grh.paylen infiniband.grh.nxthdr
infiniband.grh.hoplmt infiniband.grh.sgid infiniband.grh.dgid
infiniband.bth.opcode infiniband.bth.se infiniband.bth.m infiniband.bth.padcnt infiniband.bth.tver
infiniband.bth.p_key infiniband.bth.destqp infiniband.bth.a infiniband.bth.psn
infiniband.deth.q_key infiniband.deth.srcqp infiniband.reth.va infiniband.reth.r_key infiniband.reth.dmalen
infiniband.atomiceth.swapdt infiniband.atomiceth.cmpdt infiniband.atomicacketh.origremdt
infiniband.aeth.syndrome infiniband.aeth.msn
""".split()

# Of tshark 4.0 only for RC, UC and UD: it reads RDETH eight octets late and does not know XRC's.
OPCODE_FIELDS = ["infiniband.bth.opcode"] + ["infiniband." + name for name in (
    "deth", "reth", "atomiceth", "aeth", "atomicacketh", "immdt", "ieth")]

PREFERENCES = ["ip.defragment:FALSE", "ipv6.defragment:FALSE", "ip.check_checksum:TRUE", "udp.check_checksum:TRUE",
               "tcp.check_checksum:TRUE", "tcp.relative_sequence_numbers:FALSE"]


def decode(frames, fields=FIELDS):
    """What tshark reads in each frame: a dictionary from its field names to lists of values."""
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "frames.pcap")
        wrpcap(path, [Ether(frame) for frame in frames])
        command = ["tshark", "-r", path, "-n", "-T", "fields", "-E", "occurrence=a", "-E", "aggregator=,"]
        for preference in PREFERENCES:
            command += ["-o", preference]
        for field in fields:
            command += ["-e", field]
        lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    assert len(lines) == len(frames), (len(lines), len(frames))
    return [{field: [plain(field, value) for value in text.split(",")]
             for field, text in zip(fields, line.split("\t")) if text} for line in lines]


def plain(field, value):
    """Numbers in decimal, everything else as it is."""
    if field == "ipv6.routing.srh.tag":
        return str(int(value, 16))
    if field in OPCODE_FIELDS[1:]:
        return value
    try:
        return str(int(value, 0))
    except ValueError:
        return value


def icrc(packet):
    """The invariant CRC of a packet that begins with its network header."""
    masked = bytearray(packet)
    if masked[0] >> 4 == 4:
        udp = (masked[0] & 15) * 4
        masked[1] = masked[8] = masked[10] = masked[11] = 0xFF
        bth = udp + 8
    else:
        masked[0] |= 0x0F
        masked[1] = masked[2] = masked[3] = masked[7] = 0xFF
        udp = 40
        bth = 48 if masked[6] == 17 else 40
    if bth != udp:
        masked[udp + 6] = masked[udp + 7] = 0xFF
    masked[bth + 4] = 0xFF
    return zlib.crc32(b"\xff" * 8 + bytes(masked))


E4 = dict(src="02:00:00:00:00:0a", dst="02:00:00:00:00:0b")


def roce(opcode, headers, payload=b"", network=None, **bth):
    """An Ethernet frame with RoCEv2; scapy computes the invariant CRC."""
    network = network or IP(src="10.0.0.1", dst="10.0.0.2", tos=0x6A, id=7)
    pad = -len(payload) % 4
    header = BTH(opcode=opcode, padcount=pad, dqpn=0x123456, psn=0xABCDEF, **bth)
    return Ether(**E4) / network / UDP(sport=0xC123, dport=4791, chksum=0) / header / Raw(headers + payload + bytes(pad))


def made():
    """The frames of scapy, with names."""
    v6 = dict(src="2001:db8::1", dst="2001:db8:0:1::2")
    reth = struct.pack(">QII", 0x0123456789ABCDEF, 0xDEADBEEF, 1 << 20)
    aeth = struct.pack(">I", 0x60 << 24 | 0x010203)
    yield "arp-request", Ether(src=E4["src"], dst="ff:ff:ff:ff:ff:ff") / ARP(
        hwsrc=E4["src"], psrc="10.0.0.1", pdst="10.0.0.2")
    yield "arp-reply", Ether(**E4) / ARP(op=2, hwsrc=E4["src"], psrc="10.0.0.1", hwdst=E4["dst"], pdst="10.0.0.2")
    yield "vlan-udp", Ether(**E4) / Dot1Q(vlan=100, prio=3, id=1) / IP(src="10.0.0.1", dst="10.0.0.2") / UDP(
        sport=1000, dport=2000) / b"hello"
    yield "qinq-udp", Ether(**E4) / Dot1AD(vlan=4094, prio=7) / Dot1Q(vlan=1, prio=5) / IP(
        src="10.0.0.1", dst="10.0.0.2") / UDP(sport=1000, dport=2000) / b"odd"
    yield "ipv4-options-tcp", Ether(**E4) / IP(
        src="192.0.2.1", dst="198.51.100.2", tos=0xB9, id=0xBEEF, flags="DF", ttl=1,
        options=b"\x94\x04\x00\x00\x01\x01\x01\x00") / TCP(
            sport=443, dport=65535, seq=0xFEDCBA98, ack=0x01234567, flags="SAECPU", window=4242, urgptr=77,
            options=[("MSS", 1460), ("NOP", None), ("WScale", 7)]) / b"x"
    yield "ipv4-first-fragment", Ether(**E4) / IP(src="10.0.0.1", dst="10.0.0.2", id=9, flags="MF") / UDP(
        sport=1, dport=2, len=1000, chksum=0) / bytes(16)
    yield "ipv4-later-fragment", Ether(**E4) / IP(
        src="10.0.0.1", dst="10.0.0.2", id=9, flags="MF", frag=185, proto=17) / Raw(bytes(range(24)))
    yield "ipv4-bad-checksum", Ether(**E4) / IP(src="10.0.0.1", dst="10.0.0.2", chksum=0x1234) / UDP(
        sport=1, dport=2, chksum=0x4321) / b"bad!"
    yield "ipv4-icmp-echo", Ether(**E4) / IP(src="10.0.0.1", dst="10.0.0.2") / ICMP(id=0x1234, seq=5) / b"ping!"
    yield "ipv4-icmp-too-big", Ether(**E4) / IP(src="10.0.0.9", dst="10.0.0.1") / ICMP(
        type=3, code=4, nexthopmtu=1400) / IP(src="10.0.0.1", dst="10.0.0.2", flags="DF", len=1500) / UDP(
            sport=1, dport=2, len=1480, chksum=0)
    yield "ipv6-udp", Ether(**E4) / IPv6(tc=0xBA, fl=0xABCDE, hlim=7, **v6) / UDP(sport=53, dport=5353) / b"seven77"
    yield "ipv6-tcp", Ether(**E4) / IPv6(**v6) / TCP(sport=1, dport=2, seq=3, flags="A") / b"data"
    yield "ipv6-extensions", Ether(**E4) / IPv6(**v6) / IPv6ExtHdrHopByHop(options=[RouterAlert()]) / IPv6ExtHdrDestOpt(
        options=[PadN(optdata=bytes(12))]) / UDP(sport=1, dport=2) / b"abc"
    yield "ipv6-authentication", Ether(**E4) / IPv6(**v6) / AH(
        spi=1, seq=1, icv=bytes(12), nh=17, payloadlen=4) / UDP(sport=1, dport=2) / b"abcd"
    yield "ipv6-first-fragment", Ether(**E4) / IPv6(**v6) / IPv6ExtHdrFragment(m=1, id=5, nh=17) / UDP(
        sport=1, dport=2, len=1000, chksum=0xABCD) / bytes(8)
    yield "ipv6-later-fragment", Ether(**E4) / IPv6(**v6) / IPv6ExtHdrFragment(
        offset=125, m=0, id=5, nh=17) / Raw(bytes(range(32)))
    yield "ipv6-srh", Ether(**E4) / IPv6(src="2001:db8::1", dst="fc00:2::5") / IPv6ExtHdrSegmentRouting(
        segleft=1, lastentry=1, tag=0xBEEF, addresses=["fc00::e", "fc00:2::5"]) / UDP(sport=1, dport=2, chksum=0) / b"srv6"
    yield "icmpv6-echo", Ether(**E4) / IPv6(**v6) / ICMPv6EchoRequest(id=0x4321, seq=6, data=b"odd")
    yield "icmpv6-too-big", Ether(**E4) / IPv6(**v6) / ICMPv6PacketTooBig(mtu=1280) / IPv6(**v6) / UDP(
        sport=1, dport=2) / b"data"
    yield "icmpv6-time-exceeded", Ether(**E4) / IPv6(**v6) / ICMPv6TimeExceeded() / IPv6(**v6) / UDP(
        sport=1, dport=2) / b"data"
    yield "icmpv6-unreachable", Ether(**E4) / IPv6(**v6) / ICMPv6DestUnreach(code=3) / IPv6(**v6) / UDP(
        sport=1, dport=2) / b"data"
    yield "nd-solicitation", Ether(src=E4["src"], dst="33:33:ff:00:00:02") / IPv6(
        src="fe80::1", dst="ff02::1:ff00:2", hlim=255) / ICMPv6ND_NS(tgt="fe80::2") / ICMPv6NDOptSrcLLAddr(lladdr=E4["src"])
    yield "nd-advertisement", Ether(**E4) / IPv6(src="fe80::2", dst="fe80::1", hlim=255) / ICMPv6ND_NA(
        tgt="fe80::2", R=1, S=1, O=0) / ICMPv6NDOptMTU(mtu=9000) / ICMPv6NDOptDstLLAddr(lladdr=E4["dst"])
    yield "vxlan", Ether(**E4) / IP(src="10.0.0.1", dst="10.0.0.2") / UDP(sport=0xC000, chksum=0) / VXLAN(
        vni=0xABCDEF) / Ether(src="06:00:00:00:00:01", dst="06:00:00:00:00:02") / IP(
            src="172.16.0.1", dst="172.16.0.2") / UDP(sport=3, dport=4) / b"inner"
    yield "pause", Ether(src=E4["src"], dst="01:80:c2:00:00:01", type=0x8808) / MACControlPause(
        pause_time=0xFFFF) / Raw(bytes(42))
    yield "pfc", Ether(src=E4["src"], dst="01:80:c2:00:00:01", type=0x8808) / MACControlClassBasedFlowControl(
        c0_enabled=1, c3_enabled=1, c7_enabled=1, c0_pause_time=1, c3_pause_time=0xFFFF, c5_pause_time=0x1234,
        c7_pause_time=0x8000) / Raw(bytes(26))
    yield "roce-send-only", roce(0x04, b"", b"payload", solicited=1, ackreq=1)
    yield "roce-send-only-immediate", roce(0x05, b"\x01\x02\x03\x04", b"12345")
    yield "roce-write-first", roce(0x06, reth, bytes(range(64)), migreq=0)
    yield "roce-write-only-immediate", roce(0x0B, reth + b"\x0a\x0b\x0c\x0d", bytes(range(30)), pkey=0x8001)
    yield "roce-read-request", roce(0x0C, reth)
    yield "roce-read-response-only", roce(0x10, aeth, bytes(8))
    yield "roce-compare-swap", roce(0x13, struct.pack(">QIQQ", 1 << 40, 0xCAFE, 0x1122334455667788, 0x99AABBCCDDEEFF00))
    yield "roce-atomic-acknowledge", roce(0x12, aeth + struct.pack(">Q", 0xFEDCBA9876543210))
    yield "roce-ud-send", roce(0x64, struct.pack(">II", 0x80010000, 0x00ABCDEF), b"datagram")
    yield "roce-nak", Ether(**E4) / IP(src="10.0.0.1", dst="10.0.0.2", tos=2) / UDP(sport=0xC001, chksum=0) / BTH(
        opcode="RC_ACKNOWLEDGE", dqpn=5, psn=1) / AETH(syndrome=0x60, msn=0x777)
    yield "roce-ipv6", roce(0x04, b"", b"over v6.", network=IPv6(tc=0x6A, fl=0x12345, hlim=9, **v6))
    yield "roce-cnp", Ether(**E4) / IP(src="10.0.0.1", dst="10.0.0.2", tos=0xC2, id=0, flags="DF") / UDP(
        sport=0xC002, chksum=0) / cnp(dqpn=0x0000D2)
    grh = bytes.fromhex("66a12345 0024 1b 3f 20010db8000000000000000000000001 20010db8000000000000000000000002")
    body = bytes.fromhex("04 40 ffff 00 0000d2 80 000042") + b"roce version one"[:16]
    grh = grh[:4] + struct.pack(">H", len(body) + 4) + grh[6:]
    yield "roce-v1", Ether(type=0x8915, **E4) / Raw(grh + body + struct.pack("<I", icrc(grh + body)))


def network_packet(frame):
    """From the network header to the end of the network layer's own length; None if this is not RoCE."""
    kind = frame[12:14]
    if kind == b"\x08\x00" and frame[36:38] == b"\x12\xb7":
        return frame[14:14 + struct.unpack(">H", frame[16:18])[0]]
    if (kind == b"\x86\xdd" and frame[20] == 17 and frame[56:58] == b"\x12\xb7") or kind == b"\x89\x15":
        return frame[14:54 + struct.unpack(">H", frame[18:20])[0]]
    return None


def entries(named):
    """Rows for a file of frames. A frame whose last octets are not its own CRC carries no `icrc`."""
    named = list(named)
    for (name, frame), fields in zip(named, decode([frame for _, frame in named])):
        row = {"name": name, "hex": frame.hex(), "fields": fields}
        packet = network_packet(frame)
        if packet is not None:
            computed = icrc(packet[:-4])
            if struct.pack("<I", computed) == packet[-4:]:
                row["icrc"] = computed
        yield row


def write(name, rows):
    """One row a line, so that a change shows as one line."""
    with open(os.path.join(HERE, name), "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n")


def random_icrcs():
    """Packets of every kind and of lengths around the CRC's word size, with zlib's answer."""
    source = random.Random(4791)
    for length in list(range(0, 20)) + [255, 1024]:
        body = source.randbytes(12 + length)
        udp = source.randbytes(8)
        rest = source.randbytes(34)
        headers = {
            "v4": b"\x45" + rest[:5] + b"\x40\x00" + rest[6:7] + b"\x11" + rest[7:17] + udp,
            "v4-options": b"\x47" + rest[:5] + b"\x00\x00" + rest[6:7] + b"\x11" + rest[7:25] + udp,
            "v6": b"\x6a" + rest[:5] + b"\x11" + rest[5:6] + rest[:32] + udp,
            "v1": b"\x6b" + rest[:5] + b"\x1b" + rest[5:6] + rest[2:34],
        }
        for kind, header in headers.items():
            yield {"name": f"{kind}+{length}", "hex": (header + body).hex(), "icrc": icrc(header + body)}


def opcodes():
    """Every opcode tshark has a name for, with the octets between base transport header and each extended header."""
    listing = subprocess.run(["tshark", "-G", "values"], check=True, capture_output=True, text=True).stdout
    names = {}
    for line in listing.splitlines():
        columns = line.split("\t")
        if columns[:2] == ["V", "infiniband.bth.opcode"]:
            names[int(columns[2])] = columns[3]
    values = [value for value in range(256) if value in names]
    decoded = decode([bytes(roce(value, bytes(range(64)))) for value in values], OPCODE_FIELDS)
    for value, fields in zip(values, decoded):
        row = {"opcode": value, "name": names[value]}
        if value >> 5 in (0, 1, 3):
            # The octets behind the base transport header count up from zero, so a header's first one is its offset.
            row["headers"] = {field.split(".")[1]: int(found[0][:2], 16)
                              for field, found in fields.items() if field != OPCODE_FIELDS[0]}
        yield row


def main():
    with open(os.path.join(HERE, "vectors.json")) as file:
        vectors = [(vector["id"], bytes.fromhex(vector["hex"])) for vector in json.load(file)]
    rows = list(entries([(name, bytes(frame)) for name, frame in made()] + vectors))
    # scapy's own CRC must agree with zlib's for every RoCE frame it made.
    missing = [row["name"] for row in rows if row["name"].startswith("roce-") and "icrc" not in row]
    assert not missing, missing
    write("frames.json", rows)

    wanted = {91: "write-first", 92: "write-middle", 184: "acknowledge", 185: "write-last", 1922: "send-only"}
    chosen = []
    seen = {}
    for number, (data, _) in enumerate(RawPcapReader(sys.argv[1]), 1):
        key = data[42] if len(data) > 54 and data[12:14] == b"\x08\x00" and data[36:38] == b"\x12\xb7" else None
        if key is not None and seen.get(key, 0) < 3:
            seen[key] = seen.get(key, 0) + 1
            chosen.append((f"frame-{number}", data))
    assert set(wanted) <= {int(name.split("-")[1]) for name, _ in chosen}
    rows = list(entries(chosen))
    assert all("icrc" in row for row in rows)
    write("soft-roce-frames.json", rows)
    write("opcodes.json", opcodes())
    write("icrc.json", random_icrcs())


main()
