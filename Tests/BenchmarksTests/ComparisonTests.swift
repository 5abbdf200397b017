import Benchmarks
import Testing

struct ComparisonTests {
  private func verdict(
    _ old: (Double, Double, Double), _ new: (Double, Double, Double), loops: (Double, Double) = (100, 100)
  ) -> Comparison.Line? {
    let before = SampleResults.row("x", Spread(min: old.0, median: old.1, max: old.2), calibration: [loops.0])
    let after = SampleResults.row("x", Spread(min: new.0, median: new.1, max: new.2), calibration: [loops.1])
    return Comparison(old: SampleResults.results([before]), new: SampleResults.results([after])).lines.first
  }

  @Test func roundsThatDoNotOverlapAreAVerdict() throws {
    let slower = try #require(verdict((90, 100, 110), (120, 125, 130)))
    #expect(slower.verdict == .slower && slower.ratio == 0.8 && slower.calibratedRatio == 0.8)
    let faster = try #require(verdict((120, 125, 130), (90, 100, 110)))
    #expect(faster.verdict == .faster && faster.ratio == 1.25)
  }

  @Test func roundsThatOverlapAreNoise() {
    #expect(verdict((90, 100, 121), (120, 125, 130))?.verdict == .same)
    #expect(verdict((100, 100, 100), (100, 100, 100))?.verdict == .same)
  }

  @Test func aLittleIsNoiseHoweverSteady() {
    #expect(verdict((100, 100, 100), (102, 102, 102))?.verdict == .same)
    #expect(verdict((100, 100, 100), (104, 104, 104))?.verdict == .slower)
  }

  @Test func aMachineThatBecameSlowerIsNoVerdict() throws {
    let line = try #require(verdict((90, 100, 110), (120, 125, 130), loops: (100, 125)))
    #expect(line.verdict == .same && line.ratio == 0.8 && line.calibratedRatio == 1)
  }

  @Test func rowsAreMatchedByWhatTheyMeasure() {
    let one = Spread(min: 1, median: 1, max: 1)
    let old = [
      SampleResults.row("a", one), SampleResults.row("b", one, variable: .init("routes", 1)),
      SampleResults.row("gone", one),
    ]
    let new = [
      SampleResults.row("a", one), SampleResults.row("b", one, variable: .init("routes", 10)),
      SampleResults.row("c", one), SampleResults.row("a", one, suite: "stages"),
    ]
    let comparison = Comparison(old: SampleResults.results(old), new: SampleResults.results(new))
    #expect(comparison.lines.map(\.name) == ["capacity, 64 B, a"])
    #expect(comparison.gone == 2 && comparison.added == 3 && comparison.machines == nil)
    #expect(comparison.summary.hasPrefix("1 rows in both: 0 faster, 0 slower, 1 within noise; 2 only before"))
  }

  @Test func anotherMachineIsSaid() {
    var old = SampleResults.results([])
    old.machine.cpu = "Other CPU"
    let comparison = Comparison(old: old, new: SampleResults.results([]))
    #expect(comparison.text(isColoured: false).contains("Other CPU before, Example CPU now"))
  }
}
