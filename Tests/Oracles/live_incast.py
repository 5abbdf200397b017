#!/usr/bin/python3
"""Two senders into one slow port of `penstock run`, and a neighbour that never stops saying XOFF.

    unshare -n ./live_incast.py PENSTOCK SCENARIO

PENSTOCK is the program. Senders are `penstock send` on virtual cables to the switch. SCENARIO:

    pfc       100M + 100M into 50M, lossless, senders obey PFC: nothing is lost, and tshark finds XOFF and XON frames
    deaf      the same, senders do not obey: headroom is used up, and packets are lost
    lossy     the same without PFC: packets are lost, and no pause frame is sent
    storm     a crafted XOFF, again and again: the watchdog finds the storm, drops, and restores the queue when it ends;
              what it drops is in a capture of the port that it came in on

Exit: 0 as expected; 1 not so; 2 nothing could be tried. Debian: iproute2, tcpdump, tshark, python3-scapy.
"""

import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time

import namespace
from live_switch import FAULTS, Switch, drops, expect

SOURCES = ["02:00:00:00:00:a1", "02:00:00:00:00:a2"]
SINK = "02:00:00:00:00:b1"
FRAME = 1500
# Headroom is far more than 100M need, for a machine that stops a process for 200 ms now and then.
CONFIGURATION = """
switch: {name: live}
ports:
  - {name: s1, speed: 100M, mtu: 1500, device: "af_packet:sw-1", vlan: 10}
  - {name: s2, speed: 100M, mtu: 1500, device: "af_packet:sw-2", vlan: 10}
  - {name: r, speed: 50M, mtu: 1500, device: "af_packet:sw-r", vlan: 10}
macs:
  - {vlan: 10, mac: "02:00:00:00:00:b1", port: r}
qos:
  dscp: {26: 3}
  queues:
    0: {schedule: {dwrr: 1}}
    3: {schedule: {dwrr: 1}%s}
buffer: {size: 32MB, headroom: 3MB, lossless: {limit: 200kB}, lossy: {limit: 200kB}}
%s
"""
LOSSLESS = CONFIGURATION % (", lossless: true", "")
LOSSY = CONFIGURATION.replace("headroom: 3MB, ", "") % ("", "pfc: {mode: off}")
GUARDED = CONFIGURATION % (", lossless: true", "watchdog: {detection: 200ms, restoration: 300ms, action: drop}")
XOFF = """
import socket, sys, time
raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
raw.bind(("host-r", 0))
frame = bytes.fromhex("0180c2000001 0200000000b1 8808 0101 0008" + 3 * "0000" + "ffff" + 4 * "0000").ljust(60, b"\\0")
end = time.monotonic() + float(sys.argv[1])
while time.monotonic() < end:
    raw.send(frame)
    time.sleep(0.05)
"""


def cables():
    for name in ("1", "2", "r"):
        namespace.run("ip link add sw-%s type veth peer name host-%s" % (name, name))
        for end in ("sw-", "host-"):
            namespace.run("sysctl -qw net.ipv6.conf.%s%s.disable_ipv6=1" % (end, name))
            namespace.disable_offloads(end + name)
            namespace.run("ip link set %s%s up" % (end, name))


def write_capture(path, source, count):
    """Numbered UDP frames of DSCP 26."""
    from scapy.layers.inet import IP, UDP
    from scapy.layers.l2 import Ether
    from scapy.utils import PcapWriter

    with PcapWriter(path, sync=False) as writer:
        for number in range(count):
            payload = number.to_bytes(8, "big") + bytes(FRAME - 50)
            octet = SOURCES.index(source) + 1
            writer.write(
                Ether(src=source, dst=SINK)
                / IP(src="10.0.%d.2" % octet, dst="10.0.9.2", tos=26 << 2, id=number & 0xFFFF)
                / UDP(sport=1000 + octet, dport=2000) / payload)


def arrived():
    """Frames that the host behind the slow port has received."""
    return json.loads(namespace.run("ip -s -j link show host-r"))[0]["stats64"]["rx"]["packets"]


