#!/usr/bin/python3
"""Linux hosts talk through `penstock run`, and say what a lossless switch did to them.

    unshare -n ./live_switch.py PENSTOCK SCENARIO

PENSTOCK is the program. Hosts are network namespaces on TAP devices of a switch. SCENARIO:

    traffic   ping (IPv4, IPv6), TTL 1, TCP, UDP below line rate without a lost datagram, routed and bridged
    ecn       two TCP senders into one slow port: with ECN packets arrive marked, senders answer, and nothing is dropped;
              without, packets are dropped
    pause     a crafted XOFF stops one priority of a stream for quanta x 512 bit times and no other; XON ends it
    reload    two route tables take turns, --reloads times, while traffic runs: nothing is lost, nothing leaves by a port
              that neither names
    workers   two workers: ping, TCP and UDP between hosts of one and of the other, routed and bridged; weights, ports,
              reloads and captures; nothing is dropped and every packet is accounted for
    restart   the switch is killed with SIGKILL under load and started again

Prints what it measured. Exit: 0 as expected; 1 not so; 2 nothing could be tried. Debian: iproute2, iputils-ping, iperf3,
tcpdump, tshark, python3-scapy.
"""

import argparse
import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time

import namespace

FAULTS = []


def expect(condition, words):
    print(("ok    " if condition else "FAULT ") + words)
    if not condition:
        FAULTS.append(words)


class Host:
    """A network namespace with one interface."""

    def __init__(self, name, stack):
        self.name = name
        self.net = "%s-%d" % (name, os.getpid())
        namespace.run("ip netns add " + self.net)
        stack.callback(namespace.run, "ip netns del " + self.net, may_fail=True)

    def run(self, command, may_fail=True):
        return namespace.run(command, ("ip", "netns", "exec", self.net), may_fail)

    def start(self, command, **options):
        words = ["ip", "netns", "exec", self.net, *(command.split() if isinstance(command, str) else command)]
        return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, **options)

    def take(self, interface, addresses, gateways):
        """Takes the interface of a TAP over."""
        namespace.run("ip link set %s netns %s" % (interface, self.net))
        self.run("ip link set lo up")
        self.run("ip link set %s up" % interface)
        for address in addresses:
            self.run("ip addr add %s dev %s%s" % (address, interface, " nodad" if ":" in address else ""))
        for gateway in gateways:
            self.run("ip route add default via " + gateway)

    def capture(self, interface, path, expression):
        """Starts tcpdump and returns when it captures."""
        words = ["ip", "netns", "exec", self.net, "tcpdump", "-i", interface, "-s", "100", "-B", "8192", "-U", "-w", path]
        process = subprocess.Popen(words + [expression], stderr=subprocess.PIPE, text=True)
        while line := process.stderr.readline():
            if "listening" in line:
                return process
        print("tcpdump does not start", file=sys.stderr)
        sys.exit(2)

    def counted(self, name, kind="IpExt:"):
        """A counter that the kernel keeps of this host: IpExt InCEPkts."""
        lines = [line.split() for line in self.run("cat /proc/net/netstat /proc/net/snmp").splitlines()]
        for names, values in zip(lines[::2], lines[1::2]):
            if names[0] == kind and name in names:
                return int(values[names.index(name)])
        return 0

    def lost(self, interface):
        """Packets that this host lost itself: its own buffers were full, as a busy machine was late to empty them."""
        dropped = self.run("cat /sys/class/net/%s/statistics/tx_dropped" % interface)
        return self.counted("RcvbufErrors", "Udp:") + int(dropped or 0)

    def iperf(self, server, address, options, seconds=2):
        """Runs iperf3 to another host and returns its JSON."""
        listening = server.start("iperf3 -s -1 -p 5201")
        time.sleep(0.3)
        text = self.run("timeout %d iperf3 -J -c %s -t %d %s" % (seconds + 8, address, seconds, options))
        listening.terminate()
        listening.wait()
        return json.loads(text or "{}")


