import TestSupport
import Testing

@testable import Dataplane

/// States that small buffers can reach, and everything that can happen in them: decision, charges, accounts, XOFF and
/// XON are those of the reference. The accounts are set from each state.
@Suite struct BufferStateTests {
  /// States to look at of each buffer. All would be some millions.
  private static let most = 300

  static let thresholds: [ReferenceBuffer.Threshold] =
    (-8...7).map { .alpha($0) } + [.cells(nil), .cells(1), .cells(3)]

  /// What a buffer can have beside its pool, one by one and together.
  private static let variants: [@Sendable (inout BufferCase) -> Void] = [
    { _ in },
    { $0.reserve = 1 },
    { ($0.portReserve, $0.xon) = (2, 2) },
    { ($0.sharedHeadroom, $0.xonOffset) = (3, 2) },
    {
      $0.split = (4, 3)
      $0.egressReserve = 1
    },
    {
      ($0.reserve, $0.portReserve, $0.egressReserve, $0.pool) = (2, 1, 2, 5)
      ($0.sharedHeadroom, $0.egressPool) = (2, 5)
      $0.egressThreshold = .alpha(-1)
    },
  ]

  @Test("States that small buffers reach, hundreds of each", arguments: BufferCase.Layout.allCases)
  func states(_ layout: BufferCase.Layout) {
    var steps = 0
    var states = 0
    // Long traces go through all limits; here those that differ most, or the states would be too many.
    for threshold in [.alpha(-8), .alpha(-1), .alpha(1), .alpha(7), .cells(3)] as [ReferenceBuffer.Threshold] {
      for variant in Self.variants {
        var wanted = BufferCase(layout: layout, threshold: threshold)
        variant(&wanted)
        let explored = explore(wanted)
        states += explored.states
        steps += explored.steps
      }
    }
    print("BufferStateTests: \(layout): \(states) states, \(steps) steps")
    #expect(states > 1000)
  }

  private func explore(_ wanted: BufferCase) -> (states: Int, steps: Int) {
    let tested = BufferUnderTest(wanted)
    var seen: Set<StateKey> = []
    var open = [wanted.reference]
    seen.insert(StateKey(open[0]))
    var steps = 0
    while seen.count < Self.most, let state = open.popLast() {
      for group in 0..<2 {
        for cells in [1, 2, 3] {
          var next = state
          tested.set(state)
          // Sizes at both ends of what takes so many cells.
          let slack = (steps + cells) & 1 == 0 ? 0 : BufferCase.cell - 1
          let decision = next.arrive(group: group, queue: group, cells: cells)
          let admission = tested.arrive(group: group, queue: group, cells: cells, slack: slack)
          if case .admitted(let packet) = decision, admission == .admitted {
            let charges = tested.charges(of: packet)
            if charges != packet { Issue.record("\(wanted): \(state.packets) + \(packet) is charged \(charges)") }
          } else if admission != decision.admission {
            Issue.record(
              "\(wanted): \(state.packets) + \(cells) cells of group \(group): \(admission), not \(decision)")
          }
          finish(&next, group, tested, wanted, before: state)
          if seen.insert(StateKey(next)).inserted { open.append(next) }
          steps += 1
        }
      }
      for leaving in Set(state.packets) {
        var next = state
        tested.set(state)
        if let index = next.packets.firstIndex(of: leaving) { _ = next.leave(at: index) }
        tested.depart(leaving)
        finish(&next, leaving.group, tested, wanted, before: state)
        if seen.insert(StateKey(next)).inserted { open.append(next) }
        steps += 1
      }
    }
    return (seen.count, steps)
  }

  /// Looks at the group whose packet came or went, and compares everything.
  private func finish(
    _ next: inout ReferenceBuffer, _ group: Int, _ tested: borrowing BufferUnderTest, _ wanted: BufferCase,
    before: ReferenceBuffer
  ) {
    if next.groups[group].isLossless {
      let change = tested.buffer.accounts.pauseChange(group: tested.places[group])
      let expected = next.look(at: group)
      if change != expected {
        Issue.record("\(wanted): \(before.packets) to \(next.packets): \(change), not \(expected)")
      }
    }
    let differences = tested.differences(from: next)
    if !differences.isEmpty { Issue.record("\(wanted): \(before.packets) to \(next.packets): \(differences)") }
  }
}

/// A state without the order in which its packets came.
private struct StateKey: Hashable {
  let packets: [ReferenceBuffer.Packet: Int]
  let xoff: [Bool]

  init(_ state: ReferenceBuffer) {
    var packets: [ReferenceBuffer.Packet: Int] = [:]
    for packet in state.packets { packets[packet, default: 0] += 1 }
    self.packets = packets
    xoff = state.xoff
  }
}

extension ReferenceBuffer.Decision {
  var admission: Admission {
    switch self {
    case .admitted: .admitted
    case .headroomFull: .headroomFull
    case .ingressFull: .ingressFull
    case .egressFull: .egressFull
    }
  }
}
