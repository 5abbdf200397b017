import Dataplane
import Foundation
import Testing

@testable import Control

/// Files that describe several switches and the links between them.
@Suite struct NetworkConfigurationTests {
  private static let leaf = """
    switch: {name: leaf1, id: 1, mac: "02:00:00:00:00:01"}
    ports:
      - {name: h1, speed: 10G, device: "tap:h1", address: 10.0.1.1/24}
      - {name: p5, speed: 10G, address: 10.9.0.0/31}
      - {name: p6, speed: 25G, address: 10.9.1.0/31}

    """
  private static let spine = """
    switch: {name: spine1, id: 2, mac: "02:00:00:00:00:02"}
    ports:
      - {name: p1, speed: 10G, address: 10.9.0.1/31}
      - {name: p2, speed: 10G, mtu: 1500, address: 10.9.2.1/31}
      - {name: p3, speed: 10G}
      - {name: p4, speed: 10G}
      - {name: p5, speed: 10G}

    """

  /// What is read of a file with both switches.
  private func load(_ links: String, leaf: String = leaf, spine: String = spine) throws -> [LoadedConfiguration] {
    let directory = try TemporaryDirectory()
    try directory.write(leaf, to: "leaf1.yaml")
    try directory.write(spine, to: "spine1.yaml")
    try directory.write("switches: [leaf1.yaml, spine1.yaml]\n" + links, to: "net.yaml")
    return try ConfigurationLoader().loadAll(path: directory.path + "net.yaml")
  }

  private func mistakes(_ links: String, leaf: String = leaf, spine: String = spine) -> [String] {
    do {
      _ = try load(links, leaf: leaf, spine: spine)
      return []
    } catch let error as ConfigurationErrors {
      return error.errors.map {
        $0.description.replacing(/[^ ]*\/(?<name>[a-z0-9]+\.yaml)/, with: { "\($0.output.name)" })
      }
    } catch {
      return ["\(error)"]
    }
  }

