import Glibc

/// The system refused: which call, and why.
public struct SystemError: Error, Equatable, CustomStringConvertible {
  package let call: String
  package let code: Int32

  package init(_ call: String, _ code: Int32) {
    self.call = call
    self.code = code
  }

  /// `listen 127.0.0.1:8000: Address already in use (98)`
  public var description: String { "\(call): \(Self.text(of: code)) (\(code))" }

  package static func text(of code: Int32) -> String {
    // SAFETY: strerror returns a C string that lives until the next call on this thread; it is copied at once.
    unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
  }
}

/// Turns the `-errno` of our C functions into an error, any other value into itself.
@discardableResult
package func checked<T: SignedInteger>(_ result: T, _ call: @autoclosure () -> String) throws(SystemError)
  -> T
{
  if result >= 0 { return result }
  throw SystemError(call(), Int32(-result))
}
