#!/usr/bin/python3
"""Has tshark dissect captures: nothing may be malformed or otherwise an error to it, and no checksum wrong.

    tshark_check.py CAPTURE... [--expect 'DISPLAY FILTER=COUNT']... [--allow 'DISPLAY FILTER']

Checks IPv4, UDP, TCP, ICMP and ICMPv6 checksums where tshark can: not in frames cut at a snap length, nor in
fragments, nor a UDP checksum that is absent. Prints, for each capture, how many frames hold each stack of protocols.
Frames that match an --allow filter may have faults. Each --expect filter must match that many frames of all
captures together.

Exit: 0 all well; 1 a fault or an expectation not met; 2 nothing could be checked (tshark or a file is missing).
Debian: tshark.
"""

import argparse
import collections
import re
import subprocess
import sys

STATUS = ["ip.checksum.status", "udp.checksum.status", "tcp.checksum.status", "icmp.checksum.status",
          "icmpv6.checksum.status"]
QUOTED = re.compile(r":(icmp:ip|icmpv6:ipv6)\b")
ERROR = "8388608"  # PI_ERROR of Wireshark's epan/proto.h
# In RoCE captures the ICRC is looked at by scapy_check.py; tshark only shows it.
PREFERENCES = ["-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE"]


def tshark(capture, *arguments):
    """The lines tshark prints about a capture."""
    command = ["tshark", "-n", "-r", capture, *PREFERENCES, *arguments]
    try:
        result = subprocess.run(command, capture_output=True, text=True)
    except FileNotFoundError:
        print("tshark is missing: apt-get install tshark", file=sys.stderr)
        sys.exit(2)
    if result.returncode != 0:
        # "Running as user root" is no fault; what matters comes last.
        print("%s: %s" % (capture, result.stderr.strip().splitlines()[-1:]), file=sys.stderr)
        sys.exit(1 if "cut short" in result.stderr or "damaged" in result.stderr else 2)
    return result.stdout.splitlines()


def count(capture, filters):
    """How many frames of a capture match each filter."""
    # One row, for all time: "| 0.000 <> 0.002 |      3 |   255 |      1 |    60 |", frames and bytes of each filter.
    lines = tshark(capture, "-q", "-z", "io,stat,0," + ",".join(filters))
    cells = next((line.split("|")[2:] for line in lines if "<>" in line), None)
    if cells is None:
        # All frames at one time, or none at all.
        return [len(tshark(capture, "-Y", text, "-T", "fields", "-e", "frame.number")) for text in filters]
    return [int(cell) for cell in cells[: 2 * len(filters) : 2]]


def check(capture, allowed):
    """The faults of one capture, as lines of text; prints its protocols."""
    fields = ["frame.number", "frame.protocols", "_ws.malformed", "_ws.expert.severity", "_ws.col.Info", *STATUS]
    lines = tshark(capture, "-T", "fields", "-E", "separator=\t", *(a for name in fields for a in ("-e", name)))
    excused = set()
    if allowed:
        excused = set(tshark(capture, "-Y", " || ".join("(%s)" % a for a in allowed), "-T", "fields", "-e",
                             "frame.number"))
    stacks, faults, good = collections.Counter(), [], collections.Counter()
    for line in lines:
        number, protocols, malformed, severities, info, *statuses = line.split("\t")
        stacks[protocols] += 1
        bad = ["malformed"] if malformed else []
        # Linux sends ffff for a TCP sum of nothing but ones, one frame in 65 536. In ones' complement ffff is 0000, and
        # tshark says so in the summary while it counts the frame as bad; the switch forwards what it was given.
        is_other_zero = "[TCP CHECKSUM 0xFFFF]" in info
        for name, values in zip(STATUS, statuses):
            # An ICMP error quotes only part of a segment, over which its checksum cannot hold.
            if QUOTED.search(protocols) and name.startswith(("udp", "tcp")):
                continue
            if is_other_zero and name.startswith("tcp"):
                continue
            # Several values come from a tunnel, or from the header that an ICMP error quotes.
            bad += ["bad " + name.removesuffix(".status") for value in values.split(",") if value == "0"]
            good[name.split(".")[0]] += values.split(",").count("1")
        # An error that is neither of these, such as a length that cannot be.
        if not bad and ERROR in severities.split(",") and not QUOTED.search(protocols) and not is_other_zero:
            bad = ["an expert's error"]
        if bad and number not in excused:
            faults.append("%s: frame %s: %s: %s" % (capture, number, ", ".join(bad), info))
    print("%s: %d frames, good checksums: %s" % (
        capture, len(lines), ", ".join("%s %d" % pair for pair in good.items() if pair[1]) or "none"))
    for stack, count in stacks.most_common():
        print("  %8d  %s" % (count, stack))
    return faults


def main():
    parser = argparse.ArgumentParser(description="Have tshark dissect captures and verify their checksums.")
    parser.add_argument("captures", nargs="+", metavar="CAPTURE")
    parser.add_argument("--expect", action="append", default=[], metavar="FILTER=COUNT")
    parser.add_argument("--allow", action="append", default=[], metavar="FILTER")
    arguments = parser.parse_args()
    faults = [fault for capture in arguments.captures for fault in check(capture, arguments.allow)]
    expected = [expectation.rpartition("=")[::2] for expectation in arguments.expect]
    for text, wanted in expected:
        if not wanted.strip().isdigit() or "," in text:
            parser.error("--expect %s=%s: write FILTER=COUNT, without commas" % (text, wanted))
    found = [count(capture, [text for text, _ in expected]) for capture in arguments.captures] if expected else []
    for (text, wanted), counts in zip(expected, zip(*found)):
        if sum(counts) != int(wanted):
            faults.append("%d frames match '%s', not %s" % (sum(counts), text, wanted.strip()))
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
