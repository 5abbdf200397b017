import Glibc

/// One connection of a client, served on a thread of its own until it ends.
struct HTTPConnection {
  let descriptor: Int32
  let limits: HTTPLimits
  /// Answers a request.
  let answer: (HTTPRequest) -> HTTPResponse
  /// Whether no further request is to be read.
  let isStopping: () -> Bool

  /// What reading came to.
  private enum Input {
    case bytes(ArraySlice<UInt8>)
    case end
    case timeout
  }

  /// Answers requests until the client goes, is silent for too long, or sends what is no request.
  func serve() {
    var parser = HTTPRequestParser(limits)
    var deadline = Self.now + limits.idleSeconds
    var hadBegun = false
    while true {
      switch parser.next() {
      case .request(let request):
        let keepsAlive = request.keepsAlive && !isStopping()
        let bytes = answer(request).bytes(keepsAlive: keepsAlive, isHead: request.method == "HEAD")
        guard send(bytes), keepsAlive else { return finish() }
        hadBegun = false
        deadline = Self.now + limits.idleSeconds
        continue
      case .failure(let response):
        _ = send(response.bytes(keepsAlive: false, isHead: false))
        return finish()
      case .expectsContinue: _ = send(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8))
      case .incomplete: break
      }
      if parser.hasBegun, !hadBegun {
        hadBegun = true
        deadline = Self.now + limits.requestSeconds
      }
      switch receive(until: deadline) {
      case .bytes(let bytes): parser.append(bytes)
      case .end: return
      case .timeout:
        guard parser.hasBegun else { return }
        let late = HTTPResponse.failure(
          408, "the request was not complete after \(limits.requestSeconds) seconds",
          remedy: "send head and body without a pause, and as many bytes as Content-Length says")
        _ = send(late.bytes(keepsAlive: false, isHead: false))
        return finish()
      }
    }
  }

  /// Lets the client read the last answer: if unread bytes were thrown away with the connection, so would that be.
  private func finish() {
    shutdown(descriptor, Int32(SHUT_WR))
    let deadline = Self.now + 1
    while case .bytes = receive(until: deadline) {}
  }

  private func receive(until deadline: Double) -> Input {
    var buffer = [UInt8](repeating: 0, count: 16_384)
    while wait(for: Int16(POLLIN), until: deadline) {
      let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
      if count > 0 { return .bytes(buffer[..<count]) }
      if count == 0 || errno != EAGAIN && errno != EINTR { return .end }
    }
    return .timeout
  }

  private func send(_ bytes: [UInt8]) -> Bool {
    let deadline = Self.now + limits.answerSeconds
    var rest = bytes[...]
    while !rest.isEmpty {
      let flags = Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)
      let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, flags) }
      if count > 0 {
        rest = rest.dropFirst(count)
      } else if errno == EAGAIN {
        guard wait(for: Int16(POLLOUT), until: deadline) else { return false }
      } else if errno != EINTR {
        return false
      }
    }
    return true
  }

  /// False: nothing happened in time.
  private func wait(for events: Int16, until deadline: Double) -> Bool {
    while true {
      let left = deadline - Self.now
      guard left > 0 else { return false }
      var entry = pollfd(fd: descriptor, events: events, revents: 0)
      let count = poll(&entry, 1, Int32((left * 1000).rounded(.up)))
      if count > 0 { return true }
      if count < 0, errno != EINTR { return true }
    }
  }

  /// Seconds of a clock that nobody sets.
  static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
