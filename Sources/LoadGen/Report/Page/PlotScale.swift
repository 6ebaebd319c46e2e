import Glibc
import TextUI

/// Where a value stands between the ends of an axis, and which values are written beside it.
struct PlotScale {
  enum Unit {
    case count
    /// Microseconds.
    case time

    func words(_ value: Double) -> String {
      switch self {
      case .count: Words.short(value)
      case .time: Words.time(microseconds: value)
      }
    }
  }

  let unit: Unit
  let isLogarithmic: Bool
  private let low: Double
  private let high: Double

  /// From zero to a round number; logarithmic, from the power of ten below the least to the one above the most.
  init(_ unit: Unit, logarithmic: Bool, values: [Double]) {
    self.unit = unit
    let positive = values.filter { $0 > 0 && $0.isFinite }
    let most = positive.max() ?? 1
    isLogarithmic = logarithmic
    if logarithmic {
      low = pow(10, floor(log10(positive.min() ?? 1)))
      let top = pow(10, ceil(log10(most)))
      high = top > low ? top : low * 10
    } else {
      low = 0
      let step = Self.roundStep(most, parts: 4)
      high = (most / step).rounded(.up) * step
    }
  }

  /// 0 at the lower end, 1 at the upper.
  func share(_ value: Double) -> Double {
    let share = isLogarithmic ? log10(max(value, low) / low) / log10(high / low) : value / high
    return share > 0 ? min(share, 1) : 0
  }

  var ticks: [Double] {
    if !isLogarithmic {
      let step = Self.roundStep(high, parts: 4)
      return stride(from: 0, through: high * 1.0001, by: step).map { $0 }
    }
    let decades = Int((log10(high / low)).rounded())
    let between: [Double] = decades <= 2 ? [1, 2, 5] : [1]
    let all = (0...decades).flatMap { decade in between.map { $0 * low * pow(10, Double(decade)) } }
    return all.filter { $0 <= high * 1.0001 }
  }

  /// 1, 2 or 5 times a power of ten, so that `parts` of them or a few more make up `most`.
  static func roundStep(_ most: Double, parts: Int) -> Double {
    let rough = max(most, 1e-9) / Double(parts)
    let power = pow(10, floor(log10(rough)))
    return ([1, 2, 5, 10].first { $0 * power >= rough * 0.999 } ?? 10) * power
  }
}
