import Foundation
import Testing

extension EndToEnd {
  /// Every browser compresses: halls in which nobody reads plain frames.
  @Suite(.serialized) struct SluiceDeflateTests {
    private static let offer = ["Sec-WebSocket-Extensions: permessage-deflate"]

    @Test("those who speak at the same moment hear each other, in a channel")
    func together() throws {
      let server = try Server(workers: 1)
      let members = try (0..<4).map { _ in try SluiceClient(server, fields: Self.offer) }
      for member in members { _ = try member.ask(["type": "join", "channel": "news", "id": 1]) }
      let count = 200
      for number in 0..<count {
        for (author, member) in members.enumerated() {
          try member.say(["type": "publish", "channel": "news", "data": [author, number]])
        }
      }
      for (own, member) in members.enumerated() {
        var next = [0, 0, 0, 0]
        while next.reduce(0, +) < 3 * count {
          let word = try #require(try member.next("message")["data"] as? [Int])
          #expect(word[0] != own && word[1] == next[word[0]], "\(own) hears \(word)")
          next[word[0]] = word[1] + 1
        }
      }
    }

    @Test("in ws, too")
    func plain() throws {
      let server = try Server(workers: 1)
      let browsers = try (0..<4).map { _ in try server.client("/ws?mode=chat&notify=0", fields: Self.offer) }
      let count = 200
      for number in 0..<count {
        for (author, browser) in browsers.enumerated() { try browser.send("\(author) \(number)") }
      }
      for (own, browser) in browsers.enumerated() {
        var next = [0, 0, 0, 0]
        while next.reduce(0, +) < 3 * count {
          let word = try browser.text().split(separator: " ").compactMap { Int($0) }
          #expect(word[0] != own && word[1] == next[word[0]], "\(own) hears \(word)")
          next[word[0]] = word[1] + 1
        }
      }
    }

    @Test("who comes back hears what it has missed, where all compress")
    func resume() throws {
      let server = try Server(workers: 1)
      let reader = try SluiceClient(server, fields: Self.offer)
      _ = try reader.ask(["type": "join", "channel": "news", "id": 1])
      let author = try SluiceClient(server, fields: Self.offer)
      _ = try author.ask(["type": "publish", "channel": "news", "data": -1, "id": 1])
      let seen = try #require(try reader.next("message")["offset"] as? String)
      try reader.web.close()
      for number in 0..<300 { try author.say(["type": "publish", "channel": "news", "data": number]) }
      _ = try author.ask(["type": "publish", "channel": "news", "data": 300, "id": 2])
      let back = try SluiceClient(server, fields: Self.offer)
      try back.say(["type": "resume", "offset": seen].merging(reader.position) { $1 })
      for number in 0...300 { #expect(try back.next("message")["data"] as? Int == number) }
      #expect(try back.next("resumed")["replayed"] as? Int == 301)
    }
  }
}
