import CommandLine
import Measurement

/// `wsload herd`: what would become of clients that are all dropped at once, by how they come back.
enum HerdLab {
  static let command = Command(
    "wsload herd",
    "Simulates many clients that are dropped at once and come back, and recommends over how long.",
    options: HerdOptions.all,
    examples: [
      (
        "wsload herd --clients 50000 --accepts 4000 --policy fixed:1s,jitter:30s,slots",
        "three ways to come back to a server that can do 4,000 handshakes a second"
      ),
      (
        "wsload herd --clients 50000 --calibrate run.json",
        "to the server of a real run, in which it dropped its sockets"
      ),
    ])

  static func run(_ invocation: Invocation) throws -> Int32 {
    var layers = Settings.Layers()
    layers.flags = invocation.values
    let options = try HerdOptions(Settings(command.options, layers))
    let trial = try HerdTrial(options)
    Output.write(options.isJSON ? HerdReport.json(trial) : HerdReport.text(trial), to: 1)
    return 0
  }
}
