import Foundation
import Testing

extension EndToEnd {
  /// The fourth older project's own load test, word for word but for the port and the minute it takes:
  /// `--sockets 100 --rate 10 --duration 60 --host ws://localhost:8001` (inventory O1–O9).
  @Suite(.serialized) struct LoadScriptTests {
    @Test(
      "`--sockets 100 --rate 10 --duration … --host ws://localhost:PORT` passes, and writes its HTML report")
    func script() throws {
      let server = try Server(workers: 2)
      let page = "\(server.sandbox.path)/report.html"
      let program = try Program(
        Program.path("wsload"),
        [
          "--sockets", "100", "--rate", "10", "--duration", "12", "--host", "ws://localhost:\(server.port)",
          "--quiet", "--json", "\(server.sandbox.path)/report.json", "--html", page,
        ], in: server.sandbox)
      #expect(try program.exitCode(within: 40, "the load test ends") == 0, "\(program.output)")
      let data = try Data(contentsOf: URL(filePath: "\(server.sandbox.path)/report.json"))
      let report = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
      let sockets = report["sockets"] as? [String: Any]
      let messages = report["messages"] as? [String: Any]
      #expect(report["verdict"] as? String == "pass")
      #expect(sockets?["opened"] as? Int == 100 && sockets?["held_max"] as? Int == 100)
      #expect(messages?["lost"] as? Int == 0 && messages?["sent"] as? Int != 0)
      let html = try Data(contentsOf: URL(filePath: page))
      #expect(String(decoding: html.prefix(15), as: UTF8.self).lowercased() == "<!doctype html>")
    }
  }
}
