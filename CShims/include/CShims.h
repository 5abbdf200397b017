// The only C of Penstock: DPDK and libpcap behind plain C types.
//
// DPDK's headers are included in the .c files alone, so that no Swift target needs DPDK's compiler flags, and so
// that over-aligned records (rte_mbuf, rte_ring: "record is over aligned") need not be imported. There are no
// decisions here: a function either moves data or calls the library function it is named after.
#ifndef PENSTOCK_CSHIMS_H
#define PENSTOCK_CSHIMS_H

// One pointer is said to be never null, because every stage reads it and would check it; of the others nothing is said.
#pragma clang diagnostic ignored "-Wnullability-completeness"
#pragma clang diagnostic ignored "-Wnullability-completeness-on-arrays"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

// Lets a Swift function marked @_noLocks call this one: it neither locks nor allocates.
#define PST_HOT __attribute__((swift_attr("@_noLocks")))

// A packet: DPDK's rte_mbuf, followed by the state that Penstock keeps per packet in the mbuf's private area.
// The first 128 bytes mirror struct rte_mbuf of DPDK 22.11 (asserted in packet.c).
typedef struct pst_packet {
  void *_Nonnull buf_addr;
  uint64_t buf_iova;
  uint16_t data_off;
  uint16_t refcnt;
  uint16_t nb_segs;
  uint16_t port;
  uint64_t ol_flags;
  uint32_t packet_type;
  uint32_t pkt_len;
  uint16_t data_len;
  uint16_t vlan_tci;
  uint32_t rss_hash[2];
  uint16_t vlan_tci_outer;
  uint16_t buf_len;
  void *pool;
  struct pst_packet *next_segment;
  uint64_t tx_offload;
  void *shinfo;
  uint16_t priv_size;
  uint16_t timesync;
  uint32_t dynfield1[9];

  // Private area, first cache line: what every stage reads.
  uint64_t arrival;          // tick from which latency counts
  uint64_t ready;            // earliest tick at which it may start to leave
  struct pst_packet *next;   // the next one in its queue
  uint32_t wire_length;      // bytes of the frame without check sequence; may exceed data_len
  uint32_t flow_hash;
  uint32_t adjacency;        // index of the neighbour it goes to, when routed
  uint32_t flow_label;
  uint16_t ingress_port;
  uint16_t egress_port;
  uint16_t network_offset;   // of the IP or other network header
  uint16_t transport_offset; // of TCP, UDP, ICMP ...; 0 if there is none to look at
  uint16_t ether_type;       // after VLAN tags
  uint16_t vlan;             // VLAN it is in; 0 for none
  uint16_t flags;            // PacketFlags
  uint8_t traffic_class;
  uint8_t queue;
  uint32_t member;           // next-hop group member it took, for counting; ~0 for none
  uint8_t priority_group;
  uint8_t dscp;              // 0 to 63
  uint8_t ecn;
  uint8_t ip_protocol;

  // Second cache line: what fewer stages read.
  uint64_t number;           // in order of arrival, from 0
  uint64_t wire_start;       // tick of its first bit on the ingress wire
  uint64_t departure;        // tick of its first bit on the egress wire
  uint16_t source_port;
  uint16_t destination_port;
  uint32_t roce_qp;          // destination queue pair of RoCEv2
  uint16_t network_length;   // length of the IP packet, as its header claims
  uint8_t pcp;
  uint8_t drop_reason;
  uint32_t queued_bytes;     // what it was charged to its queue with
  uint64_t wire_end;         // tick of its last bit on the ingress wire
  uint64_t paused;           // queued: what its queue had been paused for, in ticks; departed: what it waited for that
  union {
    struct {
      uint16_t charged_rest;  // cells of the shared pool or of headroom
      uint16_t charged_group; // cells of its priority group's reserve
      uint16_t charged_port;  // cells of its port's reserve
      uint16_t charged_queue; // cells of its queue's reserve at egress
    };
    uint64_t charged;         // all four; where nothing is reserved, charged_rest alone
  };
} pst_packet;

// Where eight octets of state lie that the parser writes at once.
enum {
  PST_ROUTE_WORD = offsetof(pst_packet, adjacency),      // adjacency, flow_label
  PST_PLACE_WORD = offsetof(pst_packet, ingress_port),   // ingress_port, egress_port, network_offset, transport_offset
  PST_KIND_WORD = offsetof(pst_packet, ether_type),      // ether_type, vlan, flags, traffic_class, queue
  PST_CLASS_WORD = offsetof(pst_packet, member),         // member, priority_group, dscp, ecn, ip_protocol
  PST_TRANSPORT_WORD = offsetof(pst_packet, source_port) // source_port, destination_port, roce_qp
};

