/// What a configuration says about one worker.
public struct WorkerSettings: Equatable, Sendable {
  /// Its name, in reports and in the list of threads; empty: `worker` and its number in the run.
  public var name: String
  /// Its CPU; nil: one that is free.
  public var cpu: Int?

  /// A worker.
  public init(name: String = "", cpu: Int? = nil) {
    self.name = name
    self.cpu = cpu
  }
}
