/**
 * What the API server refuses to compile, we refuse: generated expressions, most of them ill-typed or no CEL at all,
 * must get the same verdict, the same result type, and the same messages at the same places.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parse } from '../../src/cel/parser.ts';
import { interop, skipWithoutGo } from '../interop/interop.ts';
import { type Answer, ask, type Question } from './subject.ts';

const LEAVES = [
  ...'object object.metadata .object oldObject.a.b params request.dryRun request.kind request.userInfo.groups'.split(
    ' ',
  ),
  ...'namespaceObject.metadata.labels authorizer x y .x 1 -1 2u 1.5 "a" b"a" true null [] {} [1,2] ["a"]'.split(
    ' ',
  ),
  ...'[object] {"a":1} int string type list google.protobuf.Duration optional.none() quantity("1")'.split(
    ' ',
  ),
  ...'duration("1s") duration("x") timestamp("2023-01-01T00:00:00Z") url("http://a") ip("1.1.1.1") "(["'.split(
    ' ',
  ),
];

const FUNCTIONS = (
  'size contains startsWith matches find int string double type dyn getHours all exists map filter exists_one sum min ' +
  'isSorted indexOf join split replace lowerAscii format ip cidr containsIP isIP quantity compareTo isGreaterThan add ' +
  'semver orValue or hasValue value optMap optFlatMap transformList transformMap duration timestamp bool bytes uint ' +
  'check path group resource flatten distinct first last range getScheme substring sort sortBy reverse slice nosuch'
).split(' ');

const OPERATORS = '+ - * / % < <= > >= == != in && ||'.split(' ');

const expressions = fc.letrec<{ expr: string }>((tie) => {
  const e = tie('expr');
  const args = fc.array(e, { maxLength: 3 }).map((list) => list.join(', '));
  const pick = (...texts: string[]) => fc.constantFrom(...texts);
  const loop = pick(
    'all',
    'exists',
    'map',
    'filter',
    'exists_one',
    'transformList',
    'transformMap',
    'existsOne',
  );
  return {
    expr: fc.oneof(
      { maxDepth: 4, depthSize: 'small' },
      pick(...LEAVES),
      fc
        .tuple(pick(...FUNCTIONS, 'sets.contains', 'optional.of', 'lists.range'), args)
        .map(([f, a]) => `${f}(${a})`),
      fc.tuple(e, pick(...FUNCTIONS), args).map(([t, f, a]) => `(${t}).${f}(${a})`),
      fc
        .tuple(e, loop, pick('x', 'x, y', 'x, y, true', 'x.y', 'x, x'), e)
        .map(([t, f, v, p]) => `(${t}).${f}(${v}, ${p})`),
      fc.tuple(e, pick(...OPERATORS), e).map((parts) => `(${parts.join(' ')})`),
      fc.tuple(e, e, e).map(([a, b, c]) => `(${a} ? ${b} : ${c})`),
      fc.tuple(e, pick('a', 'metadata', '?a', '`b-c`', 'in')).map(([a, field]) => `(${a}).${field}`),
      fc.tuple(e, pick('', '?'), e).map(([a, optional, b]) => `(${a})[${optional}${b}]`),
      fc.tuple(e, pick('', '?'), e).map(([a, optional, b]) => `[${a}, ${optional}${b}]`),
      fc.tuple(e, e, pick('', '?'), e).map(([a, b, optional, c]) => `{${a}: ${b}, ${optional}${c}: ${a}}`),
      fc.tuple(pick('!', '-'), e).map(([sign, a]) => `${sign}(${a})`),
      fc.tuple(e, e).map(([a, b]) => `(${a}).optMap(x, ${b})`),
      e.map((a) => `has((${a}).f)`),
      e.map((a) => `"%s %d".format([${a}, 1])`),
      e.map((a) => `Foo{a: ${a}}`),
    ),
  };
}).expr;

const TOKENS = (
  'a in true null has map as 1 -1 0x1F 2u .5 1e9 "s" r"\\" b"x" """ \'\'\' `a-b` ( ) [ ] { } . , ? : ! - + * / % < == && || ' +
  '& | = @ // 😀 é \\'
).split(' ');

const tokens = fc
  .tuple(fc.array(fc.constantFrom(...TOKENS), { maxLength: 12 }), fc.constantFrom('', ' '))
  .map(([row, glue]) => row.join(glue));

/** Nearly right: where the grammar has its corners. */
const WHOLE = [
  ...[
    'a ? b : c',
    'a.b(c, d)[e].f',
    '-1 + 2u * -3.5e1',
    '!a && b || !!c',
    '[1, ?a, b,]',
    '{?"k": v, 1: 2,}',
    '!-1',
  ],
  ...[
    'A.B{c: 1, ?d: 2,}.e',
    'a.?b[?c]',
    'has(a.b)',
    'a.all(x, x > 1)',
    'x in [1] == (y)',
    '.a.b.c(.d)',
    '--1 - -1 - -1u',
  ],
  ...[
    '"a\\n" + r"\\" + b"\\xff"',
    'size("""a"b""")',
    "'''a'b'''",
    '(a){}',
    '-!a',
    '[,]',
    'f(,)',
    'a.in',
    'null.a',
  ],
  ...[
    '0x1F + 0xu + 1e5 + .5 + 1.e',
    "b'\\u0041'",
    '"\\ud800"',
    'as()',
    '_a._b',
    'a // c',
    'a\n+b',
    'a.`b-c`',
  ],
];

