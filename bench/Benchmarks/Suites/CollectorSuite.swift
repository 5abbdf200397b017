import Collector
import Control
import Foundation

/// What one core can take in of telemetry reports: from the datagrams in memory to paths, histories and bursts.
struct CollectorSuite: Suite {
  let name = "collector"
  let summary = "telemetry reports a second of one core, by kind of report, with and without the store"

  /// How many flows, and in how many datagrams of how many reports.
  private static let flows = 4096
  private static let batch = 4

  func measure(_ run: BenchmarkRun) throws {
    let kinds: [(String, ReportLoad)] = [
      ("one hop (XD)", ReportLoad(flows: Self.flows, batch: Self.batch, hops: 0)),
      ("stack of 5 hops (MD)", ReportLoad(flows: Self.flows, batch: Self.batch, hops: 5)),
    ]
    for (title, load) in kinds {
      let measured = try run.interleave("\(name), \(title)", try subjects(load, run))
      for one in measured {
        var row = BenchmarkRow(
          suite: name, subject: one.name, workload: title, frameBytes: load.meanReportBytes, flows: Self.flows)
        row.take(one)
        run.add(row)
      }
    }
  }

  private func subjects(_ load: ReportLoad, _ run: BenchmarkRun) throws -> [Subject] {
    let reports = run.options.packets / 2
    let core = run.core
    return [
      Subject(name: "collector alone") { _ in
        var feed = ReportFeed(load)
        feed.run(reports: reports / 4)
        let timing = core.time { feed.run(reports: reports) }
        return sample(load, reports, timing)
      },
      Subject(name: "with its store") { _ in
        let directory = try TemporaryDirectory()
        let store = try Store(
          path: directory.path + "/reports.db", started: 1, binNanoseconds: 100_000, rowLimit: 10_000_000)
        var feed = ReportFeed(load)
        var failure: StoreError?
        let timing = core.time {
          do throws(StoreError) { try feed.run(reports: reports, into: store) } catch { failure = error }
        }
        if let failure { throw failure }
        return sample(load, reports, timing, [Figure("rows", Double(store.rows), unit: "rows")])
      },
    ]
  }

  private func sample(
    _ load: ReportLoad, _ reports: Int, _ timing: MeasuringCore.Timing, _ figures: [Figure] = []
  ) -> Sample {
    Sample(
      packets: UInt64(reports), bytes: UInt64(Double(reports) * load.meanReportBytes),
      nanoseconds: timing.nanoseconds, cycles: timing.cycles, away: timing.away,
      figures: figures + [Figure("reports a second", Double(reports) / timing.nanoseconds * 1e9, unit: "1/s")])
  }
}
