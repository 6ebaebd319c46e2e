import Foundation
import Testing

extension EndToEnd {
  /// What a session of `sluice.v1` is, whatever its sockets do in whichever order.
  @Suite(.serialized) struct SluiceSessionTests {
    @Test("in the hall chat a session is named as elsewhere, and what is sent to it arrives")
    func chat() throws {
      let server = try Server()
      let other = "?session_id=3f2b8a54-3c9e-4a4e-9d0b-5d7f1f5a9c11"
      for path in ["/ws/chat/", "/ws/chat/\(other)"] {
        let client = try SluiceClient(server, path)
        #expect(client.session.hasPrefix("~"))
        let author = try SluiceClient(server)
        _ = try author.ask(["type": "send", "to": client.session, "data": "for you", "id": 1])
        #expect(try client.next("direct")["data"] as? String == "for you")
      }
    }
  }
}
