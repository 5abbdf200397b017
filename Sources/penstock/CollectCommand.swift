import ArgumentParser
import Collector
import Control
import Drivers
import Glibc

struct CollectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "collect",
    abstract: "Receive telemetry reports, and find paths, bursts, losses and who caused them.",
    discussion: """
      Reads Telemetry Report v2.0 from UDP, or from captures, which may hold packets with INT-MD or IOAM as well. \
      With captures it reads them and ends; otherwise it runs until SIGINT or SIGTERM, and answers `penstock flows`, \
      `penstock paths` and Prometheus meanwhile.

      Exit codes: 0 done; 1 it failed, or a capture is broken; 64 the command line is wrong.
      """)

  @Argument(
    help: "Captures (pcap, pcapng), in any order: they are read by time.",
    completion: .file(extensions: ["pcap", "pcapng"]))
  var captures: [String] = []

  @Option(help: ArgumentHelp("Where to receive, without captures (0.0.0.0, [::]:32766).", valueName: "address"))
  var listen: String?

  @Option(help: ArgumentHelp("Write everything into this SQLite file too.", valueName: "file"), completion: .file())
  var store: String?

  @Option(
    name: .customLong("store-rows"),
    help: ArgumentHelp("Rows of a table of the file at most; the oldest go.", valueName: "n"))
  var storeRows: UInt64 = 10_000_000

  @Option(help: ArgumentHelp("Write a page at the end.", valueName: "file"), completion: .file(extensions: ["html"]))
  var html: String?

  @Flag(help: "Print everything at the end as JSON.")
  var json = false

  @Option(help: ArgumentHelp("Of captures, only packets that match (see pcap-filter(7)).", valueName: "expression"))
  var filter: String?

  @Option(
    help: ArgumentHelp(
      "Where it answers penstock flows and others; none: nowhere. By default collector.collector in /run/penstock or the "
        + "user's own place.", valueName: "path"))
  var socket: String?

  @Option(
    name: .customLong("http"),
    help: ArgumentHelp("Answer over TCP as well (127.0.0.1:9471); needs --token-file.", valueName: "address"))
  var http: String?

  @Option(
    name: .customLong("token-file"),
    help: ArgumentHelp("A file with the token that requests over TCP must bring.", valueName: "file"),
    completion: .file())
  var tokenFile: String?

  @Option(help: ArgumentHelp("End by itself after this time (10s).", valueName: "time"), transform: TimeArgument.parse)
  var duration: TimeArgument?

  @OptionGroup var collection: CollectOptions

  func run() throws {
    let options: CollectorOptions
    let address: TCPAddress
    do {
      options = try collection.options()
      if !captures.isEmpty, listen != nil {
        throw ValidationError("--listen \(listen ?? ""): has no meaning with captures; leave one out.")
      }
      if captures.isEmpty, filter != nil { throw ValidationError("--filter: is for captures; name one.") }
      guard storeRows >= 1000 else { throw ValidationError("--store-rows \(storeRows): keep at least 1000.") }
      address = try listenAddress()
    } catch let error as ValidationError {
      Terminal.complain("error: \(error.message)\nSee `penstock collect --help`.")
      throw ExitCode(64)
    }
    let signals = EndSignals()
    try signals.guarding {
      if let html { try TextFile.check(html) }
      if captures.isEmpty {
        try receive(options, address, signals)
      } else {
        try readCaptures(options, signals)
      }
      signals.release()
    }
  }

  private func listenAddress() throws -> TCPAddress {
    let port = collection.reportPort
    guard let listen else { return try TCPAddress("0.0.0.0:\(port)") }
    // An address alone has the port of reports.
    if let address = try? TCPAddress("\(listen):\(port)") { return address }
    do {
      return try TCPAddress(listen)
    } catch {
      throw ValidationError("--listen \(listen): write an address and port, such as 127.0.0.1:32766 or [::]:32766.")
    }
  }

  // MARK: Captures

  private func readCaptures(_ options: CollectorOptions, _ signals: EndSignals) throws {
    var collector = Collector(options)
    var collection = CaptureCollection(captures, filter: filter)
    let file = try openStore(options)
    var cursor = StoreCursor()
    var failure: StoreError?
    try collection.read(into: &collector) { collector, frames in
      if Terminal.showsProgress { Terminal.activity("\(frames) frames") }
      if let file {
        do throws(StoreError) { try file.write(collector.takeBatch(&cursor)) } catch { failure = failure ?? error }
      }
      return !signals.areWaiting && failure == nil
    }
    if Terminal.showsProgress { Terminal.clearProgress() }
    if let failure { throw failure }
    if let file {
      try file.write(collector.takeBatch(&cursor))
      try file.trim()
    }
    for error in collection.errors { Terminal.complain("error: \(error)") }
    try conclude(collector.snapshot())
    if !collection.errors.isEmpty { throw ExitCode(1) }
  }

  // MARK: UDP

  private func receive(_ options: CollectorOptions, _ address: TCPAddress, _ signals: EndSignals) throws {
    let service = CollectorService(options)
    let file = try openStore(options)
    let server = try self.server(service)
    try server?.start()
    defer { server?.stop() }
    let bound = try service.start(on: address, store: file)
    Terminal.complain("collecting on udp \(bound), \(options.limits.bytes >> 20) MiB of memory at most")
    if let tcp = server?.tcpAddress { Terminal.complain("answering on http://\(tcp)") }
    let clock = ContinuousClock()
    let begin = clock.now
    while !signals.areWaiting {
      if let duration, clock.now - begin >= .seconds(duration.seconds) { break }
      usleep(20_000)
    }
    service.stop()
    let status = service.status
    if status.overflow > 0 {
      Terminal.complain("warning: \(status.overflow) datagrams came faster than they were read, and are lost")
    }
    if let error = status.storeError { Terminal.complain("error: \(error)") }
    try conclude(service.records(.all, limit: .max).snapshot())
    if status.storeError != nil { throw ExitCode(1) }
  }

  private func server(_ service: CollectorService) throws -> (any ControlServer)? {
    if socket == "none", http == nil { return nil }
    let path = try socket ?? ControlSocket.path(for: "collector", suffix: CollectorSource.suffix)
    let interface = CollectorInterface(service)
    return SocketServer(
      ControlServerOptions(socketPath: path, tcp: try http.map { try TCPAddress($0) }, tokenFile: tokenFile)
    ) { interface.answer($0) }
  }

  private func openStore(_ options: CollectorOptions) throws -> Store? {
    try store.map {
      try Store(
        path: $0, started: CollectorService.now, binNanoseconds: options.binNanoseconds, rowLimit: storeRows)
    }
  }

  private func conclude(_ snapshot: CollectorSnapshot) throws {
    if let html { try TextFile.write(CollectorHTML(snapshot, title: title).page(), to: html) }
    if json {
      try Terminal.say(try ControlJSON.encode(snapshot, isPretty: true))
    } else {
      try Terminal.say(CollectorText(snapshot, isColoured: Terminal.isColoured).summary())
      if let html { try Terminal.say("\nThe page is \(html)\n") }
    }
  }

  private var title: String {
    captures.isEmpty
      ? "Live collector" : captures.map { $0.split(separator: "/").last.map(String.init) ?? $0 }.joined(separator: ", ")
  }
}
