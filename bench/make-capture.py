#!/usr/bin/env python3
"""Writes a capture of 64-byte RoCEv2 frames of 4096 flows, 10 ns apart: make-capture.py PACKETS FILE"""
import random
import struct
import sys


def checksum(header):
    total = sum(struct.unpack(f"!{len(header) // 2}H", header))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def frame(flow):
    kind = flow % 16
    octet = 26 << 2 | 2 if kind < 10 else 0 if kind < 14 else 48 << 2
    destination = 0x0A090001 | (flow & 15) << 8
    header = struct.pack("!BBHHHBBHII", 0x45, octet, 46, flow, 0, 64, 17, 0, 0x0A000102, destination)
    header = header[:10] + struct.pack("!H", checksum(header)) + header[12:]
    ethernet = bytes.fromhex("020000000001" "020000000102" "0800")
    udp = struct.pack("!HHHH", 0xC000 | flow & 0x3FFF, 4791, 26, 0)
    transport = struct.pack("!BBHII", 0x0A, 0, 0xFFFF, flow + 17, 0)
    return (ethernet + header + udp + transport).ljust(60, b"\0")


def main():
    packets, path = int(sys.argv[1]), sys.argv[2]
    frames = [frame(flow) for flow in range(4096)]
    random.Random(1).shuffle(frames)
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 65535, 1))
        for first in range(0, packets, 4096):
            block = bytearray()
            for number in range(first, min(first + 4096, packets)):
                stamp = 10 * (number + 1)
                block += struct.pack("<IIII", 1_700_000_000 + stamp // 10**9, stamp % 10**9, 60, 60)
                block += frames[number & 4095]
            file.write(block)


main()
