#define _GNU_SOURCE
#include "swarm.h"

#include "gauge.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { READ_SIZE = 256 << 10, EVENTS = 512, PER_SOURCE = 4096, SOURCES = 32 };

static const uint8_t key[4] = {0x5A, 0xC3, 0x17, 0x8E};
static uint8_t scratch[READ_SIZE];

static void die(const char *what) {
  perror(what);
  exit(3);
}

void swarm_init(struct swarm *swarm, const char *host, const char *port, const char *path, size_t count) {
  swarm->target = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
  if (inet_pton(AF_INET, host, &swarm->target.sin_addr) != 1) {
    fprintf(stderr, "probe: %s is no IPv4 address\n", host);
    exit(2);
  }
  int size = snprintf(swarm->request, sizeof swarm->request,
                      "GET %s HTTP/1.1\r\nHost: %s:%s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
                      path, host, port);
  if (size < 0 || (size_t)size >= sizeof swarm->request) fputs("probe: the path is too long\n", stderr), exit(2);
  swarm->request_size = (size_t)size;
  swarm->members = calloc(count, sizeof *swarm->members);
  swarm->count = count;
  swarm->poller = epoll_create1(EPOLL_CLOEXEC);
  if (!swarm->members || swarm->poller < 0) die("start");
}

static void watch(struct swarm *swarm, struct member *member, int operation, uint32_t events) {
  struct epoll_event event = {.events = events, .data.ptr = member};
  if (epoll_ctl(swarm->poller, operation, member->fd, &event) < 0) die("epoll_ctl");
}

static void lose(struct swarm *swarm, struct member *member) {
  if (member->phase == MEMBER_OPEN) swarm->open--;
  member->phase = MEMBER_CLOSED;
  swarm->failed++;
  close(member->fd);
}

// One address has 28,000 ports; a loopback has many addresses. The port is chosen at connect, per target.
static void bind_source(int fd, size_t index) {
  uint32_t host = (uint32_t)INADDR_LOOPBACK + 1 + (uint32_t)(index / PER_SOURCE % SOURCES);
  struct sockaddr_in source = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(host)};
  int yes = 1;
  setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof yes);
  if (bind(fd, (struct sockaddr *)&source, sizeof source) < 0) die("bind");
}

