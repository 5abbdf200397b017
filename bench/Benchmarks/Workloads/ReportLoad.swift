import Collector

/// Datagrams of telemetry reports in memory: RoCE flows, and queues that fill and empty, so that there are bursts.
struct ReportLoad {
  let datagrams: [[UInt8]]
  let reportsPerDatagram: Int
  let meanReportBytes: Double

  /// - Parameters:
  ///   - batch: reports of a datagram.
  ///   - hops: records on the stack of INT-MD in the packet; 0: a postcard.
  init(flows: Int, batch: Int, hops: Int) {
    var datagrams: [[UInt8]] = []
    for first in stride(from: 0, to: flows, by: batch) {
      // The sequence number is written when it is sent.
      var bytes = Self.big(UInt32(2 << 28 | 1 << 22)) + Self.big(UInt32(100 + hops))
      // Neighbours in order are of different flows.
      for flow in first..<first + batch { bytes += Self.report(flow: (flow * 2049) % flows, hops: hops) }
      datagrams.append(bytes)
    }
    self.datagrams = datagrams
    reportsPerDatagram = batch
    meanReportBytes = Double(datagrams.reduce(0) { $0 + $1.count }) / Double(datagrams.count * batch)
  }

  private static func big<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
    withUnsafeBytes(of: value.bigEndian) { Array($0) }
  }

  /// Interfaces, latency, queue.
  private static func metadata(flow: Int, hop: Int) -> [UInt8] {
    // Of every 512 flows in a row, the queue is deep for 32.
    let depth = flow % 512 < 32 ? 150_000 : flow % 7 * 1000
    return big(UInt32(1 << 16 | flow & 15)) + big(UInt32(1000 + flow % 997)) + big(UInt32(3 << 24 | depth + hop))
  }

  private static func report(flow: Int, hops: Int) -> [UInt8] {
    var payload: [UInt8] = [0x0A, 0x40, 0xFF, 0xFF, 0] + big(UInt32(flow)).suffix(3) + big(UInt32(flow))
    payload += [UInt8](repeating: 0, count: 52)
    if hops > 0 {
      var telemetry: [UInt8] = [0x14, UInt8(3 + hops * 4)] + big(UInt16(4791)) + big(UInt32(2 << 28 | 4 << 8 | 3))
      telemetry += big(UInt16(0xF000)) + [UInt8](repeating: 0, count: 6)
      for hop in 0..<hops { telemetry += big(UInt32(hops - hop)) + metadata(flow: flow, hop: hop) }
      payload = telemetry + payload
    }
    let udp =
      big(UInt16(49_152 + flow % 16_384)) + big(UInt16(hops > 0 ? 51_000 : 4791)) + big(UInt16(8 + payload.count))
    var packet: [UInt8] =
      [0x45, 0] + big(UInt16(28 + payload.count)) + big(UInt16(flow & 0xFFFF)) + [0x40, 0, 62, 17, 0, 0]
    packet += [10, 0] + big(UInt16(flow)) + [10, 1, 0, 1] + udp + [0, 0] + payload
    packet += [UInt8](repeating: 0, count: -packet.count & 3)
    let metadata = metadata(flow: flow, hop: 0)
    let body = big(UInt16(0x7000)) + [UInt8](repeating: 0, count: 6) + metadata + packet
    return [0x14, UInt8(body.count / 4), UInt8(metadata.count / 4), 0x20] + body
  }
}

/// Gives a load to a collector again and again, as time goes on.
struct ReportFeed: ~Copyable {
  private var collector: Collector
  private let datagrams: [UnsafeMutableRawBufferPointer]
  private let reportsPerDatagram: Int
  private var next = 0
  private var sequence: UInt32 = 0
  private var now: UInt64 = 1_700_000_000_000_000_000
  private var cursor = StoreCursor()

  /// Reports between two batches of a store: at 200,000 a second these are half a second apart.
  private static let batch = 100_000

  init(_ load: ReportLoad) {
    collector = Collector(CollectorOptions())
    datagrams = load.datagrams.map { bytes in
      let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 8)
      copy.copyBytes(from: bytes)
      return copy
    }
    reportsPerDatagram = load.reportsPerDatagram
  }

  deinit { for datagram in datagrams { datagram.deallocate() } }

  /// Takes so many reports in, 5 µs apart.
  mutating func run(reports: Int) {
    for _ in 0..<reports / reportsPerDatagram {
      let word = UInt32(2 << 28 | 1 << 22) | sequence & 0x3F_FFFF
      datagrams[next].storeBytes(of: word.bigEndian, as: UInt32.self)
      collector.take(datagram: UnsafeRawBufferPointer(datagrams[next]), arrival: now)
      sequence &+= 1
      now += UInt64(5000 * reportsPerDatagram)
      next = next + 1 == datagrams.count ? 0 : next + 1
    }
  }

  /// The same, and writes down what came of them.
  mutating func run(reports: Int, into store: Store) throws(StoreError) {
    var left = reports
    while left > 0 {
      run(reports: min(left, Self.batch))
      left -= Self.batch
      try store.write(collector.takeBatch(&cursor))
    }
  }
}
