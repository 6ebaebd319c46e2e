import EventLoop

/// What a finished run becomes, beside its report.
extension SavedRun {
  /// Writes what was asked for.
  func write(to outputs: Outputs) throws(SystemError) {
    if let html = outputs.html { try Output.write(RunPage.html(self), toFile: html) }
    if let csv = outputs.csv { try Output.write(SeriesTable.csv(self), toFile: csv) }
    if let junit = outputs.junit { try Output.write(JUnitReport.xml(self), toFile: junit) }
  }
}
