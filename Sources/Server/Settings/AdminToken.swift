import CommandLine
import EventLoop

extension Environment {
  /// For our children: they are told what they have to know, and nothing of it shows in /proc.
  static var withoutSecrets: [String] {
    all.filter { entry in !Options.secretVariables.contains { entry.hasPrefix("\($0)=") } }
  }
}

/// Where the admin token comes from: a setting, or better a file, which shows in no list of processes.
enum AdminToken {
  /// More than one line is no token.
  private static let longest = 4096

  static func read(_ settings: Settings) throws(StartError) -> String? {
    let given = settings[Options.adminToken]
    let path = settings[Options.adminTokenFile]
    if path.isEmpty { return given.isEmpty ? nil : given }
    guard given.isEmpty else { throw .usage("admin_token and admin_token_file are both set: leave one out") }
    let text: String
    do throws(SystemError) { text = try SmallFile.read(path, limit: longest) } catch {
      throw .usage("admin_token_file: \(error)")
    }
    let lines = text.split(whereSeparator: \.isNewline)
    guard lines.count == 1, let token = lines.first, !token.contains(where: \.isWhitespace) else {
      throw .usage("admin_token_file '\(path)' has to hold the token on one line, without spaces")
    }
    return String(token)
  }
}
