/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Option values as text: "name=value" lines for a table that the first byte chooses. What
 * was accepted must survive printing and reading back. */
#include "reader.h"

static void
set_and_print(const nax_opt_table *t, char *opts, char *line)
{
  char *value = strchr(line, '=');
  if (value == NULL) {
    return;
  }
  *value++ = '\0';
  nax_status s = nax_options_set(NULL, t, opts, line, value);
  if (s != NAX_OK) {
    fuzz_check_failure(NULL, s, NULL);
    return;
  }
  fuzz_n_opened++;
  for (int32_t i = 0; i < t->n_opts; i++) {
    char text[200];
    if (strcmp(t->opts[i].name, line) != 0 || t->opts[i].type == NAX_OPT_STRING) {
      continue;
    }
    int n = nax_options_format(t, opts, i, text, sizeof text);
    FUZZ_REQUIRE(n >= 0 && n < (int)sizeof text);
    FUZZ_REQUIRE(nax_options_set(NULL, t, opts, line, text) == NAX_OK);
  }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (size < 1) {
    return 0;
  }
  const nax_opt_table *t = nax_options_table_at(data[0] % nax_options_n_tables());
  char *opts = malloc(t->struct_size), *text = malloc(size);
  if (opts != NULL && text != NULL) {
    nax_options_default(t, opts);
    memcpy(text, data + 1, size - 1);
    text[size - 1] = '\0';
    for (char *line = text, *next; line != NULL; line = next) {
      next = strchr(line, '\n');
      if (next != NULL) {
        *next++ = '\0';
      }
      set_and_print(t, opts, line);
    }
    nax_status s = nax_options_check(NULL, t, opts);
    if (s != NAX_OK) {
      fuzz_check_failure(NULL, s, NULL);
    }
  }
  free(opts);
  free(text);
  return 0;
}