class ControlConnection(http.client.HTTPConnection):
    """A connection to the control socket of a switch."""

    def __init__(self, path):
        super().__init__("penstock", timeout=20)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Switch:
    """A running switch."""

    def __init__(self, program, configuration, directory, stack):
        self.program = program
        self.path = os.path.join(directory, "switch.yaml")
        self.socket = os.path.join(directory, "switch.sock")
        self.write(configuration)
        self.start()
        stack.callback(self.stop)

    def write(self, configuration):
        with open(self.path, "w") as file:
            file.write(configuration)

    def start(self):
        command = [self.program, "run", self.path, "--socket", self.socket]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(100):
            if os.path.exists(self.socket) and self.ask("show", "ports"):
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        print("the switch does not start: %s" % self.process.stderr.read(), file=sys.stderr)
        sys.exit(2)

    def ask(self, *arguments):
        """What a command says, or nothing."""
        words = [self.program, *arguments, "--socket", self.socket]
        result = subprocess.run(words, capture_output=True, text=True, timeout=20)
        return result.stdout if result.returncode == 0 else ""

    def show(self, what):
        return json.loads(self.ask("show", what, "--json"))

    def request(self, method, path, body):
        """Asks over HTTP, without the start of a process that a command is; returns status and answer."""
        connection = ControlConnection(self.socket)
        try:
            connection.request(method, path, json.dumps(body), {"Content-Type": "application/json"})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
        output, errors = self.process.communicate(timeout=10)
        return output, errors


ROUTED = """
switch: {name: live}
ports:
  - {name: h1, speed: 1G, mtu: 1500, device: "tap:h1", address: [10.1.0.1/24, "fd01::1/64"]}
  - {name: h2, speed: 1G, mtu: 1500, device: "tap:h2", address: [10.2.0.1/24, "fd02::1/64"]}
"""
BRIDGED = """
switch: {name: live}
ports:
  - {name: h1, speed: 1G, mtu: 1500, device: "tap:h1", vlan: 10}
  - {name: h2, speed: 1G, mtu: 1500, device: "tap:h2", vlan: 10}
"""


def drops(switch):
    """Packets dropped, by reason, over all ports."""
    reasons = {}
    for port in switch.show("ports")["ports"]:
        for reason, packets in port["drops"].items():
            reasons[reason] = reasons.get(reason, 0) + packets
    return reasons


def warm(host, address):
    """Lets everybody find everybody: the first packet to an unknown neighbour is lost, as on hardware."""
    host.run("ping -c 3 -i 0.2 -W 1 " + address)


def traffic(program, directory):
    for name, configuration in (("routed", ROUTED), ("bridged", BRIDGED)):
        with contextlib.ExitStack() as stack:
            hosts = [Host("a", stack), Host("b", stack)]
            switch = Switch(program, configuration, directory, stack)
            if name == "routed":
                hosts[0].take("h1", ["10.1.0.2/24", "fd01::2/64"], ["10.1.0.1", "fd01::1"])
                hosts[1].take("h2", ["10.2.0.2/24", "fd02::2/64"], ["10.2.0.1", "fd02::1"])
                there, there6 = "10.2.0.2", "fd02::2"
            else:
                hosts[0].take("h1", ["10.3.0.1/24", "fd03::1/64"], [])
                hosts[1].take("h2", ["10.3.0.2/24", "fd03::2/64"], [])
                there, there6 = "10.3.0.2", "fd03::2"
            warm(hosts[0], there)
            warm(hosts[0], there6)
            if name == "routed":
                text = hosts[0].run("ping -c 1 -t 1 -W 1 " + there)
                expect("10.1.0.1" in text and "Time to live exceeded" in text, "the switch answers for TTL 1")
            before = drops(switch)
            for address in (there, there6):
                text = hosts[0].run("ping -c 100 -i 0.005 -q -W 1 " + address)
                expect(", 0% packet loss" in text, "%s: 100 pings to %s" % (name, address))
            result = hosts[0].iperf(hosts[1], there, "")
            rate = result["end"]["sum_received"]["bits_per_second"] / 1e6
            expect(rate > 20, "%s: TCP at %.0f Mb/s" % (name, rate))
            own = hosts[0].lost("h1") + hosts[1].lost("h2")
            result = hosts[0].iperf(hosts[1], there, "-u -b 20M -l 1000")
            own = hosts[0].lost("h1") + hosts[1].lost("h2") - own
            lost, sent = result["end"]["sum"]["lost_packets"], result["end"]["sum"]["packets"]
            words = "%s: %d of %d UDP datagrams lost at 20 Mb/s, %d of them by hosts" % (name, lost, sent, own)
            expect(lost <= own and sent > 4000, words)
            expect(drops(switch) == before, "%s: nothing was dropped: %s" % (name, drops(switch)))
            output, _ = switch.stop()
            expect("every packet is accounted for" in output, name + ": every packet is accounted for")


