import Glibc

@testable import EventLoop

extension Descriptor {
  /// Both ends of a pipe; its reading end does not wait.
  struct Pipe: ~Copyable {
    let write: Int32
    private var read: Int32

    init() throws(SystemError) {
      var ends: [Int32] = [-1, -1]
      // SAFETY: two elements, as the call wants.
      try checked(unsafe pipe(&ends), "pipe")
      for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
      (read, write) = (ends[0], ends[1])
      _ = fcntl(read, F_SETFL, O_NONBLOCK)
    }

    deinit {
      if read >= 0 { _ = Glibc.close(read) }
      _ = Glibc.close(write)
    }

    mutating func closeReader() {
      _ = Glibc.close(read)
      read = -1
    }

    /// What can be read now.
    func text() -> String {
      var all: [UInt8] = []
      var room = [UInt8](repeating: 0, count: 4096)
      while true {
        // SAFETY: the array's own count is passed along.
        let count = unsafe Glibc.read(read, &room, room.count)
        if count <= 0 { return String(decoding: all, as: UTF8.self) }
        all += room[..<count]
      }
    }
  }
}
