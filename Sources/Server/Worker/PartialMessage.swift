public import EventLoop
public import WireProtocol

/// The first part of a message waits in pages that outlive the worker.
extension Spill: MessageStore {}
