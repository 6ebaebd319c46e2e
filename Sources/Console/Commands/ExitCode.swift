/// How a subcommand ends, for the script that called it.
enum ExitCode {
  static let good: Int32 = 0
  static let failed: Int32 = 1
  static let unreachable: Int32 = 3
}
