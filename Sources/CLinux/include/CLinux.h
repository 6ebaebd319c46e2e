// What Glibc's Swift module lacks (epoll, signalfd, accept4, CMSG_*, pidfd) as plain functions over plain
// types. Every function returns a value >= 0, or -errno.
#ifndef CLINUX_H
#define CLINUX_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// Polling. `events` and `interest` are bits of these four.
enum { CLINUX_READ = 1, CLINUX_WRITE = 2, CLINUX_HANGUP = 4, CLINUX_ERROR = 8 };

struct clinux_event {
  uint64_t token;
  uint32_t events;
};

int clinux_poller(void);
int clinux_watch(int poller, int fd, uint32_t interest, uint64_t token);
int clinux_rewatch(int poller, int fd, uint32_t interest, uint64_t token);
int clinux_unwatch(int poller, int fd);
// Waits until an event or `timeout_ns` (negative: for ever). An interruption counts as no events.
int clinux_wait(int poller, struct clinux_event *events, int capacity, int64_t timeout_ns);

// Clocks, in nanoseconds.
uint64_t clinux_monotonic_ns(void);
uint64_t clinux_realtime_ns(void);
uint64_t clinux_process_cpu_ns(void);

// Sockets. Addresses are numeric text; `source` may be NULL.
int clinux_listen_tcp(const char *host, uint16_t port, int backlog, int reuseport);
int clinux_connect_tcp(const char *host, uint16_t port, const char *source);
int clinux_listen_unix(const char *path, int backlog);
int clinux_connect_unix(const char *path);
int clinux_accept(int listener);
int clinux_local_port(int fd);
// Writes "host:port" of the peer as text; returns its length.
int clinux_peer_name(int fd, char *text, size_t capacity);
// The peer's address as numbers: 4 or 6, its bytes read as one big number (of 32 bits, or of two times 64), its port.
struct clinux_address {
  uint64_t high;
  uint64_t low;
  uint16_t port;
  uint8_t version;
};
int clinux_peer_address(int fd, struct clinux_address *peer);
// How much the kernel may hold of what has come in and was not read.
int clinux_set_receive_room(int fd, int bytes);
int clinux_pending_error(int fd);
int clinux_set_nodelay(int fd);
// Makes the next close send RST instead of FIN.
int clinux_set_reset_on_close(int fd);
int clinux_shutdown_write(int fd);
int clinux_shutdown_both(int fd);
ssize_t clinux_receive(int fd, void *bytes, size_t capacity);
ssize_t clinux_send(int fd, const void *bytes, size_t count);
ssize_t clinux_send_two(int fd, const void *first, size_t first_count, const void *second, size_t second_count);
// Where a TCP stream stands by the kernel's own account, counted from its first byte: how much of what came in
// has been read, and how much it was given to send.
struct clinux_positions {
  uint64_t taken;
  uint64_t given;
};
int clinux_tcp_positions(int fd, struct clinux_positions *positions);
// Blocking name resolution: the `index`-th numeric address of `name`; -ENOENT past the last.
int clinux_resolve(const char *name, int index, char *text, size_t capacity);
// The same without waiting: a thread asks, and writes the addresses, a line each, to the socket that is returned, then
// ends it.
int clinux_look_up(const char *name);

// Packets with descriptors between our own processes.
enum { CLINUX_DESCRIPTORS_MAX = 240 };
int clinux_packet_pair(int pair[2]);
int clinux_listen_packets(const char *path, int backlog);
int clinux_connect_packets(const char *path);
// One packet to whoever listens there, now or never. A path that begins with '@' is in the abstract namespace.
int clinux_tell_unix(const char *path, const void *bytes, size_t count);
ssize_t clinux_send_packet(int fd, const void *bytes, size_t count, const int *descriptors, int descriptor_count);
// Sets *descriptor_count; -EMSGSIZE if the packet or its descriptors were cut short.
ssize_t clinux_receive_packet(int fd, void *bytes, size_t capacity, int *descriptors, int *descriptor_count);

// Processes and signals.
struct clinux_inherit {
  int from;
  int to;
};
// Starts `path`; the child keeps only 0, 1, 2 and the listed descriptors, and dies with its parent if asked. With
// `hold_signals` SIGTERM, SIGINT, SIGHUP, SIGUSR1 and SIGUSR2 wait until it asks for them.
int clinux_spawn(
  const char *path, char *const argv[], char *const envp[], const struct clinux_inherit *inherit, int count,
  int die_with_parent, int new_session, int hold_signals);
// Becomes another program; returns only if that is not possible. Nothing but 0, 1 and 2 stays open.
int clinux_become(const char *path, char *const argv[], char *const envp[]);
// Orphans below us become our children.
int clinux_adopt_orphans(void);
// Kills and reaps a child that cannot be watched.
void clinux_abandon(int pid);
int clinux_pidfd(int pid);
int clinux_kill(int pidfd, int signal);
// The exit of a child known by pidfd: *signaled is 1 if a signal ended it. Returns its code or signal;
// -EAGAIN while it runs.
int clinux_reap(int pidfd, int *signaled);
int clinux_signals(const int *signals, int count);
int clinux_next_signal(int signals);
// Whether it was ignored when this process began, as nohup has it. A blocked one would be heard all the same.
int clinux_ignores(int signal);
int clinux_reset_signals(void);

// Shared pages.
int clinux_memory(const char *name, uint64_t bytes);
// How much there is; -EPERM when somebody could still take it away.
int64_t clinux_memory_size(int fd);
void *clinux_map(int fd, uint64_t bytes);
int clinux_unmap(void *address, uint64_t bytes);
int clinux_discard(void *address, uint64_t bytes);

// A word that another process reads, or will read when this one is gone: nothing written before it can be seen
// after it, nothing written after it before.
static inline void clinux_publish(uint64_t *word, uint64_t value) {
  __atomic_store_n(word, value, __ATOMIC_RELEASE);
  __atomic_signal_fence(__ATOMIC_SEQ_CST);
}
static inline uint64_t clinux_observe(const uint64_t *word) { return __atomic_load_n(word, __ATOMIC_ACQUIRE); }
// 1 if the word was `expected` and is `value` now.
static inline int clinux_exchange(uint64_t *word, uint64_t expected, uint64_t value) {
  return __atomic_compare_exchange_n(word, &expected, value, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

// The machine.
int clinux_raise_descriptor_limit(void);
int clinux_cores(void);
// What process lists show; cut to 15 bytes.
int clinux_name_process(const char *name);
int clinux_writable_now(int fd);

#endif
