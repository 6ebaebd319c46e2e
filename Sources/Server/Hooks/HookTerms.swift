import FleetState

/// Who wants to know of sockets' coming and going.
struct HookTerms {
  /// Somebody reads the stream for himself.
  var isStreamAsked = false
  var onConnect: WebhookURL?
  var onDisconnect: WebhookURL?

  var hasWebhooks: Bool { onConnect != nil || onDisconnect != nil }

  func url(for event: LifecycleEvent) -> WebhookURL? {
    switch event.kind {
    case .connect: onConnect
    case .disconnect: onDisconnect
    }
  }
}
