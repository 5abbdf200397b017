import Testing

@testable import Benchmarks

struct SuitesTests {
  @Test func namesAreUniqueAndOneWord() {
    let names = Suites.all.map(\.name)
    #expect(Set(names).count == names.count)
    #expect(Suites.all.allSatisfy { $0.name.allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" } })
    #expect(Suites.all.allSatisfy { !$0.summary.isEmpty })
  }

  @Test func theOrderIsTheUsualOne() throws {
    #expect(try Suites.named(["growth", "capacity", "growth"]).map(\.name) == ["capacity", "growth"])
    #expect(try Suites.named([]).map(\.name) == Suites.all.filter(\.isUsual).map(\.name))
  }

  @Test func anUnknownNameIsAnErrorThatSaysWhichThereAre() {
    let error = #expect(throws: BenchmarkError.self) { _ = try Suites.named(["capacity", "speed"]) }
    #expect(error?.description.hasPrefix("speed: no such suite; there are capacity, ") == true)
  }

  @Test func processesTellTheirPeak() {
    #expect(ChildProcess.highWaterMark(in: "Name:\tx\nVmPeak:\t  9 kB\nVmHWM:\t  1234 kB\n") == 1_263_616)
    #expect(ChildProcess.highWaterMark(in: "Name:\tx\n") == 0)
  }
}
