import RedisClient
import TLS

/// A Lua script: sent by its digest, and whole where Redis does not know it yet.
struct Script {
  private let text: String
  private let digest: String

  init(_ text: String) {
    self.text = text
    let bytes = Array(text.utf8)
    digest = SHA1.digest(of: bytes.span).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }
      .joined()
  }

  func run(
    on redis: Redis, keys: [String], _ arguments: [String], then completion: @escaping Redis.Completion
  ) {
    let words = ["\(keys.count)"] + keys + arguments
    redis.send(["EVALSHA", digest] + words) { answer in
      guard case .failure(.refused(let refusal)) = answer, refusal.code == "NOSCRIPT" else {
        return completion(answer)
      }
      redis.send(["EVAL", text] + words, then: completion)
    }
  }
}
