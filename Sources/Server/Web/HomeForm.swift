import Bytes
import WireProtocol

/// What `/` is for whoever asks: a page for a browser, figures for everything else.
enum HomeForm: Equatable {
  case figures, page

  /// Nil when `?format=` is neither `json` nor `html`.
  init?(_ request: Request) {
    switch request.target.first("format") {
    case "json": self = .figures
    case "html": self = .page
    case nil: self = Self.isPageDearer(request.fields) ? .page : .figures
    case _: return nil
    }
  }

  /// A page only for who names it: `*/*` is what every tool says.
  private static func isPageDearer(_ fields: Fields) -> Bool {
    var page: Int?
    var json: Int?
    var application: Int?
    var anything: Int?
    fields.forEachElement(of: "Accept") { element in
      let parts = String(decoding: element.copied(), as: UTF8.self).lowercased().split(separator: ";").map {
        $0.filter { !$0.isWhitespace }
      }
      let quality = quality(parts.dropFirst())
      switch parts.first {
      case "text/html": page = max(page ?? 0, quality)
      case "application/json": json = max(json ?? 0, quality)
      case "application/*": application = quality
      case "*/*": anything = quality
      case _: break
      }
    }
    guard let page, page > 0 else { return false }
    return page >= json ?? application ?? anything ?? 0
  }

  /// In thousandths (RFC 9110 §12.4.2); one that cannot be read is none.
  private static func quality(_ parameters: ArraySlice<String>) -> Int {
    guard let parameter = parameters.first(where: { $0.hasPrefix("q=") }) else { return 1000 }
    let digits = Array(parameter.utf8.dropFirst(2))
    guard digits.count <= 5, let first = digits.first, digits.count < 2 || digits[1] == UInt8(ascii: ".")
    else { return 0 }
    var thousandths = 0
    for index in [0, 2, 3, 4] {
      let digit = index < digits.count ? Int(digits[index]) - 0x30 : 0
      guard (0...9).contains(digit) else { return 0 }
      thousandths = thousandths * 10 + digit
    }
    return first <= UInt8(ascii: "1") ? min(thousandths, 1000) : 0
  }
}