// Asks for the state of a packet that another CPU has written.
PST_HOT static inline void pst_packet_prefetch(const pst_packet *packet) {
  const char *base = (const char *)packet;
  __builtin_prefetch(base, 1);
  __builtin_prefetch(base + 128, 1);
  __builtin_prefetch(base + 192, 1);
}

// ---- Environment and packet memory (packet.c)

// Starts DPDK's environment with these arguments of rte_eal_init, the first of which names the program. It exists once
// per process: later calls do nothing. Returns 0, or a negative errno with `message`.
int pst_environment_start(const char *const *arguments, unsigned count, char *message, size_t message_size);
// The CPUs that this thread may run on, a bit each; those from 128 on are left out.
void pst_allowed_cpus(uint64_t cpus[2]);
// Moves this thread to these CPUs. 0, or a negative errno.
int pst_allow_cpus(const uint64_t cpus[2]);
// True if packet memory is hugepages. False before the start.
int pst_environment_has_hugepages(void);
// "22.11.11".
const char *pst_dpdk_version(void);

// Creates a pool of `count` packets with `data_room` bytes each (headroom of 128 included). NULL: out of memory.
// Only a pool `for_hardware` can be read and written by hardware; it takes more room without hugepages. One that is
// `last_in_first_out` gives out first what was given back last, whichever thread gave it.
void *pst_pool_create(unsigned count, unsigned data_room, int for_hardware, int last_in_first_out);
void pst_pool_free(void *pool);
unsigned pst_pool_available(const void *pool);
// Bytes of a frame that each packet can hold behind its headroom.
unsigned pst_pool_capacity(void *pool);

PST_HOT pst_packet *pst_packet_alloc(void *pool);
// Takes `count` packets, or none: a negative number.
PST_HOT int pst_packet_alloc_bulk(void *pool, pst_packet **packets, unsigned count);
PST_HOT void pst_packet_free(pst_packet *packet);
PST_HOT void pst_packet_free_bulk(pst_packet **packets, unsigned count);
// Moves all segments of a packet into the first one. 0, or -1 if they do not fit.
PST_HOT int pst_packet_linearize(pst_packet *packet);

// ---- Longest prefix match (route.c); next hops have 31 bits in a wide table, 15 in others, which take half the memory

// `groups` is the number of blocks of 256 entries for prefixes longer than 24 bits. A table that is to stay empty takes
// no memory; nothing may be added to it.
void *pst_fib4_create(uint32_t max_routes, uint32_t groups, uint32_t default_next_hop, int is_wide, int is_empty);
void pst_fib4_free(void *fib);
int pst_fib4_add(void *fib, uint32_t address, uint8_t depth, uint32_t next_hop);
int pst_fib4_delete(void *fib, uint32_t address, uint8_t depth);
PST_HOT void pst_fib4_lookup(void *fib, uint32_t *addresses, uint64_t *next_hops, unsigned count);

void *pst_fib6_create(uint32_t max_routes, uint32_t groups, uint32_t default_next_hop, int is_wide, int is_empty);
void pst_fib6_free(void *fib);
int pst_fib6_add(void *fib, const uint8_t address[16], uint8_t depth, uint32_t next_hop);
int pst_fib6_delete(void *fib, const uint8_t address[16], uint8_t depth);
// `addresses` holds 16 bytes for each of `count` addresses.
PST_HOT void pst_fib6_lookup(void *fib, const void *addresses, uint64_t *next_hops, unsigned count);

// ---- Exact match (table.c): a hash table whose positions index memory of the caller

void *pst_table_create(uint32_t entries, uint32_t key_size);
void pst_table_free(void *table);
// Position of a key, or a negative errno: -ENOENT, or -ENOSPC when adding to a full table.
PST_HOT int32_t pst_table_lookup(const void *table, const void *key);
PST_HOT int32_t pst_table_add(void *table, const void *key);
PST_HOT int32_t pst_table_delete(void *table, const void *key);

// ---- Access rules (acl.c)

