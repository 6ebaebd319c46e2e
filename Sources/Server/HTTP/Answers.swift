import Bytes
import EventLoop
import FleetState
import WireProtocol

/// What each route answers. In: a request and the host's board. Out: a reply; nothing here waits.
final class Answers {
  struct Terms {
    var host: Name
    var offer = HandshakeOffer()
    /// Zero, or nothing, is never.
    var noticeEvery: [Hall: Duration] = [:]
    /// How often a socket of `sluice.v1` is given the means to come back anew.
    var renewalEvery = Duration.zero
    var entrance: Entrance?
    var hasMetrics = true
    /// Empty: whoever may not call is told so; nil: no token is needed.
    var admission = Admission.open
  }

  /// Set by the worker: whether a drain is on.
  var isDraining: () -> Bool = { false }
  /// `POST /broadcast`, once its caller may.
  var broadcast: ((Request, StreamID) -> Desk.Reply)?
  /// The routes about clients and groups, once their caller may.
  var clients: ((ClientsRoute, Request, StreamID) -> Desk.Reply)?
  /// Who looks after those who come with a name or a session.
  var porter: Porter?

  /// The routes of tasks, where their caller may.
  var tasks: ((TaskDesk.Ask, Request, StreamID) -> Desk.Reply)?
  var status: ((StreamID) -> Desk.Reply)?
  /// `POST /admin/…`, once its caller may.
  var admin: ((ControlCommand.Verb, Request, StreamID) -> Desk.Reply)?

  private let sockets: Sockets
  private let terms: Terms
  private let birth: Moment

  init(_ sockets: Sockets, terms: Terms) {
    self.sockets = sockets
    self.terms = terms
    birth = sockets.loop.now
  }

  func answer(_ request: Request, _ stream: StreamID) -> Desk.Reply {
    switch Route(request) {
    case .webSocket(let hall, let manner): webSocket(request, stream, hall, manner)
    case .client(let client): webSocket(request, stream, .clients, .both, as: client)
    case .clients(let route): aboutClients(route, request, stream)
    case .home: .now(varied(home()))
    case .file(.page): .now(varied(WebFile.page.response(to: request)))
    case .file(let file): .now(file.response(to: request))
    case .status: status?(stream) ?? .now(.text(.notFound, ""))
    case .admin(let verb): guarded(request) { admin?(verb, request, stream) ?? .now(.text(.notFound, "")) }
    case .health: .now(health())
    case .serviceHealth: .now(serviceHealth())
    case .readiness: .now(readiness())
    case .metrics: .now(terms.hasMetrics ? metrics() : .text(.notFound, "Metrics are switched off.\n"))
    case .broadcast: guarded(request) { broadcast?(request, stream) ?? .now(.text(.notFound, "")) }
    case .tasks(let ask) where ask.isGuarded: guarded(request) { tasks(ask, request, stream) }
    case .tasks(let ask): tasks(ask, request, stream)
    case .wrongMethod(let allowed):
      .now(request.method == .options ? options(allowed) : wrongMethod(allowed))
    case .badQuery(let reason), .badName(let reason): .now(.text(.badRequest, reason + "\n"))
    case .reservedName:
      .now(.text(.conflict, "chat, tasks and what begins with ~ are no names of clients.\n"))
    case .unknown: .now(.text(.notFound, "There is nothing here.\n"))
    }
  }

  // MARK: WebSockets

  private func webSocket(
    _ request: Request, _ stream: StreamID, _ hall: Hall, _ manner: Manner, as client: ClientID? = nil
  ) -> Desk.Reply {
    switch ServerHandshake.examine(request, offer: terms.offer) {
    case .notAnUpgrade: return .now(ServerHandshake.upgradeRequired)
    case .refused(let response):
      sockets.count(.handshake)
      return .now(response)
    case .accepted(let upgrade):
      if isDraining() { return .now(unavailable("This server is shutting down.\n")) }
      if let refusal = terms.entrance?.refusal(of: request) { return .now(refusal) }
      var opening = Opening(
        hall: hall, manner: manner, deflate: upgrade.deflate, noticeEvery: noticeInterval(request, hall))
      if upgrade.subprotocol == SluiceWish.subprotocol, !opening.speakSluice(renewedEvery: terms.renewalEvery)
      {
        return .now(unavailable("There is no randomness for a session.\n"))
      }
      if let porter {
        // Who speaks `sluice.v1` has a session of its own kind, which nobody else can name.
        if hall == .chat, !opening.isSluice { return porter.chat(request, upgrade, opening, stream) }
        if let client {
          let isFull = terms.entrance?.isFull ?? false
          return porter.client(client, request, upgrade, opening, stream, isFull: isFull)
        }
      }
      if hall == .tasks {
        opening.groups.append(TasksHall.membership(of: request.target.first("task_id").flatMap { Name($0) }))
      }
      return .upgrade(upgrade, opening)
    }
  }

