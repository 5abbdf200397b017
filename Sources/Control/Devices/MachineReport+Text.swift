extension MachineReport {
  /// The report as aligned tables, with a line break at the end.
  public func text(isColoured: Bool) -> String {
    func title(_ text: String) -> String { TextTable.Style.bold.apply(text, isColoured: isColoured) + "\n" }
    var text = title("This machine") + facts(isColoured)
    text += "\n" + title("Kinds of devices") + kindTable(isColoured)
    text += "\n" + title("Interfaces of the kernel") + interfaceTable(isColoured)
    for interface in interfaces {
      for notice in interface.notices { text += "  \(TextTable.printable(notice))\n" }
    }
    text += "\n" + title("Network controllers on the PCI bus") + controllerTable(isColoured)
    return text
  }

  private func facts(_ isColoured: Bool) -> String {
    let rights = root ? "root" : "an ordinary user"
    let held = capabilities.isEmpty ? "no capability that devices need" : capabilities.joined(separator: ", ")
    let pages = hugepages.map { "\($0.free) of \($0.total) free of \(Self.size($0.pageBytes))" }
    var table = TextTable([("", .left), ("", .left)])
    table.add(["DPDK", "\(dpdk), \(drivers.count) network drivers installed"])
    table.add(["rights", "\(rights); \(held)"])
    table.add(["CPUs", "\(cpus)"])
    table.add(["hugepages", pages.isEmpty ? "none" : pages.joined(separator: ", ")])
    table.add([
      "packets lie in",
      usesHugepages ? "hugepages" : "ordinary pages (slower, and not for PCI devices; `sysctl vm.nr_hugepages=256`)",
    ])
    table.add(["IOMMU", iommu ? "in use" : "none in use"])
    // Without the empty line of headings.
    return String(table.text(isColoured: isColoured).drop { $0 != "\n" }.dropFirst())
  }

  private func kindTable(_ isColoured: Bool) -> String {
    var table = TextTable([("address", .left), ("DPDK driver", .left), ("", .left)])
    for kind in kinds {
      table.append([
        TextTable.Cell(kind.syntax), TextTable.Cell(kind.driver ?? "the device's own"),
        kind.obstacle.map { TextTable.Cell($0, .yellow) } ?? TextTable.Cell("can be opened", .green),
      ])
    }
    return table.text(isColoured: isColoured)
  }

  private func interfaceTable(_ isColoured: Bool) -> String {
    var table = TextTable([
      ("name", .left), ("state", .left), ("MTU", .right), ("driver", .left), ("opened by", .left),
    ])
    for interface in interfaces {
      table.add([
        interface.name, interface.state, "\(interface.mtu)", interface.driver.isEmpty ? "-" : interface.driver,
        interface.devices.isEmpty ? "-" : interface.devices.joined(separator: " "),
      ])
    }
    return interfaces.isEmpty ? "  none\n" : table.text(isColoured: isColoured)
  }

  private func controllerTable(_ isColoured: Bool) -> String {
    var table = TextTable([
      ("address", .left), ("device", .left), ("driver", .left), ("interface", .left), ("IOMMU", .left), ("", .left),
    ])
    for controller in controllers {
      table.append([
        TextTable.Cell(controller.address), TextTable.Cell(controller.identifier),
        TextTable.Cell(controller.driver ?? "none"), TextTable.Cell(controller.interface ?? "-"),
        TextTable.Cell(controller.iommu ? "yes" : "no"),
        controller.ready
          ? TextTable.Cell("ready", .green)
          : TextTable.Cell(controller.wayToDPDK, .yellow),
      ])
    }
    return controllers.isEmpty ? "  none\n" : table.text(isColoured: isColoured)
  }

  private static func size(_ bytes: UInt64) -> String {
    bytes >= 1 << 30 ? "\(bytes >> 30) GiB" : bytes >= 1 << 20 ? "\(bytes >> 20) MiB" : "\(bytes >> 10) KiB"
  }
}

extension MachineReport.Controller {
  /// How DPDK gets it, and what that costs.
  fileprivate var wayToDPDK: String {
    let loss = interface.map { ", and the kernel loses \($0)" } ?? ""
    return "`dpdk-devbind.py --bind=vfio-pci \(address)` gives it to DPDK\(loss)"
  }
}
