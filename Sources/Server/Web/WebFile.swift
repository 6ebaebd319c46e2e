import Bytes
import TLS
import WireProtocol

/// A file a browser may ask for: a real file beside this one, put into the program when it is built.
enum WebFile: String, CaseIterable {
  case page = "index.html"
  case pageScript = "page.js"
  case docs = "docs.html"
  case docsScript = "docs.js"
  case openAPI = "openapi.json"
  case client = "client.js"
  case look = "look.css"
  case icon = "icon.svg"

  func response(to request: Request) -> Response {
    let tag = Self.tags[self] ?? ""
    var response = Self.has(request, tag) ? Response(.notModified) : .typed(type, .ok, bytes)
    response.fields += [
      HeaderField("ETag", tag),
      // A new build is seen at once, and an old file costs one short question.
      HeaderField("Cache-Control", "no-cache"),
      HeaderField("X-Content-Type-Options", "nosniff"),
    ]
    switch self {
    case .page, .docs:
      response.fields += [
        HeaderField("Content-Security-Policy", Self.policy), HeaderField("Referrer-Policy", "no-referrer"),
      ]
    // Pages of other origins import the client, and tools read the document.
    case .client, .openAPI: response.fields.append(HeaderField("Access-Control-Allow-Origin", "*"))
    case .pageScript, .docsScript, .look, .icon: break
    }
    return response
  }

  var bytes: [UInt8] {
    switch self {
    case .page: PackageResources.index_html
    case .pageScript: PackageResources.page_js
    case .docs: PackageResources.docs_html
    case .docsScript: PackageResources.docs_js
    case .openAPI: PackageResources.openapi_json
    case .client: PackageResources.client_js
    case .look: PackageResources.look_css
    case .icon: PackageResources.icon_svg
    }
  }

  private var type: String {
    switch self {
    case .page, .docs: "text/html; charset=utf-8"
    case .pageScript, .docsScript, .client: "text/javascript; charset=utf-8"
    case .openAPI: "application/json"
    case .look: "text/css; charset=utf-8"
    case .icon: "image/svg+xml"
    }
  }

  /// Nothing but our own files runs, and no text becomes markup. Sockets may go anywhere: whoever has this page open
  /// may type `new WebSocket("ws://localhost:8000/ws")` into the browser's console.
  static let policy = """
    default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self' ws: wss:; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; \
    trusted-types 'none'
    """

  private static let tags = Dictionary(
    uniqueKeysWithValues: allCases.map { file in
      (file, "\"" + SHA256.digest(of: file.bytes.span).prefix(12).map(hexadecimal).joined() + "\"")
    })

  private static func hexadecimal(_ byte: UInt8) -> String {
    (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }

  /// Whether the asker holds this very file (RFC 9110 §13.1.2; weak comparison).
  private static func has(_ request: Request, _ tag: String) -> Bool {
    var isKnown = false
    request.fields.forEachElement(of: "If-None-Match") { element in
      let text = String(decoding: element.copied(), as: UTF8.self)
      isKnown = isKnown || text == "*" || text == tag || text == "W/" + tag
    }
    return isKnown
  }
}
