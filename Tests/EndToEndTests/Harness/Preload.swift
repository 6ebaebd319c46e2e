import Glibc

/// C that a program is given before its C library, to have it see another world.
final class Preload {
  let path: String
  private let sandbox: Sandbox

  init(_ source: String) throws {
    sandbox = try Sandbox()
    path = "\(sandbox.path)/world.so"
    let text = "\(sandbox.path)/world.c"
    guard let file = fopen(text, "w") else { throw Trouble("cannot write \(text)") }
    fputs(source, file)
    fclose(file)
    let compiler = try Program(
      "/usr/bin/env", ["clang", "-shared", "-fPIC", "-o", path, text], in: sandbox)
    guard try compiler.exitCode(within: 30, "clang is done") == 0 else { throw Trouble("no \(path)") }
  }
}

/// Has a program see another time of day than everybody else.
final class WrongClock {
  let environment: [String: String]
  private let preload: Preload

  init(by seconds: Int) throws {
    preload = try Preload(
      """
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

      """)
    environment = ["LD_PRELOAD": preload.path, "WRONG_BY": "\(seconds)"]
  }
}

/// Tells a program where the host `db` is, if it is anywhere.
final class Directory {
  let environment: [String: String]
  private let preload: Preload
  private let sandbox: Sandbox

  init() throws {
    sandbox = try Sandbox()
    preload = try Preload(
      """
      #define _GNU_SOURCE
      #include <dlfcn.h>
      #include <netdb.h>
      #include <stdio.h>
      #include <stdlib.h>
      #include <string.h>

      int getaddrinfo(
        const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **found) {
        int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **) =
          dlsym(RTLD_NEXT, "getaddrinfo");
        if (strcmp(name, "db") != 0) return real(name, service, hints, found);
        char address[64] = "";
        FILE *file = fopen(getenv("DIRECTORY"), "r");
        if (file && !fgets(address, sizeof address, file)) address[0] = 0;
        if (file) fclose(file);
        return address[0] ? real(address, service, hints, found) : EAI_NONAME;
      }

      """)
    environment = ["LD_PRELOAD": preload.path, "DIRECTORY": "\(sandbox.path)/db"]
  }

  /// Where it is from now on.
  func move(to address: String) throws {
    guard let file = fopen("\(sandbox.path)/new", "w") else { throw Trouble("cannot write an address") }
    fputs(address, file)
    fclose(file)
    rename("\(sandbox.path)/new", "\(sandbox.path)/db")
  }
}