  @Test func linksJoinPortsAndLengthenCables() throws {
    let loaded = try load(String(everyNetworkKeyYAML.drop { $0 != "\n" }))
    #expect(loaded.map(\.configuration.name) == ["leaf1", "spine1"])
    #expect(
      loaded[0].links == ["p5": LinkedPort(link: 0, isFirst: true, peer: "spine1/p1", delay: .microseconds(10))])
    #expect(
      loaded[1].links == ["p1": LinkedPort(link: 0, isFirst: false, peer: "leaf1/p5", delay: .microseconds(10))])
    // 10 us are 1980 m of fibre, and 2 x 10 us at 10 Gb/s are 25 kB of headroom more.
    #expect(loaded[0].configuration.ports[1].cable == CableLength(millimetres: 1_980_000))
    #expect(loaded[0].configuration.ports[0].cable == CableLength(millimetres: 5000))
    let (near, far) = (loaded[0].configuration.ports[0], loaded[0].configuration.ports[1])
    let buffer = loaded[0].configuration.buffer
    let more = Headroom.bytes(for: far, buffer).bytes - Headroom.bytes(for: near, buffer).bytes
    // Up to four times as much in cells, if all of it comes in small packets.
    #expect(more >= 25_000 && more < 110_000)
    let report = NetworkReport(loaded)
    let line = try #require(report.text().split(separator: "\n").last)
    #expect(line.split(separator: " ") == ["leaf1/p5", "spine1/p1", "10G", "10us", "1980m"])
    #expect(try report.json().contains("\"delay_ps\" : 10000000"))
  }

  @Test func aLinkWithoutDelayLeavesCablesAlone() throws {
    let loaded = try load("links: [{a: leaf1/p5, b: spine1/p1}]\n")
    #expect(loaded[0].configuration.ports[1].cable == CableLength(millimetres: 5000))
    #expect(loaded[1].links["p1"]?.delay == .zero)
  }

  @Test func switchesStandInPlaceToo() throws {
    func indented(_ text: String) -> String {
      "  - " + text.split(separator: "\n").joined(separator: "\n    ") + "\n"
    }
    let text = "switches:\n" + indented(Self.leaf) + indented(Self.spine) + "links: [{a: leaf1/p5, b: spine1/p1}]\n"
    let loaded = try ConfigurationLoader().loadAll(yaml: text, file: "net.yaml", directory: "")
    #expect(loaded.map(\.configuration.name) == ["leaf1", "spine1"] && loaded.allSatisfy { $0.links.count == 1 })
    let wrong = text.replacing("speed: 25G", with: "spede: 25G")
    let mistakes = #expect(throws: ConfigurationErrors.self) {
      _ = try ConfigurationLoader().loadAll(yaml: wrong, file: "net.yaml", directory: "")
    }
    #expect(
      mistakes?.description == "net.yaml:6: switches[0].ports[2].spede: unknown key `spede`, did you mean `speed`?")
  }

  @Test func onePlainFileIsOneSwitch() throws {
    let loaded = try ConfigurationLoader().loadAll(yaml: Self.leaf, file: "leaf1.yaml", directory: "")
    #expect(loaded.count == 1 && loaded[0].links.isEmpty)
    #expect(try NetworkReport(loaded).json() == CheckReport(loaded[0]).json())
  }

  @Test func wrongLinksAreExplained() {
    #expect(
      mistakes(
        """
        links:
          - {a: leaf1/p5, b: spine1/p1, delay: 1us}
          - {a: leaf1/p5, b: spine1/p2}
          - {a: leaf1/p6, b: spine1/p3}
          - {a: leaf1/h1, b: spine1/p4}
          - {a: leaf1/p55, b: spine2/p2}
          - {a: leaf1, b: spine1/p5, delay: 2s}
          - {a: spine1/p6, dealy: 1us}

        """) == [
          "net.yaml:4: links[1].a: `leaf1/p5` is an end of a link already, in line 3, name another port",
          "net.yaml:5: links[2]: `leaf1/p6` has 25G and `spine1/p3` 10G, give both ports of a link the same `speed`",
          "net.yaml:6: links[3].a: `leaf1/h1` is on a device already, `tap:h1`, remove `device` of that port, or the link",
          "net.yaml:7: links[4].a: `leaf1` has no port `p55`, did you mean `p5`?",
          "net.yaml:7: links[4].b: there is no switch `spine2`, did you mean `spine1`?",
          "net.yaml:8: links[5].a: `leaf1` is not a port of a switch, write `SWITCH/PORT`, like `leaf1/p5`",
          "net.yaml:8: links[5].delay: `2s` is out of range, write `0ps` to `1s`",
          "net.yaml:9: links[6]: required key `b` is missing, add `b: leaf1/p5`",
          "net.yaml:9: links[6].a: `spine1` has no port `p6`, did you mean `p1`?",
          "net.yaml:9: links[6].dealy: unknown key `dealy`, did you mean `delay`?",
        ])
    #expect(
      mistakes(
        "", leaf: Self.leaf.replacing("10G", with: "10Q"), spine: Self.spine.replacing("name: p2", with: "nmae: p2")
      )
      .map { String($0.prefix { $0 != ":" }) } == ["leaf1.yaml", "leaf1.yaml", "spine1.yaml"])
    #expect(
      mistakes("", spine: Self.spine.replacing("spine1", with: "leaf1")) == [
        "net.yaml:1: switches[1]: a switch named `leaf1` exists already, in line 1, give each its own `switch.name`"
      ])
    #expect(
      mistakes("ports: [{name: a, speed: 1G}]\n") == [
        "net.yaml:2: ports: unknown key `ports`, it belongs into the file of one switch, and `switches` and `links` into a "
          + "file of their own"
      ])
  }

  @Test func whatIsRightButWorthKnowingIsSaid() throws {
    let twin = Self.spine.replacing("id: 2", with: "id: 1").replacing("00:02\"", with: "00:01\"")
    let loaded = try load("links: [{a: leaf1/p5, b: spine1/p2}]\n", spine: twin)
    let notices = loaded[0].notices.joined(separator: "\n")
    #expect(notices.contains("the same `switch.mac`") && notices.contains("the same `switch.id`"))
    #expect(notices.contains("mtu of 9216 at one end and 1500 at the other"))
  }

  @Test func commandsForOneSwitchDoNotTakeSeveral() throws {
    let mistakes = #expect(throws: ConfigurationErrors.self) {
      _ = try ConfigurationLoader().load(yaml: "switches: [leaf1.yaml]\n", file: "net.yaml")
    }
    let words = mistakes?.description ?? ""
    #expect(words.contains("this file describes several switches, name the file of one of them here"))
  }
}

/// Every key of a file with several switches.
let everyNetworkKeyYAML = """
  switches: [leaf1.yaml, spine1.yaml]
  links: [{a: leaf1/p5, b: spine1/p1, delay: 10us}]

  """
