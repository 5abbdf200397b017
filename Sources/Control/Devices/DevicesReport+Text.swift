extension DevicesReport {
  /// The report, a paragraph a device, with a line break at the end.
  public func text(isColoured: Bool) -> String {
    devices.map { $0.text(isColoured: isColoured) }.joined(separator: "\n")
  }
}

extension DevicesReport.Entry {
  fileprivate func text(isColoured: Bool) -> String {
    let name = port.map { "\($0): \(device)" } ?? device
    var text = TextTable.Style.bold.apply(TextTable.printable(name), isColoured: isColoured) + "\n"
    if let error {
      text += "  " + TextTable.Style.red.apply(TextTable.printable(error), isColoured: isColoured) + "\n"
    } else {
      let speed = speedBps.map { ", \(Quantity.rate.text($0))" } ?? ""
      var table = TextTable([("", .left), ("", .left)])
      table.add(["driver", driver ?? "-"])
      table.add(["link", (link ?? "-") + speed])
      table.add(["MAC address", mac ?? "-"])
      table.add(["MTU", mtu.map { "\($0)" } ?? "-"])
      table.add(["holds", holds.map { $0 == 0 ? "nothing" : "up to \($0) packets" } ?? "what its peer's ring holds"])
      table.add(["flow control", flowControl ?? "-"])
      text += table.text(isColoured: isColoured).drop { $0 != "\n" }.dropFirst()
    }
    for notice in notices { text += "  note: \(TextTable.printable(notice))\n" }
    return text
  }
}
