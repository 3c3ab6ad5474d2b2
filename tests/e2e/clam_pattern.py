"""An independent reading of ClamAV body patterns: to Python's regexes and back.

Knows nothing of Candor's code: it re-verifies what Candor reports (T-VERDICT-2)
and makes signatures with bytes that match them.
"""
# SPDX-License-Identifier: Apache-2.0
import re

TOKEN = re.compile(r'\{[^}]*\}|\[[^\]]*\]|!?\([^)]*\)|\*|[0-9a-fA-F?]{2}')


def byte_regex(pair):
    """One byte: aa, ?a, a? or ??."""
    if pair == '??':
        return b'[\\x00-\\xff]'
    if '?' not in pair:
        return re.escape(bytes.fromhex(pair))
    values = [v for v in range(256)
              if all(p in ('?', h) for p, h in zip(pair.lower(), f'{v:02x}'))]
    return b'[' + b''.join(b'\\x%02x' % v for v in values) + b']'


def run_regex(text):
    return b''.join(byte_regex(text[i:i + 2]) for i in range(0, len(text), 2))


def gap_regex(inner):
    """{n} {-n} {n-} {n-m}; {0} has no upper end, as in ClamAV."""
    anything = b'[\\x00-\\xff]'
    if '-' not in inner:
        n = int(inner)
        return anything + (b'*?' if n == 0 else b'{%d}' % n)
    low, high = inner.split('-')
    if high in ('', '0'):
        return anything + b'{%d,}?' % int(low or 0)
    return anything + b'{%d,%d}?' % (int(low or 0), int(high))


def regex(body, nocase=False):
    """The whole pattern as a compiled bytes regex."""
    out = b''
    for token in TOKEN.findall(body):
        if token == '*':
            out += b'[\\x00-\\xff]*?'
        elif token[0] == '{':
            out += gap_regex(token[1:-1])
        elif token[0] == '[':
            out += gap_regex(token[1:-1])
        elif token.startswith('!('):
            branches = token[2:-1].split('|')
            size = len(branches[0]) // 2
            out += (b'(?!' + b'|'.join(map(run_regex, branches)) + b')' +
                    b'[\\x00-\\xff]{%d}' % size)
        elif token[0] == '(':
            out += b'(?:' + b'|'.join(map(run_regex, token[1:-1].split('|'))) + b')'
        else:
            out += byte_regex(token)
    return re.compile(out, re.S | (re.I if nocase else 0))


def example(body, random):
    """Bytes that match a body pattern."""
    out = b''
    for token in TOKEN.findall(body):
        if token == '*':
            out += random.randbytes(random.randrange(9))
        elif token[0] in '{[':
            low, _, high = token[1:-1].partition('-')
            if '-' not in token:
                n = int(low) or random.randrange(9)
            else:
                n = random.randint(int(low or 0), int(high or int(low or 0) + 9))
            out += random.randbytes(n)
        elif token.startswith('!('):
            banned = {bytes.fromhex(b) for b in token[2:-1].split('|')}
            size = len(next(iter(banned)))
            while True:
                candidate = random.randbytes(size)
                if candidate not in banned:
                    break
            out += candidate
        elif token[0] == '(':
            out += fill(random.choice(token[1:-1].split('|')), random)
        else:
            out += fill(token, random)
    return out


def fill(text, random):
    """Hex with wildcards to bytes."""
    return bytes.fromhex(''.join(random.choice('0123456789abcdef') if c == '?' else c
                                 for c in text))


def pattern(random):
    """A random body pattern that ClamAV accepts."""
    def run(n):
        return random.randbytes(n).hex()
    pieces = [run(random.randint(3, 12))]
    for _ in range(random.randrange(4)):
        kind = random.randrange(8)
        pieces.append(['*', '{4}', '{-7}', '{3-9}', '{2-}', '??' + run(2) + '?a' + 'b?',
                       '(' + '|'.join(run(2) for _ in range(3)) + ')',
                       '!(' + '|'.join(run(1) for _ in range(2)) + ')'][kind])
        pieces.append(run(random.randint(3, 10)))
    return ''.join(pieces)
