/// The verdict as CI systems read it: each assertion a test case, and what else went wrong one more each.
enum JUnitReport {
  static func xml(_ run: SavedRun) -> String {
    let failures = run.assertions.count { !$0.ok } + run.troubles.count
    let tests = run.assertions.count + run.troubles.count
    let counts = "tests=\"\(tests)\" failures=\"\(failures)\" errors=\"0\" time=\"\(run.seconds)\""
    var xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites \(counts)>\n"
    xml += "  <testsuite name=\"wsload\" \(counts) timestamp=\"\(Markup.escaped(run.started))\">\n"
    xml += "    <properties>\n"
    xml += property("url", run.url) + property("arguments", run.arguments.joined(separator: " "))
    xml += "    </properties>\n"
    for assertion in run.assertions {
      xml += testCase(assertion.text, failure: assertion.ok ? nil : assertion.reason ?? "it does not hold")
    }
    for trouble in run.troubles { xml += testCase("the run itself", failure: trouble) }
    return xml + "  </testsuite>\n</testsuites>\n"
  }

  private static func property(_ name: String, _ value: String) -> String {
    "      <property name=\"\(name)\" value=\"\(Markup.escaped(value))\"/>\n"
  }

  private static func testCase(_ name: String, failure: String?) -> String {
    let start = "    <testcase classname=\"wsload\" name=\"\(Markup.escaped(name))\" time=\"0\""
    guard let failure else { return start + "/>\n" }
    return start + ">\n      <failure message=\"\(Markup.escaped(failure))\"/>\n    </testcase>\n"
  }
}
