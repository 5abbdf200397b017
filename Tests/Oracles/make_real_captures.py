#!/usr/bin/python3
"""Captures of real traffic: two Linux hosts ping each other and exchange TCP and UDP through the kernel.

    unshare -n ./make_real_captures.py DIRECTORY [--through bridge|router] [--seconds N]

Two hosts, each a network namespace of its own, hang on virtual cables off a third, which bridges or routes between
them. tcpdump records at both hosts, each direction by itself, in nanoseconds and whole frames:

    a-sent.pcap  a-received.pcap  b-sent.pcap  b-received.pcap  config.yaml

config.yaml is a penstock configuration of the same bridge or router, with ports a and b. Replaying a-sent and b-sent
through it must give what a-received and b-received hold, but for timing, and for what a switch says by itself: the
kernel's bridge asks for multicast listeners, its router for neighbours. Compare with

    compare_captures.py --ignore arp --ignore multicast-listener --lenient-icmp --order OUT/b.pcap b-received.pcap

The traffic: ARP and ND, ping over IPv4 and IPv6 with small and large packets, a traceroute probe with TTL 1, UDP in
both directions with different DSCP, and TCP transfers both ways. All processes are ended and all interfaces vanish
with the namespaces.

Exit: 0 made; 2 not possible. Debian: iproute2, iputils-ping, tcpdump, util-linux.
"""

import argparse
import contextlib
import os
import pathlib
import signal
import subprocess
import sys
import time

import captures
import namespace

SWITCH_MAC = "02:00:00:00:00:01"
MACS = {"a": "02:00:00:00:0a:02", "b": "02:00:00:00:0b:02"}
ADDRESSES = {
    "bridge": {"a": ("10.0.10.2/24", "fd00:10::2/64"), "b": ("10.0.10.3/24", "fd00:10::3/64")},
    "router": {"a": ("10.0.1.2/24", "fd00:a::2/64"), "b": ("10.0.2.2/24", "fd00:b::2/64")},
}
GATEWAYS = {"a": ("10.0.1.1/24", "fd00:a::1/64"), "b": ("10.0.2.1/24", "fd00:b::1/64")}

CONFIGURATION = {
    "bridge": """\
switch: {name: bridge, id: 1, mac: "%s"}
ports:
  - {name: a, speed: 10G, mtu: 1500, vlan: 10}
  - {name: b, speed: 10G, mtu: 1500, vlan: 10}
""" % SWITCH_MAC,
    "router": """\
switch: {name: router, id: 1, mac: "%s"}
ports:
  - {name: a, speed: 10G, mtu: 1500, address: [10.0.1.1/24, "fd00:a::1/64"]}
  - {name: b, speed: 10G, mtu: 1500, address: [10.0.2.1/24, "fd00:b::1/64"]}
neighbors:
  - {port: a, address: "fd00:a::2", mac: "%s"}
  - {port: b, address: "fd00:b::2", mac: "%s"}
""" % (SWITCH_MAC, MACS["a"], MACS["b"]),
}

# Run in both hosts. The server echoes UDP and takes TCP transfers; the client checks what it gets back.
SERVER = """
import socket, threading
udp = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM); udp.bind(("::", 9000))
def echo():
    while True:
        data, peer = udp.recvfrom(65536)
        udp.sendto(data, peer)
threading.Thread(target=echo, daemon=True).start()
tcp = socket.create_server(("::", 9001), family=socket.AF_INET6, dualstack_ipv6=True)
while True:
    connection, _ = tcp.accept()
    with connection:
        while data := connection.recv(65536):
            connection.sendall(data)
"""
CLIENT = """
import socket, sys
for address in sys.argv[1:]:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as udp:
        udp.settimeout(5)
        for number in range(60):
            level, option = (41, 67) if family == socket.AF_INET6 else (0, 1)
            udp.setsockopt(level, option, (0, 26 << 2 | 2, 46 << 2)[number % 3])
            message = bytes([number]) * (1 + number * 24)
            udp.sendto(message, (address, 9000))
            assert udp.recv(65536) == message, "UDP echo differs"
    with socket.create_connection((address, 9001), timeout=10) as tcp:
        message = bytes(range(256)) * 256
        received = b""
        for start in range(0, len(message), 8192):
            tcp.sendall(message[start : start + 8192])
            while len(received) < start + 8192:
                received += tcp.recv(65536)
        assert received == message, "TCP echo differs"
"""


def inside(host):
    """The command prefix that runs a program in a host's namespace."""
    return ["nsenter", "-t", str(host.pid), "-n"]


@contextlib.contextmanager
def ended(process):
    """A process that is stopped at the end of the block, politely first."""
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def settle(test, what):
    for _ in range(100):
        if test():
            return
        time.sleep(0.05)
    print("%s did not come up" % what, file=sys.stderr)
    sys.exit(2)


