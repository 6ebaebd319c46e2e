import EventLoop

/// Makes the supervisor another program without ending it: asks the program on disk whether it can go on with the
/// slots' pages, then becomes it. The workers lose their supervisor for a moment and find it again.
final class Upgrader {
  /// Nothing is changed: why.
  var onRefused: ((_ reason: String) -> Void)?

  private let loop: EventLoop
  private let layout: PageLayout
  private let arguments: [String]
  private let server: Int32
  private var check: ChildProcess?

  private static let checkPatience = Duration.seconds(5)
  /// What is on its way to Redis leaves first.
  private static let lastWords = Duration.milliseconds(50)
  /// Nobody types it: the running supervisor asks the next one.
  static let question = "--can-follow"

  init(_ loop: EventLoop, layout: PageLayout, arguments: [String], server: Int32) {
    self.loop = loop
    self.layout = layout
    self.arguments = arguments
    self.server = server
  }

  var isBusy: Bool { check != nil }

  /// `command`: whose answer the roll that follows belongs to.
  func begin(command: String?) {
    guard let path = Machine.programOnDisk else { return refuse("the program's place on disk is unknown") }
    do throws(SystemError) {
      let child = try ChildProcess(
        loop, path: path, arguments: [Self.question, layout.question],
        onExit: { [unowned self] in checked($0, path, command) })
      check = child
      loop.after(Self.checkPatience) { [weak self] in
        if self?.check === child { child.signal(9) }
      }
    } catch {
      refuse("\(path) cannot be started: \(error)")
    }
  }

  private func checked(_ how: ProcessExit, _ path: String, _ command: String?) {
    check = nil
    switch how {
    case .code(0): break
    case .code(1):
      return refuse(
        "\(path) cannot go on with layout \(layout.version) of the sockets' memory: drain instead")
    case .code, .signal, .unknown: return refuse("\(path) does not work: \(how)")
    }
    loop.after(Self.lastWords) { [unowned self] in
      let mode = SupervisorMode(.upgraded, server: server, command: command)
      let error = Machine.become(path, mode.arguments + arguments)
      refuse("\(error)")
    }
  }

  private func refuse(_ reason: String) { onRefused?(reason) }
}
