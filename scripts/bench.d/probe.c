// The measuring client, the same for both servers. One thread, one epoll; one line of key=value pairs on output.
//
//   probe echo    HOST PORT PATH SOCKETS SIZE SECONDS        each socket always has one message under way
//   probe fan     HOST PORT PATH SUBSCRIBERS PUBLISHERS RATE|back-to-back SECONDS
//   probe connect HOST PORT PATH COUNT                       handshakes, 256 under way at once
//   probe idle    HOST PORT PATH COUNT                       what a silent socket holds in user memory (ask a
//                                                            fresh server: pages once used are not given back)
//   probe start   HOST PORT PATH COMMAND…                    from exec to the first answered handshake
//
// Options come first:
//   --pids A,B    the server's processes: their CPU and memory are reported per message
//   --beside A,B  others that work along (Redis): reported beside, never added
//   --text        echo text instead of binary
//   --size N      bytes of a published message (64)

#define _GNU_SOURCE
#include "gauge.h"
#include "swarm.h"

#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WARM_UP_NS = 300000000, SETTLE_NS = 1000000000, WINDOW = 16, WINDOW_BYTES = 1 << 16 };

static const uint8_t key[4] = {0x21, 0x9B, 0x44, 0xE7};
static const char *host, *port, *path;
static struct processes server, beside;
static bool as_text;
static size_t published_size = 64;
static struct swarm swarm;

static struct run {
  struct latency latency;
  uint64_t begun, cpu, beside_cpu, wrong;
} run;

static void start_measuring(void) {
  run = (struct run){.begun = now_ns(), .cpu = processes_cpu_ns(&server), .beside_cpu = processes_cpu_ns(&beside)};
}

static void fail(const char *why) {
  fprintf(stderr, "probe: %s (%zu of %zu sockets open)\n", why, swarm.open, swarm.opened);
  exit(3);
}

static size_t number(const char *word, size_t least) {
  char *end;
  unsigned long value = strtoul(word, &end, 10);
  if (*end || value < least || value > 100000000) fprintf(stderr, "probe: %s is no fit number\n", word), exit(2);
  return value;
}

static void report(const char *what, uint64_t count) {
  double seconds = (double)(now_ns() - run.begun) / 1e9, each = count > 0 ? (double)count : 1;
  double cpu = (double)(processes_cpu_ns(&server) - run.cpu) / 1e3;
  double other = (double)(processes_cpu_ns(&beside) - run.beside_cpu) / 1e3;
  printf("%s=%" PRIu64 " seconds=%.2f per_second=%.0f cpu_us=%.3f beside_us=%.3f busy=%.2f", what, count, seconds,
         each / seconds, cpu / each, other / each, cpu / 1e6 / seconds);
  if (run.latency.count > 0)
    printf(" p50_us=%.0f p99_us=%.0f p999_us=%.0f max_us=%.0f", latency_us(&run.latency, 0.5),
           latency_us(&run.latency, 0.99), latency_us(&run.latency, 0.999), latency_us(&run.latency, 1));
  printf(" wrong=%" PRIu64 " lost_sockets=%zu\n", run.wrong, swarm.failed);
}

static void open_swarm(size_t count) {
  swarm_init(&swarm, host, port, path, count);
  if (!swarm_open(&swarm, count)) fail("could not open every socket");
}

// Builds one masked frame of `size` bytes, all 'x'; returns its size on the wire.
static size_t build_frame(uint8_t *out, uint8_t opcode, const char *stamp, size_t size) {
  size_t header = frame_write_header(out, FRAME_FIN | opcode, size, key);
  uint8_t *payload = out + header;
  memset(payload, 'x', size);
  if (stamp) memcpy(payload, stamp, size < STAMP_SIZE ? size : STAMP_SIZE);
  frame_mask(payload, payload, size, key);
  return header + size;
}

static struct echo {
  uint8_t *frame;
  size_t wire, size;
} echo;

static void send_echo(struct member *member) {
  member->sent_at = now_ns();
  swarm_send(&swarm, member, echo.frame, echo.wire);
}

