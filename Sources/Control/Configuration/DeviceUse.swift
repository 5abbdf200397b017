import Drivers

/// The devices that ports are put on, as they are read.
struct DeviceUse {
  /// Where each device was named, and how often.
  private var uses: [String: (line: Int, count: Int)] = [:]

  /// The device that a field names; nil if it names none, or one that other ports have.
  mutating func read(_ field: Field) -> String? {
    guard let text = field.text("a device", example: "tap:h1") else { return nil }
    let address: DeviceAddress
    do {
      address = try DeviceAddress(text)
    } catch {
      field.report("`\(text)` is no device: \(error.problem)", error.remedy)
      return nil
    }
    guard let resource = address.resource else { return text }
    var use = uses[resource.name] ?? (field.line, 0)
    use.count += 1
    uses[resource.name] = use
    guard use.count <= resource.ports else {
      field.report(
        "`\(resource.name)` is the device of \(resource.ports == 1 ? "a" : "two") port\(resource.ports == 1 ? "" : "s") "
          + "already, the first in line \(use.line)", "name another device")
      return nil
    }
    return text
  }
}
