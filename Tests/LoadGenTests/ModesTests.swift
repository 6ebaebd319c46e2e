import Bytes
import Measurement
import Testing

@testable import LoadGen

@Suite struct PublicationsTests {
  @Test(
    "publications have a plan of their own, from which each process knows how many there were",
    arguments: [1, 2, 3])
  func plan(_ seed: UInt64) {
    var publications = Publications(rate: 10, seed: seed, begins: 700_000_000, ends: .max)
    #expect(publications.number(by: 0) == 0 && publications.due >= 700_000_000)
    for number in 0..<50 as Range<UInt32> {
      let due = publications.due
      #expect(due == publications.intended(of: number))
      #expect(publications.number(by: due - 1) == number && publications.number(by: due) == number + 1)
      #expect(publications.take() == number)
    }
  }

  @Test("whoever hears the last one late is not made to wait for more than were said")
  func end() {
    let publications = Publications(rate: 1000, seed: 1, begins: 0, ends: 1_000_000_000)
    #expect(publications.number(by: 1_000_000_000) == 1000)
    #expect(publications.number(by: 1_004_000_000) == 1000)
  }
}

@Suite struct HallTests {
  @Test("a socket is to hear what falls due after its opening; the speaker hears nothing")
  func expectations() {
    var hall = Hall(Publications(rate: 10, seed: 1, begins: 0, ends: .max), publisher: .socket, sockets: 3)
    var audits = [DeliveryAudit](repeating: DeliveryAudit(), count: 3)
    hall.enter(0, &audits[0], at: 0)
    hall.enter(1, &audits[1], at: hall.publications.intended(of: 4))
    #expect(!hall.hears(4, 1) && hall.hears(5, 1) && !hall.hears(9, 0) && !hall.hears(9, 2))
    let listeners = (0..<7 as Range<UInt32>).map { number in
      let taken = hall.take()
      #expect(taken == number)
      return hall.listeners
    }
    #expect(listeners == [0, 0, 0, 0, 0, 1, 1])
    // What has been said already is not its own to hear, whatever the clock says.
    hall.enter(2, &audits[2], at: 0)
    #expect(!hall.hears(6, 2) && hall.hears(7, 2))
    _ = hall.take()
    #expect(hall.listeners == 2)
  }
}

@Suite struct OrderedAnswersTests {
  private func stamp(_ sequence: UInt32) -> Stamp {
    Stamp(run: 1, socket: 0, sequence: sequence, intended: 0, sent: 0)
  }

  private func take(_ answers: inout OrderedAnswers, _ text: String, of socket: Int = 0) -> UInt32? {
    answers.take(Array(text.utf8).span, of: socket)?.sequence
  }

  @Test("the oldest message without an answer is meant, of that socket, by what contains the text")
  func order() {
    var answers = OrderedAnswers(containing: "ok")
    for sequence in 0..<200 as Range<UInt32> { answers.expect(stamp(sequence), of: 0) }
    #expect(take(&answers, "no") == nil && take(&answers, "") == nil && take(&answers, "o") == nil)
    #expect(take(&answers, "ok", of: 1) == nil)
    for sequence in 0..<200 as Range<UInt32> { #expect(take(&answers, "ook") == sequence) }
    #expect(take(&answers, "ok") == nil)
    answers.expect(stamp(200), of: 0)
    answers.forget(0)
    #expect(take(&answers, "ok") == nil)
  }

  @Test("what is never answered is let go, the oldest first")
  func bound() {
    var answers = OrderedAnswers(containing: "")
    for sequence in 0..<10_005 as Range<UInt32> { answers.expect(stamp(sequence), of: 7) }
    #expect(take(&answers, "x", of: 7) == 5)
  }
}

@Suite struct MessageFormTests {
  @Test("places are filled, and other braces are left alone")
  func form() {
    let stamp = Stamp(run: 1, socket: 42, sequence: 7, intended: 0, sent: 0)
    func text(_ form: String) -> String {
      var out = ByteBuffer()
      MessageForm(form).write(stamp, size: 64, into: &out)
      return String(decoding: out.bytes.copied(), as: UTF8.self)
    }
    #expect(
      text("{\"s\": {socket}, \"n\": {number}, \"x\": {}, {stamp").hasPrefix(
        "{\"s\": 42, \"n\": 7, \"x\": {}, {stamp"))
    #expect(text("ü{stamp}ü").utf8.count == 68 && text("") == "")
    #expect(MessageForm("a{stamp}").hasStamp && !MessageForm("a").hasStamp)
    #expect(MessageForm.fill("/ws/{socket}?{socket}", socket: 3) == "/ws/3?3")
  }
}
