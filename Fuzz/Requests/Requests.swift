import Bytes
import Delivery
import WireProtocol

/// The decoders of both sides never trap, and read the same however their bytes are cut.
@_cdecl("LLVMFuzzerTestOneInput")
func examine(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  guard let delivery = unsafe Delivery(start, count) else { return 0 }
  let read = delivery.choice & 1 == 0 ? requests : answers
  let pieces = read(delivery, delivery.ends)
  let whole = read(delivery, [delivery.bytes.count])
  promise(pieces == whole, "the same bytes are read the same")
  return 0
}

struct Reading: Equatable {
  var requests: [Request] = []
  var answers: [Answer] = []
  var error: HTTPError?
}

func requests(_ delivery: Delivery, _ ends: [Int]) -> Reading {
  var decoder = RequestDecoder()
  var reading = Reading()
  var used = 0
  do throws(HTTPError) {
    for end in ends {
      var wantsMore = false
      while !wantsMore {
        switch try decoder.decode(delivery.bytes.span.extracting(used..<end)) {
        case .more(let count):
          used += count
          wantsMore = true
        case .expectsContinue(let count):
          used += count
        case .request(let request, let count):
          used += count
          reading.requests.append(request)
        }
      }
    }
  } catch {
    reading.error = error
  }
  return reading
}

func answers(_ delivery: Delivery, _ ends: [Int]) -> Reading {
  var decoder = ResponseDecoder(answering: delivery.choice & 2 == 0 ? .get : .head)
  var reading = Reading()
  var used = 0
  do throws(HTTPError) {
    for end in ends {
      switch try decoder.decode(delivery.bytes.span.extracting(used..<end)) {
      case .more(let count):
        used += count
      case .answer(let answer, _):
        reading.answers.append(answer)
        return reading
      }
    }
    if let last = try decoder.finish() { reading.answers.append(last) }
  } catch {
    reading.error = error
  }
  return reading
}
