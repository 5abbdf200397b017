import CShims
import Dataplane
import Wire

/// A frame that is to be sent. A trivial value.
struct StoredFrame {
  var bytes: UnsafeMutableRawPointer
  var length: UInt32
  /// Number of its signature.
  var signature: UInt32
  /// PFC priority.
  var priority: UInt8
  /// Ticks from the first frame of the capture to this one.
  var offset: UInt64
}

/// The frames of a capture in flat memory, ready to be sent as often as wanted.
///
/// A frame that the capture holds only in part is filled up with zeros, a short one to Ethernet's minimum.
final class FrameStore {
  private(set) var frames: [StoredFrame] = []
  /// Flow of each signature.
  private(set) var flows: [UInt32] = []
  private(set) var flowCount = 0
  /// Number by signature.
  private(set) var numbers: [UInt64: UInt32] = [:]
  /// Length of the largest frame.
  private(set) var largest = 60
  /// Frames that are too long to be sent, and were left out.
  private(set) var oversize: UInt64 = 0
  /// Frames that are not whole in the capture.
  private(set) var cut: UInt64 = 0
  /// Ticks from one loop's first frame to the next one's: as long as the capture, and its mean spacing once more.
  private(set) var loopTicks: UInt64 = 0
  /// Set if the file broke off.
  private(set) var error: CaptureError?
  private var chunks: [UnsafeMutableRawPointer] = []
  private var chunkLeft = 0
  private var used: UInt64 = 0

  private static let chunkBytes = 1 << 24
  private static let longest = PacketMemory.capacities.2

  /// Reads a capture.
  ///
  /// - Throws: ``SendError`` if it cannot be opened, holds nothing, or does not fit into the memory.
  init(_ options: SendOptions, ticksPerSecond: UInt64) throws(SendError) {
    do throws(CaptureError) {
      var reader = try CaptureReader(path: options.path, filter: options.filter)
      var first: UInt64?
      var flowNumbers: [UInt64: UInt32] = [:]
      while try readNext(&reader) {
        let length = max(Int(reader.record.length), 60)
        guard length <= FrameStore.longest else {
          oversize += 1
          continue
        }
        used += UInt64(length + MemoryLayout<StoredFrame>.stride)
        guard used <= options.memory.bytes else {
          throw CaptureError(
            path: options.path, problem: "its frames take more than \(options.memory.bytes >> 20) MiB",
            remedy: "Allow more with --memory, or send a part of it with --filter.")
        }
        let bytes = room(for: length)
        bytes.initializeMemory(as: UInt8.self, repeating: 0, count: length)
        if reader.record.captured > 0 {
          bytes.copyMemory(from: reader.record.bytes, byteCount: Int(reader.record.captured))
        }
        if reader.record.captured < reader.record.length { cut += 1 }
        let start = first ?? reader.record.stamp_ns
        first = start
        let signature = FrameSignature(bytes, count: length)
        let number = numbers[signature.frame] ?? UInt32(flows.count)
        if Int(number) == flows.count {
          numbers[signature.frame] = number
          let flow = flowNumbers[signature.flow] ?? UInt32(flowNumbers.count)
          flowNumbers[signature.flow] = flow
          flows.append(flow)
        }
        // Stamps may go back; frames do not.
        let stamp = FrameStore.ticks(
          reader.record.stamp_ns > start ? reader.record.stamp_ns - start : 0, options.pace, ticksPerSecond)
        frames.append(
          StoredFrame(
            bytes: bytes, length: UInt32(length), signature: number,
            priority: FrameStore.priority(of: bytes, length: length, options.priorities),
            offset: max(frames.last?.offset ?? 0, stamp)))
        largest = max(largest, length)
      }
      flowCount = flowNumbers.count
      guard let last = frames.last else {
        throw CaptureError(
          path: options.path, problem: "there is no frame in it that could be sent",
          remedy: "Give a capture with frames up to \(FrameStore.longest) bytes, or another filter.")
      }
      loopTicks = last.offset + (frames.count > 1 ? last.offset / UInt64(frames.count - 1) : 0)
    } catch {
      throw .capture(error)
    }
  }

  deinit { for chunk in chunks { chunk.deallocate() } }

  /// The next record; what comes before the place at which a file is broken is good.
  private func readNext(_ reader: inout CaptureReader) throws(CaptureError) -> Bool {
    do throws(CaptureError) {
      return try reader.next()
    } catch {
      if frames.isEmpty { throw error }
      self.error = error
      return false
    }
  }

  private func room(for length: Int) -> UnsafeMutableRawPointer {
    let size = (length + 7) & ~7
    if chunkLeft < size {
      chunks.append(.allocate(byteCount: FrameStore.chunkBytes, alignment: 64))
      chunkLeft = FrameStore.chunkBytes
    }
    let place = chunks[chunks.count - 1] + (FrameStore.chunkBytes - chunkLeft)
    chunkLeft -= size
    return place
  }

  /// Nanoseconds of the capture in ticks of the clock; saturates after some 200 years.
  private static func ticks(_ nanoseconds: UInt64, _ pace: SendPace, _ ticksPerSecond: UInt64) -> UInt64 {
    guard case .factor(let numerator, let denominator) = pace else { return 0 }
    let scaled = nanoseconds.multipliedFullWidth(by: denominator)
    guard scaled.high < numerator else { return .max >> 2 }
    let product = numerator.dividingFullWidth(scaled).quotient.multipliedFullWidth(by: ticksPerSecond)
    guard product.high < 1_000_000_000 else { return .max >> 2 }
    return min(.max >> 2, UInt64(1_000_000_000).dividingFullWidth(product).quotient)
  }

  private static func priority(of bytes: UnsafeMutableRawPointer, length: Int, _ priorities: [UInt8]) -> UInt8 {
    if let ethernet = EthernetHeader(at: bytes, available: length), EtherType.isVLAN(ethernet.etherType),
      let tag = VLANTag(at: bytes + EthernetHeader.length, available: length - EthernetHeader.length)
    {
      return tag.pcp
    }
    let dscp = FrameFields.read(bytes, available: length).dscp
    return dscp == FrameFields.none || Int(dscp) >= priorities.count ? 0 : priorities[Int(dscp)] & 7
  }
}
