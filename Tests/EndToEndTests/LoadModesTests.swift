import Foundation
import Glibc
import Testing

extension EndToEnd {
  /// wsload's ways of talking to a real server, each with its report.
  @Suite(.serialized) struct LoadModesTests {
    private func load(_ arguments: [String], on server: Server) throws -> (code: Int32, report: [String: Any])
    {
      let file = "\(server.sandbox.path)/report.json"
      let program = try Program(
        Program.path("wsload"), arguments + ["--quiet", "--json", file], in: server.sandbox)
      let code = try program.exitCode(within: 60, "wsload ends")
      let data = try Data(contentsOf: URL(fileURLWithPath: file))
      let report = try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
      LoadBooks(report).check()
      return (code, report)
    }

    private func number(_ report: [String: Any], _ path: String...) -> Int {
      let value = path.reduce(report as Any?) { ($0 as? [String: Any])?[$1] }
      return (value as? NSNumber)?.intValue ?? -1
    }

    @Test(
      "everybody hears each publication once, over all workers and generators, however it is published",
      arguments: ["http", "socket"], [1, 2])
    func fanout(_ publishing: String, _ processes: Int) throws {
      let server = try Server()
      let (code, report) = try load(
        [
          "ws://127.0.0.1:\(server.port)/ws?notify=0", "--mode", "fanout", "--publish", publishing,
          "--publish-rate", "20", "--sockets", "60", "--processes", "\(processes)", "--duration", "3",
        ], on: server)
      #expect(code == 0)
      #expect((46...52).contains(number(report, "messages", "published")))
      #expect(number(report, "messages", "unpublished") == 0)
      let sent = number(report, "messages", "sent")
      #expect(sent > 45 * 55 && number(report, "messages", "received") == sent)
      let steps = (report["series"] as? [String: Any])?["sent"] as? [Int] ?? []
      #expect(steps.allSatisfy { $0 >= 0 } && steps.reduce(0, +) == sent)
    }

    @Test("a publisher that is turned away is told as such, and what nobody heard is lost to all")
    func refused() throws {
      let server = try Server()
      let (code, report) = try load(
        [
          "ws://127.0.0.1:\(server.port)/ws?notify=0", "--mode", "fanout", "--publish-path", "/nowhere",
          "--publish-rate", "10", "--sockets", "10", "--duration", "1500ms", "--grace", "200ms",
        ], on: server)
      #expect(code == 1)
      #expect(number(report, "messages", "unpublished") == number(report, "messages", "published"))
      #expect(number(report, "messages", "lost") == number(report, "messages", "sent"))
    }

    @Test("in a chat every message comes to its hearer, and to all others besides")
    func chat() throws {
      let server = try Server()
      let (code, report) = try load(
        [
          "ws://127.0.0.1:\(server.port)/ws?mode=chat&notify=0", "--mode", "chat", "--sockets", "30",
          "--send-rate", "5", "--duration", "2",
        ], on: server)
      #expect(code == 0)
      let sent = number(report, "messages", "sent")
      #expect(sent > 200 && number(report, "messages", "received") == sent)
      #expect(number(report, "messages", "foreign") > sent * 20)
    }

    @Test("phases from a file, and messages of many lengths, in several processes")
    func phases() throws {
      let server = try Server()
      let phases = "\(server.sandbox.path)/phases"
      try "1s 20 10  # warm\n1s 60 10\n1s 30 20\n".write(toFile: phases, atomically: true, encoding: .utf8)
      let (code, report) = try load(
        [
          "ws://127.0.0.1:\(server.port)/ws?mode=echo&notify=0", "--phases", phases, "--processes", "2",
          "--size", "exp:400",
        ], on: server)
      #expect(code == 0)
      #expect(number(report, "sockets", "held_max") == 60 && number(report, "sockets", "open_at_end") == 30)
      let sent = number(report, "messages", "sent")
      #expect((1250...1420).contains(sent) && number(report, "messages", "received") == sent)
    }

    @Test("--fail-fast ends all processes of a run with the first broken assertion")
    func failFast() throws {
      let server = try Server()
      let began = Deadline.now
      let (code, report) = try load(
        [
          "ws://127.0.0.1:\(server.port)/ws?mode=echo&notify=0", "--sockets", "20", "--processes", "2",
          "--duration", "60", "--fail-fast", "--assert", "p50<1s && max<1us",
        ], on: server)
      #expect(code == 1 && Deadline.isWithin(10, since: began))
      #expect((report["reasons"] as? [String])?.count == 1)
    }

    @Test("a dry run opens nothing and can be repeated by its seed")
    func dryRun() throws {
      let sandbox = try Sandbox()
      let outputs = try (0..<2).map { _ in
        let program = try Program(
          Program.path("wsload"), ["ws://127.0.0.1:1/", "--dry-run", "--seed", "5", "--size", "exp:99"],
          in: sandbox)
        #expect(try program.exitCode(within: 10, "wsload ends") == 0)
        return program.output
      }
      #expect(outputs[0] == outputs[1] && outputs[0].contains("  seed         5\n"))
    }
  }
}
