/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the bindings share: one description of every method that can be called from
 * another language, and one way to call it.
 *
 * A host (R, MATLAB, Octave) turns its values into nxb_value, names a method, sets
 * options as text, runs the call and turns the dataset that comes back into its own
 * types. Methods stand in methods_*.c, once for all hosts; help texts and argument lists
 * of the host functions are generated from the same tables (generate.c), so no host can
 * drift away.
 *
 * Only the public interface of the library is used. */
#ifndef NXB_CALL_H
#define NXB_CALL_H
#include <neuraxis.h>

enum { NXB_MAX_INPUTS = 12, NXB_MAX_TABLES = 4, NXB_MAX_SET = 128 };

/* What an argument is. */
typedef enum nxb_kind {
  NXB_NOTHING = 0, /* not given */
  NXB_ARRAY,       /* numbers with axes; borrowed, never copied on the way in */
  NXB_SPIKES,      /* spike trains */
  NXB_TABLE,       /* columns of equal length */
  NXB_DATASET,     /* a named collection */
  NXB_LIST,        /* several values */
  NXB_TEXT,        /* one string */
  NXB_OTHER        /* what no method takes */
} nxb_kind;

typedef struct nxb_value nxb_value;
struct nxb_value {
  nxb_kind kind;
  nax_view view;                /* ARRAY: borrowed memory of the host */
  nax_axis *axis[NAX_MAX_NDIM]; /* ARRAY: owned; NULL where the host has none */
  const char *unit;             /* ARRAY: borrowed; NULL for none */
  const char *description;      /* ARRAY: likewise */
  nax_spikes *spikes;           /* SPIKES: owned */
  nax_table *table;             /* TABLE: owned */
  nax_dataset *dataset;         /* DATASET: owned */
  const char *text;             /* TEXT: borrowed */
  nxb_value *item;              /* LIST: owned, n_items of them */
  nax_index n_items;
  const char *name; /* of an item of a list: borrowed; NULL for none */
};

/* One argument of a method. `kinds` is a bit mask of 1 << nxb_kind. */
typedef struct nxb_input {
  const char *name;
  unsigned kinds;
  int optional;
  const char *axes; /* names for axes that have none, separated by commas; may be NULL */
  const char *help; /* one line */
} nxb_input;

typedef struct nxb_call nxb_call;

typedef struct nxb_method {
  const char *name;    /* of the function in the host, e.g. "ntf" */
  const char *title;   /* one line, no full stop */
  const char *details; /* a paragraph for the help page */
  const char *value;   /* what comes back, for the help page */
  const char *result;  /* class of what comes back, e.g. "ntf"; "" : the dataset's only
                          member itself; NULL: nothing */
  const char *r[2]; /* an example in R: the statement that makes the input (or NULL), and
                       the call; NULL: none that runs by itself */
  const char *m[2]; /* the same in MATLAB */
  nxb_input in[NXB_MAX_INPUTS];
  const char *tables[NXB_MAX_TABLES]; /* option tables of the library */
  const char *hidden; /* options the host function does not show, "," around each; or NULL
                       */
  const char *shown;  /* the only ones that it shows, written likewise; NULL: all */
  const char *derived; /* options that come from the data unless given, written as
                          `hidden` */
  nax_status (*run)(nxb_call *c);
} nxb_method;

/* A call under way. Everything it owns goes with nxb_free. */
struct nxb_call {
  const nxb_method *method;
  nax_ctx *ctx;
  nxb_value in[NXB_MAX_INPUTS];
  void *opts[NXB_MAX_TABLES];
  char *kept[NXB_MAX_SET]; /* copies of option texts: string options borrow them */
  char *set[NXB_MAX_SET];  /* names of the options that were set */
  int n_kept;
  void **room; /* of nxb_room */
  int n_room;
  nax_dataset *out;
  nax_status status;
  char error[512]; /* text of a failure of the call itself; else the context has it */
};

/* Methods in the order of the manual; NULL out of range. */
const nxb_method *nxb_method_at(int i);
const nxb_method *nxb_find(const char *name);

/* The number of values a method takes. */
int nxb_n_inputs(const nxb_method *m);

/* Starts a call. NULL when memory is out or there is no such method. */
nxb_call *nxb_new(const char *method);
void nxb_free(nxb_call *c);
void nxb_value_free(nxb_value *v);

/* Sets an option by the host's spelling of its name ('_' for '-'), in each table of the
 * method that has it. NAX_EINVAL when none has, or when the value is refused. */
nax_status nxb_set(nxb_call *c, const char *name, const char *value);

/* Checks the inputs and runs the method; `c->out` is the result. */
nax_status nxb_run(nxb_call *c);

/* NAX_EOVERFLOW when an axis, a table or the intervals of spike trains of the result have
 * more than `longest` positions, the most that the host can count to. */
nax_status nxb_check_lengths(nxb_call *c, nax_index longest);

/* n numbers of the result, or those of a view of it, to memory of the host: blocks
 * between which the host is asked whether to stop. What happens is in `c->status`; once
 * that is a failure, nothing is copied and the whole value is to be dropped. */
