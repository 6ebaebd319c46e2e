#define _GNU_SOURCE
#include "CLinux.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <linux/sockios.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#define RETRY(call) \
  ({ \
    __typeof__(call) result_; \
    do result_ = (call); \
    while (result_ < 0 && errno == EINTR); \
    result_; \
  })

static int fail(int fd) {
  int error = errno;
  close(fd);
  return -error;
}

static socklen_t numeric(const char *host, uint16_t port, struct sockaddr_storage *address) {
  memset(address, 0, sizeof *address);
  struct sockaddr_in *v4 = (struct sockaddr_in *)address;
  struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)address;
  if (inet_pton(AF_INET, host, &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    return sizeof *v4;
  }
  if (inet_pton(AF_INET6, host, &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    return sizeof *v6;
  }
  return 0;
}

int clinux_listen_tcp(const char *host, uint16_t port, int backlog, int reuseport) {
  struct sockaddr_storage address;
  socklen_t length = numeric(host, port, &address);
  if (length == 0) return -EINVAL;
  int fd = socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (address.ss_family == AF_INET6) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  // Accepted sockets inherit it: one system call less for each of them.
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (reuseport && setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) < 0) return fail(fd);
  if (bind(fd, (struct sockaddr *)&address, length) < 0 || listen(fd, backlog) < 0) return fail(fd);
  return fd;
}

int clinux_connect_tcp(const char *host, uint16_t port, const char *source) {
  struct sockaddr_storage address, from;
  socklen_t length = numeric(host, port, &address);
  if (length == 0) return -EINVAL;
  int fd = socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (source != NULL) {
    // The port is chosen at connect, so one address serves 28,000 sockets to each destination.
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    socklen_t from_length = numeric(source, 0, &from);
    if (from_length == 0) {
      errno = EINVAL;
      return fail(fd);
    }
    if (bind(fd, (struct sockaddr *)&from, from_length) < 0) return fail(fd);
  }
  if (connect(fd, (struct sockaddr *)&address, length) < 0 && errno != EINPROGRESS) return fail(fd);
  return fd;
}

static int unix_address(const char *path, struct sockaddr_un *address) {
  memset(address, 0, sizeof *address);
  address->sun_family = AF_UNIX;
  if (strlen(path) >= sizeof address->sun_path) return -ENAMETOOLONG;
  strcpy(address->sun_path, path);
  return 0;
}

static int listen_at(const char *path, int type, int backlog) {
  struct sockaddr_un address;
  int named = unix_address(path, &address);
  if (named < 0) return named;
  int fd = socket(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, backlog) < 0) return fail(fd);
  return fd;
}

static int connect_to(const char *path, int type) {
  struct sockaddr_un address;
  int named = unix_address(path, &address);
  if (named < 0) return named;
  int fd = socket(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0 && errno != EINPROGRESS) return fail(fd);
  return fd;
}

int clinux_listen_unix(const char *path, int backlog) { return listen_at(path, SOCK_STREAM, backlog); }

int clinux_connect_unix(const char *path) { return connect_to(path, SOCK_STREAM); }

int clinux_listen_packets(const char *path, int backlog) { return listen_at(path, SOCK_SEQPACKET, backlog); }

int clinux_connect_packets(const char *path) { return connect_to(path, SOCK_SEQPACKET); }

int clinux_tell_unix(const char *path, const void *bytes, size_t count) {
  struct sockaddr_un address;
  int named = unix_address(path, &address);
  if (named < 0) return named;
  if (path[0] == '@') address.sun_path[0] = 0;
  int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  socklen_t length = offsetof(struct sockaddr_un, sun_path) + strlen(path);
  if (RETRY(sendto(fd, bytes, count, MSG_NOSIGNAL, (struct sockaddr *)&address, length)) < 0) return fail(fd);
  close(fd);
  return 0;
}

int clinux_accept(int listener) {
  int fd = RETRY(accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC));
  return fd < 0 ? -errno : fd;
}

int clinux_local_port(int fd) {
  struct sockaddr_storage address;
  socklen_t length = sizeof address;
  if (getsockname(fd, (struct sockaddr *)&address, &length) < 0) return -errno;
  if (address.ss_family == AF_INET) return ntohs(((struct sockaddr_in *)&address)->sin_port);
  if (address.ss_family == AF_INET6) return ntohs(((struct sockaddr_in6 *)&address)->sin6_port);
  return -EAFNOSUPPORT;
}

