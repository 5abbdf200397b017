import Drivers
import Glibc
import Synchronization

/// The control server: HTTP/1.1 on a unix socket and, if asked for, on TCP with a token.
///
/// One thread takes connections, and each of these has a thread of its own, up to ``HTTPLimits/connections``: further
/// ones wait. No thread of Swift's concurrency is used, so that the place of every thread is known beside the workers.
///
/// Everything about a request is bounded, in bytes and in time, and what is no request is answered with the reason.
/// FlyingFox 0.27.1 does neither: it closes the connection on a malformed request, reads header lines of any length, and
/// waits for the end of a request without limit.
public final class SocketServer: ControlServer {
  private let options: ControlServerOptions
  private let respond: @Sendable (HTTPRequest) -> HTTPResponse
  private let state = Mutex(State())
  /// A pipe that is written to when connections end and when the server is to stop.
  private let wake: (read: Int32, write: Int32)

  private struct State {
    var listeners: [Listener] = []
    var connections: Set<Int32> = []
    var isAccepting = false
    var isStopping = false
    var port: UInt16 = 0
  }

  /// A server of switches with different names.
  public convenience init(_ switches: [any ControlledSwitch], _ options: ControlServerOptions) {
    let interface = ControlInterface(switches)
    self.init(options) { interface.answer($0) }
  }

  /// A server of whatever answers.
  ///
  /// - Parameter respond: answers a request; called by several threads at once.
  public init(_ options: ControlServerOptions, _ respond: @escaping @Sendable (HTTPRequest) -> HTTPResponse) {
    self.options = options
    self.respond = respond
    var ends: [Int32] = [-1, -1]
    pipe(&ends)
    for end in ends {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
    wake = (ends[0], ends[1])
  }

  deinit {
    close(wake.read)
    close(wake.write)
  }

  /// Where it answers over TCP; see ``ControlServer/tcpAddress``.
  public var tcpAddress: TCPAddress? {
    guard let address = options.tcp else { return nil }
    return TCPAddress(address: address.address, port: state.withLock { $0.port })
  }

  /// Begins to answer; see ``ControlServer/start()``. What cannot be had is given back.
  public func start() throws(ControlServerError) {
    let listeners = try listen()
    state.withLock {
      $0.listeners = listeners
      $0.port = listeners.dropFirst().first?.port ?? 0
      $0.isStopping = false
      $0.isAccepting = true
    }
    guard wake.read >= 0, ServerThread.start({ self.accept(listeners) }) else {
      state.withLock { $0.isAccepting = false }
      stop()
      throw ControlServerError(
        options.socketPath, "no thread or pipe can be made", remedy: "raise the limits of processes and open files")
    }
  }

  /// Ends within two seconds, whatever clients do.
  public func stop() {
    let listeners = state.withLock { state in
      state.isStopping = true
      // Requests that have come are answered; further ones are not read.
      for connection in state.connections { shutdown(connection, Int32(SHUT_RD)) }
      defer { state.listeners = [] }
      return state.listeners
    }
    signal()
    let deadline = HTTPConnection.now + 2
    while HTTPConnection.now < deadline, state.withLock({ $0.isAccepting || !$0.connections.isEmpty }) { usleep(2000) }
    for listener in listeners { listener.close() }
  }

  private func listen() throws(ControlServerError) -> [Listener] {
    guard let address = options.tcp else { return [try Listener(unix: options.socketPath)] }
    guard let tokenFile = options.tokenFile else {
      throw ControlServerError(
        address.description, "TCP needs a token", remedy: "name a file that holds one, or use the unix socket only")
    }
    let token = try BearerToken(file: tokenFile)
    let local = try Listener(unix: options.socketPath)
    do {
      return [local, try Listener(address, token: token)]
    } catch {
      local.close()
      throw error
    }
  }

  /// Takes connections until the server stops.
  private func accept(_ listeners: [Listener]) {
    while true {
      let (isStopping, isFull) = state.withLock {
        ($0.isStopping, $0.connections.count >= options.limits.connections)
      }
      if isStopping { break }
      var entries = [pollfd(fd: wake.read, events: Int16(POLLIN), revents: 0)]
      if !isFull { entries += listeners.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) } }
      guard poll(&entries, nfds_t(entries.count), -1) >= 0 || errno == EINTR else { break }
      if entries[0].revents != 0 {
        var bytes = [UInt8](repeating: 0, count: 256)
        read(wake.read, &bytes, bytes.count)
      }
      for (entry, listener) in zip(entries.dropFirst(), listeners) where entry.revents != 0 { accept(from: listener) }
    }
    state.withLock { $0.isAccepting = false }
  }

  private func accept(from listener: Listener) {
    let connection = Glibc.accept(listener.descriptor, nil, nil)
    guard connection >= 0 else {
      // Without this, a process that has no descriptors left would spin.
      if errno == EMFILE || errno == ENFILE { usleep(100_000) }
      return
    }
    _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
    state.withLock { _ = $0.connections.insert(connection) }
    let isStarted = ServerThread.start {
      HTTPConnection(
        descriptor: connection, limits: self.options.limits, answer: { self.answer($0, from: listener) },
        isStopping: { self.state.withLock { $0.isStopping } }
      ).serve()
      self.end(connection)
    }
    if !isStarted { end(connection) }
  }

  /// Closes within the lock: a descriptor in the set is a connection of this server.
  private func end(_ connection: Int32) {
    state.withLock {
      $0.connections.remove(connection)
      close(connection)
    }
    signal()
  }

  private func signal() {
    // A full pipe wakes as well.
    var byte: UInt8 = 1
    write(wake.write, &byte, 1)
  }

  private func answer(_ request: HTTPRequest, from listener: Listener) -> HTTPResponse {
    if let token = listener.token, !ControlInterface.isPublic(request), !token.admits(request.headers["authorization"])
    {
      return .failure(
        401, "the token is missing or wrong",
        remedy: "send `Authorization: Bearer TOKEN`, with the token of the server",
        headers: ["WWW-Authenticate": "Bearer realm=\"penstock\""])
    }
    return respond(request)
  }
}

/// Threads of the server and of captures. Signals are none of their business.
enum ServerThread {
  private final class Work {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  /// Runs `body` on a thread of its own. False: there can be no more threads.
  static func start(_ body: @escaping @Sendable () -> Void) -> Bool {
    var all = sigset_t()
    var own = sigset_t()
    sigfillset(&all)
    // Those that a fault raises are for the thread at fault.
    for fault in [SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT] { sigdelset(&all, fault) }
    pthread_sigmask(SIG_SETMASK, &all, &own)
    defer { pthread_sigmask(SIG_SETMASK, &own, nil) }
    do throws(PlainThreadError) {
      try PlainThread(with: Work(body)) { $0.body() }.detach()
      return true
    } catch {
      return false
    }
  }
}
