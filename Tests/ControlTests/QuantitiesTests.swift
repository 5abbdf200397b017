import Dataplane
import Testing

@testable import Control

@Suite struct QuantitiesTests {
  /// The value, or the message of the mistake.
  private func outcome<Value>(_ body: () throws(QuantityError) -> Value, _ bits: (Value) -> UInt64) -> String {
    do throws(QuantityError) {
      return "\(bits(try body()))"
    } catch {
      return "\(error.problem), \(error.remedy)"
    }
  }

  @Test(arguments: [
    ("10M", "10000000"), ("2.5G", "2500000000"), ("1.6T", "1600000000000"), ("100Gbps", "100000000000"),
    ("100 Gbit/s", "100000000000"), ("100Gb/s", "100000000000"), ("9600bps", "9600"), ("7bit/s", "7"),
    ("0.5k", "500"), ("1.000G", "1000000000"), ("00.1G", "100000000"), ("18446744T", "18446744000000000000"),
    ("18446745T", "`18446745T` is too large, write a smaller number"),
    ("0.0001k", "`0.0001k` is not a whole number of `bps`, write fewer decimals"),
    ("100", "`100` has no unit, write a unit: `100G`"), ("400000", "`400000` has no unit, write a unit: `400G`"),
    ("123456789", "`123456789` has no unit, write a unit: `100G`"), ("0", "`0` has no unit, write a unit: `100G`"),
    ("100m", "unknown unit `m`, did you mean `100M`?"), ("1K", "unknown unit `K`, did you mean `1k`?"),
    ("1Mbs", "unknown unit `Mbs`, write `bps`, `k`, `M`, `G` or `T`"),
    ("-1G", "`-1G` is negative, write a number with a unit: `100G`"),
    ("+1G", "`+1G` is not a rate, write a number with a unit: `100G`"),
    ("1e9", "unknown unit `e9`, write `bps`, `k`, `M`, `G` or `T`"),
    ("1.2.3G", "`1.2.3G` is not a rate, write a number with a unit: `100G`"),
    (".5G", "`.5G` is not a rate, write a number with a unit: `100G`"),
    ("5.G", "`5.G` is not a rate, write a number with a unit: `100G`"),
    ("G", "`G` is not a rate, write a number with a unit: `100G`"),
    ("", "`` is not a rate, write a number with a unit: `100G`"),
    ("١G", "`١G` is not a rate, write a number with a unit: `100G`"),
    ("0.1234567890123456789G", "`0.1234567890123456789G` is not a rate, write a number with a unit: `100G`"),
  ]) func rates(text: String, expected: String) {
    #expect(outcome({ () throws(QuantityError) in try Quantities.rate(text) }, \.bitsPerSecond) == expected)
  }

  @Test(arguments: [
    ("0", "0"), ("0B", "0"), ("1B", "1"), ("64kB", "64000"), ("32MB", "32000000"), ("1GB", "1000000000"),
    ("1KiB", "1024"), ("0.5KiB", "512"), ("1MiB", "1048576"), ("2GiB", "2147483648"), ("1.5 MB", "1500000"),
    ("100", "`100` has no unit, write a unit: `100B`"), ("100KB", "unknown unit `KB`, did you mean `100kB`?"),
    ("1mib", "unknown unit `mib`, did you mean `1MiB`?"),
    ("1.5B", "`1.5B` is not a whole number of `B`, write fewer decimals"),
    ("0.1KiB", "`0.1KiB` is not a whole number of `B`, write fewer decimals"),
    ("1b", "unknown unit `b`, did you mean `1B`?"),
  ]) func sizes(text: String, expected: String) {
    #expect(outcome({ () throws(QuantityError) in try Quantities.size(text) }, \.bytes) == expected)
  }

  @Test(arguments: [
    ("0", "0"), ("1ps", "1"), ("500ns", "500000"), ("50us", "50000000"), ("50µs", "50000000"), ("3ms", "3000000000"),
    ("300s", "300000000000000"), ("0.001ns", "1"), ("1.5s", "1500000000000"),
    ("0.0001ns", "`0.0001ns` is not a whole number of `ps`, write fewer decimals"),
    ("5", "`5` has no unit, write a unit: `500ns`"),
    ("5min", "unknown unit `min`, write `ps`, `ns`, `us`, `ms` or `s`"),
    ("5S", "unknown unit `S`, did you mean `5s`?"),
  ]) func times(text: String, expected: String) {
    #expect(outcome({ () throws(QuantityError) in try Quantities.time(text) }, \.count) == expected)
  }

  @Test(arguments: [
    ("5m", "5000"), ("0", "0"), ("2.5m", "2500"), ("30cm", "300"), ("7mm", "7"), ("1.25km", "1250000"),
    ("0.5mm", "`0.5mm` is not a whole number of `mm`, write fewer decimals"),
    ("5", "`5` has no unit, write a unit: `5m`"),
    ("5M", "unknown unit `M`, did you mean `5m`?"),
  ]) func lengths(text: String, expected: String) {
    #expect(outcome({ () throws(QuantityError) in try Quantities.length(text) }, \.millimetres) == expected)
  }

