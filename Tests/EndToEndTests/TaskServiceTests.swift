import Glibc
import Testing

extension EndToEnd {
  /// The third older project: a service on Kubernetes that takes tasks in over REST, tells of them over WebSocket and
  /// loses none when its pod is terminated; by its README (inventory A10–A12, B7, C9, H21–H23, I1–I4, N6).
  @Suite(.serialized) struct TaskServiceTests {
    @Test("`POST /v1/create-task/` queues, the socket is told when it is done, `GET /v1/tasks/{id}` agrees")
    func task() throws {
      let server = try Server(workers: 2)
      let socket = try server.client("/ws/tasks")
      let reply = try server.http("POST", "/v1/create-task/", body: #"{"kind": "sleep", "payload": 0.1}"#)
      let id = try Server.member("task_id", of: reply.body)
      #expect(reply.body == #"{"task_id": "\#(id)", "message": "Task \#(id) Queued"}"#)
      for status in ["queued", "running", "done"] { #expect(try socket.event() == (id, status, "1")) }
      #expect(
        try server.http("GET", "/v1/tasks/\(id)").body.contains(
          #""status": "done", "message": "Task \#(id) Done""#))
      #expect(try server.http("GET", "/v1/get_queue_length/").body == #"{"task_lenth": 0}"#)
    }

    @Test("`http://localhost:8000/docs` shows how to ask for a task, in whichever browser")
    func docs() throws {
      let server = try Server(workers: 1)
      let page = try server.http("GET", "/docs")
      #expect(page.status == 200 && page.fields["content-type"]?.hasPrefix("text/html") == true)
      #expect(try server.http("GET", "/openapi.json").body.contains(#""/v1/create-task""#))
    }

    @Test(
      "the pod gets its SIGTERM: its sockets stay, `/v1/health` says so, a new task is refused, another pod does the rest"
    )
    func terminated() throws {
      let redis = try OutsideRedis()
      let pod = try Server(
        ["--redis", redis.url, "--host-id", "pod-1", "--drain-preset", "pod=20"], workers: 1)
      let socket = try pod.client("/ws/tasks")
      #expect(try pod.http("GET", "/v1/health").status == 200)
      let quick = try pod.task(#"{"kind": "sleep", "payload": 0.8}"#)
      let late = try pod.task(
        #"{"kind": "broadcast", "payload": {"message": "from the other pod", "delay": 3, "halls": ["ws"]}}"#)
      pod.program.signal(SIGTERM)
      try Deadline.until(5, "the pod is terminating") { try pod.http("GET", "/v1/health").status == 503 }
      #expect(
        try pod.http("GET", "/v1/health").body == #"{"status": "Service Under Graceful Shutdown"}"#)
      let refused = try pod.http("POST", "/v1/create-task/", body: #"{"kind": "sleep", "payload": 0}"#)
      #expect(refused.status == 503 && refused.fields["retry-after"] != nil)
      let other = try Server(["--redis", redis.url, "--host-id", "pod-2"], workers: 1)
      let listener = try other.client("/ws?notify=0")
      // Whoever is connected to the first one still hears of what that one has taken in.
      var status = ""
      while status != "done" {
        let event = try socket.event()
        if event.task == quick { status = event.status }
      }
      try socket.close()
      #expect(try pod.program.exitCode(within: 20, "nobody is left") == 0)
      #expect(try listener.text() == "from the other pod")
      try other.task(late, becomes: "done")
    }
  }
}
