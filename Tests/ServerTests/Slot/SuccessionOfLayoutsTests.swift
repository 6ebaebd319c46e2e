import EventLoop
import FleetState
import Glibc
import Testing
import WireProtocol

@testable import Server

/// What one build leaves in a slot's pages, another goes on with.
@Suite final class SuccessionOfLayoutsTests {
  private let loop: EventLoop
  private let board: Board
  private let pages: SlotPages
  private let before: Sockets
  private let stream: StreamID
  private let kept: Int32
  private let peer: Int32

  init() throws {
    loop = try EventLoop()
    board = try Board(slots: 1)
    pages = try SlotPages(streams: 64)
    before = try Sockets(loop, in: pages, output: 4 << 20, board: board, slot: 0)
    before.beginFresh()
    var ends: [Int32] = [0, 0]
    let made = unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends)
    try #require(made == 0)
    peer = ends[1]
    kept = dup(ends[0])
    let admitted = before.admit(Descriptor(owning: ends[0]))
    stream = try #require(admitted)
    before[stream].phase = .talking
    before[stream].hall = .chat
    before[stream].said = 41
    before[stream].messages = 43
    before[stream].peer = PeerAddress(version: .v4, low: 0x7F00_0001, port: 9)
    before[stream].place = EntryID(milliseconds: 7, sequence: 8)
    before.takeSeat(stream)
    before.join(stream, Membership(AudienceKey(value: 5), "five"))
    before.commons[0].published = 99
  }

  deinit { _ = Glibc.close(peer) }

  private func leave(as version: UInt64) {
    pages.pages.word(at: pages.layout.roomAt + SlotPages.Room.versionAt).value = version
    before.suspend()
  }

  private func takeOver() throws -> (heir: Sockets, taken: StreamTable.TakenOver) {
    let adopted = try SlotPages(adopting: Descriptor(owning: dup(pages.pages.number)), streams: 64)
    let heir = try Sockets(loop, in: adopted, output: 4 << 20, board: board, slot: 0)
    return (heir, heir.takeOver(isExact: true) { _ in kept })
  }

  @Test(
    "the sockets of the layout before are there with all that was known of them",
    arguments: [0, 1] as [UInt64])
  func all(back: UInt64) throws {
    leave(as: PageLayout.version - back)
    let (heir, taken) = try takeOver()
    #expect(taken.streams == 1 && taken.broken == 0 && taken.missing == 0)
    #expect(heir[stream].said == 41 && heir[stream].place == EntryID(milliseconds: 7, sequence: 8))
    #expect(heir.seat(0, of: .chat) == stream && heir.memberships[stream, 0].name == "five")
    #expect(heir.commons[0].published == 99)
    #expect(heir[stream].messages == 43)
    // The layout before has no gates, and what a build of ours has noted before it is not true any more.
    #expect(heir.peerName(of: stream) == (back == 0 ? "127.0.0.1:9" : "unix"))
  }

  @Test("they are the new build's once it has taken them over, not before")
  func stamp() throws {
    leave(as: PageLayout.version - 1)
    let adopted = try SlotPages(adopting: Descriptor(owning: dup(pages.pages.number)), streams: 64)
    _ = try Sockets(loop, in: adopted, output: 4 << 20, board: board, slot: 0)
    #expect(pages.version == PageLayout.version - 1)
    _ = try takeOver()
    #expect(pages.version == PageLayout.version)
  }

  @Test("a record that cannot be one is given up, whichever byte of it is wrong", arguments: 0..<13)
  func unsound(byte: Int) throws {
    // Phase, hall and so on: one byte each, none of which can be so high.
    let places = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]
    let offset =
      places.indices.contains(byte) ? places[byte] : MemoryLayout<SocketRecord>.offset(of: \.isMidRequest)
    var bytes = before.table.companion(of: stream)
    bytes[try #require(offset)] = 0xC8
    let isTaken = before.table.setCompanion(of: stream, bytes.span)
    #expect(isTaken)
    leave(as: PageLayout.version)
    let (heir, taken) = try takeOver()
    #expect(taken.streams == 0 && taken.broken == 1 && heir.count == 0)
  }
}
