"""report - the benchmark's table as text, and as a picture.

A row is what one measure showed: what it took the peer and us, what was asked
for, what limits it.  Written by hand in SVG: no library is needed to look at it
or to make it.
"""
# SPDX-License-Identifier: Apache-2.0
import html
import math
import textwrap

WIDTH, LEFT, RIGHT, STEP, TOP = 1040, 330, 250, 34, 92
GOOD, BAD, INK, PALE = '#2f7d4f', '#b3541e', '#1c2430', '#d5dae1'


class Row:
    """One measure.

    margin says how much better than the bar it is: 1 is the bar, 2 twice as
    good; None where nothing was asked for.
    """

    def __init__(self, what, peer, theirs, ours, bar, margin, limit, physical=''):
        self.what, self.peer, self.theirs, self.ours = what, peer, theirs, ours
        self.bar, self.margin, self.limit, self.physical = bar, margin, limit, physical

    @property
    def verdict(self):
        if self.margin is None:
            return ''
        return 'met' if self.margin >= 1 else 'MISSED'


def text(title, rows, notes):
    """The table, a few lines for each row."""
    out = [*title, '']
    out.append(f'{"measure":50} {"peer":>24} {"candor":>20}  {"bar":22} ')
    out.append('-' * 126)
    for r in rows:
        theirs = f'{r.peer} {r.theirs}'.strip()
        out.append(f'{r.what:50} {theirs:>24} {r.ours:>20}  {r.bar:22} {r.verdict}')
        for about in (f'limited by: {r.limit}' if r.limit else '', r.physical):
            out += textwrap.wrap(about, 118, initial_indent='      ',
                                 subsequent_indent='        ')
    return '\n'.join([*out, '', *notes, ''])


def _place(margin, right):
    """Where a margin stands: a tenth of the bar to a hundred times, by tens."""
    at = (math.log10(min(max(margin, 0.1), 100)) + 1) / 3
    return LEFT + at * (right - LEFT)


def _label(x, y, words, size=13, color=INK, anchor='start', weight='normal'):
    return (f'<text x="{x:.0f}" y="{y:.0f}" font-size="{size}" fill="{color}" '
            f'text-anchor="{anchor}" font-weight="{weight}">{html.escape(words)}</text>')


def _bar(row, y, right):
    """One row of the picture."""
    zero = _place(1, right)
    end = _place(row.margin, right)
    color = GOOD if row.margin >= 1 else BAD
    x, wide = min(zero, end), max(abs(end - zero), 1)
    return '\n'.join((
        _label(LEFT - 12, y + 14, row.what, anchor='end'),
        f'<rect x="{x:.1f}" y="{y}" width="{wide:.1f}" height="20" rx="2" fill="{color}"/>',
        _label(right + 14, y + 9, row.ours, 13, weight='bold'),
        _label(right + 14, y + 22, f'bar: {row.bar}', 10.5, '#5b6675')))


def picture(title, rows):
    """How far each measure is from its bar, as bars."""
    rows = [r for r in rows if r.margin is not None]
    right = WIDTH - RIGHT
    bottom = TOP + STEP * len(rows)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {bottom + 46}" '
           'font-family="DejaVu Sans, Helvetica, sans-serif">',
           f'<rect width="{WIDTH}" height="{bottom + 46}" fill="#ffffff"/>',
           _label(24, 32, title[0], 19, weight='bold'),
           _label(24, 54, ' · '.join(title[1:]), 12, '#5b6675')]
    for margin, words in ((0.1, 'a tenth of the bar'), (1, 'the bar'), (10, '10 times the bar'),
                          (100, '100 times')):
        x = _place(margin, right)
        out.append(f'<line x1="{x:.0f}" y1="{TOP - 12}" x2="{x:.0f}" y2="{bottom}" '
                   f'stroke="{INK if margin == 1 else PALE}" stroke-width="1"/>')
        out.append(_label(x, TOP - 17, words, 10.5, '#5b6675', 'middle'))
    out += [_bar(row, TOP + STEP * i, right) for i, row in enumerate(rows)]
    out.append(_label(24, bottom + 30, 'To the right of the line: better than asked for, '
                      'on a scale of tens. What limits each is in the text beside this.',
                      11, '#5b6675'))
    return '\n'.join([*out, '</svg>', ''])
