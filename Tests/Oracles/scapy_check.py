#!/usr/bin/python3
"""Recomputes every checksum of captures with scapy, and the ICRC of RoCE with zlib.

    scapy_check.py CAPTURE... [--allow-bad N] [--limit N]

IPv4 headers, UDP (unless 0 over IPv4), TCP, ICMP and ICMPv6 are rebuilt by scapy with their checksums deleted, and
must come out as they were. The ICRC of RoCEv2 (IPv4 and IPv6) and RoCEv1 is computed here from the rule of the
InfiniBand Architecture Specification, volume 1, annex A17.3.3. Of frames cut at a snap length only the IPv4 header is
checked; of fragments, no transport checksum.

Exit: 0 all well; 1 a wrong value (more than --allow-bad of them); 2 nothing could be checked.
Debian: python3-scapy.
"""

import argparse
import collections
import logging
import struct
import sys
import zlib

import captures

try:
    logging.getLogger("scapy").setLevel(logging.CRITICAL)
    from scapy.layers.inet import ICMP, IP, TCP, UDP
    from scapy.layers.inet6 import IPv6, IPv6ExtHdrFragment
    from scapy.layers.l2 import Ether
except ImportError:
    print("scapy is missing for %s: apt-get install python3-scapy" % sys.executable, file=sys.stderr)
    sys.exit(2)

ROCE_PORT, ROCE_V1 = 4791, 0x8915


def internet_checksum(data):
    """The ones' complement sum of 16-bit words (RFC 1071); 0 over a header whose checksum is right."""
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def is_fragment(layer):
    if isinstance(layer, IP):
        return layer.frag != 0 or layer.flags.MF
    return IPv6ExtHdrFragment in layer


def checksum_field(layer):
    """The name of a layer's checksum, or None. Quoted headers in ICMP errors are other classes and not looked at."""
    if type(layer) in (IP, TCP, ICMP):
        return "chksum"
    if type(layer) is UDP:
        return None if layer.chksum == 0 and isinstance(layer.underlayer, IP) else "chksum"
    return "cksum" if type(layer).__name__.startswith(("ICMPv6", "MLDv2")) and "cksum" in layer.fields else None


def checksums(packet):
    """Layer name and checksum of each layer that has one."""
    found, fragment = [], False
    while packet:
        field = checksum_field(packet)
        if field and (type(packet) is IP or not fragment):
            found.append((packet.name, packet, field))
        if isinstance(packet, (IP, IPv6)):
            fragment = is_fragment(packet)
        packet = packet.payload
    return found


def check_layers(frame):
    """Faults of a whole frame, and how many checksums were right."""
    carried = [(name, getattr(layer, field)) for name, layer, field in checksums(Ether(frame))]
    draft = Ether(frame)
    for _, layer, field in checksums(draft):
        delattr(layer, field)
    computed = [(name, getattr(layer, field)) for name, layer, field in checksums(Ether(bytes(draft)))]
    # In ones' complement ffff is 0000, and Linux sends it in one TCP frame of 65 536. UDP tells the two apart.
    faults = ["%s checksum %04x, scapy says %04x" % (a[0], a[1], b[1]) for a, b in zip(carried, computed)
              if a != b and not (a[0] == "TCP" and a[1] == 0xFFFF and b[1] == 0)]
    if len(carried) != len(computed):
        faults.append("scapy reads other layers after rebuilding the frame")
    return faults, len(carried) - len(faults)


def roce_packet(frame):
    """The bytes that an ICRC covers, from the IP header or GRH to the ICRC itself, with its version; or None."""
    ethertype, start = captures.network_layer(frame)
    packet = frame[start:]
    if ethertype == ROCE_V1 and len(packet) >= 56:
        return packet[: 40 + int.from_bytes(packet[4:6], "big")], 40, 1
    if ethertype == 0x0800 and len(packet) >= 28 and packet[9] == 17 and packet[6:8] in (b"\0\0", b"\x40\0"):
        header = (packet[0] & 15) * 4
        length = int.from_bytes(packet[2:4], "big")
    elif ethertype == 0x86DD and len(packet) >= 48 and packet[6] == 17:
        header, length = 40, 40 + int.from_bytes(packet[4:6], "big")
    else:
        return None
    if packet[header + 2 : header + 4] != ROCE_PORT.to_bytes(2, "big") or not header + 24 <= length <= len(packet):
        return None
    return packet[:length], header + 8, 2


def icrc(packet, transport, version):
    """The invariant CRC over a packet without its last four bytes; `transport` is where the BTH begins."""
    masked = bytearray(packet[:-4])
    if version == 2 and masked[0] >> 4 == 4:
        variant = [1, 8, 10, 11]
    else:
        masked[0] |= 0x0F
        variant = [1, 2, 3, 7]
    variant += [transport + 4] + ([transport - 2, transport - 1] if version == 2 else [])
    for offset in variant:
        masked[offset] = 0xFF
    return struct.pack("<I", zlib.crc32(b"\xff" * 8 + bytes(masked)) & 0xFFFFFFFF)


def check(packet):
    """Faults of one frame, and what was right, by kind."""
    frame, good = packet.data, collections.Counter()
    if packet.length > len(frame):
        ethertype, start = captures.network_layer(frame)
        header = frame[start : start + (frame[start] & 15) * 4] if ethertype == 0x0800 and len(frame) > start else b""
        if len(header) < 20:
            return [], good
        if internet_checksum(header):
            return ["IP checksum of a cut frame"], good
        return [], collections.Counter({"IPv4 headers of cut frames": 1})
    faults, good["checksums"] = check_layers(frame)
    roce = roce_packet(frame)
    if roce:
        code = icrc(*roce)
        if code == roce[0][-4:]:
            good["ICRCs"] += 1
        else:
            faults.append("ICRC %s, computed %s" % (roce[0][-4:].hex(), code.hex()))
    return faults, good


def main():
    parser = argparse.ArgumentParser(description="Recompute the checksums of captures with scapy, and the ICRC.")
    parser.add_argument("captures", nargs="+", metavar="CAPTURE")
    parser.add_argument("--allow-bad", type=int, default=0, metavar="N", help="how many wrong values are expected")
    parser.add_argument("--limit", type=int, metavar="N", help="check only the first N frames of each capture")
    arguments = parser.parse_args()
    bad = 0
    for path in arguments.captures:
        try:
            packets = captures.read(path)
        except captures.CaptureError as error:
            print(error, file=sys.stderr)
            return 2
        total = collections.Counter()
        for number, packet in enumerate(packets[: arguments.limit], 1):
            faults, good = check(packet)
            total += good
            bad += len(faults)
            for fault in faults:
                print("%s: frame %d: %s" % (path, number, fault), file=sys.stderr)
        print("%s: %d frames, right: %s" % (
            path, len(packets), ", ".join("%d %s" % (n, kind) for kind, n in total.items()) or "nothing to check"))
    return 1 if bad > arguments.allow_bad else 0


if __name__ == "__main__":
    sys.exit(main())
