import ArgumentParser
import Collector
import Control

/// What commands of the collector have in common: how telemetry is announced, and how much is kept.
struct CollectOptions: ParsableArguments {
  @Option(
    name: .customLong("report-port"), help: ArgumentHelp("The UDP port that reports are sent to.", valueName: "port"))
  var reportPort: UInt16 = TelemetryFormat().reportPort

  @Option(
    name: .customLong("int-port"), help: ArgumentHelp("The UDP port that announces INT in packets.", valueName: "port"))
  var intPort: UInt16 = TelemetryFormat().intPort

  @Option(
    name: .customLong("int-dscp"),
    help: ArgumentHelp("The DSCP that announces INT in packets with their own ports.", valueName: "dscp"))
  var intDSCP: UInt8?

  @Option(
    name: .customLong("time-unit"),
    help: ArgumentHelp("The unit of hop latency and time stamps (1ns, 1us).", valueName: "time"))
  var timeUnit: String = "1ns"

  @Option(
    name: .customLong("depth-unit"),
    help: ArgumentHelp("The unit of queue and buffer occupancy (1B, 254B for cells).", valueName: "size"))
  var depthUnit: String = "1B"

  @Option(
    name: .customLong("ioam-fraction"),
    help: ArgumentHelp("What IOAM's fraction of a second counts: microseconds or nanoseconds.", valueName: "unit"))
  var ioamFraction: String = TelemetryFormat.Fraction.microseconds.rawValue

  @Option(
    name: .customLong("burst"),
    help: ArgumentHelp("A burst begins at this depth, and ends below half of it.", valueName: "size"))
  var burst: String = "100kB"

  @Option(
    name: .customLong("burst-gap"),
    help: ArgumentHelp("A burst ends when its queue is silent for this time.", valueName: "time"))
  var burstGap: String = "1ms"

  @Option(help: ArgumentHelp("The interval of histories.", valueName: "time"))
  var bin: String = "100us"

  @Option(help: ArgumentHelp("How long reports of one packet are awaited.", valueName: "time"))
  var hold: String = "10ms"

  @Option(help: ArgumentHelp("What is kept in memory at most.", valueName: "size"))
  var memory: String = "128MiB"

  /// The options as the collector wants them.
  func options() throws -> CollectorOptions {
    var options = CollectorOptions()
    options.format.reportPort = reportPort
    options.format.intPort = intPort
    if let intDSCP, intDSCP > 63 { throw ValidationError("--int-dscp \(intDSCP): write 0 to 63.") }
    options.format.intDSCP = intDSCP
    options.format.nanosecondsPerUnit = try time(timeUnit, "--time-unit", 1...1_000_000_000)
    options.format.bytesPerUnit = try size(depthUnit, "--depth-unit", 1...65_536)
    guard let fraction = TelemetryFormat.Fraction(rawValue: ioamFraction) else {
      throw ValidationError("--ioam-fraction \(ioamFraction): write microseconds or nanoseconds.")
    }
    options.format.ioamFraction = fraction
    options.bursts.threshold = try size(burst, "--burst", 1...1 << 40)
    options.bursts.release = (options.bursts.threshold + 1) / 2
    options.bursts.gap = try time(burstGap, "--burst-gap", 1...3_600_000_000_000)
    options.binNanoseconds = try time(bin, "--bin", 1...3_600_000_000_000)
    options.holdNanoseconds = try time(hold, "--hold", 1...3_600_000_000_000)
    options.limits = CollectorLimits(
      memory: Int(try size(memory, "--memory", UInt64(CollectorLimits.leastMemory)...1 << 40)))
    return options
  }

  private func time(_ text: String, _ option: String, _ range: ClosedRange<UInt64>) throws -> UInt64 {
    guard let time = try? Quantities.time(text), range.contains(time.count / 1000) else {
      throw ValidationError("\(option) \(text): write a time with its unit, from 1ns on, such as 100us.")
    }
    return time.count / 1000
  }

  private func size(_ text: String, _ option: String, _ range: ClosedRange<UInt64>) throws -> UInt64 {
    guard let size = try? Quantities.size(text), range.contains(size.bytes) else {
      throw ValidationError(
        "\(option) \(text): write a size from \(range.lowerBound) B on with its unit, such as 100kB.")
    }
    return size.bytes
  }
}
