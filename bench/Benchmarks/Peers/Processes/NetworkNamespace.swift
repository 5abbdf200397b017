import Foundation

/// A network of its own without a name: it exists as long as the process that holds it, so nothing of it can be left over.
final class NetworkNamespace {
  let holder: PeerProcess
  private let site: PeerSite

  /// Makes one, with nothing in it but a loopback that is down.
  init(on site: PeerSite) throws {
    self.site = site
    let unshare = try SystemProgram.required("unshare", package: "util-linux").path
    let shell = try SystemProgram.required("sh", package: "dash").path
    // A mount of /sys shows the network of the process that mounted it.
    let script = "mount -t sysfs sysfs /sys && echo ready && exec sleep infinity"
    let holder = try site.start(
      "network namespace", [unshare, "--net", "--mount", "--propagation", "private", shell, "-c", script])
    try holder.wait(5, for: "it was there") { holder.lastWords.contains("ready") }
    self.holder = holder
  }

  /// Runs a shell script in it, which ends where something fails.
  @discardableResult
  func run(_ script: String) throws(BenchmarkError) -> String {
    let shell = try SystemProgram.required("sh", package: "dash").path
    return try site.run([shell, "-ec", script], in: .init(network: self))
  }

  /// Makes a pair of interfaces, `name` here and `peerName` in another network, both up and without offloads: what passes
  /// is what a wire would carry.
  func connect(_ name: String, to peer: NetworkNamespace, _ peerName: String, mtu: Int = 9216) throws(BenchmarkError) {
    try run("ip link add \(name) mtu \(mtu) type veth peer name \(peerName) mtu \(mtu) netns \(peer.holder.pid)")
    for (network, interface) in [(self, name), (peer, peerName)] { try network.bringUp(interface) }
  }

  /// Sets an interface up. IPv6 is off: it would send messages of its own accord.
  func bringUp(_ interface: String) throws(BenchmarkError) {
    try run("echo 1 > /proc/sys/net/ipv6/conf/\(interface)/disable_ipv6; ip link set \(interface) up")
  }

  /// Packets that the interfaces have received, by name.
  func received() -> [String: UInt64] {
    let data = FileManager.default.contents(atPath: "/proc/\(holder.pid)/net/dev") ?? Data()
    return InterfaceCounters.received(in: String(decoding: data, as: UTF8.self))
  }
}

/// The counters of interfaces as the kernel writes them in /proc/net/dev.
enum InterfaceCounters {
  /// Packets received, by the name of the interface.
  static func received(in text: String) -> [String: UInt64] {
    var counters: [String: UInt64] = [:]
    for line in text.split(separator: "\n").dropFirst(2) {
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2 else { continue }
      let numbers = parts[1].split(separator: " ").map { UInt64($0) }
      if numbers.count >= 2, let packets = numbers[1] {
        counters[String(parts[0].drop { $0 == " " })] = packets
      }
    }
    return counters
  }
}
