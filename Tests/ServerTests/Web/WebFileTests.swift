import Foundation
import Testing
import WireProtocol

@testable import Server

@Suite struct WebFileTests {
  private static func field(_ name: String, of response: Response) -> String? {
    response.fields.first { $0.name == name }?.value
  }

  static let folder = URL(filePath: #filePath)
    .appending(path: "../../../../Sources/Server/Web/Assets").standardized

  @Test("the program holds the files of the sources, byte for byte, and no other")
  func files() throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
    #expect(Set(names) == Set(WebFile.allCases.map(\.rawValue)))
    for file in WebFile.allCases {
      let data = try Data(contentsOf: Self.folder.appending(path: file.rawValue))
      let isSame = Array(data) == file.bytes
      #expect(isSame, "\(file)")
    }
  }

  @Test("who has the file already gets 304 without it", arguments: WebFile.allCases)
  func notModified(_ file: WebFile) throws {
    let whole = try file.response(to: asked("GET /web/x"))
    let tag = try #require(Self.field("ETag", of: whole))
    #expect(whole.status == .ok && whole.body == file.bytes)
    for have in [tag, "W/" + tag, "\"other\", \(tag)", "*"] {
      let short = try file.response(to: asked("GET /web/x", "If-None-Match: \(have)"))
      #expect(short.status == .notModified && short.body.isEmpty)
      #expect(Self.field("ETag", of: short) == tag)
    }
    for have in ["\"other\"", String(tag.dropLast()), ""] {
      #expect(try file.response(to: asked("GET /web/x", "If-None-Match: \(have)")).status == .ok)
    }
  }

  @Test("tags tell the files apart")
  func tags() throws {
    let tags = try WebFile.allCases.map { Self.field("ETag", of: try $0.response(to: asked("GET /"))) }
    #expect(Set(tags).count == WebFile.allCases.count)
  }

  @Test("pages have a policy under which no text becomes a script", arguments: [WebFile.page, .docs])
  func policy(_ file: WebFile) throws {
    let policy = try #require(
      Self.field("Content-Security-Policy", of: file.response(to: asked("GET /"))))
    #expect(policy.hasPrefix("default-src 'none';") && !policy.contains("unsafe") && !policy.contains("\n"))
    let page = String(decoding: file.bytes, as: UTF8.self)
    #expect(!page.contains(" style=") && !page.contains("<style") && !page.contains(" onclick="))
    #expect(!page.contains("http:") && !page.contains("https:"), "it works without a network")
  }

  @Test("scripts never make markup of text", arguments: [WebFile.pageScript, .docsScript, .client])
  func scripts(_ file: WebFile) {
    let script = String(decoding: file.bytes, as: UTF8.self)
    for word in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"] {
      #expect(!script.contains(word))
    }
  }
}
