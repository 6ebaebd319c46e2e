import Foundation

/// A client of `sluice.v1`, written from the contract; it shares no code with the server.
final class SluiceClient {
  typealias Word = [String: Any]

  let web: WebClient
  let welcome: Word

  init(_ server: Server, _ path: String = "/ws", fields: [String] = []) throws {
    web = try server.client(path, fields: ["Sec-WebSocket-Protocol: sluice.v1"] + fields)
    guard web.upgrade.fields["sec-websocket-protocol"] == "sluice.v1" else {
      throw Trouble("the server does not speak sluice.v1")
    }
    welcome = try Self.word(web.text(within: 5, "a welcome"))
    guard welcome["type"] as? String == "welcome" else { throw Trouble("\(welcome) is no welcome") }
  }

  var session: String { welcome["session"] as? String ?? "" }

  func say(_ word: Word) throws {
    let data = try JSONSerialization.data(withJSONObject: word)
    try web.send(String(decoding: data, as: UTF8.self))
  }

  func any(within seconds: Double = 5, _ reason: String = "a word") throws -> Word {
    try Self.word(web.text(within: seconds, reason))
  }

  /// The next word of this type; what comes before it is passed over.
  func next(_ type: String, within seconds: Double = 5) throws -> Word {
    while true {
      let word = try any(within: seconds, "a word of type \(type)")
      if word["type"] as? String == type { return word }
    }
  }

  func ask(_ word: Word) throws -> Word {
    try say(word)
    while true {
      let answer = try any(within: 5, "the answer to \(word)")
      if "\(answer["id"] ?? "")" == "\(word["id"] ?? "")" { return answer }
    }
  }

  private static func word(_ text: String) throws -> Word {
    guard let word = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? Word else {
      throw Trouble("\(text) is no object")
    }
    return word
  }
}
