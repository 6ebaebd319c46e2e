import EventLoop
import Glibc

/// What the processes of one slot stand on: its pages, what each of them inherits, and the number by which each is known.
final class SlotGround {
  /// Nil before the first process.
  private(set) var pages: SlotPages?
  /// What a process is told of its place.
  var assignment: ((_ generation: UInt32, Assignment.Role, _ arguments: [String]) -> Assignment)?

  private let loop: EventLoop
  private let board: Int32
  private let listeners: [Int32]
  private let streams: Int
  private var generation: UInt32 = 0

  init(_ loop: EventLoop, board: Int32, listeners: [Int32], streams: Int) {
    self.loop = loop
    self.board = board
    self.listeners = listeners
    self.streams = streams
  }

  /// New pages; what the former ones held is given up.
  func lay() throws(SystemError) { pages = try SlotPages(streams: streams) }

  /// Those that processes which go on have brought; all of one slot have the same. `lastGeneration`: no number up to
  /// it is given again.
  func adopt(_ children: [Adoption.Child], lastGeneration: UInt32) throws(SystemError) {
    guard let first = children.first else { return }
    generation = children.reduce(lastGeneration) { max($0, $1.registration.assignment.generation) }
    do throws(ForeignPages) {
      pages = try SlotPages(adopting: Descriptor(owning: first.pages), streams: streams)
    } catch {
      throw SystemError("\(error)", EINVAL)
    }
    for child in children.dropFirst() { _ = Glibc.close(child.pages) }
  }

  func spawn(_ role: Assignment.Role, _ arguments: [String]) throws(SystemError) -> SlotProcess? {
    guard let assignment, let pages else { return nil }
    generation += 1
    return try SlotProcess(
      loop, assignment: assignment(generation, role, arguments),
      inheritance: [board, pages.pages.number] + listeners)
  }

  func isOwned(by process: SlotProcess) -> Bool { pages?.owner.value == UInt64(process.generation) }
}
