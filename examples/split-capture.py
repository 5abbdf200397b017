#!/usr/bin/env python3
"""Splits a capture of two hosts' conversation into what each of them sent, to be replayed as two ports' input.

    examples/split-capture.py CAPTURE FIRST.pcap=MAC SECOND.pcap=MAC [--writes N]

Frames of other senders are left out. With `--writes N` only the first N packets of RDMA WRITE requests are kept, with
their acknowledgements, and everything that is not RDMA WRITE: N should end a message. Frames and their nanosecond
stamps are otherwise untouched. The captures host-a.pcap and host-b.pcap were made by

    examples/split-capture.py soft-roce.pcap examples/captures/host-a.pcap=52:54:00:00:00:0a \\
        examples/captures/host-b.pcap=52:54:00:00:00:0b --writes 606

Only little-endian nanosecond pcap of Ethernet is read. Python 3 and its standard library are enough.
"""

import argparse
import struct
import sys

HEADER = struct.Struct("<IHHiIII")
RECORD = struct.Struct("<IIII")
WRITES = range(0x06, 0x0C)
ACKNOWLEDGE = 0x11


def read(path):
    """The file header and the packets of a capture, each as (seconds, nanoseconds, wire length, bytes)."""
    with open(path, "rb") as file:
        start = file.read(HEADER.size)
        if len(start) < HEADER.size or HEADER.unpack(start)[0] != 0xA1B23C4D:
            sys.exit("%s: not a little-endian nanosecond pcap; convert it with editcap -F nsecpcap" % path)
        packets = []
        while record := file.read(RECORD.size):
            if len(record) == RECORD.size:
                seconds, nanoseconds, kept, length = RECORD.unpack(record)
                data = file.read(kept)
            if len(record) < RECORD.size or len(data) < kept:
                sys.exit("%s: cut off in packet %d" % (path, len(packets) + 1))
            packets.append((seconds, nanoseconds, length, data))
    return start, packets


def bth(frame):
    """Opcode, destination queue pair and packet sequence number of RoCEv2 over IPv4 without options, or None."""
    if len(frame) < 54 or frame[12:15] != b"\x08\x00\x45" or frame[23] != 17 or frame[36:38] != b"\x12\xb7":
        return None
    return frame[42], int.from_bytes(frame[47:50], "big"), int.from_bytes(frame[51:54], "big")


def thin(packets, limit):
    """Leaves out RDMA WRITE requests beyond the limit, and the acknowledgements that name one of them."""
    kept, dropped, result = 0, set(), []
    for packet in packets:
        frame = packet[3]
        fields = bth(frame)
        if fields and fields[0] in WRITES:
            if kept == limit:
                dropped.add((frame[6:12], fields[2]))
                continue
            kept += 1
        elif fields and fields[0] == ACKNOWLEDGE and (frame[0:6], fields[2]) in dropped:
            continue
        result.append(packet)
    return result


def main():
    parser = argparse.ArgumentParser(description="Split a capture by source MAC address.")
    parser.add_argument("capture")
    parser.add_argument("parts", nargs="+", metavar="FILE=MAC")
    parser.add_argument("--writes", type=int, metavar="N", help="keep only so many RDMA WRITE packets")
    arguments = parser.parse_args()
    start, packets = read(arguments.capture)
    if arguments.writes is not None:
        packets = thin(packets, arguments.writes)
    for part in arguments.parts:
        path, _, address = part.partition("=")
        try:
            source = bytes.fromhex(address.replace(":", ""))
        except ValueError:
            source = b""
        if len(source) != 6:
            parser.error("%s: a MAC address such as 52:54:00:00:00:0a is wanted after the =" % part)
        own = [packet for packet in packets if packet[3][6:12] == source]
        with open(path, "wb") as file:
            file.write(start)
            for seconds, nanoseconds, length, frame in own:
                file.write(RECORD.pack(seconds, nanoseconds, len(frame), length) + frame)
        print("%s: %d packets" % (path, len(own)))


if __name__ == "__main__":
    main()
