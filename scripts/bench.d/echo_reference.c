// The yardstick: what a WebSocket server costs when it does nothing but echo and fan out.
//
//   echo_reference PORT        0 takes a free port; the first line of output is the port
//
// One thread, level-triggered epoll, one write per read turn. No Redis, no limits, no counters, no UTF-8 check.
// Path `/fan…`: each frame goes to all the others there. Any other path: each frame comes back.

#define _GNU_SOURCE
#include "frame.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MESSAGE_MAX = 1 << 20, READ_SIZE = 256 << 10, HEAD_MAX = 8 << 10, ACCEPT_BATCH = 64, EVENTS = 256 };

struct bytes {
  uint8_t *data;
  size_t count, capacity;
};

struct peer {
  bool upgraded, fan, leaving;
  size_t fan_index;
  struct bytes in;   // an unfinished head or frame
  struct bytes out;  // what the kernel would not take
};

static int poller;
static struct peer *peers;  // by descriptor
static int *fan;            // the descriptors on `/fan`
static size_t fan_count;
static struct bytes turn;   // what one read turn says
static uint8_t scratch[READ_SIZE];

static void die(const char *what) {
  perror(what);
  exit(1);
}

static void reserve(struct bytes *bytes, size_t extra) {
  if (bytes->capacity - bytes->count >= extra) return;
  size_t wanted = bytes->count + extra;
  if (wanted < bytes->capacity * 2) wanted = bytes->capacity * 2;
  bytes->data = realloc(bytes->data, wanted);
  if (!bytes->data) die("realloc");
  bytes->capacity = wanted;
}

static void append(struct bytes *bytes, const void *data, size_t count) {
  reserve(bytes, count);
  memcpy(bytes->data + bytes->count, data, count);
  bytes->count += count;
}

static void release(struct bytes *bytes) {
  free(bytes->data);
  *bytes = (struct bytes){0};
}

// Keeps what lies behind the first `count` bytes; an empty buffer costs nothing.
static void drop_first(struct bytes *bytes, size_t count) {
  bytes->count -= count;
  if (bytes->count == 0) release(bytes);
  else memmove(bytes->data, bytes->data + count, bytes->count);
}

static void watch(int fd, int operation, uint32_t events) {
  struct epoll_event event = {.events = events, .data.fd = fd};
  if (epoll_ctl(poller, operation, fd, &event) < 0) die("epoll_ctl");
}

static void drop(int fd) {
  struct peer *peer = &peers[fd];
  if (peer->fan) {
    fan[peer->fan_index] = fan[--fan_count];
    peers[fan[peer->fan_index]].fan_index = peer->fan_index;
  }
  release(&peer->in);
  release(&peer->out);
  *peer = (struct peer){0};
  close(fd);
}