const edits = fc.array(fc.tuple(fc.nat(30), fc.nat(3), fc.constantFrom(...TOKENS)), { maxLength: 3 });
const mutated = fc
  .tuple(fc.constantFrom(...WHOLE), edits)
  .map(([text, list]) =>
    list.reduce((edited, [at, cut, token]) => edited.slice(0, at) + token + edited.slice(at + cut), text),
  );

const questions: fc.Arbitrary<Question> = fc.record({
  expression: fc.oneof(
    { weight: 3, arbitrary: expressions },
    { weight: 1, arbitrary: tokens },
    { weight: 2, arbitrary: mutated },
  ),
  minor: fc.constantFrom(27, 28, 29, 33, 37),
  mode: fc.constant('new' as const),
  variables: fc.constant({ object: {} }),
});

test('compiles and refuses what the API server compiles and refuses', { skip: skipWithoutGo }, async (t) => {
  const asked = fc
    .sample(questions, { numRuns: 8_000, seed: 4 })
    .filter((q) => q.expression.length < 1_000 && q.expression.isWellFormed());
  const answers = await interop<Answer>('cel', asked);
  let compared = 0;
  let accepted = 0;
  for (const [i, question] of asked.entries()) {
    const theirs = answers[i]!;
    const ours = ask(question);
    if (theirs.panic !== undefined || isIncomparable(question, theirs, ours)) continue;
    assert.equal(verdict(ours), verdict(theirs), `1.${question.minor}: ${question.expression}`);
    compared++;
    if (theirs.compileError === undefined) accepted++;
  }
  t.diagnostic(`${compared} of ${asked.length} compared, ${accepted} of them accepted`);
  assert.ok(compared > 6_000 && accepted > 200);
});

/** Where the wording differs on purpose; that both refuse is compared all the same. */
function isIncomparable(question: Question, theirs: Answer, ours: Answer): boolean {
  if ((theirs.compileError === undefined) !== (ours.compileError === undefined)) return false;
  const text = theirs.compileError ?? '';
  // We stop after 20 issues; name the types that type variables stand for; say "undefined field" where cel-go says that
  // it does not know the type; and show where the last step failed, which cel-go cannot.
  if (
    (ours.issues?.length ?? 0) >= 20 ||
    /_var\d|unexpected failed resolution|program instantiation/.test(text)
  )
    return true;
  // Where optional syntax is refused, cel-go does not look at what follows it.
  return question.minor < 28 && text.includes('unsupported syntax');
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  'google.protobuf.Timestamp': 'timestamp',
  'google.protobuf.Duration': 'duration',
  null_type: 'null',
};

function verdict({ type, compileError, issues }: Answer): string {
  if (compileError === undefined) {
    return `type ${type?.replaceAll(/google\.protobuf\.(?:Timestamp|Duration)|null_type/g, (name) => TYPE_NAMES[name]!)}`;
  }
  if (/Syntax error/.test(compileError)) return 'syntax error';
  const lines = (issues ?? []).map(
    (i) => `${i.line}:${i.column} ${i.message.replace(/; did you mean.*/, '')}`,
  );
  return lines.length > 0 ? lines.toSorted().join('\n') : compileError;
}

const wrapped = (open: string, inner: string, close: string) => (n: number) =>
  open.repeat(n) + inner + close.repeat(n);
const chained = (first: string, link: string) => (n: number) => first + link.repeat(n);

/** Ways to nest, each with its own limit. */
const NESTINGS: readonly ((n: number) => string)[] = [
  ...[wrapped('(', '1', ')'), wrapped('[', '1', ']'), wrapped('Foo{a:', '1', '}')],
  ...[
    chained('object', '.b'),
    chained('object', '[0]'),
    chained('object', '.?b'),
    wrapped('object[', '1', ']'),
  ],
  ...[chained('1', '+1'), chained('1', '*1'), chained('true', '==true'), chained('1', '- -1')],
  ...[
    wrapped('1+(', '1', ')'),
    wrapped('1+1*(', '1', ')'),
    wrapped('1*(', '1', ')'),
    wrapped('true==(', 'true', ')'),
  ],
  ...[
    (n: number) => `${'true?1:'.repeat(n)}1`,
    wrapped('true?(', '1', '):1'),
    wrapped('(', 'true', ')?true:true'),
  ],
  ...[
    wrapped('-(', '1', ')'),
    wrapped('!(', 'true', ')'),
    wrapped('(true&&', 'true', ')'),
    wrapped('true&&(', 'true', ')'),
  ],
  ...[wrapped('dyn(', '1', ')'), chained('[1]', '.map(x,x)'), wrapped('object.f(', '1', ')')],
  ...[
    wrapped('(', 'object', ').b'),
    wrapped('[1+(true?1:dyn(', '1', '))]'),
    wrapped('1==1+object[', '1', ']'),
  ],
];

const isLimited = (answer: Answer) => /recursion/.test(answer.compileError ?? '');

/** The deepest that we allow. */
function deepest(nesting: (n: number) => string): number {
  let allowed = 1;
  let refused = 512;
  while (refused - allowed > 1) {
    const n = (allowed + refused) >> 1;
    if ('ast' in parse(nesting(n))) allowed = n;
    else refused = n;
  }
  return allowed;
}

function question(expression: string): Question {
  return { expression, minor: 37, mode: 'new', variables: { object: {} } };
}

test('nesting is limited where the API server limits it', { skip: skipWithoutGo }, async () => {
  const limits = NESTINGS.map(deepest);
  const asked = NESTINGS.flatMap((nesting, i) => [nesting(limits[i]!), nesting(limits[i]! + 1)]);
  const answers = await interop<Answer>('cel', asked.map(question));
  for (const [i, expression] of asked.entries()) {
    assert.equal(isLimited(answers[i]!), i % 2 === 1, expression);
  }
});
