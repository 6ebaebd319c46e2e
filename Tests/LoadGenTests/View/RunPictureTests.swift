import Measurement
import TextUI
import Testing

@testable import LoadGen

@Suite struct RunPictureTests {
  private func scene() throws -> RunScene {
    let report = try SampleRun.report()
    var scene = RunScene()
    scene.url = report.plan.target.url
    scene.wanted = 3
    scene.elapsed = 2_000_000_000
    scene.duration = 2_000_000_000
    scene.series = report.series
    scene.restarts = report.restarts
    scene.notes = ["restart at 1.00 s", "restart done"]
    return scene
  }

  @Test("the picture at 80 by 24, for a terminal that knows no more than ASCII")
  func golden() throws {
    let lines = RunPicture.draw(try scene(), size: Size(80, 24), isASCII: true).lines
    let expected = """
       wsload ws://127.0.0.1:8000/ws                                         2s of 2s
       3 of 3 sockets open ##########################################################
       answers /s                          12  p99 latency                     1.7 ms
       20                                v     50.0 ms                           v
                                                                                 *
                                     ****  **                                    *
                                     ****  **                                    *
                                     ***** **                                ***** **
       sockets                              3  drops /s                             0
       5                                 v     10                                v
                                                                                 *
                                     **** ***                                    *
                                     **** ***                                    *
                                     **** ***                                    *
                                     ********                                    *

                                   p50        p90        p99      p99.9        max
       latency, last steps      1.3 ms     1.7 ms    40.0 ms    40.0 ms    40.0 ms
       latency so far           1.3 ms     1.7 ms    40.0 ms    40.0 ms    40.0 ms
       2 drops: close:1012 1, reset 1; 2 came back
       restart at 1.00 s
       restart done

       q stop, with a verdict   p pause the picture
      """
    #expect(lines.joined(separator: "\n") == expected)
  }

  @Test(
    "any size is drawn, and nothing beyond it", arguments: [(0, 0), (1, 1), (20, 5), (79, 23), (300, 90)])
  func sizes(_ width: Int, _ height: Int) throws {
    let canvas = RunPicture.draw(try scene(), size: Size(width, height))
    #expect(canvas.size == Size(width, height))
  }

  @Test("before anything has happened there is a picture too")
  func beginning() {
    let lines = RunPicture.draw(RunScene(), size: Size(80, 24)).lines
    #expect(lines.contains { $0.contains("0 of 0 sockets open") })
  }

  @Test("a pause is said, and so is what ends it")
  func pause() throws {
    var paused = try scene()
    paused.isPaused = true
    let lines = RunPicture.draw(paused, size: Size(80, 24)).lines
    #expect(lines.first?.hasSuffix("paused  2s of 2s") == true)
    #expect(lines.last == " q stop, with a verdict   p go on with the picture")
  }

  @Test("the latest notes are seen, and restarts to come")
  func notes() throws {
    var many = try scene()
    many.notes = (1...20).map { "note \($0)" }
    many.restarts[0].state = .planned
    let lines = RunPicture.draw(many, size: Size(80, 24)).lines
    #expect(lines[20...22] == [" note 19", " note 20", " to come: 'echo '<b>' & \"x\"' at 1.00 s"])
  }
}
