import Bytes
import Measurement
import TLS
import WireProtocol

/// The opening handshake from the client's side. Its nonce follows from a number, so that nothing has to be kept
/// between the request and the answer.
struct Shake {
  let target: Target
  let headers: [HeaderField]
  let deflate: Bool

  enum Step {
    case more(used: Int)
    case open(DeflateAgreement?, used: Int)
    /// With the status, where it was one we cannot use.
    case failed(status: Int?)
  }

  func request(_ number: UInt64, into out: inout ByteBuffer) { handshake(number).render(into: &out) }

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
      if case .status(let code) = error { return .failed(status: code) }
      return .failed(status: nil)
    }
  }

  private func handshake(_ number: UInt64) -> ClientHandshake {
    var random = SplitMix64(seed: number)
    let halves = [random.next(), random.next()]
    let nonce = halves.flatMap { half in (0..<8).map { UInt8(truncatingIfNeeded: half >> UInt64(8 * $0)) } }
    return ClientHandshake(
      host: target.authority, path: target.path, nonce: nonce, headers: headers, deflate: deflate)
  }
}