BOTTLENECK = """
switch: {name: live}
ports:
  - {name: h1, speed: 1G, mtu: 1500, device: "tap:h1", address: 10.1.0.1/24}
  - {name: h2, speed: 1G, mtu: 1500, device: "tap:h2", address: 10.2.0.1/24}
  - {name: h3, speed: 200M, mtu: 1500, device: "tap:h3", address: 10.3.0.1/24}
qos:
  queues:
    0: {schedule: {dwrr: 1}, ecn: {kmin: 20kB, kmax: 60kB, pmax: 50%}}
buffer: {size: 4MB, lossy: {limit: 100kB}}
"""


def ecn(program, directory):
    for mode in (1, 0):
        with contextlib.ExitStack() as stack:
            hosts = [Host(name, stack) for name in "abc"]
            switch = Switch(program, BOTTLENECK, directory, stack)
            for number, host in enumerate(hosts, 1):
                host.take("h%d" % number, ["10.%d.0.2/24" % number], ["10.%d.0.1" % number])
                host.run("sysctl -qw net.ipv4.tcp_ecn=%d" % mode)
            warm(hosts[0], "10.3.0.2")
            warm(hosts[1], "10.3.0.2")
            before = sum(drops(switch).values())
            capture = os.path.join(directory, "ecn%d.pcap" % mode)
            tcpdump = hosts[2].capture("h3", capture, "tcp")
            servers = [hosts[2].start("iperf3 -s -1 -p %d" % port) for port in (5201, 5202)]
            time.sleep(0.3)
            senders = [
                host.start("timeout 12 iperf3 -J -C reno -c 10.3.0.2 -t 3 -p %d" % port)
                for host, port in zip(hosts, (5201, 5202))
            ]
            results = [json.loads(sender.communicate()[0]) for sender in senders]
            tcpdump.send_signal(signal.SIGINT)
            tcpdump.wait()
            for server in servers:
                server.terminate()
                server.wait()
            rate = sum(result["end"]["sum_received"]["bits_per_second"] for result in results) / 1e6
            lost = sum(drops(switch).values()) - before
            queue = [q for q in switch.show("queues")["queues"] if q["port"] == "h3" and q["queue"] == 0][0]
            text = "ECN %s: %.0f Mb/s, queue at most %d B, %d marked, %d dropped" % (
                "on" if mode else "off", rate, queue["peak_bytes"], queue["marked"]["packets"], lost)

            def count(expression):
                command = ["tshark", "-r", capture, "-Y", expression, "-T", "fields", "-e", "frame.number"]
                return len(subprocess.run(command, capture_output=True, text=True).stdout.split())

            if mode:
                arrived = hosts[2].counted("InCEPkts")
                answered = count("tcp.flags.ece == 1 && tcp.flags.syn == 0")
                reduced = count("tcp.flags.cwr == 1 && tcp.flags.syn == 0")
                expect(lost == 0, text)
                expect(arrived == queue["marked"]["packets"] > 0, "%d packets arrived with CE, says the kernel" % arrived)
                expect(answered > 0 and reduced > 0, "%d answers with ECE, %d with CWR" % (answered, reduced))
            else:
                expect(lost > 0, text)
                expect(queue["marked"]["packets"] == 0, "nothing is marked that cannot be")
            expect(50 < rate < 200, "the port's 200 Mb/s are shared")


