#!/usr/bin/python3
"""Frames between two hosts through devices that penstock has opened: what arrives is what was sent.

    unshare -n ./live_devices.py WIRE KIND [--mtu N] [--testpmd] [--kill] [--offloads]

WIRE is the program device-wire of the tests, which joins two devices. Two hosts, a and b, each a network namespace of
its own, hang on devices of a KIND:

    tap          TAP interfaces, moved to the hosts; one wire between them
    af_packet    virtual cables to the hosts; one wire between their other ends
    af_xdp       the same over XDP sockets
    memif        two wires, each between a host's cable and one end of a memif
    vhost        the same over a vhost-user socket, with virtio_user at the other end

With --testpmd, host b is DPDK's testpmd, at the other end of a memif or vhost, which sends every frame back.
With --offloads, hosts leave checksums and segmentation to their interfaces, as the kernel sets them up.
With --kill, each wire is killed with SIGKILL and started again; the peer that stayed must find it.

Sent are frames of every length from 60 bytes to the MTU, both ways, with random contents, by packet sockets; they must
arrive in order and byte for byte. Hosts then ping each other and compare a TCP transfer. Nothing is left at the end.

Exit: 0 all arrived; 1 something did not; 2 nothing could be tried. Debian: iproute2, iputils-ping, dpdk-dev.
"""

import argparse
import contextlib
import ctypes
import os
import pathlib
import random
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time

import namespace

ETHER_TYPE = b"\x88\xb5"  # for local experiments: nobody else sends it
MACS = {"a": "02:00:00:00:0a:01", "b": "02:00:00:00:0b:01"}
ADDRESSES = {"a": "10.77.0.1", "b": "10.77.0.2"}
OTHER = {"a": "b", "b": "a"}

SERVER = """
import socket
tcp = socket.create_server(("", 9001))
print("ready", flush=True)
connection, _ = tcp.accept()
with connection:
    while data := connection.recv(65536):
        connection.sendall(data)
"""
CLIENT = """
import hashlib, random, socket, sys, threading
data = random.Random(1).randbytes(2 << 20)
received = hashlib.sha256()
with socket.create_connection((sys.argv[1], 9001), timeout=20) as tcp:
    sender = threading.Thread(target=lambda: (tcp.sendall(data), tcp.shutdown(socket.SHUT_WR)))
    sender.start()
    while piece := tcp.recv(65536):
        received.update(piece)
    sender.join()
sys.exit(0 if received.digest() == hashlib.sha256(data).digest() else 1)
"""


def ends_with_us():
    """A child that outlived this program would hold its outputs open, and devices."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def start(command, **options):
    return subprocess.Popen(command, preexec_fn=ends_with_us, stdin=subprocess.DEVNULL, **options)


def fail(text):
    print(text, file=sys.stderr)
    sys.exit(1)


class Wire:
    """One process that joins two devices."""

    def __init__(self, program, devices, mtu):
        self.command = [program, *devices, str(mtu)]
        self.start()

    def start(self, tries=5):
        self.process = start(self.command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        ready, _, _ = select.select([self.process.stdout], [], [], 20)
        if not ready or self.process.stdout.readline() != "ready\n":
            self.process.kill()
            errors = self.process.communicate()[1]
            # Processes with numbers as near as these are given the same group of packet sockets now and then.
            if "start penstock again" in errors and tries:
                return self.start(tries - 1)
            fail("%s: %s" % (" ".join(self.command), errors))

    def kill(self):
        self.process.kill()
        self.process.communicate()

    def end(self):
        """Ends it as a user would; returns its last words."""
        if self.process.poll() is not None:
            return ""
        self.process.terminate()
        try:
            output, errors = self.process.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            fail("%s did not end" % " ".join(self.command))
        if self.process.returncode:
            fail("%s ended with %d: %s" % (" ".join(self.command), self.process.returncode, errors))
        return output


class Host:
    """A network namespace with one interface, eth0."""

    def __init__(self, name, keeps_offloads):
        self.name, self.keeps_offloads = name, keeps_offloads
        self.process = start(["unshare", "-n", "sleep", "600"])
        own = os.readlink("/proc/self/ns/net")
        while os.readlink("/proc/%d/ns/net" % self.process.pid) == own:
            time.sleep(0.01)
        self.prefix = ["nsenter", "-t", str(self.process.pid), "-n"]
        self.run("sysctl -qw net.ipv6.conf.default.disable_ipv6=1")

    def run(self, command, may_fail=False):
        return namespace.run(command, self.prefix, may_fail)

    def take(self, interface, mtu):
        """Makes an interface of this namespace the host's eth0; gives it addresses."""
        namespace.run("ip link set %s netns %d" % (interface, self.process.pid))
        if interface != "eth0":
            self.run("ip link set %s down" % interface)
            self.run("ip link set %s name eth0" % interface)
        self.run("ip link set eth0 address %s mtu %d up" % (MACS[self.name], mtu))
        self.run("ip addr add %s/24 dev eth0" % ADDRESSES[self.name])
        other = OTHER[self.name]
        self.run("ip neigh replace %s lladdr %s dev eth0 nud permanent" % (ADDRESSES[other], MACS[other]))
        if not self.keeps_offloads:
            self.inside("import namespace; namespace.disable_offloads('eth0')")

    def inside(self, code):
        directory = str(pathlib.Path(__file__).parent)
        subprocess.run(
            [*self.prefix, sys.executable, "-c", "import sys; sys.path.insert(0, %r); %s" % (directory, code)], check=True)

    def packet_socket(self):
        """A packet socket on the host's interface."""
        back = os.open("/proc/self/ns/net", os.O_RDONLY)
        there = os.open("/proc/%d/ns/net" % self.process.pid, os.O_RDONLY)
        libc = ctypes.CDLL(None, use_errno=True)
        try:
            if libc.setns(there, 0):
                fail("setns failed")
            return namespace.raw_socket("eth0", True)
        finally:
            libc.setns(back, 0)
            os.close(back)
            os.close(there)


