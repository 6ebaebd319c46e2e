import Bytes
package import JSONText

/// What an audit of a host found: where what is held and what is said to be held differ.
///
/// It travels as JSON in the detail `audit` of an event:
///
///     {"checked": 5000, "findings": [{"slot": 0, "what": "ghost", "count": 2, "fixed": 2, "text": "…"}], "omitted": 0}
package struct AuditReport: Equatable, Sendable {
  package struct Finding: Equatable, Sendable {
    /// Nil: the host's own.
    package var slot: Int?
    /// One word for scripts, such as `ghost` or `orphan`.
    package var what: String
    package var count: Int
    package var fixed: Int
    /// One sentence for people.
    package var text: String

    package init(slot: Int? = nil, what: String, count: Int = 1, fixed: Int = 0, text: String) {
      self.slot = slot
      self.what = printable(what, limit: 32)
      self.count = max(1, count)
      self.fixed = min(max(0, fixed), self.count)
      self.text = printable(text, limit: 160)
    }
  }

  /// How many sockets were looked at.
  package var checked: Int
  package private(set) var findings: [Finding] = []
  /// Findings beyond the most a report carries.
  package private(set) var omitted = 0

  package static let most = 32

  package init(checked: Int) { self.checked = max(0, checked) }

  package mutating func add(_ finding: Finding) {
    if findings.count < Self.most { findings.append(finding) } else { omitted = saturatingSum(omitted, 1) }
  }

  /// Nothing is left that would have to be put right.
  package var isClean: Bool { omitted == 0 && findings.allSatisfy { $0.fixed == $0.count } }

  package var sentence: String {
    let all = findings.count + min(omitted, 1_000_000)
    if all == 0 { return "\(counted(checked, "socket")) checked, nothing found" }
    let fixed = findings.count { $0.fixed == $0.count }
    return "\(counted(checked, "socket")) checked, \(counted(all, "finding")), \(fixed) fixed"
  }

  // MARK: JSON

  package func write(to json: inout JSONWriter) {
    json.beginObject()
    json.member("checked", checked)
    json.array("findings") { list in
      for finding in findings { finding.write(to: &list) }
    }
    json.member("omitted", omitted)
    json.endObject()
  }

  /// `nil` for what is no report; a report is data of strangers like any other.
  package init?(json text: String) {
    let limits = JSONLimits(bytes: 1 << 16, depth: 4, values: 1024)
    guard let json = try? JSONValue.read(text, limits: limits), let checked = Self.count(json["checked"])
    else {
      return nil
    }
    self.init(checked: checked)
    for element in json["findings"]?.elements ?? [] {
      guard let finding = Finding(element) else { return nil }
      add(finding)
    }
    omitted = saturatingSum(omitted, Self.count(json["omitted"]) ?? 0)
  }

  fileprivate static func count(_ value: JSONValue?) -> Int? {
    value?.integer.flatMap { Int(exactly: $0) }.flatMap { $0 >= 0 ? $0 : nil }
  }
}

extension AuditReport.Finding {
  fileprivate func write(to json: inout JSONWriter) {
    json.beginObject()
    if let slot { json.member("slot", slot) }
    json.member("what", what)
    json.member("count", count)
    json.member("fixed", fixed)
    json.member("text", text)
    json.endObject()
  }

  fileprivate init?(_ json: JSONValue) {
    guard let what = json["what"]?.string, let count = AuditReport.count(json["count"]), count > 0 else {
      return nil
    }
    let slot = AuditReport.count(json["slot"])
    if let slot, slot >= 1024 { return nil }
    self.init(
      slot: slot, what: what, count: count, fixed: AuditReport.count(json["fixed"]) ?? 0,
      text: json["text"]?.string ?? "")
  }
}
