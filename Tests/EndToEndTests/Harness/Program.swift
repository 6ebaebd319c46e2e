import Glibc

/// One of our three programs (or a redis-server), started by a test and ended by it.
final class Program {
  let pid: pid_t
  private let outputPath: String
  private let keepsOutput: Bool
  private var status: Int32?

  /// Where the build puts the programs: beside the test runner.
  static func path(_ name: String) throws -> String {
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
    guard count > 0 else { throw Trouble("no /proc/self/exe") }
    let own = String(decoding: buffer.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
    var folder = own.split(separator: "/").dropLast()
    while !folder.isEmpty {
      let candidate = "/" + folder.joined(separator: "/") + "/" + name
      if access(candidate, X_OK) == 0 { return candidate }
      folder = folder.dropLast()
    }
    throw Trouble("\(name) was not built beside \(own)")
  }

  /// Standard output and error both go to a file of the sandbox.
  ///
  /// With `keepsOutput` false the file goes with the program: for helpers that are called again and again.
  init(
    _ path: String, _ arguments: [String], in sandbox: Sandbox, environment: [String: String] = [:],
    keepsOutput: Bool = true
  ) throws {
    self.keepsOutput = keepsOutput
    outputPath = "\(sandbox.path)/output-\(Self.nextNumber())"
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, outputPath, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    posix_spawn_file_actions_adddup2(&actions, 1, 2)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var nothing = sigset_t()
    sigemptyset(&nothing)
    posix_spawnattr_setsigmask(&attributes, &nothing)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    var argv: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) } + [nil]
    var envp: [UnsafeMutablePointer<CChar>?] = Self.environment(environment).map { strdup($0) } + [nil]
    defer { (argv + envp).forEach { free($0) } }
    var child: pid_t = 0
    let error = posix_spawn(&child, path, &actions, &attributes, &argv, &envp)
    guard error == 0 else { throw Trouble("cannot start \(path): \(error)") }
    pid = child
  }

  deinit {
    if status == nil {
      kill(pid, SIGKILL)
      var ignored: Int32 = 0
      waitpid(pid, &ignored, 0)
    }
    if !keepsOutput { unlink(outputPath) }
  }

  var output: String {
    guard let file = fopen(outputPath, "r") else { return "" }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while case let count = fread(&chunk, 1, chunk.count, file), count > 0 { bytes += chunk.prefix(count) }
    return String(decoding: bytes, as: UTF8.self)
  }

  func signal(_ number: Int32) { if status == nil { kill(pid, number) } }

  /// The exit code, or minus the signal that ended it.
  func exitCode(within seconds: Double, _ reason: String) throws -> Int32 {
    try Deadline.until(seconds, "\(reason)\n\(output.suffix(2000))") {
      if status != nil { return true }
      var raw: Int32 = 0
      if waitpid(pid, &raw, WNOHANG) == pid { status = raw }
      return status != nil
    }
    let raw = status ?? 0
    return raw & 0x7F == 0 ? (raw >> 8) & 0xFF : -(raw & 0x7F)
  }

  var isRunning: Bool {
    var raw: Int32 = 0
    if status == nil, waitpid(pid, &raw, WNOHANG) == pid { status = raw }
    return status == nil
  }

  /// Waits for a line that contains `text` and returns it.
  @discardableResult
  func line(with text: String, within seconds: Double = 20) throws -> String {
    var found = ""
    try Deadline.until(seconds, "a line with '\(text)' in\n\(output.suffix(3000))") {
      guard let line = output.split(separator: "\n").first(where: { $0.contains(text) }) else { return false }
      found = String(line)
      return true
    }
    return found
  }

  /// Ours, without what would steer the programs.
  private static func environment(_ extra: [String: String]) -> [String] {
    var values = extra
    for name in ["PATH", "HOME", "LANG"] where values[name] == nil {
      if let value = getenv(name) { values[name] = String(cString: value) }
    }
    return values.map { "\($0.key)=\($0.value)" }
  }

  nonisolated(unsafe) private static var number = 0
  private static let lock = NumberLock()
  private static func nextNumber() -> Int {
    lock.run {
      number += 1
      return number
    }
  }
}

/// Tests of other suites run at the same time.
private final class NumberLock: @unchecked Sendable {
  private var mutex = pthread_mutex_t()
  init() { pthread_mutex_init(&mutex, nil) }
  func run<T>(_ body: () -> T) -> T {
    pthread_mutex_lock(&mutex)
    defer { pthread_mutex_unlock(&mutex) }
    return body()
  }
}
