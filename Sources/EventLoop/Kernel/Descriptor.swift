import Glibc

/// An open file descriptor with one owner. Dropping it closes it; `release()` hands it on.
package struct Descriptor: ~Copyable {
  package let number: Int32

  package init(owning number: Int32) { self.number = number }

  deinit { _ = Glibc.close(number) }

  package consuming func release() -> Int32 {
    let number = number
    discard self
    return number
  }
}
