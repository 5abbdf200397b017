#define _GNU_SOURCE  // sched_getaffinity
#include "include/CShims.h"
#include "names.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_log.h>
#include <rte_mbuf.h>

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

// EAL pins its main lcore to the CPUs it is given: give it all that this thread may use.
static void allowed_cpus(char *text, size_t size) {
  cpu_set_t set;
  size_t used = (size_t)snprintf(text, size, "--lcores=0@(");
  const char *separator = "";
  CPU_ZERO(&set);
  sched_getaffinity(0, sizeof set, &set);
  for (int cpu = 0; cpu < RTE_MAX_LCORE && cpu < CPU_SETSIZE && used + 8 < size; cpu++)
    if (CPU_ISSET(cpu, &set)) {
      used += (size_t)snprintf(text + used, size - used, "%s%d", separator, cpu);
      separator = ",";
    }
  snprintf(text + used, size - used, ")");
}

int pst_environment_start(unsigned memory_mb, char *message, size_t message_size) {
  int result = 0;
  pthread_mutex_lock(&start_lock);
  if (!started) {
    char memory[16], cpus[1024];
    snprintf(memory, sizeof memory, "%u", memory_mb);
    allowed_cpus(cpus, sizeof cpus);
    char *arguments[] = {"penstock", "--no-huge", "--no-pci", "--no-telemetry", "--no-shconf",
                         "--log-level=3", "-m", memory, cpus, NULL};
    int count = sizeof arguments / sizeof *arguments - 1;
    if (rte_eal_init(count, arguments) < 0) {
      result = -rte_errno;
      snprintf(message, message_size, "DPDK's environment did not start: %s", rte_strerror(rte_errno));
    } else {
      started = 1;
    }
  }
  pthread_mutex_unlock(&start_lock);
  return result;
}

// As rte_pktmbuf_pool_create, but with objects that may cross page boundaries: without hugepages that function gives
// each 2.4 kB object a 4 kB page of its own, and no device here reads physical addresses.
void *pst_pool_create(unsigned count, unsigned data_room) {
  char name[32];
  pst_unique_name(name, "packets");
  struct rte_pktmbuf_pool_private private = {
      .mbuf_data_room_size = (uint16_t)data_room,
      .mbuf_priv_size = sizeof(pst_packet) - sizeof(struct rte_mbuf),
  };
  struct rte_mempool *pool =
      rte_mempool_create_empty(name, count, (unsigned)sizeof(pst_packet) + data_room, count >= 1024 ? 256 : 0,
                               sizeof private, SOCKET_ID_ANY, RTE_MEMPOOL_F_NO_IOVA_CONTIG);
  if (pool == NULL) return NULL;
  rte_pktmbuf_pool_init(pool, &private);
  if (rte_mempool_set_ops_byname(pool, "ring_mp_mc", NULL) != 0 || rte_mempool_populate_default(pool) < 0) {
    rte_mempool_free(pool);
    return NULL;
  }
  rte_mempool_obj_iter(pool, rte_pktmbuf_init, NULL);
  return pool;
}

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
