"""What the scripts that use network namespaces share: commands, virtual interfaces, raw sockets.

Such a script must run as root inside a network namespace of its own (`unshare -n`), where it may do as it likes.
"""

import ctypes
import fcntl
import os
import socket
import struct
import subprocess
import sys

SO_RCVBUFFORCE, SOL_PACKET, PACKET_IGNORE_OUTGOING = 33, 263, 23
ETH_P_ALL = 3
SIOCETHTOOL = 0x8946
# ethtool commands that turn receive and transmit checksumming, TSO, GSO and GRO off, so that interfaces carry
# the frames that a wire would.
OFFLOADS = {"rx": 0x15, "tx": 0x17, "tso": 0x1F, "gso": 0x24, "gro": 0x2C}


def require_private_namespace():
    """Ends the program with status 2 unless it is root in a namespace that has nothing but a loopback."""
    if os.geteuid() != 0:
        print("root is needed: sudo unshare -n %s" % " ".join(sys.argv), file=sys.stderr)
        sys.exit(2)
    others = [name for _, name in socket.if_nameindex() if name != "lo"]
    # Tunnel modules put idle devices of their own into every new namespace.
    if any(os.path.exists("/proc/sys/net/ipv4/conf/" + name) and is_up(name) for name in others):
        print("run inside a new network namespace: unshare -n %s" % " ".join(sys.argv), file=sys.stderr)
        sys.exit(2)


def is_up(interface):
    """Whether an interface is administratively up (IFF_UP of SIOCGIFFLAGS)."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        answer = fcntl.ioctl(control, 0x8913, struct.pack("16sH14x", interface.encode(), 0))
    return bool(struct.unpack("16sH14x", answer)[1] & 1)


def run(command, prefix=(), may_fail=False):
    """Runs one command; its failure ends the program with status 2 unless it may fail."""
    result = subprocess.run([*prefix, *command.split()], capture_output=True, text=True)
    if result.returncode and not may_fail:
        print("%s: %s" % (command, result.stderr.strip()), file=sys.stderr)
        sys.exit(2)
    return result.stdout


def disable_offloads(interface):
    """Turns the offloads of an interface of this namespace off, as `ethtool -K` would."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        for command in OFFLOADS.values():
            value = ctypes.create_string_buffer(struct.pack("II", command, 0))
            request = struct.pack("16sP16x", interface.encode(), ctypes.addressof(value))
            try:
                fcntl.ioctl(control, SIOCETHTOOL, request)
            except OSError:
                # Not every driver knows every offload, and one it does not know is not in the way.
                continue


def raw_socket(interface, receive):
    """A packet socket on an interface; a receiving one does not see what is sent from here."""
    raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    if receive:
        raw.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
        raw.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 64 << 20)
        raw.setblocking(False)
    raw.bind((interface, ETH_P_ALL if receive else 0))
    return raw
