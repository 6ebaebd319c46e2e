#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static uint32_t to_epoll(uint32_t interest) {
  return (interest & CLINUX_READ ? EPOLLIN : 0) | (interest & CLINUX_WRITE ? EPOLLOUT : 0);
}

static uint32_t from_epoll(uint32_t events) {
  return (events & EPOLLIN ? CLINUX_READ : 0) | (events & EPOLLOUT ? CLINUX_WRITE : 0)
    | (events & EPOLLHUP ? CLINUX_HANGUP : 0) | (events & EPOLLERR ? CLINUX_ERROR : 0);
}

int clinux_poller(void) {
  int fd = epoll_create1(EPOLL_CLOEXEC);
  return fd < 0 ? -errno : fd;
}

static int control(int poller, int operation, int fd, uint32_t interest, uint64_t token) {
  struct epoll_event event = {.events = to_epoll(interest), .data.u64 = token};
  return epoll_ctl(poller, operation, fd, &event) < 0 ? -errno : 0;
}

int clinux_watch(int poller, int fd, uint32_t interest, uint64_t token) {
  return control(poller, EPOLL_CTL_ADD, fd, interest, token);
}

int clinux_rewatch(int poller, int fd, uint32_t interest, uint64_t token) {
  return control(poller, EPOLL_CTL_MOD, fd, interest, token);
}

int clinux_unwatch(int poller, int fd) { return control(poller, EPOLL_CTL_DEL, fd, 0, 0); }

int clinux_wait(int poller, struct clinux_event *events, int capacity, int64_t timeout_ns) {
  enum { BATCH = 512 };
  struct epoll_event raw[BATCH];
  if (capacity > BATCH) capacity = BATCH;
  struct timespec timeout = {.tv_sec = timeout_ns / 1000000000, .tv_nsec = timeout_ns % 1000000000};
  int count = epoll_pwait2(poller, raw, capacity, timeout_ns < 0 ? NULL : &timeout, NULL);
  if (count < 0) return errno == EINTR ? 0 : -errno;
  for (int i = 0; i < count; i++) {
    events[i].token = raw[i].data.u64;
    events[i].events = from_epoll(raw[i].events);
  }
  return count;
}

static uint64_t clock_ns(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

uint64_t clinux_monotonic_ns(void) { return clock_ns(CLOCK_MONOTONIC); }
uint64_t clinux_realtime_ns(void) { return clock_ns(CLOCK_REALTIME); }
uint64_t clinux_process_cpu_ns(void) { return clock_ns(CLOCK_PROCESS_CPUTIME_ID); }

// In the child: descriptors, and the one to report by, are first moved above all targets, so that no move
// tramples another. All but the targets and 0, 1 and 2 close on exec, whatever we ourselves were started with.
static int place(const struct clinux_inherit *inherit, int count, int *report) {
  int moved[256], top = 3;
  if (count > 256) {
    errno = E2BIG;
    return -1;
  }
  if (close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) < 0) return -1;
  for (int i = 0; i < count; i++)
    if (inherit[i].to >= top) top = inherit[i].to + 1;
  for (int i = 0; i < count; i++)
    if ((moved[i] = fcntl(inherit[i].from, F_DUPFD_CLOEXEC, top)) < 0) return -1;
  int higher = fcntl(*report, F_DUPFD_CLOEXEC, top);
  if (higher < 0) return -1;
  *report = higher;
  for (int i = 0; i < count; i++)
    if (dup2(moved[i], inherit[i].to) < 0) return -1;
  return 0;
}

static void hold(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGHUP);
  sigaddset(&set, SIGUSR1);
  sigaddset(&set, SIGUSR2);
  sigprocmask(SIG_BLOCK, &set, NULL);
}

