#!/usr/bin/python3
"""Shows that the judges in this directory find faults: each one is given a capture with a known fault.

    ./test_oracles.py

Exit: 0 all tests pass; 1 one does not. Tests that need root are skipped without it.
Debian: python3-scapy, tshark; as root also iproute2, python3-yaml.
"""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

import captures

HERE = pathlib.Path(__file__).resolve().parent
EXAMPLES = HERE.parent.parent / "examples" / "captures"


def status(script, *arguments, prefix=()):
    command = [*prefix, sys.executable, str(HERE / script), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True).returncode


class Judges(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.directory = pathlib.Path(temporary.name)
        self.good = EXAMPLES / "host-b.pcap"
        self.packets = captures.read(self.good)

    def altered(self, offset, bit=1, number=None, name="altered.pcap"):
        """A copy of the good capture with one bit of one frame flipped; by default of its first RDMA frame."""
        packets = list(self.packets)
        if number is None:
            number = next(n for n, p in enumerate(packets) if p.data[36:38] == b"\x12\xb7")
        data = bytearray(packets[number].data)
        data[offset] ^= bit
        packets[number] = packets[number]._replace(data=bytes(data))
        path = self.directory / name
        captures.write(path, packets)
        return path

    def number_of(self, protocol):
        return next(n for n, p in enumerate(self.packets) if p.data[12:14] == b"\x08\x00" and p.data[23] == protocol)

    def test_good_captures_pass(self):
        self.assertEqual(status("tshark_check.py", self.good), 0)
        self.assertEqual(status("scapy_check.py", self.good), 0)
        self.assertEqual(status("compare_captures.py", self.good, self.good, "--exact", "--order"), 0)

    def test_ip_header_checksum(self):
        for script in ("tshark_check.py", "scapy_check.py"):
            self.assertEqual(status(script, self.altered(24)), 1, script)

    def test_tcp_and_icmp_checksum(self):
        for protocol in (1, 6):
            broken = self.altered(45, number=self.number_of(protocol))
            for script in ("tshark_check.py", "scapy_check.py"):
                self.assertEqual(status(script, broken), 1, (script, protocol))

    def test_icrc_covers_the_payload_but_not_what_routers_change(self):
        self.assertEqual(status("scapy_check.py", self.altered(75)), 1)
        self.assertEqual(status("scapy_check.py", self.altered(75), "--allow-bad", "1"), 0)
        # FECN, which a switch may set.
        self.assertEqual(status("scapy_check.py", self.altered(46, bit=0x80)), 0)

    def test_malformed_frame(self):
        number = self.number_of(6)
        # A TCP header of 8 bytes.
        self.assertEqual(status("tshark_check.py", self.altered(46, bit=0xA0, number=number)), 1)

    def test_expectations_and_exceptions(self):
        self.assertEqual(status("tshark_check.py", self.good, "--expect", "arp=1"), 0)
        self.assertEqual(status("tshark_check.py", self.good, "--expect", "arp=2"), 1)
        self.assertEqual(status("tshark_check.py", self.altered(24), "--allow", "infiniband"), 0)

    def test_unreadable(self):
        cut = self.directory / "cut.pcap"
        cut.write_bytes(self.good.read_bytes()[:-3])
        for arguments in (("scapy_check.py", cut), ("compare_captures.py", cut, self.good), ("scapy_check.py", "none")):
            self.assertEqual(status(*arguments), 2, arguments)
        self.assertNotEqual(status("tshark_check.py", cut), 0)

    def test_comparison_finds_a_changed_a_missing_and_a_doubled_frame(self):
        self.assertEqual(status("compare_captures.py", self.good, self.altered(75)), 1)
        for name, packets in (("missing", self.packets[1:]), ("doubled", self.packets + self.packets[:1])):
            path = self.directory / name
            captures.write(path, packets)
            self.assertEqual(status("compare_captures.py", self.good, path), 1, name)

    def test_comparison_is_of_multisets_unless_order_is_wanted(self):
        path = self.directory / "reversed.pcap"
        captures.write(path, self.packets[::-1])
        self.assertEqual(status("compare_captures.py", self.good, path), 0)
        self.assertEqual(status("compare_captures.py", self.good, path, "--order"), 1)

    def test_comparison_disregards_padding_unless_exact(self):
        number = next(n for n, p in enumerate(self.packets) if p.data[12:14] == b"\x08\x06")
        packets = list(self.packets)
        data = packets[number].data + bytes(18)
        packets[number] = packets[number]._replace(data=data, length=len(data))
        path = self.directory / "padded.pcap"
        captures.write(path, packets)
        self.assertEqual(status("compare_captures.py", self.good, path), 0)
        self.assertEqual(status("compare_captures.py", self.good, path, "--exact"), 1)


@unittest.skipUnless(os.geteuid() == 0, "needs root for network namespaces")
class KernelRouter(unittest.TestCase):
    def test_two_runs_agree_and_a_wrong_packet_shows(self):
        with tempfile.TemporaryDirectory() as temporary:
            cases = pathlib.Path(temporary)
            self.assertEqual(status("router_cases.py", cases), 0)
            for run in ("first", "second"):
                self.assertEqual(status(
                    "linux_router.py", cases / "router.yaml", "--in", "a=%s" % (cases / "a.pcap"), "--in",
                    "b=%s" % (cases / "b.pcap"), "--out", cases / run, prefix=("unshare", "-n")), 0)
            for port in ("a", "b"):
                first, second = (cases / run / (port + ".pcap") for run in ("first", "second"))
                self.assertGreater(len(captures.read(first)), 100)
                self.assertEqual(status("compare_captures.py", first, second, "--lenient-icmp", "--order"), 0)
            self.assertEqual(status("tshark_check.py", first, cases / "first" / "a.pcap"), 0)
            # Unrouted packets are not what a router sends.
            self.assertEqual(status("compare_captures.py", first, cases / "a.pcap", "--lenient-icmp"), 1)

    def test_the_kernel_refuses_cut_frames_and_unknown_ports(self):
        with tempfile.TemporaryDirectory() as temporary:
            cases = pathlib.Path(temporary)
            status("router_cases.py", cases)
            for text in ("a=%s" % (EXAMPLES / "h1.pcap"), "z=%s" % (cases / "a.pcap")):
                self.assertEqual(status("linux_router.py", cases / "router.yaml", "--in", text, "--out", cases / "out",
                                        prefix=("unshare", "-n")), 2)


if __name__ == "__main__":
    unittest.main()
