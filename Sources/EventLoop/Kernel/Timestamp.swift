/// A moment of the calendar in UTC, as ISO 8601 with milliseconds.
package struct Timestamp: CustomStringConvertible {
  private let unixNanoseconds: UInt64

  package init(unixNanoseconds: UInt64) { self.unixNanoseconds = unixNanoseconds }

  package var description: String {
    let seconds = unixNanoseconds / 1_000_000_000
    let (year, month, day) = Self.date(daysSince1970: Int(seconds / 86400))
    let clock = Int(seconds % 86400)
    let milliseconds = Int(unixNanoseconds / 1_000_000 % 1000)
    return
      "\(year)-\(two(month))-\(two(day))T\(two(clock / 3600)):\(two(clock / 60 % 60)):\(two(clock % 60))."
      + (milliseconds < 100 ? "0" : "") + two(milliseconds) + "Z"
  }

  // Counted from 1 March of year 0, leap days fall at the end of a year and the months form a pattern.
  private static func date(daysSince1970 days: Int) -> (year: Int, month: Int, day: Int) {
    let shifted = days + 719_468
    let era = shifted / 146_097
    let dayOfEra = shifted % 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }

  private func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
