import FleetState
import Testing

@testable import LoadGen

@Suite struct SluiceAnswerTests {
  private static let five = EntryID(milliseconds: 5, sequence: 1)

  @Test(
    "what the server says is understood",
    arguments: [
      (
        #"{"type":"welcome","session":"~a","token":"t","epoch":"e","offset":"5-1","heartbeat_ms":1,"recovered":false}"#,
        SluiceAnswer.welcome(SluiceSeat.Position(token: "t", epoch: "e", offset: five))
      ),
      (#"{"type":"message","offset":"5-1","channel":"c","data":"x"}"#, .message(channel: "c", five)),
      (#"{"type":"ack","id":7,"offset":"5-1"}"#, .receipt(7, five)),
      (#"{"type":"ack","id":"join","offset":"5-1"}"#, .joined(five)),
      (#"{"type":"error","id":7,"code":"unavailable","message":"no"}"#, .refused(7)),
      (#"{"type":"error","id":"join","code":"unavailable","message":"no"}"#, .joinRefused),
      (
        #"{"type":"error","id":"resume","code":"unavailable","message":"no","retry_after":2}"#,
        .resumeRefused(again: .seconds(2))
      ),
      (#"{"type":"error","id":"resume","code":"invalid_token","message":"no"}"#, .resumeRefused(again: nil)),
      (#"{"type":"resumed","recovered":true,"replayed":3,"token":"u"}"#, .resumed(token: "u", lost: nil)),
      (
        #"{"type":"resumed","recovered":false,"replayed":0,"lost":{"from":"5-1","to":"5-1"}}"#,
        .resumed(token: nil, lost: five...five)
      ),
      (
        #"{"type":"reconnect","in_ms":1200,"token":"t","reason":"r"}"#,
        .reconnect(in: .milliseconds(1200), token: "t")
      ),
      (#"{"type":"presence","channel":"c","joined":"~a"}"#, .aside),
      (#"{"type":"pong"}"#, .aside),
      (#"{"type":"token","token":"u"}"#, .renewed(token: "u")),
    ])
  func understood(_ text: String, _ answer: SluiceAnswer) {
    #expect(SluiceAnswer(text.utf8.span) == answer)
    // Cut short anywhere it is nobody's word.
    for length in 0..<text.utf8.count {
      let part = SluiceAnswer(text.utf8.span.extracting(first: length))
      #expect(part == .other)
    }
  }

  @Test(
    "a loss without a range that makes sense is a loss of everything",
    arguments: [
      "", #","lost":{}"#, #","lost":{"from":"9-0","to":"5-1"}"#, #","lost":{"from":"x","to":"5-1"}"#,
    ])
  func unclearLoss(_ rest: String) {
    let text = #"{"type":"resumed","recovered":false,"replayed":0\#(rest)}"#
    #expect(SluiceAnswer(text.utf8.span) == .resumed(token: nil, lost: .zero ... .last))
  }

  @Test(
    "numbers that nobody has are no receipts, pauses without end have one",
    arguments: [-1, 4_294_967_296, Int64.max])
  func numbers(_ number: Int64) {
    let ack = #"{"type":"ack","id":\#(number),"offset":"5-1"}"#
    #expect(SluiceAnswer(ack.utf8.span) == .other)
    let hint = #"{"type":"reconnect","in_ms":\#(number)}"#
    #expect(
      SluiceAnswer(hint.utf8.span)
        == .reconnect(in: .milliseconds(min(max(number, 0), 86_400_000)), token: nil))
  }
}
