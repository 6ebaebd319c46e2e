/// A tmux server of its own with one window.
final class ConsoleWindow {
  private let socket: String
  private let sandbox: Sandbox

  init(_ command: String, width: Int, height: Int, in sandbox: Sandbox) throws {
    self.sandbox = sandbox
    socket = "\(sandbox.path)/tmux"
    try run([
      "-f", "/dev/null", "new-session", "-d", "-x", "\(width)", "-y", "\(height)",
      "env LANG=C.UTF-8 \(command); sleep 60",
    ])
  }

  deinit { _ = try? run(["kill-server"]) }

  func press(_ key: String) throws { try run(["send-keys", key]) }
  /// As a terminal pastes, in the brackets it was asked for.
  func paste(_ text: String) throws {
    try run(["set-buffer", text])
    try run(["paste-buffer", "-p"])
  }
  func resize(_ width: Int, _ height: Int) throws {
    try run(["resize-window", "-x", "\(width)", "-y", "\(height)"])
  }
  var screen: String { (try? run(["capture-pane", "-p"])) ?? "" }

  func wait(for text: String, _ seconds: Double = 10) throws {
    do {
      try Deadline.until(seconds, "'\(text)' on the screen") { screen.contains(text) }
    } catch {
      throw Trouble("\(error)\n\(screen)")
    }
  }

  @discardableResult
  private func run(_ arguments: [String]) throws -> String {
    let program = try Program(
      "/usr/bin/tmux", ["-S", socket] + arguments, in: sandbox, keepsOutput: false)
    _ = try program.exitCode(within: 10, "tmux \(arguments)")
    return program.output
  }
}
