import Control

/// The configuration that users were promised, character by character.
let exampleYAML = """
  switch: {name: leaf1, id: 1, mac: "02:00:00:00:00:01"}
  ports:
    - {name: h1, speed: 100G, cable: 5m, mtu: 9216, address: 10.0.1.1/24}
    - {name: h2, speed: 100G, cable: 5m, address: 10.0.2.1/24}
    - {name: h3, speed: 25G, cable: 5m, address: 10.0.3.1/24}
    - {name: b1, speed: 25G, vlan: 10}                     # bridged, access
    - {name: b2, speed: 25G, vlan: {trunk: [10, 20], native: 10}}
    - {name: s1, speed: 400G, cable: 30m, address: [10.1.1.0/31, "fd00:1::/127"]}
    - {name: s2, speed: 400G, cable: 30m, address: [10.1.2.0/31, "fd00:2::/127"]}
  neighbors:
    - {port: h3, address: 10.0.3.2, mac: "02:00:00:00:03:02"}
    - {port: s1, address: 10.1.1.1, mac: "02:00:00:01:01:01"}
    - {port: s2, address: 10.1.2.1, mac: "02:00:00:01:02:01"}
  routes:
    - prefix: 10.9.0.0/16
      via: [{address: 10.1.1.1, weight: 3}, {address: 10.1.2.1, weight: 1}]
  ecmp: {mode: hash, fields: [source-address, destination-address, protocol, source-port, destination-port, roce-qp], seed: 7}
  qos:
    trust: dscp
    dscp: {26: 3, 48: 6}              # DSCP -> traffic class; all others 0
    queues:
      0: {schedule: {dwrr: 50}}
      3: {schedule: {dwrr: 50}, lossless: true, ecn: {kmin: 100kB, kmax: 400kB, pmax: 20%}}
      6: {schedule: strict}
  buffer: {size: 32MB, cell: 256B, headroom: auto, alpha: {lossless: 1/8, lossy: 1}}

  """

/// Reads a text under the name that error messages are expected to have.
func load(_ yaml: String, directory: String = "") throws(ConfigurationErrors) -> LoadedConfiguration {
  try ConfigurationLoader().load(yaml: yaml, file: "leaf.yaml", directory: directory)
}

/// The mistakes in a text, one string each; empty if it loads.
func mistakes(in yaml: String, directory: String = "") -> [String] {
  do throws(ConfigurationErrors) {
    _ = try load(yaml, directory: directory)
    return []
  } catch {
    return error.errors.map(\.description)
  }
}
