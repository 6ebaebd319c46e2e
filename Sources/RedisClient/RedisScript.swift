import Bytes
import TLS

/// A few steps that Redis takes as one, in its own Lua.
package struct RedisScript: Sendable {
  package let source: String
  /// The name by which Redis knows it once it has seen it.
  package let digest: String

  package init(_ source: String) {
    self.source = source
    let bytes = Array(source.utf8)
    digest = SHA1.digest(of: bytes.span).map(Self.hexadecimal).joined()
  }

  private static func hexadecimal(_ byte: UInt8) -> String {
    (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }
}

extension Redis {
  /// Shows it to Redis ahead of time, for those whom the detour of the first time would cost something.
  package func load(_ script: RedisScript) { send("SCRIPT", "LOAD", script.source) }

  /// By its digest; a Redis that has not seen the script is given it, once.
  package func run(
    _ script: RedisScript, keys: [String], _ arguments: [String],
    then completion: @escaping Completion = { _ in }
  ) {
    send(["EVALSHA", script.digest, String(keys.count)] + keys + arguments) { [weak self] answer in
      guard case .failure(.refused(let refusal)) = answer, refusal.code == "NOSCRIPT", let self else {
        return completion(answer)
      }
      send(["EVAL", script.source, String(keys.count)] + keys + arguments, then: completion)
    }
  }
}
