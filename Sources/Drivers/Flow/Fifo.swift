/// First in, first out.
package struct Fifo<Element> {
  private var elements: [Element] = []
  private var head = 0

  /// Empty.
  package init() {}

  package var isEmpty: Bool { head == elements.count }
  package var first: Element? { isEmpty ? nil : elements[head] }

  package mutating func append(_ element: Element) { elements.append(element) }

  /// Takes the first one off. Cost: constant on average.
  package mutating func popFirst() -> Element? {
    if isEmpty { return nil }
    let element = elements[head]
    head += 1
    if head == elements.count {
      elements.removeAll(keepingCapacity: true)
      head = 0
    } else if head > 4096 {
      elements.removeFirst(head)
      head = 0
    }
    return element
  }
}