  @Test(arguments: [
    ("20%", "200000"), ("0.2", "200000"), ("1", "1000000"), ("0", "0"), ("100%", "1000000"), ("0.0001%", "1"),
    ("0.000001", "1"), ("12.5 %", "125000"),
    ("20", "`20` is more than certain, write a percentage or a fraction: `20%` or a number up to `1`"),
    ("100.1%", "`100.1%` is more than certain, write at most `100%`"),
    ("0.0000001", "`0.0000001` is finer than one in a million, round it to `0.0001%`"),
    ("half", "`half` is not a probability, write a percentage or a fraction: `20%` or `0.2`"),
    ("%", "`%` is not a probability, write a percentage or a fraction: `20%` or `0.2`"),
  ]) func probabilities(text: String, expected: String) {
    #expect(
      outcome({ () throws(QuantityError) in try Quantities.probability(text) }) { UInt64($0.partsPerMillion) }
        == expected)
  }

  @Test func everyPowerOfTwoIsReadInEachSpelling() throws {
    for exponent in -8...7 {
      #expect(try Quantities.powerOfTwo(Quantities.powerText(exponent)) == exponent)
      #expect(
        try Quantities.powerOfTwo("\(exponent < 0 ? 1.0 / Double(1 << -exponent) : Double(1 << exponent))") == exponent)
      #expect(
        try Quantities.powerOfTwo("3/\(exponent <= 0 ? "\(3 << -exponent)" : "\(3.0 / Double(1 << exponent))")")
          == exponent)
    }
  }

  @Test(arguments: [
    ("3", "`3` is not a power of two from 1/256 to 128, write `2` or `4`"),
    ("1/3", "`1/3` is not a power of two from 1/256 to 128, write `1/4` or `1/2`"),
    ("0.3", "`0.3` is not a power of two from 1/256 to 128, write `1/4` or `1/2`"),
    ("0", "`0` is not a power of two from 1/256 to 128, write `1/256`, the smallest"),
    ("1/512", "`1/512` is not a power of two from 1/256 to 128, write `1/256`, the smallest"),
    ("256", "`256` is not a power of two from 1/256 to 128, write `128`, the largest"),
    ("1/0", "`1/0` is not a number, write a power of two from `1/256` to `128`"),
    ("1/2/3", "`1/2/3` is not a number, write a power of two from `1/256` to `128`"),
    ("99999999999999999999", "`99999999999999999999` is not a number, write a power of two from `1/256` to `128`"),
    ("x", "`x` is not a number, write a power of two from `1/256` to `128`"),
  ]) func otherNumbersAreRefusedWithTheNearest(text: String, expected: String) {
    #expect(outcome({ () throws(QuantityError) in try Quantities.powerOfTwo(text) }) { UInt64($0) } == expected)
  }

  @Test func writtenQuantitiesReadBackExactly() throws {
    var values: [UInt64] = [0, 1, 9, 10, 99, 100, 999, 1000, 1001, 1023, 1024, 1025, 1500, 65536, 123_456_789]
    for power in 0..<60 { values += [1 << power, 3 << power, (1 << power) + 1] }
    for scale: UInt64 in [1000, 1_000_000, 1_000_000_000, 1_000_000_000_000] {
      for factor: UInt64 in [1, 2, 15, 25, 123, 999, 1500] { values += [scale * factor, scale * factor / 10] }
    }
    for value in values {
      #expect(try Quantities.rate(Quantity.rate.text(value)).bitsPerSecond == value)
      #expect(try Quantities.size(Quantity.size.text(value)).bytes == value)
      #expect(try Quantities.time(Quantity.time.text(value)).count == value)
      #expect(try Quantities.length(Quantity.length.text(value)).millimetres == value)
    }
    let texts = [1_600_000_000_000, 2_500_000_000, 1_234_567, 10_000_000].map { Quantity.rate.text($0) }
    #expect(texts == ["1.6T", "2.5G", "1234.567k", "10M"])
    let sizes = [32_000_000, 65_536, 51_200, 9262, 1_048_576].map { Quantity.size.text($0) }
    #expect(sizes == ["32MB", "64KiB", "50KiB", "9262B", "1MiB"])
  }

  @Test func wholeNumbersAreDecimalWithoutOrnament() {
    #expect(["0", "7", "18446744073709551615"].map { Quantities.integer($0) } == [0, 7, .max])
    for text in ["", "-1", "+1", "01", "0x10", "1_000", "1.0", " 1", "18446744073709551616", "٣"] {
      #expect(Quantities.integer(text) == nil, "\(text)")
    }
  }

  @Test func misspellingsAreMatchedWithinAThird() {
    let keys = ["speed", "name", "cable", "mtu", "address"]
    let pairs = [
      ("spede", "speed"), ("Speed", "speed"), ("adress", "address"), ("addres", "address"), ("nmae", "name"),
      ("mtuu", "mtu"), ("cabel", "cable"),
    ]
    for (word, expected) in pairs { #expect(Suggestion.nearest(to: word, among: keys) == expected) }
    for word in ["x", "", "velocity", "ad"] { #expect(Suggestion.nearest(to: word, among: keys) == nil, "\(word)") }
  }
}
