import Testing

/// A reader of INT packets and reports of its own, from the description of the formats and nothing else.
public struct ReferenceINT: Equatable {
  /// Offset and kind of the shim, and how INT is announced.
  public var shim = 0, kind = 0, npt = 0
  /// The two octets that the shim keeps.
  public var original = 0
  /// D, E and M.
  public var discard = false, hopsExceeded = false, mtuExceeded = false
  /// Hops left, instruction bitmap, domain and its bits.
  public var remainingHops = 0, bitmap = 0, domain = 0, domainBits = 0
  /// The hops, newest first, as words.
  public var hops: [[UInt32]] = []

  /// Reads the INT of a frame without tags or with one; nil: there is none, or it is broken.
  public init?(_ frame: [UInt8], port: Int = 51_000, dscp: Int? = nil) {
    func word16(_ at: Int) -> Int { at + 2 <= frame.count ? Int(frame[at]) << 8 | Int(frame[at + 1]) : -1 }
    func word32(_ at: Int) -> UInt32 { UInt32(word16(at)) << 16 | UInt32(word16(at + 2)) }
    guard let header = ReferenceINT.network(frame) else { return nil }
    let transport = header.transport
    if header.ipProtocol == 17, word16(transport + 2) == port {
      shim = transport + 8
    } else if dscp == header.dscp {
      shim = header.ipProtocol == 17 ? transport + 8 : transport + Int(frame[transport + 12] >> 4) * 4
    } else {
      return nil
    }
    guard shim + 16 <= frame.count else { return nil }
    kind = Int(frame[shim] >> 4)
    npt = Int(frame[shim] >> 2 & 3)
    original = word16(shim + 2)
    let end = shim + 4 + Int(frame[shim + 1]) * 4
    let header2 = shim + 4
    guard end <= frame.count, frame[header2] >> 4 == 2 else { return nil }
    discard = frame[header2] & 8 != 0
    hopsExceeded = frame[header2] & 4 != 0
    mtuExceeded = frame[header2] & 2 != 0
    remainingHops = Int(frame[header2 + 3])
    bitmap = word16(header2 + 4)
    domain = word16(header2 + 6)
    domainBits = word16(header2 + 8)
    guard kind == 1 else { return }
    let hopWords = Int(frame[header2 + 2] & 0x1F)
    var place = header2 + 12
    while hopWords > 0, place + hopWords * 4 <= end {
      hops.append((0..<hopWords).map { word32(place + $0 * 4) })
      place += hopWords * 4
    }
  }

  /// Reads the INT of a frame that is there and has some; fails the test otherwise.
  public static func read(_ frame: [UInt8]?) throws -> ReferenceINT {
    let frame = try #require(frame)
    return try #require(ReferenceINT(frame))
  }

  /// Where the headers of an IP frame are.
  public static func network(_ frame: [UInt8]) -> (network: Int, transport: Int, ipProtocol: Int, dscp: Int)? {
    guard frame.count >= 34 else { return nil }
    let network = frame[12] == 0x81 && frame[13] == 0 ? 18 : 14
    if frame[network] >> 4 == 4 {
      return (
        network, network + Int(frame[network] & 15) * 4, Int(frame[network + 9]), Int(frame[network + 1] >> 2)
      )
    }
    guard frame[network] >> 4 == 6, frame.count >= network + 40 else { return nil }
    return (
      network, network + 40, Int(frame[network + 6]), Int((frame[network] << 4 | frame[network + 1] >> 4) >> 2)
    )
  }

  /// What is wrong with lengths and checksums of a frame; nil: nothing. A UDP checksum of zero is none.
  public static func fault(in frame: [UInt8]?) -> String? {
    guard let frame, let header = network(frame) else { return nil }
    func word16(_ at: Int) -> Int { Int(frame[at]) << 8 | Int(frame[at + 1]) }
    let isIPv4 = frame[header.network] >> 4 == 4
    let end: Int
    var pseudo: [UInt8]
    if isIPv4 {
      end = header.network + word16(header.network + 2)
      if Frame.checksum(Array(frame[header.network..<header.transport])) != 0 { return "IPv4 header checksum" }
      pseudo = Array(frame[header.network + 12..<header.network + 20]) + [0, UInt8(header.ipProtocol)]
    } else {
      end = header.transport + word16(header.network + 4)
      pseudo = Array(frame[header.network + 8..<header.network + 40]) + [0, 0]
    }
    guard end <= frame.count else { return "IP length" }
    pseudo += Frame.octets(UInt64(end - header.transport), count: 2)
    if !isIPv4 { pseudo += [0, 0, 0, UInt8(header.ipProtocol)] }
    let datagram = Array(frame[header.transport..<end])
    if header.ipProtocol == 17 {
      if word16(header.transport + 4) != datagram.count { return "UDP length" }
      if word16(header.transport + 6) == 0 { return nil }
    } else if header.ipProtocol != 6 {
      return nil
    }
    return Frame.checksum(pseudo + datagram) == 0 ? nil : "checksum of transport"
  }
}