PAUSED = """
switch: {name: live}
ports:
  - {name: h1, speed: 1G, mtu: 1500, device: "tap:h1", address: 10.1.0.1/24}
  - {name: h2, speed: 1G, mtu: 1500, device: "tap:h2", address: 10.2.0.1/24}
qos:
  dscp: {26: 3}
  queues:
    0: {schedule: {dwrr: 1}}
    3: {schedule: {dwrr: 1}, lossless: true}
"""
STREAM = """
import socket, sys, time
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, int(sys.argv[1]) << 2)
begin, number = time.monotonic(), 0
while time.monotonic() < begin + 1.6:
    udp.sendto(number.to_bytes(4, "big") + bytes(200), ("10.2.0.2", int(sys.argv[2])))
    number += 1
    time.sleep(max(0, begin + number * 0.001 - time.monotonic()))
print(number)
"""
ARRIVALS = """
import select, socket, struct, sys
SO_TIMESTAMPNS, SO_RCVBUFFORCE = 35, 33
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
udp.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 8 << 20)
udp.bind(("", int(sys.argv[1])))
print("ready", flush=True)
while select.select([udp], [], [], 3)[0]:
    _, extra, _, _ = udp.recvmsg(2048, 64)
    seconds, nanoseconds = struct.unpack("qq", extra[0][2][:16])
    print(seconds * 10**9 + nanoseconds)
"""
XOFF = """
import socket, struct, time
raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
raw.bind(("h2", 0))
head = bytes.fromhex("0180c2000001 020000000abc 8808 0101")
def pause(vector, quanta):
    times = b"".join(struct.pack("!H", quanta if vector >> n & 1 else 0) for n in range(8))
    raw.send((head + struct.pack("!H", vector) + times).ljust(60, b"\\0"))
time.sleep(0.5)
pause(1 << 3, 65535)
time.sleep(0.4)
pause(1 << 3, 65535)
time.sleep(0.010)
raw.send((head + struct.pack("!H", 1 << 3) + bytes(16)).ljust(60, b"\\0"))
"""


def pause(program, directory):
    with contextlib.ExitStack() as stack:
        hosts = [Host("a", stack), Host("b", stack)]
        switch = Switch(program, PAUSED, directory, stack)
        hosts[0].take("h1", ["10.1.0.2/24"], ["10.1.0.1"])
        hosts[1].take("h2", ["10.2.0.2/24"], ["10.2.0.1"])
        warm(hosts[0], "10.2.0.2")
        classes = ((26, 7026), (0, 7000))
        receivers = [hosts[1].start([sys.executable, "-c", ARRIVALS, str(port)]) for _, port in classes]
        for receiver in receivers:
            receiver.stdout.readline()
        streams = [hosts[0].start([sys.executable, "-c", STREAM, str(dscp), str(port)]) for dscp, port in classes]
        pauser = hosts[1].start([sys.executable, "-c", XOFF])
        sent = [int(stream.communicate()[0]) for stream in streams]
        pauser.wait()
        for (dscp, port), receiver, count in zip(classes, receivers, sent):
            # The kernel's stamps, in nanoseconds.
            times = [int(word) / 1e9 for word in receiver.communicate()[0].split()]
            gaps = sorted((b - a for a, b in zip(times, times[1:])), reverse=True)
            expect(len(times) == count, "DSCP %d: %d of %d datagrams arrived" % (dscp, len(times), count))
            if dscp == 26:
                # 65535 quanta of 512 bit times at 1G are 33.55 ms; the stream has a frame each millisecond. Hosts on
                # a busy machine may be late, never early.
                expect(33.4e-3 < gaps[0] < 60e-3, "XOFF of 65535 quanta stops priority 3 for %.2f ms" % (gaps[0] * 1e3))
                expect(9e-3 < gaps[1] < 30e-3, "XON after 10 ms ends a pause: %.2f ms" % (gaps[1] * 1e3))
            else:
                expect(gaps[0] < 30e-3, "the other class is never stopped: longest gap %.2f ms" % (gaps[0] * 1e3))
        port = [port for port in switch.show("ports")["ports"] if port["name"] == "h2"][0]
        print("      pause reaction: %s" % json.dumps(port["driver"].get("pause_reaction")))
        output, _ = switch.stop()
        expect("every packet is accounted for" in output, "every packet is accounted for")


