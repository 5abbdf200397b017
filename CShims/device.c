#include "include/CShims.h"
#include "names.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_dev.h>
#include <rte_errno.h>
#include <rte_eth_ring.h>
#include <rte_ethdev.h>
#include <rte_log.h>
#include <rte_mbuf.h>
#include <rte_ring.h>

int pst_device_add(const char *bus, const char *name, const char *arguments, char *messages, size_t size) {
  char *text = NULL;
  size_t length = 0;
  FILE *log = open_memstream(&text, &length);
  const uint32_t level = rte_log_get_global_level();
  if (log != NULL) {
    rte_openlog_stream(log);
    rte_log_set_global_level(RTE_LOG_ERR);
  }
  int result = rte_eal_hotplug_add(bus, name, arguments);
  if (log != NULL) {
    rte_log_set_global_level(level);
    rte_openlog_stream(NULL);
    fclose(log);
    snprintf(messages, size, "%s", text);
    free(text);
  }
  return result;
}

int pst_device_remove(const char *bus, const char *name) { return rte_eal_hotplug_remove(bus, name); }

int pst_device_port(const char *name) {
  uint16_t port = 0;
  return rte_eth_dev_get_port_by_name(name, &port) == 0 ? port : -ENODEV;
}

int pst_device_describe(uint16_t port, pst_device_info *info) {
  struct rte_eth_dev_info device;
  int result = rte_eth_dev_info_get(port, &device);
  if (result != 0) return result;
  memset(info, 0, sizeof *info);
  if (device.driver_name != NULL) snprintf(info->driver, sizeof info->driver, "%s", device.driver_name);
  info->max_frame = device.max_rx_pktlen;
  info->min_mtu = device.min_mtu;
  info->max_mtu = device.max_mtu;
  info->if_index = device.if_index;
  return 0;
}

int pst_device_configure(uint16_t port, uint16_t rx_queues, uint16_t tx_queues, uint32_t mtu) {
  struct rte_eth_conf configuration = {.rxmode = {.mtu = mtu}};
  return rte_eth_dev_configure(port, rx_queues, tx_queues, &configuration);
}

int pst_device_adjust_rings(uint16_t port, uint16_t *rx, uint16_t *tx) {
  return rte_eth_dev_adjust_nb_rx_tx_desc(port, rx, tx);
}

int pst_device_set_rx_queue(uint16_t port, uint16_t queue, uint16_t descriptors, void *pool) {
  return rte_eth_rx_queue_setup(port, queue, descriptors, rte_eth_dev_socket_id(port), NULL, pool);
}

int pst_device_set_tx_queue(uint16_t port, uint16_t queue, uint16_t descriptors) {
  return rte_eth_tx_queue_setup(port, queue, descriptors, rte_eth_dev_socket_id(port), NULL);
}

int pst_device_start(uint16_t port) { return rte_eth_dev_start(port); }

int pst_device_stop(uint16_t port) { return rte_eth_dev_stop(port); }

int pst_device_close(uint16_t port) { return rte_eth_dev_close(port); }

int pst_device_set_mtu(uint16_t port, uint16_t mtu) { return rte_eth_dev_set_mtu(port, mtu); }

int pst_device_set_promiscuous(uint16_t port, int is_on) {
  return is_on ? rte_eth_promiscuous_enable(port) : rte_eth_promiscuous_disable(port);
}

int pst_device_mac(uint16_t port, uint8_t address[6]) {
  struct rte_ether_addr mac;
  int result = rte_eth_macaddr_get(port, &mac);
  if (result == 0) memcpy(address, mac.addr_bytes, sizeof mac.addr_bytes);
  return result;
}

int pst_device_link(uint16_t port, int *is_up, uint32_t *megabits) {
  struct rte_eth_link link;
  memset(&link, 0, sizeof link);
  int result = rte_eth_link_get_nowait(port, &link);
  *is_up = link.link_status == RTE_ETH_LINK_UP;
  *megabits = link.link_speed;
  return result;
}

