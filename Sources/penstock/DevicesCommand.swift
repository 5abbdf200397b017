import ArgumentParser
import Control
import Drivers

struct DevicesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "devices",
    abstract: "Say what devices there are for live ports, and whether they can be opened.",
    discussion: """
      Without arguments: interfaces, network controllers, hugepages, rights and drivers of this machine, and which kinds \
      of devices this process can open. With devices, or those of a configuration: each is opened, started and closed \
      again, and what it is or what to do is printed. Captures that a device would write are left alone.

      Exit codes: 0 all can be opened; 1 some cannot; 2 the configuration is wrong; 64 the command line is wrong.
      """)

  @Argument(help: "Devices: a PCI address, tap:NAME, af_packet:IFACE, memif:SOCKET ...")
  var devices: [String] = []

  @Option(
    help: ArgumentHelp("Try the devices of this configuration's ports.", valueName: "file"),
    completion: .file(extensions: ["yaml", "yml"]))
  var config: String?

  @Option(help: ArgumentHelp("Largest IP packet to open devices of the command line for.", valueName: "bytes"))
  var mtu: Int = 1500

  @Flag(help: "Print JSON.")
  var json = false

  func run() throws {
    let requests = try wanted()
    do {
      if devices.isEmpty, config == nil {
        let report = MachineReport.ofThisMachine()
        return try Terminal.say(json ? try report.json() : report.text(isColoured: Terminal.isColoured))
      }
      let report = try DevicesReport.opening(requests)
      try Terminal.say(json ? try report.json() : report.text(isColoured: Terminal.isColoured))
      if !report.isGood { throw ExitCode(1) }
    } catch let code as ExitCode {
      throw code
    } catch {
      Terminal.complain("error: \(error)")
      throw ExitCode(1)
    }
  }

  private func wanted() throws -> [DevicesReport.Request] {
    var requests: [DevicesReport.Request] = []
    guard (68...9216).contains(mtu) else {
      Terminal.complain("error: --mtu \(mtu): between 68 and 9216 bytes.")
      throw ExitCode(64)
    }
    for text in devices {
      do {
        requests.append(DevicesReport.Request(address: try DeviceAddress(text), mtu: mtu))
      } catch {
        Terminal.complain("error: \(error)")
        throw ExitCode(64)
      }
    }
    guard let config else { return requests }
    for port in try loadConfiguration(config).configuration.ports {
      // The loader has read it before.
      guard let device = port.device, let address = try? DeviceAddress(device) else { continue }
      requests.append(DevicesReport.Request(port: port.name, address: address, mtu: port.mtu))
    }
    if requests.isEmpty {
      Terminal.complain("error: \(config): no port has a device; add `device:` to those that are to run live.")
      throw ExitCode(2)
    }
    return requests
  }
}
