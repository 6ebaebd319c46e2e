import EventLoop
import Glibc
import Terminal
import TextUI

/// The terminal while a run goes on: it is given scenes, and tells keys. What other processes say on standard error
/// becomes a note, for it would tear the picture; it is said again when the terminal is free.
final class LiveScreen: EventSource {
  /// To end the run before its time.
  var onStop: (() -> Void)?

  private let loop: EventLoop
  private var terminal: Terminal?
  private var errors: ErrorPipe?
  private var source: SourceID?
  private var scene = RunScene()
  /// What is shown while the picture is paused.
  private var still: RunScene?

  /// Throws where there is no terminal that could show it.
  init(_ loop: EventLoop) throws {
    self.loop = loop
    terminal = try Terminal(withColor: (Environment.values["NO_COLOR"] ?? "").isEmpty)
    let id = loop.add(self)
    source = id
    try loop.watch(Terminal.inputDescriptor, for: .readable, by: id)
    errors = try? ErrorPipe(loop) { [unowned self] in note($0) }
  }

  func show(_ change: (inout RunScene) -> Void) {
    change(&scene)
    draw()
  }

  func note(_ text: String) {
    scene.notes.append(text)
    if scene.notes.count > RunScene.mostNotes { scene.notes.removeFirst() }
  }

  /// A note that is said again when the terminal is free.
  func say(_ text: String) {
    note(text)
    errors?.keep(text)
  }

  func adoptSize() {
    terminal?.adoptSize()
    draw()
  }

  /// The terminal is as it was before.
  func end() {
    if let source {
      loop.unwatch(Terminal.inputDescriptor)
      loop.remove(source)
    }
    source = nil
    terminal = nil
    errors?.close()
    errors = nil
  }

  func ready(_ key: UInt32, _ readiness: Readiness) {
    while let key = terminal?.nextKey() { take(key) }
    draw()
    // Nobody sits there any more; the run goes on.
    if readiness.contains(.hangup) { loop.unwatch(Terminal.inputDescriptor) }
  }

  private func take(_ key: Key) {
    switch key {
    case .character("q"):
      scene.isStopping = true
      still = nil
      onStop?()
    case .character("p"), .character(" "):
      still = still == nil ? scene : nil
      still?.isPaused = true
    case .character, .up, .down, .left, .right, .pageUp, .pageDown, .home, .end, .enter, .escape, .tab,
      .backTab, .backspace, .delete, .function, .resize, .mouse, .paste:
      return
    }
  }

  private func draw() {
    guard let terminal else { return }
    terminal.draw(RunPicture.draw(still ?? scene, size: terminal.size, isASCII: terminal.isASCII))
  }
}
