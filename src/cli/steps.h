/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The steps of `preprocess`: what each takes and does. A new step is one entry in the
 * table of steps.c; its options come from the library's table where there is one. */
#ifndef NAX_CLI_STEPS_H
#define NAX_CLI_STEPS_H
#include "cli_i.h"

enum { CLI_STEP_PARAMS = 6 };

/* What a step returns for a wrong value: the library's way of failing is not ours to use,
 * so the text is on stderr already. */
#define CLI_TOLD NAX_STATUS_FORCE_INT

/* What the chain works on: an array, or spike trains until they are binned or aligned. */
typedef struct cli_chain {
  cli *c;
  nax_source *source;
  nax_array *a;
  nax_spikes *s;
} cli_chain;

/* A value of a step that is not in an option table of the library. */
typedef struct cli_step_param {
  const char *name, *metavar, *def, *help;
} cli_step_param;

typedef struct cli_step {
  const char *name;
  const char
      *spec; /* how the help shows its value; "[SPEC]" may be left out, NULL: none */
  const char *help;
  const char *table; /* options of the library, or NULL */
  const char *bare;  /* keys that values without a key stand for, in this order */
  const char *alias; /* other names of keys: "sd=width,tau=width" */
  cli_step_param own[CLI_STEP_PARAMS]; /* ends with a NULL name */
  /* `opts`: the struct of `table`; `own`: values in the order of `own` above */
  nax_status (*run)(cli_chain *p, const void *opts, const char *const *own);
  char wants; /* 'a' array, 'S' spikes, 'b' both, 'B' both; capitals make an array */
} cli_step;

extern const cli_step cli_steps[]; /* ends with a NULL name */

const cli_step *cli_step_find(const char *name);
/* Options of the command, one for each step; ends with a NULL name. */
const cli_opt *cli_step_opts(void);
/* What each step takes, for the help. */
void cli_steps_help(FILE *f);
/* Do one step. Exit status, after a message; `done` gets what was done. With `done` NULL
 * the values are only looked at, so that a mistake in the last step costs no time. */
int cli_step_run(cli_chain *p, const cli_step *step, const char *spec, json_t *done);
/* Exit status, after a message, when a step cannot work on spike trains or an array. */
int cli_step_fits(const cli_chain *p, const cli_step *step, int is_spikes);
/* Load variable v and do all steps of the command line on it; `done` gets what was done.
 * A mistake in any value is found before anything is read. Exit status, after a message.
 */
int cli_chain_run(cli_chain *p, int32_t v, json_t *done);
void cli_chain_free(cli_chain *p);
/* "neuron 60 x time 3000" or "60 units, 1234 spikes"; free it. */
char *cli_chain_shape(const cli_chain *p);

#endif
