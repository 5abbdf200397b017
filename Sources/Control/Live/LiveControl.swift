import Dataplane
import Drivers
import Glibc
import Synchronization
import Wire

/// A live switch as the control server sees it.
public final class LiveControl: ControlledSwitch {
  /// What is in force, and what would be again.
  private struct State {
    var loaded: LoadedConfiguration
    /// The configuration as the user wrote it.
    var text: String
    /// Impairments that are in force, by port.
    var impairments: [String: [ImpairmentSettings]]
    var trial: Trial?
  }

  /// A configuration that is taken back unless somebody confirms it.
  private struct Trial {
    var previous: LoadedConfiguration
    var previousText: String
    var deadline: Tick
  }

  /// The switch's name.
  public let name: String
  private let device: LiveSwitch
  private let run: LiveRun
  private let begin = LiveClock.now
  private let state: Mutex<State>
  let captures: PortCaptures
  private let isEnding = Atomic<Bool>(false)

  /// - Parameters:
  ///   - device: a switch of `run`.
  ///   - loaded: what it was built from.
  public init(_ device: LiveSwitch, in run: LiveRun, _ loaded: LoadedConfiguration) {
    self.device = device
    self.run = run
    name = device.name
    captures = PortCaptures(
      portNames: device.namesByPlace, workers: device.sliceCount, clock: { LiveClock.captureClock }
    ) { session, port in
      device.setTap(of: session, on: port)
    }
    let text = (try? LiveControl.contents(of: loaded.file)) ?? ""
    state = Mutex(State(loaded: loaded, text: text, impairments: loaded.impairmentsByPort))
  }

  /// From now on it is not ready: it only sends what is queued.
  public func end() { isEnding.store(true, ordering: .relaxed) }

  /// Not ready while it is being stopped, or while no port has a link.
  public var readiness: Readiness {
    if isEnding.load(ordering: .relaxed) { return .notReady("the switch is being stopped") }
    let ports = device.portStatus
    let isDown = !ports.isEmpty && ports.allSatisfy { $0.isEnabled && !$0.link.isUp }
    return isDown ? .notReady("no port has a link") : .ready
  }

  /// What the switch has counted and holds, read beside its workers.
  public func snapshot(
    of parts: Set<SwitchSnapshot.Part>, ports: [String]
  ) throws(ControlError) -> SwitchSnapshot {
    let (text, path) = state.withLock { ($0.text, $0.loaded.file) }
    let facts = DriverFacts(of: device, in: run, since: begin, configurationText: text, configurationPath: path)
    do {
      return SwitchSnapshot(
        slices: try device.read { try SwitchSnapshot(of: $0, facts, parts: parts, ports: ports) },
        totals: device.totals, portNames: device.portNames)
    } catch let error as ControlError {
      throw error
    } catch {
      throw ControlError(.failed, "\(error)", remedy: "please report this")
    }
  }

  /// The configuration in force.
  var configuration: SwitchConfiguration { state.withLock { $0.loaded.configuration } }

  private func port(_ name: String) throws(ControlError) -> PortID {
    guard let port = device.port(named: name) else {
      throw .unknown("port", name, among: device.portNames)
    }
    return port
  }

  /// Wants a port up or down.
  public func setPort(_ port: String, isUp: Bool) throws(ControlError) {
    device.setPort(try self.port(port), isUp: isUp)
  }

  /// Forgets all peaks.
  public func resetWatermarks() throws(ControlError) { device.change { device, _ in device.resetWatermarks() } }

  /// The impairments that are in force on a port, as JSON.
  public func impairments(of port: String) throws(ControlError) -> String {
    _ = try self.port(port)
    return ImpairmentDocument.json(state.withLock { $0.impairments[port] ?? [] })
  }

  /// Replaces the impairments of a port; what they hold leaves at its time.
  public func setImpairments(of port: String, json: String) throws(ControlError) {
    let place = try self.port(port)
    let settings: [ImpairmentSettings]
    do {
      settings = try ImpairmentDocument.read(json, name: "request")
    } catch {
      throw ControlError(
        .unprocessable, "these are no impairments", remedy: "see `impairments` in docs/configuration.md",
        details: error.errors.map(\.description))
    }
    device.setImpairments(of: place, settings)
    state.withLock { $0.impairments[port] = settings }
  }

