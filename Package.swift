// swift-tools-version: 6.3
import PackageDescription

// Arrows only point down: programs lean on effects, effects on pure targets, and each C module has one owner.
// `scripts/check` holds this file and every import to that.

let language: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableExperimentalFeature("Lifetimes"),
  .treatAllWarnings(as: .error),
]

// Overlapping accesses to a class' properties are looked for at run time in debug builds, which is what every test
// runs. In release builds these checks were 5 % of the CPU of an echo (6.7 to 6.4 µs).
let house =
  language + [
    .strictMemorySafety(),
    .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release)),
  ]

func pure(_ name: String, on dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: house)
}

func effect(_ name: String, on dependencies: [Target.Dependency]) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: house)
}

func program(_ name: String, on dependencies: [Target.Dependency], files: [Resource] = []) -> Target {
  .executableTarget(name: name, dependencies: dependencies, resources: files, swiftSettings: house)
}

func tests(_ name: String, on dependencies: [Target.Dependency] = []) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: [.target(name: name), "Bytes"] + dependencies,
    swiftSettings: house)
}

let package = Package(
  name: "sluice",
  products: [
    .executable(name: "wsserver", targets: ["Server"]),
    .executable(name: "wsload", targets: ["LoadGen"]),
    .executable(name: "wsconsole", targets: ["Console"]),
  ],
  targets: [
    // Pure: bytes and values in, values out. No Glibc, no clock, no socket.
    pure("Bytes"),
    pure("JSONText", on: ["Bytes"]),
    pure("CommandLine", on: ["Bytes"]),
    pure("TextUI", on: ["Bytes"]),
    pure("WireProtocol", on: ["Bytes"]),
    pure("Measurement", on: ["Bytes", "JSONText"]),
    pure("FleetState", on: ["Bytes", "JSONText"]),

    // Effects: the only ones that see a C library, each its own.
    effect("EventLoop", on: ["Bytes", "CLinux"]),
    effect("RedisClient", on: ["Bytes", "EventLoop", "FleetState", "TLS", "CHiredis"]),
    effect("TLS", on: ["Bytes", "COpenSSL"]),
    effect("Compression", on: ["Bytes", "WireProtocol", "CZlib"]),
    effect("Terminal", on: ["Bytes", "TextUI", "CTerminal"]),

    // Programs: wiring, policy, words for people. They meet in Redis and never import each other.
    program(
      "Server",
      on: [
        "Bytes", "EventLoop", "RedisClient", "TLS", "Compression", "WireProtocol", "FleetState",
        "Measurement", "CommandLine", "JSONText",
      ], files: [.embedInCode("Web/Assets")]),
    program(
      "LoadGen",
      on: [
        "Bytes", "EventLoop", "RedisClient", "TLS", "Compression", "WireProtocol", "FleetState",
        "Measurement", "CommandLine", "JSONText", "TextUI", "Terminal",
      ]),
    program(
      "Console",
      on: [
        "Bytes", "EventLoop", "RedisClient", "Terminal", "FleetState", "Measurement", "TextUI",
        "CommandLine", "JSONText",
      ]),

    // C: thin shims for what Swift cannot import. The linked libraries are named in the module maps.
    .target(name: "CLinux"),
    .target(name: "CTerminal"),
    .target(name: "CHiredis"),
    .target(name: "COpenSSL"),
    .target(name: "CZlib"),

    .testTarget(name: "BytesTests", dependencies: ["Bytes"], swiftSettings: house),
    tests("JSONText"),
    tests("CommandLine"),
    tests("TextUI"),
    tests("WireProtocol"),
    tests("Measurement", on: ["JSONText"]),
    tests("FleetState", on: ["JSONText"]),
    tests("EventLoop"),
    tests("RedisClient", on: ["EventLoop", "FleetState"]),
    tests("TLS"),
    tests("Compression", on: ["WireProtocol"]),
    tests("Terminal", on: ["TextUI"]),
    tests(
      "Server",
      on: ["CommandLine", "EventLoop", "WireProtocol", "FleetState", "JSONText", "RedisClient", "TLS"]),
    tests(
      "LoadGen",
      on: [
        "EventLoop", "Measurement", "WireProtocol", "FleetState", "JSONText", "TextUI", "CommandLine", "TLS",
      ]),
    tests("Console", on: ["TextUI", "FleetState", "CommandLine", "Terminal"]),
    // Real processes, a real Redis, and clients that share no code with the server.
    .testTarget(
      name: "EndToEndTests", dependencies: ["Server", "LoadGen", "Console", "CZlib"], swiftSettings: language),
  ],
  cLanguageStandard: .c11
)

// `scripts/fuzz` alone builds these: their `main` is libFuzzer's.
if Context.environment["SLUICE_FUZZ"] != nil {
  let delivery = Target.target(name: "Delivery", path: "Fuzz/Delivery", swiftSettings: house)
  func fuzzer(_ name: String, of dependencies: [Target.Dependency]) -> Target {
    .executableTarget(
      name: "Fuzz\(name)", dependencies: ["Delivery"] + dependencies, path: "Fuzz/\(name)",
      swiftSettings: house + [.unsafeFlags(["-parse-as-library"])])
  }
  package.targets += [
    delivery,
    fuzzer("Frames", of: ["Bytes", "WireProtocol", "Compression"]),
    fuzzer("Requests", of: ["Bytes", "WireProtocol"]),
    fuzzer("JSON", of: ["Bytes", "JSONText"]),
    fuzzer("Inflate", of: ["Bytes", "WireProtocol", "Compression"]),
    fuzzer("Replies", of: ["Bytes", "RedisClient"]),
    fuzzer("Entries", of: ["Bytes", "FleetState"]),
    fuzzer("Wishes", of: ["FleetState"]),
    fuzzer("Heads", of: ["Bytes", "WireProtocol"]),
  ]
}
