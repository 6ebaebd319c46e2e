import CLinux

/// Whoever has started this program and asked to hear how it is: systemd, with `Type=notify` (sd_notify(3)).
///
/// In: lines as it knows them. Nobody listening, or not in time, is no trouble of ours.
package enum ServiceManager {
  package static func tell(_ lines: String...) {
    guard let place = Environment.values["NOTIFY_SOCKET"], !place.isEmpty else { return }
    tell(lines, at: place)
  }

  /// False: nobody has heard it.
  @discardableResult
  static func tell(_ lines: [String], at place: String) -> Bool {
    var text = lines.joined(separator: "\n")
    // SAFETY: the bytes live for the call, which copies them to the kernel.
    return text.withUTF8 { unsafe clinux_tell_unix(place, $0.baseAddress, $0.count) } >= 0
  }
}
