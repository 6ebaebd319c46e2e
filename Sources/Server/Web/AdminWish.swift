import Bytes
import FleetState
import JSONText

/// What the body of `POST /admin/…` asks for, beside the verb in the path. An empty one is fine.
struct AdminWish: Equatable {
  let verb: ControlCommand.Verb
  /// Nil: the host that is asked. Whoever means the whole fleet says `*`.
  let target: ControlCommand.Target?
  let preset: DrainPreset?

  struct Refusal: Error, Equatable {
    let reason: String
  }

  /// `{"preset"?: "swift", "target"?: "*"}`. Half understood is not obeyed.
  init(_ verb: ControlCommand.Verb, _ body: Span<UInt8>) throws(Refusal) {
    self.verb = verb
    var preset: DrainPreset?
    var target: ControlCommand.Target?
    for member in try Self.members(body) {
      guard let text = member.value.string else {
        throw Refusal(reason: "\(Self.shown(member)) has to be a text")
      }
      switch member.name {
      case "preset" where verb == .drain:
        guard let known = DrainPreset(text) else { throw Refusal(reason: Self.presetsAre) }
        preset = known
      case "target":
        guard let known = ControlCommand.Target(text) else {
          throw Refusal(reason: "target is *, a host or host/slot")
        }
        target = known
      case _: throw Refusal(reason: "\(Self.shown(member)) means nothing to \(verb.rawValue)")
      }
    }
    self.preset = preset
    self.target = target
  }

  private static let presetsAre = "preset is standard, swift, patient, pod=<seconds> or now"

  private static func members(_ body: Span<UInt8>) throws(Refusal) -> [JSONValue.Member] {
    if body.isEmpty { return [] }
    let value: JSONValue
    do throws(JSONError) { value = try JSONValue.read(body) } catch {
      throw Refusal(reason: "the body is no JSON: \(error)")
    }
    guard case .object(let members) = value else { throw Refusal(reason: "the body has to be an object") }
    return members
  }

  private static func shown(_ member: JSONValue.Member) -> String { printable(member.name, limit: 32) }
}
