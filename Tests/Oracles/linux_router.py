#!/usr/bin/python3
"""The Linux kernel as the router: routes the packets of captures and records what comes out.

    unshare -n ./linux_router.py CONFIG.yaml --in PORT=IN.pcap [--in ...] --out DIRECTORY

Takes a penstock configuration and builds the same router from it in this network namespace: a virtual interface for
each routed port with its addresses and MTU, all with the switch's MAC address, static neighbours, and routes. The
packets of the captures are sent into it in order of time, and whatever the kernel sends from a port is written to
DIRECTORY/PORT.pcap. Bridged ports, VLANs, ACLs and queues of the configuration are not looked at; of a route with
several next hops only the first is used, because the kernel hashes otherwise.

Multicast listener reports and router solicitations, which the kernel sends of its own accord, are left out. ICMP is
not rate-limited, but for IPv4 "unreachable" for want of a route: the kernel sends each host at most five in a row.
Frames cut at a snap length cannot be sent and are refused.

Exit: 0 done; 2 not possible (no root, no namespace, a bad configuration or capture).
Debian: iproute2, python3-yaml.
"""

import argparse
import os
import pathlib
import select
import sys
import time

import captures
import namespace

try:
    import yaml
except ImportError:
    print("PyYAML is missing for %s: apt-get install python3-yaml" % sys.executable, file=sys.stderr)
    sys.exit(2)

# Beyond any MTU under test, so that only the router's own limits count.
HOST_MTU = 9700


def as_list(value):
    return value if isinstance(value, list) else [] if value is None else [value]


def sysctl(name, value, may_fail=False):
    namespace.run("sysctl -qw net.%s=%s" % (name, value), may_fail=may_fail)


def build_router(configuration):
    """Makes the router; returns the names of its ports."""
    namespace.run("ip link set dev lo up")
    # The kernel must answer everything at once: no limits, no redirects, no duplicate address detection.
    for name, value in (
        ("ipv4.ip_forward", 1), ("ipv4.icmp_ratemask", 0), ("ipv4.conf.all.send_redirects", 0),
        ("ipv4.conf.default.send_redirects", 0), ("ipv4.conf.all.rp_filter", 0), ("ipv4.conf.default.rp_filter", 0),
        ("ipv6.conf.all.forwarding", 1), ("ipv6.icmp.ratelimit", 0), ("ipv6.conf.default.accept_dad", 0),
        ("ipv6.conf.default.router_solicitations", 0),
    ):
        sysctl(name, value)
    sysctl("ipv4.icmp_msgs_per_sec", 1_000_000, may_fail=True)
    ports = []
    for port in configuration["ports"]:
        addresses = as_list(port.get("address"))
        if not addresses:
            continue
        name = port["name"]
        ports.append(name)
        namespace.run("ip link add name r-%s type veth peer name h-%s" % (name, name))
        sysctl("ipv6.conf.h-%s.disable_ipv6" % name, 1)
        namespace.run("ip link set dev h-%s mtu %d arp off up" % (name, HOST_MTU))
        namespace.run("ip link set dev r-%s mtu %d address %s up" % (
            name, port.get("mtu", 9216), configuration["switch"]["mac"]))
        for interface in ("r-" + name, "h-" + name):
            namespace.disable_offloads(interface)
        for address in addresses:
            namespace.run("ip addr add %s dev r-%s%s" % (address, name, " nodad" if ":" in address else ""))
    for neighbor in as_list(configuration.get("neighbors")):
        if neighbor.get("port") in ports:
            namespace.run("ip neigh replace %s lladdr %s dev r-%s nud permanent" % (
                neighbor["address"], neighbor["mac"], neighbor["port"]))
    for route in as_list(configuration.get("routes")):
        family = "-6" if ":" in route["prefix"] else "-4"
        namespace.run("ip %s route add %s via %s" % (family, route["prefix"], as_list(route["via"])[0]["address"]))
    return ports


def is_chatter(frame):
    """Multicast listener messages and router solicitations: ICMPv6 130 to 133 and 143, whatever precedes them."""
    ethertype, start = captures.network_layer(frame)
    if ethertype != 0x86DD or len(frame) < start + 49:
        return False
    position, protocol = start + 40, frame[start + 6]
    if protocol == 0:
        protocol, position = frame[position], position + 8 + 8 * frame[position + 1]
    return protocol == 58 and position < len(frame) and frame[position] in (130, 131, 132, 133, 143)


class Recorder:
    """Collects what the kernel sends from every port."""

    def __init__(self, ports):
        self.sockets = {namespace.raw_socket("h-" + name, receive=True): name for name in ports}
        self.frames = {name: [] for name in ports}

    def collect(self, stamp, wait):
        """Takes in what arrives until nothing has come for `wait` seconds."""
        while ready := select.select(list(self.sockets), [], [], wait)[0]:
            for raw in ready:
                try:
                    frame = raw.recv(65536)
                except BlockingIOError:
                    continue
                if not is_chatter(frame):
                    self.frames[self.sockets[raw]].append(captures.Packet(stamp, len(frame), frame))


def load(inputs, ports):
    """All packets of all inputs as (time, port, frame), in order of time."""
    merged = []
    for text in inputs:
        name, _, path = text.partition("=")
        if name not in ports:
            raise captures.CaptureError("%s: no routed port of that name; there are %s" % (name, ", ".join(ports)))
        for number, packet in enumerate(captures.read(path), 1):
            if packet.length > len(packet.data):
                raise captures.CaptureError("%s: packet %d is cut; the kernel needs whole frames" % (path, number))
            merged.append((packet.time, name, packet.data))
    return sorted(merged, key=lambda entry: entry[0])


def main(build, description):
    """The command line of a kernel oracle; `build` makes it from a configuration and names its ports."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("configuration", metavar="CONFIG.yaml")
    parser.add_argument("--in", dest="inputs", action="append", required=True, metavar="PORT=IN.pcap")
    parser.add_argument("--out", type=pathlib.Path, required=True, metavar="DIRECTORY")
    arguments = parser.parse_args()
    namespace.require_private_namespace()
    # On two processors the kernel may let packets overtake each other.
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    try:
        with open(arguments.configuration) as file:
            ports = build(yaml.safe_load(file))
        packets = load(arguments.inputs, ports)
    except (OSError, yaml.YAMLError, KeyError, TypeError, captures.CaptureError) as error:
        print("%s: %s" % (type(error).__name__, error), file=sys.stderr)
        return 2
    recorder = Recorder(ports)
    senders = {name: namespace.raw_socket("h-" + name, receive=False) for name in ports}
    time.sleep(0.3)
    # What interfaces say while they come up has nothing to do with the captures.
    recorder.collect(0, 0.1)
    for frames in recorder.frames.values():
        frames.clear()
    stamp = 0
    for stamp, name, frame in packets:
        senders[name].send(frame)
        recorder.collect(stamp, 0.0005)
    recorder.collect(stamp, 0.5)
    arguments.out.mkdir(parents=True, exist_ok=True)
    for name, frames in recorder.frames.items():
        captures.write(arguments.out / (name + ".pcap"), frames)
        print("%s: %d frames out" % (name, len(frames)))
    return 0


if __name__ == "__main__":
    sys.exit(main(build_router, "Route the packets of captures with the Linux kernel."))