// What rules match on; addresses are in host order, most significant word first, IPv4 in word 3.
typedef struct pst_acl_key {
  uint8_t ip_protocol;
  uint8_t dscp;
  uint8_t known;          // which of the fields mean something: bits of the caller's choice
  uint16_t ingress_port;
  uint16_t ether_type;
  uint16_t vlan;
  uint16_t source_port;
  uint16_t destination_port;
  uint32_t source[4];
  uint32_t destination[4];
} pst_acl_key;

typedef struct pst_acl_rule {
  pst_acl_key value;      // lower bounds for ports
  pst_acl_key mask;       // bits that count; upper bounds for source_port and destination_port
  uint8_t source_depth[4];      // bits of each word that count
  uint8_t destination_depth[4];
} pst_acl_rule;

// Compiles rules; the first of them that matches wins. NULL: out of memory.
void *pst_acl_create(const pst_acl_rule *rules, uint32_t count);
void pst_acl_free(void *acl);
// Index of the first rule that matches plus one, or 0.
PST_HOT uint32_t pst_acl_classify(void *acl, const pst_acl_key *key);

// ---- Devices (device.c); what can fail returns 0 or a negative errno

typedef struct pst_device_info {
  char driver[32];
  uint32_t max_frame;         // bytes without check sequence that it can receive, as its driver says
  uint32_t min_mtu;
  uint32_t max_mtu;
  uint32_t if_index;          // of the kernel's interface behind it; 0 for none
} pst_device_info;

typedef struct pst_device_counters {
  uint64_t rx_packets;
  uint64_t rx_bytes;
  uint64_t rx_missed;         // arrived and found no room
  uint64_t rx_errors;
  uint64_t rx_no_memory;      // arrived and found no packet to be put into
  uint64_t tx_packets;
  uint64_t tx_bytes;
  uint64_t tx_errors;
} pst_device_counters;

// Creates a virtual device (bus "vdev") or takes a real one over ("pci"), and removes or gives it back. Messages of the
// driver's go to `messages`, as far as there is room.
int pst_device_add(const char *bus, const char *name, const char *arguments, char *messages, size_t size);
int pst_device_remove(const char *bus, const char *name);
// Number of a device's port, or -ENODEV.
int pst_device_port(const char *name);

int pst_device_describe(uint16_t port, pst_device_info *info);
int pst_device_configure(uint16_t port, uint16_t rx_queues, uint16_t tx_queues, uint32_t mtu);
// Brings numbers of descriptors into the range of the device.
int pst_device_adjust_rings(uint16_t port, uint16_t *rx, uint16_t *tx);
int pst_device_set_rx_queue(uint16_t port, uint16_t queue, uint16_t descriptors, void *pool);
int pst_device_set_tx_queue(uint16_t port, uint16_t queue, uint16_t descriptors);
int pst_device_start(uint16_t port);
int pst_device_stop(uint16_t port);
int pst_device_close(uint16_t port);

int pst_device_set_mtu(uint16_t port, uint16_t mtu);
int pst_device_set_promiscuous(uint16_t port, int is_on);
int pst_device_mac(uint16_t port, uint8_t address[6]);
// Link: 1 up, 0 down; speed in Mb/s, UINT32_MAX if unknown.
int pst_device_link(uint16_t port, int *is_up, uint32_t *megabits);
int pst_device_counters_read(uint16_t port, pst_device_counters *counters);
int pst_device_counters_reset(uint16_t port);
// Switches the pause frames of the MAC itself off, and has it hand received MAC control frames up.
int pst_device_disable_flow_control(uint16_t port);

// Up to `count` packets that have arrived.
PST_HOT unsigned pst_device_receive(uint16_t port, uint16_t queue, pst_packet **packets, unsigned count);
// How many of the packets the device took; the rest stays the caller's.
PST_HOT unsigned pst_device_transmit(uint16_t port, uint16_t queue, pst_packet **packets, unsigned count);

// A queue of packets in memory, by its name, or with one that nobody else has; single producer and single consumer.
void *pst_ring_create(const char *name, unsigned size);
void *pst_ring_create_unnamed(unsigned size);
void *pst_ring_find(const char *name);
// Frees it and the packets in it.
void pst_ring_free(void *ring);
// How many of `count` packets went in, or came out.
PST_HOT unsigned pst_ring_put(void *ring, pst_packet **packets, unsigned count);
PST_HOT unsigned pst_ring_take(void *ring, pst_packet **packets, unsigned count);
PST_HOT unsigned pst_ring_count(const void *ring);

