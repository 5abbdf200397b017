import Foundation
import Testing

@testable import Control

/// Mistakes in ports, VLANs and addresses.
@Suite struct PortMistakeTests {
  @Test(arguments: cases) func mistakesAreListedWithPlaceAndRemedy(_ testCase: MistakeCase) throws {
    try testCase.check()
  }

  private static let cases: [MistakeCase] = [
    MistakeCase(
      "ports: names, speeds and shape",
      """
      ports:
        - {name: h1, speed: 100}
        - {name: h2, speed: 100000}
        - {name: h3, speed: 100g}
        - {name: h4, speed: 3T}
        - {name: h5, speed: fast}
        - {name: h6, speed: -1G}
        - {name: h7, speed: [1G]}
        - {name: h8, speed: }
        - {name: h9, speed: 1.0000000001G}
        - {name: h1, speed: 100GB}
        - {name: "a/b", speed: 100Gpbs}
        - {speed: 10G}
        - h1

      """,
      """
      leaf.yaml:2: ports[0].speed: `100` has no unit, write a unit: `100G`
      leaf.yaml:3: ports[1].speed: `100000` has no unit, write a unit: `100G`
      leaf.yaml:4: ports[2].speed: unknown unit `g`, did you mean `100G`?
      leaf.yaml:5: ports[3].speed: `3T` is out of range, write `10M` to `1.6T`
      leaf.yaml:6: ports[4].speed: `fast` is not a rate, write a number with a unit: `100G`
      leaf.yaml:7: ports[5].speed: `-1G` is negative, write a number with a unit: `100G`
      leaf.yaml:8: ports[6].speed: this must be a rate and is a list, write `100G`
      leaf.yaml:9: ports[7].speed: the value is missing, write `100G`
      leaf.yaml:10: ports[8].speed: `1.0000000001G` is not a whole number of `bps`, write fewer decimals
      leaf.yaml:11: ports[9].name: a port named `h1` exists already, in line 2, write another name
      leaf.yaml:11: ports[9].speed: unknown unit `GB`, did you mean `100G`?
      leaf.yaml:12: ports[10].name: `a/b` is not usable as a port name, write up to 64 letters, digits, `.`, `_` and `-`, beginning with a letter or digit
      leaf.yaml:12: ports[10].speed: unknown unit `Gpbs`, write `bps`, `k`, `M`, `G` or `T`
      leaf.yaml:13: ports[11]: required key `name` is missing, add `name: h1`
      leaf.yaml:14: ports[12]: this must be a mapping and is `h1`, write `{key: value}` with the keys `name`, `speed`, `device`, `cable`, `mtu`, `up`, `address`, `vlan`, `trust`, `traffic-class`, `shaper`, `queues` or `impairments`
      """),
    MistakeCase(
      "ports: devices",
      """
      ports:
        - {name: h1, speed: 100G, device: tap}
        - {name: h2, speed: 100G, device: "tun:h2"}
        - {name: h3, speed: 100G, device: "memif:/run/a.sock,rol=client"}
        - {name: h4, speed: 100G, device: "tap:h4"}
        - {name: h5, speed: 100G, device: "af_packet:h4"}
        - {name: h6, speed: 100G, device: "ring:r"}
        - {name: h7, speed: 100G, device: "ring:r"}
        - {name: h8, speed: 100G, device: "ring:r"}
        - {name: h9, speed: 100G, device: [tap]}
        - {name: n1, speed: 100G, device: "null:"}
        - {name: n2, speed: 100G, device: "null:"}

      """,
      """
      leaf.yaml:2: ports[0].device: `tap` is no device: there is no colon after the kind, write a PCI address, or `tap:`, `af_packet:`, `af_xdp:`, `memif:`, `vhost:`, `virtio_user:`, `ring:`, `pcap:`, `null:`
      leaf.yaml:3: ports[1].device: `tun:h2` is no device: there is no kind of device named `tun`, write a PCI address, or `tap:`, `af_packet:`, `af_xdp:`, `memif:`, `vhost:`, `virtio_user:`, `ring:`, `pcap:`, `null:`
      leaf.yaml:4: ports[2].device: `memif:/run/a.sock,rol=client` is no device: memif has no option `rol`, it has `role`, `id`, `ring`: write `memif:SOCKET[,role=server|client][,id=N][,ring=N]`
      leaf.yaml:6: ports[4].device: `h4` is the device of a port already, the first in line 5, name another device
      leaf.yaml:9: ports[7].device: `ring:r` is the device of two ports already, the first in line 7, name another device
      leaf.yaml:10: ports[8].device: this must be a device and is a list, write `tap:h1`
      """),
    MistakeCase(
      "ports: addresses and settings",
      """
      ports:
        - {name: h1, speed: 100G, address: 10.0.1.0/24}
        - {name: h2, speed: 100G, address: 10.0.2.255/24}
        - {name: h3, speed: 100G, address: 10.0.3.1}
        - {name: h4, speed: 100G, address: 10.0.4.1/33}
        - {name: h5, speed: 100G, address: 10.0.5/24}
        - {name: h6, speed: 100G, address: 224.0.0.1/24}
        - {name: h7, speed: 100G, address: "fd00::/64"}
        - {name: h8, speed: 100G, address: 10.0.8.1/24, vlan: 10}
        - {name: h9, speed: 100G, mtu: 9217}
        - {name: h10, speed: 100G, mtu: 67}
        - {name: h11, speed: 100G, mtu: 1500B}
        - {name: h12, speed: 100G, mtu: 015}
        - {name: h13, speed: 100G, cable: 5}
        - {name: h14, speed: 100G, cable: 5in}
        - {name: h15, speed: 100G, up: yes}
        - {name: h16, speed: 100G, trust: dcsp}
        - {name: h17, speed: 100G, traffic-class: 8}
        - {name: h18, speed: 10G, shaper: {rate: 20G}}
        - {name: h19, speed: 10G, shaper: {burst: 20}}

      """,
      """
      leaf.yaml:2: ports[0].address: `10.0.1.0/24` is the subnet itself, write a host's address: `10.0.1.1/24`
      leaf.yaml:3: ports[1].address: `10.0.2.255/24` is the subnet's broadcast address, write a host's address: `10.0.2.254/24`
      leaf.yaml:4: ports[2].address: `10.0.3.1` has no prefix length, add the length of its subnet: `10.0.3.1/24`
      leaf.yaml:5: ports[3].address: prefix length `33` is out of range, write 0 to 32
      leaf.yaml:6: ports[4].address: `10.0.5/24` is not a prefix, write an address and a length: `10.0.1.0/24` or `fd00:1::/64`
      leaf.yaml:7: ports[5].address: `224.0.0.1/24` is a multicast address, write the address of one host
      leaf.yaml:8: ports[6].address: `fd00::/64` is the subnet's router anycast address, write a host's address: `fd00::1/64`
      leaf.yaml:9: ports[7].address: a bridged port has no address of its own, remove `vlan`, or give the address to the VLAN under `vlans`
      leaf.yaml:10: ports[8].mtu: MTU `9217` is out of range, write a whole number from 68 to 9216
      leaf.yaml:11: ports[9].mtu: MTU `67` is out of range, write a whole number from 68 to 9216
      leaf.yaml:12: ports[10].mtu: `1500B` has a unit, write `1500`
      leaf.yaml:13: ports[11].mtu: `015` has leading zeros, write `15`
      leaf.yaml:14: ports[12].cable: `5` has no unit, write a unit: `5m`
      leaf.yaml:15: ports[13].cable: unknown unit `in`, write `mm`, `cm`, `m` or `km`
      leaf.yaml:16: ports[14].up: `yes` is not a truth value, write `true`
      leaf.yaml:17: ports[15].trust: `dcsp` is unknown, did you mean `dscp`?
      leaf.yaml:18: ports[16].traffic-class: traffic class `8` is out of range, write a whole number from 0 to 7
      leaf.yaml:19: ports[17].shaper.rate: the shaper is faster than the port, write at most `10G`
      leaf.yaml:20: ports[18].shaper: required key `rate` is missing, add `rate: 10G`
      leaf.yaml:20: ports[18].shaper.burst: `20` has no unit, write a unit: `20B`
      """),
    MistakeCase(
      "own addresses and subnets",
      """
      ports:
        - {name: h1, speed: 100G, address: 10.0.1.1/24}
        - {name: h2, speed: 100G, address: 10.0.1.1/24}
        - {name: h3, speed: 100G, address: 10.0.1.2/24}
        - {name: h4, speed: 100G, address: 10.0.0.1/16}
        - {name: h5, speed: 100G, address: [10.5.0.1/24, 10.5.0.2/24]}

      """,
      """
      leaf.yaml:3: ports[1].address: `10.0.1.1` is an address of `h1` already, in line 2, write another address
      leaf.yaml:4: ports[2].address: `10.0.1.0/24` overlaps `10.0.1.0/24` of `h1` in line 2, give each interface a subnet of its own
      leaf.yaml:5: ports[3].address: `10.0.0.0/16` overlaps `10.0.1.0/24` of `h1` in line 2, give each interface a subnet of its own
      """),
    MistakeCase(
      "VLANs and static MAC addresses",
      """
      ports:
        - {name: b1, speed: 100G, vlan: 0}
        - {name: b2, speed: 100G, vlan: 4095}
        - {name: b3, speed: 100G, vlan: {trunk: [10, 20], native: 30}}
        - {name: b4, speed: 100G, vlan: {trunk: [10, 20, 10]}}
        - {name: b5, speed: 100G, vlan: {trunk: []}}
        - {name: b6, speed: 100G, vlan: {native: 1}}
        - {name: b7, speed: 100G, vlan: {trunk: [20-10], natvie: 1}}
        - {name: b8, speed: 100G, vlan: ten}
      macs:
        - {vlan: 10, mac: "02:00:00:00:00:05", port: b1}
        - {vlan: 30, mac: "02:00:00:00:00:05", port: b3}
        - {vlan: 10, mac: "03:00:00:00:00:05", port: b3}
        - {vlan: 10, mac: "02:00:00:00:00:05", port: b3}
        - {vlan: 10, mac: "02:00:00:00:00:05", port: b4}
        - {vlan: 10, mac: "02:00:00:00:00:06", port: c4}
      vlans:
        - {id: 10, name: x}
        - {id: 10, name: x}

      """,
      """
      leaf.yaml:2: ports[0].vlan: VLAN `0` is out of range, write a whole number from 1 to 4094
      leaf.yaml:3: ports[1].vlan: VLAN `4095` is out of range, write a whole number from 1 to 4094
      leaf.yaml:4: ports[2].vlan.native: native VLAN 30 is not in the trunk, add 30 to `trunk`, or write `10` or `20`
      leaf.yaml:5: ports[3].vlan.trunk[2]: VLAN 10 is listed twice, list it once
      leaf.yaml:6: ports[4].vlan.trunk: the trunk carries no VLAN, list at least one: `[10, 20]`
      leaf.yaml:7: ports[5].vlan: required key `trunk` is missing, add `trunk: [10, 20]`
      leaf.yaml:8: ports[6].vlan.trunk[0]: `20-10` is not a range of VLANs, write the lower number first, within `1-4094`
      leaf.yaml:8: ports[6].vlan.natvie: unknown key `natvie`, did you mean `native`?
      leaf.yaml:9: ports[7].vlan: `ten` is not a VLAN, write a whole number from 1 to 4094
      leaf.yaml:12: macs[1].port: `b3` does not carry VLAN 30, write a port that does, or add the VLAN to it
      leaf.yaml:13: macs[2].mac: `03:00:00:00:00:05` is a group address, write the address of one station, which has an even first octet
      leaf.yaml:15: macs[4]: `02:00:00:00:00:05` is described already for VLAN 10, in line 14, keep one of them
      leaf.yaml:16: macs[5].port: there is no port `c4`, did you mean `b4`?
      leaf.yaml:19: vlans[1].id: VLAN 10 is described already, in line 18, keep one of them
      leaf.yaml:19: vlans[1].name: a VLAN named `x` exists already, in line 18, write another name
      """),
  ]
}
