"""Reads and writes pcap files for the other scripts in this directory.

Its own reader and not scapy's or libpcap's, because it must be strict: a capture that breaks off is an error, and a
nanosecond stamp stays an integer.
"""

import struct
from collections import namedtuple

# time is in nanoseconds since 1970; length is the length on the wire, which may exceed len(data).
Packet = namedtuple("Packet", "time length data")

_FORMATS = {
    b"\xa1\xb2\xc3\xd4": (">", 1000), b"\xd4\xc3\xb2\xa1": ("<", 1000),
    b"\xa1\xb2\x3c\x4d": (">", 1), b"\x4d\x3c\xb2\xa1": ("<", 1),
}


class CaptureError(Exception):
    """A capture that cannot be read to its end."""


def read(path):
    """Every packet of an Ethernet pcap file, as a list."""
    try:
        with open(path, "rb") as file:
            content = file.read()
    except OSError as error:
        raise CaptureError("%s: %s" % (path, error.strerror)) from None
    if len(content) < 24 or content[:4] not in _FORMATS:
        raise CaptureError("%s: not a pcap file (pcapng is converted by editcap -F nsecpcap)" % path)
    order, unit = _FORMATS[content[:4]]
    link = struct.unpack(order + "I", content[20:24])[0] & 0xFFFF
    if link != 1:
        raise CaptureError("%s: link type %d, not Ethernet" % (path, link))
    packets, position = [], 24
    while position < len(content):
        header = content[position : position + 16]
        if len(header) < 16:
            raise CaptureError("%s: cut off in the header of packet %d" % (path, len(packets) + 1))
        seconds, fraction, kept, length = struct.unpack(order + "IIII", header)
        data = content[position + 16 : position + 16 + kept]
        if len(data) < kept:
            raise CaptureError("%s: cut off in packet %d" % (path, len(packets) + 1))
        packets.append(Packet(seconds * 10**9 + fraction * unit, length, data))
        position += 16 + kept
    return packets


def write(path, packets):
    """Writes packets as a little-endian nanosecond pcap file."""
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, 1))
        for packet in packets:
            seconds, fraction = divmod(packet.time, 10**9)
            file.write(struct.pack("<IIII", seconds, fraction, len(packet.data), packet.length) + packet.data)


def network_layer(frame):
    """The ethertype of a frame behind its VLAN tags, and where its payload begins; (None, len) if it is cut before."""
    position = 12
    while frame[position : position + 2] in (b"\x81\x00", b"\x88\xa8"):
        position += 4
    if len(frame) < position + 2:
        return None, len(frame)
    return int.from_bytes(frame[position : position + 2], "big"), position + 2
