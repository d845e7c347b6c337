/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page as HTML: one file, no address outside it, readable in light, dark and print.
 */
#define _POSIX_C_SOURCE 200809L
#include "page_i.h"
#include <errno.h>
#include <neuraxis/version.h>
#include <stdio.h>
#include <sys/stat.h>

/* Sorts tables by a click on a column's head. The page is complete without it; its policy
 * allows this text and no other. */
const char nax_i_page_script[] =
    "document.querySelectorAll('table.sort').forEach(function(t){var "
    "b=t.tBodies[0],hs=t.tHead.rows[0].cells;function v(r,c){var "
    "s=r.cells[c].textContent.replace('\\u2212','-');return "
    "s==='\\u2013'||s===''?null:isNaN(s)?s:+s}Array.prototype.forEach.call(hs,function(h,c){var "
    "k=document.createElement('button');k.type='button';while(h.firstChild)k.appendChild(h.firstChild);h.appendChild(k);k.addEventListener('click',function(){var "
    "up=h.getAttribute('aria-sort')==='descending'||(!h.hasAttribute('aria-sort')&&h.className!=='n');Array.prototype.forEach.call(hs,function(o){o.removeAttribute('aria-sort')});h.setAttribute('aria-sort',up?'ascending':'descending');Array.prototype.map.call(b.rows,function(r,i){return[v(r,c),i,r]}).sort(function(x,y){var "
    "p=x[0],q=y[0];if(p===null||q===null)return(p===null)-(q===null)||x[1]-y[1];if(typeof "
    "p!==typeof "
    "q){p=String(p);q=String(q)}return(p<q?-1:p>q?1:0)*(up?1:-1)||x[1]-y[1]}).forEach(function(x){b.appendChild(x[2])})})})});";

const char nax_i_page_script_hash[] = "RQNLof3I4Own5x3Pa4ZKrU7CrFUPddOHZY6a3TCxlwo=";

static const char css[] =
    "*{box-sizing:border-box}body{font:15px/1.55 system-ui,-apple-system,'Segoe "
    "UI',Roboto,'Noto "
    "Sans',Helvetica,Arial,sans-serif;color:var(--ink);background:var(--bg);margin:0}main,header,footer{max-width:924px;margin:0 "
    "auto;padding:0 "
    "32px}header{padding-top:34px}h1{font-size:27px;line-height:1.2;margin:0 0 "
    "4px;letter-spacing:-.01em;overflow-wrap:anywhere}h2{font-size:19px;margin:44px 0 "
    "12px;padding-top:14px;border-top:1px solid "
    "var(--rule)}h3{font-size:15.5px;margin:26px 0 8px}p{margin:8px "
    "0}a{color:var(--link)}.sub{color:var(--muted);overflow-wrap:anywhere;margin:0}.lead{font-size:16.5px;line-height:1.5;margin:14px "
    "0 18px}.small{font-size:12.5px;color:var(--muted)}nav "
    "ul{list-style:none;display:flex;flex-wrap:wrap;gap:4px 18px;padding:10px 0 "
    "0;margin:14px 0 0;font-size:13.5px;border-top:1px solid var(--rule)}nav "
    "a{text-decoration:none}nav a:hover,nav "
    "a:focus{text-decoration:underline}.tiles{list-style:none;display:flex;flex-wrap:wrap;gap:10px;margin:18px "
    "0;padding:0}.tiles li{flex:1 1 "
    "120px;background:var(--panel);border-radius:8px;padding:10px 14px}.tiles "
    "b{display:block;white-space:nowrap;font-size:21px;font-weight:600;line-height:1.3;font-variant-numeric:tabular-nums}.tiles "
    "span{font-size:12.5px;color:var(--muted)}.facts{display:grid;grid-template-columns:max-content "
    "1fr;margin:12px 0;font-size:14px}.facts dt,.facts dd{margin:0;padding:4px "
    "0;border-bottom:1px solid var(--grid)}.facts "
    "dt{color:var(--muted);padding-right:28px}.facts "
    "dd{overflow-wrap:anywhere}.notes{list-style:none;padding:0;margin:14px "
    "0;font-size:14px}.notes li{border-left:4px solid "
    "var(--rule);background:var(--panel);padding:7px 12px;margin:6px 0;border-radius:0 "
    "6px 6px 0;overflow-wrap:anywhere}.notes "
    "b{text-transform:uppercase;font-size:11px;letter-spacing:.06em;margin-right:6px;color:var(--muted)}.notes "
    "li.g2{border-color:var(--c0)}.notes li.g3{border-color:var(--warn)}.notes "
    "li.g4{border-color:var(--bad)}.notes .g3 b{color:var(--warn)}.notes .g4 "
    "b{color:var(--bad)}";