# Sends numbered datagrams of a length at a rate to a host until its input ends, and says how many.
STREAM_UNTIL = """
import select, socket, sys, time
address, port, rate, length = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4])
udp = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
begin, number = time.monotonic(), 0
while number % 64 or not select.select([sys.stdin], [], [], 0)[0]:
    udp.sendto(number.to_bytes(8, "big") + bytes(length - 8), (address, port))
    number += 1
    # What a pause of this process has missed is not made up for: nobody could take it in.
    late = time.monotonic() - begin - number / rate
    if late < 0:
        time.sleep(-late)
    elif late > 0.01:
        begin += late
print(number)
"""
# Counts datagrams and different numbers of them until nothing comes for a second after its input has ended.
TALLY = """
import select, socket, sys
SO_RCVBUFFORCE = 33
udp = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
udp.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 64 << 20)
udp.bind(("::", int(sys.argv[1])))
print("ready", flush=True)
seen, count, ended = bytearray(), 0, False
while True:
    ready = select.select([udp] if ended else [udp, sys.stdin], [], [], 1)[0]
    ended = ended or sys.stdin in ready
    if ended and not ready:
        break
    if udp in ready:
        number, count = int.from_bytes(udp.recv(2048)[:8], "big"), count + 1
        if number >= len(seen):
            seen += bytes(number + 100000 - len(seen))
        seen[number] = 1
print(count, sum(seen))
"""


class Stream:
    """A stream of datagrams from one host to those that listen for it."""

    def __init__(self, source, sinks, address, port, rate, length):
        self.sinks = [sink.start([sys.executable, "-c", TALLY, str(port)], stdin=subprocess.PIPE) for sink in sinks]
        for sink in self.sinks:
            sink.stdout.readline()
        words = [sys.executable, "-c", STREAM_UNTIL, address, str(port), str(rate), str(length)]
        self.source = source.start(words, stdin=subprocess.PIPE)

    def end(self):
        """Ends it; returns datagrams sent, and those that arrived at each sink."""
        sent = int(self.source.communicate("")[0])
        counts = [sink.communicate("")[0].split() for sink in self.sinks]
        expect(all(all_of == different for all_of, different in counts), "no datagram arrived twice")
        return sent, [int(different) for _, different in counts]


def reload(program, directory, reloads=400):
    ports = "".join(
        '  - {name: h%d, speed: 1G, mtu: 1500, device: "tap:h%d", address: 10.%d.0.1/24}\n' % (n, n, n) for n in range(1, 5)
    )
    tables = [
        "switch: {name: live}\nports:\n%sroutes:\n  - {prefix: 10.9.0.0/16, via: [{address: 10.%d.0.2}]}\n" % (ports, n)
        for n in (2, 3)
    ]
    with contextlib.ExitStack() as stack:
        hosts = [Host(name, stack) for name in "abcd"]
        switch = Switch(program, tables[0], directory, stack)
        for number, host in enumerate(hosts, 1):
            host.take("h%d" % number, ["10.%d.0.2/24" % number], ["10.%d.0.1" % number])
        for host in hosts[1:3]:
            host.run("ip addr add 10.9.0.9/32 dev lo")
        warm(hosts[0], "10.2.0.2")
        warm(hosts[0], "10.3.0.2")
        warm(hosts[0], "10.9.0.9")
        before = drops(switch)

        def sent_by_port():
            return {port["name"]: port["tx"]["packets"] for port in switch.show("ports")["ports"]}

        beyond = sent_by_port()["h4"]
        own = sum(host.lost("h%d" % number) for number, host in enumerate(hosts, 1))
        stream = Stream(hosts[0], hosts[1:3], "10.9.0.9", 5009, 3000, 200)
        begin = time.monotonic()
        for count in range(1, reloads + 1):
            if count <= 4:
                # As a user does it.
                switch.write(tables[count % 2])
                if not switch.ask("reload"):
                    expect(False, "reload %d failed" % count)
                    break
                continue
            status, answer = switch.request(
                "POST", "/v1/switches/live/reload", {"text": tables[count % 2], "path": switch.path})
            if status != 200 or not answer["is_applied"]:
                expect(False, "reload %d: %s" % (count, answer))
                break
        seconds = time.monotonic() - begin
        sent, arrived = stream.end()
        own = sum(host.lost("h%d" % number) for number, host in enumerate(hosts, 1)) - own
        expect(count == reloads, "%d reloads in %.1f s, %.1f ms each" % (count, seconds, seconds * 1e3 / count))
        expect(sent > 500 and sent - sum(arrived) <= own, "%d of %d datagrams lost, %d of them by hosts" % (
            sent - sum(arrived), sent, own))
        expect(drops(switch) == before, "nothing was dropped: %s" % drops(switch))
        split = sent_by_port()
        expect(split["h4"] == beyond, "nothing left by h4; frames by port: %s" % split)
        expect(min(arrived) > 100, "both tables were in use: %s datagrams" % arrived)


