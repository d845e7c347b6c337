/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a page holds; shared by page.c, which fills it, and html.c, which writes it. */
#ifndef NAX_PAGE_I_H
#define NAX_PAGE_I_H
#include "report_i.h"

typedef enum nax_i_group {
  NAX_I_GROUP_NONE = 0,
  NAX_I_GROUP_FACTS,
  NAX_I_GROUP_FIGS,
  NAX_I_GROUP_TILES,
  NAX_I_GROUP_NOTES
} nax_i_group;

/* A table as CSV, for the folder of figures. */
typedef struct nax_i_file {
  char *id;
  nax_i_buf csv;
} nax_i_file;

struct nax_i_page {
  char *title, *subtitle;
  nax_i_buf body;     /* everything after the head of the page */
  nax_i_buf contents; /* <li> of the table of contents */
  nax_i_group group;  /* what is open at the end of body */
  int in_section;
  nax_i_fig **figs;
  int n_figs;
  nax_i_file *files;
  int n_files;
  int failed;
};

/* Close the list or row of figures that is open. */
void nax_i_page_end(nax_i_page *p);

#endif
