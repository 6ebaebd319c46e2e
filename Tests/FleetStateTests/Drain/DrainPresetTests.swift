import Testing

@testable import FleetState

@Suite struct DrainPresetTests {
  @Test(
    "each preset takes as long as the contract says",
    arguments: [
      (DrainPreset.standard, 20, 8, 2), (.swift, 6, 3, 1), (.patient, 1800, 0, 0), (.now, 0, 0, 2),
      (.pod(seconds: 30), 20, 8, 2), (.pod(seconds: 600), 538, 60, 2),
    ])
  func durations(preset: DrainPreset, wait: Int, pace: Int, force: Int) {
    #expect(preset.plan == DrainPlan(wait: .seconds(wait), pace: .seconds(pace), force: .seconds(force)))
  }

  @Test("a pod's plan fills its seconds exactly", arguments: [1, 2, 7, 45, 3600, 86_400])
  func pod(seconds: Int) {
    let plan = DrainPreset.pod(seconds: seconds).plan
    #expect(plan.total == .seconds(seconds))
    #expect(plan.wait > .zero && plan.pace > .zero && plan.force > .zero)
  }

  @Test(
    "text and preset are two forms of the same", arguments: ["standard", "swift", "patient", "now", "pod=45"])
  func text(_ text: String) { #expect(DrainPreset(text)?.text == text) }

  @Test(
    "what is no preset is refused",
    arguments: ["", "Standard", "pod=", "pod=0", "pod=-3", "pod=86401", "pod=99999999999999999999", "now=1"])
  func refused(_ text: String) { #expect(DrainPreset(text) == nil) }
}
