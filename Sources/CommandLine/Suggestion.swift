import Bytes

/// `, did you mean --listen?`, or nothing when nothing is near.
func suggestion(_ word: String, _ known: [String]) -> String {
  let near = known.map { ($0, distance(word, $0)) }.min { $0.1 < $1.1 }
  guard let (name, steps) = near, steps <= max(2, min(3, word.count / 3)) else { return "" }
  return ", did you mean \(name)?"
}

/// A stranger's word in quotes, harmless and short.
func quoted(_ word: String) -> String { "'\(printable(word, limit: 60))'" }

/// How many letters have to be added, dropped or changed (Levenshtein).
private func distance(_ a: String, _ b: String) -> Int {
  let target = Array(b.utf8)
  var row = Array(0...target.count)
  for (index, letter) in a.utf8.prefix(64).enumerated() {
    var diagonal = row[0]
    row[0] = index + 1
    for place in target.indices {
      let change = diagonal + (letter == target[place] ? 0 : 1)
      diagonal = row[place + 1]
      row[place + 1] = min(change, row[place] + 1, row[place + 1] + 1)
    }
  }
  return row[target.count]
}
