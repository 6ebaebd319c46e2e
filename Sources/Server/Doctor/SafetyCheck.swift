import EventLoop
import FleetState

/// Who could call what, and see what.
enum SafetyCheck {
  static func findings(_ settings: ServerSettings) -> [Finding] {
    [admission(settings), origins(settings)].compactMap { $0 }
  }

  private static func admission(_ settings: ServerSettings) -> Finding {
    if settings.adminToken != nil { return .ok("admin", "callers of changing routes need the token") }
    return isPublic(settings)
      ? .warn(
        "admin", "it listens publicly without a token, so routes that change things are off",
        "set admin_token_file") : .ok("admin", "only this machine can call")
  }

  private static func origins(_ settings: ServerSettings) -> Finding? {
    if let allowed = settings.limits.allowedOrigins {
      return .ok("origins", "pages of \(allowed.count) places")
    }
    return isPublic(settings)
      ? .warn("origins", "scripts of any page may connect", "name yours with allowed_origins") : nil
  }

  private static func isPublic(_ settings: ServerSettings) -> Bool {
    (settings.listen + settings.secureListen).contains { !$0.isLoopback }
  }
}
