import EventLoop
import FleetState
import Glibc

/// One server keeps one state directory: a second one would write into the first one's append-only file.
final class StateLock {
  private let file: Descriptor

  init(_ directory: String) throws(StartError) {
    let path = "\(directory)/lock"
    do throws(SystemError) {
      try SmallFile.makeDirectory(directory)
    } catch {
      throw .unreachable("cannot make \(directory): \(error); choose another with --state")
    }
    // SAFETY: the path is a C string for the length of the call.
    let number = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    if number < 0 {
      throw .unreachable(
        "cannot open \(path): \(SystemError.text(of: errno)); choose another directory with --state")
    }
    file = Descriptor(owning: number)
    if flock(number, LOCK_EX | LOCK_NB) < 0 {
      throw .unreachable(
        "another wsserver\(Self.owner(directory)) keeps its state in \(directory): stop it, or give this one "
          + "--namespace or --state")
    }
  }

  /// Whoever was killed may have left a supervisor that serves on: it is named, so that it can be stopped.
  private static func owner(_ directory: String) -> String {
    guard let text = try? SmallFile.read("\(directory)/server.json"), let file = ServerFile(text.utf8.span)
    else { return "" }
    return " (pid \(file.pid))"
  }
}