int clinux_spawn(
  const char *path, char *const argv[], char *const envp[], const struct clinux_inherit *inherit, int count,
  int die_with_parent, int new_session, int hold_signals) {
  int report[2];
  if (pipe2(report, O_CLOEXEC) < 0) return -errno;
  pid_t parent = getpid();
  // Were it ignored, as some who start us leave it, the kernel would reap the child before we can name it. Set anew
  // without need, it would lose the news of another child that has just ended.
  struct sigaction action;
  if (sigaction(SIGCHLD, NULL, &action) == 0 && action.sa_handler == SIG_IGN) signal(SIGCHLD, SIG_DFL);
  pid_t child = fork();
  if (child < 0) {
    int error = errno;
    close(report[0]);
    close(report[1]);
    return -error;
  }
  if (child == 0) {
    clinux_reset_signals();
    if (hold_signals) hold();
    if (new_session) setsid();
    if (die_with_parent) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (getppid() != parent) _exit(127);
    }
    if (place(inherit, count, &report[1]) == 0) execve(path, argv, envp);
    int error = errno;
    if (write(report[1], &error, sizeof error) < 0) _exit(126);
    _exit(127);
  }
  close(report[1]);
  int error = 0;
  ssize_t got;
  do got = read(report[0], &error, sizeof error);
  while (got < 0 && errno == EINTR);
  close(report[0]);
  if (got == sizeof error) {
    waitpid(child, NULL, 0);
    return -error;
  }
  return child;
}

int clinux_become(const char *path, char *const argv[], char *const envp[]) {
  if (close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) < 0) return -errno;
  execve(path, argv, envp);
  return -errno;
}

int clinux_adopt_orphans(void) { return prctl(PR_SET_CHILD_SUBREAPER, 1) < 0 ? -errno : 0; }

void clinux_abandon(int pid) {
  kill(pid, SIGKILL);
  while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {
  }
}

int clinux_pidfd(int pid) {
  long fd = syscall(SYS_pidfd_open, pid, 0);
  return fd < 0 ? -errno : (int)fd;
}

int clinux_kill(int pidfd, int signal) {
  return syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0) < 0 ? -errno : 0;
}

int clinux_reap(int pidfd, int *signaled) {
  siginfo_t info;
  memset(&info, 0, sizeof info);
  if (waitid((idtype_t)P_PIDFD, (id_t)pidfd, &info, WEXITED | WNOHANG) < 0) return -errno;
  if (info.si_pid == 0) return -EAGAIN;
  *signaled = info.si_code != CLD_EXITED;
  return info.si_status;
}

int clinux_signals(const int *signals, int count) {
  sigset_t set;
  sigemptyset(&set);
  for (int i = 0; i < count; i++) sigaddset(&set, signals[i]);
  if (sigprocmask(SIG_BLOCK, &set, NULL) < 0) return -errno;
  int fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
  return fd < 0 ? -errno : fd;
}

int clinux_next_signal(int signals) {
  struct signalfd_siginfo info;
  ssize_t count;
  do count = read(signals, &info, sizeof info);
  while (count < 0 && errno == EINTR);
  return count < 0 ? -errno : (int)info.ssi_signo;
}

int clinux_ignores(int signal) {
  struct sigaction action;
  return sigaction(signal, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

int clinux_reset_signals(void) {
  sigset_t none;
  sigemptyset(&none);
  for (int number = 1; number < NSIG; number++) signal(number, SIG_DFL);
  return sigprocmask(SIG_SETMASK, &none, NULL) < 0 ? -errno : 0;
}

int clinux_memory(const char *name, uint64_t bytes) {
  int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (fd < 0) return -errno;
  // Nobody can shrink or grow what others have mapped: no SIGBUS from a hostile or broken peer.
  if (ftruncate(fd, (off_t)bytes) < 0 || fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0) {
    int error = errno;
    close(fd);
    return -error;
  }
  return fd;
}

int64_t clinux_memory_size(int fd) {
  int seals = fcntl(fd, F_GET_SEALS);
  if (seals < 0) return -errno;
  if (!(seals & F_SEAL_SHRINK)) return -EPERM;
  struct stat about;
  return fstat(fd, &about) < 0 ? -errno : (int64_t)about.st_size;
}

void *clinux_map(int fd, uint64_t bytes) {
  void *address = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, fd, 0);
  return address == MAP_FAILED ? NULL : address;
}

int clinux_unmap(void *address, uint64_t bytes) { return munmap(address, bytes) < 0 ? -errno : 0; }

int clinux_discard(void *address, uint64_t bytes) {
  return madvise(address, bytes, MADV_REMOVE) < 0 ? -errno : 0;
}

int clinux_raise_descriptor_limit(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) < 0) return -errno;
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) < 0) return -errno;
  return limit.rlim_max > 1000000000 ? 1000000000 : (int)limit.rlim_max;
}

int clinux_name_process(const char *name) { return prctl(PR_SET_NAME, name) < 0 ? -errno : 0; }

int clinux_cores(void) {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) < 0) return -errno;
  return CPU_COUNT(&set);
}