def connect(hosts, mode):
    """Cables and addresses of the hosts, and the bridge or router between them, which is this namespace."""
    namespace.run("ip link set dev lo up")
    for name, value in (
        ("ipv4.ip_forward", 1), ("ipv6.conf.all.forwarding", 1), ("ipv6.conf.default.accept_dad", 0),
        ("ipv4.conf.all.send_redirects", 0), ("ipv4.conf.default.send_redirects", 0),
    ):
        namespace.run("sysctl -qw net.%s=%s" % (name, value if mode == "router" or "accept" in name else 0))
    if mode == "bridge":
        # Without snooping a bridge floods multicast, as penstock does.
        namespace.run("ip link add name br0 type bridge stp_state 0 mcast_snooping 0")
        namespace.run("sysctl -qw net.ipv6.conf.br0.disable_ipv6=1")
    for name, host in hosts.items():
        namespace.run("ip link add name r-%s type veth peer name eth0 netns %d" % (name, host.pid))
        namespace.disable_offloads("r-" + name)
        prefix = inside(host)
        namespace.run("sysctl -qw net.ipv6.conf.default.accept_dad=0", prefix)
        namespace.run("sysctl -qw net.ipv6.conf.eth0.accept_dad=0", prefix)
        namespace.run("ip link set dev lo up", prefix)
        # tcpdump wants the interface up; without addresses and IPv6 it still says nothing.
        namespace.run("sysctl -qw net.ipv6.conf.eth0.disable_ipv6=1", prefix)
        namespace.run("ip link set dev eth0 address %s up" % MACS[name], prefix)
        offloads = "import sys; sys.path.insert(0, sys.argv[1]); import namespace; namespace.disable_offloads('eth0')"
        subprocess.run([*prefix, sys.executable, "-c", offloads, str(pathlib.Path(__file__).parent)], check=True)
        if mode == "bridge":
            namespace.run("sysctl -qw net.ipv6.conf.r-%s.disable_ipv6=1" % name)
            namespace.run("ip link set dev r-%s master br0" % name)
        else:
            namespace.run("ip link set dev r-%s address %s" % (name, SWITCH_MAC))
            for address in GATEWAYS[name]:
                namespace.run("ip addr add %s dev r-%s%s" % (address, name, " nodad" if ":" in address else ""))
            # Linux solicits from its link-local address, which is not in the configuration, so it must not need to.
            namespace.run("ip neigh replace %s lladdr %s dev r-%s nud permanent" % (
                ADDRESSES[mode][name][1].split("/")[0], MACS[name], name))
        namespace.run("ip link set dev r-%s up" % name)
    if mode == "bridge":
        namespace.run("ip link set dev br0 up")


def introduce(hosts, mode):
    """Gives the hosts their addresses, after which they begin to talk."""
    for name, host in hosts.items():
        namespace.run("sysctl -qw net.ipv6.conf.eth0.disable_ipv6=0", inside(host))
        for address in ADDRESSES[mode][name]:
            namespace.run("ip addr add %s dev eth0%s" % (address, " nodad" if ":" in address else ""), inside(host))
        if mode == "router":
            for family, address in zip(("-4", "-6"), GATEWAYS[name]):
                namespace.run("ip %s route add default via %s" % (family, address.split("/")[0]), inside(host))


def talk(hosts, mode, seconds):
    """The traffic, from a to b and back."""
    peer = [address.split("/")[0] for address in ADDRESSES[mode]["b"]]
    count = max(3, int(seconds / 0.02 / 3))
    for address in peer:
        for size in (56, 1400, 2000):
            command = "ping -n -q -i 0.02 -W 2 -c %d -s %d %s" % (count, size, address)
            result = namespace.run(command, inside(hosts["a"]), may_fail=True)
            if " 0% packet loss" not in result:
                print("%s: %s" % (command, result.strip()), file=sys.stderr)
                sys.exit(2)
    # Answered by the router with an error; a bridge passes it.
    namespace.run("ping -n -q -t 1 -W 1 -c 1 %s" % peer[0], inside(hosts["a"]), may_fail=True)
    with ended(subprocess.Popen([*inside(hosts["b"]), sys.executable, "-c", SERVER], stderr=subprocess.DEVNULL)):
        settle(lambda: ":9001 " in namespace.run("ss -Hltn", inside(hosts["b"])), "the TCP server")
        client = subprocess.run([*inside(hosts["a"]), sys.executable, "-c", CLIENT, *peer])
        if client.returncode:
            sys.exit(2)


def main():
    parser = argparse.ArgumentParser(description="Capture real traffic between two Linux hosts.")
    parser.add_argument("directory", type=pathlib.Path)
    parser.add_argument("--through", choices=["bridge", "router"], default="bridge")
    parser.add_argument("--seconds", type=float, default=1, help="how long to ping with each address and size")
    arguments = parser.parse_args()
    namespace.require_private_namespace()
    # On two processors the kernel may let packets of one connection overtake each other, and captures too.
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    arguments.directory.mkdir(parents=True, exist_ok=True)
    (arguments.directory / "config.yaml").write_text(CONFIGURATION[arguments.through])
    with contextlib.ExitStack() as stack:
        hosts = {}
        for name in MACS:
            host = stack.enter_context(ended(subprocess.Popen(["unshare", "-n", "sleep", "600"])))
            hosts[name] = host
            own = pathlib.Path("/proc/self/ns/net").readlink()
            settle(lambda: pathlib.Path("/proc/%d/ns/net" % host.pid).readlink() != own, "a namespace")
        connect(hosts, arguments.through)
        for host in hosts.values():
            settle(lambda: "state UP" in namespace.run("ip link show dev eth0", inside(host)), "a cable")
        files = {}
        with contextlib.ExitStack() as recorders:
            for name, host in hosts.items():
                for direction, word in (("out", "sent"), ("in", "received")):
                    path = arguments.directory / ("%s-%s.pcap" % (name, word))
                    path.unlink(missing_ok=True)
                    files[path] = name
                    recorders.enter_context(ended(subprocess.Popen(
                        [*inside(host), "tcpdump", "-i", "eth0", "-Q", direction, "-s", "0", "-B", "65536", "-U",
                         "--immediate-mode", "--nano", "-Z", "root", "-w", str(path)], stderr=subprocess.DEVNULL)))
            settle(lambda: all(path.exists() and path.stat().st_size >= 24 for path in files), "tcpdump")
            introduce(hosts, arguments.through)
            talk(hosts, arguments.through, arguments.seconds)
            time.sleep(0.5)
    for path in files:
        print("%s: %d frames" % (path, len(captures.read(path))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
