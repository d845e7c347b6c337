/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Option tables: one description per option struct, from which validation, command
 * line flags, help texts, manual pages and the bindings are made.
 *
 * An option struct begins with `size_t struct_size` and is initialised by its
 * NAX_..._OPTS_INIT macro. The library starts from its own defaults and overlays the
 * caller's bytes, so a program compiled against an older, shorter struct keeps
 * working. Structs only grow at the end. */
#ifndef NEURAXIS_OPTIONS_H
#define NEURAXIS_OPTIONS_H
#include <neuraxis/context.h>
#include <math.h>
NAX_BEGIN_DECLS

/** Value of a real option that was not given. */
#define NAX_NOT_GIVEN ((double)NAN)

/** Type of the struct member behind an option. */
typedef enum nax_opt_type {
  NAX_OPT_INT = 1,    /**< int64_t */
  NAX_OPT_REAL = 2,   /**< double; NaN means "not given" where the help says so */
  NAX_OPT_FLAG = 3,   /**< int32_t, 0 or 1 */
  NAX_OPT_ENUM = 4,   /**< int32_t, one of `choices` (value = position + 1) */
  NAX_OPT_STRING = 5, /**< const char *, borrowed, may be NULL */
  NAX_OPT_SEED = 6,   /**< uint64_t */
  NAX_OPT_TYPE_FORCE_INT = 0x7fffffff /**< keeps the enum int-sized in the ABI */
} nax_opt_type;

/** One option. */
typedef struct nax_opt_info {
  const char *name;    /**< flag and binding name, words joined by '-', e.g. "rate" */
  const char *unit;    /**< physical unit of the value, "" when it has none */
  const char *choices; /**< NAX_OPT_ENUM: names joined by '|', else "" */
  const char *help;    /**< one line, lower case, no full stop */
  nax_opt_type type;   /**< type of the member */
  int32_t min_open;    /**< 1 when the value must be greater than `min` */
  int32_t max_open;    /**< 1 when the value must be less than `max` */
  int32_t may_be_nan;  /**< 1 when NaN is allowed and means "not given" */
  size_t offset;       /**< of the member in the struct */
  double def;          /**< default (enum: value, string: unused, NULL default) */
  double min;          /**< smallest allowed value */
  double max;          /**< largest allowed value */
} nax_opt_info;

/** All options of one struct. */
typedef struct nax_opt_table {
  const char *module;       /**< e.g. "simulate" */
  size_t struct_size;       /**< sizeof the struct in this library */
  size_t min_size;          /**< smallest struct_size that any release had */
  int32_t n_opts;           /**< entries in `opts` */
  const nax_opt_info *opts; /**< the entries, in the order of the help text */
  const char *type;         /**< name of the struct, e.g. "nax_bin_opts" */
} nax_opt_table;

/** The table of a module by name; NULL when there is none. Static data. */
NAX_API const nax_opt_table *nax_options_table(const char *module);

/** Number of modules that have a table. */
NAX_API int32_t nax_options_n_tables(void);

/** Table `i`, 0 <= i < nax_options_n_tables(); NULL when out of range. Static data. */
NAX_API const nax_opt_table *nax_options_table_at(int32_t i);

/** Fill an option struct of `table->struct_size` bytes with its defaults. */
NAX_API void nax_options_default(const nax_opt_table *table, void *opts);

/** Set one option from text, as a command line or a binding has it: numbers with '.' as
 * decimal point whatever the locale, enums by name, flags by 1/0/true/false/yes/no.
 * @borrows a string option keeps the pointer `value`.
 * @status NAX_EINVAL naming the option, what was given and what is allowed. */
NAX_API NAX_NODISCARD nax_status nax_options_set(nax_ctx *ctx, const nax_opt_table *table,
                                                 void *opts, const char *name,
                                                 const char *value);

/** Write the value of option `i` of a struct as text into `buf` (always terminated);
 * returns the length the text has, as snprintf does. */
NAX_API int nax_options_format(const nax_opt_table *table, const void *opts, int32_t i,
                               char *buf, size_t size);

/** Check every member of a struct against its table.
 * @status NAX_EINVAL naming the first option out of range. */
NAX_API NAX_NODISCARD nax_status nax_options_check(nax_ctx *ctx,
                                                   const nax_opt_table *table,
                                                   const void *opts);

NAX_END_DECLS
#endif
