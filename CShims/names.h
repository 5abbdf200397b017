// Names of DPDK objects are global to the process; two switches in it must not collide.
#ifndef PENSTOCK_NAMES_H
#define PENSTOCK_NAMES_H

void pst_unique_name(char name[32], const char *kind);

#endif
