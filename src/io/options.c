/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io_i.h"

static const nax_opt_info source_entries[] = {
    NAX_I_POSITIVE(nax_source_opts, rate, "rate", "Hz", NAX_NOT_GIVEN, 1,
                   "sampling rate; overrides what the file states"),
    NAX_I_STRING(nax_source_opts, format, "format",
                 "read as this format instead of recognising it"),
    NAX_I_STRING(nax_source_opts, var, "var",
                 "variable to work on, by name or path inside the file"),
    NAX_I_STRING(nax_source_opts, axes, "axes",
                 "axis names of the variable in the file's order, e.g. neuron,time"),
    NAX_I_STRING(nax_source_opts, rows, "rows",
                 "text tables: what a row is: time, neuron or spike"),
    NAX_I_FLAG(nax_source_opts, allow_inf, "allow-inf", 0,
               "accept infinite values as data"),
    NAX_I_FLAG(nax_source_opts, cells_only, "cells-only", 0,
               "leave out ROIs or units that the file marks as rejected"),
    NAX_I_FLAG(nax_source_opts, strict, "strict", 0,
               "treat violations of the format's rules as errors"),
};

const nax_opt_table nax_i_source_table =
    NAX_I_TABLE("source", nax_source_opts, sizeof(nax_source_opts), source_entries);

static const nax_opt_info save_entries[] = {
    NAX_I_STRING(nax_save_opts, command, "command",
                 "command line for the history attribute"),
    NAX_I_INT(nax_save_opts, compress, "compress", "", 0, 0, 9,
              "deflate level of the output, 0 is off"),
    NAX_I_INT(nax_save_opts, time, "time", "s", -1, -1, 4e9,
              "seconds since 1970 for the history attribute, -1 is now"),
    NAX_I_FLAG(nax_save_opts, force, "force", 0, "replace an existing output file"),
    NAX_I_FLAG(nax_save_opts, no_history, "no-history", 0,
               "write no time, command or version, for equal bytes"),
};

const nax_opt_table nax_i_save_table =
    NAX_I_TABLE("save", nax_save_opts, sizeof(nax_save_opts), save_entries);
