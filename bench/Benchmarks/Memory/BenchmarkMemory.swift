import Dataplane

/// Packet memory for benchmarks.
public enum BenchmarkMemory {
  /// Starts DPDK's environment with room for switches of a million routes; does nothing if there is one.
  public static func start() throws(BenchmarkError) {
    do throws(EnvironmentError) {
      var options = Environment.Options.live(memory: ByteCount(6 << 30))
      options.findsPCIDevices = false
      try Environment.start(options)
    } catch {
      throw BenchmarkError(error.description)
    }
  }

  /// Packets for one switch in memory, whose frames are no longer than `frame` octets.
  static func make(frame: Int) throws(BenchmarkError) -> PacketMemory {
    let count = 8192
    let counts =
      frame <= PacketMemory.capacities.0
      ? (count, 64, 64) : frame <= PacketMemory.capacities.1 ? (count, count, 64) : (count, 64, count)
    do throws(PacketMemoryError) {
      return try PacketMemory(counts: counts)
    } catch {
      throw BenchmarkError(error.description)
    }
  }
}