void nxb_copy_out(nxb_call *c, const double *x, nax_index n, double *to);
void nxb_copy_view(nxb_call *c, const nax_view *v, double *to);

/* In a loop over i: once in `every` turns asks whether to stop, NAX_EINTERRUPT. */
nax_status nxb_look(nxb_call *c, nax_index i, nax_index every);

/* Moves a value into a dataset as a member; what it owned goes with it. */
nax_status nxb_add_member(nxb_call *c, nax_dataset *d, const char *name, nxb_value *v);

/* Why the call failed; "" after a success. */
const char *nxb_error(const nxb_call *c);

/* ---- for the methods ------------------------------------------------------------------
 */

/* Records a failure in words of our own. */
nax_status nxb_fail(nxb_call *c, nax_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Zeros that live as long as the call: n items (one more, so that 0 is no special case)
 * of a size, or NULL with a failure recorded. */
void *nxb_room(nxb_call *c, nax_index n, size_t size);
double *nxb_doubles(nxb_call *c, nax_index n);
/* Input i as a view whose axes have names. */
nax_view nxb_view(const nxb_call *c, int i);
/* The same, or NULL when it was not given. */
const nax_view *nxb_optional(const nxb_call *c, int i);
/* NAX_EDIM unless input i has `least` to `most` axes and is dense. */
nax_status nxb_dense(nxb_call *c, int i, int least, int most);
/* An array value, or input i, as an array of the library that borrows the memory of the
 * host (where it is not dense: a copy): for reading, owned by the caller. Each axis must
 * exist. */
nax_status nxb_array_of(nxb_call *c, const nxb_value *v, nax_array **out);
nax_status nxb_array(nxb_call *c, int i, nax_array **out);
/* Axes of input i; all of them exist. */
const nax_axis *const *nxb_axes(const nxb_call *c, int i);
/* Numbers of input i in one row: NAX_EDIM unless it has one axis that matters. */
nax_status nxb_numbers(nxb_call *c, int i, const double **x, nax_index *n);
/* The same as whole numbers, `n` of them or, with n < 0, any number that comes back in
 * `given` (may be NULL). NULL when not given. Free. */
nax_status nxb_codes(nxb_call *c, int i, nax_index n, int64_t **out, nax_index *given);
/* The same in room of the call, less `first`: with 1 what counts from 1 in the hosts
 * counts from 0. Each must be at least `least`, as the host writes it. */
nax_status nxb_labels(nxb_call *c, int i, nax_index n, int64_t least, int64_t first,
                      int64_t **out);
/* One number; `otherwise` when it was not given. */
nax_status nxb_number(nxb_call *c, int i, double otherwise, double *out);
/* One whole number from `least` to `most`. */
nax_status nxb_whole(nxb_call *c, int i, double otherwise, double least, double most,
                     nax_index *out);
/* The options of a table of this method by its name. */
void *nxb_opts(const nxb_call *c, const char *table);
/* Options that a result keeps as attributes PREFIX_NAME; `names` says which, written as
 * `hidden`. */
nax_status nxb_kept_options(nxb_call *c, const nax_dataset *d, const char *prefix,
                            const char *names, void *opts);
/* 1 when the host has set this option (its own spelling). */
int nxb_was_set(const nxb_call *c, const char *name);
/* Text of input i, or `otherwise` when it was not given. */
const char *nxb_text(const nxb_call *c, int i, const char *otherwise);
/* Puts a result into the dataset that goes back; `a`, `s` or `t` is taken over, also
 * after a failure. */
nax_status nxb_give_array(nxb_call *c, const char *name, nax_array *a);
/* The same, or `s` when that is a failure: of what made or filled `a`. */
nax_status nxb_give_filled(nxb_call *c, nax_status s, const char *name, nax_array *a);
nax_status nxb_give_spikes(nxb_call *c, const char *name, nax_spikes *s);
nax_status nxb_give_table(nxb_call *c, const char *name, nax_table *t);
/* The same of plain numbers, copied: an array whose axes have these names and lengths, or
 * a table of n_columns columns of `rows` numbers each. */
nax_status nxb_give_numbers(nxb_call *c, const char *name, int ndim,
                            const char *const *axes, const nax_index *dim,
                            const double *x);
/* The same of n positions along one axis, each with `add` added: 1 where the host counts
 * from 1. Asks whether to stop. */
nax_status nxb_give_indices(nxb_call *c, const char *name, const char *axis, nax_index n,
                            const nax_index *x, double add);
nax_status nxb_give_columns(nxb_call *c, const char *name, const char *dim,
                            nax_index rows, int n_columns, const char *const *columns,
                            const double *x);
/* Opens a file with the options of table "source"; `var` is the one that option `var`
 * names or, without, the main one. Close. */
nax_status nxb_open(nxb_call *c, const char *path, nax_source **out, int32_t *var);
/* Page to write when input i was given, else NULL in `path`. A file that may not be
 * replaced is refused before anything is computed. */
nax_status nxb_page(nxb_call *c, int i, const char **path);
/* Position of `text` among `names` (separated by '|'), from 1; 0 with a failure recorded.
 */
int nxb_choice(nxb_call *c, const char *what, const char *text, const char *names);

#endif