  /// Changes a weight until the next reload, by new tables.
  public func setWeight(_ change: WeightChange) throws(ControlError) {
    try state.withLock { state throws(ControlError) in
      var loaded = state.loaded
      let groups = loaded.configuration.nextHopGroups
      guard let group = groups.firstIndex(where: { "\($0.prefix)" == change.prefix }) else {
        throw .unknown("next-hop group", change.prefix, among: groups.map { "\($0.prefix)" })
      }
      let members = groups[group].members
      guard let member = members.firstIndex(where: { "\($0.address)" == change.via }) else {
        throw .unknown("next hop", change.via, among: members.map { "\($0.address)" })
      }
      guard change.weight <= 65_535 else {
        throw ControlError(.unprocessable, "a weight of \(change.weight) is too large", remedy: "choose 0 to 65535")
      }
      loaded.configuration.nextHopGroups[group].members[member].weight = change.weight
      try apply(loaded)
      state.loaded = loaded
    }
  }

  private func apply(_ loaded: LoadedConfiguration, isDryRun: Bool = false) throws(ControlError) {
    do {
      let plan = LivePlan(loaded)
      if isDryRun { try device.check(plan) } else { try device.reload(plan) }
    } catch {
      throw ControlError(.unprocessable, "the configuration does not fit: \(error)", remedy: "nothing was changed")
    }
  }
}

extension LiveControl {
  /// Goes over to another configuration if the switch can, between two rounds of each of its workers.
  public func reload(_ request: ReloadRequest) throws(ControlError) -> ReloadReport {
    try state.withLock { state throws(ControlError) in
      let (loaded, text) = try load(request, current: state.loaded)
      let changes = ConfigurationChanges(from: state.loaded.configuration, to: loaded.configuration)
      var restarts = changes.restarts
      if loaded.workers != state.loaded.workers, !restarts.contains("workers") { restarts.append("workers") }
      guard restarts.isEmpty else {
        throw ControlError(
          .unprocessable, "this takes a new start: \(restarts.joined(separator: ", "))",
          remedy: "stop the switch and run it with the new file; while it runs it takes over routes, next hops, "
            + "neighbors, macs, acl, ecmp, classification, impairments, ports[].up, and ports that come and go",
          details: changes.changes)
      }
      var sentences = changes.changes
      let impairments = loaded.impairmentsByPort
      for name in loaded.configuration.ports.map(\.name) where !changes.addedPorts.contains(name) {
        if impairments[name] != state.impairments[name] { sentences.append("port \(name): impairments differ") }
      }
      // What can be wrong is said before captures on ports that leave are ended. A port that would change its worker is
      // no difference of two configurations: where a file does not say whose a port is, it stays where it is.
      try apply(loaded, isDryRun: true)
      if request.isDryRun == true || sentences.isEmpty {
        return ReloadReport(isApplied: false, changes: sentences, notices: loaded.notices)
      }
      let before = state.loaded
      try replace(&state, by: loaded, removing: changes.removedPorts)
      if let seconds = request.rollbackAfterSeconds {
        let ticks = UInt64(seconds * Double(LiveClock.ticksPerSecond))
        state.trial = Trial(
          previous: state.trial?.previous ?? before, previousText: state.trial?.previousText ?? state.text,
          deadline: LiveClock.now + ticks)
      } else {
        state.trial = nil
      }
      state.text = text
      return ReloadReport(
        isApplied: true, changes: sentences, notices: loaded.notices,
        rollbackAfterSeconds: request.rollbackAfterSeconds)
    }
  }

  /// Keeps the configuration that is on trial.
  public func confirmReload() throws(ControlError) {
    try state.withLock { state throws(ControlError) in
      guard state.trial != nil else {
        throw ControlError(.conflict, "no configuration is on trial", remedy: "reload with --rollback-after first")
      }
      state.trial = nil
    }
  }