  private func aboutClients(_ route: ClientsRoute, _ request: Request, _ stream: StreamID) -> Desk.Reply {
    let answer = { [clients] in clients?(route, request, stream) ?? .now(.text(.notFound, "")) }
    return route.isGuarded ? guarded(request, answer) : answer()
  }

  /// `?notify=0` turns this socket's notices off, `?notify=3` has one every three seconds.
  private func noticeInterval(_ request: Request, _ hall: Hall) -> Duration {
    let standard = terms.noticeEvery[hall] ?? .zero
    guard hall == .ws, let text = request.target.first("notify"), let seconds = Int(text),
      (0...86_400).contains(seconds)
    else { return standard }
    return .seconds(seconds)
  }

  private func unavailable(_ text: String) -> Response {
    Response.text(.serviceUnavailable, text).retrying(after: 2)
  }

  private func tasks(_ ask: TaskDesk.Ask, _ request: Request, _ stream: StreamID) -> Desk.Reply {
    tasks?(ask, request, stream) ?? .now(.text(.notFound, ""))
  }

  // MARK: Figures

  /// A global count that nobody knows is `null`, never a guess.
  private func home() -> Response {
    let local = sockets.count
    let global = sockets.board.globalSockets(at: sockets.loop.now)
    let status = global == nil || sockets.board.redisHealth != .up ? "degraded" : "ok"
    return .json(
      """
      {"status": "\(status)", "local_active_connections": \(local), \
      "global_active_connections": \(global.map { String($0) } ?? "null")}
      """)
  }

  /// `/` is one thing for a browser and another for a tool.
  private func varied(_ response: Response) -> Response {
    var response = response
    response.fields.append(HeaderField("Vary", "Accept"))
    return response
  }

  private func serviceHealth() -> Response {
    isDraining()
      ? .json("{\"status\": \"Service Under Graceful Shutdown\"}", .serviceUnavailable)
      : .json("{\"status\": \"healthy\"}")
  }

  private func health() -> Response {
    .json("{\"status\": \"healthy\", \"timestamp\": \"\(timestamp)\", \"uptime\": \(uptime)}")
  }

  private func readiness() -> Response {
    if isDraining() {
      return .json(
        "{\"status\": \"not_ready\", \"timestamp\": \"\(timestamp)\", \"ready\": false, \"shutting_down\": true}",
        .serviceUnavailable)
    }
    // It serves without Redis, too; whoever asks is told what is wrong with it.
    let health = sockets.board.redisHealth
    let redis = health == .up ? "" : ", \"redis\": \"\(health.rawValue)\""
    return .json(
      "{\"status\": \"ready\", \"timestamp\": \"\(timestamp)\", \"ready\": true, \"shutting_down\": false\(redis)}"
    )
  }

  private func metrics() -> Response {
    .typed(
      "text/plain; version=0.0.4; charset=utf-8", .ok,
      MetricsPage.render(
        sockets.board, host: terms.host, mostSockets: terms.entrance?.most, now: sockets.loop.now))
  }

  private var timestamp: Timestamp { Timestamp(unixNanoseconds: WallClock.unixNanoseconds) }

  private var uptime: String {
    let milliseconds = sockets.loop.now.nanoseconds(since: birth) / 1_000_000
    let fraction = String(milliseconds % 1000)
    return "\(milliseconds / 1000).\(String(repeating: "0", count: 3 - fraction.utf8.count))\(fraction)"
  }

  // MARK: Who may call

  /// What changes something outside the caller's own socket needs the token (CONTRACT 2).
  private func guarded(_ request: Request, _ body: () -> Desk.Reply) -> Desk.Reply {
    let fields = request.fields
    return
      switch terms.admission.judge(fields["Authorization"], origin: fields["Origin"], host: fields["Host"])
    {
    case .welcome: body()
    case .unknown:
      .now(refusal(.unauthorized, "Authorization: Bearer <admin_token> is needed here.\n"))
    case .foreign: .now(foreign())
    case .closed:
      .now(
        .text(.forbidden, "This server listens publicly without an admin_token, so this route is off.\n"))
    }
  }

  private func foreign() -> Response {
    sockets.count(.foreignOrigin)
    return .text(.forbidden, "A page from elsewhere needs the admin token here.\n")
  }

  private func refusal(_ status: HTTPStatus, _ text: String) -> Response {
    var response = Response.text(status, text)
    response.fields.append(HeaderField("WWW-Authenticate", "Bearer"))
    return response
  }

  private func wrongMethod(_ allowed: String) -> Response {
    var response = Response.text(.methodNotAllowed, "This route takes \(allowed).\n")
    response.fields.append(HeaderField("Allow", allowed + ", OPTIONS"))
    return response
  }

  private func options(_ allowed: String) -> Response {
    Response(.noContent, fields: [HeaderField("Allow", allowed + ", OPTIONS")])
  }
}
