import TestSupport
import Testing

@testable import Collector

@Suite("Sequence numbers")
struct SequenceTrackerTests {
  private static let last: UInt32 = 0x3F_FFFF

  private func run(_ numbers: [UInt32]) -> (SequenceTracker, [SequenceTracker.Finding]) {
    var tracker = SequenceTracker()
    var findings: [SequenceTracker.Finding] = []
    for number in numbers { findings.append(tracker.take(number)) }
    return (tracker, findings)
  }

  @Test("go on over the end of 22 bits", arguments: [0, 1, 5])
  func wrap(missing: UInt32) {
    let numbers = [Self.last - 1, Self.last, missing, missing + 1].map { $0 & Self.last }
    let (tracker, findings) = run(numbers)
    #expect(findings == [.next, .next, missing == 0 ? .next : .gap(missing), .next])
    #expect(tracker.lost == UInt64(missing) && tracker.reordered == 0 && tracker.restarts == 0)
  }

  @Test("every order and loss of six numbers is told as a count by hand tells it")
  func enumerated() {
    // Every sequence of up to five of six numbers, with repetitions, from every beginning, over the wrap too.
    var sequences: [[UInt32]] = (0..<6).map { [$0] }
    var longest = sequences
    for _ in 0..<4 {
      longest = longest.flatMap { head in (0..<6).map { head + [$0] } }
      sequences += longest
    }
    for offset in [UInt32(0), 100, Self.last - 2] {
      for sequence in sequences {
        let (tracker, _) = run(sequence.map { ($0 + offset) & Self.last })
        var seen: Set<UInt32> = []
        let first = sequence[0]
        var highest = first
        var (late, twice) = (UInt64(0), UInt64(0))
        for number in sequence {
          if !seen.insert(number).inserted { twice += 1 } else if number < highest { late += 1 }
          highest = max(highest, number)
        }
        let expected = (first...highest).count { !seen.contains($0) }
        #expect(
          tracker.lost == UInt64(expected) && tracker.reordered == late && tracker.duplicates == twice
            && tracker.received == UInt64(sequence.count) && tracker.restarts == 0 && tracker.strays == 0,
          "\(sequence) from \(offset): \(tracker)")
      }
    }
  }

  @Test("a source that begins anew is believed at its second number")
  func restart() {
    let (tracker, findings) = run([2_000_000, 2_000_001, 0, 1, 2])
    #expect(findings == [.next, .next, .stray, .restart, .next])
    #expect(tracker.lost == 0 && tracker.restarts == 1 && tracker.strays == 0 && tracker.received == 5)
  }

  @Test("one number from nowhere disturbs nothing")
  func stray() {
    let (tracker, findings) = run([10, 11, 3_000_000, 12, 13])
    #expect(findings == [.next, .next, .stray, .next, .next])
    #expect(tracker.lost == 0 && tracker.strays == 1 && tracker.restarts == 0)
  }

  @Test("gaps of every length near the limits of the window", arguments: [1, 2, 1022, 1023, 1024, 1025, 65_535])
  func gaps(missing: UInt32) {
    let (tracker, findings) = run([7, 8 + missing, 9 + missing, 8])
    #expect(findings[1] == .gap(missing) && findings[2] == .next)
    #expect(tracker.greatestDelay == (missing + 1 < 1024 ? missing + 1 : 0))
    #expect(tracker.lost == UInt64(missing) - (missing + 1 < 1024 ? 1 : 0))
  }

  @Test("a thousand random channels are told as a model tells them", arguments: 0..<200)
  func model(seed: Int) {
    var random = SplitMix64(seed: UInt64(seed))
    var numbers = (0..<3000).map { UInt32($0) }
    // Loss, then displacement by less than the window, then repetition.
    numbers.removeAll { $0 != 0 && random.next() % 10 == 0 }
    let keys = numbers.enumerated().map { index, number in
      (number == 0 ? 0 : Int(number) + Int(random.next() % 200), number)
    }
    numbers = keys.sorted { ($0.0, $0.1) < ($1.0, $1.1) }.map(\.1)
    var repeated: [UInt32] = []
    for number in numbers {
      repeated.append(number)
      if random.next() % 20 == 0 { repeated.append(number) }
    }
    let start = UInt32(truncatingIfNeeded: random.next())
    let (tracker, _) = run(repeated.map { ($0 &+ start) & Self.last })
    let present = Set(numbers)
    var (highest, late) = (UInt32(0), UInt64(0))
    for number in numbers {
      if number < highest { late += 1 }
      highest = max(highest, number)
    }
    #expect(tracker.lost == UInt64(highest) + 1 - UInt64(present.count), "seed \(seed)")
    #expect(tracker.reordered == late && tracker.duplicates == UInt64(repeated.count - numbers.count), "seed \(seed)")
  }
}
