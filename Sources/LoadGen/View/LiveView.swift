import EventLoop
import Measurement

/// What people see while the run goes on: a picture on a terminal, a line elsewhere, nothing where that was asked for.
final class LiveView {
  private enum Form {
    case nothing
    case line(LiveLine)
    case picture(LiveScreen)
  }

  /// Asked for at the terminal: to end the run before its time.
  var onStop: (() -> Void)?

  private let loop: EventLoop
  private let plan: Plan
  private var form: Form
  private var stopTicking: (() -> Void)?

  private static let pictureEvery = Duration.milliseconds(250)

  init(_ loop: EventLoop, _ plan: Plan) {
    self.loop = loop
    self.plan = plan
    if plan.outputs.isQuiet {
      form = .nothing
    } else if !plan.outputs.isPlain, !plan.outputs.takesStandardOutput, let screen = try? LiveScreen(loop) {
      form = .picture(screen)
      screen.onStop = { [unowned self] in onStop?() }
    } else {
      form = .line(LiveLine())
    }
  }

  /// Drawing takes a moment, and whoever measures has none.
  var isPicture: Bool {
    switch form {
    case .nothing, .line: false
    case .picture: true
    }
  }

  /// From now on shows what `scene` says at that time.
  func begin(start: Moment, series: @escaping () -> RunSeries, restarts: @escaping () -> [RestartRecord]) {
    switch form {
    case .nothing: return
    case .line(let line):
      stopTicking = loop.every(.seconds(1)) { [loop, plan] in
        let seconds = Int(loop.now.nanoseconds(since: start) / 1_000_000_000)
        line.show(series(), wanted: plan.sockets, seconds: seconds)
      }
    case .picture(let screen):
      stopTicking = loop.every(Self.pictureEvery) { [loop, plan] in
        screen.show { scene in
          scene.url = plan.target.url
          scene.wanted = plan.sockets
          scene.elapsed = loop.now.nanoseconds(since: start)
          scene.duration = plan.duration.wholeNanoseconds
          scene.series = series()
          scene.restarts = restarts()
        }
      }
    }
  }

  /// Something that happened; unless quiet.
  func note(_ text: String) {
    switch form {
    case .nothing: return
    case .line(let line): line.say(text)
    case .picture(let screen): screen.note(text)
    }
  }

  /// What must be read, quiet or not.
  func say(_ text: String) {
    switch form {
    case .nothing: Output.write(text + "\n", to: 2)
    case .line(let line): line.say(text)
    case .picture(let screen): screen.say(text)
    }
  }

  /// The terminal's window has another size.
  func adoptSize() {
    if case .picture(let screen) = form { screen.adoptSize() }
  }

  func end() {
    stopTicking?()
    stopTicking = nil
    switch form {
    case .nothing: return
    case .line(let line): line.end()
    case .picture(let screen): screen.end()
    }
  }
}
