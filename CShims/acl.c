#include "include/CShims.h"
#include "names.h"

#include <stdlib.h>
#include <string.h>

#include <rte_acl.h>
#include <rte_byteorder.h>

// rte_acl walks its input in groups of exactly four bytes, but for the first, which is a single byte by definition. The
// key is therefore laid out here, in network order, independently of pst_acl_key.
struct input {
  uint8_t ip_protocol;
  uint8_t dscp, known;
  uint16_t ingress_port;
  uint16_t ether_type, vlan;
  uint16_t source_port, destination_port;
  uint32_t source[4], destination[4];
} __attribute__((packed));

enum {
  PROTOCOL, DSCP, KNOWN, INGRESS, ETHERTYPE, VLAN, SOURCE_PORT, DESTINATION_PORT,
  SOURCE, DESTINATION = SOURCE + 4, FIELDS = DESTINATION + 4
};

#define FIELD(index, kind, group, member) \
  [index] = {RTE_ACL_FIELD_TYPE_##kind, sizeof(((struct input *)0)->member), index, group, offsetof(struct input, member)}

static const struct rte_acl_field_def fields[FIELDS] = {
    FIELD(PROTOCOL, BITMASK, 0, ip_protocol),
    FIELD(DSCP, BITMASK, 1, dscp),
    FIELD(KNOWN, BITMASK, 1, known),
    FIELD(INGRESS, BITMASK, 1, ingress_port),
    FIELD(ETHERTYPE, BITMASK, 2, ether_type),
    FIELD(VLAN, BITMASK, 2, vlan),
    FIELD(SOURCE_PORT, RANGE, 3, source_port),
    FIELD(DESTINATION_PORT, RANGE, 3, destination_port),
    FIELD(SOURCE + 0, MASK, 4, source[0]),
    FIELD(SOURCE + 1, MASK, 5, source[1]),
    FIELD(SOURCE + 2, MASK, 6, source[2]),
    FIELD(SOURCE + 3, MASK, 7, source[3]),
    FIELD(DESTINATION + 0, MASK, 8, destination[0]),
    FIELD(DESTINATION + 1, MASK, 9, destination[1]),
    FIELD(DESTINATION + 2, MASK, 10, destination[2]),
    FIELD(DESTINATION + 3, MASK, 11, destination[3]),
};

#define GROUP(index, first, next) \
  _Static_assert(offsetof(struct input, next) - offsetof(struct input, first) == (index == 0 ? 1 : 4), "group " #index)
GROUP(0, ip_protocol, dscp);
GROUP(1, dscp, ether_type);
GROUP(2, ether_type, source_port);
GROUP(3, source_port, source);
GROUP(4, source[0], source[1]);

RTE_ACL_RULE_DEF(rule, FIELDS);

void *pst_acl_create(const pst_acl_rule *rules, uint32_t count) {
  char name[32];
  pst_unique_name(name, "acl");
  struct rte_acl_param parameters = {
      .name = name, .socket_id = SOCKET_ID_ANY, .rule_size = RTE_ACL_RULE_SZ(FIELDS), .max_rule_num = count};
  struct rte_acl_ctx *acl = rte_acl_create(&parameters);
  if (acl == NULL) return NULL;
  for (uint32_t i = 0; i < count; i++) {
    const pst_acl_key *value = &rules[i].value, *mask = &rules[i].mask;
    struct rule rule;
    memset(&rule, 0, sizeof rule);
    rule.data.category_mask = 1;
    rule.data.priority = (int32_t)(RTE_ACL_MAX_PRIORITY - i);
    rule.data.userdata = i + 1;
    rule.field[PROTOCOL] = (struct rte_acl_field){.value.u8 = value->ip_protocol, .mask_range.u8 = mask->ip_protocol};
    rule.field[DSCP] = (struct rte_acl_field){.value.u8 = value->dscp, .mask_range.u8 = mask->dscp};
    rule.field[KNOWN] = (struct rte_acl_field){.value.u8 = value->known, .mask_range.u8 = mask->known};
    rule.field[INGRESS] =
        (struct rte_acl_field){.value.u16 = value->ingress_port, .mask_range.u16 = mask->ingress_port};
    rule.field[ETHERTYPE] =
        (struct rte_acl_field){.value.u16 = value->ether_type, .mask_range.u16 = mask->ether_type};
    rule.field[VLAN] = (struct rte_acl_field){.value.u16 = value->vlan, .mask_range.u16 = mask->vlan};
    rule.field[SOURCE_PORT] =
        (struct rte_acl_field){.value.u16 = value->source_port, .mask_range.u16 = mask->source_port};
    rule.field[DESTINATION_PORT] =
        (struct rte_acl_field){.value.u16 = value->destination_port, .mask_range.u16 = mask->destination_port};
    for (int word = 0; word < 4; word++) {
      rule.field[SOURCE + word] =
          (struct rte_acl_field){.value.u32 = value->source[word], .mask_range.u32 = rules[i].source_depth[word]};
      rule.field[DESTINATION + word] = (struct rte_acl_field){
          .value.u32 = value->destination[word], .mask_range.u32 = rules[i].destination_depth[word]};
    }
    if (rte_acl_add_rules(acl, (struct rte_acl_rule *)&rule, 1) != 0) {
      rte_acl_free(acl);
      return NULL;
    }
  }
  struct rte_acl_config config = {.num_categories = 1, .num_fields = FIELDS};
  memcpy(config.defs, fields, sizeof fields);
  if (rte_acl_build(acl, &config) != 0) {
    rte_acl_free(acl);
    return NULL;
  }
  return acl;
}

void pst_acl_free(void *acl) { rte_acl_free(acl); }

uint32_t pst_acl_classify(void *acl, const pst_acl_key *key) {
  struct input input = {
      .ip_protocol = key->ip_protocol,
      .dscp = key->dscp,
      .known = key->known,
      .ingress_port = rte_cpu_to_be_16(key->ingress_port),
      .ether_type = rte_cpu_to_be_16(key->ether_type),
      .vlan = rte_cpu_to_be_16(key->vlan),
      .source_port = rte_cpu_to_be_16(key->source_port),
      .destination_port = rte_cpu_to_be_16(key->destination_port),
  };
  for (int word = 0; word < 4; word++) {
    input.source[word] = rte_cpu_to_be_32(key->source[word]);
    input.destination[word] = rte_cpu_to_be_32(key->destination[word]);
  }
  const uint8_t *data[1] = {(const uint8_t *)&input};
  uint32_t result = 0;
  rte_acl_classify(acl, data, &result, 1, 1);
  return result;
}
