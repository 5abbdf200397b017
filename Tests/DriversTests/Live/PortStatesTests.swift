import Testing

@testable import Drivers

@Suite struct PortStatesTests {
  private func told(_ states: inout PortStates, _ links: [Bool]) -> [String] {
    states.changes(links: links).map { "\($0.port) \($0.isUp ? "up" : "down")" }
  }

  @Test("The first look tells of every port, later ones of what differs")
  func differences() {
    var states = PortStates(isEnabled: [true, true, false])
    #expect(told(&states, [true, false, true]) == ["0 up", "1 down", "2 down"])
    #expect(told(&states, [true, false, true]).isEmpty)
    #expect(told(&states, [false, true, true]) == ["0 down", "1 up"])
  }

  @Test("A link that goes down while another port is enabled is told of, and so is the other port")
  func bothAtOnce() {
    var states = PortStates(isEnabled: [true, false])
    #expect(told(&states, [true, true]) == ["0 up", "1 down"])
    states.enable(1, true)
    #expect(told(&states, [false, true]) == ["0 down", "1 up"])
    #expect(told(&states, [false, true]).isEmpty)
  }

  @Test("Nobody is told of a place without a port, and everything of a port that comes to it")
  func comesAndGoes() {
    var states = PortStates(places: 2)
    states.add(0, isEnabled: true)
    #expect(told(&states, [true, true]) == ["0 up"])
    states.add(1, isEnabled: true)
    #expect(told(&states, [true, false]) == ["1 down"])
    #expect(told(&states, [true, true]) == ["1 up"])
    states.remove(0)
    states.enable(0, true)
    #expect(told(&states, [false, true]).isEmpty && !states.isEnabled(0))
    states.add(0, isEnabled: false)
    #expect(told(&states, [true, true]) == ["0 down"])
  }
}
