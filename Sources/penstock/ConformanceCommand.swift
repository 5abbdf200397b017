import ArgumentParser
import Conformance
import Control
import Dataplane
import Drivers
import Glibc

struct ConformanceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "conformance",
    abstract: "Compare the switch with theory: expectation and measurement side by side.",
    discussion: """
      Sources, cables and sinks in exact virtual time around a switch with the ports, queues, buffer and flow control of \
      CONFIG. What must come out is computed from CONFIG by closed forms and small models that share no code with the \
      switch. Without CONFIG: the usual RoCE leaf, every threshold, and cables up to 10 km.

      Exit codes: 0 all passed; 1 a check failed; 2 the configuration is wrong; 64 the command line is wrong.
      """)

  @Argument(help: "The configuration (YAML).", completion: .file(extensions: ["yaml", "yml"]))
  var config: String?

  @Option(
    help: ArgumentHelp(
      "Only this subject; may be repeated: \(Subject.allCases.map(\.rawValue).joined(separator: ", ")).",
      valueName: "subject"))
  var only: [String] = []

  @Flag(help: "List the cases instead of running them.")
  var list = false

  @Flag(help: "Print JSON.")
  var json = false

  @Option(help: ArgumentHelp("Write JUnit XML to this file too.", valueName: "file"), completion: .file())
  var junit: String?

  @Option(help: ArgumentHelp("Write an HTML page to this file too.", valueName: "file"), completion: .file())
  var html: String?

  func run() throws {
    let subjects = try wantedSubjects()
    let loaded = try config.map(loadConfiguration)
    var plan = loaded.map { ConformancePlan($0.configuration) } ?? .builtIn()
    if !subjects.isEmpty { plan = plan.only(subjects) }
    if list { return try Terminal.say(plan.cases.map { "\($0.subject.rawValue): \($0.name)\n" }.joined()) }
    let signals = EndSignals()
    try signals.guarding(code: { $0 is SwitchError ? 2 : 1 }) {
      let count = plan.cases.count
      let results = try plan.run { index, one in
        if Terminal.showsProgress {
          Terminal.progress(Double(index) / Double(count), "\(one.subject.rawValue): \(one.name)")
        }
        return !signals.areWaiting
      }
      if Terminal.showsProgress { Terminal.clearProgress() }
      let name = loaded?.configuration.name ?? SwitchConfiguration.conformanceLeaf.name
      let report = ConformanceReport(configuration: loaded?.file ?? "built-in", name: name, results: results)
      if let junit { try TextFile.write(report.junit, to: junit) }
      if let html { try TextFile.write(ConformanceHTML(report).page(), to: html) }
      signals.release()
      try Terminal.say(json ? try report.json() : report.text(isColoured: Terminal.isColoured))
      if !report.isPassed { throw ExitCode(1) }
    }
  }

  private func wantedSubjects() throws -> Set<Subject> {
    var subjects: Set<Subject> = []
    for name in only {
      guard let subject = Subject(rawValue: name) else {
        let names = Subject.allCases.map(\.rawValue).joined(separator: ", ")
        Terminal.complain("error: --only \(name): no such subject; there are \(names).")
        throw ExitCode(64)
      }
      subjects.insert(subject)
    }
    return subjects
  }
}
