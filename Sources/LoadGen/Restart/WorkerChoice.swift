import Bytes
import JSONText
import Measurement

/// One worker out of those that `wsconsole status --json` names.
enum WorkerChoice {
  /// All process numbers of workers; none for what is no status. They come from elsewhere: 0, 1 and negative
  /// numbers would mean a group, everything, or init.
  static func workers(in status: Span<UInt8>) -> [Int32] {
    guard let json = try? JSONValue.read(status, limits: JSONLimits(bytes: CommandAnswer.limit)) else {
      return []
    }
    return (json["hosts"]?.elements ?? []).flatMap { host in
      (host["workers"]?.elements ?? []).compactMap { worker in
        worker["pid"]?.integer.flatMap { Int32(exactly: $0) }.flatMap { $0 > 1 ? $0 : nil }
      }
    }
  }

  /// Any of `workers` of which `program` says that it is a worker of this machine: a fleet has workers elsewhere,
  /// whose number is somebody else's here.
  static func pick(
    _ workers: [Int32], _ random: inout SplitMix64, program: (Int32) -> String? = ProcessFiles.program
  ) -> Int32? {
    workers.filter { pid in
      let file = program(pid).map { $0.split(separator: "/").last ?? "" } ?? ""
      // The kernel adds a word once the file was replaced, as by an upgrade.
      return file == "wsserver" || file == "wsserver (deleted)"
    }.randomElement(using: &random)
  }
}
