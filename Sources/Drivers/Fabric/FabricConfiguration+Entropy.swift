import Dataplane

extension FabricConfiguration {
  /// Draws UDP source port and queue pair of every flow from the seed: ports of the dynamic range (RFC 6335), as senders
  /// of RoCEv2 choose them for their flows to spread.
  public mutating func drawEntropy() {
    var random = RandomNumbers(seed: seed ^ 0x5EED)
    for index in flows.indices {
      let number = random.next()
      flows[index].sourcePort = 49_152 | UInt16(truncatingIfNeeded: number & 0x3FFF)
      // Queue pairs 0 and 1 are special.
      flows[index].queuePair = max(2, UInt32(truncatingIfNeeded: number >> 16) & 0xFF_FFFF)
    }
  }
}