int clinux_peer_name(int fd, char *text, size_t capacity) {
  struct sockaddr_storage address;
  socklen_t length = sizeof address;
  if (getpeername(fd, (struct sockaddr *)&address, &length) < 0) return -errno;
  char host[INET6_ADDRSTRLEN] = "";
  if (address.ss_family == AF_INET) {
    struct sockaddr_in *v4 = (struct sockaddr_in *)&address;
    inet_ntop(AF_INET, &v4->sin_addr, host, sizeof host);
    return snprintf(text, capacity, "%s:%u", host, ntohs(v4->sin_port));
  }
  if (address.ss_family == AF_INET6) {
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&address;
    inet_ntop(AF_INET6, &v6->sin6_addr, host, sizeof host);
    return snprintf(text, capacity, "[%s]:%u", host, ntohs(v6->sin6_port));
  }
  return snprintf(text, capacity, "unix");
}

int clinux_peer_address(int fd, struct clinux_address *peer) {
  struct sockaddr_storage address;
  socklen_t length = sizeof address;
  if (getpeername(fd, (struct sockaddr *)&address, &length) < 0) return -errno;
  memset(peer, 0, sizeof *peer);
  if (address.ss_family == AF_INET) {
    struct sockaddr_in *v4 = (struct sockaddr_in *)&address;
    peer->version = 4;
    peer->low = ntohl(v4->sin_addr.s_addr);
    peer->port = ntohs(v4->sin_port);
    return 0;
  }
  if (address.ss_family != AF_INET6) return -EAFNOSUPPORT;
  struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&address;
  peer->version = 6;
  for (int i = 0; i < 8; i++) {
    peer->high = peer->high << 8 | v6->sin6_addr.s6_addr[i];
    peer->low = peer->low << 8 | v6->sin6_addr.s6_addr[8 + i];
  }
  peer->port = ntohs(v6->sin6_port);
  return 0;
}

int clinux_set_receive_room(int fd, int bytes) {
  return setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes) < 0 ? -errno : 0;
}

int clinux_pending_error(int fd) {
  int error = 0;
  socklen_t length = sizeof error;
  if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) < 0) return errno;
  return error;
}

int clinux_set_nodelay(int fd) {
  int on = 1;
  return setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) < 0 ? -errno : 0;
}

int clinux_set_reset_on_close(int fd) {
  struct linger linger = {.l_onoff = 1, .l_linger = 0};
  return setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger) < 0 ? -errno : 0;
}

int clinux_shutdown_write(int fd) { return shutdown(fd, SHUT_WR) < 0 ? -errno : 0; }

int clinux_shutdown_both(int fd) { return shutdown(fd, SHUT_RDWR) < 0 ? -errno : 0; }

// glibc's tcp_info ends before the byte counts; these are the kernel's offsets, which never change.
struct tcp_account {
  uint8_t state;
  uint8_t before[119];
  uint64_t acked;
  uint64_t received;
};
_Static_assert(offsetof(struct tcp_account, acked) == 120 && offsetof(struct tcp_account, received) == 128, "");

// The peer's FIN counts as a byte received, ours as a byte to send.
static int has_their_end(int state) {
  return state == TCP_CLOSE_WAIT || state == TCP_CLOSING || state == TCP_LAST_ACK || state == TCP_TIME_WAIT;
}

static int has_our_end(int state) {
  return state == TCP_FIN_WAIT1 || state == TCP_FIN_WAIT2 || state == TCP_CLOSING || state == TCP_LAST_ACK
    || state == TCP_TIME_WAIT;
}

int clinux_tcp_positions(int fd, struct clinux_positions *positions) {
  // The counts and the queues are asked for one after the other: only when the counts stood still do they agree.
  for (int attempt = 0; attempt < 64; attempt++) {
    struct tcp_account before = {0}, after = {0};
    socklen_t size = sizeof before, size_after = sizeof after;
    int unread = 0, unacked = 0;
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &before, &size) < 0) return -errno;
    if (ioctl(fd, SIOCINQ, &unread) < 0 || ioctl(fd, SIOCOUTQ, &unacked) < 0) return -errno;
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &after, &size_after) < 0) return -errno;
    if (size < sizeof before || size_after < sizeof after) return -EOPNOTSUPP;
    if (before.received != after.received || before.acked != after.acked || before.state != after.state) continue;
    positions->taken = after.received - (uint64_t)has_their_end(after.state) - (uint64_t)unread;
    positions->given = after.acked + (uint64_t)unacked - (uint64_t)has_our_end(after.state);
    return 0;
  }
  return -EAGAIN;
}

ssize_t clinux_receive(int fd, void *bytes, size_t capacity) {
  ssize_t count = RETRY(recv(fd, bytes, capacity, 0));
  return count < 0 ? -errno : count;
}

ssize_t clinux_send(int fd, const void *bytes, size_t count) {
  ssize_t sent = RETRY(send(fd, bytes, count, MSG_NOSIGNAL));
  return sent < 0 ? -errno : sent;
}

ssize_t clinux_send_two(
  int fd, const void *first, size_t first_count, const void *second, size_t second_count) {
  struct iovec parts[2] = {
    {.iov_base = (void *)first, .iov_len = first_count}, {.iov_base = (void *)second, .iov_len = second_count}};
  struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
  ssize_t sent = RETRY(sendmsg(fd, &message, MSG_NOSIGNAL));
  return sent < 0 ? -errno : sent;
}

