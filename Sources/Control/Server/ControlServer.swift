/// Answers requests about switches. The one implementation is ``SocketServer``; whoever starts it needs no more than this.
public protocol ControlServer: AnyObject, Sendable {
  /// Begins to answer, on threads of its own, and returns.
  ///
  /// They inherit the CPU affinity of the caller, so call it from a thread that is not pinned to a worker's CPU.
  func start() throws(ControlServerError)

  /// Ends what is being answered, closes, and removes the socket.
  func stop()

  /// Where it answers over TCP, with the port that was chosen for port 0; nil if it does not.
  var tcpAddress: TCPAddress? { get }
}

/// Where a server answers, and what it admits.
public struct ControlServerOptions: Equatable, Sendable {
  /// Path of the unix socket, up to 107 bytes; see ``ControlSocket/path(for:)``.
  public var socketPath: String
  /// Where to answer over TCP too; nil: nowhere.
  public var tcp: TCPAddress?
  /// A file that holds the token which every request over TCP must bring; required with ``tcp``.
  public var tokenFile: String?
  /// What a request may need.
  public var limits: HTTPLimits

  /// Options.
  public init(
    socketPath: String, tcp: TCPAddress? = nil, tokenFile: String? = nil, limits: HTTPLimits = HTTPLimits()
  ) {
    self.socketPath = socketPath
    self.tcp = tcp
    self.tokenFile = tokenFile
    self.limits = limits
  }
}

/// Why a server cannot start.
public struct ControlServerError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The socket, address or file.
  public var place: String
  /// What is wrong with it.
  public var problem: String
  /// What to do about it.
  public var remedy: String

  /// Describes a failure.
  public init(_ place: String, _ problem: String, remedy: String) {
    self.place = place
    self.problem = problem
    self.remedy = remedy
  }

  /// Place, problem and remedy in one line.
  public var description: String { "\(place): \(problem); \(remedy)" }
}
