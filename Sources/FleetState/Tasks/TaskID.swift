/// Names for tasks that nobody can guess: a UUID of version 4.
package enum TaskID {
  package static func make(using random: inout some RandomNumberGenerator) -> Name {
    let high: UInt64 = random.next()
    let low: UInt64 = random.next()
    let version = high & ~0xF000 | 0x4000
    let variant = low & ~(0b11 << 62) | 0b10 << 62
    let digits = hex(version) + hex(variant)
    var text = ""
    for (index, digit) in digits.enumerated() {
      if [8, 12, 16, 20].contains(index) { text.append("-") }
      text.append(digit)
    }
    guard let name = Name(text) else {
      // TRAP: hexadecimal digits and hyphens, 36 of them, are a name.
      preconditionFailure("a UUID is a name")
    }
    return name
  }

  private static func hex(_ word: UInt64) -> String {
    let digits = String(word, radix: 16)
    return String(repeating: "0", count: 16 - digits.utf8.count) + digits
  }
}
