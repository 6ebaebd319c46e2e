/// What went through, counted since the start of its owner.
package struct Traffic: Equatable, Sendable {
  package var accepted = 0
  package var messagesIn = 0
  package var messagesOut = 0
  package var bytesIn = 0
  package var bytesOut = 0
  /// Copies of published messages handed to sockets: one broadcast to a thousand sockets is a thousand.
  package var deliveries = 0

  package init() {}

  package static func += (sum: inout Traffic, more: Traffic) {
    sum.accepted = saturatingSum(sum.accepted, more.accepted)
    sum.messagesIn = saturatingSum(sum.messagesIn, more.messagesIn)
    sum.messagesOut = saturatingSum(sum.messagesOut, more.messagesOut)
    sum.bytesIn = saturatingSum(sum.bytesIn, more.bytesIn)
    sum.bytesOut = saturatingSum(sum.bytesOut, more.bytesOut)
    sum.deliveries = saturatingSum(sum.deliveries, more.deliveries)
  }

  func encode(into fields: inout Fields) {
    fields.set("accepted", accepted)
    fields.set("messages_in", messagesIn)
    fields.set("messages_out", messagesOut)
    fields.set("bytes_in", bytesIn)
    fields.set("bytes_out", bytesOut)
    fields.set("deliveries", deliveries)
  }

  init(_ fields: Fields) {
    accepted = fields.count("accepted")
    messagesIn = fields.count("messages_in")
    messagesOut = fields.count("messages_out")
    bytesIn = fields.count("bytes_in")
    bytesOut = fields.count("bytes_out")
    deliveries = fields.count("deliveries")
  }
}
