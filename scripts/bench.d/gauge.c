#define _GNU_SOURCE
#include "gauge.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

uint64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static size_t cell_of(uint64_t value) {
  if (value < 64) return (size_t)value;
  unsigned shift = 57 - (unsigned)__builtin_clzll(value);  // leaves seven bits, the top one set
  return (size_t)(shift + 1) * 64 + (size_t)((value >> shift) - 64);
}

static uint64_t top_of(size_t cell) {
  if (cell < 64) return cell;
  unsigned shift = (unsigned)(cell / 64) - 1;
  return ((uint64_t)(cell % 64 + 65) << shift) - 1;
}

void latency_record(struct latency *latency, uint64_t nanoseconds) {
  size_t cell = cell_of(nanoseconds);
  latency->cells[cell < LATENCY_CELLS ? cell : LATENCY_CELLS - 1]++;
  latency->count++;
  if (nanoseconds > latency->max) latency->max = nanoseconds;
}

double latency_us(const struct latency *latency, double quantile) {
  if (latency->count == 0) return 0;
  uint64_t wanted = (uint64_t)(quantile * (double)latency->count), seen = 0;
  if (wanted >= latency->count) return (double)latency->max / 1e3;
  for (size_t cell = 0; cell < LATENCY_CELLS; cell++) {
    seen += latency->cells[cell];
    if (seen <= wanted) continue;
    uint64_t top = top_of(cell);
    return (double)(top < latency->max ? top : latency->max) / 1e3;
  }
  return (double)latency->max / 1e3;
}

struct processes processes_parse(const char *list) {
  struct processes processes = {.count = 0};
  while (*list) {
    char *end;
    long id = strtol(list, &end, 10);
    if (end == list || id <= 0 || processes.count == PROCESSES_MAX || (*end && *end != ',')) {
      fprintf(stderr, "probe: \"%s\" is no list of process ids\n", list);
      exit(2);
    }
    processes.ids[processes.count++] = (pid_t)id;
    list = *end ? end + 1 : end;
  }
  return processes;
}

static uint64_t first_number(const char *path) {
  unsigned long long number = 0;
  FILE *file = fopen(path, "re");
  if (!file) return 0;
  if (fscanf(file, "%llu", &number) != 1) number = 0;
  fclose(file);
  return number;
}

// /proc/PID/schedstat is the first thread's alone, so the threads are added up.
static uint64_t cpu_ns(pid_t id) {
  char path[320];
  snprintf(path, sizeof path, "/proc/%d/task", id);
  DIR *tasks = opendir(path);
  if (!tasks) return 0;
  uint64_t sum = 0;
  for (struct dirent *task; (task = readdir(tasks));) {
    if (task->d_name[0] == '.') continue;
    snprintf(path, sizeof path, "/proc/%d/task/%s/schedstat", id, task->d_name);
    sum += first_number(path);
  }
  closedir(tasks);
  return sum;
}

uint64_t processes_cpu_ns(const struct processes *processes) {
  uint64_t sum = 0;
  for (size_t i = 0; i < processes->count; i++) sum += cpu_ns(processes->ids[i]);
  return sum;
}

static uint64_t memory_bytes(pid_t id) {
  char path[64], line[256];
  snprintf(path, sizeof path, "/proc/%d/smaps_rollup", id);
  FILE *file = fopen(path, "re");
  if (!file) return 0;
  uint64_t kilobytes = 0;
  while (fgets(line, sizeof line, file)) {
    unsigned long long value;
    if (sscanf(line, "Pss_Anon: %llu", &value) == 1 || sscanf(line, "Pss_Shmem: %llu", &value) == 1)
      kilobytes += value;
  }
  fclose(file);
  return kilobytes * 1024;
}

uint64_t processes_memory_bytes(const struct processes *processes) {
  uint64_t sum = 0;
  for (size_t i = 0; i < processes->count; i++) sum += memory_bytes(processes->ids[i]);
  return sum;
}