// A text may come back behind a prefix ("echo: "), so its length may be more than was sent.
static void on_echo(struct swarm *_, struct member *member) {
  (void)_;
  latency_record(&run.latency, now_ns() - member->sent_at);
  if (member->frame.length < echo.size || (!as_text && member->frame.length > echo.size)) run.wrong++;
  send_echo(member);
}

static void run_for(uint64_t nanoseconds) {
  uint64_t end = now_ns() + nanoseconds;
  while (now_ns() < end) swarm_turn(&swarm, 10000000);
}

static void ignore(struct swarm *_, struct member *member) {
  (void)_, (void)member;
}

static void measure_echo(char **words) {
  size_t sockets = number(words[0], 1), size = number(words[1], 1), seconds = number(words[2], 1);
  echo.frame = malloc(size + FRAME_HEADER_MAX);
  if (!echo.frame) fail("out of memory");
  echo.size = size;
  echo.wire = build_frame(echo.frame, as_text ? FRAME_TEXT : FRAME_BINARY, NULL, size);
  swarm.on_message = on_echo;
  open_swarm(sockets);
  for (size_t i = 0; i < sockets; i++) send_echo(&swarm.members[i]);
  run_for(WARM_UP_NS);
  start_measuring();
  run_for(seconds * 1000000000u);
  report("messages", run.latency.count);
}

// Each message carries, in hexadecimal, when it was due; a delivery's latency counts from there.
static void on_delivery(struct swarm *_, struct member *member) {
  (void)_;
  char text[STAMP_SIZE + 1] = {0}, *end;
  memcpy(text, member->stamp, STAMP_SIZE);
  uint64_t due = strtoull(text, &end, 16), now = now_ns();
  if (end != text + STAMP_SIZE || due > now || member->frame.length != published_size) run.wrong++;
  else latency_record(&run.latency, now - due);
}

static void publish(struct member *member, uint8_t *batch, uint64_t due, uint64_t step, size_t count) {
  size_t size = 0;
  for (size_t i = 0; i < count; i++) {
    char stamp[STAMP_SIZE + 1];
    snprintf(stamp, sizeof stamp, "%016" PRIx64, due + i * step);
    size += build_frame(batch + size, FRAME_TEXT, stamp, published_size);
  }
  swarm_send(&swarm, member, batch, size);
}

// At a rate the due times are fixed in advance. Back to back a window is kept full: the next messages follow
// as soon as all receivers have the ones before, so no receiver is ever slow by our doing.
static void publish_until(uint64_t end, size_t publishers, size_t rate, uint8_t *batches) {
  uint64_t begun = now_ns(), sent = 0, recorded = run.latency.count + run.wrong;
  for (uint64_t now; (now = now_ns()) < end;) {
    size_t audience = swarm.open - 1, turn = (size_t)(sent % publishers);
    struct member *member = &swarm.members[turn];
    uint8_t *batch = batches + turn * WINDOW_BYTES;
    uint64_t delivered = (run.latency.count + run.wrong - recorded) / (audience ? audience : 1);
    uint64_t due = rate ? (now - begun) * rate / 1000000000u : delivered + WINDOW;
    uint64_t step = rate ? 1000000000u / rate : 0, wait = 10000000;
    uint64_t room = WINDOW_BYTES / (published_size + FRAME_HEADER_MAX), count = due > sent ? due - sent : 0;
    if (count > room) count = room;
    if (count > 0 && member->unsent_count == 0) {
      publish(member, batch, rate ? begun + (sent + 1) * step : now, step, (size_t)count);
      sent += count;
    }
    if (rate) {
      uint64_t next = begun + (sent + 1) * step;
      wait = next > now ? next - now : 0;
    }
    swarm_turn(&swarm, wait < 10000000 ? wait : 10000000);
  }
}

static void measure_fan(char **words) {
  size_t subscribers = number(words[0], 1), publishers = number(words[1], 1);
  size_t rate = strcmp(words[2], "back-to-back") == 0 ? 0 : number(words[2], 1), seconds = number(words[3], 1);
  uint8_t *batches = malloc(publishers * WINDOW_BYTES);
  if (!batches) fail("out of memory");
  if (published_size < STAMP_SIZE || published_size > WINDOW_BYTES / WINDOW / 2) fail("--size must be 16…2048");
  swarm.on_message = on_delivery;
  open_swarm(subscribers + publishers);
  publish_until(now_ns() + WARM_UP_NS, publishers, rate, batches);
  run_for(WARM_UP_NS);  // what is under way arrives
  start_measuring();
  publish_until(now_ns() + seconds * 1000000000u, publishers, rate, batches);
  report("deliveries", run.latency.count);
  free(batches);
}

