import CShims
import Dataplane

/// All live switches of a process, and the workers that move their packets.
public final class LiveRun: Sendable {
  /// What a run is to be like.
  public struct Options: Sendable {
    /// What workers do when nothing comes.
    public var poll = PollMode.adaptive
    /// The CPUs for workers; nil: all but the first that the process may use, for the first is control's.
    public var cpus: [Int]?
    /// How long a stop waits for what is queued, in nanoseconds.
    public var drainNanoseconds: UInt64 = 1_000_000_000

    /// Adaptive, on any CPU but the first.
    public init() {}
  }

  /// What a worker does with its time.
  public struct WorkerStatus: Sendable {
    /// Its number.
    public var name: String
    /// Its CPU, if it is pinned to one.
    public var cpu: Int?
    /// Rounds over all its ports.
    public var rounds: UInt64
    /// Rounds in which nothing moved.
    public var idleRounds: UInt64
    /// How often it slept.
    public var sleeps: UInt64
    /// The switches that it moves the packets of.
    public var switches: [String]
  }

  /// The switches.
  public let switches: [LiveSwitch]
  private let workers: [Worker]
  private let owners: [[Int]]
  private let units: SharedMemory<WorkerUnit>
  private let options: Options

  /// Starts DPDK's environment, builds the switches and opens all devices.
  ///
  /// - Throws: an error with a remedy; then nothing is left behind.
  public init(_ plans: [LivePlan], _ options: Options = Options()) throws {
    let allowed = Environment.allowedCPUs
    try Environment.start(.live())
    let cpus = try LiveRun.workerCPUs(options, allowed: allowed)
    let count = max(1, min(plans.count, max(1, cpus.count)))
    // Switches are dealt out in order, so those of one worker lie side by side.
    let owners = (0..<count).map { worker in
      plans.indices.filter { $0 * count / max(1, plans.count) == worker }
    }
    let units = UnsafeMutablePointer<WorkerUnit>.allocate(capacity: max(1, plans.count))
    var switches: [LiveSwitch] = []
    var workers: [Worker] = []
    do {
      for (worker, owned) in owners.enumerated() {
        let mailbox = Mailbox()
        for index in owned {
          let memory = try LiveRun.memory(for: plans[index].configuration)
          switches.append(
            try LiveSwitch(plans[index], memory: memory, unit: units + index, mailbox: mailbox))
        }
        let state = WorkerState(
          units: SharedMemory(pointer: units + (owned.first ?? 0)), unitCount: owned.count, mailbox: mailbox)
        workers.append(
          Worker(
            name: "worker\(worker)", cpu: cpus.isEmpty ? nil : cpus[worker % cpus.count], poll: options.poll,
            state: state))
      }
    } catch {
      switches.forEach { $0.close() }
      units.deallocate()
      throw error
    }
    self.switches = switches
    self.workers = workers
    self.owners = owners
    self.units = SharedMemory(pointer: units)
    self.options = options
  }

  /// Control's own CPU is left out, unless there is no other.
  private static func workerCPUs(_ options: Options, allowed: [Int]) throws(LiveError) -> [Int] {
    guard let wanted = options.cpus else { return allowed.count > 1 ? Array(allowed.dropFirst()) : [] }
    for cpu in wanted where !allowed.contains(cpu) {
      throw LiveError(
        "CPU \(cpu) cannot be used; choose from \(allowed.map { "\($0)" }.joined(separator: ",")), or widen the "
          + "process's affinity (taskset, cgroup)")
    }
    return wanted
  }

  /// Every frame that a device receives lies in a packet that holds the longest frame of its port, however short it is.
  private static func memory(for configuration: SwitchConfiguration) throws -> PacketMemory {
    let isJumbo = configuration.ports.contains { $0.mtu + 22 > PacketMemory.capacities.1 }
    let rings = configuration.ports.count * 2048
    let ordinary = isJumbo ? 8192 : 32_768 + rings
    return try PacketMemory(counts: (16_384, ordinary, isJumbo ? 16_384 + rings / 2 : 1024))
  }

  /// Starts devices and workers.
  public func start() throws {
    do {
      for each in switches { try each.start() }
      for worker in workers { try worker.start() }
    } catch {
      stop()
      throw error
    }
  }

  /// Takes ports down whose peer is gone, and up that have one again. To be called every few milliseconds.
  public func watchLinks() { switches.forEach { $0.watchLinks() } }

  /// Looks for the peers of devices that do not do so themselves. To be called some ten times a second.
  public func reconnect() { switches.forEach { $0.reconnect() } }

  /// Receives nothing more, sends what is queued, and ends the workers. Counters can still be read.
  public func stop() { workers.forEach { $0.stop(drainingFor: options.drainNanoseconds) } }

  /// Closes all devices, removes what they created, and frees all memory. The run has been stopped; nothing may be called
  /// afterwards.
  public func close() {
    switches.forEach { $0.close() }
    units.pointer.deallocate()
  }

  /// What the workers do with their time.
  public var workerStatus: [WorkerStatus] {
    zip(workers, owners).map { worker, owned in
      WorkerStatus(
        name: worker.name, cpu: worker.cpu, rounds: worker.rounds.load(ordering: .relaxed),
        idleRounds: worker.idleRounds.load(ordering: .relaxed), sleeps: worker.sleeps.load(ordering: .relaxed),
        switches: owned.map { switches[$0].name })
    }
  }
}
