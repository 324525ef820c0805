import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Expr } from './ast.ts';
import type { Macro } from './library.ts';
import { type ParseOptions, parse } from './parser.ts';
import { codePointCount, formatIssue, type Issue } from './source.ts';

function tree(text: string, options?: ParseOptions): Expr {
  const result = parse(text, options);
  if ('issues' in result) assert.fail(result.issues.map((i) => formatIssue(i)).join('\n'));
  return result.ast.expr;
}

function issues(text: string, options?: ParseOptions): Issue[] {
  const result = parse(text, options);
  if ('ast' in result) assert.fail(`${text} parses`);
  return result.issues;
}

/** The tree in a short form: calls as `name(args)`, everything else as written. */
function short(expr: Expr): string {
  switch (expr.kind) {
    case 'const':
      return expr.value.type === 'null'
        ? 'null'
        : JSON.stringify(expr.value.value, (_, v) => (typeof v === 'bigint' ? `${v}` : v));
    case 'ident':
      return expr.name;
    case 'select':
      return `${short(expr.operand)}.${expr.field}${expr.testOnly ? '?' : ''}`;
    case 'call':
      return `${expr.target ? `${short(expr.target)}.` : ''}${expr.function}(${expr.args.map(short).join(' ')})`;
    case 'list':
      return `[${expr.elements.map((e, i) => (expr.optionalIndices.includes(i) ? '?' : '') + short(e)).join(' ')}]`;
    case 'map':
      return `{${expr.entries.map((e) => `${e.optional ? '?' : ''}${short(e.key)}:${short(e.value)}`).join(' ')}}`;
    case 'struct':
      return `${expr.typeName}{${expr.fields.map((f) => `${f.optional ? '?' : ''}${f.name}:${short(f.value)}`).join(' ')}}`;
    case 'comprehension':
      return `fold(${expr.iterVar})`;
  }
}

const TREES: readonly (readonly [text: string, tree: string])[] = [
  ['a || b && c == d + e * -f', '_||_(a _&&_(b _==_(c _+_(d _*_(e -_(f))))))'],
  ['a - b - c', '_-_(_-_(a b) c)'],
  ['a && b && c && d', '_&&_(_&&_(a b) _&&_(c d))'],
  ['a ? b : c ? d : e', '_?_:_(a b _?_:_(c d e))'],
  ['!!a', 'a'],
  ['---a', '-_(a)'],
  ['-1', '"-1"'],
  ['--1', '"1"'],
  ['- 1u', '-_("1")'],
  ['-9223372036854775808', '"-9223372036854775808"'],
  ['18446744073709551615u', '"18446744073709551615"'],
  ['-0x1F', '"-31"'],
  ['!-1', '!_("-1")'],
  ['.5e-1', '0.05'],
  ['a.?b[?c].d[e]', '_[_](_[?_](_?._(a "b") c).d e)'],
  ['a.`x-y/z.w`', 'a.x-y/z.w'],
  ['[?a, b,]', '[?a b]'],
  ['[,]', '[]'],
  ["{?'k': v, 1: 2,}", '{?"k":v "1":"2"}'],
  ['a.B{c: 1, ?d: e}.f', 'a.B{c:"1" ?d:e}.f'],
  ['.a.B{}', '.a.B{}'],
  ['.f(.x)', '.f(.x)'],
  ['a.if.package', 'a.if.package'],
  ['has(a.b)', 'a.b?'],
  ['a.has(b.c)', 'a.has(b.c)'],
  ['x // comment\n + y', '_+_(x y)'],
  ["'''a\r\n'b''' + r\"\\n\" + \"\\u00e9\\x41\\101\\?\"", '_+_(_+_("a\\n\'b" "\\\\n") "éAA?")'],
  ['in_ in inn', '@in(in_ inn)'],
];

for (const [text, expected] of TREES) {
  test(`${text} is ${expected}`, () => assert.equal(short(tree(text)), expected));
}

test('bytes literals hold UTF-8 of characters and single bytes of escapes', () => {
  const expr = tree("b'é\\xe9\\303\\n' ");
  assert.ok(expr.kind === 'const' && expr.value.type === 'bytes');
  assert.deepEqual([...expr.value.value], [0xc3, 0xa9, 0xe9, 0o303, 0x0a]);
});