  /// Takes a configuration back whose time is up. To be called now and then; while somebody reloads, nothing happens.
  ///
  /// - Returns: what became of it, in words; nil if nothing was due.
  public func rollBackIfDue() -> String? {
    state.withLockIfAvailable { state -> String? in
      guard let trial = state.trial, trial.deadline <= LiveClock.now else { return nil }
      state.trial = nil
      let changes = ConfigurationChanges(from: state.loaded.configuration, to: trial.previous.configuration)
      do throws(ControlError) {
        try replace(&state, by: trial.previous, removing: changes.removedPorts)
      } catch {
        // A port that left can have lost its device to somebody else.
        return "the one before cannot be taken back, and it stays: \(error)"
      }
      state.text = trial.previousText
      return "the one before is in force again"
    } ?? nil
  }

  /// Puts another configuration in force, with its impairments. If it throws, nothing has changed but that captures on
  /// ports that were to leave have ended.
  private func replace(
    _ state: inout State, by loaded: LoadedConfiguration, removing ports: [String]
  ) throws(ControlError) {
    ports.forEach { captures.end($0) }
    try apply(loaded)
    let impairments = loaded.impairmentsByPort
    for (name, settings) in impairments where settings != state.impairments[name] {
      if let port = device.port(named: name) { device.setImpairments(of: port, settings) }
    }
    state.impairments = impairments
    state.loaded = loaded
  }

  /// The configuration that a request means, with the links that there are.
  private func load(
    _ request: ReloadRequest, current: LoadedConfiguration
  ) throws(ControlError) -> (LoadedConfiguration, String) {
    let path = request.path ?? current.file
    let found: [LoadedConfiguration]
    let text: String
    do {
      text = try request.text ?? Self.contents(of: path)
    } catch {
      throw ControlError(
        .unprocessable, "\(path): cannot be read, and nothing was changed", remedy: "name another file")
    }
    do throws(ConfigurationErrors) {
      found = try ConfigurationLoader().loadAll(
        yaml: text, file: path, directory: ConfigurationLoader.directory(of: path), cables: current.cables)
    } catch {
      throw ControlError(
        .unprocessable, "the configuration has mistakes, and nothing was changed", remedy: "mend them and try again",
        details: error.errors.map(\.description))
    }
    if found.count == 1, var loaded = found.first, !loaded.isInline {
      // Links are in another file.
      loaded.links = current.links
      return (loaded, text)
    }
    guard let loaded = found.first(where: { $0.configuration.name == name }) else {
      throw .unknown("switch in \(path)", name, among: found.map(\.configuration.name))
    }
    guard loaded.links == current.links else {
      throw ControlError(
        .unprocessable, "this takes a new start: the links of \(name)",
        remedy: "stop the switches, and run the new file")
    }
    return (loaded, text)
  }

  /// A file as text; what is not UTF-8 in it is replaced.
  private static func contents(of path: String) throws -> String {
    try MappedFile(path: path).withBytes { String(decoding: $0, as: UTF8.self) }
  }
}

extension LivePlan {
  /// The plan of a configuration.
  ///
  /// - Parameter states: what the ends of links know of each other, by the link's number; without it the links are those
  ///   that there are.
  public init(_ loaded: LoadedConfiguration, states: [LinkState] = []) {
    self.init(
      loaded.configuration, impairments: loaded.impairments, workers: loaded.workers, freePorts: loaded.freePorts)
    for (name, end) in loaded.links {
      links[name] = Link(
        number: end.link, peer: end.peer, delay: end.delay,
        state: states.indices.contains(end.link) ? states[end.link] : LinkState(), isFirst: end.isFirst)
    }
  }
}

extension LoadedConfiguration {
  /// Impairments by the names of ports.
  fileprivate var impairmentsByPort: [String: [ImpairmentSettings]] {
    Dictionary(zip(configuration.ports.map(\.name), impairments), uniquingKeysWith: { first, _ in first })
  }
}