WORKERS = """
switch: {name: live}
workers:
  - {name: left, ports: [h1, h3]}
  - {name: right}
ports:
  - {name: h1, speed: 1G, mtu: 1500, device: "tap:h1", address: [10.1.0.1/24, "fd01::1/64"]}
  - {name: h2, speed: 1G, mtu: 1500, device: "tap:h2", address: [10.2.0.1/24, "fd02::1/64"]}
  - {name: h3, speed: 1G, mtu: 1500, device: "tap:h3", vlan: 10}
  - {name: h4, speed: 1G, mtu: 1500, device: "tap:h4", vlan: 10}
vlans:
  - {id: 10, address: 10.3.0.1/24, mtu: 1500}
routes:
  - {prefix: 10.9.0.0/16, via: [{address: 10.%d.0.2}, {address: 10.3.0.%d, weight: 3}]}
"""


def workers(program, directory):
    with contextlib.ExitStack() as stack:
        hosts = [Host(name, stack) for name in "abcd"]
        switch = Switch(program, WORKERS % (2, 4), directory, stack)
        hosts[0].take("h1", ["10.1.0.2/24", "fd01::2/64"], ["10.1.0.1", "fd01::1"])
        hosts[1].take("h2", ["10.2.0.2/24", "fd02::2/64"], ["10.2.0.1", "fd02::1"])
        hosts[2].take("h3", ["10.3.0.3/24"], ["10.3.0.1"])
        hosts[3].take("h4", ["10.3.0.4/24"], ["10.3.0.1"])
        for host in hosts[1:]:
            host.run("ip addr add 10.9.0.9/32 dev lo")
        shown = {worker["worker"]: worker["ports"] for worker in switch.show("ports")["workers"]}
        expect(shown == {0: ["h1", "h3"], 1: ["h2", "h4"]}, "ports by worker: %s" % shown)
        pairs = [(0, "10.2.0.2"), (0, "fd02::2"), (0, "10.3.0.4"), (2, "10.3.0.4"), (3, "10.1.0.2"), (0, "10.9.0.9")]
        for number, address in pairs:
            warm(hosts[number], address)
        # A host that spoke on a port of one worker is known to the other: nobody floods any more.
        before = drops(switch)
        for number, address in pairs:
            text = hosts[number].run("ping -c 100 -i 0.005 -q -W 1 " + address)
            expect(", 0% packet loss" in text, "100 pings from h%d to %s" % (number + 1, address))
        found = {mac["port"] for mac in switch.show("macs")["macs"]}
        expect(found == {"h3", "h4"}, "stations are known on %s" % sorted(found))
        for number, server, address in ((0, 1, "10.2.0.2"), (2, 3, "10.3.0.4"), (0, 1, "fd02::2")):
            result = hosts[number].iperf(hosts[server], address, "")
            rate = result["end"]["sum_received"]["bits_per_second"] / 1e6
            expect(rate > 20, "TCP from h%d to %s at %.0f Mb/s" % (number + 1, address, rate))
            names = ("h%d" % (number + 1), "h%d" % (server + 1))
            own = hosts[number].lost(names[0]) + hosts[server].lost(names[1])
            result = hosts[number].iperf(hosts[server], address, "-u -b 20M -l 1000")
            own = hosts[number].lost(names[0]) + hosts[server].lost(names[1]) - own
            lost, sent = result["end"]["sum"]["lost_packets"], result["end"]["sum"]["packets"]
            expect(lost <= own and sent > 4000, "%d of %d UDP datagrams lost, %d of them by hosts" % (lost, sent, own))
        expect(drops(switch) == before, "nothing was dropped: %s" % drops(switch))
        # Two tables take turns, in both workers.
        # A count and not a deadline: at a deadline ping counts the packet that is on its way as lost.
        flood = hosts[0].start("ping -i 0.002 -q -W 2 -c 1500 10.9.0.9")
        count = 0
        while flood.poll() is None:
            count += 1
            switch.write(WORKERS % ((2, 4), (2, 3))[count % 2])
            if not switch.ask("reload"):
                expect(False, "reload %d failed" % count)
                break
        switch.write(WORKERS % (2, 4))
        switch.ask("reload")
        expect(", 0% packet loss" in flood.communicate()[0], "nothing was lost in %d reloads" % count)
        expect(drops(switch) == before, "nothing was dropped: %s" % drops(switch))
        refused = (WORKERS % (2, 4)).replace("ports: [h1, h3]", "ports: [h1, h2]")
        switch.write(refused)
        expect(not switch.ask("reload"), "ports do not go to other workers while it runs")
        # A port of one worker goes down: the other one drops nothing for it, and takes the other next hop.
        switch.ask("port", "h2", "down")
        text = hosts[0].run("ping -c 50 -i 0.005 -q -W 1 10.9.0.9")
        expect(", 0% packet loss" in text, "h2 is down: 10.9.0.9 is reached by h4")
        switch.ask("port", "h2", "up")
        text = hosts[0].run("ping -c 50 -i 0.005 -q -W 1 10.2.0.2")
        expect(", 0% packet loss" in text, "h2 is up again")
        totals = switch.show("ports")["totals"]
        output, _ = switch.stop()
        expect("every packet is accounted for" in output, "every packet is accounted for: %s" % json.dumps(totals))