const ERRORS: readonly (readonly [text: string, place: string, message: RegExp])[] = [
  ['', '1:1', /mismatched input '<EOF>' expecting an expression/],
  ['a +', '1:4', /mismatched input '<EOF>' expecting an expression/],
  ['a b', '1:3', /mismatched input 'b' expecting <EOF>/],
  ['(a', '1:3', /mismatched input '<EOF>' expecting '\)'/],
  ['f(a,)', '1:5', /mismatched input '\)' expecting an expression/],
  ['{a}', '1:3', /mismatched input '}' expecting ':'/],
  ['a.in', '1:3', /mismatched input 'in' expecting IDENTIFIER/],
  ['a\n  .b c', '2:6', /mismatched input 'c'/],
  ['"😀" @', '1:6', /token recognition error at: '@'/],
  ["'open", '1:1', /token recognition error at: ''open'/],
  ["'\\q'", '1:1', /token recognition error/],
  ['a = b', '1:3', /token recognition error at: '= '/],
  ["'\\ud800'", '1:1', /invalid unicode code point/],
  ["b'\\u0041'", '1:1', /unable to unescape string/],
  ['9223372036854775808', '1:1', /invalid int literal/],
  ['18446744073709551616u', '1:1', /invalid uint literal/],
  ['1e999', '1:1', /invalid double literal/],
  ['has(a)', '1:5', /invalid argument to has\(\) macro/],
  ['a.map(b.c, d)', '1:8', /argument is not an identifier/],
  ['a.all(__result__, true)', '1:7', /iteration variable overwrites accumulator variable/],
  ['package + 1', '1:1', /reserved identifier: package/],
  ['!-a', '1:2', /mismatched input '-' expecting an expression/],
  ['!-1u', '1:2', /mismatched input '-' expecting an expression/],
  ['-!a', '1:2', /mismatched input '!' expecting an expression/],
  ['!-true', '1:2', /mismatched input '-' expecting an expression/],
  ['`a`', '1:1', /mismatched input '`a`' expecting an expression/],
];

for (const [text, place, message] of ERRORS) {
  test(`refuses ${JSON.stringify(text)} at ${place}`, () => {
    const [first] = issues(text);
    assert.equal(`${first!.line}:${first!.column}`, place);
    assert.match(first!.message, message);
  });
}

test('an excerpt shows the line and a caret below the place, wide characters counted twice', () => {
  assert.equal(issues('1 +\n\t"世" b')[0]!.excerpt, '\t"世" b\n\t     ^');
});

test('an excerpt shows no control characters, and only a window of a long line', () => {
  const [issue] = issues(`${' '.repeat(500)}"\u001b[31m\u202e" x${' '.repeat(500)}`);
  assert.ok(!/[\u0000-\u0009\u000b-\u001f\u202e]/.test(issue!.excerpt));
  const [line, caret] = issue!.excerpt.split('\n') as [string, string];
  assert.ok(line.length < 120);
  assert.equal(line[caret.indexOf('^')], 'x');
});

test('collects semantic errors in order of place', () => {
  assert.deepEqual(
    issues('as + [has(b), 99999999999999999999]').map((i) => i.column),
    [1, 11, 15],
  );
});

test('refuses optional syntax where it is off', () => {
  const found = issues('a.?b[?c] == [?d] && {?e: f}', { optionalSyntax: false });
  assert.deepEqual(
    found.map((i) => [i.column, i.message]),
    [
      [2, "unsupported syntax '.?'"],
      [5, "unsupported syntax '[?'"],
      [14, "unsupported syntax '?'"],
      [22, "unsupported syntax '?'"],
    ],
  );
});

test('remembers macro calls as written, and where nodes came from', () => {
  const result = parse('a.all(x, has(x.y))');
  assert.ok('ast' in result);
  const { expr, source } = result.ast;
  assert.equal(source.positions.get(expr.id), 5);
  const written = source.macroCalls.get(expr.id);
  assert.ok(written?.kind === 'call');
  assert.equal(written.function, 'all');
  assert.equal(source.macroCalls.size, 2);
});

test('macros of libraries expand, decline and refuse', () => {
  const twice: Macro = {
    name: 'twice',
    member: false,
    arity: 'any',
    expand: (context, _target, args) => {
      if (args.length === 0) return undefined;
      if (args.length > 1) return context.fail(args[1]!, 'one argument only');
      return {
        kind: 'list',
        id: context.nextId(),
        elements: [args[0]!, context.copy(args[0]!)],
        optionalIndices: [],
      };
    },
  };
  const macros = [twice];
  const result = parse('twice(a.b)', { macros });
  assert.ok('ast' in result && result.ast.expr.kind === 'list');
  const [first, second] = result.ast.expr.elements;
  assert.notEqual(first!.id, second!.id);
  assert.equal(result.ast.source.positions.get(second!.id), 7);
  assert.equal(short(tree('twice()', { macros })), 'twice()');
  assert.equal(issues('twice(a, b)', { macros })[0]!.column, 10);
});

// --- hostile input -------------------------------------------------------------------------------------------------

const DEEP: readonly (readonly [what: string, text: (n: number) => string])[] = [
  ['parentheses', (n) => `${'('.repeat(n)}a${')'.repeat(n)}`],
  ['lists', (n) => '['.repeat(n)],
  ['maps', (n) => '{a:'.repeat(n)],
  ['calls', (n) => 'f('.repeat(n)],
  ['macros', (n) => 'a.all(x, '.repeat(n)],
  ['conditionals', (n) => 'a?b:'.repeat(n)],
  ['conditions', (n) => `${'(a?'.repeat(n)}`],
  ['selections', (n) => `a${'.b'.repeat(n)}`],
  ['member calls', (n) => `a${'.b()'.repeat(n)}`],
  ['indexes', (n) => `a${'[0]'.repeat(n)}`],
  ['nested indexes', (n) => 'a['.repeat(n)],
  ['sums', (n) => `a${'+a'.repeat(n)}`],
  ['comparisons', (n) => `a${'<a'.repeat(n)}`],
  ['operands', (n) => '1+('.repeat(n)],
];

for (const [what, text] of DEEP) {
  test(`too many ${what} are a limit with a place`, () => {
    const input = text(10_000);
    const [issue] = issues(input);
    assert.equal(issue!.code, 'limit');
    assert.match(issue!.message, /recursion (?:limit|depth) exceeded/);
    assert.ok(issue!.offset > 0 && issue!.offset <= input.length);
  });
}

test('250 levels are allowed, 251 are not', () => {
  assert.ok(tree(`${'['.repeat(249)}a${']'.repeat(249)}`));
  assert.match(issues(`${'['.repeat(250)}a${']'.repeat(250)}`)[0]!.message, /limit exceeded: 250/);
  assert.ok(tree(`a${'.b'.repeat(250)}`));
  assert.match(issues(`a${'.b'.repeat(251)}`)[0]!.message, /max recursion depth exceeded/);
});

test('long chains of logic and of signs are no depth', () => {
  assert.ok(tree(`a${'&&a'.repeat(30_000)}`));
  assert.ok(tree(`a${'||a'.repeat(30_000)}`));
  assert.equal(short(tree(`${'!'.repeat(99_999)}a`)), '!_(a)');
});

test('more than 100,000 code points are a limit', () => {
  assert.ok(tree(`"${'😀'.repeat(99_998)}"`));
  assert.match(issues(' '.repeat(100_001))[0]!.message, /size: 100001, limit 100000/);
});

test('lone surrogates become replacement characters, as in Go', () => {
  assert.equal(short(tree('"a\ud800b"')), '"a\ufffdb"');
});

function assertTotal(text: string): void {
  const result = parse(text);
  if ('ast' in result) return;
  assert.ok(result.issues.length > 0 && result.issues.length <= 20);
  for (const issue of result.issues) {
    assert.ok(issue.offset >= 0 && issue.offset <= codePointCount(text));
    assert.ok(issue.line >= 1 && issue.column >= 1);
    assert.ok(issue.message.length < 300);
    assert.match(issue.excerpt, /^[^\n]*\n\s*\^$/);
  }
}

test('any text gives a tree or issues with places', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 60 }), assertTotal), { numRuns: 2000 });
});

const TOKENS = (
  'a b in true null has map as 1 -1 0x1F 2u .5 1e9 "s" \'t\' r"\\" b"x" """ \'\'\' \\ ` `a-b` ( ) [ ] { } . , ? : ! - + * / % ' +
  '< <= == != && || & | = @ // \n \ud83d 😀'
).split(' ');

test('any row of tokens gives a tree or issues with places', () => {
  const row = fc.array(fc.constantFrom(...TOKENS), { maxLength: 30 });
  fc.assert(
    fc.property(row, fc.constantFrom('', ' '), (tokens, glue) => assertTotal(tokens.join(glue))),
    { numRuns: 3000 },
  );
});
