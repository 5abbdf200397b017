import Dataplane
import TestSupport
import Testing

/// The tests' own tools, against known values.
@Suite struct SupportTests {
  @Test func checksumOfTheExampleInRFC1071() {
    // Section 3: the sum of 0001 f203 f4f5 f6f7 is ddf2.
    #expect(Frame.checksum([0x00, 0x01, 0xF2, 0x03, 0xF4, 0xF5, 0xF6, 0xF7]) == ~0xDDF2)
    #expect(Frame.checksum([0x45]) == ~0x4500)
  }

  @Test func randomNumbersAreThoseOfSplitMix64() {
    var random = SplitMix64(seed: 1_234_567)
    #expect(
      (0..<3).map { _ in random.next() } == [
        6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
      ])
    var counts = [0, 0, 0]
    for _ in 0..<3000 { counts[random.below(3)] += 1 }
    // Four standard deviations of a count: 4 sqrt(3000 x 1/3 x 2/3) = 103.
    #expect(counts.allSatisfy { abs($0 - 1000) < 104 })
    #expect((0..<1000).allSatisfy { _ in (0.0...1).contains(random.uniform()) })
  }

  @Test func framesHaveTheSizeAskedFor() {
    let ipv4 = Frame(from: "10.0.1.2", to: "10.0.2.2")
    let ipv6 = Frame(from: "fd00:1::2", to: "fd00:2::2")
    for size in [128, 129, 1500] {
      for frame in [ipv4, ipv6] {
        #expect(frame.udp(1, 2, size: size).count == size)
        #expect(frame.tcp(1, 2, size: size).count == size)
        #expect(frame.roce(queuePair: 7, size: size).count == size)
        #expect(frame.echoRequest(size: size).count == size)
      }
    }
    #expect(ipv4.arp(isRequest: true).count == 60)
    #expect(Frame.ipHeader(of: ipv4.udp(1, 2))?.isChecksumRight == true)
    #expect(Frame.ipHeader(of: ipv4.ip(17, [], badChecksum: true))?.isChecksumRight == false)
  }

  @Test func aFrameGoesThrough() throws {
    var router = try VirtualSwitch(TestConfiguration.router(ports: 2))
    let frame = TestConfiguration.frame(toPort: 2, size: 100)
    router.send(frame, on: "p1", at: 1000)
    let departures = router.run()
    try #require(departures.count == 1 && departures[0].port == "p2")
    // 8 + 100 + 4 bytes at 80 ps.
    #expect(departures[0].arrival == 1000 + 112 * 80 && departures[0].latency == 0)
    #expect(
      Array(departures[0].bytes.prefix(12)) == Frame.octets(0x0200_0000_0202, count: 6)
        + Frame.octets(
          Frame.switchMAC, count: 6))
    #expect(Frame.ipHeader(of: departures[0].bytes)?.ttl == 63)
    #expect(departures[0].bytes.dropFirst(34) == frame.dropFirst(34))
  }
}
