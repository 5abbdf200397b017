import Foundation
import Testing

@testable import Control

/// Mistakes in neighbours and routes.
@Suite struct ForwardingMistakeTests {
  @Test(arguments: cases) func mistakesAreListedWithPlaceAndRemedy(_ testCase: MistakeCase) throws {
    try testCase.check()
  }

  private static let cases: [MistakeCase] = [
    MistakeCase(
      "neighbours",
      """
      ports:
        - {name: h1, speed: 100G, address: 10.0.1.1/24}
        - {name: h2, speed: 100G, address: 10.0.2.1/24}
        - {name: b1, speed: 100G, vlan: 10}
      neighbors:
        - {port: h1, address: 10.0.2.2, mac: "02:00:00:00:03:02"}
        - {port: h1, address: 10.0.1.1, mac: "02:00:00:00:03:02"}
        - {port: h1, address: 10.0.1.255, mac: "02:00:00:00:03:02"}
        - {port: h3, address: 10.0.1.2, mac: "02:00:00:00:03"}
        - {port: b1, address: 10.0.1.2, mac: "01:00:5e:00:00:03"}
        - {vlan: 10, address: 10.0.1.2, mac: "02:00:00:00:00:01"}
        - {address: 10.0.1.2, mac: "02:00:00:00:00:03"}
        - {port: h1, vlan: 10, address: 10.0.1.2/24, mac: "02:00:00:00:00:03"}
        - {port: h1, address: 10.0.1.7, mac: "02:00:00:00:00:03"}
        - {port: h1, address: 10.0.1.7, mac: "02:00:00:00:00:03"}
        - {port: h1, adress: 10.0.1.7, mac: "00:00:00:00:00:00"}

      """,
      """
      leaf.yaml:6: neighbors[0].address: `10.0.2.2` is in no subnet of `h1`, did you mean `port: h2`?
      leaf.yaml:7: neighbors[1].address: `10.0.1.1` is an address of the switch itself, on `h1`, write the neighbour's address
      leaf.yaml:8: neighbors[2].address: `10.0.1.255` is the broadcast address of `10.0.1.0/24`, write the neighbour's address
      leaf.yaml:9: neighbors[3].port: there is no port `h3`, did you mean `h1`?
      leaf.yaml:9: neighbors[3].mac: `02:00:00:00:03` is not a MAC address, write six octets in hexadecimal: `02:00:00:00:00:01`
      leaf.yaml:10: neighbors[4].port: `b1` is a bridged port, name the VLAN interface instead: `vlan: 10`
      leaf.yaml:10: neighbors[4].mac: `01:00:5e:00:00:03` is a group address, write the address of one station, which has an even first octet
      leaf.yaml:11: neighbors[5].vlan: VLAN 10 has no routed interface, describe it under `vlans` with an address
      leaf.yaml:11: neighbors[5].mac: `02:00:00:00:00:01` is the switch's own MAC address, write the neighbour's
      leaf.yaml:12: neighbors[6]: the neighbour's interface is missing, add `port: h1`
      leaf.yaml:13: neighbors[7].vlan: both `port` and `vlan` are given, keep `port` for a routed port, `vlan` for a VLAN interface
      leaf.yaml:13: neighbors[7].address: `10.0.1.2/24` has a prefix length, write `10.0.1.2`
      leaf.yaml:15: neighbors[9].address: neighbour `10.0.1.7` is described already, in line 14, keep one of them
      leaf.yaml:16: neighbors[10].adress: unknown key `adress`, did you mean `address`?
      leaf.yaml:16: neighbors[10].mac: `00:00:00:00:00:00` is no station's address, write the address of one station: `02:00:00:00:00:01`
      """),
    MistakeCase(
      "routes",
      """
      ports:
        - {name: h1, speed: 100G, address: 10.0.1.1/24}
        - {name: h2, speed: 100G, address: [10.0.2.1/24, "fd00::1/64"]}
      routes:
        - {prefix: 10.9.1.0/16, via: 10.0.1.2}
        - {prefix: 10.9.0.0/16, via: 10.0.3.2}
        - {prefix: 10.10.0.0/16, via: [10.0.1.2, 10.0.1.2]}
        - {prefix: 10.11.0.0/16, via: [{address: 10.0.1.2, weight: 65536}]}
        - {prefix: 10.12.0.0/16, via: []}
        - {prefix: 10.13.0.0/16}
        - {via: 10.0.1.2}
        - {prefix: 10.14.0.0/16, via: drop}
        - {prefix: 10.15.0.0/16, via: 10.0.1.2}
        - {prefix: 10.15.0.0/16, via: discard}
        - {prefix: 10.0.1.0/24, via: discard}
        - {prefix: 10.16.0.0/16, via: "fd00::2"}
        - {prefix: "fd08::/16", via: [discard, "fd01::2"]}
        - {file: missing.txt}
        - {file: bad.txt, via: 10.0.1.2}
        - {prefix: 10.17.0.0/16, via: [{address: 10.0.1.2, port: h2}]}
        - {prefix: 10.18.0.0/16, via: [{weight: 1}]}

      """,
      """
      leaf.yaml:5: routes[0].prefix: `10.9.1.0/16` has host bits set, write `10.9.0.0/16`
      leaf.yaml:6: routes[1].via: `10.0.3.2` is in no connected subnet, write an address in `10.0.2.0/24` (h2) or `10.0.1.0/24` (h1)
      leaf.yaml:7: routes[2].via[1]: next hop `10.0.1.2` is listed twice, first in line 7, list it once, with the sum of the weights
      leaf.yaml:8: routes[3].via[0].weight: weight `65536` is out of range, write a whole number from 0 to 65535
      leaf.yaml:9: routes[4].via: there is no next hop, list at least one, or write `discard`
      leaf.yaml:10: routes[5]: required key `via` is missing, add `via: 10.1.1.1`
      leaf.yaml:11: routes[6]: required key `prefix` is missing, add `prefix: 10.9.0.0/16`
      leaf.yaml:12: routes[7].via: `drop` is not an IP address, write it as `10.0.1.2` or `fd00:1::2`
      leaf.yaml:14: routes[9].prefix: `10.15.0.0/16` is routed already, in line 13, keep one of them
      leaf.yaml:15: routes[10].prefix: `10.0.1.0/24` is the connected subnet of `h1`, remove the route
      leaf.yaml:16: routes[11].via: next hop `fd00::2` is of another IP version than `10.16.0.0/16`, write an IPv4 next hop
      leaf.yaml:17: routes[12].via[0]: `discard` stands among next hops, write `via: discard` alone
      leaf.yaml:17: routes[12].via[1]: `fd01::2` is in no connected subnet, write an address in `fd00::/64` (h2)
      leaf.yaml:18: routes[13].file: cannot read `DIRECTORY/missing.txt`: no such file or directory, check the path
      leaf.yaml:19: routes[14].via: `via` stands beside `file`, write them as two entries of `routes`
      leaf.yaml:20: routes[15].via[0].address: `10.0.1.2` is in no subnet of `h2`, did you mean `port: h1`?
      leaf.yaml:21: routes[16].via[0]: required key `address` is missing, add `address: 10.0.1.2`
      DIRECTORY/bad.txt:3: `10.0.0.0/8` leads nowhere, add `via ADDRESS` or `discard`
      DIRECTORY/bad.txt:4: `10.0.0.1/8` has host bits set, write `10.0.0.0/8`
      DIRECTORY/bad.txt:5: `10.0.0/8` is not a prefix, write an address and a length: `10.9.0.0/16`
      DIRECTORY/bad.txt:6: `70000` is not a weight, write a whole number from 0 to 65535
      DIRECTORY/bad.txt:7: `10.9.9.9` is in no connected subnet, write an address in `10.0.1.0/24` (h1) or `10.0.2.0/24` (h2)
      DIRECTORY/bad.txt:8: next hop `10.0.1.2` is listed twice, list it once, with the sum of the weights
      DIRECTORY/bad.txt:9: next hop `fd00::1` is of another IP version than `10.23.0.0/16`, write an IPv4 next hop
      DIRECTORY/bad.txt:10: `vai` is unknown, did you mean `via`?
      DIRECTORY/bad.txt:11: `via` names no next hop, add `ADDRESS`
      DIRECTORY/bad.txt:13: `10.26.0.0/16` is routed already, in line 12, keep one of them
      DIRECTORY/bad.txt:14: `10.0.1.0/24` is the connected subnet of `h1`, remove the route
      DIRECTORY/bad.txt:15: next hop `10.0.1.2` is of another IP version than `fd01::/16`, write an IPv6 next hop
      DIRECTORY/bad.txt:16: `x` is not a weight, write a whole number from 0 to 65535
      DIRECTORY/bad.txt:17: `10.0.1.1` is an address of the switch itself, on `h1`, write the neighbour's address
      """),
    MistakeCase(
      "a route file",
      """
      ports: [{name: h1, speed: 100G, address: 10.0.1.1/24}]
      routes: {file: bad.txt}

      """,
      """
      DIRECTORY/bad.txt:3: `10.0.0.0/8` leads nowhere, add `via ADDRESS` or `discard`
      DIRECTORY/bad.txt:4: `10.0.0.1/8` has host bits set, write `10.0.0.0/8`
      DIRECTORY/bad.txt:5: `10.0.0/8` is not a prefix, write an address and a length: `10.9.0.0/16`
      DIRECTORY/bad.txt:6: `70000` is not a weight, write a whole number from 0 to 65535
      DIRECTORY/bad.txt:7: `10.9.9.9` is in no connected subnet, write an address in `10.0.1.0/24` (h1)
      DIRECTORY/bad.txt:8: next hop `10.0.1.2` is listed twice, list it once, with the sum of the weights
      DIRECTORY/bad.txt:9: next hop `fd00::1` is of another IP version than `10.23.0.0/16`, write an IPv4 next hop
      DIRECTORY/bad.txt:10: `vai` is unknown, did you mean `via`?
      DIRECTORY/bad.txt:11: `via` names no next hop, add `ADDRESS`
      DIRECTORY/bad.txt:13: `10.26.0.0/16` is routed already, in line 12, keep one of them
      DIRECTORY/bad.txt:14: `10.0.1.0/24` is the connected subnet of `h1`, remove the route
      DIRECTORY/bad.txt:15: next hop `10.0.1.2` is of another IP version than `fd01::/16`, write an IPv6 next hop
      DIRECTORY/bad.txt:16: `x` is not a weight, write a whole number from 0 to 65535
      DIRECTORY/bad.txt:17: `10.0.1.1` is an address of the switch itself, on `h1`, write the neighbour's address
      """),
    MistakeCase(
      "link-local next hops",
      """
      ports:
        - {name: h1, speed: 100G, address: "fe80::1/64"}
        - {name: h2, speed: 100G, address: "fe80::1/64"}
      routes:
        - {prefix: "fd00::/16", via: "fe80::2"}

      """,
      """
      leaf.yaml:5: routes[0].via: `fe80::2` could be on `h1` or `h2`, add `port` or `vlan` to say on which
      """),
  ]
}