static const char css_more[] =
    "code{font:12px ui-monospace,'DejaVu Sans "
    "Mono',Menlo,Consolas,monospace;color:var(--muted)}pre{font:12.5px/1.5 "
    "ui-monospace,'DejaVu Sans "
    "Mono',Menlo,Consolas,monospace;background:var(--panel);padding:12px "
    "14px;border-radius:8px;white-space:pre-wrap;overflow-wrap:anywhere}.figs{display:flex;flex-wrap:wrap;gap:6px "
    "12px;align-items:flex-start}figure{margin:14px 0 "
    "10px;min-width:0}figure.wide{flex:0 0 100%}figure.half{flex:1 1 "
    "400px;max-width:424px}svg{display:block;width:100%;height:auto;overflow:visible}figcaption{font-size:13px;line-height:1.45;color:var(--muted)}figcaption "
    "p{margin:4px 0}figcaption "
    "b{color:var(--ink);font-weight:600}summary{cursor:pointer;color:var(--link);font-size:12.5px;width:fit-content}.table{margin:16px "
    "0}.cap{display:flex;justify-content:space-between;gap:16px;font-size:13px;color:var(--muted);margin:0 "
    "0 6px}a.csv{font-weight:600}.scroll{overflow:auto;max-height:430px;border:1px solid "
    "var(--rule);border-radius:6px}table{border-collapse:collapse;width:100%;font-size:12.5px}td.n{white-space:nowrap}th,td{padding:3px "
    "9px;text-align:left;border-bottom:1px solid var(--grid)}thead "
    "th{position:sticky;top:0;background:var(--panel);font-weight:600;vertical-align:bottom;white-space:normal}th "
    "small{display:block;font-weight:400;color:var(--muted)}.n{text-align:right;font-variant-numeric:tabular-nums}tr.g2 "
    "td:first-child{box-shadow:inset 3px 0 var(--c0)}tr.g3 "
    "td:first-child{box-shadow:inset 3px 0 var(--warn)}tr.g4 "
    "td:first-child{box-shadow:inset 3px 0 var(--bad)}th "
    "button{font:inherit;color:inherit;background:none;border:0;padding:0;cursor:pointer;text-align:inherit}th "
    "button:hover{text-decoration:underline}th[aria-sort=ascending] "
    "button:after{content:' \\25b2'}th[aria-sort=descending] button:after{content:' "
    "\\25bc'}:focus-visible{outline:2px solid "
    "var(--link);outline-offset:2px}footer{margin-top:44px;padding-bottom:40px;color:var(--muted);font-size:12.5px}@media(max-width:700px){main,header,footer{padding-left:14px;padding-right:14px}}@media "
    "print{body{font-size:10.5pt}main,header,footer{max-width:none;padding:0}nav,summary,a.csv{display:none}.scroll{max-height:none;overflow:visible;border:0}figure,.table,li,tr{break-inside:avoid}h2,h3{break-after:avoid}tbody "
    "tr:nth-child(n+41){display:none}}\n";

nax_status
nax_i_page_html(nax_ctx *ctx, const char *fn, const nax_i_page *p, nax_i_buf *out)
{
  if (p == NULL || p->failed || p->body.failed || p->contents.failed) {
    return nax_i_fail(ctx, NAX_ENOMEM, fn, "out of memory while drawing the page");
  }
  nax_i_buf_puts(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta "
                      "charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" "
                      "content=\"default-src 'none'; img-src data:; style-src "
                      "'unsafe-inline'; script-src 'sha256-");
  nax_i_buf_puts(out, nax_i_page_script_hash);
  nax_i_buf_puts(out,
                 "'; base-uri 'none'; form-action 'none'\">\n<meta name=\"viewport\" "
                 "content=\"width=device-width, initial-scale=1\">\n<meta "
                 "name=\"generator\" content=\"neuraxis\">\n<title>");
  nax_i_xml(out, p->title);
  nax_i_buf_puts(out, "</title>\n<style>\n");
  nax_i_css_variables(out);
  nax_i_svg_css(out, 1);
  nax_i_buf_puts(out, css);
  nax_i_buf_puts(out, css_more);
  nax_i_buf_puts(out, "</style>\n</head>\n<body>\n<header>\n<h1>");
  nax_i_xml(out, p->title);
  nax_i_buf_puts(out, "</h1>\n<p class=\"sub\">");
  nax_i_xml(out, p->subtitle);
  nax_i_buf_puts(out, "</p>\n");
  if (p->contents.len > 0) {
    nax_i_buf_puts(out, "<nav aria-label=\"Contents\"><ul>\n");
    nax_i_buf_add(out, p->contents.data, p->contents.len);
    nax_i_buf_puts(out, "</ul></nav>\n");
  }
  nax_i_buf_puts(out, "</header>\n<main>\n");
  if (p->body.data != NULL) {
    nax_i_buf_add(out, p->body.data, p->body.len);
  }
  static const char *const close[] = {"", "</dl>\n", "</div>\n", "</ul>\n", "</ul>\n"};
  nax_i_buf_puts(out, close[p->group]);
  nax_i_buf_puts(out, p->in_section ? "</section>\n" : "");
  nax_i_buf_puts(out, "</main>\n<footer>Made by neuraxis ");
  nax_i_xml(out, nax_version());
  nax_i_buf_puts(out, ". This page needs no network; its script only sorts "
                      "tables.</footer>\n<script>");
  nax_i_buf_puts(out, nax_i_page_script);
  nax_i_buf_puts(out, "</script>\n</body>\n</html>\n");
  if (out->failed) {
    return nax_i_fail(ctx, NAX_ENOMEM, fn, "out of memory while writing the page");
  }
  return NAX_OK;
}

