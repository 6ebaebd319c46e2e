import EventLoop
import Glibc
import JSONText
import Measurement

/// A generator process: its task comes over descriptor 3, its figures go back the same way.
enum GeneratorMain {
  /// Nobody types it: wsload starts itself again with it.
  static let argument = "--as-generator"

  private static let channelNumber: Int32 = 3

  static func run() -> Int32 {
    do throws(SystemError) {
      _ = Machine.raiseDescriptorLimit()
      let loop = try EventLoop()
      let channel = try PacketChannel(loop, adopting: Descriptor(owning: channelNumber), queueLimit: 4096)
      var generator: Generator?
      // Whoever wants the run to end tells the process it was started by, which tells this one.
      let signals = try Signals(loop, [SIGTERM, SIGINT, SIGHUP, SIGPIPE]) { _ in }
      defer { withExtendedLifetime(signals) {} }
      channel.onPacket = { packet, _ in
        if let generator {
          if let end = RestartEnd(packet) { generator.restarted(end.number, at: end.at) }
          if packet[0] == Task.stopMark { generator.stop() }
          return
        }
        guard let task = Task(packet) else { return }
        generator = begin(task, loop, channel)
        if generator == nil { loop.stop() }
      }
      channel.onEnd = { loop.stop() }
      try loop.run()
      return generator == nil ? 3 : 0
    } catch {
      Output.write("wsload: generator: \(error)\n", to: 2)
      return 3
    }
  }

  private static func begin(_ task: Task, _ loop: EventLoop, _ channel: PacketChannel) -> Generator? {
    do {
      let generator = try Generator(
        loop, plan: Plan(arguments: task.arguments), addresses: task.targets,
        sockets: task.first..<task.end, start: Moment(nanoseconds: task.start), run: task.run)
      let sampling = Sampling(loop, generator, start: Moment(nanoseconds: task.start)) { step, time in
        channel.send([Task.stepMark] + step.packet(at: time))
      }
      generator.onHopeless = { channel.send([Task.hopelessMark] + Array($0.utf8)) }
      generator.onEnd = { [unowned generator] in
        sampling.end()
        for packet in generator.figures.packets { channel.send(packet) }
        // The packets leave in the next turns; then nothing keeps this process.
        loop.after(.milliseconds(50)) { loop.stop() }
      }
      // Of a run with agents the beginning is still to come.
      loop.after(Moment(nanoseconds: task.start).duration(since: .current)) { [weak generator] in
        sampling.begin()
        generator?.begin()
      }
      return generator
    } catch {
      Output.write("wsload: generator: \(error)\n", to: 2)
      return nil
    }
  }
}
