import TestSupport
import Testing

@testable import Dataplane

/// Long random traces through buffers of hundreds of cells, against the reference, for every alpha; and the arithmetic of
/// cells.
@Suite struct BufferTraceTests {
  @Test("Random arrivals and departures, every alpha", arguments: BufferCase.Layout.allCases)
  func traces(_ layout: BufferCase.Layout) {
    var refused = 0
    var stopped = 0
    for (number, threshold) in BufferStateTests.thresholds.enumerated() {
      var wanted = BufferCase(layout: layout, threshold: threshold)
      wanted.pool = 300
      if number % 3 == 1 { wanted.split = (200, 150) }
      wanted.reserve = number % 4 * 3
      wanted.portReserve = number % 2 * 10
      wanted.headroom = 40
      if number % 5 > 2 { wanted.sharedHeadroom = 50 }
      wanted.xon = number % 3
      wanted.xonOffset = number % 7 * 3
      wanted.egressReserve = 5
      let trace = run(wanted, seed: UInt64(number))
      refused += trace.refused
      stopped += trace.stopped
    }
    #expect(refused > 500)
    #expect(layout == .lossy ? stopped == 0 : stopped > 50)
  }

  /// Arrivals outweigh departures in one half of the trace, and the other way round in the other.
  private func run(_ wanted: BufferCase, seed: UInt64) -> (refused: Int, stopped: Int) {
    var random = SplitMix64(seed: seed)
    let tested = BufferUnderTest(wanted)
    var reference = wanted.reference
    var (refused, stopped) = (0, 0)
    var peaks = Peaks()
    for step in 0..<600 {
      var group = random.below(2)
      let isArrival = random.below(100) < (step < 350 ? 75 : 30)
      if isArrival {
        let cells = 1 + random.below(14)
        let decision = reference.arrive(group: group, cells: cells)
        let slack = random.below(BufferCase.cell)
        let admission = tested.arrive(group: group, cells: cells, slack: slack)
        if admission != decision.admission { Issue.record("\(wanted), step \(step): \(admission), not \(decision)") }
        if case .admitted(let packet) = decision {
          let charges = tested.charges(group: group, cells: cells)
          if charges != packet { Issue.record("\(wanted), step \(step): \(packet) is charged \(charges)") }
        } else {
          refused += 1
        }
      } else if !reference.packets.isEmpty {
        let leaving = reference.leave(at: random.below(reference.packets.count))
        group = leaving.group
        tested.depart(leaving, isLossless: reference.groups[group].isLossless)
      } else {
        continue
      }
      if reference.groups[group].isLossless {
        let expected = reference.look(at: group)
        let change = tested.buffer.accounts.pauseChange(group: tested.places[group])
        if change != expected { Issue.record("\(wanted), step \(step): \(change), not \(expected)") }
        if change == .xoff { stopped += 1 }
      }
      peaks.add(reference)
      let differences = tested.differences(from: reference) + peaks.differences(tested)
      if !differences.isEmpty { Issue.record("\(wanted), step \(step): \(differences)") }
    }
    // All leave: nothing stays charged.
    while !reference.packets.isEmpty {
      let leaving = reference.leave(at: 0)
      tested.depart(leaving, isLossless: reference.groups[leaving.group].isLossless)
    }
    let rest = tested.differences(from: reference).filter { !$0.hasPrefix("XOFF") }
    #expect(rest.isEmpty, "\(wanted): \(rest)")
    return (refused, stopped)
  }

  /// The most that there ever was.
  private struct Peaks {
    var shared = [0, 0]
    var headroom = [0, 0]
    var pool = 0

    mutating func add(_ state: ReferenceBuffer) {
      let sums = state.sums
      for group in 0..<2 {
        shared[group] = max(shared[group], state.sharedUsed(group, sums))
        headroom[group] = max(headroom[group], state.headroomUsed[group])
      }
      pool = max(pool, state.poolUsed(0, sums))
    }

    func differences(_ tested: borrowing BufferUnderTest) -> [String] {
      var differences: [String] = []
      for (group, place) in tested.places.enumerated() {
        let account = tested.buffer.groups.base[place]
        if Int(account.peakShared) != shared[group] || Int(account.peakHeadroom) != headroom[group] {
          differences.append("peaks of group \(group): \(account.peakShared), \(account.peakHeadroom)")
        }
      }
      if Int(tested.buffer.pools.base[0].peak) != pool {
        differences.append("peak of the pool: \(tested.buffer.pools.base[0].peak), not \(pool)")
      }
      return differences
    }
  }

  @Test("Cells of a packet are its bytes, divided and rounded up")
  func cells() {
    var configuration = SwitchConfiguration()
    var random = SplitMix64(seed: 1)
    var wrong: [(Int, Int)] = []
    for cell in 1...65_536 {
      // Every cell size near the ends and at usual sizes, one in 16 between them.
      guard cell < 600 || cell > 65_500 || cell % 16 == 0 else { continue }
      configuration.buffer.cell = ByteCount(UInt64(cell))
      let buffer = Buffer(configuration)
      var sizes = [1, 60, 64, 1514, 9238, 65_535, 65_536, 131_070, 131_071]
      for count in [1, 2, 3, 7, 1 + random.below(200), 131_071 / cell] {
        sizes += [count * cell - 1, count * cell, count * cell + 1]
      }
      for size in sizes where size > 0 && size < 131_072 {
        let quotient = size / cell
        let wanted = quotient * cell == size ? quotient : quotient + 1
        if Int(buffer.accounts.cells(UInt32(size))) != wanted { wrong.append((cell, size)) }
      }
    }
    for cell in [1, 48, 64, 80, 96, 144, 208, 256, 1024, 4095, 9299, 65_536] {
      configuration.buffer.cell = ByteCount(UInt64(cell))
      let buffer = Buffer(configuration)
      var wanted = 0
      for size in 1...9300 {
        if size > wanted * cell { wanted += 1 }
        if Int(buffer.accounts.cells(UInt32(size))) != wanted { wrong.append((cell, size)) }
      }
    }
    #expect(wrong.isEmpty, "cell and size: \(wrong.prefix(10))")
  }

  @Test("A pool of zero cells, and a packet larger than the pool")
  func nothing() {
    for alpha in [-8, 0, 7] {
      var wanted = BufferCase(layout: .twoPorts, threshold: .alpha(alpha))
      (wanted.pool, wanted.headroom) = (0, 3)
      let empty = BufferUnderTest(wanted)
      #expect(empty.arrive(group: 0, cells: 4, slack: 0) == .headroomFull)
      #expect(empty.arrive(group: 0, cells: 3, slack: 0) == .admitted)
      #expect(empty.buffer.groups.base[3].headroomUsed == 3)
      wanted.pool = 5
      let small = BufferUnderTest(wanted)
      // With alpha 128 the limit is 640 cells, but there are 5.
      #expect(small.arrive(group: 0, cells: 6, slack: 0) == .headroomFull)
    }
  }
}
