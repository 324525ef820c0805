import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { leadingLoop, longestSafeInput } from './ambiguity.ts';
import { type CharSet, intersects } from './charset.ts';
import { compileFast, compileRegex, compileSlow, compileUncached, type Regex } from './index.ts';
import { type Pattern, readPattern } from './pattern.ts';

function must(compiled: Regex | { error: string } | undefined): Regex {
  assert.ok(compiled !== undefined && !('error' in compiled), JSON.stringify(compiled));
  return compiled;
}

const isFast = (pattern: string): boolean => compileFast(pattern) !== undefined;

describe('patterns that take the fast path', () => {
  for (const pattern of [
    '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$',
    '^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$',
    '^registry\\.example\\.com/',
    '@sha256:[a-f0-9]{64}$',
    '.*:latest$',
    '(?i)^(yes|no)$',
    '^[[:alpha:]_]\\w*$',
    // Choices within a choice add up.
    '(?i)(password|passwd|passphrase|secret|token|credentials?|(api|access|secret|private|signing|encryption|auth)[_.-]?key)$',
    '\\Aa\\Qb.c\\E+\\z',
  ]) {
    it(pattern, () => assert.ok(isFast(pattern)));
  }
});

describe('patterns left to RE2', () => {
  for (const [pattern, why] of [
    ['^(a+)+$', 'nested repetition'],
    ['^(a|ab)*c', 'overlapping choices in a loop'],
    ['^(a|a)*$', 'equal choices in a loop'],
    ['^(a*)*b', 'empty rounds'],
    ['(?m)^a$', 'line anchors'],
    ['\\p{Greek}', 'Unicode classes'],
    ['(?i)straße', 'folding outside ASCII'],
    ['^*a', 'a repeated assertion'],
    ['a\\B', 'a place that V8 finds inside surrogate pairs'],
    ['(?P<name>a)', 'named groups'],
    ['a{2}{3}', 'an error'],
    ['a{1001}', 'an error'],
    ['(a{100}){100}', 'an error'],
  ] as const) {
    it(`${pattern}: ${why}`, () => assert.ok(!isFast(pattern)));
  }
});

describe('RE2 semantics, whichever engine runs', () => {
  const cases: readonly [pattern: string, text: string, expected: boolean][] = [
    ['^a.c$', 'a\nc', false],
    ['(?s)^a.c$', 'a\nc', true],
    ['^.$', '😀', true],
    ['^..$', '😀', false],
    ['^[^a]$', '😀', true],
    ['a$', 'a\n', false],
    ['^\\d$', '٣', false],
    ['^\\w$', 'é', false],
    ['^\\s$', '\v', false],
    ['^\\s$', '\u00a0', false],
    ['^[[:space:]]$', '\v', true],
    ['(?i)^k$', '\u212a', true],
    ['(?i)^S$', 'ſ', true],
    ['(?i)^[^s]$', 'ſ', false],
    ['(?i)^\\W$', 'ſ', false],
    ['^(?i:a)b$', 'AB', false],
    ['^(?i:a)b$', 'Ab', true],
    ['(a(?i)b)c', 'aBC', false],
    ['(a(?i)b)c', 'aBc', true],
    ['\\bé', 'é', false],
    ['\\x{1F600}', '😀', true],
    ['^[\\]-a]+$', ']^_`a', true],
    ['^[]a]+$', ']a', true],
    ['^[a-]+$', 'a-', true],
    ['^\\Qa.b\\E$', 'axb', false],
    ['^(|a)b$', 'b', true],
    ['\\.', 'a', false],
  ];
  for (const [pattern, text, expected] of cases) {
    it(`${pattern} on ${JSON.stringify(text)} is ${expected}`, () => {
      assert.equal(must(compileUncached(pattern)).test(text), expected);
      assert.equal(must(compileSlow(pattern)).test(text), expected);
    });
  }
});

