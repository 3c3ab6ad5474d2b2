/*
 * page.c - what pages have in common.  The contract is in page.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/page.h"

#include "cmd/candor/escape.h"

#include <string.h>

static const char style[] =
    ":root{color-scheme:light dark;--back:#f6f7f9;--card:#fff;--ink:#1b1f24;"
    "--soft:#5d6672;--line:#dde1e7;--bad:#b42318;--odd:#8a3ffc;--gap:#9a6200;"
    "--good:#1a7f37}"
    "@media(prefers-color-scheme:dark){:root{--back:#14171b;--card:#1d2127;"
    "--ink:#e6e9ee;--soft:#9aa4b2;--line:#323943;--bad:#ff7b72;--odd:#c297ff;"
    "--gap:#e3b341;--good:#56d364}}"
    "*{box-sizing:border-box}"
    "body{margin:0;background:var(--back);color:var(--ink);"
    "font:16px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}"
    "a{color:inherit}h3,code,small,th,td{unicode-bidi:isolate}"
    "main{max-width:60rem;margin:0 auto;padding:1.5rem 1rem 4rem}"
    "header{display:flex;flex-wrap:wrap;align-items:baseline;gap:.2rem 1rem}"
    "h1{font-size:1.4rem;margin:0}header p{margin:0;color:var(--soft)}"
    "h2{font-size:1.1rem;margin:2rem 0 .5rem}"
    "h3{font-size:1rem;font-weight:400;margin:0;overflow-wrap:anywhere}"
    "small,.where,.hash{color:var(--soft);font-size:.875rem}"
    "code,pre{font:.875em/1.5 ui-monospace,monospace}"
    ".answer{font-size:1.5rem;font-weight:600;margin:1rem 0}"
    "p.infected,.tile.infected b{color:var(--bad)}"
    "p.suspicious,.tile.suspicious b{color:var(--odd)}"
    "p.unscanned,.tile.unscanned b{color:var(--gap)}"
    "p.clean,.tile.clean b{color:var(--good)}"
    ".tiles{display:grid;gap:.5rem;margin:.5rem 0;"
    "grid-template-columns:repeat(auto-fill,minmax(7.5rem,1fr))}"
    ".tile,article,table,pre,.tree{background:var(--card);"
    "border:1px solid var(--line);border-radius:.5rem}"
    ".tile{padding:.5rem .75rem}.tile b{display:block;font-size:1.25rem}"
    ".tile span{color:var(--soft);font-size:.875rem}"
    "a.tile{text-decoration:none}a.tile:hover{border-color:var(--soft)}"
    "summary{cursor:pointer;font-size:.875rem;color:var(--soft)}"
    "article{padding:.75rem 1rem;margin:.5rem 0;border-left-width:.3rem}"
    "article.infected{border-left-color:var(--bad)}"
    "article.suspicious{border-left-color:var(--odd)}"
    "article.unscanned{border-left-color:var(--gap)}"
    ".tag{font-size:.75rem;font-weight:600;text-transform:uppercase;"
    "letter-spacing:.04em}"
    ".infected .tag{color:var(--bad)}.suspicious .tag{color:var(--odd)}"
    ".unscanned .tag{color:var(--gap)}"
    "ul{margin:.4rem 0 0;padding-left:1.2rem}li{overflow-wrap:anywhere}"
    ".where{overflow-wrap:anywhere}.where i{font-style:normal}"
    ".hash{margin:.5rem 0 0}"
    "table{border-collapse:separate;border-spacing:0;width:100%}"
    "th,td{text-align:left;vertical-align:top;padding:.5rem .75rem}"
    "th{font-weight:600;width:8rem}tr+tr>*{border-top:1px solid var(--line)}"
    ".halves{table-layout:fixed}.halves th{width:40%}"
    "pre{padding:.75rem 1rem;overflow-x:auto;white-space:pre;margin:.5rem 0}"
    "pre.text{white-space:pre-wrap;overflow-wrap:anywhere}"
    "mark{background:color-mix(in srgb,var(--bad) 25%,transparent);"
    "color:inherit}"
    "@media(max-width:30rem){table,tbody,tr,th,.halves th,td{display:block;"
    "width:auto}tr+tr>*{border-top:0}tr+tr{border-top:1px solid var(--line)}"
    "th,td:not(:last-child){padding-bottom:0}}"
    "@media print{main{max-width:none;padding:0}"
    "details::details-content{content-visibility:visible;display:block}"
    "article,tr,li{break-inside:avoid}h2,h3{break-after:avoid}}";

void
page_begin(FILE *to, const char *title, time_t when)
{
	char date[40] = "";
	struct tm tm;

	if (gmtime_r(&when, &tm) != NULL)
		strftime(date, sizeof(date), "%Y-%m-%d %H:%M UTC", &tm);
	fputs("<!doctype html>\n<html lang=en><head><meta charset=utf-8>\n"
	      "<meta http-equiv=Content-Security-Policy content=\"default-src "
	      "'none'; style-src 'unsafe-inline'\">\n"
	      "<meta name=viewport content=\"width=device-width\">\n"
	      "<meta name=color-scheme content=\"light dark\">\n"
	      "<title>Candor: ",
	    to);
	escape_html(to, title, strlen(title));
	fprintf(to,
	    "</title>\n<style>%s</style></head><body><main>\n"
	    "<header><h1>Candor</h1><p>",
	    style);
	escape_html(to, title, strlen(title));
	fprintf(to, " \u00b7 %s</p></header>\n", date);
}

bool
page_end(FILE *to)
{
	bool is_fine;

	fputs("</main></body></html>\n", to);
	is_fine = ferror(to) == 0;
	return fclose(to) == 0 && is_fine;
}
