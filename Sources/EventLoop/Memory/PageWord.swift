import CLinux

/// A word of shared pages by which one process tells another, or its successor, how far it has come: whoever reads
/// it sees all that was written before it.
@safe
package struct PageWord {
  // SAFETY: an aligned word inside the mapping, which the owner of the pages keeps for longer than this value.
  private let address: UnsafeMutablePointer<UInt64>

  init(address: UnsafeMutablePointer<UInt64>) { unsafe self.address = address }

  package var value: UInt64 {
    @inline(__always) get { unsafe clinux_observe(address) }
    @inline(__always) nonmutating set { unsafe clinux_publish(address, newValue) }
  }

  /// False when it was not `expected` any more: somebody else came first.
  package func exchange(_ expected: UInt64, for value: UInt64) -> Bool {
    unsafe clinux_exchange(address, expected, value) == 1
  }
}
