import Testing
import TextUI

@testable import Console

@Suite struct ScrollbackTests {
  private func filled(_ count: Int, most: Int = 100) -> Scrollback<Int> {
    var lines = Scrollback<Int>(most: most)
    for line in 0..<count { lines.add(line) }
    return lines
  }

  @Test("it follows what comes, and keeps no more than its bound and a quarter")
  func bounded() {
    var lines = Scrollback<Int>(most: 8)
    for line in 0..<1000 {
      lines.add(line)
      #expect(lines.lines.count <= 10 && lines.lines.last == line)
      #expect(lines.lines == Array((line - lines.lines.count + 1)...line))
    }
    #expect(!lines.isHeld && lines.selected(of: 8) == nil)
  }

  @Test("held, it stands still while lines come, and tells how many did")
  func held() {
    var lines = filled(5)
    taken(lines.take(.character(" "), of: 5, height: 3))
    for line in 5..<500 { lines.add(line) }
    #expect(lines.shown { _ in true } == [0, 1, 2, 3, 4])
    #expect(lines.missed == 495 && lines.selected(of: 5) == 4)
    taken(lines.take(.character(" "), of: 5, height: 3))
    #expect(lines.shown { _ in true }.last == 499 && lines.missed == 0)
  }

  @Test("going back holds it, and going down below the newest follows again")
  func moving() {
    var lines = filled(20)
    var places: [Int?] = []
    for key in [Key.up, .up, .pageUp, .down, .home, .pageDown, .up, .end, .up, .down] {
      taken(lines.take(key, of: 20, height: 6))
      places.append(lines.selected(of: 20))
    }
    #expect(places == [19, 18, 13, 14, 0, 5, 4, nil, 19, nil])
  }

  @Test(
    "keys that mean nothing here are left to others", arguments: [Key.enter, .tab, .left, .character("q")])
  func others(_ key: Key) {
    var lines = filled(3)
    notTaken(lines.take(key, of: 3, height: 3))
    #expect(!lines.isHeld)
  }

  @Test("an empty one can be held and moved in")
  func empty() {
    var lines = filled(0)
    for key in [Key.up, .pageUp, .home, .down, .pageDown, .character(" "), .end] {
      taken(lines.take(key, of: 0, height: 0))
      #expect(lines.selected(of: 0) == nil)
    }
  }
}
