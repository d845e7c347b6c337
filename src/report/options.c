/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dataset_page_i.h"

static const nax_opt_info entries[] = {
    NAX_I_STRING(nax_report_opts, title, "title", "title of the page"),
    NAX_I_STRING(nax_report_opts, command, "command",
                 "command line that makes the page again"),
    NAX_I_STRING(nax_report_opts, figures_dir, "figures-dir",
                 "folder that gets each figure as SVG and its numbers as CSV"),
    NAX_I_INT(nax_report_opts, memory, "memory", "MB", 128, 1, 1000000,
              "traces held at once when reading from a file"),
    NAX_I_ENUM(nax_report_opts, signal, "signal",
               "auto|dff|fluorescence|inferred|potential|counts|other", NAX_SIGNAL_AUTO,
               7, "what the values of the main variable are"),
    NAX_I_FLAG(nax_report_opts, no_hash, "no-hash", 0,
               "leave out the SHA-256 of the file"),
    NAX_I_FLAG(nax_report_opts, force, "force", 0, "replace existing files"),
};

const nax_opt_table nax_i_report_table =
    NAX_I_TABLE("report", nax_report_opts, sizeof(nax_report_opts), entries);
