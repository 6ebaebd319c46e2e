import EventLoop
import Measurement

/// How a run is judged, in words: each assertion with what it met, each restart with how it went.
extension Assertion.Outcome {
  /// `3.13 ms`, `0`; a dash for a time that was never measured.
  var shown: String { words(of: value) }

  /// Why it does not hold; nil when it does.
  var reason: String? {
    if ok { return nil }
    if value == nil { return "\(text): –, it was never measured" }
    if limit == nil { return "\(text): it was \(shown), but its limit was never measured" }
    return "\(text): it was \(shown)" + (isRelative ? ", and the limit \(words(of: limit))" : "")
  }

  private func words(of value: Double?) -> String {
    guard let value else { return "–" }
    return isTime ? Number.time(UInt64(max(0, value) * 1000)) : Number.plain(value)
  }
}

extension RestartRecord {
  /// `kill9 of worker 4711 at 20.00 s, done after 0.03 s`
  var words: String {
    var text = restart.title
    if let pid { text += " of worker \(pid)" }
    text += " at \(Number.seconds(Double(began) / 1e9))"
    guard let done else { return text }
    text += ", done after \(Number.seconds(Double(done - min(done, began)) / 1e9))"
    switch state {
    case .planned, .running, .ended(_, _, .code(0)): return text
    case .ended(_, _, let exit): return text + " with \(exit)"
    case .failed(_, _, let reason): return text + ": \(reason)"
    }
  }
}
