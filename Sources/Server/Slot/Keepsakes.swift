import EventLoop
import Glibc

/// The sockets of a slot in the hands of a process that does not serve them: as long as they are here, a dead worker's
/// clients notice nothing.
final class Keepsakes {
  private var kept: [(number: Int32, generation: UInt32)]
  private(set) var count = 0
  /// One has come; one goes, and is closed right after.
  var onKept: ((StreamID, Int32) -> Void)?
  var onDropped: ((StreamID, Int32) -> Void)?

  init(places: Int) { kept = Array(repeating: (-1, 0), count: places) }

  deinit { for entry in kept where entry.number >= 0 { _ = Glibc.close(entry.number) } }

  /// Takes a descriptor in; what was kept under the same place gives way.
  func keep(_ stream: StreamID, _ number: Int32) {
    guard kept.indices.contains(stream.slot) else {
      _ = Glibc.close(number)
      return
    }
    drop(stream.slot)
    kept[stream.slot] = (number, stream.generation)
    count += 1
    onKept?(stream, number)
  }

  func forEach(_ body: (StreamID, Int32) -> Void) {
    for (place, entry) in kept.enumerated() where entry.number >= 0 {
      body(Self.name(place, entry.generation), entry.number)
    }
  }

  private static func name(_ place: Int, _ generation: UInt32) -> StreamID {
    StreamID(number: UInt64(place) << 32 | UInt64(generation))
  }

  func release(_ stream: StreamID) {
    guard kept.indices.contains(stream.slot), kept[stream.slot].generation == stream.generation else {
      return
    }
    drop(stream.slot)
  }

  /// Hands one out for good.
  func take(_ stream: StreamID) -> Int32? {
    guard kept.indices.contains(stream.slot), kept[stream.slot].generation == stream.generation,
      kept[stream.slot].number >= 0
    else { return nil }
    count -= 1
    defer { kept[stream.slot].number = -1 }
    return kept[stream.slot].number
  }

  func dropAll() { for place in kept.indices { drop(place) } }

  private func drop(_ place: Int) {
    if kept[place].number < 0 { return }
    onDropped?(Self.name(place, kept[place].generation), kept[place].number)
    _ = Glibc.close(kept[place].number)
    kept[place].number = -1
    count -= 1
  }
}
