#!/usr/bin/python3
"""The Linux kernel as the bridge: bridges the frames of captures and records what comes out.

    unshare -n ./linux_bridge.py CONFIG.yaml --in PORT=IN.pcap [--in ...] --out DIRECTORY

Takes a penstock configuration whose ports are all in one VLAN, untagged, and builds the same bridge from it in this
network namespace, a virtual interface for each port. Multicast snooping and the spanning tree protocol are off. The
frames of the captures are sent into it in order of time, and whatever the kernel sends from a port is written to
DIRECTORY/PORT.pcap. Frames cut at a snap length cannot be sent and are refused.

Exit: 0 done; 2 not possible (no root, no namespace, a bad configuration or capture).
Debian: iproute2, python3-yaml.
"""

import sys

import linux_router
import namespace


def build_bridge(configuration):
    """Makes the bridge; returns the names of its ports."""
    namespace.run("ip link set dev lo up")
    for which in ("all", "default"):
        namespace.run("sysctl -qw net.ipv6.conf.%s.disable_ipv6=1" % which)
    # A bridge that calls the packet filter drops IP packets whose headers it does not like.
    for family in ("iptables", "ip6tables", "arptables"):
        namespace.run("sysctl -qw net.bridge.bridge-nf-call-%s=0" % family, may_fail=True)
    namespace.run("ip link add name br0 type bridge stp_state 0 mcast_snooping 0")
    names = [port["name"] for port in configuration["ports"]]
    if len({port["vlan"] for port in configuration["ports"]}) != 1:
        raise KeyError("the ports are not access ports of one VLAN")
    for name in names:
        namespace.run("ip link add name r-%s type veth peer name h-%s" % (name, name))
        for interface in ("r-" + name, "h-" + name):
            namespace.run("ip link set dev %s mtu %d" % (interface, linux_router.HOST_MTU))
            namespace.disable_offloads(interface)
        namespace.run("ip link set dev h-%s arp off up" % name)
        namespace.run("ip link set dev r-%s master br0 up" % name)
    namespace.run("ip link set dev br0 up")
    return names


if __name__ == "__main__":
    sys.exit(linux_router.main(build_bridge, "Bridge the frames of captures with the Linux kernel."))
