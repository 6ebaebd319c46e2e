/// Text of strangers, made harmless for a terminal or a log line: no control or escape bytes, no invalid
/// UTF-8, no characters that reverse or hide their neighbours, and no more than `limit` scalars.
public func printable(_ text: some StringProtocol, limit: Int = 256) -> String {
  var shown = ""
  var left = limit
  for scalar in text.unicodeScalars {
    if left == 0 {
      shown.unicodeScalars.append("…")
      break
    }
    left -= 1
    shown.unicodeScalars.append(isHarmful(scalar) ? "\u{FFFD}" : scalar)
  }
  return shown
}

/// The same for bytes of unknown encoding; what is not UTF-8 becomes U+FFFD.
public func printable(_ bytes: Span<UInt8>, limit: Int = 256) -> String {
  // Four bytes a scalar at most, so a longer text is cut before it is decoded.
  let kept = bytes.extracting(first: min(bytes.count, 4 * limit + 4))
  return printable(String(decoding: kept.copied(), as: UTF8.self), limit: limit)
}

private func isHarmful(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.value {
  case 0..<0x20, 0x7F..<0xA0: true  // C0, DEL and C1
  case 0x061C, 0x200E...0x200F, 0x202A...0x202E, 0x2066...0x2069: true  // bidirectional controls
  case 0x200B...0x200D, 0x2028...0x2029, 0x2060...0x2064, 0xFEFF: true  // invisible, or a line's end
  case 0xFFF9...0xFFFB, 0xE0000...0xE007F: true  // annotations and tags
  default: false
  }
}
