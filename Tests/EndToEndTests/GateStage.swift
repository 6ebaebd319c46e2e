import Glibc

/// A server with a wss listener, its certificates, and clients that trust one of them.
final class GateStage {
  private let sandbox: Sandbox
  private var server: Server?

  init() throws {
    sandbox = try Sandbox()
    for name in ["first", "second"] { try make(name) }
    try use("first")
  }

  private func path(_ name: String) -> String { "\(sandbox.path)/\(name)" }

  private func make(_ name: String) throws {
    let openssl = try Program(
      "/usr/bin/openssl",
      [
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
        "-subj", "/CN=\(name)", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", path("\(name).key"),
        "-out", path("\(name).pem"),
      ], in: sandbox)
    if try openssl.exitCode(within: 10, "a certificate is made") != 0 { throw Trouble(openssl.output) }
  }

  /// From the next start or reload on.
  func use(_ name: String) throws {
    for kind in ["pem", "key"] {
      unlink(path("tls.\(kind)"))
      if symlink(path("\(name).\(kind)"), path("tls.\(kind)")) != 0 { throw Trouble("symlink: \(errno)") }
    }
  }

  func breakFiles() throws {
    unlink(path("tls.pem"))
    if symlink("/dev/null", path("tls.pem")) != 0 { throw Trouble("symlink: \(errno)") }
  }

  func start(workers: Int = 2, _ arguments: [String] = []) throws -> Server {
    let server = try Server(
      [
        "--listen", "wss://127.0.0.1:0", "--tls-certificate", path("tls.pem"), "--tls-key", path("tls.key"),
      ] + arguments, workers: workers)
    self.server = server
    return server
  }

  /// The same with a config file that names the certificate.
  func startConfigured(with name: String) throws -> Server {
    try configure(name)
    let server = try Server(["--listen", "wss://127.0.0.1:0", "--config", path("settings")])
    self.server = server
    return server
  }

  /// From the next reload on.
  func configure(_ name: String) throws {
    guard let file = fopen(path("settings"), "w") else { throw Trouble("cannot write the config file") }
    defer { fclose(file) }
    fputs("tls_certificate=\(path(name)).pem\ntls_key=\(path(name)).key\n", file)
  }

  func load(_ arguments: [String], trusting name: String = "first") throws -> Program {
    guard let server else { throw Trouble("no server yet") }
    return try Program(
      Program.path("wsload"),
      [
        "wss://127.0.0.1:\(try server.securePort)/ws?mode=echo&notify=0", "--quiet", "--trust",
        path("\(name).pem"),
      ] + arguments, in: sandbox, environment: ["SLUICE_STATE": server.sandbox.path])
  }

  func reaches(trusting name: String) throws -> Bool {
    let load = try load(["--sockets", "1", "--duration", "500ms"], trusting: name)
    return try load.exitCode(within: 20, "wsload ends") == 0
  }

  /// Where workers take what gates bring: they listen on it, and nobody was told.
  func innerPort(of server: Server) throws -> UInt16 {
    guard let worker = server.workers.first else { throw Trouble("no worker") }
    let mine = Set((0..<64).compactMap { Self.target("/proc/\(worker)/fd/\($0)") })
    let known: Set<UInt16> = [server.port, try server.securePort]
    for line in try String(contentsOfFile: "/proc/net/tcp").split(separator: "\n").dropFirst() {
      let words = line.split(separator: " ")
      guard words.count > 9, words[3] == "0A", mine.contains("socket:[\(words[9])]"),
        let port = words[1].split(separator: ":").last.flatMap({ UInt16($0, radix: 16) }),
        !known.contains(port)
      else { continue }
      return port
    }
    throw Trouble("no inner listener")
  }

  private static func target(_ path: String) -> String? {
    var text = [CChar](repeating: 0, count: 256)
    let length = readlink(path, &text, text.count)
    return length > 0
      ? String(decoding: text.prefix(length).map(UInt8.init(bitPattern:)), as: UTF8.self) : nil
  }
}