// Sends now what the kernel takes and keeps the rest. A dead socket is left to its own epoll event.
static void say(int fd, const uint8_t *data, size_t count) {
  struct peer *peer = &peers[fd];
  ssize_t sent = 0;
  if (peer->out.count == 0) {
    sent = send(fd, data, count, MSG_NOSIGNAL);
    if (sent < 0) {
      if (errno != EAGAIN) return;
      sent = 0;
    }
    if ((size_t)sent == count) return;
    watch(fd, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
  }
  append(&peer->out, data + sent, count - (size_t)sent);
}

static void on_writable(int fd) {
  struct peer *peer = &peers[fd];
  ssize_t sent = send(fd, peer->out.data, peer->out.count, MSG_NOSIGNAL);
  if (sent < 0) return;
  drop_first(&peer->out, (size_t)sent);
  if (peer->out.count > 0) return;
  if (peer->leaving) drop(fd);
  else watch(fd, EPOLL_CTL_MOD, EPOLLIN);
}

static void accept_key(const char *key, size_t length, char answer[32]) {
  static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  uint8_t text[128], digest[SHA_DIGEST_LENGTH];
  memcpy(text, key, length);
  memcpy(text + length, guid, sizeof guid - 1);
  SHA1(text, length + sizeof guid - 1, digest);
  EVP_EncodeBlock((unsigned char *)answer, digest, sizeof digest);
}

// Answers the handshake once the head is whole. Returns the bytes taken, 0 for "more", -1 for "not for us".
static ssize_t upgrade(int fd, const uint8_t *data, size_t count) {
  static const char field[] = "\r\nsec-websocket-key:";
  const char *end = memmem(data, count, "\r\n\r\n", 4);
  if (!end) return count < HEAD_MAX ? 0 : -1;
  size_t length = (size_t)(end - (const char *)data) + 4;
  char head[HEAD_MAX + 1];
  if (length > HEAD_MAX) return -1;
  memcpy(head, data, length);
  head[length] = 0;

  const char *key = strcasestr(head, field);
  if (!key || strncmp(head, "GET ", 4) != 0) return -1;
  key += sizeof field - 1;
  key += strspn(key, " ");
  size_t key_length = strcspn(key, " \r");
  if (key_length > 64) return -1;
  char accept[32], answer[192];
  accept_key(key, key_length, accept);
  int size = snprintf(answer, sizeof answer,
                      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                      "Sec-WebSocket-Accept: %s\r\n\r\n", accept);
  struct peer *peer = &peers[fd];
  peer->upgraded = true;
  if (strncmp(head + 4, "/fan", 4) == 0) {
    peer->fan = true;
    peer->fan_index = fan_count;
    fan[fan_count++] = fd;
  }
  say(fd, (const uint8_t *)answer, (size_t)size);
  return (ssize_t)length;
}

static void put_frame(uint8_t first, const uint8_t *masked, size_t length, const uint8_t key[4]) {
  reserve(&turn, FRAME_HEADER_MAX + length);
  turn.count += frame_write_header(turn.data + turn.count, first, length, NULL);
  frame_mask(turn.data + turn.count, masked, length, key);
  turn.count += length;
}

// Renders the answer to each whole frame into `turn`. Returns the bytes taken, -1 when the socket must go.
static ssize_t take_frames(int fd, const uint8_t *data, size_t count) {
  struct peer *peer = &peers[fd];
  struct frame frame;
  size_t at = 0;
  while (!peer->leaving && frame_read(data + at, count - at, &frame)) {
    if (!frame.masked || (frame.first & FRAME_RESERVED) || frame.length > MESSAGE_MAX) return -1;
    if (count - at - frame.header < frame.length) break;
    const uint8_t *payload = data + at + frame.header;
    at += frame.header + frame.length;
    switch (frame.first & 0x0F) {
      case FRAME_PONG: continue;
      case FRAME_PING: frame.first = FRAME_FIN | FRAME_PONG; break;
      case FRAME_CLOSE: peer->leaving = true; break;
      default: break;
    }
    put_frame(frame.first, payload, frame.length, frame.key);
  }
  return (ssize_t)at;
}

static void deliver(int fd) {
  struct peer *peer = &peers[fd];
  if (peer->fan && !peer->leaving) {
    for (size_t i = 0; i < fan_count; i++)
      if (fan[i] != fd) say(fan[i], turn.data, turn.count);
  } else {
    say(fd, turn.data, turn.count);
  }
  turn.count = 0;
}

static void on_readable(int fd) {
  struct peer *peer = &peers[fd];
  bool fresh = peer->in.count == 0;
  if (!fresh) reserve(&peer->in, READ_SIZE / 4);
  uint8_t *into = fresh ? scratch : peer->in.data + peer->in.count;
  ssize_t count = recv(fd, into, fresh ? READ_SIZE : peer->in.capacity - peer->in.count, 0);
  if (count < 0 && errno == EAGAIN) return;
  if (count <= 0) return drop(fd);
  if (!fresh) peer->in.count += (size_t)count;

  const uint8_t *data = fresh ? scratch : peer->in.data;
  size_t held = fresh ? (size_t)count : peer->in.count, taken = 0;
  if (!peer->upgraded) {
    ssize_t head = upgrade(fd, data, held);
    if (head < 0) return drop(fd);
    taken = (size_t)head;
  }
  if (peer->upgraded) {
    ssize_t frames = take_frames(fd, data + taken, held - taken);
    if (frames < 0) return turn.count = 0, drop(fd);
    taken += (size_t)frames;
  }
  if (fresh && taken < held) append(&peer->in, data + taken, held - taken);
  if (!fresh) drop_first(&peer->in, taken);
  if (turn.count > 0) deliver(fd);
  if (peer->leaving && peer->out.count == 0) drop(fd);
}

static void on_connection(int listener, size_t limit) {
  for (int i = 0; i < ACCEPT_BATCH; i++) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    if ((size_t)fd >= limit) {
      close(fd);
      return;
    }
    int yes = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    watch(fd, EPOLL_CTL_ADD, EPOLLIN);
  }
}

static int listen_on(uint16_t port) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), yes = 1;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  if (fd < 0) die("socket");
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (bind(fd, (struct sockaddr *)&address, size) < 0) die("bind");
  if (listen(fd, 4096) < 0) die("listen");
  getsockname(fd, (struct sockaddr *)&address, &size);
  printf("%u\n", ntohs(address.sin_port));
  fflush(stdout);
  return fd;
}

int main(int count, char **words) {
  if (count != 2) return fputs("usage: echo_reference PORT\n", stderr), 2;
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  peers = calloc(files.rlim_cur, sizeof *peers);
  fan = calloc(files.rlim_cur, sizeof *fan);
  poller = epoll_create1(EPOLL_CLOEXEC);
  if (!peers || !fan || poller < 0) die("start");
  int listener = listen_on((uint16_t)atoi(words[1]));
  watch(listener, EPOLL_CTL_ADD, EPOLLIN);

  struct epoll_event events[EVENTS];
  for (;;) {
    int ready = epoll_wait(poller, events, EVENTS, -1);
    if (ready < 0 && errno != EINTR) die("epoll_wait");
    for (int i = 0; i < ready; i++) {
      int fd = events[i].data.fd;
      if (fd == listener) on_connection(listener, files.rlim_cur);
      else if ((events[i].events & EPOLLOUT) && peers[fd].out.count > 0) on_writable(fd);
      else on_readable(fd);
    }
  }
}
