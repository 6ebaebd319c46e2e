import Bytes

/// The parameters of one permessage-deflate offer or answer (RFC 7692 §7.1), each known and at most once.
struct DeflateParameters: Equatable {
  enum WindowBits: Equatable {
    case absent
    /// The name without a number: "I can be told".
    case open
    case bits(Int)
  }

  var serverForgets = false
  var clientForgets = false
  var serverWindow = WindowBits.absent
  var clientWindow = WindowBits.absent

  /// nil when a parameter is unknown, doubled, or has a value it may not have.
  init?(_ element: ExtensionElement, in text: Span<UInt8>) {
    for parameter in element.parameters {
      let name = text.extracting(parameter.name)
      if name.equalsIgnoringCase("server_no_context_takeover") {
        guard parameter.value == nil, !serverForgets else { return nil }
        serverForgets = true
      } else if name.equalsIgnoringCase("client_no_context_takeover") {
        guard parameter.value == nil, !clientForgets else { return nil }
        clientForgets = true
      } else if name.equalsIgnoringCase("server_max_window_bits") {
        guard serverWindow == .absent, let window = Self.window(parameter, in: text) else { return nil }
        serverWindow = window
      } else if name.equalsIgnoringCase("client_max_window_bits") {
        guard clientWindow == .absent, let window = Self.window(parameter, in: text) else { return nil }
        clientWindow = window
      } else {
        return nil
      }
    }
  }

  /// 8 to 15, without leading zeros (RFC 7692 §7.1.2).
  private static func window(_ parameter: ExtensionElement.Parameter, in text: Span<UInt8>) -> WindowBits? {
    guard let range = parameter.value else { return .open }
    let value = text.extracting(range)
    if value.count == 1, let digit = value[0].decimalDigit, digit >= 8 { return .bits(Int(digit)) }
    if value.count == 2, value[0] == UInt8(ascii: "1"), let digit = value[1].decimalDigit, digit <= 5 {
      return .bits(10 + Int(digit))
    }
    return nil
  }
}
