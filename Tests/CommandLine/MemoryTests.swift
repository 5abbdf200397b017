import Foundation
import TestSupport
import Testing

@Suite("Memory")
struct MemoryTests {
  /// Writes a capture of datagrams in bounded memory.
  private static func write(packets: Int, to path: String) throws {
    let writer = CaptureBytes()
    _ = FileManager.default.createFile(atPath: path, contents: Data(writer.header))
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    try file.seekToEnd()
    // A thousand flows at 20 million packets per second, half of h2's line rate.
    let frames = (0..<1000).map { number in
      var datagram = TestDatagram(number, length: 60)
      datagram.sourcePort = UInt16(40_000 + number)
      return datagram.frame
    }
    for start in stride(from: 0, to: packets, by: 10_000) {
      var block: [UInt8] = []
      block.reserveCapacity(10_000 * 76)
      for number in start..<start + 10_000 {
        let stamp = 1_700_000_000_000_000_000 + UInt64(number) * 50
        block += writer.record(StampedFrame(at: stamp, frames[number % 1000]))
      }
      try file.write(contentsOf: Data(block))
    }
    try file.close()
  }

  /// Runs penstock and returns its status and the most physical memory that it held, in MiB.
  ///
  /// A small program in between does the asking: what a process started by this one is said to have held includes what
  /// this one held when it started it.
  private static func peak(_ arguments: [String]) throws -> (status: Int32, mebibytes: Int) {
    let between = """
      import resource, subprocess, sys
      done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL)
      print(done.returncode, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)
      """
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
    process.arguments = ["-c", between, Program.penstock.path] + arguments
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    let numbers = said.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
    try #require(numbers.count == 2)
    return (Int32(numbers[0]), numbers[1])
  }

  @Test("ten times the packets take no more memory, and less than 400 MiB")
  func flat() throws {
    let fixture = try CommandFixture()
    var peaks: [Int] = []
    for packets in [200_000, 2_000_000] {
      let path = fixture.directory["\(packets).pcap"]
      try Self.write(packets: packets, to: path)
      let (status, mebibytes) = try Self.peak(
        ["replay", fixture.directory["leaf.yaml"], "--in", "h1=\(path)", "--out", fixture.directory["out"]])
      #expect(status == 0)
      let report = try ReplayReport(try fixture.directory.text("out/report.json"))
      report.expectConserved()
      #expect(report.totals.txPackets == packets)
      peaks.append(mebibytes)
    }
    print("peak of resident memory: \(peaks[0]) MiB for 200 k packets, \(peaks[1]) MiB for 2 M")
    #expect(peaks[1] < 400)
    #expect(Double(peaks[1]) < Double(peaks[0]) * 1.1)
  }
}
