"""Builds Ethernet frames byte by byte: IPv4, IPv6, UDP, TCP, ICMP, ARP, 802.1Q and RoCEv2 with its ICRC.

Only what make-captures.py needs, on Python's standard library alone, so that the examples can be made anywhere.
RoCEv2 follows the InfiniBand Architecture Specification, volume 1, annex A17.
"""

import ipaddress
import struct
import zlib

ROCE_PORT = 4791
BROADCAST = "ff:ff:ff:ff:ff:ff"

# Reliable-connection opcodes and the CNP of annex A17.9.
SEND_ONLY, WRITE_FIRST, WRITE_MIDDLE, WRITE_LAST, WRITE_ONLY = 0x04, 0x06, 0x07, 0x08, 0x0A
READ_REQUEST, READ_RESPONSE_FIRST, READ_RESPONSE_MIDDLE, READ_RESPONSE_LAST = 0x0C, 0x0D, 0x0E, 0x0F
ACKNOWLEDGE, CNP = 0x11, 0x81


def mac(text):
    return bytes.fromhex(text.replace(":", ""))


def checksum(data):
    """The Internet checksum (RFC 1071) of some bytes, as a number."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ethernet(source, destination, ethertype, payload, vlan=None, priority=0):
    """A frame without FCS, padded to the 60 bytes that the wire asks for."""
    tag = b"" if vlan is None else struct.pack("!HH", 0x8100, priority << 13 | vlan)
    frame = mac(destination) + mac(source) + tag + struct.pack("!H", ethertype) + payload
    return frame + bytes(max(0, 60 - len(frame)))


def is_ipv6(address):
    return ":" in address


def packed(address):
    return ipaddress.ip_address(address).packed


def ip(source, destination, protocol, payload, dscp=0, ecn=0, ttl=64, ident=0):
    """An IPv4 or IPv6 packet, by the look of the addresses; Don't Fragment is set."""
    if is_ipv6(source):
        word = 6 << 28 | (dscp << 2 | ecn) << 20 | (ident & 0xFFFFF)
        return struct.pack("!IHBB", word, len(payload), protocol, ttl) + packed(source) + packed(destination) + payload
    fields = (0x45, dscp << 2 | ecn, 20 + len(payload), ident, 0x4000, ttl, protocol)
    addresses = packed(source) + packed(destination)
    total = checksum(struct.pack("!BBHHHBBH", *fields, 0) + addresses)
    return struct.pack("!BBHHHBBH", *fields, total) + addresses + payload


def transport_checksum(source, destination, protocol, segment):
    if is_ipv6(source):
        pseudo = packed(source) + packed(destination) + struct.pack("!II", len(segment), protocol)
    else:
        pseudo = packed(source) + packed(destination) + struct.pack("!HH", protocol, len(segment))
    return checksum(pseudo + segment)


def udp(source, destination, source_port, destination_port, payload):
    header = struct.pack("!HHH", source_port, destination_port, 8 + len(payload))
    total = transport_checksum(source, destination, 17, header + b"\0\0" + payload) or 0xFFFF
    return header + struct.pack("!H", total) + payload


def tcp(source, destination, source_port, destination_port, sequence, acknowledgement, flags, payload=b""):
    """A segment with the flags as one number: FIN 1, SYN 2, PSH 8, ACK 16. A SYN carries an MSS of 1460."""
    options = b"\x02\x04\x05\xb4" if flags & 2 else b""
    start = struct.pack(
        "!HHIIBBH", source_port, destination_port, sequence & 0xFFFFFFFF, acknowledgement & 0xFFFFFFFF,
        (20 + len(options)) // 4 << 4, flags, 65535)
    total = transport_checksum(source, destination, 6, start + b"\0\0\0\0" + options + payload)
    return start + struct.pack("!HH", total, 0) + options + payload


def icmp_echo(kind, ident, sequence, payload):
    start = struct.pack("!HH", ident, sequence) + payload
    return struct.pack("!BBH", kind, 0, checksum(struct.pack("!BBH", kind, 0, 0) + start)) + start


def arp(operation, sender_mac, sender, target_mac, target):
    return (struct.pack("!HHBBH", 1, 0x0800, 6, 4, operation)
            + mac(sender_mac) + packed(sender) + mac(target_mac) + packed(target))


def neighbor(kind, source, destination, target, link_address):
    """ICMPv6 neighbour solicitation (135) or advertisement (136) with its link-layer address option (RFC 4861)."""
    flags = 0x60000000 if kind == 136 else 0
    option = bytes([2 if kind == 136 else 1, 1]) + mac(link_address)
    body = struct.pack("!BBHI", kind, 0, 0, flags) + packed(target) + option
    total = transport_checksum(source, destination, 58, body)
    return body[:2] + struct.pack("!H", total) + body[4:]


def icrc(packet):
    """The invariant CRC of an IP packet that ends before its ICRC (annex A17.3.3).

    What routers may change is replaced by ones: type of service, TTL, both checksums, the IPv6 flow label, and the
    byte of the BTH that holds FECN and BECN. Eight bytes of ones stand for the missing local route header.
    """
    masked = bytearray(packet)
    if masked[0] >> 4 == 4:
        transport = (masked[0] & 15) * 4
        for offset in (1, 8, 10, 11):
            masked[offset] = 0xFF
    else:
        transport = 40
        masked[0] |= 0x0F
        for offset in (1, 2, 3, 7):
            masked[offset] = 0xFF
    for offset in (6, 7, 12):
        masked[transport + offset] = 0xFF
    return struct.pack("<I", zlib.crc32(b"\xff" * 8 + bytes(masked)) & 0xFFFFFFFF)


def bth(opcode, queue_pair, sequence, pad=0, ask_ack=False, congestion=0, solicited=False):
    """Base transport header. `congestion` holds FECN (0x80) and BECN (0x40)."""
    flags = (0x80 if solicited else 0) | 0x40 | pad << 4
    last = (1 << 31 if ask_ack else 0) | sequence & 0xFFFFFF
    return struct.pack("!BBHII", opcode, flags, 0xFFFF, congestion << 24 | queue_pair, last)


def reth(address, key, length):
    return struct.pack("!QII", address, key, length)


def aeth(message_number, syndrome=0x1F):
    """Acknowledge header; the default syndrome is an ACK that grants no end-to-end credit limit."""
    return struct.pack("!I", syndrome << 24 | message_number & 0xFFFFFF)


def roce(source, destination, source_port, transport, payload=b"", dscp=26, ecn=2, ttl=64, ident=0):
    """A RoCEv2 packet with a correct ICRC. The UDP checksum is 0 over IPv4, as network adapters send it."""
    body = transport + payload + bytes(-len(payload) % 4)
    length = 8 + len(body) + 4
    header = struct.pack("!HHHH", source_port, ROCE_PORT, length, 0)
    # The lengths in both headers count the ICRC itself; it is computed with four bytes there and then replaces them.
    draft = ip(source, destination, 17, header + body + bytes(4), dscp, ecn, ttl, ident)
    code = icrc(draft[:-4])
    if not is_ipv6(source):
        return draft[:-4] + code
    total = transport_checksum(source, destination, 17, header + body + code) or 0xFFFF
    return ip(source, destination, 17, header[:6] + struct.pack("!H", total) + body + code, dscp, ecn, ttl, ident)
