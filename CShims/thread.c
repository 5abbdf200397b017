#define _GNU_SOURCE  // pthread_setaffinity_np
#include "include/CShims.h"

#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

#include <rte_cycles.h>
#include <rte_lcore.h>

uint64_t pst_ticks_per_second(void) { return rte_get_tsc_hz(); }

int pst_thread_enter(const char *name, int cpu) {
  prctl(PR_SET_NAME, name);
  // Sleeps end when they should, not 50 us later.
  prctl(PR_SET_TIMERSLACK, 1);
  if (cpu >= 0) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    int result = pthread_setaffinity_np(pthread_self(), sizeof set, &set);
    if (result != 0) return -result;
  }
  // Packet memory has a cache for every thread that DPDK knows. Without one it is slower, and right.
  (void)rte_thread_register();
  return 0;
}

int pst_thread_restrict(const uint64_t cpus[2]) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (int cpu = 0; cpu < 128; cpu++)
    if (cpus[cpu / 64] >> (cpu % 64) & 1) CPU_SET(cpu, &set);
  return -pthread_setaffinity_np(pthread_self(), sizeof set, &set);
}

void pst_thread_leave(void) { rte_thread_unregister(); }

void pst_sleep_ns(uint64_t nanoseconds) {
  struct timespec time = {.tv_sec = (time_t)(nanoseconds / 1000000000), .tv_nsec = (long)(nanoseconds % 1000000000)};
  clock_nanosleep(CLOCK_MONOTONIC, 0, &time, NULL);
}
