import Foundation
import Testing

@testable import Control

/// Mistakes in queues, buffer, ECMP and access rules.
@Suite struct PolicyMistakeTests {
  @Test(arguments: cases) func mistakesAreListedWithPlaceAndRemedy(_ testCase: MistakeCase) throws {
    try testCase.check()
  }

  private static let cases: [MistakeCase] = [
    MistakeCase(
      "queues, buffer and ECMP",
      """
      ports: [{name: h1, speed: 10G, queues: {1: {minimum: {rate: 9G}}, 2: {minimum: {rate: 9G}}}}]
      qos:
        trust: Dscp
        queues:
          0: {schedule: {dwrr: 0}}
          1: {schedule: {dwrr: 1001}}
          2: {schedule: dwrr}
          3: {schedule: wrr, lossless: 1, ecn: {kmni: 100kB, kmax: 400kB, pmax: 20%}}
          4: {ecn: {kmin: 500kB, kmax: 400kB, pmax: 20}}
          5: {minimum: {rate: 3G}, maximum: {rate: 2G}}
          6: {ecn: {kmin: 100, kmax: 1kb, pmax: 120%}}
          7: {maximum: {rate: 1M, burst: 64000}, minimum: {burts: 1kB}}
          8: {schedule: strict}
        overhead: 100
      buffer: {size: 32, cell: 1GB, headroom: atuo, alpha: {lossless: 1/7, lossy: 256, lossless: 1/8}}
      ecmp: {mode: adaptive, fields: [source-adress, protocol, protocol], seed: 99999999999999999999, flowlet-gap: 50}
      icmp: {rate: 100/s}

      """,
      """
      leaf.yaml:1: ports[0].speed: the minimum rates of the queues add up to `21G`, more than the port's speed, lower them to `10G` together
      leaf.yaml:3: qos.trust: `Dscp` is unknown, did you mean `dscp`?
      leaf.yaml:5: qos.queues.0.schedule.dwrr: weight `0` is out of range, write a whole number from 1 to 1000
      leaf.yaml:6: qos.queues.1.schedule.dwrr: weight `1001` is out of range, write a whole number from 1 to 1000
      leaf.yaml:7: qos.queues.2.schedule: `dwrr` has no weight, write `{dwrr: 1}`
      leaf.yaml:8: qos.queues.3.schedule: schedule `wrr` is unknown, write `strict` or `{dwrr: WEIGHT}`
      leaf.yaml:8: qos.queues.3.lossless: this must be a truth value and is `1`, write `true` or `false`
      leaf.yaml:8: qos.queues.3.ecn.kmni: unknown key `kmni`, did you mean `kmin`?
      leaf.yaml:9: qos.queues.4.ecn.pmax: `20` is more than certain, write a percentage or a fraction: `20%` or a number up to `1`
      leaf.yaml:10: qos.queues.5.minimum: the minimum rate `3G` is above the maximum rate `2G`, write at most `2G` as the minimum
      leaf.yaml:11: qos.queues.6.ecn.kmin: `100` has no unit, write a unit: `100B`
      leaf.yaml:11: qos.queues.6.ecn.kmax: unknown unit `kb`, did you mean `1kB`?
      leaf.yaml:11: qos.queues.6.ecn.pmax: `120%` is more than certain, write at most `100%`
      leaf.yaml:12: qos.queues.7.maximum.burst: `64000` has no unit, write a unit: `64000B`
      leaf.yaml:12: qos.queues.7.minimum: required key `rate` is missing, add `rate: 10G`
      leaf.yaml:12: qos.queues.7.minimum.burts: unknown key `burts`, did you mean `burst`?
      leaf.yaml:13: qos.queues.8: `8` is not a queue, write 0 to 7
      leaf.yaml:14: qos.overhead: number of bytes `100` is out of range, write a whole number from 0 to 64
      leaf.yaml:15: buffer.size: `32` has no unit, write a unit: `32B`
      leaf.yaml:15: buffer.cell: `1GB` is out of range, write `16B` to `64KiB`
      leaf.yaml:15: buffer.headroom: `atuo` is unknown, did you mean `auto`?
      leaf.yaml:15: buffer.alpha.lossless: `1/7` is not a power of two from 1/256 to 128, write `1/8` or `1/4`
      leaf.yaml:15: buffer.alpha.lossy: `256` is not a power of two from 1/256 to 128, write `128`, the largest
      leaf.yaml:15: buffer.alpha.lossless: duplicate key `lossless`, first in line 15, remove one of them
      leaf.yaml:16: ecmp.mode: `adaptive` is unknown, write `hash`, `round-robin` or `flowlet`
      leaf.yaml:16: ecmp.fields[0]: `source-adress` is unknown, did you mean `source-address`?
      leaf.yaml:16: ecmp.fields[2]: `protocol` is listed twice, list it once
      leaf.yaml:16: ecmp.seed: seed `99999999999999999999` is out of range, write a whole number from 0 to 18446744073709551615
      leaf.yaml:16: ecmp.flowlet-gap: `50` has no unit, write a unit: `500ns`
      leaf.yaml:17: icmp.rate: `100/s` is not a number per second, write a whole number from 0 to 1000000
      """),
    MistakeCase(
      "buffer, pause frames and watchdog",
      """
      ports: [{name: h1, speed: 10G}]
      qos: {queues: {1: {ecn: {kmin: 1kB, kmax: 2kB, pmax: 1%, at: enque, drop: yes}}}, pfc-priority-to-priority-group: {8: 1, 1: 8}}
      buffer:
        model: simulator
        headroom: 40MB
        shared-headroom: noen
        pools: {lossless: 10MB}
        alpha: {lossless: 1/8, lossy: 1}
        lossless: {reserve: 1, limit: 1MB, xof: 3kB}
        lossy: {limit: 2MB, xon: 1kB}
        egress: {alpha: 1/3, limit: 1MB}
        headroom-parameters: {small-packets: 33.3%, lossless-mtu: 1500B, respons: 3}
        trim: {size: 32B, queues: [0, 0, 9]}
        hpcc: {shift: 3}
      pfc: {mode: on, quanta: 0, refresh: autp, response: imediate}
      watchdog: {detection: 100ns, restoration: non, action: kill}

      """,
      """
      leaf.yaml:2: qos.queues.1.ecn.at: `enque` is unknown, did you mean `enqueue`?
      leaf.yaml:2: qos.queues.1.ecn.drop: `yes` is not a truth value, write `true`
      leaf.yaml:2: qos.pfc-priority-to-priority-group.8: `8` is not a PFC priority, write 0 to 7
      leaf.yaml:2: qos.pfc-priority-to-priority-group.1: priority group `8` is out of range, write a whole number from 0 to 7
      leaf.yaml:4: buffer.model: `simulator` is unknown, write `asic` or `hpcc`
      leaf.yaml:5: buffer.headroom: `40MB` is more than the whole buffer, write `auto` or up to `32MB`
      leaf.yaml:6: buffer.shared-headroom: `noen` is unknown, did you mean `none`?
      leaf.yaml:7: buffer.pools: required key `lossy` is missing, add `lossy: 16MB`
      leaf.yaml:9: buffer.lossless.reserve: `1` has no unit, write a unit: `1B`
      leaf.yaml:9: buffer.lossless.limit: there is `buffer.alpha.lossless` as well, and a limit is either fixed or dynamic, keep one of them
      leaf.yaml:9: buffer.lossless.xof: unknown key `xof`, did you mean `xon`?
      leaf.yaml:10: buffer.lossy.limit: there is `buffer.alpha.lossy` as well, and a limit is either fixed or dynamic, keep one of them
      leaf.yaml:10: buffer.lossy.xon: unknown key `xon`, it belongs into `buffer.lossless`
      leaf.yaml:11: buffer.egress.alpha: `1/3` is not a power of two from 1/256 to 128, write `1/4` or `1/2`
      leaf.yaml:11: buffer.egress.limit: there is `buffer.egress.alpha` as well, and a limit is either fixed or dynamic, keep one of them
      leaf.yaml:12: buffer.headroom-parameters.small-packets: `33.3%` is not a whole percentage, write `0%` to `100%`
      leaf.yaml:12: buffer.headroom-parameters.lossless-mtu: `1500B` has a unit, write `1500`
      leaf.yaml:12: buffer.headroom-parameters.respons: unknown key `respons`, did you mean `response`?
      leaf.yaml:13: buffer.trim: required key `dscp` is missing, add `dscp: 1`
      leaf.yaml:13: buffer.trim: required key `queue` is missing, add `queue: 1`
      leaf.yaml:13: buffer.trim.size: `32B` is out of range, write `64B` to `1KiB`
      leaf.yaml:13: buffer.trim.queues[1]: queue 0 is listed twice, list it once
      leaf.yaml:13: buffer.trim.queues[2]: queue `9` is out of range, write a whole number from 0 to 7
      leaf.yaml:14: buffer.hpcc: this means nothing to the model `asic`, remove it, or write `model: hpcc` under `buffer`
      leaf.yaml:15: pfc.mode: `on` is unknown, write `pfc`, `pause` or `off`
      leaf.yaml:15: pfc.quanta: number of quanta `0` is out of range, write a whole number from 1 to 65535
      leaf.yaml:15: pfc.refresh: `autp` is unknown, did you mean `auto`?
      leaf.yaml:15: pfc.response: `imediate` is unknown, did you mean `immediate`?
      leaf.yaml:16: watchdog.detection: `100ns` is out of range, write `1us` to `60s`
      leaf.yaml:16: watchdog.restoration: `non` is unknown, did you mean `none`?
      leaf.yaml:16: watchdog.action: `kill` is unknown, write `drop`, `forward` or `alert`
      """),
    MistakeCase(
      "a simulator with the settings of a switch",
      """
      ports: [{name: h1, speed: 10G}]
      qos: {trust: dscp}
      buffer: {model: hpcc, cell: 64B, alpha: {lossy: 1}, trim: {dscp: 1, queue: 1}, hpcc: {shift: 2}}

      """,
      """
      leaf.yaml:3: buffer.cell: this means nothing to the model `hpcc`, remove it, or write `model: asic` under `buffer`
      leaf.yaml:3: buffer.alpha: this means nothing to the model `hpcc`, remove it, or write `model: asic` under `buffer`
      leaf.yaml:3: buffer.trim: this means nothing to the model `hpcc`, remove it, or write `model: asic` under `buffer`
      """),
    MistakeCase(
      "access rules",
      """
      ports: [{name: h1, speed: 10G}]
      ecmp: {fields: [], flowlet-gap: 50 us}
      acl:
        - {name: a, action: alow}
        - {name: a, action: {remark: 64}}
        - {action: {mirror: h2}}
        - {action: {}}
        - {action: remark}
        - {action: deny, source: 10.0.0.1/8, destination: "fd00::/16"}
        - {action: deny, source: 10.0.0.0/8, destination: "fd00::/16"}
        - {action: deny, source: 10.0.0.0/8, ethertype: ipv6}
        - {action: deny, ethertype: arp, dscp: 3}
        - {action: deny, protocol: icmp, source-port: 3}
        - {action: deny, protocol: tpc, source-port: 3-1, destination-port: 70000}
        - {action: deny, ethertype: 0x100}
        - {action: deny, ethertype: 5000000}
        - {action: deny, ethertype: foo}
        - {}

      """,
      """
      leaf.yaml:2: ecmp.fields: no field distinguishes flows, list at least one of `source-address`, `destination-address`, `protocol`, `source-port`, `destination-port`, `flow-label`, `roce-qp`, `vlan` or `inner`
      leaf.yaml:4: acl[0].action: `alow` is unknown, write `permit`, `deny`, `{remark: DSCP}` or `{mirror: PORT}`
      leaf.yaml:5: acl[1].name: a rule named `a` exists already, in line 4, write another name
      leaf.yaml:5: acl[1].action.remark: DSCP `64` is out of range, write a whole number from 0 to 63
      leaf.yaml:6: acl[2].action.mirror: there is no port `h2`, did you mean `h1`?
      leaf.yaml:7: acl[3].action: the action is empty, write `{remark: DSCP}` or `{mirror: PORT}`
      leaf.yaml:8: acl[4].action: `remark` has no DSCP, write `{remark: 26}`
      leaf.yaml:9: acl[5].source: `10.0.0.1/8` has host bits set, write `10.0.0.0/8`
      leaf.yaml:10: acl[6].destination: `fd00::/16` is of another IP version than the source `10.0.0.0/8`, write two rules, one for each version
      leaf.yaml:11: acl[7].ethertype: no packet with this EtherType has the rule's addresses, write `ipv4` or remove the key
      leaf.yaml:12: acl[8].ethertype: only IP packets have what `dscp` asks for, write `ipv4` or `ipv6`, or remove `dscp`
      leaf.yaml:13: acl[9].protocol: `source-port` asks for TCP or UDP, write `tcp` or `udp`, or remove `source-port`
      leaf.yaml:14: acl[10].protocol: `tpc` is not an IP protocol, did you mean `tcp`?
      leaf.yaml:14: acl[10].source-port: `3-1` is not a range of ports, write the lower number first, within `0-65535`
      leaf.yaml:14: acl[10].destination-port: TCP or UDP port `70000` is out of range, write a whole number from 0 to 65535
      leaf.yaml:15: acl[11].ethertype: EtherType `0x100` is out of range, write 0x600 to 0xffff
      leaf.yaml:16: acl[12].ethertype: EtherType `5000000` is out of range, write a whole number from 1536 to 65535
      leaf.yaml:17: acl[13].ethertype: `foo` is not an EtherType, write a number, `ipv4`, `arp`, `ipv6`, `roce`, `lldp` or `ptp`
      leaf.yaml:18: acl[14]: required key `action` is missing, add `action: deny`
      """),
  ]
}
