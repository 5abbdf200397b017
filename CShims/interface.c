#include "include/CShims.h"

#include <errno.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

// One request about an interface; its answer replaces it.
static int ask(const char *name, unsigned long request, struct ifreq *question) {
  int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (control < 0) return -errno;
  snprintf(question->ifr_name, sizeof question->ifr_name, "%s", name);
  int result = ioctl(control, request, question) == 0 ? 0 : -errno;
  close(control);
  return result;
}

int pst_interface_set_mtu(const char *name, uint32_t mtu) {
  struct ifreq question;
  memset(&question, 0, sizeof question);
  question.ifr_mtu = (int)mtu;
  return ask(name, SIOCSIFMTU, &question);
}
