import Glibc
import TestSupport
import Testing

@testable import Drivers

/// Every layout and resolution that is read.
private let formats: [CaptureBytes.Format] =
  [.pcap(places: 6), .pcap(places: 9)] + [nil, 3, 6, 7, 9, 0x89, 0x9E].map { .pcapng(resolution: $0) }

@Suite("Reading captures")
struct CaptureReaderTests {
  /// Frames at multiples of a step; one of 125 ms, 2^-3 s, fits all of ``formats``.
  static func frames(step: UInt64, from first: UInt64 = epoch) -> [StampedFrame] {
    (0..<5).map { index in
      let frame = TestDatagram(index, length: 60 + 37 * index).frame
      return StampedFrame(
        at: first + UInt64(index * index) * step, Array(frame.prefix(70)), wireLength: frame.count)
    }
  }

  @Test("all formats, in both byte orders, with frames that were cut", arguments: formats, [false, true])
  func layouts(format: CaptureBytes.Format, isBigEndian: Bool) throws {
    let directory = try ScratchDirectory()
    let frames = Self.frames(step: 125_000_000)
    let path = try directory.write(frames, CaptureBytes(format, isBigEndian: isBigEndian, snapLength: 70), to: "a")
    let (read, error) = try readAll(path)
    #expect(read == frames)
    #expect(error == nil)
  }

  @Test("nanoseconds survive, and what is finer is cut off")
  func resolution() throws {
    let directory = try ScratchDirectory()
    let frame = StampedFrame(at: epoch + 123_456_789, TestDatagram().frame)
    // Picoseconds since 1970 fit 64 bits until August of that year.
    let early = Self.frames(step: 1_234_567, from: 10_000_000_000_000_001)
    let picoseconds = try directory.write(early, CaptureBytes(.pcapng(resolution: 12)), to: "ps")
    #expect(try readAll(picoseconds).frames == early)
    for format in [CaptureBytes.Format.pcap(places: 9), .pcapng(resolution: 9)] {
      let path = try directory.write([frame], CaptureBytes(format), to: "a")
      #expect(try readAll(path).frames == [frame], "\(format)")
    }
    let path = try directory.write([frame], CaptureBytes(.pcap(places: 6)), to: "a")
    #expect(try readAll(path).frames.map(\.stamp) == [epoch + 123_456_000])
  }

  @Test(
    "a file cut off anywhere gives all whole packets before, and names the one that broke",
    arguments: [CaptureBytes.Format.pcap(places: 9), .pcapng(resolution: 9)])
  func cutAnywhere(format: CaptureBytes.Format) throws {
    let directory = try ScratchDirectory()
    let writer = CaptureBytes(format)
    let frames = Self.frames(step: 1000)
    let file = writer.file(frames)
    var ends = [writer.header.count]
    for frame in frames { ends.append((ends.last ?? 0) + writer.record(frame).count) }
    for length in 0...file.count {
      let path = try directory.write(Array(file.prefix(length)), to: "cut")
      if length < ends[0] {
        let error = #expect(throws: CaptureError.self) { _ = try readAll(path) }
        #expect(error?.packet == nil && error?.path == path, "cut after \(length) bytes")
        #expect(error?.description.hasPrefix("\(path): ") == true)
        continue
      }
      let whole = ends.filter { $0 <= length }.count - 1
      let (read, error) = try readAll(path)
      #expect(read == Array(frames.prefix(whole)), "cut after \(length) bytes")
      if ends.contains(length) {
        #expect(error == nil, "cut after \(length) bytes")
      } else {
        #expect(error?.packet == UInt64(whole + 1), "cut after \(length) bytes")
        #expect(error?.description.hasPrefix("\(path): broken at packet \(whole + 1): ") == true)
      }
    }
  }

  @Test("every single byte of a pcap file set to 0, 255 or its complement is read without a fault")
  func corrupted() throws {
    let directory = try ScratchDirectory()
    for format in [CaptureBytes.Format.pcap(places: 9), .pcapng(resolution: 9)] {
      let file = CaptureBytes(format).file(Self.frames(step: 1000))
      for position in file.indices {
        for value in [0, 0xFF, ~file[position]] {
          var broken = file
          broken[position] = value
          let path = try directory.write(broken, to: "broken")
          // Whatever libpcap makes of it: at most five packets, lengths that are true to the bytes, or an error.
          guard let (read, _) = try? readAll(path) else { continue }
          #expect(read.count <= 5)
          #expect(read.allSatisfy { $0.wireLength >= $0.bytes.count })
        }
      }
    }
  }

