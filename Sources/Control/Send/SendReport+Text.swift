import Dataplane

extension SendReport {
  /// The report for a person.
  public func text() -> String {
    var lines = [
      "Sent \(sent.frames) of \(sent.planned) frames in \(SendReport.text(sent.seconds, digits: 3)) s: "
        + "\(SendReport.packets(sent.framesPerSecond)), \(SendReport.bits(sent.wireBitsPerSecond)) on the wire"
    ]
    func add(_ name: String, _ value: String) {
      lines.append("  \(name)\(String(repeating: " ", count: max(1, 18 - name.count)))\(value)")
    }
    add("clock", "\(clock); CPU \(cpus.map(String.init).joined(separator: ", "))")
    add("departure error", SendReport.text(departureError))
    if sent.deviceFull > 0 { add("device full", "\(sent.deviceFull) times") }
    if sent.pauseFramesReceived > 0 || sent.pausedFrames > 0 {
      add(
        "pauses",
        "\(sent.pauseFramesReceived) pause frames, \(sent.pausedFrames) frames held back, \(sent.unsentFrames) not sent"
      )
    }
    if let returned {
      let share = sent.frames == 0 ? 0 : Double(returned.lost) / Double(sent.frames) * 100
      lines.append(
        "Returned \(returned.frames) frames, lost \(returned.lost) (\(SendReport.text(share, digits: 4)) %), "
          + "reordered \(returned.reordered) (by up to \(returned.reorderingExtent)), duplicated \(returned.duplicated)"
      )
      add("latency", SendReport.text(returned.latency))
      if returned.foreign > 0 { add("other frames", "\(returned.foreign)") }
    }
    for notice in notices { lines.append("Notice: \(notice)") }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func text(_ times: Times) -> String {
    guard times.count > 0 else { return "nothing measured" }
    return
      "p50 \(time(times.p50Ns)), p99 \(time(times.p99Ns)), p99.9 \(time(times.p999Ns)), max \(time(times.maximumNs))"
  }

  private static func time(_ nanoseconds: Double) -> String {
    if nanoseconds < 1000 { return "\(text(nanoseconds, digits: 0)) ns" }
    if nanoseconds < 1e6 { return "\(text(nanoseconds / 1000, digits: 2)) us" }
    return "\(text(nanoseconds / 1e6, digits: 2)) ms"
  }

  private static func packets(_ rate: Double) -> String {
    rate >= 1e6 ? "\(text(rate / 1e6, digits: 3)) Mpps" : "\(text(rate / 1000, digits: 3)) kpps"
  }

  private static func bits(_ rate: Double) -> String {
    rate >= 1e9 ? "\(text(rate / 1e9, digits: 3)) Gb/s" : "\(text(rate / 1e6, digits: 3)) Mb/s"
  }

  /// A number with a fixed number of decimals.
  private static func text(_ number: Double, digits: Int) -> String {
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    let whole = UInt64((max(0, number) * scale).rounded())
    guard digits > 0 else { return "\(whole)" }
    let fraction = String(whole % UInt64(scale))
    return "\(whole / UInt64(scale)).\(String(repeating: "0", count: digits - fraction.count))\(fraction)"
  }
}
