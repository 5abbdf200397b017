import Foundation
import Testing

@testable import Control

/// Mistakes of form: YAML, keys, duplicates.
@Suite struct StructureMistakeTests {
  @Test(arguments: cases) func mistakesAreListedWithPlaceAndRemedy(_ testCase: MistakeCase) throws {
    try testCase.check()
  }

  private static let cases: [MistakeCase] = [
    MistakeCase(
      "queues that mark, in a switch without queues",
      """
      switch:
        mode: direct
      qos: {queues: {3: {ecn: {kmin: 100kB, kmax: 400kB, pmax: 10%}}}}
      ports:
        - {name: h1, speed: 100G}

      """,
      """
      leaf.yaml:2: switch.mode: with `mode: direct` ports have no queues, but queue 3 of port h1 is lossless, marks or \
      has a rate of its own, leave those settings out, or the mode
      """),
    MistakeCase(
      "a misspelt key",
      """
      ports:
        - {name: h1, spede: 100G}

      """,
      """
      leaf.yaml:2: ports[0].spede: unknown key `spede`, did you mean `speed`?
      """),
    MistakeCase(
      "duplicate keys, three of one among them",
      """
      ports:
        - {name: h1, speed: 100G, speed: 10G}
        - {name: h2, name: h2, name: h2, speed: 1G}
      qos: {dscp: {26: 3, 26: 4, 64: 1, x: 2, 10: 8, 11: x}}
      qos: {}

      """,
      """
      leaf.yaml:2: ports[0].speed: duplicate key `speed`, first in line 2, remove one of them
      leaf.yaml:3: ports[1].name: duplicate key `name`, first in line 3, remove one of them
      leaf.yaml:3: ports[1].name: duplicate key `name`, first in line 3, remove one of them
      leaf.yaml:4: qos.dscp.26: duplicate key `26`, first in line 4, remove one of them
      leaf.yaml:4: qos.dscp.64: `64` is not a DSCP, write 0 to 63
      leaf.yaml:4: qos.dscp.x: `x` is not a DSCP, write 0 to 63
      leaf.yaml:4: qos.dscp.10: traffic class `8` is out of range, write a whole number from 0 to 7
      leaf.yaml:4: qos.dscp.11: `x` is not a traffic class, write a whole number from 0 to 7
      leaf.yaml:5: qos: duplicate key `qos`, first in line 4, remove one of them
      """),
    MistakeCase(
      "an unclosed list",
      """
      ports: [{name: h1, speed: 100G}

      """,
      """
      leaf.yaml:2: not YAML: did not find expected ',' or ']' while parsing a flow sequence, begun in line 1, close the list with `]`
      """),
    MistakeCase(
      "a tab",
      """
      ports:
      \t- {name: h1}

      """,
      """
      leaf.yaml:2: not YAML: found character that cannot start any token while scanning for the next token, begun in line 2, quote the value, and indent with spaces instead of tabs
      """),
    MistakeCase(
      "an empty file",
      """


      """,
      """
      leaf.yaml: the file is empty, write at least `ports`
      """),
    MistakeCase(
      "a list without value",
      """
      ports:

      """,
      """
      leaf.yaml:1: ports: the value is missing, write `[{name: h1, speed: 100G}]`
      """),
    MistakeCase(
      "no port",
      """
      ports: []

      """,
      """
      leaf.yaml:1: ports: there is no port, write at least one
      """),
    MistakeCase(
      "a list at the top",
      """
      [1, 2]

      """,
      """
      leaf.yaml:1: this must be a mapping and is a list, write `{key: value}` with the keys `switch`, `ports`, `vlans`, `neighbors`, `macs`, `routes`, `ecmp`, `qos`, `buffer`, `pfc`, `watchdog`, `acl`, `icmp`, `workers` or `telemetry`
      """),
    MistakeCase(
      "two documents",
      """
      ports: [{name: a, speed: 1G}]
      ---
      ports: [{name: a, speed: 1G}]

      """,
      """
      leaf.yaml:2: there is a second document, keep one document in the file
      """),
    MistakeCase(
      "text that is not YAML",
      """
      prots: [{name: h1, speed: 10G}]
      speed: 10G
      mac-ageing: 3s
      a: b: c

      """,
      """
      leaf.yaml:4: not YAML: mapping values are not allowed in this context, quote a value that holds a colon and a space
      """),
    MistakeCase(
      "keys in the wrong place",
      """
      prots: [{name: h1, speed: 10G}]
      mac-ageing: 3s
      kmin: 3
      <<: {a: b}
      ? [a]
      : x
      switch: {latency: 2s, mac-ageing: 1ms, id: 4294967296, mac: FF:FF:FF:FF:FF:FF, mode: store, name: "-x"}

      """,
      """
      leaf.yaml:1: prots: unknown key `prots`, did you mean `ports`?
      leaf.yaml:2: mac-ageing: unknown key `mac-ageing`, it belongs into `switch`
      leaf.yaml:3: kmin: unknown key `kmin`, it belongs into `qos.queues.N.ecn`
      leaf.yaml:4: <<: unknown key `<<`, write the keys out: merging is not supported
      leaf.yaml:5: a key is not a word, write one of `switch`, `ports`, `vlans`, `neighbors`, `macs`, `routes`, `ecmp`, `qos`, `buffer`, `pfc`, `watchdog`, `acl`, `icmp`, `workers` or `telemetry`
      leaf.yaml:7: switch.latency: `2s` is out of range, write `0ps` to `1s`
      leaf.yaml:7: switch.mac-ageing: `1ms` is out of range, write `1s` to `1000000s`
      leaf.yaml:7: switch.id: switch number `4294967296` is out of range, write a whole number from 0 to 4294967295
      leaf.yaml:7: switch.mac: `FF:FF:FF:FF:FF:FF` is a group address, write the address of one station, which has an even first octet
      leaf.yaml:7: switch.mode: `store` is unknown, write `store-and-forward`, `cut-through` or `direct`
      leaf.yaml:7: switch.name: `-x` is not usable as a switch name, write up to 64 letters, digits, `.`, `_` and `-`, beginning with a letter or digit
      """),
  ]
}