int clinux_resolve(const char *name, int index, char *text, size_t capacity) {
  struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM}, *found = NULL;
  if (getaddrinfo(name, NULL, &hints, &found) != 0) return -EHOSTUNREACH;
  int result = -ENOENT;
  struct addrinfo *entry = found;
  for (int i = 0; entry != NULL && i < index; i++) entry = entry->ai_next;
  if (entry != NULL) {
    const void *raw = entry->ai_family == AF_INET6
      ? (const void *)&((struct sockaddr_in6 *)entry->ai_addr)->sin6_addr
      : (const void *)&((struct sockaddr_in *)entry->ai_addr)->sin_addr;
    result = inet_ntop(entry->ai_family, raw, text, capacity) == NULL ? -errno : (int)strlen(text);
  }
  freeaddrinfo(found);
  return result;
}

struct look_up {
  int answer;
  char name[];
};

static void *look_up(void *argument) {
  struct look_up *wanted = argument;
  char text[INET6_ADDRSTRLEN + 1];
  for (int index = 0; index < 32; index++) {
    int length = clinux_resolve(wanted->name, index, text, INET6_ADDRSTRLEN);
    if (length < 0) break;
    text[length] = '\n';
    // So little is always taken, unless nobody wants to know any more.
    if (clinux_send(wanted->answer, text, (size_t)length + 1) < 0) break;
  }
  close(wanted->answer);
  free(wanted);
  return NULL;
}

int clinux_look_up(const char *name) {
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) < 0) return -errno;
  size_t length = strlen(name) + 1;
  struct look_up *wanted = malloc(sizeof *wanted + length);
  int error = wanted == NULL ? ENOMEM : 0;
  if (error == 0) {
    wanted->answer = pair[1];
    memcpy(wanted->name, name, length);
    pthread_attr_t detached;
    pthread_attr_init(&detached);
    pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
    // Signals are the loop's.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_t thread;
    error = pthread_create(&thread, &detached, look_up, wanted);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&detached);
  }
  if (error == 0) return pair[0];
  free(wanted);
  close(pair[0]);
  close(pair[1]);
  return -error;
}

int clinux_packet_pair(int pair[2]) {
  return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) < 0 ? -errno : 0;
}

ssize_t clinux_send_packet(
  int fd, const void *bytes, size_t count, const int *descriptors, int descriptor_count) {
  if (descriptor_count < 0 || descriptor_count > CLINUX_DESCRIPTORS_MAX) return -EINVAL;
  struct iovec part = {.iov_base = (void *)bytes, .iov_len = count};
  union {
    char bytes[CMSG_SPACE(sizeof(int) * CLINUX_DESCRIPTORS_MAX)];
    struct cmsghdr align;
  } control = {0};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  if (descriptor_count > 0) {
    size_t size = sizeof(int) * (size_t)descriptor_count;
    message.msg_control = control.bytes;
    message.msg_controllen = CMSG_SPACE(size);
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(size);
    memcpy(CMSG_DATA(header), descriptors, size);
  }
  ssize_t sent = RETRY(sendmsg(fd, &message, MSG_NOSIGNAL));
  return sent < 0 ? -errno : sent;
}

ssize_t clinux_receive_packet(
  int fd, void *bytes, size_t capacity, int *descriptors, int *descriptor_count) {
  struct iovec part = {.iov_base = bytes, .iov_len = capacity};
  union {
    char bytes[CMSG_SPACE(sizeof(int) * CLINUX_DESCRIPTORS_MAX)];
    struct cmsghdr align;
  } control;
  struct msghdr message = {
    .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
  *descriptor_count = 0;
  ssize_t count = RETRY(recvmsg(fd, &message, MSG_CMSG_CLOEXEC));
  if (count < 0) return -errno;
  for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header != NULL; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    int held = (int)((header->cmsg_len - CMSG_LEN(0)) / sizeof(int));
    memcpy(descriptors + *descriptor_count, CMSG_DATA(header), sizeof(int) * (size_t)held);
    *descriptor_count += held;
  }
  // A receiver with a full table silently loses the surplus: the sender must hear of it.
  if (message.msg_flags & (MSG_CTRUNC | MSG_TRUNC)) return -EMSGSIZE;
  return count;
}

int clinux_writable_now(int fd) {
  struct pollfd entry = {.fd = fd, .events = POLLOUT};
  int ready = RETRY(poll(&entry, 1, 0));
  if (ready < 0) return -errno;
  // Without a reader a write would raise SIGPIPE.
  return (entry.revents & POLLOUT) != 0 && (entry.revents & (POLLERR | POLLHUP | POLLNVAL)) == 0;
}
