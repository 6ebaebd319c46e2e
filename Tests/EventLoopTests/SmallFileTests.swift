import Glibc
import Testing

@testable import EventLoop

@Suite struct SmallFileTests {
  private static func place(_ name: String) -> String { "/tmp/sluice-tests-\(getpid())-\(name)" }

  @Test("a file is replaced whole, for the owner only, and leaves no draft")
  func replace() throws {
    let path = Self.place("replace")
    defer { SmallFile.remove(path) }
    try SmallFile.replace(path, with: "old")
    try SmallFile.replace(path, with: "new and longer")
    #expect(try SmallFile.read(path) == "new and longer")
    #expect(!SmallFile.exists("\(path).\(getpid())"))
    var status = stat()
    #expect(unsafe stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
  }

  @Test("a replacement that fails leaves the target alone and no draft behind")
  func failing() throws {
    let path = Self.place("directory")
    try SmallFile.makeDirectory(path)
    defer { _ = unsafe rmdir(path) }
    #expect(throws: SystemError.self) { try SmallFile.replace(path, with: "x") }
    #expect(!SmallFile.exists("\(path).\(getpid())"))
  }

  @Test("reading stops at the limit, and tells what is missing")
  func read() throws {
    let path = Self.place("read")
    defer { SmallFile.remove(path) }
    try SmallFile.replace(path, with: "0123456789")
    #expect(try SmallFile.read(path, limit: 4) == "0123")
    #expect(throws: SystemError("open /no/such", ENOENT)) { try SmallFile.read("/no/such") }
  }

  @Test("directories are made with those above them; a file in the way is an error")
  func directories() throws {
    let path = Self.place("tree")
    try SmallFile.makeDirectory("\(path)/a/b")
    try SmallFile.makeDirectory("\(path)/a/b")
    try SmallFile.replace("\(path)/file", with: "")
    #expect(throws: SystemError.self) { try SmallFile.makeDirectory("\(path)/file/x") }
    #expect(throws: SystemError("mkdir \(path)/file", ENOTDIR)) {
      try SmallFile.makeDirectory("\(path)/file")
    }
    SmallFile.remove("\(path)/file")
    for part in ["/a/b", "/a", ""] { _ = unsafe rmdir(path + part) }
  }

  @Test("programs are found on PATH, and by their path")
  func programs() {
    #expect(SmallFile.findProgram("sh")?.hasSuffix("/sh") == true)
    #expect(SmallFile.findProgram("/bin/sh") == "/bin/sh")
    #expect(SmallFile.findProgram("no-such-program-at-all") == nil)
  }
}
