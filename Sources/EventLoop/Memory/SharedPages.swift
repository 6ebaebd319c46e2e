package import Bytes
import CLinux
import Glibc

/// Memory that outlives the process that fills it: a sealed memfd, mapped. Untouched pages cost nothing.
///
/// In: a size, or the descriptor of pages another process made. Out: typed arrays over parts of it.
@safe
package final class SharedPages {
  package let byteCount: Int
  private let descriptor: Descriptor
  private let address: UnsafeMutableRawPointer

  package init(name: String, byteCount: Int) throws(SystemError) {
    let fd = unsafe clinux_memory(name, UInt64(byteCount))
    descriptor = Descriptor(owning: try checked(fd, "memfd_create \(name)"))
    self.byteCount = byteCount
    unsafe address = try Self.map(descriptor.number, byteCount)
  }

  /// Those of another process, as far as they are what they are said to be: memory that is shorter, or can be made
  /// shorter, would be a trap.
  package init(adopting other: consuming Descriptor, byteCount: Int) throws(SystemError) {
    let size = try checked(clinux_memory_size(other.number), "pages of another process")
    if size != byteCount { throw SystemError("pages of \(size) bytes instead of \(byteCount)", EINVAL) }
    descriptor = other
    self.byteCount = byteCount
    unsafe address = try Self.map(descriptor.number, byteCount)
  }

  deinit { _ = unsafe clinux_unmap(address, UInt64(byteCount)) }

  /// To be inherited by, or passed to, another process.
  package var number: Int32 { descriptor.number }

  /// `count` values from byte `offset` on, zero where never written. The pages must outlive the array.
  package func array<Element: BitwiseCopyable>(
    of type: Element.Type, at offset: Int, count: Int
  ) -> PageArray<Element> {
    precondition(offset >= 0 && count >= 0 && offset % MemoryLayout<Element>.alignment == 0)
    precondition(
      count <= (byteCount - offset) / MemoryLayout<Element>.stride, "the array ends beyond its pages")
    // SAFETY: inside the mapping by the checks above, aligned, and zero-filled memory is initialized memory.
    return unsafe PageArray(
      start: address.advanced(by: offset).bindMemory(to: type, capacity: count), count: count)
  }

  package func word(at offset: Int) -> PageWord {
    precondition(offset >= 0 && offset % 8 == 0 && offset <= byteCount - 8, "a word beyond the pages")
    // SAFETY: inside the mapping and aligned by the check above.
    return unsafe PageWord(address: address.advanced(by: offset).bindMemory(to: UInt64.self, capacity: 1))
  }

  /// A buffer that fills these bytes in place. The pages must outlive it.
  package func buffer(at offset: Int, count: Int) -> ByteBuffer {
    unsafe ByteBuffer(filling: bytes(at: offset, count: count))
  }

  package func copy(from source: Int, to target: Int, count: Int) {
    let from = unsafe bytes(at: source, count: count)
    // SAFETY: both runs are inside the pages; copyMemory allows them to overlap.
    unsafe bytes(at: target, count: count).copyMemory(from: UnsafeRawBufferPointer(from))
  }

  /// Writes `source` from byte `offset` on.
  package func write(_ source: Span<UInt8>, at offset: Int) {
    let target = unsafe bytes(at: offset, count: source.count)
    // SAFETY: as many bytes as the source has, which no span of ours overlaps.
    unsafe source.withUnsafeBytes { unsafe target.copyMemory(from: $0) }
  }

  /// Lends bytes to read. SAFETY: inside the pages, which are held for the call.
  @inline(__always)
  package func withBytes<Result>(at offset: Int, count: Int, _ body: (Span<UInt8>) -> Result) -> Result {
    body(unsafe Span<UInt8>(_unsafeBytes: UnsafeRawBufferPointer(bytes(at: offset, count: count))))
  }

  func bytes(at offset: Int, count: Int) -> UnsafeMutableRawBufferPointer {
    precondition(offset >= 0 && count >= 0 && count <= byteCount - offset, "bytes beyond the pages")
    return unsafe UnsafeMutableRawBufferPointer(start: address.advanced(by: offset), count: count)
  }

  /// Gives the memory behind these bytes back to the system; they read as zero afterwards.
  package func discard(at offset: Int, count: Int) {
    precondition(offset >= 0 && count >= 0 && count <= byteCount - offset, "bytes beyond the pages")
    _ = unsafe clinux_discard(address.advanced(by: offset), UInt64(count))
  }

  private static func map(_ fd: Int32, _ byteCount: Int) throws(SystemError) -> UnsafeMutableRawPointer {
    guard let address = unsafe clinux_map(fd, UInt64(byteCount)) else { throw SystemError("mmap", 12) }
    return unsafe address
  }
}

/// Plain values in shared pages, bounds-checked. It does not own the pages.
@safe
public struct PageArray<Element: BitwiseCopyable> {
  public let count: Int
  // SAFETY: `count` initialized elements, kept mapped by the owner of the pages for longer than this value.
  @usableFromInline internal let start: UnsafeMutablePointer<Element>

  init(start: UnsafeMutablePointer<Element>, count: Int) {
    unsafe self.start = start
    self.count = count
  }

  @inlinable public subscript(index: Int) -> Element {
    @inline(__always) _read {
      precondition(index >= 0 && index < count, "page array index out of bounds")
      yield unsafe start[index]
    }
    @inline(__always) nonmutating _modify {
      precondition(index >= 0 && index < count, "page array index out of bounds")
      yield unsafe &start[index]
    }
  }
}
