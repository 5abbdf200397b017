#!/usr/bin/env python3
"""An incast through a switch with telemetry: what the collector says of it against the replay's own list of packets.

    collected_replay.py make DIRECTORY      leaf.yaml and h1.pcap to h3.pcap
    collected_replay.py check DIRECTORY     collected.json against out/packets.csv and out/report.json

The replay is `replay leaf.yaml --packets --out out --in h1=h1.pcap ...`; what it reports is read with
`collect out/mon.pcap --bin 2us --json`.
Exit: 0 all well; 1 something differs.
"""
import collections
import csv
import json
import pathlib
import struct
import sys

START = 1_700_000_000_000_000_000
BIN, THRESHOLD, RELEASE = 2000, 100_000, 50_000
PORTS = ("h1", "h2", "h3", "h4", "mon")
CONFIGURATION = """
switch: {name: leaf1, id: 7, mac: "02:00:00:00:00:07"}
ports:
  - {name: h1, speed: 100G, address: 10.0.1.1/24}
  - {name: h2, speed: 100G, address: 10.0.2.1/24}
  - {name: h3, speed: 100G, address: 10.0.3.1/24}
  - {name: h4, speed: 25G, address: 10.0.4.1/24}
  - {name: mon, speed: 100G, address: 10.0.5.1/24}
neighbors:
  - {port: h4, address: 10.0.4.2, mac: "02:00:00:00:04:02"}
  - {port: mon, address: 10.0.5.2, mac: "02:00:00:00:05:02"}
telemetry:
  node-id: 7
  host-ports: [h1, h2, h3, h4]
  excluded-ports: [mon]
  int:
    instructions: [interfaces, hop-latency, queue, ingress-time, egress-time]
    watch: [{destination-port: 4791}]
  reports: {collector: 10.0.5.2, rate: 0}
"""


def frame(sender, number, size, network=0):
    bth = struct.pack("!BBHII", 0x0A, 0x40, 0xFFFF, 100 + sender, number)
    payload = bth + bytes(size - 14 - 28 - 12)
    header = struct.pack(
        "!BBHHHBBH4B4B", 0x45, 26 << 2, 28 + len(payload), number & 0xFFFF, 0x4000, 64, 17, 0, 10, 0, sender, 2, 10,
        network, 4, 2)
    total = sum(struct.unpack("!10H", header))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    header = header[:10] + struct.pack("!H", 0xFFFF - total) + header[12:]
    udp = struct.pack("!HHHH", 49152 + sender, 4791, 8 + len(payload), 0)
    return bytes([2, 0, 0, 0, 0, 7, 2, 0, 0, 0, sender, 2, 8, 0]) + header + udp + payload


def make(directory):
    (directory / "leaf.yaml").write_text(CONFIGURATION)
    for sender in (1, 2, 3):
        with open(directory / f"h{sender}.pcap", "wb") as file:
            file.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, 1))
            number = 0
            # Three volleys of different lengths, and single packets between them.
            for volley in range(3):
                begin = START + volley * 2_000_000 + sender * 311
                for index in range(40 * sender + 30 * volley):
                    stamp, size = begin + index * 130, (1082, 594, 1082)[index % 3]
                    # Some go where no route leads.
                    data = frame(sender, number, size, 99 if index % 37 == 36 else 0)
                    file.write(struct.pack("<IIII", stamp // 10**9, stamp % 10**9, size, size) + data)
                    number += 1


class Judge:
    def __init__(self):
        self.faults = 0

    def equal(self, what, found, wanted):
        if found != wanted:
            self.faults += 1
            if self.faults <= 20:
                print(f"{what}: {found}, not {wanted}")


def check(directory):
    judge = Judge()
    collected = json.loads((directory / "collected.json").read_text())
    report = json.loads((directory / "out" / "report.json").read_text())
    start = report["start_ns"]
    departures, drops = collections.defaultdict(list), 0
    with open(directory / "out" / "packets.csv") as file:
        for row in csv.DictReader(file):
            if row["ingress"] not in PORTS[:3]:
                continue
            if row["outcome"] != "tx":
                drops += row["outcome"].startswith("drop:")
                continue
            latency = int(row["latency_ps"]) // 1000
            time = start + int(row["tx_start_ps"]) // 1000
            departures[(PORTS.index(row["egress"]) + 1, int(row["queue"]))].append(
                {"time": time, "latency": latency, "depth": int(row["left_bytes"]), "bytes": int(row["bytes"]),
                 "sender": PORTS.index(row["ingress"]) + 1})
    wanted_bins, wanted_bursts = {}, []
    for (port, queue), packets in departures.items():
        packets.sort(key=lambda packet: packet["time"])
        for packet in packets:
            place = (port, queue, packet["time"] // BIN * BIN)
            count, depth, latency = wanted_bins.get(place, (0, 0, 0))
            wanted_bins[place] = (count + 1, max(depth, packet["depth"]), max(latency, packet["latency"]))
        wanted_bursts += bursts_of(packets)
    bins = {(b["egress"], b["queue"], b["start_ns"]): (b["packets"], b["max_depth_bytes"], b["max_latency_ns"])
            for b in collected["bins"]}
    judge.equal("intervals", bins, wanted_bins)
    bursts = []
    for burst in collected["bursts"]:
        shares = {share["flow"].split(":")[0]: (share["bytes"], share["packets"]) for share in burst["contributors"]}
        bursts.append({"start": burst["start_ns"], "end": burst["start_ns"] + burst["duration_ns"],
                       "peak": burst["peak_bytes"], "shares": shares})
    judge.equal("bursts", sorted(bursts, key=lambda burst: burst["start"]), wanted_bursts)
    judge.equal("drops", sum(count["packets"] for count in collected["drop_counts"]), drops)
    if not drops:
        judge.equal("drops to speak of", drops, 1)
    judge.equal("lost datagrams", sum(source["lost"] for source in collected["sources"]), 0)
    judge.equal("nodes", [node["node"] for node in collected["nodes"]], [7])
    if len(wanted_bursts) < 2 or max(len(burst["shares"]) for burst in wanted_bursts) < 3:
        judge.equal("bursts to speak of", len(wanted_bursts), 3)
    if judge.faults:
        sys.exit(1)
    print(f"{len(wanted_bins)} intervals, {len(wanted_bursts)} bursts and {drops} drops are as the replay lists them")


def bursts_of(packets):
    found, current = [], None
    for packet in packets:
        if current is None and packet["depth"] >= THRESHOLD:
            current = {"start": packet["time"], "end": packet["time"]}
        elif current is not None:
            current["end"] = packet["time"]
            if packet["depth"] < RELEASE:
                found.append(current)
                current = None
    assert current is None
    for burst in found:
        shares = collections.defaultdict(lambda: [0, 0])
        for packet in packets:
            if packet["time"] >= burst["start"] and packet["time"] - packet["latency"] <= burst["end"]:
                shares[f"10.0.{packet['sender']}.2"][0] += packet["bytes"]
                shares[f"10.0.{packet['sender']}.2"][1] += 1
        burst["shares"] = {sender: tuple(share) for sender, share in shares.items()}
        burst["peak"] = max(p["depth"] for p in packets if burst["start"] <= p["time"] <= burst["end"])
    return found


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] in ("make", "check"):
        (make if sys.argv[1] == "make" else check)(pathlib.Path(sys.argv[2]))
    else:
        sys.exit(__doc__)
