/// A packet as a key: its flow and what is in it.
struct PacketKey: TableKey {
  var signature: UInt64
  var flow: FlowIdentity

  func hash(seed: UInt64) -> UInt64 {
    var mixer = Mixer(seed)
    mixer.add(signature)
    return mixer.value
  }
}

/// The reports of one packet by several nodes (INT-XD, INT-MX), until they are believed to be complete.
struct PartialPacket: BitwiseCopyable {
  var bytes: UInt64
  /// When the first report came, by the collector's clock.
  var arrival: UInt64
  /// One of the reports came late: what they tell is old.
  var isLate = false
  var count: UInt8 = 0
  var hops = InlineArray<16, HopRecord>(repeating: HopRecord())

  /// False: it has this node already, so this is another packet; or there is no room.
  mutating func add(_ hop: HopRecord) -> Bool {
    guard Int(count) < HopList.capacity, !(0..<Int(count)).contains(where: { hops[$0].node == hop.node }) else {
      return false
    }
    hops[Int(count)] = hop
    count += 1
    return true
  }

  /// Writes the hops down in the order of passing: by falling hop limit, and where that is equal by time.
  func fill(_ list: inout HopList) {
    list.removeAll()
    for index in 0..<Int(count) {
      list.append(hops[index])
      var place = index
      // Few hops, mostly in order: insertion is quickest.
      while place > 0, Self.isBefore(list[place], list[place - 1]) {
        let earlier = list[place - 1]
        list[place - 1] = list[place]
        list[place] = earlier
        place -= 1
      }
    }
    // A report may be lost or yet to come: no path of postcards is known to be whole.
    list.isPartial = true
  }

  private static func isBefore(_ one: HopRecord, _ other: HopRecord) -> Bool {
    if one.hopLimit != other.hopLimit { return one.hopLimit > other.hopLimit }
    return (one.departure ?? .max) < (other.departure ?? .max)
  }
}
