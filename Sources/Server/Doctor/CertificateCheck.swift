import FleetState
import TLS

/// Whether wss could be served with these files, and for how long.
enum CertificateCheck {
  private static let soon = 14

  static func findings(_ settings: ServerSettings) -> [Finding] {
    if settings.secureListen.isEmpty { return [] }
    do throws(StartError) {
      try settings.checkCertificate()
      guard let context = try settings.certificate?.load() else { return [] }
      return [finding(daysLeft: context.daysLeft)]
    } catch {
      return [.fail("certificate", error.text, "name a PEM file with the certificate, and one with its key")]
    }
  }

  static func finding(daysLeft: Int?) -> Finding {
    switch daysLeft {
    case nil: .warn("certificate", "it does not say when it ends", "look at it with openssl x509 -text")
    case let days? where days < 0:
      .fail("certificate", "its time is over", "get a new one, then wsconsole reload")
    case let days? where days < soon:
      .warn("certificate", "good for \(days) days more", "get a new one, then wsconsole reload")
    case let days?: .ok("certificate", "good for \(days) days more")
    }
  }
}
