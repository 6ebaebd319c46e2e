import TLS

/// Where a server's certificate and key lie.
struct CertificateFiles: Equatable {
  var certificate: String
  var key: String

  /// What a gate serves with; throws with one line that names the file and what is wrong with it.
  func load() throws(StartError) -> TLSContext {
    do throws(TLSError) {
      return try TLSContext.server(certificate: certificate, key: key)
    } catch {
      throw .usage("tls_certificate and tls_key: \(error)")
    }
  }
}
