import Bytes

/// What both sides agreed on for permessage-deflate (RFC 7692). Neither side ever carries its window from one
/// message to the next: an idle socket holds nothing, and one that moves takes nothing along.
public struct DeflateAgreement: Equatable, Sendable, BitwiseCopyable {
  /// The window the server compresses with, as a power of two: 9 to 15; a client may be told 8.
  public let serverWindowBits: Int
  /// The window the client compresses with: 8 to 15.
  public let clientWindowBits: Int
  /// Whether the answer has to name the window: a demand counts as accepted only when it is echoed.
  let namesServerWindow: Bool
  let namesClientWindow: Bool

  public init(serverWindowBits: Int = 15, clientWindowBits: Int = 15) {
    self.serverWindowBits = serverWindowBits
    self.clientWindowBits = clientWindowBits
    namesServerWindow = serverWindowBits < 15
    namesClientWindow = clientWindowBits < 15
  }

  private init?(accepting offer: DeflateParameters) {
    switch offer.serverWindow {
    case .absent: (serverWindowBits, namesServerWindow) = (15, false)
    case .open: return nil
    // zlib cannot compress raw data with a window of 256 bytes, so this offer is declined.
    case .bits(8): return nil
    case .bits(let bits): (serverWindowBits, namesServerWindow) = (bits, true)
    }
    switch offer.clientWindow {
    case .absent, .open: (clientWindowBits, namesClientWindow) = (15, false)
    case .bits(let bits): (clientWindowBits, namesClientWindow) = (bits, true)
    }
  }

  /// The server's side: the first offer it can live with, nil when there is none.
  static func accepting(_ fields: Fields) -> DeflateAgreement? {
    var agreement: DeflateAgreement?
    fields.forEachValue(of: "Sec-WebSocket-Extensions") { text in
      if agreement != nil { return }
      agreement = firstAcceptable(in: text)
    }
    return agreement
  }

  private static func firstAcceptable(in text: Span<UInt8>) -> DeflateAgreement? {
    for element in ExtensionElement.list(text) ?? []
    where text.extracting(element.name).equalsIgnoringCase("permessage-deflate") {
      guard let offer = DeflateParameters(element, in: text) else { continue }
      if let agreement = DeflateAgreement(accepting: offer) { return agreement }
    }
    return nil
  }

  /// The server's answer, as the value of its field.
  func renderAnswer(into out: inout ByteBuffer) {
    out.append("permessage-deflate; server_no_context_takeover; client_no_context_takeover")
    if namesServerWindow {
      out.append("; server_max_window_bits=")
      out.append(decimal: serverWindowBits)
    }
    if namesClientWindow {
      out.append("; client_max_window_bits=")
      out.append(decimal: clientWindowBits)
    }
  }

  /// The client's side: its one offer, and what it makes of the answer to it. Naming its own window leaves that
  /// one to the server, for some have little memory for it.
  static let offer: StaticString =
    "permessage-deflate; client_no_context_takeover; server_no_context_takeover; client_max_window_bits"

  /// nil unless the server forgets its window after each message, as we asked.
  init?(answeredBy answer: DeflateParameters) {
    guard answer.serverForgets else { return nil }
    let windows = (Self.bits(answer.serverWindow), Self.bits(answer.clientWindow))
    guard let server = windows.0, let client = windows.1 else { return nil }
    self.init(serverWindowBits: server, clientWindowBits: client)
  }

  /// In an answer a window has a number, or is the largest.
  private static func bits(_ window: DeflateParameters.WindowBits) -> Int? {
    switch window {
    case .absent: 15
    case .open: nil
    case .bits(let bits): bits
    }
  }
}
