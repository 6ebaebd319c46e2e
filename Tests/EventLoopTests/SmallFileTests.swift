import Glibc
import Testing

@testable import EventLoop

@Suite struct SmallFileTests {
  private final class Folder {
    let path = "/tmp/sluice-test-\(getpid())-\(Machine.random())"
    init() throws { try SmallFile.makeDirectory(path) }
    deinit {
      for name in ["a", "b"] { SmallFile.remove("\(path)/\(name)") }
      _ = unsafe rmdir(path)
    }
  }

  @Test("a file is replaced as a whole and leaves no draft behind")
  func replace() throws {
    let folder = try Folder()
    let file = folder.path + "/a"
    try SmallFile.replace(file, with: "one")
    // Who has it open keeps the old one: nothing is overwritten in place.
    let old = Descriptor(owning: unsafe open(file, O_RDONLY | O_CLOEXEC))
    try SmallFile.replace(file, with: "second")
    #expect(try SmallFile.read(file) == "second")
    #expect(try SmallFile.read("/proc/self/fd/\(old.number)") == "one")
    var status = stat()
    let found = unsafe stat(file, &status)
    #expect(found == 0 && status.st_mode & 0o777 == 0o600)
    #expect(!SmallFile.exists("\(file).\(getpid())"))
  }

  @Test("a pipe and a link stay what they are and are written to; so is a device, which may have no room")
  func put() throws {
    let folder = try Folder()
    let (file, link) = (folder.path + "/a", folder.path + "/b")
    try SmallFile.put("one", at: file)
    #expect(unsafe symlink(file, link) == 0)
    try SmallFile.put("two", at: link)
    #expect(SmallFile.target(of: link) == file)
    #expect(try SmallFile.read(file) == "two")
    SmallFile.remove(link)
    #expect(unsafe mkfifo(link, 0o600) == 0)
    let reader = Descriptor(owning: unsafe open(link, O_RDONLY | O_NONBLOCK | O_CLOEXEC))
    try SmallFile.put("three", at: link)
    var said = [UInt8](repeating: 0, count: 8)
    #expect(unsafe read(reader.number, &said, said.count) == 5 && said.starts(with: "three".utf8))
    #expect(throws: SystemError("write /dev/full", ENOSPC)) { try SmallFile.put("four", at: "/dev/full") }
    var status = stat()
    #expect(unsafe lstat("/dev/full", &status) == 0 && status.st_mode & S_IFMT == S_IFCHR)
  }

  @Test("whether there is a place for a file can be asked before")
  func places() throws {
    let folder = try Folder()
    for path in [folder.path + "/a", "/dev/null", "b"] { try SmallFile.checkPlace(path) }
    for path in ["\(folder.path)/nowhere/a", folder.path] {
      #expect(throws: SystemError.self, "\(path)") { try SmallFile.checkPlace(path) }
    }
  }

  @Test("a replacement that fails leaves no draft behind either")
  func failed() throws {
    let folder = try Folder()
    let target = folder.path + "/b"
    try SmallFile.makeDirectory(target)
    #expect(throws: SystemError.self) { try SmallFile.replace(target, with: "text") }
    #expect(!SmallFile.exists("\(target).\(getpid())"))
    _ = unsafe rmdir(target)
  }

  @Test("a directory tells the names in it, and nothing of itself")
  func names() throws {
    let folder = try Folder()
    #expect(try SmallFile.names(in: folder.path) == [])
    for name in ["a", "b"] { try SmallFile.replace("\(folder.path)/\(name)", with: [0, 255]) }
    #expect(try SmallFile.names(in: folder.path).sorted() == ["a", "b"])
    #expect(try SmallFile.readBytes("\(folder.path)/a") == [0, 255])
    #expect(throws: SystemError("open /no/such/folder", ENOENT)) {
      try SmallFile.names(in: "/no/such/folder")
    }
  }

  @Test("a missing file is an error that names it, a limit holds")
  func reading() throws {
    #expect(throws: SystemError("open /no/such/file", ENOENT)) { try SmallFile.read("/no/such/file") }
    #expect(try SmallFile.readBytes("/dev/zero", limit: 100_000).count == 100_000)
    #expect(SmallFile.findProgram("sh") != nil && SmallFile.findProgram("no-such-program-here") == nil)
  }
}
