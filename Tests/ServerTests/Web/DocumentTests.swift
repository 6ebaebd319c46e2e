import Foundation
import Testing

@testable import Server

/// `/openapi.json` and `Route.swift` say the same.
@Suite struct DocumentTests {
  private static let methods = ["get", "post", "put", "delete", "patch"]

  private static func document() throws -> [String: Any] {
    let object = try JSONSerialization.jsonObject(with: Data(WebFile.openAPI.bytes))
    return try #require(object as? [String: Any])
  }

  private static func paths() throws -> [String: Set<String>] {
    let paths = try #require(try document()["paths"] as? [String: [String: Any]])
    return paths.mapValues { Set($0.keys).intersection(methods) }
  }

  /// The path with a word in place of each name in braces.
  private static func example(_ path: String) -> String {
    path.replacing(/\{[a-z_]+\}/) { $0.output == "{file}" ? "look.css" : "x" }
  }

  private static func route(_ method: String, _ path: String) throws -> Route {
    try Route(asked("\(method.uppercased()) \(example(path))"))
  }

  @Test("every documented operation is a route, and no other method of its path is")
  func operations() throws {
    let paths = try Self.paths()
    #expect(paths.count > 30)
    for (path, documented) in paths {
      for method in Self.methods {
        switch try Self.route(method, path) {
        case .unknown: Issue.record("\(path) is documented, and there is nothing")
        case .wrongMethod(let allow):
          #expect(!documented.contains(method), "\(method) \(path)")
          let allowed = Set(allow.lowercased().split(separator: ", ").map(String.init))
          #expect(allowed.subtracting(["head"]) == documented, "\(path)")
          #expect(allowed.contains("head") == documented.contains("get"), "\(path)")
        case _: #expect(documented.contains(method), "\(method) \(path) is not documented")
        }
      }
    }
  }

  @Test("every path that Route.swift names is documented")
  func routes() throws {
    let source = URL(filePath: #filePath).appending(path: "../../../../Sources/Server/HTTP/Route.swift")
    let text = try String(contentsOf: source.standardized, encoding: .utf8)
    let named = text.split(separator: "\n").filter { $0.contains("case \"/") }
      .flatMap { $0.matches(of: /"(\/[^"]*)"/).map { String($0.output.1) } }
    #expect(named.count > 15)
    let paths = try Self.paths()
    for path in named { #expect(paths[path] != nil, "\(path)") }
  }

  @Test("its version is that of the build, and its files are all there are")
  func details() throws {
    let information = try #require(try Self.document()["info"] as? [String: Any])
    #expect(information["version"] as? String == Build.version)
    let text = String(decoding: WebFile.openAPI.bytes, as: UTF8.self)
    for file in WebFile.allCases { #expect(text.contains("\"\(file.rawValue)\"")) }
  }
}