// The same for messages of `bytes` bytes each, a multiple of 4. Putting and taking one: 1, or 0.
void *pst_message_ring_create(unsigned size, unsigned bytes);
void pst_message_ring_free(void *ring);
PST_HOT unsigned pst_message_ring_free_count(const void *ring);
PST_HOT unsigned pst_message_ring_put(void *ring, const void *message, unsigned bytes);
PST_HOT unsigned pst_message_ring_take(void *ring, void *message, unsigned bytes);
// A port that receives from one queue and sends into another. Number of the port, or a negative errno.
int pst_device_add_ring(const char *name, void *rx, void *tx);

// ---- Interfaces of the kernel (interface.c)

typedef struct pst_interface_info {
  char driver[32];            // empty if it has none that says so
  uint32_t mtu;
  uint32_t flags;             // IFF_UP and others
  uint8_t joins_received;     // GRO or LRO: received frames are joined to larger ones
  uint8_t leaves_checksums;   // sent frames may come without checksum, or unsegmented
} pst_interface_info;

// 0, or a negative errno. What the interface does not say is 0.
int pst_interface_read(const char *name, pst_interface_info *info);
int pst_interface_set_mtu(const char *name, uint32_t mtu);

// ---- Captures (capture.c)

typedef struct pst_record {
  uint64_t stamp_ns;      // since the epoch
  const uint8_t *bytes;   // valid until the next call
  uint32_t captured;
  uint32_t length;        // on the wire
} pst_record;

// Opens a pcap or pcapng file. NULL: `message` (256 bytes) says why.
void *pst_capture_open(const char *path, char *message);
int pst_capture_link_type(void *capture);
// 1: a record. 0: the end. -1: broken, see pst_capture_error.
int pst_capture_next(void *capture, pst_record *record);
const char *pst_capture_error(void *capture);
void pst_capture_close(void *capture);

// Compiles a filter expression for the packets of a capture. NULL: `message` (256 bytes) says why.
void *pst_filter_create(void *capture, const char *expression, char *message);
int pst_filter_matches(const void *filter, const pst_record *record);
void pst_filter_free(void *filter);

// Creates a capture with nanosecond stamps. NULL: `message` (256 bytes) says why.
void *pst_writer_open(const char *path, int snap_length, char *message);
PST_HOT void pst_writer_write(void *writer, uint64_t stamp_ns, const void *bytes, uint32_t captured, uint32_t length);
// 0, or the errno of the first write that failed.
int pst_writer_error(void *writer);
int pst_writer_close(void *writer);

// ---- Datagrams (datagram.c)

enum { PST_DATAGRAMS = 64 };

// Takes up to PST_DATAGRAMS datagrams that have come: their octets at `memory`, `stride` apart, and their lengths.
// `overflow` becomes how many the system had to throw away since the socket was made (SO_RXQ_OVFL), if it says so.
// Returns their number, or an errno as a negative number. Here because recvmmsg is not imported.
int pst_datagrams_receive(int socket, uint8_t *memory, uint32_t stride, uint32_t *lengths, uint32_t *overflow);

// ---- Time and threads (thread.c)

// The processor's time stamp counter, which runs at one rate on all cores.
PST_HOT static inline uint64_t pst_ticks(void) {
#if defined(__x86_64__)
  return __builtin_ia32_rdtsc();
#else
  uint64_t ticks;
  __asm__ volatile("mrs %0, cntvct_el0" : "=r"(ticks));
  return ticks;
#endif
}
// Its rate. The environment has been started.
uint64_t pst_ticks_per_second(void);

// Names the calling thread, pins it to a CPU (-1: to none), and makes it known to DPDK. 0, or a negative errno.
int pst_thread_enter(const char *name, int cpu);
void pst_thread_leave(void);
// Lets the calling thread, and those that it starts, run on these CPUs alone, a bit each. 0, or a negative errno.
int pst_thread_restrict(const uint64_t cpus[2]);
// Sleeps for at least so long.
void pst_sleep_ns(uint64_t nanoseconds);

// ---- Other programs (process.c)

// Starts a program in a session of its own, with no signal blocked or ignored, standard input empty, both outputs in a
// file, and no other file open. `arguments` (the first is a path) and `environment` end with NULL. 0, or a negative errno.
int pst_process_spawn(const char *const *arguments, const char *const *environment, const char *output, int *pid);

#endif