static void begin(struct swarm *swarm, struct member *member) {
  int yes = 1;
  member->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (member->fd < 0) die("socket");
  setsockopt(member->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  if ((ntohl(swarm->target.sin_addr.s_addr) >> 24) == 127) bind_source(member->fd, swarm->opened);
  swarm->opened++;
  member->phase = MEMBER_CONNECTING;
  if (connect(member->fd, (struct sockaddr *)&swarm->target, sizeof swarm->target) < 0 && errno != EINPROGRESS)
    return lose(swarm, member);
  watch(swarm, member, EPOLL_CTL_ADD, EPOLLOUT);
}

bool swarm_open(struct swarm *swarm, size_t count) {
  uint64_t deadline = now_ns() + 60000000000u;
  size_t goal = swarm->opened + count;
  while (swarm->open + swarm->failed < goal && now_ns() < deadline) {
    while (swarm->opened < goal && swarm->opened - swarm->open - swarm->failed < OPENING_WINDOW)
      begin(swarm, &swarm->members[swarm->opened]);
    swarm_turn(swarm, 100000000);
  }
  return swarm->open == goal;
}

void swarm_send(struct swarm *swarm, struct member *member, const uint8_t *bytes, size_t count) {
  ssize_t sent = send(member->fd, bytes, count, MSG_NOSIGNAL);
  if (sent < 0 && errno != EAGAIN) return;
  if (sent < 0) sent = 0;
  if (member->unsent_count == 0 && (size_t)sent < count) watch(swarm, member, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
  if (member->unsent_count > 0 && (size_t)sent == count) watch(swarm, member, EPOLL_CTL_MOD, EPOLLIN);
  member->unsent = bytes + sent;
  member->unsent_count = count - (size_t)sent;
}

static void on_writable(struct swarm *swarm, struct member *member) {
  if (member->phase == MEMBER_OPEN) return swarm_send(swarm, member, member->unsent, member->unsent_count);
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(member->fd, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error) return lose(swarm, member);
  ssize_t sent = send(member->fd, swarm->request, swarm->request_size, MSG_NOSIGNAL);
  if (sent != (ssize_t)swarm->request_size) return lose(swarm, member);
  member->phase = MEMBER_GREETING;
  watch(swarm, member, EPOLL_CTL_MOD, EPOLLIN);
}

// Reads up to the empty line. Returns the bytes taken; the answer must have been 101.
static size_t take_head(struct swarm *swarm, struct member *member, const uint8_t *bytes, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (member->header_held < 12) member->header[member->header_held++] = bytes[i];
    member->head_tail = member->head_tail << 8 | bytes[i];
    if (member->head_tail != 0x0D0A0D0A) continue;
    if (memcmp(member->header, "HTTP/1.1 101", 12) != 0) return lose(swarm, member), count;
    member->header_held = 0;
    member->phase = MEMBER_OPEN;
    swarm->open++;
    return i + 1;
  }
  return count;
}

static void finish_frame(struct swarm *swarm, struct member *member) {
  uint8_t answer[FRAME_HEADER_MAX];
  member->in_payload = false;
  member->header_held = 0;
  switch (member->frame.first & 0x0F) {
    case FRAME_PING:  // an empty pong is enough to stay alive, and so are data under way
      if (member->unsent_count == 0)
        send(member->fd, answer, frame_write_header(answer, FRAME_FIN | FRAME_PONG, 0, key), MSG_NOSIGNAL);
      break;
    case FRAME_PONG: break;
    case FRAME_CLOSE: lose(swarm, member); break;
    default: swarm->on_message(swarm, member);
  }
}

static void take_frames(struct swarm *swarm, struct member *member, const uint8_t *bytes, size_t count) {
  size_t at = 0;
  while (at < count && member->phase == MEMBER_OPEN) {
    if (!member->in_payload) {
      member->header[member->header_held++] = bytes[at++];
      if (!frame_read(member->header, member->header_held, &member->frame)) continue;
      member->in_payload = true;
      member->taken = 0;
    }
    uint64_t left = member->frame.length - member->taken;
    size_t part = left < count - at ? (size_t)left : count - at;
    for (size_t i = 0; i < part && member->taken + i < STAMP_SIZE; i++)
      member->stamp[member->taken + i] = (char)bytes[at + i];
    at += part;
    member->taken += part;
    if (member->taken == member->frame.length) finish_frame(swarm, member);
  }
}

static void on_readable(struct swarm *swarm, struct member *member) {
  ssize_t count = recv(member->fd, scratch, sizeof scratch, 0);
  if (count < 0 && errno == EAGAIN) return;
  if (count <= 0) return lose(swarm, member);
  size_t taken = 0;
  if (member->phase == MEMBER_GREETING) taken = take_head(swarm, member, scratch, (size_t)count);
  take_frames(swarm, member, scratch + taken, (size_t)count - taken);
}

void swarm_turn(struct swarm *swarm, uint64_t timeout_ns) {
  struct epoll_event events[EVENTS];
  struct timespec timeout = {.tv_sec = (time_t)(timeout_ns / 1000000000u), .tv_nsec = (long)(timeout_ns % 1000000000u)};
  int ready = epoll_pwait2(swarm->poller, events, EVENTS, &timeout, NULL);
  for (int i = 0; i < ready; i++) {
    struct member *member = events[i].data.ptr;
    if ((events[i].events & (EPOLLOUT | EPOLLERR)) && member->phase != MEMBER_CLOSED)
      if (member->phase == MEMBER_CONNECTING || member->unsent_count > 0) on_writable(swarm, member);
    if ((events[i].events & ~(uint32_t)EPOLLOUT) && member->phase > MEMBER_CONNECTING) on_readable(swarm, member);
  }
}

void swarm_close(struct swarm *swarm) {
  uint8_t bye[FRAME_HEADER_MAX + 2];
  size_t header = frame_write_header(bye, FRAME_FIN | FRAME_CLOSE, 2, key);
  frame_mask(bye + header, (const uint8_t[]){1000 >> 8, 1000 & 0xFF}, 2, key);
  for (size_t i = 0; i < swarm->opened; i++)
    if (swarm->members[i].phase == MEMBER_OPEN) send(swarm->members[i].fd, bye, header + 2, MSG_NOSIGNAL);
  uint64_t deadline = now_ns() + 2000000000u;
  while (swarm->open > 0 && now_ns() < deadline) swarm_turn(swarm, 50000000);
}
