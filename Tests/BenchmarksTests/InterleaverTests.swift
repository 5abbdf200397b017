import Benchmarks
import Testing

struct InterleaverTests {
  /// What happened, in order.
  private final class Diary {
    var entries: [String] = []
  }

  private func subject(_ name: String, _ diary: Diary, nanoseconds: Double = 1000) -> Subject {
    Subject(name: name, version: "1 \(name)") { round in
      diary.entries.append("\(name)\(round)")
      return Sample(packets: 100, bytes: 6400, nanoseconds: nanoseconds + Double(round))
    }
  }

  @Test func subjectsTakeTurns() throws {
    let diary = Diary()
    let interleaver = Interleaver(rounds: 4, calibrate: { 7 })
    let measured = try interleaver.run(["a", "b", "c"].map { subject($0, diary) })
    #expect(diary.entries == ["a0", "b0", "c0", "a1", "b1", "c1", "a2", "b2", "c2", "a3", "b3", "c3"])
    #expect(measured.map(\.name) == ["a", "b", "c"])
    #expect(measured.map(\.version) == ["1 a", "1 b", "1 c"])
    #expect(measured[1].samples.map(\.nanoseconds) == [1000, 1001, 1002, 1003])
  }

  @Test func theCalibrationLoopRunsBesideEveryTurn() throws {
    let diary = Diary()
    var loops = 0.0
    let interleaver = Interleaver(
      rounds: 3,
      calibrate: {
        diary.entries.append("loop")
        loops += 1
        return loops
      })
    let measured = try interleaver.run([subject("a", diary), subject("b", diary)])
    #expect(
      diary.entries == [
        "loop", "a0", "loop", "b0", "loop", "a1", "loop", "b1", "loop", "a2", "loop", "b2",
      ])
    #expect(measured[0].calibration == [1, 3, 5])
    #expect(measured[1].calibration == [2, 4, 6])
  }

  @Test func thereAreNeverFewerThanThreeRounds() throws {
    let diary = Diary()
    _ = try Interleaver(rounds: 1, calibrate: { 1 }).run([subject("a", diary)])
    #expect(diary.entries == ["a0", "a1", "a2"])
  }

  @Test func progressTellsEveryTurnAndMayEndThem() throws {
    struct Enough: Error {}
    let diary = Diary()
    let interleaver = Interleaver(rounds: 3, calibrate: { 1 }) { done, all, name in
      diary.entries.append("\(done)/\(all) \(name)")
      if done == 3 { throw Enough() }
    }
    #expect(throws: Enough.self) { _ = try interleaver.run([subject("a", diary), subject("b", diary)]) }
    #expect(diary.entries == ["0/6 a", "a0", "1/6 b", "b0", "2/6 a", "a1", "3/6 b"])
  }
}
