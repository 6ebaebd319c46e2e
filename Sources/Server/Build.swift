/// What `--version` says and every record of this host carries.
enum Build {
  static let version = "0.1.0"
}
