import Bytes
import Measurement
import TLS
import WireProtocol

/// The opening handshake from the client's side. Its nonce follows from a number, so that nothing has to be kept
/// between the request and the answer.
struct Shake {
  let target: Target
  let headers: [HeaderField]
  var subprotocols: [String] = []
  let deflate: Bool

  enum Step {
    case more(used: Int)
    case open(DeflateAgreement?, used: Int)
    /// With the status, where it was one we cannot use, and when the server said to try again.
    case failed(status: Int?, retry: Duration? = nil)
  }

  /// `socket` is the number that stands for `{socket}` in the path.
  func request(_ number: UInt64, socket: Int = 0, into out: inout ByteBuffer) {
    handshake(number, socket).render(into: &out)
  }

  func read(_ bytes: Span<UInt8>, _ number: UInt64, _ decoder: inout ResponseDecoder) -> Step {
    do throws(HTTPError) {
      switch try decoder.decode(bytes) {
      case .more(let used): return .more(used: used)
      case .answer(let answer, let used): return judge(answer, number, used)
      }
    } catch {
      return .failed(status: nil)
    }
  }

  private func judge(_ answer: Answer, _ number: UInt64, _ used: Int) -> Step {
    let handshake = handshake(number)
    let digest = SHA1.digest(of: handshake.keyMaterial.span)
    do throws(HandshakeRefusal) {
      return .open(try handshake.verify(answer, digest: digest.span).deflate, used: used)
    } catch {
      if case .status(let code) = error { return .failed(status: code, retry: Self.retry(answer.fields)) }
      return .failed(status: nil)
    }
  }

  /// In seconds (RFC 9110 §10.2.3); a date is nobody's way to tell a client to wait a moment.
  private static func retry(_ fields: Fields) -> Duration? {
    fields["Retry-After"].flatMap { UInt16($0) }.map { .seconds(Int($0)) }
  }

  private func handshake(_ number: UInt64, _ socket: Int = 0) -> ClientHandshake {
    var random = SplitMix64(seed: number)
    let halves = [random.next(), random.next()]
    let nonce = halves.flatMap { half in (0..<8).map { UInt8(truncatingIfNeeded: half >> UInt64(8 * $0)) } }
    return ClientHandshake(
      host: target.authority,
      path: target.hasSocketNumbers ? MessageForm.fill(target.path, socket: socket) : target.path,
      nonce: nonce, subprotocols: subprotocols, headers: headers, deflate: deflate)
  }
}