def mac(text):
    return bytes.fromhex(text.replace(":", ""))


def frames(mtu, source, target, seed):
    """One frame of each length, to a host."""
    random_bytes = random.Random(seed)
    lengths = list(range(60, min(mtu, 1600) + 15)) + list(range(1614, mtu + 15, 509)) + [mtu + 14]
    return [mac(target) + mac(source) + ETHER_TYPE + random_bytes.randbytes(size - 14) for size in lengths]


def receive(raw, count, seconds):
    """Our frames that arrive, until there are enough or the time is up."""
    received = []
    end = time.monotonic() + seconds
    while len(received) < count and time.monotonic() < end:
        select.select([raw], [], [], 0.05)
        with contextlib.suppress(BlockingIOError):
            while True:
                frame = raw.recv(65536)
                if frame[12:14] == ETHER_TYPE:
                    received.append(frame)
    return received


def exchange(sockets, mtu, turn, swapped=False):
    """Sends every length from a to b and back, a few at a time; all must arrive as they were."""
    for name in ["a"] if swapped else ["a", "b"]:
        target = "a" if swapped else OTHER[name]
        sent = frames(mtu, MACS[name], MACS[OTHER[name]], "%s%d" % (name, turn))
        received = []
        for start in range(0, len(sent), 24):
            batch = sent[start : start + 24]
            for frame in batch:
                while True:
                    try:
                        sockets[name].send(frame)
                        break
                    except (BlockingIOError, OSError):
                        time.sleep(0.001)
            received += receive(sockets[target], len(batch), 5)
        expected = [frame[6:12] + frame[:6] + frame[12:] for frame in sent] if swapped else sent
        if received != expected:
            lost = [len(frame) for frame in expected if frame not in received]
            fail("%s to %s: sent %d, received %d; not as sent: lengths %s" % (
                name, target, len(sent), len(received), lost[:20]))


def link_up(sockets, seconds=15):
    """Waits until a frame of a's arrives at b, or returns to a."""
    probe = mac(MACS["b"]) + mac(MACS["a"]) + ETHER_TYPE + bytes(46)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(BlockingIOError, OSError):
            sockets["a"].send(probe)
        if receive(sockets.get("b", sockets["a"]), 1, 0.1):
            # What else is on its way.
            time.sleep(0.2)
            for raw in sockets.values():
                receive(raw, 1000, 0.1)
            return
    fail("no frame arrived within %d s" % seconds)


def talk(hosts, mtu):
    """Ping in three sizes, and a TCP transfer whose contents are compared."""
    for size in (56, 1000, mtu - 28):
        result = hosts["a"].run("ping -n -q -M do -i 0.01 -W 2 -c 20 -s %d %s" % (size, ADDRESSES["b"]), may_fail=True)
        if " 0% packet loss" not in result:
            fail("ping of %d bytes: %s" % (size, result))
    server = start([*hosts["b"].prefix, sys.executable, "-c", SERVER], stdout=subprocess.PIPE)
    try:
        server.stdout.readline()
        client = subprocess.run([*hosts["a"].prefix, sys.executable, "-c", CLIENT, ADDRESSES["b"]], timeout=60)
        if client.returncode:
            fail("the TCP transfer came back changed")
    finally:
        server.kill()
        server.wait()


