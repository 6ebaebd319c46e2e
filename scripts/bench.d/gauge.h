// What is read off while a server works: latencies, and what the kernel says its processes used.
#ifndef SLUICE_BENCH_GAUGE_H
#define SLUICE_BENCH_GAUGE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { LATENCY_CELLS = 58 * 64, PROCESSES_MAX = 32 };

// Log-linear: 64 cells per octave, so a value is known within 1.6 %.
struct latency {
  uint64_t cells[LATENCY_CELLS];
  uint64_t count, max;
};

struct processes {
  pid_t ids[PROCESSES_MAX];
  size_t count;
};

uint64_t now_ns(void);

void latency_record(struct latency *latency, uint64_t nanoseconds);
double latency_us(const struct latency *latency, double quantile);

// "12,34" → two ids. Ends the program when the list is malformed.
struct processes processes_parse(const char *list);
uint64_t processes_cpu_ns(const struct processes *processes);
// Anonymous and shared-memory pages, shared ones counted by share: the kernel's own memory is not in it.
uint64_t processes_memory_bytes(const struct processes *processes);

#endif
