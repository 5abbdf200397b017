#define _GNU_SOURCE  // sched_getaffinity
#include "include/CShims.h"
#include "names.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_mbuf.h>
#include <rte_version.h>

#define SAME(ours, theirs) \
  _Static_assert(offsetof(pst_packet, ours) == offsetof(struct rte_mbuf, theirs), "rte_mbuf: " #theirs)
SAME(buf_addr, buf_addr);
SAME(data_off, data_off);
SAME(refcnt, refcnt);
SAME(nb_segs, nb_segs);
SAME(ol_flags, ol_flags);
SAME(pkt_len, pkt_len);
SAME(data_len, data_len);
SAME(buf_len, buf_len);
SAME(pool, pool);
SAME(next_segment, next);
SAME(priv_size, priv_size);
SAME(dynfield1, dynfield1);
_Static_assert(offsetof(pst_packet, arrival) == sizeof(struct rte_mbuf), "the private area follows the mbuf");
_Static_assert(offsetof(pst_packet, number) == sizeof(struct rte_mbuf) + 64, "the first line is 64 bytes");
_Static_assert(sizeof(pst_packet) == sizeof(struct rte_mbuf) + 128, "the private area is two cache lines");

static pthread_mutex_t start_lock = PTHREAD_MUTEX_INITIALIZER;
static int started = 0;  // DPDK's environment exists once per process
static atomic_uint names = 0;

void pst_unique_name(char name[32], const char *kind) {
  snprintf(name, 32, "%s_%u", kind, atomic_fetch_add(&names, 1));
}

int pst_environment_start(const char *const *arguments, unsigned count, char *message, size_t message_size) {
  int result = 0;
  pthread_mutex_lock(&start_lock);
  if (!started) {
    if (rte_eal_init((int)count, (char **)(uintptr_t)arguments) < 0) {
      result = -rte_errno;
      snprintf(message, message_size, "DPDK's environment did not start: %s", rte_strerror(rte_errno));
    } else {
      started = 1;
    }
  }
  pthread_mutex_unlock(&start_lock);
  return result;
}

void pst_allowed_cpus(uint64_t cpus[2]) {
  cpu_set_t set;
  CPU_ZERO(&set);
  sched_getaffinity(0, sizeof set, &set);
  cpus[0] = cpus[1] = 0;
  for (int cpu = 0; cpu < 128; cpu++)
    if (CPU_ISSET(cpu, &set)) cpus[cpu / 64] |= UINT64_C(1) << (cpu % 64);
}

int pst_allow_cpus(const uint64_t cpus[2]) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (int cpu = 0; cpu < 128; cpu++)
    if (cpus[cpu / 64] & UINT64_C(1) << (cpu % 64)) CPU_SET(cpu, &set);
  return sched_setaffinity(0, sizeof set, &set) == 0 ? 0 : -errno;
}

int pst_environment_has_hugepages(void) { return started && rte_eal_has_hugepages(); }

const char *pst_dpdk_version(void) {
  const char *version = rte_version();
  return strncmp(version, "DPDK ", 5) == 0 ? version + 5 : version;
}

// As rte_pktmbuf_pool_create, but with objects that may cross page boundaries unless hardware reads them: without
// hugepages that function gives each 2.4 kB object a 4 kB page of its own.
void *pst_pool_create(unsigned count, unsigned data_room, int for_hardware, int last_in_first_out) {
  char name[32];
  pst_unique_name(name, "packets");
  struct rte_pktmbuf_pool_private private = {
      .mbuf_data_room_size = (uint16_t)data_room,
      .mbuf_priv_size = sizeof(pst_packet) - sizeof(struct rte_mbuf),
  };
  struct rte_mempool *pool = rte_mempool_create_empty(
      name, count, (unsigned)sizeof(pst_packet) + data_room, count >= 1024 ? 256 : 0, sizeof private, SOCKET_ID_ANY,
      for_hardware ? 0 : RTE_MEMPOOL_F_NO_IOVA_CONTIG);
  if (pool == NULL) return NULL;
  rte_pktmbuf_pool_init(pool, &private);
  if (rte_mempool_set_ops_byname(pool, last_in_first_out ? "lf_stack" : "ring_mp_mc", NULL) != 0 || rte_mempool_populate_default(pool) < 0) {
    rte_mempool_free(pool);
    return NULL;
  }
  rte_mempool_obj_iter(pool, rte_pktmbuf_init, NULL);
  return pool;
}

unsigned pst_pool_capacity(void *pool) { return rte_pktmbuf_data_room_size(pool) - RTE_PKTMBUF_HEADROOM; }

void pst_pool_free(void *pool) { rte_mempool_free(pool); }

unsigned pst_pool_available(const void *pool) { return rte_mempool_avail_count(pool); }

pst_packet *pst_packet_alloc(void *pool) { return (pst_packet *)rte_pktmbuf_alloc(pool); }

int pst_packet_alloc_bulk(void *pool, pst_packet **packets, unsigned count) {
  return rte_pktmbuf_alloc_bulk(pool, (struct rte_mbuf **)packets, count);
}

void pst_packet_free(pst_packet *packet) { rte_pktmbuf_free((struct rte_mbuf *)packet); }

void pst_packet_free_bulk(pst_packet **packets, unsigned count) {
  rte_pktmbuf_free_bulk((struct rte_mbuf **)packets, count);
}

int pst_packet_linearize(pst_packet *packet) { return rte_pktmbuf_linearize((struct rte_mbuf *)packet); }
