import Bytes
import WireProtocol

/// What a decoder made of some input: the requests, the invitations to go on, and the error if it ended in one.
struct Reading: Equatable {
  var requests: [Request] = []
  var invitations = 0
  var error: HTTPError?
  /// Bytes nobody used.
  var rest = 0
}

/// Feeds `wire` the way a connection does: each piece arrives behind what is still unused.
func read(_ wire: [UInt8], cutAt cuts: [Int] = [], limits: HTTPLimits = HTTPLimits()) -> Reading {
  var decoder = RequestDecoder(limits: limits)
  var reading = Reading()
  var used = 0
  do throws(HTTPError) {
    for end in cuts + [wire.count] {
      var wantsMore = false
      while !wantsMore {
        switch try decoder.decode(wire.span.extracting(used..<end)) {
        case .more(let count):
          used += count
          wantsMore = true
        case .expectsContinue(let count):
          used += count
          reading.invitations += 1
        case .request(let request, let count):
          used += count
          reading.requests.append(request)
        }
      }
    }
  } catch {
    reading.error = error
    return reading
  }
  reading.rest = wire.count - used
  return reading
}

func read(_ text: String, limits: HTTPLimits = HTTPLimits()) -> Reading {
  read(Array(text.utf8), limits: limits)
}

/// The one request of `text`, nil when it is refused.
func onlyRequest(_ text: String) -> Request? { read(text).requests.first }

/// A request for `target`, nil when it is refused.
func onlyRequest(target: String) -> Request? { onlyRequest("GET \(target) HTTP/1.1\r\nHost: h\r\n\r\n") }

/// What the first call makes of a whole answer; nil when there is none yet.
func answer(_ text: String, to method: WireProtocol.Method = .get) throws(HTTPError) -> Answer? {
  var decoder = ResponseDecoder(answering: method)
  switch try decoder.decode(Array(text.utf8).span) {
  case .more: return nil
  case .answer(let answer, _): return answer
  }
}

func rendered(_ render: (inout ByteBuffer) -> Void) -> String {
  var out = ByteBuffer()
  render(&out)
  return String(decoding: out.bytes.copied(), as: UTF8.self)
}

/// SplitMix64: a seed in, the same numbers out, on every machine.
struct SeededBytes {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
    return word ^ word >> 31
  }

  mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}
