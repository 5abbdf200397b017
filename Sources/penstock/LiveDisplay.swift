import Control
import Glibc

/// Where `penstock top` draws: the other screen of a terminal, or lines on standard output.
final class LiveDisplay {
  private let isTerminal: Bool
  private let readsKeys: Bool
  private var settings = termios()
  private var isOpen = false

  /// Takes the terminal over, if it is one and that is wanted.
  init(isWanted: Bool) throws {
    isTerminal = isWanted && isatty(STDOUT_FILENO) == 1
    readsKeys = isTerminal && tcgetattr(STDIN_FILENO, &settings) == 0
    guard isTerminal else { return }
    if readsKeys {
      var raw = settings
      // Keys come at once and unseen. Ctrl-C still is a signal; to be stopped would leave the terminal as it is.
      raw.c_lflag &= ~tcflag_t(ICANON | ECHO)
      raw.c_cc.10 = 0  // VSUSP
      tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw)
    }
    isOpen = true
    try Terminal.say("\u{1B}[?1049h\u{1B}[?25l\u{1B}[?7l")
  }

  /// Gives the terminal back.
  func close() {
    guard isOpen else { return }
    isOpen = false
    try? Terminal.say("\u{1B}[?7h\u{1B}[?25h\u{1B}[?1049l")
    if readsKeys { tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings) }
  }

  /// Draws a screen over the one before, or prints it.
  func show(_ screen: TopScreen) throws {
    guard isTerminal else { return try Terminal.say(screen.lines().joined(separator: "\n") + "\n\n") }
    var size = winsize()
    let isKnown = ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 && size.ws_row > 0
    let width = isKnown ? Int(size.ws_col) : 80
    let height = isKnown ? Int(size.ws_row) : 24
    // No line break after the last line, which would scroll; each line erases what was to its right.
    let lines = screen.lines(width: width, height: height).prefix(height)
    try Terminal.say("\u{1B}[H" + lines.joined(separator: "\u{1B}[K\r\n") + "\u{1B}[K\u{1B}[J")
  }

  /// Waits. False: the user has had enough.
  func wait(_ seconds: Double, until isOver: () -> Bool) -> Bool {
    var left = seconds
    while left > 0 {
      if isOver() { return false }
      let slice = min(left, 0.05)
      var entry = pollfd(fd: readsKeys ? STDIN_FILENO : -1, events: Int16(POLLIN), revents: 0)
      if poll(&entry, 1, Int32((slice * 1000).rounded(.up))) > 0 {
        var key: UInt8 = 0
        // A terminal that is gone sends nothing any more.
        if read(STDIN_FILENO, &key, 1) <= 0 || key == UInt8(ascii: "q") { return false }
        continue
      }
      left -= slice
    }
    return !isOver()
  }
}
