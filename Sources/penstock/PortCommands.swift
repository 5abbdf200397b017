import ArgumentParser
import Control
import Foundation

struct PortCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "port", abstract: "Take a port of a running switch up or down.")

  enum State: String, ExpressibleByArgument, CaseIterable {
    case up, down
  }

  @Argument(help: ArgumentHelp("The port.", valueName: "port"))
  var port: String

  @Argument(help: "up or down.")
  var state: State

  @OptionGroup var control: ControlOptions

  func run() throws {
    try control.withSwitch { client, name in try client.setPort(port, of: name, isUp: state == .up) }
  }
}

struct WeightCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "weight",
    abstract: "Change the weight of a next hop of a running switch, until the next reload.",
    discussion: "PREFIX and VIA are those of `penstock show nexthops`. A weight of 0 drains the next hop.")

  @Argument(help: ArgumentHelp("The prefix of the group.", valueName: "prefix"))
  var prefix: String

  @Argument(help: ArgumentHelp("The address of the next hop.", valueName: "via"))
  var via: String

  @Argument(help: "0 to 65535.")
  var weight: UInt32

  @OptionGroup var control: ControlOptions

  func validate() throws {
    if weight > 65_535 { throw ValidationError("\(weight): write a weight from 0 to 65535.") }
  }

  func run() throws {
    try control.withSwitch { client, name in
      try client.setWeight(WeightChange(prefix: prefix, via: via, weight: weight), of: name)
    }
  }
}

struct ResetWatermarksCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reset-watermarks", abstract: "Forget the peaks of queues, groups and pools of a running switch.")

  @OptionGroup var control: ControlOptions

  func run() throws {
    try control.withSwitch { client, name in try client.resetWatermarks(of: name) }
  }
}

struct ImpairCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "impair",
    abstract: "Print or replace the impairments of a port of a running switch.",
    discussion: "Without IMPAIRMENTS and --clear those in force are printed.")

  @Argument(help: ArgumentHelp("The port.", valueName: "port"))
  var port: String

  @Argument(help: "The new impairments as a JSON list; - reads them from standard input.")
  var impairments: String?

  @Flag(help: "Remove all impairments.")
  var clear = false

  @OptionGroup var control: ControlOptions

  func validate() throws {
    if clear, impairments != nil { throw ValidationError("--clear: leave the impairments out.") }
  }

  func run() throws {
    var text = clear ? "[]" : impairments
    if text == "-" {
      text = String(decoding: try FileHandle.standardInput.readToEnd() ?? Data(), as: UTF8.self)
    }
    try control.withSwitch { client, name in
      let json = try client.impairments(of: port, of: name, set: text)
      try Terminal.say(json.hasSuffix("\n") ? json : json + "\n")
    }
  }
}
