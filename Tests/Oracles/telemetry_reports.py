#!/usr/bin/env python3
"""Writes captures of telemetry reports with an encoder of its own, and judges what a collector makes of them.

Written from the specifications alone (Telemetry Report 2.0 section 3, INT 2.1 sections 5.7 and 5.8); nothing of Penstock
is used. What is expected is computed from what was put into the capture, by plain definitions.

    telemetry_reports.py make DIRECTORY SEED      reports.pcap and expected.json
    telemetry_reports.py check DIRECTORY          collected.json and collected.db against expected.json

Exit: 0 all well; 1 something differs.
"""
import collections
import json
import pathlib
import random
import sqlite3
import struct
import sys

START = 1_700_000_000_000_000_000
BIN = 100_000
THRESHOLD, RELEASE = 100_000, 50_000
REASONS = (3, 17, 26, 200)


def ipv4(source, destination, ttl, protocol, payload, identification):
    return struct.pack(
        "!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), identification & 0xFFFF, 0x4000, ttl, protocol, 0,
        source.to_bytes(4, "big"), destination.to_bytes(4, "big")) + payload


def udp(source, destination, payload):
    return struct.pack("!HHHH", source, destination, 8 + len(payload), 0) + payload


class Flow:
    def __init__(self, number, path, mode):
        self.source, self.destination = 0x0A000001 + number, 0x0A010001 + number % 3
        self.port, self.qp, self.path, self.mode = 49152 + number, 1000 + number, path, mode

    def transport(self, number, size):
        bth = struct.pack("!BBHII", 0x0A, 0x40, 0xFFFF, self.qp, number & 0xFFFFFF)
        return bth + bytes(size - 14 - 20 - 8 - 12)

    def packet(self, number, size, ttl, stack=b""):
        body = self.transport(number, size)
        if stack:
            words = 3 + len(stack) // 4
            header = struct.pack("!IHHHH", 2 << 28 | 8 << 8 | 4, 0xFC00, 0, 0, 0)
            # Shim: type 1, NPT 1, words behind it, the original port.
            body = struct.pack("!BBH", 1 << 4 | 1 << 2, words, 4791) + header + stack + body
        return ipv4(self.source, self.destination, ttl, 17, udp(self.port, 51000 if stack else 4791, body), number)

    @property
    def name(self):
        def dotted(address):
            return ".".join(str(byte) for byte in address.to_bytes(4, "big"))
        return f"{dotted(self.source)}:{self.port} > {dotted(self.destination)}:4791 roce qp {self.qp}"


def words_of(hop):
    """Interfaces, latency, queue, both times: bits 1 to 5 of the bitmap."""
    return struct.pack(
        "!HHIIQQ", hop["ingress"], hop["egress"], hop["out"] - hop["in"], hop["queue"] << 24 | hop["depth"], hop["in"],
        hop["out"])