describe('findAll follows Go', () => {
  it('takes no empty match right after another', () => {
    assert.deepEqual(must(compileRegex('a*')).findAll('baaab'), ['', 'aaa', '']);
  });
  it('moves by code points', () => {
    assert.deepEqual(must(compileRegex('x*')).findAll('😀'), ['', '']);
  });
  it('does not look inside a surrogate pair', () => {
    assert.deepEqual(must(compileRegex('\\B')).findAll('c😀'), ['']);
  });
  it('stops at the limit; 0 gives nothing, a negative one everything', () => {
    const digits = must(compileRegex('[0-9]+'));
    assert.deepEqual(digits.findAll('1 22 333', 2), ['1', '22']);
    assert.deepEqual(digits.findAll('1 22 333', 0), []);
    assert.deepEqual(digits.findAll('1 22 333', -1), ['1', '22', '333']);
  });
  it('keeps the context of anchors', () => {
    assert.deepEqual(must(compileRegex('^a')).findAll('aaa'), ['a']);
  });
});

describe('errors are worded as Go words them', () => {
  for (const [pattern, message] of [
    ['[a', 'error parsing regexp: missing closing ]: `[a`'],
    ['a**', 'error parsing regexp: invalid nested repetition operator: `**`'],
    ['(?=x)', 'error parsing regexp: invalid or unsupported Perl syntax: `(?=`'],
    ['a\\', 'error parsing regexp: trailing backslash at end of expression: ``'],
    ['\\1', 'error parsing regexp: invalid escape sequence: `\\1`'],
    ['x{1001}', 'error parsing regexp: invalid repeat count: `{1001}`'],
  ] as const) {
    it(pattern, () => assert.deepEqual(compileRegex(pattern), { error: message }));
  }
  it('two groups of one name are no error', () => {
    assert.ok(must(compileRegex('(?P<n>a)[(?P<n>](?P<n>b)')).test('a<b'));
  });
});

it('only what matters for a test is tested', () => {
  const contains = must(compileFast('.*foo.*'));
  assert.ok(contains.test(`${'x'.repeat(60_000)}foo`));
  assert.ok(must(compileFast('a*b+$')).test('xab'));
  assert.ok(must(compileFast('a*')).test(''));
  assert.ok(!must(compileFast('a+')).test('b'));
});

it('a leading loop is tried once in each run', () => {
  const latest = must(compileFast('.*:latest$'));
  assert.equal(latest.test(`a\n${'x'.repeat(400)}:latest`), true);
  assert.equal(latest.find('a:latest\nb:latest'), 'b:latest');
  assert.deepEqual(must(compileFast('a*b')).findAll('aabab'), ['aab', 'ab']);
  assert.deepEqual(must(compileFast('a+?')).findAll('aaa'), ['a', 'a', 'a']);
});

it('patterns that would grow too large are refused', () => {
  for (const pattern of ['a{1000}'.repeat(1_000), '((a{10}){10}b){10}'.repeat(50), 'a'.repeat(60_000)]) {
    assert.deepEqual(compileUncached(pattern), {
      error: `error parsing regexp: expression too large: \`${pattern}\``,
    });
  }
  assert.ok(must(compileUncached('(?:a{1000}){0,1}'.repeat(20))).test(''));
});

it('catastrophic patterns end', () => {
  const text = `${'a'.repeat(50_000)}!`;
  for (const pattern of ['^(a+)+$', '^(a|aa)+$', '(a*)*b', '(.*)(.*)(.*)[^a!]', 'a*a*a*a*a*a*b']) {
    assert.equal(must(compileRegex(pattern)).test(text), false);
  }
});

// ---- properties

