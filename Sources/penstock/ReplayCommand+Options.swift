import ArgumentParser
import Control
import Dataplane
import Drivers

/// What the options mean.
extension ReplayCommand {
  /// Replay options from the command line.
  ///
  /// - Throws: `ValidationError` for what is wrong with the command line.
  func options(_ loaded: LoadedConfiguration) throws -> ReplayOptions {
    var options = ReplayOptions()
    guard !out.isEmpty else { throw ValidationError("--out: name a directory; the present one is `.`.") }
    guard !inputs.isEmpty else { throw ValidationError("Name at least one capture: --in PORT=FILE.") }
    var expressions: [PortID: String] = [:]
    for filter in filters {
      let (port, expression) = try assignment(filter, option: "--filter", loaded)
      if expressions.updateValue(expression, forKey: port) != nil {
        let name = loaded.configuration.ports[port.index].name
        throw ValidationError("--filter \(filter): \(name) has a filter already; write one with `and` or `or`.")
      }
    }
    for input in inputs {
      let (port, path) = try assignment(input, option: "--in", loaded)
      options.inputs.append(ReplayInput(port: port, path: path, filter: expressions[port]))
    }
    for port in expressions.keys where !options.inputs.contains(where: { $0.port == port }) {
      let name = loaded.configuration.ports[port.index].name
      throw ValidationError("--filter \(name)=...: no capture arrives on \(name); add --in \(name)=FILE.")
    }
    options.speed = try replaySpeed()
    guard loop >= 1 else { throw ValidationError("--loop \(loop): play the captures at least once.") }
    guard snap >= 14, snap <= 262_144 else { throw ValidationError("--snap \(snap): between 14 and 262144 bytes.") }
    options.loops = loop
    options.snapLength = snap
    if let start { options.start = try time(start, option: "--start") }
    if let until { options.until = try time(until, option: "--until") }
    if let until = options.until, until < options.start {
      throw ValidationError("--until lies before --start: nothing would be replayed.")
    }
    options.isStrict = strict
    options.outputDirectory = out
    options.writesPacketLog = packets
    options.sourceResponse = try response()
    if let pauseLog {
      guard !pauseLog.isEmpty else { throw ValidationError("--pfc-log: name a file.") }
      options.pauseLogPath = pauseLog
    }
    options.protectedPaths = [config]
    // Checked here, used when the switch is built.
    _ = try chosenSerialization()
    _ = try packetMemoryBudget()
    return options
  }

  /// How the time of a frame is counted, if the command line says so.
  func chosenSerialization() throws -> Serialization? {
    guard let serialization else { return nil }
    guard let chosen = Serialization(rawValue: serialization) else {
      throw ValidationError("--serialization \(serialization): write exact or truncate-ns.")
    }
    return chosen
  }

  /// What packets may take.
  func packetMemoryBudget() throws -> ByteCount {
    guard let packetMemory else { return PacketMemory.usualBudget }
    guard let size = try? Quantities.size(packetMemory) else {
      throw ValidationError("--packet-memory \(packetMemory): write a size with its unit, such as 512MiB or 4GiB.")
    }
    guard size.bytes >= 64 << 20, size.bytes <= 1 << 40 else {
      throw ValidationError("--packet-memory \(packetMemory): between 64MiB and 1TiB.")
    }
    return size
  }

  /// How late the senders obey pause frames; nil: they do not.
  private func response() throws -> PauseResponse? {
    let response: PauseResponse
    switch sourceResponse {
    case "immediate": response = .immediate
    case "standard": response = .standard
    default:
      guard let time = try? Quantities.time(sourceResponse) else {
        throw ValidationError(
          "--source-response \(sourceResponse): write immediate, standard, or a time with its unit, such as 500ns.")
      }
      response = .after(time)
    }
    switch pause {
    case "obey": return response
    case "ignore":
      guard sourceResponse == "immediate" else {
        throw ValidationError("--source-response: has no meaning with --pause ignore.")
      }
      return nil
    default: throw ValidationError("--pause \(pause): write obey or ignore.")
    }
  }

  private func assignment(
    _ text: String, option: String, _ loaded: LoadedConfiguration
  ) throws -> (PortID, String) {
    guard let separator = text.firstIndex(of: "="), separator != text.startIndex else {
      throw ValidationError("\(option) \(text): write PORT=VALUE.")
    }
    let name = String(text[..<separator])
    let value = String(text[text.index(after: separator)...])
    guard !value.isEmpty else { throw ValidationError("\(option) \(text): nothing follows the =.") }
    guard let port = loaded.portIndex(named: name) else {
      throw ValidationError("\(option) \(text): no port is named `\(name)`, \(loaded.portSuggestion(for: name))")
    }
    return (PortID(port), value)
  }

  private func replaySpeed() throws -> ReplaySpeed {
    if speed == "max" { return .lineRate }
    if speed.hasSuffix("x"), let (numerator, denominator) = Quantities.factor(speed.dropLast()) {
      return .factor(numerator: numerator, denominator: denominator)
    }
    if let rate = try? Quantities.rate(speed) {
      guard rate.bitsPerSecond >= 10_000 else { throw ValidationError("--speed \(speed): at least 10k.") }
      return .rate(rate)
    }
    throw ValidationError("--speed \(speed): write a factor (2x, 0.5x), a rate (100G), or max.")
  }

  private func time(_ text: String, option: String) throws -> Picoseconds {
    do {
      return try Quantities.time(text)
    } catch {
      throw ValidationError("\(option) \(text): write a time with its unit, such as 10ms or 2s.")
    }
  }
}
