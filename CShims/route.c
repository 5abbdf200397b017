#include "include/CShims.h"
#include "names.h"

#include <rte_fib.h>
#include <rte_fib6.h>
#include <rte_memory.h>

void *pst_fib4_create(uint32_t max_routes, uint32_t groups, uint32_t default_next_hop, int is_wide, int is_empty) {
  char name[32];
  struct rte_fib_conf conf = {
      .type = is_empty ? RTE_FIB_DUMMY : RTE_FIB_DIR24_8,
      .default_nh = default_next_hop,
      .max_routes = (int)max_routes,
      .dir24_8 = {.nh_sz = is_wide ? RTE_FIB_DIR24_8_4B : RTE_FIB_DIR24_8_2B, .num_tbl8 = groups},
  };
  pst_unique_name(name, "fib4");
  return rte_fib_create(name, SOCKET_ID_ANY, &conf);
}

void pst_fib4_free(void *fib) { rte_fib_free(fib); }

int pst_fib4_add(void *fib, uint32_t address, uint8_t depth, uint32_t next_hop) {
  return rte_fib_add(fib, address, depth, next_hop);
}

int pst_fib4_delete(void *fib, uint32_t address, uint8_t depth) { return rte_fib_delete(fib, address, depth); }

void pst_fib4_lookup(void *fib, uint32_t *addresses, uint64_t *next_hops, unsigned count) {
  rte_fib_lookup_bulk(fib, addresses, next_hops, (int)count);
}

void *pst_fib6_create(uint32_t max_routes, uint32_t groups, uint32_t default_next_hop, int is_wide, int is_empty) {
  char name[32];
  struct rte_fib6_conf conf = {
      .type = is_empty ? RTE_FIB6_DUMMY : RTE_FIB6_TRIE,
      .default_nh = default_next_hop,
      .max_routes = (int)max_routes,
      .trie = {.nh_sz = is_wide ? RTE_FIB6_TRIE_4B : RTE_FIB6_TRIE_2B, .num_tbl8 = groups},
  };
  pst_unique_name(name, "fib6");
  return rte_fib6_create(name, SOCKET_ID_ANY, &conf);
}

void pst_fib6_free(void *fib) { rte_fib6_free(fib); }

int pst_fib6_add(void *fib, const uint8_t address[16], uint8_t depth, uint32_t next_hop) {
  return rte_fib6_add(fib, address, depth, next_hop);
}

int pst_fib6_delete(void *fib, const uint8_t address[16], uint8_t depth) {
  return rte_fib6_delete(fib, address, depth);
}

void pst_fib6_lookup(void *fib, const void *addresses, uint64_t *next_hops, unsigned count) {
  rte_fib6_lookup_bulk(fib, (uint8_t(*)[16])(uintptr_t)addresses, next_hops, (int)count);
}
