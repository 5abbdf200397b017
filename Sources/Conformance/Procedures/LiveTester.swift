import Dataplane
import Drivers
import Glibc
import Wire

/// Whatever lies between two devices of this machine, as a device under test: frames go out of one and come back on the
/// other.
///
/// Every frame is numbered in its payload. Sending and receiving are those of ``LiveSend``, so latency includes both
/// devices, and a machine that is interrupted loses frames itself.
public struct LiveTester: DeviceUnderTest {
  /// Who the frames are from and for.
  public struct Addresses: Sendable {
    /// MAC addresses.
    public var sourceMAC = MACAddress(bits: 0x0200_0000_0A01)
    /// That of the router, or of the host behind a bridge.
    public var destinationMAC = MACAddress(bits: 0x0200_0000_0B01)
    /// IP addresses.
    public var source = IPv4Address(bits: 0xC612_0102)
    /// Those of RFC 2544 appendix C.2.2, 198.18.1.2 and 198.19.1.2, unless told otherwise.
    public var destination = IPv4Address(bits: 0xC613_0102)

    /// Those of RFC 2544.
    public init() {}
  }

  private let sender: DeviceAddress
  private let receiver: DeviceAddress
  private let line: BitRate
  private let addresses: Addresses

  /// - Parameter line: the rate that counts as that of the line.
  public init(sender: DeviceAddress, receiver: DeviceAddress, line: BitRate, _ addresses: Addresses = Addresses()) {
    self.sender = sender
    self.receiver = receiver
    self.line = line
    self.addresses = addresses
  }

  /// See ``DeviceUnderTest``.
  public var rates: [BitRate] { [line, line] }

  /// See ``DeviceUnderTest``.
  public var largestFrame: Int { 1518 }

  /// See ``DeviceUnderTest``.
  public var isLossless: Bool { false }

  /// See ``DeviceUnderTest``.
  public var takesSeveralStreams: Bool { false }

  /// See ``DeviceUnderTest``.
  public var conditions: [Condition] {
    [
      Condition("device under test", "what is between \(sender) and \(receiver), live"),
      Condition("line", "\(line.bitsPerSecond) bit/s"),
      Condition(
        "traffic", "UDP from \(IPAddress.v4(addresses.source)) to \(IPAddress.v4(addresses.destination)), numbered"),
      Condition("latency", "from the hand-over to one device to its sight at the other, by this machine's clock"),
    ]
  }

  /// See ``DeviceUnderTest``.
  public func offer(_ streams: [TestStream]) throws -> [StreamResult] {
    guard let stream = streams.first, streams.count == 1 else {
      throw ProcedureError("two live devices take one stream at a time")
    }
    let path = try capture(stream)
    defer { unlink(path) }
    var options = SendOptions(path: path, device: sender)
    options.receiver = receiver
    options.pace = .bits(stream.rate ?? line)
    let run = try LiveSend(options)
    guard run.waitForLink(.seconds(5)) else { throw ProcedureError("\(sender) or \(receiver) has no link after 5 s") }
    let outcome = try run.run()
    guard outcome.isComplete, let back = outcome.returned, let latency = outcome.latency else {
      throw ProcedureError("\(sender) took nothing for 10 s")
    }
    let scale = 1e12 / Double(outcome.ticksPerSecond)
    func picoseconds(_ ticks: UInt64) -> UInt64 { UInt64(Double(ticks) * scale) }
    var result = StreamResult()
    result.sent = outcome.sent.frames
    result.received = min(back.frames, outcome.sent.frames)
    result.span = picoseconds(outcome.sent.end - outcome.sent.start)
    result.leastLatency = picoseconds(latency.minimumTicks)
    result.meanLatency = latency.meanTicks * scale
    result.mostLatency = picoseconds(latency.maximumTicks)
    return [result]
  }

  /// See ``DeviceUnderTest``.
  public func reaction(on port: Int, frame: Int, phase: Picoseconds) -> Picoseconds? { nil }

  /// Writes the frames of a stream into a file of its own, and says where.
  private func capture(_ stream: TestStream) throws(ProcedureError) -> String {
    var name = Array("/tmp/penstock-stream-XXXXXX".utf8CString)
    let descriptor = mkstemp(&name)
    let path = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    guard descriptor >= 0, let file = fdopen(descriptor, "wb") else {
      throw ProcedureError("no file can be made in /tmp: \(String(cString: strerror(errno)))")
    }
    defer { fclose(file) }
    // A pcap file of Ethernet frames with nanoseconds (draft-ietf-opsawg-pcap), in this machine's order of bytes.
    var words: [UInt32] = [0xA1B2_3C4D, 4 << 16 | 2, 0, 0, 65_535, 1]
    fwrite(&words, 4, words.count, file)
    var frame = bytes(of: stream)
    var isWhole = true
    for number in 0..<stream.frames {
      var record: [UInt32] = [0, 0, UInt32(frame.count), UInt32(frame.count)]
      fwrite(&record, 4, record.count, file)
      frame.withUnsafeMutableBytes { $0.baseAddress?.storeBigEndian(number, at: 42) }
      isWhole = isWhole && fwrite(frame, 1, frame.count, file) == frame.count
    }
    guard isWhole, fflush(file) == 0 else {
      unlink(path)
      throw ProcedureError("\(path) cannot be written: \(String(cString: strerror(errno)))")
    }
    return path
  }

  private func bytes(of stream: TestStream) -> [UInt8] {
    let length = stream.frame - EthernetOverhead.frameCheckSequence
    var frame = [UInt8](repeating: 0, count: length)
    frame.withUnsafeMutableBytes { memory in
      guard let base = memory.baseAddress, let ethernet = EthernetHeader(at: base, available: memory.count) else {
        return
      }
      ethernet.destination = addresses.destinationMAC
      ethernet.source = addresses.sourceMAC
      ethernet.etherType = EtherType.ipv4
      let header = base + EthernetHeader.length
      header.storeBigEndian(UInt8(0x45), at: 0)
      header.storeBigEndian(UInt16(truncatingIfNeeded: length - EthernetHeader.length), at: 2)
      header.storeBigEndian(UInt8(64), at: 8)
      header.storeBigEndian(UInt8(17), at: 9)
      header.storeBigEndian(addresses.source.bits, at: 12)
      header.storeBigEndian(addresses.destination.bits, at: 16)
      let checksum = InternetChecksum.checksum(of: UnsafeRawBufferPointer(start: header, count: 20))
      header.storeBigEndian(checksum, at: 10)
      // The echo port of RFC 862; no UDP checksum.
      header.storeBigEndian(UInt16(49_184), at: 20)
      header.storeBigEndian(UInt16(7), at: 22)
      header.storeBigEndian(UInt16(truncatingIfNeeded: length - EthernetHeader.length - 20), at: 24)
    }
    return frame
  }
}
