#include "include/CShims.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

// One request about an interface; its answer replaces it.
static int ask(int control, const char *name, unsigned long request, struct ifreq *question) {
  snprintf(question->ifr_name, sizeof question->ifr_name, "%s", name);
  return ioctl(control, request, question) == 0 ? 0 : -errno;
}

static int control_socket(void) {
  int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  return control >= 0 ? control : -errno;
}

// A yes or no of ethtool's; 0 if the interface does not know it.
static uint32_t ethtool_value(int control, const char *name, uint32_t command) {
  struct ethtool_value value = {.cmd = command};
  struct ifreq question;
  memset(&question, 0, sizeof question);
  question.ifr_data = (char *)&value;
  return ask(control, name, SIOCETHTOOL, &question) == 0 ? value.data : 0;
}

int pst_interface_read(const char *name, pst_interface_info *info) {
  memset(info, 0, sizeof *info);
  int control = control_socket();
  if (control < 0) return control;
  struct ifreq question;
  memset(&question, 0, sizeof question);
  int result = ask(control, name, SIOCGIFFLAGS, &question);
  if (result == 0) {
    info->flags = (uint16_t)question.ifr_flags;
    if (ask(control, name, SIOCGIFMTU, &question) == 0) info->mtu = (uint32_t)question.ifr_mtu;
    struct ethtool_drvinfo driver = {.cmd = ETHTOOL_GDRVINFO};
    memset(&question, 0, sizeof question);
    question.ifr_data = (char *)&driver;
    if (ask(control, name, SIOCETHTOOL, &question) == 0)
      snprintf(info->driver, sizeof info->driver, "%s", driver.driver);
    info->joins_received = ethtool_value(control, name, ETHTOOL_GGRO) != 0 ||
                           (ethtool_value(control, name, ETHTOOL_GFLAGS) & ETH_FLAG_LRO) != 0;
    info->leaves_checksums =
        ethtool_value(control, name, ETHTOOL_GTXCSUM) != 0 || ethtool_value(control, name, ETHTOOL_GTSO) != 0 ||
        ethtool_value(control, name, ETHTOOL_GGSO) != 0;
  }
  close(control);
  return result;
}

int pst_interface_set_mtu(const char *name, uint32_t mtu) {
  int control = control_socket();
  if (control < 0) return control;
  struct ifreq question;
  memset(&question, 0, sizeof question);
  question.ifr_mtu = (int)mtu;
  int result = ask(control, name, SIOCSIFMTU, &question);
  close(control);
  return result;
}