  @Test("a frame that claims to be shorter than what was captured of it is as long as that")
  func shorterThanCaptured() throws {
    let directory = try ScratchDirectory()
    var frame = StampedFrame(at: epoch, TestDatagram(0, length: 100).frame)
    frame.wireLength = 60
    let path = try directory.write([frame], to: "a")
    frame.wireLength = 100
    #expect(try readAll(path).frames == [frame])
  }

  @Test(
    "link types other than Ethernet are refused by name",
    arguments: [
      (0, "loopback"), (101, "raw IP"), (105, "802.11"), (113, "Linux cooked capture"), (127, "802.11"),
      (247, "InfiniBand"), (276, "Linux cooked capture"),
    ])
  func linkType(type: Int, name: String) throws {
    let directory = try ScratchDirectory()
    for format in [CaptureBytes.Format.pcap(places: 9), .pcapng(resolution: 9)] {
      let path = try directory.write(Self.frames(step: 1), CaptureBytes(format, linkType: UInt16(type)), to: "a")
      let error = #expect(throws: CaptureError.self) { _ = try readAll(path) }
      #expect(error?.problem.contains("(\(name)) is not Ethernet") == true)
      #expect(error?.remedy.isEmpty == false && error?.packet == nil)
    }
  }

  @Test("what is no capture at all is refused with the reason")
  func unusable() throws {
    let directory = try ScratchDirectory()
    let text = try directory.write("this is not a capture, and long enough to be one\n", to: "text")
    for (path, reason) in [
      (directory["missing"], "No such file or directory"), (directory.path, "is a directory"),
      (text, "unknown file format"),
      (try directory.write([UInt8](), to: "empty"), "truncated"),
    ] {
      let error = #expect(throws: CaptureError.self) { _ = try readAll(path) }
      #expect(error?.problem.contains(reason) == true, "\(error?.problem ?? "")")
      #expect(error?.packet == nil && error?.path == path)
    }
  }

  @Test("a pipe is refused, because captures are read more than once")
  func pipe() throws {
    let directory = try ScratchDirectory()
    #expect(mkfifo(directory["pipe"], 0o600) == 0)
    let error = #expect(throws: CaptureError.self) { _ = try readAll(directory["pipe"]) }
    #expect(error?.problem.contains("is not a regular file") == true)
  }

  @Test("a filter skips what does not match; a wrong one is refused")
  func filter() throws {
    let directory = try ScratchDirectory()
    let path = try directory.write(Self.frames(step: 1), to: "a")
    #expect(try readAll(path, filter: "ip[4:2] = 3").frames == [Self.frames(step: 1)[3]])
    #expect(try readAll(path, filter: "arp").frames.isEmpty)
    let error = #expect(throws: CaptureError.self) { _ = try readAll(path, filter: "no such thing") }
    #expect(error?.problem.contains("filter `no such thing`") == true)
  }

  @Test("with a filter, the packet at which a file broke is still counted in the file")
  func filteredNumber() throws {
    let directory = try ScratchDirectory()
    let file = CaptureBytes().file(Self.frames(step: 1))
    let path = try directory.write(Array(file.dropLast()), to: "a")
    let (read, error) = try readAll(path, filter: "ip[4:2] = 3")
    #expect(read.count == 1)
    #expect(error?.packet == 5)
  }

  @Test("rewound, a reader starts again")
  func rewind() throws {
    let directory = try ScratchDirectory()
    var reader = try CaptureReader(path: try directory.write(Self.frames(step: 1), to: "a"), filter: nil)
    #expect(try reader.next() && reader.next())
    try reader.rewind()
    #expect(reader.packets == 0)
    #expect(try reader.next())
    #expect(reader.record.length == 60)
  }
}

/// Every packet of a file, and why reading ended early; throws what makes it unusable.
private func readAll(
  _ path: String, filter: String? = nil
) throws(CaptureError) -> (frames: [StampedFrame], error: CaptureError?) {
  var reader = try CaptureReader(path: path, filter: filter)
  var frames: [StampedFrame] = []
  do {
    while try reader.next() {
      let bytes = UnsafeRawBufferPointer(start: reader.record.bytes, count: Int(reader.record.captured))
      frames.append(StampedFrame(at: reader.record.stamp_ns, Array(bytes), wireLength: Int(reader.record.length)))
    }
    return (frames, nil)
  } catch {
    guard error.packet != nil else { throw error }
    return (frames, error)
  }
}
