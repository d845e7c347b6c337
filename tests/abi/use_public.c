/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The smallest program of a user: compiled and linked by what pkg-config says. */
#include <neuraxis.h>
#include <stdio.h>
#include <stdlib.h>

int
main(void)
{
  nax_ctx *ctx = NULL;
  if (nax_ctx_create(&ctx) != NAX_OK) {
    return EXIT_FAILURE;
  }
  printf("%s\n", nax_version());
  nax_ctx_free(ctx);
  return EXIT_SUCCESS;
}