const atom = fc.constantFrom(
  'a', 'b', 'c', '-', '\\.', '.', '[ab]', '[^a]', '[a-c]', '\\d', '\\w', '\\S', '[[:alpha:]]', 'é', '😀', 'k', 'S', '\\b', '^', '$',
); // biome-ignore format: a table
const { pattern: anyPattern } = fc.letrec<{ pattern: string; part: string }>((tie) => ({
  pattern: fc.oneof(
    {
      weight: 4,
      arbitrary: fc.array(tie('part'), { minLength: 1, maxLength: 4 }).map((parts) => parts.join('')),
    },
    {
      weight: 1,
      arbitrary: fc.array(tie('pattern'), { minLength: 2, maxLength: 3 }).map((p) => p.join('|')),
    },
  ),
  part: fc.oneof(
    { depthSize: 'small', maxDepth: 4 },
    atom,
    fc
      .tuple(atom, fc.constantFrom('*', '+', '?', '{2}', '{1,3}', '{2,}', '*?', '+?', '??'))
      .map(([a, op]) => (/^(?:[$^]|\\b)$/.test(a) ? a : a + op)),
    fc
      .tuple(
        fc.constantFrom('(', '(?:', '(?i:', '(?s:'),
        tie('pattern'),
        fc.constantFrom('', '', '*', '+', '?', '{2}'),
      )
      .map(([open, inner, op]) => `${open}${inner})${op}`),
  ),
}));
const anyText = fc
  .array(fc.constantFrom('a', 'b', 'c', 'A', '-', '.', '1', '\n', ' ', 'é', '😀', 'ſ', 'K', 'k', 's'), {
    maxLength: 12,
  })
  .map((parts) => parts.join(''));

it('the fast path answers as the RE2 engine does', () => {
  let compared = 0;
  fc.assert(
    fc.property(anyPattern, fc.array(anyText, { minLength: 4, maxLength: 8 }), (pattern, texts) => {
      const fast = compileFast(pattern);
      if (fast === undefined) return;
      const slow = must(compileSlow(pattern));
      for (const text of texts) {
        compared++;
        assert.equal(fast.test(text), slow.test(text));
        assert.equal(fast.find(text), slow.find(text));
        assert.deepEqual(fast.findAll(text), slow.findAll(text));
      }
    }),
    { numRuns: 1500 },
  );
  assert.ok(compared > 1500, `only ${compared} comparisons: the generator has lost its aim`);
});

it('a backtracking engine stays within the steps that were promised', () => {
  fc.assert(
    fc.property(anyPattern, fc.constantFrom('a', 'ab', 'aab', 'abc', '-a', 'a\n'), (pattern, unit) => {
      const tree = readPattern(pattern);
      if (tree === undefined) return;
      for (const loop of [undefined, leadingLoop(tree)]) {
        const limit = Math.min(longestSafeInput(tree, loop !== undefined), 512);
        if (limit === 0) continue;
        const text = `${unit.repeat(limit).slice(0, limit - 1)}!`;
        const steps = backtrack(tree, text, loop);
        assert.ok(steps <= 4_000_000, `${steps} steps on ${limit} characters`);
      }
    }),
    { numRuns: 400 },
  );
});

/** Steps of a plain backtracking search that tries every start not behind a character of the set. */
function backtrack(pattern: Pattern, text: string, notBehind: CharSet = []): number {
  let steps = 0;
  const budget = 5_000_000;
  const match = (p: Pattern, at: number, then: (at: number) => boolean): boolean => {
    if (++steps > budget) return true;
    switch (p.kind) {
      case 'empty':
        return then(at);
      case 'assert':
        // `$` always fails here, which forces the engine through everything it could retry.
        return p.what === 'end' ? false : p.what === 'begin' ? at === 0 && then(at) : then(at);
      case 'set': {
        const point = text.codePointAt(at);
        if (point === undefined) return false;
        for (let i = 0; i < p.set.length; i += 2) {
          if (point >= p.set[i]! && point <= p.set[i + 1]!) return then(at + (point > 0xffff ? 2 : 1));
        }
        return false;
      }
      case 'concat': {
        const from = (i: number, pos: number): boolean =>
          i === p.parts.length ? then(pos) : match(p.parts[i]!, pos, (next) => from(i + 1, next));
        return from(0, at);
      }
      case 'alternate':
        return p.choices.some((choice) => match(choice, at, then));
      case 'repeat': {
        const round = (count: number, pos: number): boolean =>
          (count < p.max && match(p.body, pos, (next) => next > pos && round(count + 1, next))) ||
          (count >= p.min && then(pos));
        return round(0, at);
      }
    }
  };
  for (let start = 0; start <= text.length; start++) {
    const before = start === 0 ? -1 : text.charCodeAt(start - 1);
    if (intersects(notBehind, [before, before])) continue;
    if (match(pattern, start, () => true)) break;
  }
  return steps;
}
