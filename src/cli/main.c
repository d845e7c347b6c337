/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <neuraxis.h>
#include <stdio.h>

int
main(void)
{
  printf("neuraxis %s\n", nax_version());
  return 0;
}
