import Foundation

/// Certificates of one test, made by the `openssl` program in a directory that goes with this object.
final class Credentials {
  let directory: String

  init() throws {
    // Sockets are put there, too, and their paths have to be short, which TMPDIR need not be.
    directory = "/tmp/sluice-tls-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    try make("own", names: "DNS:localhost,DNS:*.example.test,IP:127.0.0.1,IP:::1")
    try make("other", names: "DNS:localhost")
  }

  deinit { try? FileManager.default.removeItem(atPath: directory) }

  var certificate: String { path("own.crt") }
  var key: String { path("own.key") }
  var otherCertificate: String { path("other.crt") }
  var otherKey: String { path("other.key") }

  func path(_ name: String) -> String { "\(directory)/\(name)" }

  func write(_ text: String, to name: String) throws -> String {
    try text.write(toFile: path(name), atomically: false, encoding: .utf8)
    return path(name)
  }

  func text(of path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

  /// The own key behind a password.
  func lockedKey() throws -> String {
    try run(["pkey", "-in", key, "-aes256", "-passout", "pass:secret", "-out", path("locked.key")])
    return path("locked.key")
  }

  private func make(_ name: String, names: String) throws {
    try run([
      "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
      "-subj", "/CN=sluice test", "-addext", "subjectAltName=\(names)",
      "-keyout", path("\(name).key"), "-out", path("\(name).crt"),
    ])
  }

  private func run(_ arguments: [String]) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
    process.arguments = arguments
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    struct Failed: Error { let arguments: [String] }
    if process.terminationStatus != 0 { throw Failed(arguments: arguments) }
  }
}
