import CShims
import Dataplane
import Drivers
import Glibc

/// The two devices of this process by which frames go to a switch in another process, and come back.
final class ProbedDevices {
  private let source: Device
  private let sink: Device
  private let memory: UnsafeMutablePointer<PacketMemory>
  private let cpu: Int

  /// Connects to two memif sockets that another process serves.
  ///
  /// - Parameters:
  ///   - directory: where it made them, `m0` and `m1`.
  ///   - cpu: where the probe runs.
  init(in directory: String, cpu: Int) throws {
    let memory = UnsafeMutablePointer<PacketMemory>.allocate(capacity: 1)
    memory.initialize(to: try PacketMemory(counts: (16_384, 16_384, 64)))
    var opened: [Device] = []
    do {
      // The switch goes on sending while the probe is off its CPU for some milliseconds.
      for (index, ring) in [1024, 8192].enumerated() {
        let address = try DeviceAddress("memif:\(directory)/m\(index),role=client,ring=\(ring)")
        let device = try Device(address, mtu: 1500, memory: memory.pointee)
        opened.append(device)
        try device.start()
      }
    } catch {
      opened.forEach { $0.close() }
      memory.deinitialize(count: 1)
      memory.deallocate()
      throw error
    }
    (source, sink) = (opened[0], opened[1])
    self.memory = memory
    self.cpu = cpu
  }

  // Packets go back before their memory goes.
  deinit {
    source.close()
    sink.close()
    memory.deinitialize(count: 1)
    memory.deallocate()
  }

  /// Waits until both ends are connected.
  func waitForLink() throws {
    let begin = Stopwatch.now
    // A driver that is in the middle of a handshake must not be started again.
    var nextTry = begin + 1
    while !(source.link.isUp && sink.link.isUp) {
      let now = Stopwatch.now
      guard now < begin + 10 else { throw BenchmarkError("the memif of the measured switch stays down") }
      if now > nextTry {
        for device in [source, sink] where device.needsReconnection { try? device.reconnect() }
        nextTry = now + 1
      }
      Stopwatch.sleep(0.01)
    }
  }

  /// Sends and receives what a plan says, on a thread of its own.
  func probe(_ plan: ProbePlan) throws -> ProbeResult {
    let run = ProbeRun(LatencyProbe(plan, source: source.port, sink: sink.port, memory: memory), cpu: cpu)
    do throws(PlainThreadError) {
      let thread = try PlainThread(with: run) { run in
        // Where it cannot be pinned it runs where the kernel puts it.
        _ = pst_thread_enter("probe", Int32(run.cpu))
        RealTime.raise()
        run.probe.run()
        pst_thread_leave()
      }
      thread.join()
    } catch {
      throw BenchmarkError(error.description)
    }
    return run.probe.result
  }

  private final class ProbeRun {
    var probe: LatencyProbe
    let cpu: Int

    init(_ probe: consuming LatencyProbe, cpu: Int) {
      self.probe = probe
      self.cpu = cpu
    }
  }
}

/// Priority over everything that is not real-time, for turns of less than a second: longer ones the kernel interrupts for
/// 50 ms at a time, so that others get something done. The measured switch does without, as users run it.
enum RealTime {
  /// The longest turn, in seconds.
  static let longestTurn = 0.7

  /// Gives it to the calling thread, where that is allowed.
  static func raise() {
    var parameters = sched_param(sched_priority: 1)
    sched_setscheduler(0, SCHED_FIFO, &parameters)
  }
}