class Bench:
    """Hosts and wires of one kind."""

    def __init__(self, arguments, directory):
        self.program, self.kind, self.mtu = arguments.wire, arguments.kind, arguments.mtu
        self.socket = directory + "/peer.sock"
        self.hosts = {"a": Host("a", arguments.offloads)}
        self.wires = []
        self.peer = None
        if not arguments.testpmd:
            self.hosts["b"] = Host("b", arguments.offloads)
        if arguments.kind == "tap":
            self.wire("tap:ta", "tap:tb")
            self.hosts["a"].take("ta", self.mtu)
            self.hosts["b"].take("tb", self.mtu)
        else:
            for host in self.hosts.values():
                self.cable(host)
            if arguments.kind in ("af_packet", "af_xdp"):
                self.wire("%s:p-a" % self.kind, "%s:p-b" % self.kind)
            else:
                self.wire("af_packet:p-a", self.end(0))
                if arguments.testpmd:
                    self.start_testpmd()
                else:
                    self.wire("af_packet:p-b", self.end(1))
        self.sockets = {name: host.packet_socket() for name, host in self.hosts.items()}

    def end(self, side):
        """The device of one end of a shared memory."""
        if self.kind == "memif":
            return "memif:%s,role=%s" % (self.socket, ("server", "client")[side])
        return ("vhost:%s" if side == 0 else "virtio_user:%s") % self.socket

    def wire(self, *devices):
        self.wires.append(Wire(self.program, devices, self.mtu))

    def cable(self, host):
        near, far = "p-" + host.name, "h-" + host.name
        namespace.run("ip link add %s type veth peer name %s" % (near, far))
        namespace.run("sysctl -qw net.ipv6.conf.%s.disable_ipv6=1" % near)
        namespace.disable_offloads(near)
        namespace.run("ip link set %s mtu %d up" % (near, self.mtu))
        host.take(far, self.mtu)

    def start_testpmd(self):
        device = (
            "net_memif0,role=client,socket=%s,socket-abstract=no,bsize=9600" if self.kind == "memif"
            else "net_virtio_user0,path=%s,queues=1") % self.socket
        self.peer = start(
            [
                "dpdk-testpmd", "--no-huge", "--no-pci", "--no-telemetry", "--no-shconf", "-m", "512", "-l", "0,1",
                "--vdev", device, "--", "--nb-cores=1", "--forward-mode=macswap", "--port-topology=loop", "--auto-start",
                "--total-num-mbufs=8192", "--mbuf-size=9728", "--stats-period=60",
            ], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def close(self):
        for raw in getattr(self, "sockets", {}).values():
            raw.close()
        if self.peer:
            self.peer.terminate()
            self.peer.wait()
        words = [wire.end() for wire in self.wires]
        for host in self.hosts.values():
            host.process.kill()
            host.process.wait()
        return words


def restart(bench, number):
    """Kills a wire, and starts it again; its TAP is another interface then."""
    wire = bench.wires[number]
    wire.kill()
    time.sleep(0.1)
    wire.start()
    if bench.kind != "tap":
        return
    for name, interface in (("a", "ta"), ("b", "tb")):
        if any("tap:" + interface in word for word in wire.command):
            bench.sockets[name].close()
            bench.hosts[name].take(interface, bench.mtu)
            bench.sockets[name] = bench.hosts[name].packet_socket()


def main():
    parser = argparse.ArgumentParser(description="Send frames through devices that penstock has opened.")
    parser.add_argument("wire", help="the program device-wire")
    parser.add_argument("kind", choices=["tap", "af_packet", "af_xdp", "memif", "vhost"])
    parser.add_argument("--mtu", type=int, default=1500)
    parser.add_argument("--testpmd", action="store_true", help="testpmd is host b")
    parser.add_argument("--kill", action="store_true", help="kill each wire and start it again")
    parser.add_argument("--offloads", action="store_true", help="leave the offloads of the hosts on")
    arguments = parser.parse_args()
    namespace.require_private_namespace()
    with tempfile.TemporaryDirectory(prefix="penstock-live-") as directory:
        bench = Bench(arguments, directory)
        try:
            link_up(bench.sockets)
            exchange(bench.sockets, bench.mtu, 0, swapped=arguments.testpmd)
            if arguments.kill:
                for number in range(len(bench.wires)):
                    restart(bench, number)
                    link_up(bench.sockets)
                    exchange(bench.sockets, bench.mtu, number + 1, swapped=arguments.testpmd)
            if not arguments.testpmd:
                talk(bench.hosts, bench.mtu)
        finally:
            words = bench.close()
        left = os.listdir(directory) + [name for _, name in socket.if_nameindex() if name in ("ta", "tb")]
        if left:
            fail("left behind: %s" % ", ".join(left))
        for text in words:
            print(text, end="")


if __name__ == "__main__":
    main()
