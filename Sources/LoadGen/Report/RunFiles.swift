import EventLoop

/// What a finished run becomes, beside its report.
extension SavedRun {
  /// Writes what was asked for: all that can be written, before it tells what could not.
  func write(to outputs: Outputs) throws(SystemError) {
    var trouble: SystemError?
    for (path, form) in [
      (outputs.html, RunPage.html), (outputs.csv, SeriesTable.csv), (outputs.junit, JUnitReport.xml),
    ] {
      guard let path else { continue }
      do throws(SystemError) { try Output.write(form(self), toFile: path) } catch {
        trouble = trouble ?? error
      }
    }
    if let trouble { throw trouble }
  }
}