def report(hop, packet, flags=0x20, reason=None):
    bits, metadata = 0x7C00, words_of(hop)
    if reason is not None:
        bits |= 1
        metadata += struct.pack("!BBH", hop["queue"], reason, 0)
    packet = packet[:160]
    body = struct.pack("!HHHH", bits, 0, 0, 0) + metadata + packet + bytes(-len(packet) % 4)
    return struct.pack("!BBBB", 1 << 4 | 4, len(body) // 4, len(metadata) // 4, flags) + body


def datagram(node, part, sequence, reports):
    return struct.pack("!II", 2 << 28 | part << 22 | sequence & 0x3FFFFF, node) + b"".join(reports)


class Run:
    """Packets through a small network, and what arrives of the reports about them."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.sequences = {node: self.random.randrange(1 << 22) for node in range(1, 9)}
        self.pending = collections.defaultdict(list)
        self.datagrams = []  # (time, node, sequence, bytes, what the reports say)

    def tell(self, time, node, data, fact):
        self.pending[node].append((data, fact))
        if len(self.pending[node]) >= self.random.choice((1, 1, 2, 3)):
            self.flush(time, node)

    def flush(self, time, node):
        if not self.pending[node]:
            return
        data = datagram(node, 5, self.sequences[node], [data for data, _ in self.pending[node]])
        self.datagrams.append((time, node, self.sequences[node], data, [fact for _, fact in self.pending[node]]))
        self.sequences[node] += 1
        self.pending[node] = []

    def pass_through(self, flow, number, time, size, dropped_at=None):
        hops, stack = [], b""
        for position, (node, ingress, egress) in enumerate(flow.path):
            latency = self.random.randrange(500, 20_000)
            hop = {"node": node, "ingress": ingress, "egress": egress, "queue": self.random.choice((3, 4)),
                   "depth": self.random.randrange(0, 60_000), "in": time, "out": time + latency}
            ttl = 64 - position
            if position == dropped_at:
                reason = self.random.choice(REASONS)
                fact = {"kind": "drop", "flow": flow.name, "node": node, "reason": reason}
                self.tell(time, node, report(hop, flow.packet(number, size, ttl), 0x80, reason), fact)
                return
            hops.append(hop)
            time += latency + 1000
            if flow.mode == "xd":
                fact = {"kind": "card", "flow": flow.name, "hops": [hop], "packet": number, "size": size}
                self.tell(time, node, report(hop, flow.packet(number, size, ttl)), fact)
            elif position < len(flow.path) - 1:
                stack = struct.pack("!I", node) + words_of(hop) + stack
        if flow.mode == "md":
            fact = {"kind": "path", "flow": flow.name, "hops": hops, "packet": number, "size": size}
            data = flow.packet(number, size, 65 - len(flow.path), stack)
            self.tell(time, hops[-1]["node"], report(hops[-1], data), fact)

    def mix(self):
        """Paths, changes, drops."""
        flows = []
        for number in range(24):
            nodes = self.random.sample(range(1, 7), self.random.randrange(2, 5))
            path = [(node, self.random.randrange(1, 9), self.random.randrange(1, 9)) for node in nodes]
            flows.append(Flow(number, path, "xd" if number % 3 == 0 else "md"))
        time = START
        for number in range(4000):
            time += self.random.randrange(100, 4000)
            flow = self.random.choice(flows)
            if number in (1500, 2500):
                for changed in self.random.sample([flow for flow in flows if flow.mode == "md"], 5):
                    node, ingress, egress = changed.path[-1]
                    changed.path = changed.path[:-1] + [(node, ingress, egress % 8 + 1)]
            dropped = self.random.randrange(len(flow.path)) if self.random.random() < 0.02 else None
            self.pass_through(flow, number, time, self.random.choice((64, 590, 1082)), dropped)
        for node in list(self.pending):
            self.flush(time + 1_000_000, node)
        return time + 20_000_000

    def incast(self, time):
        """One queue of node 8, drained at 20 Gb/s, filled by several senders for a while, thrice."""
        queue, bursts = collections.deque(), []
        flows = [Flow(100 + number, [(8, number % 8 + 1, 7)], "xd") for number in range(7)]
        packets, number = [], 10_000
        for volley in range(3):
            begin = time + volley * 3_000_000
            for sender in self.random.sample(range(7), 5):
                gap = self.random.randrange(200, 900)
                for index in range(self.random.randrange(80, 200)):
                    packets.append((begin + sender * 37 + index * gap, number, flows[sender]))
                    number += 1
        packets.sort(key=lambda packet: packet[:2])
        free, left, departures = 0, 1082, []
        for arrival, number, flow in packets:
            free = max(free, arrival) + 433
            departures.append({"in": arrival, "out": free, "flow": flow, "number": number})
        for departure in departures:
            # What has come and not gone when it leaves.
            waiting = sum(other["in"] <= departure["out"] < other["out"] for other in departures)
            departure["depth"] = waiting * left
        current = None
        for departure in departures:
            if current is None and departure["depth"] >= THRESHOLD:
                current = {"start": departure["out"], "end": None}
            elif current is not None and departure["depth"] < RELEASE:
                current["end"] = departure["out"]
                bursts.append(current)
                current = None
        assert current is None
        for burst in bursts:
            inside = [d for d in departures if d["in"] <= burst["end"] and d["out"] >= burst["start"]]
            burst["bytes"] = collections.Counter()
            for departure in inside:
                burst["bytes"][departure["flow"].name] += left
            during = [d["depth"] for d in departures if burst["start"] <= d["out"] <= burst["end"]]
            burst["peak"] = max(during)
        for departure in departures:
            flow = departure["flow"]
            hop = {"node": 8, "ingress": flow.path[0][1], "egress": 7, "queue": 3, "depth": departure["depth"],
                   "in": departure["in"], "out": departure["out"]}
            fact = {"kind": "card", "flow": flow.name, "hops": [hop], "packet": departure["number"], "size": left}
            self.tell(departure["out"], 8, report(hop, flow.packet(departure["number"], left, 64), 0x60), fact)
        self.flush(departures[-1]["out"], 8)
        return [dict(burst, bytes=dict(burst["bytes"])) for burst in bursts]


def make(directory, seed):
    run = Run(seed)
    end = run.mix()
    mixed = len(run.datagrams)
    bursts = run.incast(end)
    sent = sorted(run.datagrams[:mixed], key=lambda entry: entry[0]) + run.datagrams[mixed:]
    # Of the mix, some datagrams are lost, some come late, some twice. Node 8 tells of bursts, and its all arrive.
    arriving = []
    for position, entry in enumerate(sent):
        fate = run.random.random() if entry[1] != 8 else 1
        if fate >= 0.03:
            late = run.random.randrange(1, 30) if fate < 0.06 else 0
            arriving.append((position + late + 0.5 * (late > 0), entry))
        if 0.06 <= fate < 0.07:
            arriving.append((position + 0.25, entry))
    arriving.sort(key=lambda entry: entry[0])
    stamp, frames = START, []
    for _, (time, node, sequence, data, _) in arriving:
        stamp = max(stamp + 1, time)
        packet = ipv4(0xC0A80000 + node, 0xC0A80063, 64, 17, udp(40000 + node, 32766, data), sequence)
        frames.append((stamp, b"\x02\0\0\0\0\x01\x02\0\0\0\0\x02\x08\0" + packet))
    with open(directory / "reports.pcap", "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, 1))
        for stamp, frame in frames:
            file.write(struct.pack("<IIII", stamp // 10**9, stamp % 10**9, len(frame), len(frame)) + frame)
    expected = expectations([entry for _, entry in arriving])
    expected["bursts"] = bursts
    expected["datagrams"] = len(frames)
    (directory / "expected.json").write_text(json.dumps(expected))


def expectations(arriving):
    flows, sources, drops = {}, {}, collections.Counter()
    deepest, bins, packets = collections.Counter(), {}, collections.defaultdict(set)
    for _, node, sequence, _, facts in arriving:
        source = sources.setdefault(node, {"numbers": [], "late": 0, "twice": 0, "received": 0})
        source["received"] += 1
        # What comes late, or again, is old: it counts, but changes no path.
        old = bool(source["numbers"]) and sequence <= max(source["numbers"])
        if sequence in source["numbers"]:
            source["twice"] += 1
        else:
            source["late"] += bool(source["numbers"]) and sequence < max(source["numbers"])
            source["numbers"].append(sequence)
        for fact in facts:
            flow = flows.setdefault(
                fact["flow"], {"reports": 0, "packets": 0, "bytes": 0, "drops": 0, "changes": 0, "path": [], "max": {}})
            flow["reports"] += 1
            if fact["kind"] == "drop":
                flow["drops"] += 1
                drops[f"{fact['node']} {fact['reason']}"] += 1
                continue
            path = [[hop["node"], hop["ingress"], hop["egress"]] for hop in fact["hops"]]
            if fact["kind"] == "path":
                flow["packets"] += 1
                flow["bytes"] += fact["size"]
                if not old or not flow["path"]:
                    flow["changes"] += bool(flow["path"]) and flow["path"] != path
                    flow["path"] = path
            elif path[0] not in flow["path"]:
                flow["path"].append(path[0])
            for hop in fact["hops"]:
                key = f"{hop['node']} {hop['egress']} {hop['queue']}"
                deepest[key] = max(deepest[key], hop["depth"])
                place = f"{key} {hop['out'] // BIN * BIN}"
                count, depth, latency = bins.get(place, (0, 0, 0))
                bins[place] = (count + 1, max(depth, hop["depth"]), max(latency, hop["out"] - hop["in"]))
    for source in sources.values():
        # Numbers wrap at 22 bits on the wire, not here. What is below the first that came was never expected.
        numbers = source.pop("numbers")
        source["lost"] = len(set(range(numbers[0], max(numbers) + 1)) - set(numbers))
    return {"flows": flows, "sources": sources, "drops": drops, "deepest": deepest, "bins": bins}


def name(flow):
    return f"{flow['source']}:{flow['source_port']} > {flow['destination']}:{flow['destination_port']} " \
           f"{flow['protocol']} qp {flow['queue_pair']}"


class Judge:
    def __init__(self):
        self.faults = 0

    def equal(self, what, found, wanted):
        if found != wanted:
            self.faults += 1
            if self.faults <= 20:
                print(f"{what}: {found}, not {wanted}")


def judge_flows(judge, where, found, expected):
    judge.equal(f"{where}: flows", sorted(found), sorted(expected["flows"]))
    for key, wanted in expected["flows"].items():
        flow = found.get(key)
        if flow is None:
            continue
        for field in ("reports", "drops"):
            judge.equal(f"{where}: {field} of {key}", flow[field], wanted[field])
        judge.equal(f"{where}: changes of {key}", flow["path_changes"], wanted["changes"])
        path = [[hop["node"], hop["ingress"], hop["egress"]] for hop in flow["path"]]
        if wanted["packets"]:
            judge.equal(f"{where}: path of {key}", path, wanted["path"])
            judge.equal(f"{where}: packets of {key}", flow["packets"], wanted["packets"])
            judge.equal(f"{where}: bytes of {key}", flow["bytes"], wanted["bytes"])
        else:
            judge.equal(f"{where}: nodes of {key}", sorted(path), sorted(wanted["path"]))


def judge_bursts(judge, where, found, expected):
    judge.equal(f"{where}: bursts", len(found), len(expected["bursts"]))
    for burst, wanted in zip(sorted(found, key=lambda burst: burst["start"]), expected["bursts"]):
        for field in ("start", "end", "peak", "bytes"):
            judge.equal(f"{where}: {field} of the burst at {wanted['start']}", burst[field], wanted[field])


def check(directory):
    judge = Judge()
    expected = json.loads((directory / "expected.json").read_text())
    collected = json.loads((directory / "collected.json").read_text())
    judge.equal("datagrams", collected["counters"]["datagrams"], expected["datagrams"])
    for key in ("malformed_groups", "malformed_reports", "malformed_telemetry", "short_metadata", "unknown_packets"):
        judge.equal(key, collected["counters"][key], 0)
    judge_flows(judge, "json", {name(flow): flow for flow in collected["flows"]}, expected)
    judge.equal(
        "drops", {f"{drop['node']} {drop['reason']}": drop["packets"] for drop in collected["drop_counts"]},
        expected["drops"])
    judge.equal(
        "deepest", {f"{q['node']} {q['egress']} {q['queue']}": q["max_depth_bytes"] for q in collected["queues"]},
        expected["deepest"])
    bins = {f"{b['node']} {b['egress']} {b['queue']} {b['start_ns']}":
            [b["packets"], b["max_depth_bytes"], b["max_latency_ns"]] for b in collected["bins"]}
    judge.equal("bins", bins, expected["bins"])
    for source in collected["sources"]:
        wanted = expected["sources"][str(source["node"])]
        found = {"late": source["reordered"], "twice": source["duplicates"], "received": source["received"],
                 "lost": source["lost"]}
        judge.equal(f"source {source['node']}", found, wanted)
    bursts = [{"start": b["start_ns"], "end": b["start_ns"] + b["duration_ns"], "peak": b["peak_bytes"],
               "bytes": {c["flow"]: c["bytes"] for c in b["contributors"]}} for b in collected["bursts"]]
    judge_bursts(judge, "json", bursts, expected)
    check_store(judge, directory, expected)
    if judge.faults:
        print(f"{judge.faults} faults")
        sys.exit(1)
    print(f"{expected['datagrams']} datagrams, {len(expected['flows'])} flows, {len(expected['bins'])} intervals and "
          f"{len(expected['bursts'])} bursts are as expected")


def check_store(judge, directory, expected):
    database = sqlite3.connect(directory / "collected.db")
    database.row_factory = sqlite3.Row
    judge.equal("integrity", database.execute("PRAGMA integrity_check").fetchone()[0], "ok")
    flows = {}
    for row in database.execute("SELECT * FROM flows"):
        flow = dict(row)
        flow["path"] = json.loads(flow["hops"])
        flows[name(flow)] = flow
    judge_flows(judge, "store", flows, expected)
    bins = {}
    # A packet that came late may have a row of its own.
    for row in database.execute(
            "SELECT node, egress, queue, start_ns, sum(packets), max(max_depth), max(max_latency_ns) FROM queue_bins "
            "GROUP BY node, egress, queue, start_ns"):
        bins[" ".join(str(value) for value in row[:4])] = list(row[4:])
    judge.equal("store: bins", bins, expected["bins"])
    bursts = []
    for row in database.execute("SELECT * FROM bursts"):
        shares = database.execute("SELECT flow_text, bytes FROM contributors WHERE burst = ?", (row["burst"],))
        bursts.append({"start": row["start_ns"], "end": row["start_ns"] + row["duration_ns"], "peak": row["peak"],
                       "bytes": dict(tuple(share) for share in shares)})
    judge_bursts(judge, "store", bursts, expected)
    drops = {f"{row[0]} {row[1]}": row[2]
             for row in database.execute("SELECT node, reason, count(*) FROM drops GROUP BY node, reason")}
    judge.equal("store: drops", drops, expected["drops"])
    changes = database.execute("SELECT count(*) FROM path_changes").fetchone()[0]
    judge.equal("store: changes", changes, sum(flow["changes"] for flow in expected["flows"].values()))


if __name__ == "__main__":
    if len(sys.argv) == 4 and sys.argv[1] == "make":
        make(pathlib.Path(sys.argv[2]), int(sys.argv[3]))
    elif len(sys.argv) == 3 and sys.argv[1] == "check":
        check(pathlib.Path(sys.argv[2]))
    else:
        sys.exit(__doc__)
