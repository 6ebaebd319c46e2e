// Many client sockets on one epoll: opened, written to, read from. It counts and times nothing itself.
#ifndef SLUICE_BENCH_SWARM_H
#define SLUICE_BENCH_SWARM_H

#include "frame.h"

#include <netinet/in.h>

enum { STAMP_SIZE = 16, OPENING_WINDOW = 256 };

struct member {
  int fd;
  enum { MEMBER_CLOSED, MEMBER_CONNECTING, MEMBER_GREETING, MEMBER_OPEN } phase;
  uint8_t header[FRAME_HEADER_MAX];  // of the frame being read, or what came of it so far
  uint8_t header_held;
  bool in_payload;
  struct frame frame;
  uint64_t taken;                    // bytes of payload seen
  char stamp[STAMP_SIZE];            // the first bytes of payload
  uint32_t head_tail;                // the last four bytes of the HTTP head
  const uint8_t *unsent;             // what the kernel would not take; the caller keeps it unchanged
  size_t unsent_count;
  uint64_t sent_at;                  // for the caller
};

struct swarm {
  int poller;
  struct member *members;
  size_t count, opened, open, failed;
  size_t request_size;
  char request[1024];
  struct sockaddr_in target;
  void *context;
  // A whole text or binary message is in; its length and first bytes are in the member.
  void (*on_message)(struct swarm *swarm, struct member *member);
};

void swarm_init(struct swarm *swarm, const char *host, const char *port, const char *path, size_t count);
// Opens `count` more sockets, a window at a time. False when one of them failed or a minute was not enough.
bool swarm_open(struct swarm *swarm, size_t count);
// Waits at most `timeout_ns` and serves what is ready.
void swarm_turn(struct swarm *swarm, uint64_t timeout_ns);
void swarm_send(struct swarm *swarm, struct member *member, const uint8_t *bytes, size_t count);
// Says goodbye on every socket and waits for the server's answers, two seconds at most.
void swarm_close(struct swarm *swarm);

#endif
