import TestSupport
import Testing

@testable import Dataplane

/// Every state that a small buffer can reach, and everything that can happen in it: decision, charges, accounts, XOFF and
/// XON are those of the reference. As the accounts are set from each state, this is a proof by induction for these sizes.
@Suite struct BufferStateTests {
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

  @Test("All reachable states of small buffers", arguments: BufferCase.Layout.allCases)
  func states(_ layout: BufferCase.Layout) {
    var states = 0
    var steps = 0
    for threshold in Self.thresholds {
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
    var seen: Set<[Int]> = []
    var open = [wanted.reference]
    seen.insert(open[0].key)
    var steps = 0
    while let state = open.popLast() {
      for group in 0..<2 {
        for cells in [1, 3] {
          var next = state
          tested.set(state)
          // Sizes at both ends of what takes so many cells.
          let slack = (steps + cells) & 1 == 0 ? 0 : BufferCase.cell - 1
          let decision = next.arrive(group: group, cells: cells)
          let admission = tested.arrive(group: group, cells: cells, slack: slack)
          if case .admitted(let packet) = decision, admission == .admitted {
            let charges = tested.charges(group: group, cells: cells)
            if charges != packet { Issue.record("\(wanted): \(state.packets) + \(packet) is charged \(charges)") }
          } else if admission != decision.admission {
            Issue.record(
              "\(wanted): \(state.packets) + \(cells) cells of group \(group): \(admission), not \(decision)")
          }
          finish(&next, group, tested, wanted, before: state)
          if seen.insert(next.key).inserted { open.append(next) }
          steps += 1
        }
      }
      // Of packets that are alike, one.
      for (index, leaving) in state.packets.enumerated() where state.packets.firstIndex(of: leaving) == index {
        var next = state
        tested.set(state)
        _ = next.leave(at: index)
        tested.depart(leaving, isLossless: state.groups[leaving.group].isLossless)
        finish(&next, leaving.group, tested, wanted, before: state)
        if seen.insert(next.key).inserted { open.append(next) }
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

extension ReferenceBuffer {
  /// The state without the order in which its packets came.
  fileprivate var key: [Int] {
    var key: [Int] = []
    for packet in packets {
      let reserves = (packet.ofGroup << 8 | packet.ofPort) << 8 | packet.ofQueue
      key.append((packet.group << 8 | packet.cells) << 24 | reserves)
    }
    key.sort()
    return key + headroomUsed + xoff.map { $0 ? 1 : 0 }
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