int pst_device_counters_read(uint16_t port, pst_device_counters *counters) {
  struct rte_eth_stats stats;
  int result = rte_eth_stats_get(port, &stats);
  if (result != 0) return result;
  *counters = (pst_device_counters){
      .rx_packets = stats.ipackets,
      .rx_bytes = stats.ibytes,
      .rx_missed = stats.imissed,
      .rx_errors = stats.ierrors,
      .rx_no_memory = stats.rx_nombuf,
      .tx_packets = stats.opackets,
      .tx_bytes = stats.obytes,
      .tx_errors = stats.oerrors,
  };
  return 0;
}

int pst_device_counters_reset(uint16_t port) { return rte_eth_stats_reset(port); }

int pst_device_disable_flow_control(uint16_t port) {
  struct rte_eth_fc_conf configuration;
  memset(&configuration, 0, sizeof configuration);
  int result = rte_eth_dev_flow_ctrl_get(port, &configuration);
  if (result != 0) return result;
  configuration.mode = RTE_ETH_FC_NONE;
  configuration.mac_ctrl_frame_fwd = 1;
  configuration.autoneg = 0;
  return rte_eth_dev_flow_ctrl_set(port, &configuration);
}

unsigned pst_device_receive(uint16_t port, uint16_t queue, pst_packet **packets, unsigned count) {
  return rte_eth_rx_burst(port, queue, (struct rte_mbuf **)packets, (uint16_t)count);
}

unsigned pst_device_transmit(uint16_t port, uint16_t queue, pst_packet **packets, unsigned count) {
  return rte_eth_tx_burst(port, queue, (struct rte_mbuf **)packets, (uint16_t)count);
}

void *pst_ring_create(const char *name, unsigned size) {
  return rte_ring_create(name, size, SOCKET_ID_ANY, RING_F_SP_ENQ | RING_F_SC_DEQ);
}

void *pst_ring_create_unnamed(unsigned size) {
  char name[32];
  pst_unique_name(name, "packets");
  return pst_ring_create(name, size);
}

void *pst_ring_find(const char *name) { return rte_ring_lookup(name); }

void pst_ring_free(void *ring) {
  void *packet = NULL;
  while (rte_ring_dequeue(ring, &packet) == 0) rte_pktmbuf_free(packet);
  rte_ring_free(ring);
}

unsigned pst_ring_put(void *ring, pst_packet **packets, unsigned count) {
  return rte_ring_sp_enqueue_burst(ring, (void **)packets, count, NULL);
}

unsigned pst_ring_take(void *ring, pst_packet **packets, unsigned count) {
  return rte_ring_sc_dequeue_burst(ring, (void **)packets, count, NULL);
}

unsigned pst_ring_count(const void *ring) { return rte_ring_count(ring); }

void *pst_message_ring_create(unsigned size, unsigned bytes) {
  char name[32];
  pst_unique_name(name, "messages");
  return rte_ring_create_elem(name, bytes, size, SOCKET_ID_ANY, RING_F_SP_ENQ | RING_F_SC_DEQ);
}

void pst_message_ring_free(void *ring) { rte_ring_free(ring); }

unsigned pst_message_ring_free_count(const void *ring) { return rte_ring_free_count(ring); }

unsigned pst_message_ring_put(void *ring, const void *message, unsigned bytes) {
  return rte_ring_sp_enqueue_bulk_elem(ring, message, bytes, 1, NULL);
}

unsigned pst_message_ring_take(void *ring, void *message, unsigned bytes) {
  return rte_ring_sc_dequeue_bulk_elem(ring, message, bytes, 1, NULL);
}

int pst_device_add_ring(const char *name, void *rx, void *tx) {
  struct rte_ring *rx_rings[] = {rx}, *tx_rings[] = {tx};
  int port = rte_eth_from_rings(name, rx_rings, 1, tx_rings, 1, 0);
  return port >= 0 ? port : -rte_errno;
}
