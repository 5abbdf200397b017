import Foundation
import Testing

@testable import Control

/// Damaged text must load or be refused with reasons; a crash fails the whole run.
@Suite struct ConfigurationFuzzTests {
  private func check(_ text: String) {
    do throws(ConfigurationErrors) {
      let loaded = try load(text)
      _ = CheckReport(loaded).text()
    } catch {
      #expect(!error.errors.isEmpty)
      for mistake in error.errors {
        #expect(!mistake.problem.isEmpty)
        #expect(mistake.line <= text.split(separator: "\n", omittingEmptySubsequences: false).count + 1)
      }
    }
  }

  @Test(arguments: [exampleYAML, everyKeyYAML, everySimulatorKeyYAML]) func everyTruncation(yaml: String) {
    let bytes = Array(yaml.utf8)
    for length in 0...bytes.count { check(String(decoding: bytes[..<length], as: UTF8.self)) }
  }

  @Test(arguments: [exampleYAML, everyKeyYAML, everySimulatorKeyYAML]) func everyLineMissing(yaml: String) {
    let lines = yaml.split(separator: "\n", omittingEmptySubsequences: false)
    for line in lines.indices { check((lines[..<line] + lines[(line + 1)...]).joined(separator: "\n")) }
  }

  @Test(arguments: [exampleYAML, everyKeyYAML, everySimulatorKeyYAML], [1, 2, 3]) func randomBytes(
    yaml: String, seed: UInt64
  ) {
    let alphabet = Array("{}[]:,-#&*!|>'\"%@` \n\tab09/.\u{0}\u{7F}é~?".utf8)
    var random = SplitMix(seed: seed)
    for _ in 0..<300 {
      var bytes = Array(yaml.utf8)
      for _ in 0...random.next() % 4 {
        let place = Int(random.next() % UInt64(bytes.count))
        switch random.next() % 4 {
        case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
        case 1: bytes[place] = alphabet[Int(random.next() % UInt64(alphabet.count))]
        case 2: bytes.insert(alphabet[Int(random.next() % UInt64(alphabet.count))], at: place)
        default: bytes.remove(at: place)
        }
      }
      check(String(decoding: bytes, as: UTF8.self))
    }
  }

  @Test func deepNestingIsRefused() {
    for depth in [100, 2000, 100_000] {
      #expect(!mistakes(in: "ports: " + String(repeating: "[", count: depth)).isEmpty)
      #expect(!mistakes(in: String(repeating: "{a: ", count: depth)).isEmpty)
    }
  }

  @Test func filesThatAreNotTextAreRefused() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path + "leaf.yaml"
    try Data([0x70, 0xFF, 0xFE, 0x0A]).write(to: URL(fileURLWithPath: path))
    func message(_ path: String) -> String {
      do throws(ConfigurationErrors) {
        _ = try ConfigurationLoader().load(path: path)
        return ""
      } catch {
        return error.description
      }
    }
    #expect(message(path) == "\(path): the file is not UTF-8 text, save it as UTF-8")
    let missing = directory.path + "none.yaml"
    #expect(message(missing) == "\(missing): cannot read `\(missing)`: no such file or directory, check the path")
    try directory.write("", to: "empty.yaml")
    #expect(message(directory.path + "empty.yaml").hasSuffix("empty.yaml: the file is empty, write at least `ports`"))
  }
}
