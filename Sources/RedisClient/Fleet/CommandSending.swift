package import FleetState

extension Redis {
  /// Gives it to the fleet; `patience` from now, by Redis' clock, nobody carries it out any more.
  package func send(
    _ command: ControlCommand, within patience: Duration, to control: String,
    then completion: @escaping Completion
  ) {
    time { [weak self] now in
      switch now {
      case .failure(let error): completion(.failure(error))
      case .success(let now):
        var command = command
        command.deadline = now + patience.components.seconds * 1000
        let words = command.fields.list.flatMap { [$0.name, $0.value] }
        self?.send(["XADD", control, "*"] + words, then: completion)
      }
    }
  }
}
