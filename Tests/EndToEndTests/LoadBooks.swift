import Foundation
import Testing

/// What has to agree in the report of any run, whatever happened to it: each figure is told in several places.
struct LoadBooks {
  private let report: [String: Any]

  init(_ report: [String: Any]) { self.report = report }

  func check() {
    for (name, sum) in [
      ("sent", number("messages", "sent")), ("received", number("messages", "received")),
      ("unsent", number("messages", "unsent")), ("late_sends", number("generator", "late_sends")),
      ("reconnects", number("reconnects", "total")),
      ("failed", sum(of: value("sockets", "failed")) + sum(of: value("reconnects", "failed"))),
    ] {
      #expect(column(name).reduce(0, +) == sum, "the steps of '\(name)' are its sum")
    }
    #expect(sum(of: value("drops", "by_cause")) == number("drops", "total"))
    #expect((value("timeline", "drops", "counts") as? [Int])?.reduce(0, +) == number("drops", "total"))
    #expect((value("reconnects", "herd_per_100ms") as? [Int])?.reduce(0, +) == number("reconnects", "total"))
    #expect(number("latency_us", "intended", "count") == number("messages", "received"))
    #expect(number("latency_us", "service", "count") == number("messages", "received"))
    let explained = ["unreceipted", "refused", "told_lost"].map { max(0, number("sluice", $0)) }.reduce(0, +)
    #expect(
      number("messages", "sent") == number("messages", "received") + number("messages", "lost") + explained)
    #expect(
      column("open").last == number("sockets", "open_at_end"), "the chart of open sockets ends where they do")
    #expect(column("open").max() ?? 0 <= number("sockets", "held_max"))
    #expect((report["verdict"] as? String == "pass") == (report["reasons"] as? [String])?.isEmpty)
  }

  private func value(_ path: String...) -> Any? { value(path) }

  private func value(_ path: [String]) -> Any? {
    path.reduce(report as Any?) { ($0 as? [String: Any])?[$1] }
  }

  private func number(_ path: String...) -> Int { (value(path) as? NSNumber)?.intValue ?? -1 }

  private func column(_ name: String) -> [Int] { value("series", name) as? [Int] ?? [] }

  private func sum(of tally: Any?) -> Int { (tally as? [String: Int])?.values.reduce(0, +) ?? -1 }
}
