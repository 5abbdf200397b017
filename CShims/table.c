#include "include/CShims.h"
#include "names.h"

#include <rte_hash.h>
#include <rte_jhash.h>

void *pst_table_create(uint32_t entries, uint32_t key_size) {
  char name[32];
  pst_unique_name(name, "table");
  struct rte_hash_parameters parameters = {
      .name = name,
      .entries = entries,
      .key_len = key_size,
      .hash_func = rte_jhash,
      .socket_id = SOCKET_ID_ANY,
  };
  return rte_hash_create(&parameters);
}

void pst_table_free(void *table) { rte_hash_free(table); }

int32_t pst_table_lookup(const void *table, const void *key) { return rte_hash_lookup(table, key); }

int32_t pst_table_add(void *table, const void *key) { return rte_hash_add_key(table, key); }

int32_t pst_table_delete(void *table, const void *key) { return rte_hash_del_key(table, key); }
