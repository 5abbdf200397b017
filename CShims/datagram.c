#define _GNU_SOURCE
#include "include/CShims.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

int pst_datagrams_receive(int socket, uint8_t *memory, uint32_t stride, uint32_t *lengths, uint32_t *overflow) {
  struct mmsghdr messages[PST_DATAGRAMS];
  struct iovec parts[PST_DATAGRAMS];
  union {
    char bytes[CMSG_SPACE(sizeof(uint32_t))];
    struct cmsghdr aligned;
  } controls[PST_DATAGRAMS];
  memset(messages, 0, sizeof messages);
  for (int index = 0; index < PST_DATAGRAMS; index++) {
    parts[index] = (struct iovec){.iov_base = memory + (size_t)index * stride, .iov_len = stride};
    messages[index].msg_hdr.msg_iov = &parts[index];
    messages[index].msg_hdr.msg_iovlen = 1;
    messages[index].msg_hdr.msg_control = controls[index].bytes;
    messages[index].msg_hdr.msg_controllen = sizeof controls[index].bytes;
  }
  int count = recvmmsg(socket, messages, PST_DATAGRAMS, MSG_DONTWAIT, NULL);
  if (count < 0) return errno == EAGAIN || errno == EINTR ? 0 : -errno;
  for (int index = 0; index < count; index++) {
    lengths[index] = messages[index].msg_len;
    struct cmsghdr *control = CMSG_FIRSTHDR(&messages[index].msg_hdr);
    if (control != NULL && control->cmsg_level == SOL_SOCKET && control->cmsg_type == SO_RXQ_OVFL)
      memcpy(overflow, CMSG_DATA(control), sizeof *overflow);
  }
  return count;
}