/* One file, whole or not at all. */
static nax_status
write_file(nax_ctx *ctx, const char *path, const char *data, size_t n, int force)
{
  nax_status status = NAX_OK;
  nax_i_atomic a = {NULL, NULL};
  FILE *f = NULL;
  NAX_TRY(nax_i_atomic_begin(ctx, path, force, &a));
  f = fopen(a.temp, "wbe");
  NAX_REQUIRE_FILE(f != NULL, NAX_EIO, path, "cannot write: %s", strerror(errno));
  NAX_REQUIRE_FILE(fwrite(data, 1, n, f) == n, NAX_EIO, path, "cannot write: %s",
                   strerror(errno));
  int bad = fclose(f);
  f = NULL;
  NAX_REQUIRE_FILE(bad == 0, NAX_EIO, path, "cannot write: %s", strerror(errno));
  NAX_TRY(nax_i_atomic_commit(ctx, &a, force));
done:
  if (f != NULL) {
    fclose(f);
  }
  nax_i_atomic_abort(&a);
  return status;
}

static nax_status
write_member(nax_ctx *ctx, const char *dir, const char *id, const char *ext,
             const nax_i_buf *b, int force)
{
  nax_status status = NAX_OK;
  char *path = NULL;
  char *name = nax_i_asprintf("%s.%s", id, ext);
  NAX_REQUIRE(name != NULL && !b->failed, NAX_ENOMEM, "out of memory");
  path = nax_i_join(dir, name);
  NAX_REQUIRE(path != NULL, NAX_ENOMEM, "out of memory");
  NAX_TRY(write_file(ctx, path, b->data, b->len, force));
done:
  nax_i_free(name);
  nax_i_free(path);
  return status;
}

static nax_status
write_folder(nax_ctx *ctx, const nax_i_page *p, const char *dir, int force)
{
  nax_status status = NAX_OK;
  nax_i_buf svg = {0};
  NAX_REQUIRE_FILE(mkdir(dir, 0777) == 0 || errno == EEXIST, NAX_EIO, dir,
                   "cannot make the folder: %s", strerror(errno));
  for (int i = 0; i < p->n_figs; i++) {
    svg.len = 0;
    nax_i_buf_puts(&svg, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    nax_i_fig_svg(p->figs[i], 1, &svg);
    NAX_TRY(write_member(ctx, dir, p->figs[i]->id, "svg", &svg, force));
  }
  for (int i = 0; i < p->n_files; i++) {
    NAX_TRY(write_member(ctx, dir, p->files[i].id, "csv", &p->files[i].csv, force));
  }
done:
  nax_i_buf_free(&svg);
  return status;
}

nax_status
nax_i_page_write(nax_ctx *ctx, const char *fn, const nax_i_page *p, const char *path,
                 const char *figures_dir, int force)
{
  nax_status status = NAX_OK;
  nax_i_buf html = {0};
  NAX_TRY(nax_i_page_html(ctx, fn, p, &html));
  if (figures_dir != NULL && figures_dir[0] != '\0') {
    NAX_TRY(write_folder(ctx, p, figures_dir, force));
  }
  NAX_TRY(write_file(ctx, path, html.data, html.len, force));
done:
  nax_i_buf_free(&html);
  return status;
}

nax_status
nax_i_page_finish(nax_ctx *ctx, const char *fn, nax_i_page *p, const nax_report_opts *o,
                  const char *path)
{
  if (o->command != NULL) {
    nax_i_page_section(p, "again", "How to reproduce");
    nax_i_page_code(p, o->command);
  }
  return nax_i_page_write(ctx, fn, p, path, o->figures_dir, o->force);
}