def capture(interface, path):
    command = ["tcpdump", "-i", interface, "-U", "-w", path, "ether proto 0x8808"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    while line := process.stderr.readline():
        if "listening" in line:
            return process
    print("tcpdump does not start", file=sys.stderr)
    sys.exit(2)


def end(process):
    process.send_signal(signal.SIGINT)
    process.communicate()


def tshark(path, expression):
    """How many frames match, to tshark."""
    command = ["tshark", "-n", "-r", path, "-Y", expression, "-T", "fields", "-e", "frame.number"]
    return len(subprocess.run(command, capture_output=True, text=True).stdout.split())


def send(program, directory, number, *options):
    """Starts a sender on the CPU that penstock's worker leaves alone."""
    words = [program, "send", os.path.join(directory, "%d.pcap" % number), "--device", "af_packet:host-%d" % number]
    words += ["--line", "100M", "--cpu", "0", "--json", *options]
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def settle(switch):
    """Waits until nothing is queued any more."""
    for _ in range(200):
        if not sum(queue["depth_packets"] for queue in switch.show("queues")["queues"]):
            break
        time.sleep(0.05)
    time.sleep(0.2)


def incast(program, directory, configuration, obeys, frames=8000):
    """Both senders at once; returns what came in and went out, was dropped, and the two captures of pause frames.

    What comes in is counted by the switch: a packet socket drops what its reader is too late for, and on a busy machine
    that happens. It is said, and is no fault of flow control.
    """
    with contextlib.ExitStack() as stack:
        switch = Switch(program, configuration, directory, stack)
        captures = [os.path.join(directory, "pauses%d.pcap" % number) for number in (1, 2)]
        listeners = [capture("host-%d" % number, path) for number, path in zip((1, 2), captures)]
        for number, source in enumerate(SOURCES, 1):
            write_capture(os.path.join(directory, "%d.pcap" % number), source, frames)
        before = arrived()
        options = ["--rate", "100M"] + (["--obey-pfc"] if obeys else [])
        senders = [send(program, directory, number, *options) for number in (1, 2)]
        reports = []
        for sender in senders:
            output, errors = sender.communicate(timeout=60)
            if sender.returncode:
                print(errors, file=sys.stderr)
                sys.exit(2)
            reports.append(json.loads(output))
        settle(switch)
        for listener in listeners:
            end(listener)
        sent = sum(report["sent"]["frames"] for report in reports)
        paused = sum(report["sent"]["pausedFrames"] for report in reports)
        dropped = drops(switch)
        received = sum(port["rx"]["packets"] for port in switch.show("ports")["ports"] if port["name"] != "r")
        output, _ = switch.stop()
        expect("every packet is accounted for" in output, "every packet is accounted for")
        if received < sent:
            print("      %d of %d frames were lost by packet sockets in front of the switch" % (sent - received, sent))
        return received, arrived() - before, dropped, paused, captures


def pfc(program, directory):
    sent, came, dropped, paused, captures = incast(program, directory, LOSSLESS, True)
    expect(sent == came > 10000 and not dropped, "PFC: %d came in, %d arrived, dropped: %s" % (sent, came, dropped))
    expect(paused > 0, "PFC: %d frames were held back by their senders" % paused)
    for number, path in enumerate(captures, 1):
        head = "macc.opcode == 0x0101 && frame.len == 60 && eth.dst == 01:80:c2:00:00:01 && macc.cbfc.enbv == 0x0008 && "
        xoff = tshark(path, head + "macc.cbfc.pause_time.c3 == 65535")
        xon = tshark(path, head + "macc.cbfc.pause_time.c3 == 0")
        others = tshark(path, "frame") - xoff - xon
        words = "PFC: tshark finds %d XOFF and %d XON for sender %d, %d other frames" % (xoff, xon, number, others)
        expect(xoff > 0 and xon > 0 and others == 0, words)
        expect(tshark(path, "_ws.malformed || macc.dst_address_invalid || macc.opcode.unknown") == 0, "PFC: all well-formed")


def deaf(program, directory):
    sent, came, dropped, paused, captures = incast(program, directory, LOSSLESS, False)
    words = "deaf: %d came in, %d arrived, dropped: %s" % (sent, came, dropped)
    expect(set(dropped) == {"headroom-full"} and sent - came == sum(dropped.values()), words)
    expect(tshark(captures[0], "macc.opcode == 0x0101") > 0, "deaf: XOFF was sent all the same")


def lossy(program, directory):
    sent, came, dropped, paused, captures = incast(program, directory, LOSSY, True)
    words = "lossy: %d came in, %d arrived, dropped: %s" % (sent, came, dropped)
    expect(dropped and sent - came == sum(dropped.values()), words)
    expect(sum(tshark(path, "frame") for path in captures) == 0 and paused == 0, "lossy: nobody was paused")


def storm(program, directory):
    with contextlib.ExitStack() as stack:
        switch = Switch(program, GUARDED, directory, stack)
        write_capture(os.path.join(directory, "1.pcap"), SOURCES[0], 4000)
        path = os.path.join(directory, "drops.pcapng")
        words = [program, "capture", "s1", "--drops", "-w", path, "--socket", switch.socket]
        watching = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        watching.stderr.readline()
        before = arrived()
        # 4 s of frames, the first 2 s of them into the storm.
        xoff = subprocess.Popen([sys.executable, "-c", XOFF, "2"])
        time.sleep(0.1)
        sender = send(program, directory, 1, "--rate", "1kpps")

        def queue():
            return [q for q in switch.show("queues")["queues"] if q["port"] == "r" and q["queue"] == 3][0]

        xoff.wait()
        during = queue()
        sender.communicate(timeout=60)
        settle(switch)
        after, came = queue(), arrived() - before
        sent = [port for port in switch.show("ports")["ports"] if port["name"] == "s1"][0]["rx"]["packets"]
        watching.send_signal(signal.SIGINT)
        watching.communicate(timeout=10)
        dropped = drops(switch)
        expect(during["storms"] == 1 and during["is_in_storm"], "storm: found while XOFF came")
        expect(after["restorations"] == 1 and not after["is_in_storm"], "storm: over when XOFF was absent")
        words = "storm: %d came in, %d arrived, dropped: %s" % (sent, came, dropped)
        expect(set(dropped) == {"pause-storm"} and sent - came == dropped["pause-storm"] > 500, words)
        expect(came > 500, "storm: the queue sends again")
        noted = tshark(path, 'frame.comment contains "dropped: pause-storm"')
        late = tshark(path, 'frame.comment contains "after it had been queued" && frame.cap_len == 0')
        words = "storm: %d drops are in the capture of s1, %d of them of packets that had waited" % (noted, late)
        expect(noted == dropped["pause-storm"] and late > 50, words)


def main():
    scenarios = {"pfc": pfc, "deaf": deaf, "lossy": lossy, "storm": storm}
    parser = argparse.ArgumentParser(description="Senders that stop for pauses, and one that does not.")
    parser.add_argument("penstock")
    parser.add_argument("scenario", choices=scenarios)
    arguments = parser.parse_args()
    namespace.require_private_namespace()
    cables()
    with tempfile.TemporaryDirectory(prefix="penstock-") as directory:
        scenarios[arguments.scenario](arguments.penstock, directory)
    return 1 if FAULTS else 0


if __name__ == "__main__":
    sys.exit(main())
