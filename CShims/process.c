#define _GNU_SOURCE  // POSIX_SPAWN_SETSID, posix_spawn_file_actions_addclosefrom_np
#include "include/CShims.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>

int pst_process_spawn(const char *const *arguments, const char *const *environment, const char *output, int *pid) {
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_t actions;
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_adddup2(&actions, 1, 2);
  posix_spawn_file_actions_addclosefrom_np(&actions, 3);
  pid_t child = 0;
  int result = posix_spawn(&child, arguments[0], &actions, &attributes, (char *const *)(uintptr_t)arguments,
                           (char *const *)(uintptr_t)environment);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  *pid = child;
  return -result;
}
