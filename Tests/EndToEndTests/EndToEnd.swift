import Testing

/// Whole programs, one test after another: each measures times, and two cores are not many.
@Suite(.serialized) enum EndToEnd {}