def restart(program, directory, kills=1):
    with contextlib.ExitStack() as stack:
        first, second = Host("a", stack), Host("b", stack)
        switch = Switch(program, ROUTED, directory, stack)
        for attempt in range(1, kills + 2):
            first.take("h1", ["10.1.0.2/24"], ["10.1.0.1"])
            second.take("h2", ["10.2.0.2/24"], ["10.2.0.1"])
            warm(first, "10.2.0.2")
            flood = first.start("ping -i 0.002 -q -c 400 10.2.0.2")
            text = flood.communicate()[0]
            expect(", 0% packet loss" in text, "start %d: hosts talk" % attempt)
            if attempt <= kills:
                flood = first.start("ping -i 0.002 -q -w 3 10.2.0.2")
                time.sleep(0.3)
                switch.process.kill()
                switch.process.communicate()
                flood.terminate()
                flood.wait()
                switch.start()


def main():
    scenarios = {"traffic": traffic, "ecn": ecn, "pause": pause, "reload": reload, "workers": workers, "restart": restart}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("penstock")
    parser.add_argument("scenario", choices=scenarios)
    parser.add_argument("--reloads", type=int, default=400, help="how often to change tables (400)")
    arguments = parser.parse_args()
    namespace.require_private_namespace()
    namespace.run("ip link set lo up")
    with tempfile.TemporaryDirectory(prefix="penstock-") as directory:
        more = [arguments.reloads] if arguments.scenario == "reload" else []
        scenarios[arguments.scenario](arguments.penstock, directory, *more)
    return 1 if FAULTS else 0


if __name__ == "__main__":
    sys.exit(main())
