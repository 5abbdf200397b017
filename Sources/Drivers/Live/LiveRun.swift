import CShims
import Dataplane

/// All live switches of a process, and the workers that move their packets.
public final class LiveRun: Sendable {
  /// What a run is to be like.
  public struct Options: Sendable {
    /// What workers do when nothing comes.
    public var poll = PollMode.adaptive
    /// The CPUs for workers; nil: those that the process may use, the first last, for that is control's.
    public var cpus: [Int]?
    /// How long a stop waits for what is queued, in nanoseconds.
    public var drainNanoseconds: UInt64 = 1_000_000_000

    /// Adaptive, on any CPU but the first.
    public init() {}
  }

  /// What a worker does with its time.
  public struct WorkerStatus: Sendable {
    /// Its name.
    public var name: String
    /// Its CPU, if it is pinned to one.
    public var cpu: Int?
    /// Rounds over all its ports.
    public var rounds: UInt64
    /// Rounds in which nothing moved.
    public var idleRounds: UInt64
    /// How often it slept.
    public var sleeps: UInt64
    /// The switches that it moves packets of, with its ports of each.
    public var shares: [(switch: String, ports: [String])]
  }

  /// The switches.
  public let switches: [LiveSwitch]
  /// The CPUs that are left to control; empty: it shares those of workers.
  public let controlCPUs: [Int]
  private let workers: [Worker]
  private let assignments: [WorkerAssignment]
  private let units: SharedMemory<WorkerUnit>
  // The packets of one switch can be in another one, so the memory of all lasts until all are closed.
  private let memories: [SharedMemory<PacketMemory>]
  private let options: Options

  /// Starts DPDK's environment, builds the switches and opens all devices.
  ///
  /// From here on the calling thread, and those that it starts, leave the CPUs of workers alone, if there are others.
  ///
  /// - Throws: an error with a remedy; then nothing is left behind.
  public init(_ plans: [LivePlan], _ options: Options = Options()) throws {
    let allowed = Environment.allowedCPUs
    try Environment.start(.live())
    let assignments = try WorkerAssignment.make(for: plans, cpus: options.cpus, allowed: allowed)
    let unitCount = assignments.reduce(0) { $0 + $1.slices.count }
    let units = UnsafeMutablePointer<WorkerUnit>.allocate(capacity: max(1, unitCount))
    // The units of a worker lie side by side, those of a switch do not.
    var homes: [WorkerAssignment.Slice: (unit: UnsafeMutablePointer<WorkerUnit>, mailbox: Mailbox)] = [:]
    var switches: [LiveSwitch] = []
    var workers: [Worker] = []
    var next = units
    for assignment in assignments {
      let state = WorkerState(
        units: SharedMemory(pointer: next), unitCount: assignment.slices.count, mailbox: Mailbox())
      for slice in assignment.slices {
        homes[slice] = (next, state.mailbox)
        next += 1
      }
      workers.append(Worker(name: assignment.name, cpu: assignment.cpu, poll: options.poll, state: state))
    }
    var memories: [SharedMemory<PacketMemory>] = []
    do {
      for (index, plan) in plans.enumerated() {
        let own = (0..<plan.configuration.sliceCount).compactMap {
          homes[WorkerAssignment.Slice(plan: index, number: $0)]
        }
        let memory = SharedMemory(pointer: UnsafeMutablePointer<PacketMemory>.allocate(capacity: 1))
        memory.pointer.initialize(to: try LiveRun.memory(for: plan.configuration))
        memories.append(memory)
        switches.append(try LiveSwitch(plan, memory: memory.pointer.pointee.shared(), homes: own))
      }
    } catch {
      switches.forEach { $0.close() }
      LiveRun.free(memories)
      units.deallocate()
      throw error
    }
    self.memories = memories
    self.switches = switches
    self.workers = workers
    self.assignments = assignments
    self.units = SharedMemory(pointer: units)
    self.options = options
    controlCPUs = allowed.filter { cpu in !assignments.contains { $0.cpu == cpu } }
    LiveRun.restrict(to: controlCPUs)
  }

  /// Keeps control off the CPUs of workers. Where it may not be kept off it only disturbs them.
  private static func restrict(to cpus: [Int]) {
    if cpus.isEmpty { return }
    var masks: [UInt64] = [0, 0]
    for cpu in cpus where cpu < 128 { masks[cpu / 64] |= 1 << UInt64(cpu % 64) }
    _ = pst_thread_restrict(masks)
  }

  /// Every frame that a device receives lies in a packet that holds the longest frame of its port, however short it is.
  private static func memory(for configuration: SwitchConfiguration) throws -> PacketMemory {
    let isJumbo = configuration.ports.contains { $0.mtu + 22 > PacketMemory.capacities.1 }
    // Between workers lie at most so many more.
    let between = configuration.sliceCount * (configuration.sliceCount - 1) * 4096
    // A port that comes later finds less, and what the others leave.
    let spare = configuration.placeCount - configuration.ports.count
    let rings = configuration.ports.count * 2048 + spare * 512 + min(between, 32_768)
    let ordinary = isJumbo ? 8192 : 32_768 + rings
    return try PacketMemory(
      counts: (16_384, ordinary, isJumbo ? 16_384 + rings / 2 : 1024), forSlices: configuration.sliceCount > 1)
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
  public func stop() {
    // None may end while another one can have something for it.
    workers.forEach { $0.drain() }
    workers.forEach { $0.waitForDraining() }
    workers.forEach { $0.stop(within: options.drainNanoseconds) }
  }

  /// Closes all devices, removes what they created, and frees all memory. The run has been stopped; nothing may be called
  /// afterwards.
  public func close() {
    switches.forEach { $0.close() }
    LiveRun.free(memories)
    units.pointer.deallocate()
  }

  private static func free(_ memories: [SharedMemory<PacketMemory>]) {
    for memory in memories {
      memory.pointer.deinitialize(count: 1)
      memory.pointer.deallocate()
    }
  }

  /// What the workers do with their time.
  public var workerStatus: [WorkerStatus] {
    zip(workers, assignments).map { worker, assignment in
      WorkerStatus(
        name: worker.name, cpu: worker.cpu, rounds: worker.rounds.load(ordering: .relaxed),
        idleRounds: worker.idleRounds.load(ordering: .relaxed), sleeps: worker.sleeps.load(ordering: .relaxed),
        shares: assignment.slices.map { slice in
          let device = switches[slice.plan]
          return (device.name, device.entries.filter { $0.owner == slice.number }.map(\.name))
        })
    }
  }
}
