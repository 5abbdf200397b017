import CShims
import Dataplane
import Glibc

extension Replay {
  /// Frames of each input that are searched for neighbours before the replay begins.
  static let neighborScanLength = 65_536

  /// The earliest first stamp of all inputs: virtual time zero, unless `--start` moves it.
  static func firstStamp(of inputs: [ReplayInput]) throws(ReplayError) -> UInt64 {
    var first = UInt64.max
    for input in inputs {
      do {
        var reader = try CaptureReader(path: input.path, filter: input.filter)
        if try reader.next() { first = min(first, reader.record.stamp_ns) }
      } catch {
        // A file that breaks at its first packet has no say in when the replay begins; it is reported as broken.
        if error.packet == nil { throw .capture(error) }
      }
    }
    return first == .max ? 0 : first
  }

  /// Opens the captures of every port.
  static func openSources(
    _ inputs: [ReplayInput], _ configuration: SwitchConfiguration, _ clock: ReplayClock, _ options: ReplayOptions
  ) throws(ReplayError) -> FlatTable<PortSource> {
    let ports = configuration.ports
    let capacity = PortSource.waitingCapacity(sources: Set(inputs.map(\.port)).count)
    return try FlatTable(count: ports.count) { index throws(ReplayError) in
      let mine = inputs.enumerated().filter { $0.element.port.index == index }
      let rate = if case .rate(let rate) = clock.speed { rate } else { ports[index].speed }
      let streams = try FlatTable(count: mine.count) { position throws(ReplayError) in
        let (number, input) = mine[position]
        do throws(CaptureError) {
          return PortSource.Stream(
            reader: try CaptureReader(path: input.path, filter: input.filter), index: number,
            pacer: Serializer(rate: rate, ticksPerSecond: ReplayClock.ticksPerSecond))
        } catch {
          throw .capture(error)
        }
      }
      return PortSource(
        port: PortID(index), configuration, streams: streams, clock: clock, response: options.sourceResponse,
        waitingCapacity: capacity)
    }
  }

  /// Opens a capture for what leaves each port; none without an output directory.
  static func openOutputs(
    _ options: ReplayOptions, _ ports: [PortConfiguration]
  ) throws(ReplayError) -> FlatTable<CaptureWriter> {
    let directory = options.outputDirectory ?? ""
    let count = options.outputDirectory == nil ? 0 : ports.count
    return try FlatTable(count: count) { index throws(ReplayError) in
      let path = "\(directory)/\(ports[index].name).pcap"
      // What an earlier run left must not pose as the output of one that fails.
      unlink(path)
      do throws(CaptureError) {
        return try CaptureWriter(path: path, snapLength: options.snapLength)
      } catch {
        throw .capture(error)
      }
    }
  }

  /// Opens the list of all packets, if it is wanted.
  static func openLog(
    _ options: ReplayOptions, _ configuration: SwitchConfiguration
  ) throws(ReplayError) -> PacketLog? {
    guard let directory = options.outputDirectory else { return nil }
    unlink("\(directory)/packets.csv")
    guard options.writesPacketLog else { return nil }
    do {
      return try PacketLog(
        path: "\(directory)/packets.csv", portNames: configuration.ports.map(\.name),
        hasTelemetry: configuration.ports.indices.map {
          (configuration.telemetry?.role(of: PortID($0)) ?? .none) != .none
        })
    } catch {
      throw .capture(error)
    }
  }

  /// Opens the list of flow control events, if it is wanted.
  static func openPauseLog(
    _ options: ReplayOptions, _ ports: [PortConfiguration]
  ) throws(ReplayError) -> PauseLog? {
    guard let path = options.pauseLogPath else { return nil }
    unlink(path)
    do {
      return try PauseLog(path: path, portNames: ports.map(\.name))
    } catch {
      throw .capture(error)
    }
  }

  /// Size of a file in bytes; 0 if it cannot be told.
  static func size(of path: String) -> UInt64 {
    var status = stat()
    return stat(path, &status) == 0 ? UInt64(status.st_size) : 0
  }

  /// Learns the neighbours of every port from the first frames of its captures, as they will have been resolved long
  /// before in the network that was captured.
  func learnNeighbors() throws(ReplayError) {
    for input in inputsForScan {
      do {
        var reader = try CaptureReader(path: input.path, filter: input.filter)
        var frames = 0
        while frames < Replay.neighborScanLength, try reader.next() {
          device.learnNeighbor(
            fromFrame: UnsafeMutableRawPointer(mutating: reader.record.bytes), captured: Int(reader.record.captured),
            on: input.port, at: .zero)
          frames += 1
        }
      } catch {
        if error.packet == nil { throw .capture(error) }
      }
    }
  }
}
