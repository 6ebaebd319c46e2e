import EventLoop
import JSONText

/// The machine a run was made on: figures of two machines are not to be compared.
struct TestBed: Equatable {
  var host = ""
  var processor = ""
  var cores = 0
  var kernel = ""
  var version = ""

  static var current: TestBed {
    let kernel = try? SmallFile.read("/proc/sys/kernel/osrelease")
    return TestBed(
      host: Machine.hostName, processor: processor ?? "", cores: Machine.cores,
      kernel: kernel.map { $0.filter { !$0.isNewline } } ?? "", version: Main.version)
  }

  func write(to json: inout JSONWriter) {
    json.member("host", host)
    json.member("processor", processor)
    json.member("cores", cores)
    json.member("kernel", kernel)
    json.member("wsload", version)
  }

  private static var processor: String? {
    guard let text = try? SmallFile.read("/proc/cpuinfo") else { return nil }
    let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
    return line?.split(separator: ":", maxSplits: 1).last.map { String($0.drop { $0 == " " }) }
  }
}