static void measure_connect(char **words) {
  size_t count = number(words[0], 1);
  swarm.on_message = ignore;
  start_measuring();
  open_swarm(count);
  report("handshakes", count);
}

static void measure_idle(char **words) {
  size_t count = number(words[0], 1), first = count / 10 + 1;
  swarm.on_message = ignore;
  swarm_init(&swarm, host, port, path, first + count);
  if (!swarm_open(&swarm, first)) fail("could not open every socket");  // what is paid once is paid here
  run_for(SETTLE_NS);
  uint64_t before = processes_memory_bytes(&server);
  if (!swarm_open(&swarm, count)) fail("could not open every socket");
  run_for(SETTLE_NS);
  double grown = (double)processes_memory_bytes(&server) - (double)before;
  printf("sockets=%zu bytes_per_socket=%.0f lost_sockets=%zu\n", count, grown / (double)count, swarm.failed);
}

static void measure_start(char **words) {
  uint64_t begun = now_ns(), deadline = begun + 20000000000u;
  pid_t child = fork();
  if (child < 0) fail("cannot fork");
  if (child == 0) {
    if (!freopen("/dev/null", "w", stdout)) _exit(127);
    execvp(words[0], words);
    _exit(127);
  }
  swarm.on_message = ignore;
  bool answered = false;
  while (!answered && now_ns() < deadline && waitpid(child, NULL, WNOHANG) == 0) {
    swarm = (struct swarm){.on_message = ignore};
    swarm_init(&swarm, host, port, path, 1);
    answered = swarm_open(&swarm, 1);
    if (!answered) usleep(200), close(swarm.poller), free(swarm.members);
  }
  double milliseconds = (double)(now_ns() - begun) / 1e6;
  swarm_close(&swarm);
  kill(child, SIGTERM);
  waitpid(child, NULL, 0);
  if (!answered) fail("the server never answered");
  printf("ready_ms=%.1f\n", milliseconds);
}

// What is still under way comes in first, so that no goodbye lands in the middle of a frame.
static void part(void) {
  if (swarm.open == 0) return;
  swarm.on_message = ignore;
  run_for(WARM_UP_NS);
  swarm_close(&swarm);
}

static const struct mode {
  const char *name;
  int words;  // after HOST PORT PATH; -1 for "one or more"
  void (*measure)(char **words);
} modes[] = {{"echo", 3, measure_echo},   {"fan", 4, measure_fan},    {"connect", 1, measure_connect},
             {"idle", 1, measure_idle},   {"start", -1, measure_start}};

static int usage(void) {
  fputs("usage: probe echo|fan|connect|idle|start HOST PORT PATH … [--pids A,B] [--beside A] [--text] [--size N]\n",
        stderr);
  return 2;
}

static void read_options(int count, char **words) {
  static const struct option options[] = {{"pids", required_argument, NULL, 'p'},
                                          {"beside", required_argument, NULL, 'b'},
                                          {"size", required_argument, NULL, 's'},
                                          {"text", no_argument, NULL, 't'},
                                          {0}};
  for (int option; (option = getopt_long(count, words, "+", options, NULL)) != -1;) {
    switch (option) {
      case 'p': server = processes_parse(optarg); break;
      case 'b': beside = processes_parse(optarg); break;
      case 's': published_size = number(optarg, STAMP_SIZE); break;
      case 't': as_text = true; break;
      default: exit(usage());
    }
  }
}

int main(int count, char **words) {
  read_options(count, words);
  words += optind;
  count -= optind;
  if (count < 5) return usage();
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  host = words[1], port = words[2], path = words[3];
  for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
    if (strcmp(modes[i].name, words[0]) != 0) continue;
    if (modes[i].words >= 0 ? count - 4 != modes[i].words : count < 5) return usage();
    modes[i].measure(words + 4);
    part();
    return 0;
  }
  return usage();
}
