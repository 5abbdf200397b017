import Collector
import Drivers
import Glibc
import Synchronization

/// A collector that receives reports over UDP, writes them down, and answers questions, on threads of its own.
public final class CollectorService: Sendable {
  private let collector: Mutex<Collector>
  private let progress = Mutex(Progress())
  private let isStopping = Atomic<Bool>(false)

  /// What threads tell of themselves.
  private struct Progress {
    var overflow: UInt64 = 0
    var storeRows: UInt64 = 0
    var storeMissed: UInt64 = 0
    var storeError: String?
    var running = 0
  }

  /// How the service stands, beyond what the collector counts.
  public struct Status: Equatable, Sendable {
    /// Datagrams that the system threw away because nobody read them in time.
    public var overflow: UInt64
    /// Rows written down.
    public var storeRows: UInt64
    /// Records that were forgotten before they could be written down.
    public var storeMissed: UInt64
    /// Why nothing is written down any more; nil if all is well.
    public var storeError: String?
  }

  /// Milliseconds between two batches of the store.
  private static let storePeriod: UInt32 = 500

  /// A service that does nothing yet.
  public init(_ options: CollectorOptions) { collector = Mutex(Collector(options)) }

  /// How it stands.
  public var status: Status {
    progress.withLock {
      Status(
        overflow: $0.overflow, storeRows: $0.storeRows, storeMissed: $0.storeMissed, storeError: $0.storeError)
    }
  }

  /// Copies what the collector knows; reports wait meanwhile, and questions are worked out afterwards.
  public func records(_ parts: SnapshotParts, limit: Int) -> CollectorRecords {
    collector.withLock { $0.records(parts, limit: limit) }
  }

  /// Begins to receive.
  ///
  /// - Parameter store: where to write things down; nil: nowhere.
  /// - Returns: where it listens.
  public func start(on address: TCPAddress, store: Store?) throws -> TCPAddress {
    let receiver = try ReportReceiver(address)
    let bound = receiver.address
    try run(receiver) { service, receiver in service.receive(from: receiver) }
    if let store { try run(store) { service, store in service.write(to: store) } }
    return bound
  }

  /// Ends receiving, concludes what waits for more, and writes the rest down.
  public func stop() {
    isStopping.store(true, ordering: .relaxed)
    while progress.withLock({ $0.running }) > 0 { usleep(2000) }
  }

  /// Runs work on a thread of its own until the service stops.
  private func run<Subject: AnyObject>(
    _ subject: Subject, _ body: @escaping @Sendable (CollectorService, Subject) -> Void
  ) throws {
    progress.withLock { $0.running += 1 }
    do throws(PlainThreadError) {
      try PlainThread(with: ServiceWork(self, subject, body)) { work in
        work.body(work.service, work.subject)
        work.service.progress.withLock { $0.running -= 1 }
      }.detach()
    } catch {
      progress.withLock { $0.running -= 1 }
      throw ControlServerError("the collector", error.reason, remedy: "raise the limit of threads (ulimit -u)")
    }
  }

  private func receive(from receiver: ReportReceiver) {
    while !isStopping.load(ordering: .relaxed) {
      receiver.receive(within: 50) { count, datagram in
        let arrival = Self.now
        collector.withLock { collector in
          for index in 0..<count { collector.take(datagram: datagram(index), arrival: arrival) }
        }
      }
      collector.withLock { $0.advance(to: Self.now) }
      progress.withLock { $0.overflow = UInt64(receiver.overflow) }
    }
    collector.withLock { $0.conclude() }
  }

  private func write(to store: Store) {
    var cursor = StoreCursor()
    var batches = 0
    // Once more when the receiver has ended, which concludes what is open.
    while true {
      let isLast = isStopping.load(ordering: .relaxed) && progress.withLock { $0.running } == 1
      let batch = collector.withLock { $0.takeBatch(&cursor) }
      do throws(StoreError) {
        try store.write(batch)
        batches += 1
        if batches % 64 == 0 || isLast { try store.trim() }
        progress.withLock {
          $0.storeRows = store.rows
          $0.storeMissed += batch.missed
          $0.storeError = nil
        }
      } catch {
        // A full disk may be emptied: the next batch is tried, and this one is counted.
        progress.withLock {
          $0.storeMissed += batch.missed + UInt64(batch.rows)
          $0.storeError = error.description
        }
      }
      if isLast { return }
      var waited: UInt32 = 0
      while waited < Self.storePeriod, !isStopping.load(ordering: .relaxed) {
        usleep(10_000)
        waited += 10
      }
      if isStopping.load(ordering: .relaxed), progress.withLock({ $0.running }) > 1 { usleep(2000) }
    }
  }

  /// Nanoseconds since 1970.
  public static var now: UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}

/// What a thread of the service works on, which is its alone.
private final class ServiceWork<Subject: AnyObject> {
  let service: CollectorService
  let subject: Subject
  let body: @Sendable (CollectorService, Subject) -> Void

  init(
    _ service: CollectorService, _ subject: Subject, _ body: @escaping @Sendable (CollectorService, Subject) -> Void
  ) {
    self.service = service
    self.subject = subject
    self.body = body
  }
}
