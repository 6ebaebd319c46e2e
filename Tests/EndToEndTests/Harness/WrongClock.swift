import Glibc

/// Has a program see another time of day than everybody else: a library that is loaded before the C library.
final class WrongClock {
  let environment: [String: String]
  private let sandbox: Sandbox

  private static let source = """
    #define _GNU_SOURCE
    #include <stdlib.h>
    #include <sys/syscall.h>
    #include <time.h>
    #include <unistd.h>

    int clock_gettime(clockid_t clock, struct timespec *now) {
      long result = syscall(SYS_clock_gettime, clock, now);
      const char *seconds = getenv("WRONG_BY");
      if (clock == CLOCK_REALTIME && seconds) now->tv_sec += atol(seconds);
      return result;
    }

    """

  init(by seconds: Int) throws {
    sandbox = try Sandbox()
    let (source, library) = ("\(sandbox.path)/clock.c", "\(sandbox.path)/clock.so")
    guard let file = fopen(source, "w") else { throw Trouble("cannot write \(source)") }
    fputs(Self.source, file)
    fclose(file)
    let compiler = try Program(
      "/usr/bin/env", ["clang", "-shared", "-fPIC", "-o", library, source], in: sandbox)
    guard try compiler.exitCode(within: 30, "clang is done") == 0 else {
      throw Trouble("clang has made no \(library)")
    }
    environment = ["LD_PRELOAD": library, "WRONG_BY": "\(seconds)"]
  }
}
