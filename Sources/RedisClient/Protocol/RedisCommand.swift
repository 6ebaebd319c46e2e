public import Bytes
public import FleetState

/// One command, argument by argument, in memory that is reused for the next.
///
/// The request side of RESP is a count and lengths, so it is written here, into the buffer that is sent:
/// hiredis' formatter builds the same bytes, but allocates for each command and copies each argument once more.
public struct RedisCommand: ~Copyable {
  private var arguments = ByteBuffer()
  private var count = 0

  public init() {}

  public mutating func add(_ bytes: Span<UInt8>) {
    begin(bytes.count)
    arguments.append(bytes)
    end()
  }

  public mutating func add(_ word: StaticString) {
    begin(word.utf8CodeUnitCount)
    arguments.append(word)
    end()
  }

  public mutating func add(_ text: String) {
    var text = text
    text.makeContiguousUTF8()
    add(text.utf8.span)
  }

  public mutating func add(_ number: some FixedWidthInteger) { add(String(number)) }

  public mutating func add(_ id: EntryID) { add(id.description) }

  /// A record, for `HSET` or `XADD`: each name, then its value.
  package mutating func add(_ fields: Fields) {
    for field in fields.list {
      add(field.name)
      add(field.value)
    }
  }

  /// What `render` writes is one argument.
  public mutating func add(rendering scratch: inout ByteBuffer, _ render: (inout ByteBuffer) -> Void) {
    scratch.clear()
    render(&scratch)
    add(scratch.bytes)
  }

  public var isEmpty: Bool { count == 0 }

  /// Appends the whole command and forgets it.
  mutating func move(into output: inout ByteBuffer) {
    output.append(UInt8(ascii: "*"))
    output.append(decimal: count)
    output.append("\r\n" as StaticString)
    output.append(arguments.bytes)
    clear()
  }

  mutating func clear() {
    arguments.clear()
    arguments.trim(above: 1 << 20)
    count = 0
  }

  private mutating func begin(_ length: Int) {
    arguments.append(UInt8(ascii: "$"))
    arguments.append(decimal: length)
    arguments.append("\r\n" as StaticString)
  }

  private mutating func end() {
    arguments.append("\r\n" as StaticString)
    count += 1
  }
}
