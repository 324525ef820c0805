/** Texts for yaml.test.ts: what people write, what attackers write, and what a seeded generator makes of both. */

/** Scalars of every form that YAML 1.1, YAML 1.2 or Go's strconv tell apart. */
export function scalars(): string[] {
  return [...new Set([...WORDS, ...NUMBERS, ...tagged(), ...generatedNumbers(4_000), ...TEXTS])];
}

const WORDS = [
  ...'y Y yes Yes YES yEs n N no No NO nO true True TRUE tRUE false False FALSE on On ON oN off Off OFF oFF'.split(
    ' ',
  ),
  ...'~ null Null NULL nULL nil none .nan .NaN .NAN .Nan .inf .Inf .INF +.inf -.Inf +.INF -.inF inf nan ~~ yes: <<'.split(
    ' ',
  ),
];

const NUMBERS = [
  ...'0 -0 +0 00 -00 0.0 -0.0 1 -1 +1 01 -01 +01 010 -010 0010 08 09 0o10 0O10 -0o10 0o8 0o 0b101 -0b101 +0b101'.split(
    ' ',
  ),
  ...'0B11 0b 0b2 0b-1 0b+1 -0b-1 0x 0x1F 0X1f -0xff +0xFF 0xg 0x1p4 0x.8p1 1_000 1__0 _1 1_ 0_7 0x_f 0b_1 1_0.5'.split(
    ' ',
  ),
  ...'1:30 190:20:30 1:30.5 -1:30 12e03 1e3 1E3 1e+3 1e-3 1.e3 1. .5 -.5 +.5 . .. ... .e3 1e400 -1e400 1e-400 1e21 1e20'.split(
    ' ',
  ),
  ...'123456789012345678 999999999999999 9999999999999999 1000000000000000 9007199254740991 9007199254740992'.split(
    ' ',
  ),
  ...'9007199254740993 -9007199254740993 9223372036854775807 9223372036854775808 -9223372036854775808'.split(
    ' ',
  ),
  ...'-9223372036854775809 18446744073709551615 18446744073709551616 +18446744073709551615 36893488147419103232'.split(
    ' ',
  ),
  ...'0xffffffffffffffff 0x10000000000000000 -0x8000000000000000 0777777777777777777777 01777777777777777777777'.split(
    ' ',
  ),
  ...'02777777777777777777777 1.5 1.50 3.14159265358979 1e6 1e5 123456.7 1234567.8 0.0001 0.00001 100000 1000000.0'.split(
    ' ',
  ),
  ...'9.007199254740993e15 9223372036854775807.0 9.3e18 1.7976931348623157e308 4.9e-324 1e-7 1.5e-7 16777217.0'.split(
    ' ',
  ),
  ...'2001-01-01 2001-1-1 2001-13-01 2001-02-30 2001-12-14t21:59:43.10-05:00 2001-12-14T21:59:43Z 10Mi 100m 1Gi 30s'.split(
    ' ',
  ),
  ...'10.0.0.1 1.2.3 v1 1-2 1,2 +12e03 685.230_15e+03 1_2e3 0.1_2 .1_2 - + -- ++1 --1 -x +x 1a 0a 0f 9e 1e 1e+'.split(
    ' ',
  ),
  `${'0'.repeat(30)}7`,
  `0x${'0'.repeat(30)}7`,
  '9'.repeat(309),
];

const TEXTS = [
  '"yes"',
  "'yes'",
  '"1"',
  "'0x1'",
  '""',
  "''",
  '"a\\tb"',
  '"\\x41\\u00e9\\U0001F600"',
  '"\\ud83d\\ude00"',
  '"\\ud800"',
  '"\\/"',
  '"\\\'"',
  '"\\e\\_\\N\\L\\P"',
  '"\\q"',
  "'it''s'",
  'a#b',
  'a #b',
  'a: b',
  'a:b',
  ':a',
  'a:',
  '?a',
  '-a',
  '%a',
  '@a',
  '`a`',
  '&a b',
  '&a',
  '*a',
  '&a: b',
  '&a,b c',
  '!',
  '! 5',
  '! "5"',
  '!x 5',
  '!!x 5',
  '|',
  '>',
  'é',
  '日本',
  '😀',
  '"😀"',
  'a  b',
  '[]',
  '{}',
  '[a, b]',
  '{a: b}',
  '{a}',
  '[a: b]',
  '{"a":b}',
  '{a:b}',
  '["a":b]',
  '[a?b]',
  'a?b',
  '{a?: b}',
  '[? a]',
  '{? a : b}',
  'a,b',
  'a]',
  'a}',
  '"a"b',
  '"a" #c',
  '"a"#c',
  '[a]#c',
  '__proto__',
  'constructor',
  'toString',
];

function tagged(): string[] {
  const tags = [
    '!!int',
    '!!float',
    '!!bool',
    '!!null',
    '!!str',
    '!!timestamp',
    '!!binary',
    '!local',
    '!<tag:yaml.org,2002:int>',
    '!!%69nt',
  ];
  const values = [
    '5',
    '010',
    '1.0',
    '1e3',
    '1.5',
    'yes',
    'y',
    'null',
    '',
    '2001-01-01',
    '2001-12-14 21:59:43.5',
    '0b-1',
    '"7"',
    'foo',
  ];
  const binaries = ['aGVsbG8=', '"aGVs\\nbG8="', '/w==', '4oI=', '!!!!', 'aGVsbG8', '8J+YgA=='];
  const timestamps = [
    '2001-1-1T1:1:1Z',
    '2001-1-1T1:1:1.5+07:00',
    '2001-1-1 25:1:1',
    '2000-02-29',
    '1900-02-29',
    '2001-1-1T1:1:1',
  ];
  return [
    ...tags.flatMap((tag) => values.map((value) => `${tag} ${value}`)),
    ...['18446744073709551615', '.inf', '-0', '~'].flatMap((value) => [`!!float ${value}`, `!!int ${value}`]),
    ...binaries.map((value) => `!!binary ${value}`),
    ...timestamps.map((value) => `!!timestamp ${value}`),
  ];
}

function generatedNumbers(count: number): string[] {
  const random = seeded(1);
  const alphabet = '0123456789012345678901234567890_.-+eExobXabcdf:';
  return Array.from({ length: count }, () => {
    const prefix = random.pick(['', '', '', '-', '+', '0', '0x', '0b', '0o', '.', '1.', '-.', '1e']);
    const from = random.pick([
      alphabet,
      '0123456789',
      '01',
      '01234567',
      '0123456789abcdefABCDEF',
      '0123456789_',
      '0123456789.eE+-',
    ]);
    return prefix + Array.from({ length: random.below(20) }, () => from[random.below(from.length)]).join('');
  });
}

/** Block and flow documents with comments, odd white space, folding, anchors, aliases, merges and small damages. */
export function documents(count: number): string[] {
  const random = seeded(2);
  return [...CORPUS, ...Array.from({ length: count }, () => damaged(random, document(random)))];
}

/** Several documents, with separators of every kind, and JSON. */
export function streams(count: number): string[] {
  const random = seeded(3);
  const separators = [
    '---\n',
    '---\n',
    '--- # c\n',
    '---   \n',
    '---\t\n',
    '---\r\n',
    '--- a\n',
    '---a\n',
    '...\n',
    ' ---\n',
    '----\n',
    '\n---\n---\n',
    '%YAML 1.1\n---\n',
  ];
  const one = () => (random.chance(0.3) ? `${JSON.stringify(json(random, 3))}\n` : document(random));
  return [
    ...STREAMS,
    ...Array.from({ length: count }, () =>
      Array.from(
        { length: 1 + random.below(4) },
        () => (random.chance(0.7) ? random.pick(separators) : '') + one(),
      ).join(''),
    ),
  ];
}

const CORPUS = [
  '',
  '\n',
  '# only a comment\n',
  '---\n',
  '...\n',
  'a',
  'a: 1',
  'a:\n',
  '- \n',
  '-\n- a\n',
  'a:\n- b\n- c\n',
  'a:\n  - b\n  -   c: d\n      e: f\n',
  '? a\n: b\n',
  '? a\n',
  '? [a]\n: b\n',
  '? {a: b}\n: c\n',
  ': a\n',
  'a: b: c\n',
  'a: "b": c\n',
  "a: 'b'\n  'c'\n",
  'a: b\n  c\n\n  d\n',
  'a: "b\n  c\n\n  d"\n',
  'a: "b \\\n  c"\n',
  'a: "b\\n\\\n  \\  c"\n',
  "a: 'b\n\n\n  c '\n",
  'a: |\n b\n  c\n d\n',
  'a: |-\n b\n\n',
  'a: |+\n b\n\n',
  'a: >\n b\n c\n\n d\n  e\n f\n',
  'a: >-\n\n  b\n',
  'a: |2\n   b\n',
  'a: |1-\n  b\n',
  'a: |-1\n  b\n',
  'a: |0\n b\n',
  'a: |10\n b\n',
  'a: |\n\n   \n  b\n',
  'a: |\n   \n b\n',
  'a: |\n\tb\n',
  'a: |\n \tb\n',
  'a: | # c\n b\n',
  'a: |#c\n b\n',
  'a: |\nb: c\n',
  'a: >\n\n\nb: c\n',
  '- |\n a\n- >\n b\n',
  '|\n a\n',
  '|\na\n',
  '>\na\nb\n',
  'a:\tb\n',
  'a: b\t\n',
  'a:\t\n  b: c\n',
  '\ta: b\n',
  'a:\n\tb: c\n',
  'a:\n \tb: c\n',
  '-\ta\n',
  '-\t- a\n',
  '- a\n\t- b\n',
  'a: b # c\n',
  'a: b\t# c\n',
  'a: [b,\n\tc]\n',
  'a: {\n\tb: c\n}\n',
  'a: b\n\t\nc: d\n',
  'a: b\n \t \nc: d\n',
  'a: b\n\tc\n',
  'a:\n  b\n\n\n',
  ' a: 1\n b: 2\n',
  ' a: 1\nb: 2\n',
  'a: 1\n b: 2\n',
  'a:\n   b: 1\n  c: 2\n',
  'a: &x 1\nb: *x\n',
  'a: &x {p: 1}\nb: {<<: *x, q: 2}\n',
  'a: &x [1]\nb: {<<: *x}\n',
  'b: *x\n',
  'a: &x [*x]\n',
  'a: &x {b: *x}\n',
  'a: &x 1\nb: &x 2\nc: *x\n',
  'a: &x 1\nb: &y [*x]\nc: &x 2\nd: *y\n',
  'a: &x {p: 1}\nb: &y {p: 2, r: 3}\nc: {p: 0, <<: [*x, *y], r: 9}\n',
  'a: {<<: {p: 1}, p: 2}\n',
  'a: {p: 2, <<: {p: 1}}\n',
  'a: {<<: null}\n',
  'a: {<<: 1}\n',
  'a: {<<: []}\n',
  'a: {<<: [{p: 1}, 2]}\n',
  'a: {"<<": {p: 1}}\n',
  'a: {!!merge <<: {p: 1}}\n',
  'a: {!!str <<: {p: 1}}\n',
  '<<: {a: 1}\n',
  '<<: [{a: 1}, {a: 2, b: 3}]\nb: 4\n',
  'a: <<\n',
  '- <<\n',
  '&a a: &b b\n*a : *b\n',
  '*a: b\n',
  '&a a: 1\nb: *a\n',
  '&a {b: c}: d\n',
  '{[a]: b}\n',
  '&x\na: 1\n',
  '&x a: 1\n',
  '&x\n&y a: 1\n',
  '!!map {a: 1}\n',
  '!!seq [a]\n',
  '!!map\na: 1\n',
  '!!set {a, b}\n',
  '!!omap [a: 1]\n',
  '!!str\n',
  '!!str {a: 1}\n',
  '!!int [1]\n',
  'a: 1\na: 2\n',
  '{a: 1, a: 2}\n',
  '1: a\n"1": b\n',
  'true: a\nyes: b\n',
  '1.0: a\n1: b\n',
  'null: a\n',
  '~: a\n',
  '? \n: a\n',
  '.nan: a\n',
  '.inf: a\n',
  '1e10: a\n',
  '123456789.0: a\n',
  '2001-01-01: a\n',
  '18446744073709551615: a\n',
  '{a: [b, {c: d}], e: }\n',
  '{a, b: }\n',
  '[a, , b]\n',
  '[a,]\n',
  '{a: 1,}\n',
  '[,]\n',
  '{,}\n',
  '[a\n b]\n',
  '{a: b\nc: d}\n',
  '{a: b,\nc: d}\n',
  'a: [\n]\n',
  'a: [\n1\n]\n',
  'a: {\nb: c\n}\n',
  '[a: b, c]\n',
  '[a: b: c]\n',
  '{a: {b: {c: {d: e}}}}\n',
  '[[[[[]]]]]\n',
  '{"a":1,"b":[true,null]}\n',
  '{"a":"b":"c"}\n',
  "{'a':1}\n",
  '{a:1}\n',
  '{a: 1}{b: 2}\n',
  '[a]b\n',
  '[a] b\n',
  '{a: "b" c}\n',
  '[http://x/y?z=1]\n',
  '[a,b:c]\n',
  '{a:}\n',
  '{a:,b}\n',
  '[a:]\n',
  '[:]\n',
  '[:a]\n',
  '{:}\n',
  '[-]\n',
  '[-a]\n',
  '[- a]\n',
  '{- a: b}\n',
  '[?]\n',
  '[?a]\n',
  '[a?]\n',
  '{? a, b: c}\n',
  '[#a]\n',
  '[a #b\n]\n',
  '[a#b]\n',
  'a: "b\nc"\n',
  'a: "b\n---\nc"\n',
  'a: b\n---c\n',
  'a: 1\n... \nb: 2\n',
  'a: 1\n...\n...\n',
  '%YAML 1.1\n---\na: 1\n',
  '%YAML 1.2\n---\na: 1\n',
  '---\n%YAML 1.1\n',
  '%TAG !x! tag:yaml.org,2002:\n---\na: !x!int "5"\n',
  '%FOO bar\n---\na: 1\n',
  '--- a\n',
  '--- {a: 1}\n',
  '--- |\n a\n',
  '--- !!map\na: 1\n',
  'a: \u0085b\n',
  'a: b\u2028c: d\n',
  '# c\u2028a: 1\n',
  '# c\u0085a: 1\n',
  '"a\u2029b"\n',
  'a: b\u00a0c\n',
  '\ufeffa: 1\n',
  'a: \ufeffb\n',
  '---\n\ufeffa: 1\n',
  'a: b\u0000c\n',
  'a: \u0007\n',
  '# \u0007\na: 1\n',
  'a: \u007f\n',
  'a: \ufffd\n',
  'a: 1\r\nb: |\r\n  c\r\n  d\r\n',
  'a: 1\rb: 2\r',
  'a: "b\r\n  c"\r\n',
  'a: |\r b\r',
  '- a\r\n- b\r\n',
  'a: >\r\n b\r\n c\r\n',
  `a: ${'x'.repeat(2000)}\n`,
  `${'x'.repeat(1500)}: a\n`,
  `{${'x'.repeat(1500)}: a}\n`,
  `"${'x'.repeat(1100)}": a\n`,
  'a\nb: c\n',
  '"a\nb": c\n',
  'a b c: d\n',
  'a:b: c\n',
  'a #b: c\n',
  '"a" : b\n',
  'a : b\n',
  "'a':b\n",
  '"a":b\n',
  '-a: b\n',
  '- a: b\n  c: d\n- e\n',
  '- - a\n  - b\n- c\n',
  '- ? a\n  : b\n',
  '-\n  a: b\n',
  '- \n  - a\n',
  'a: - b\n',
  'a: ? b\n',
  'a: @b\n',
  'a: %b\n',
  'a: `b\n',
  'a: !!str\nb: 1\n',
  'a: &x\nb: *x\n',
  'a: !x &y b\n',
  'a: &y !x b\n',
  '@a: b\n',
  'a: [b\n',
  'a: {b\n',
  'a: "b\n',
  "a: 'b\n",
  'a: b]\n',
  'a: b}\n',
  '}\n',
  ']\n',
  ',\n',
  'a, b\n',
  'a: , b\n',
];

const STREAMS = [
  '{"a":1}{"a":2}',
  '{"a":1}\n{"a":2}\n',
  '{"a":1}\n{"a":2}\n{"a":\n',
  '{"a":1}\n---\n{"a":2}\n',
  '{"a":1}\nb: 2\n',
  '{a: 1}\n',
  '{a: 1}\n---\nb: 2\n',
  ' {"a":1}',
  '\n\n{"a":1.0,"b":1e3,"c":-0,"d":1E400}\n',
  '{"a":1.0,"b":1e3,"c":-0,"d":-0.0,"e":9007199254740993,"f":9223372036854775808,"g":0.1}',
  '{"a":01}',
  '{"a":+1}',
  '{"a":.5}',
  '{"a":1.}',
  '{"a":0x1}',
  '{"a":NaN}',
  '{"a":"\\ud800"}',
  '{"a":"\\ud83d\\ude00\\/"}',
  '{"a":"\t"}',
  "{'a':1}",
  '{"a":1,}',
  '{"a":[1,]}',
  '{"a" :\t1 , "b":[ ] }',
  '{"a":1} x',
  '{"a":1}\n x: 1\n',
  '{"a":1}\n{"b":2}\n---\nc: 3\n',
  '{"a":tru}',
  '[{"a":1}]',
  '[1,2]\n',
  '"a"\n',
  '1\n',
  'a: 1\n---\n',
  '---\na: 1\n---\n---\nb: 2\n',
  '---\n---\na: 1\n',
  'a: 1\n--- # c\nb: 2\n',
  'a: 1\n---#c\nb: 2\n',
  'a: 1\n--- b\nc: 2\n',
  'a: 1\n---- \nb: 2\n',
  'a: |\n x\n---\nb: 1\n',
  'a: "x\n---\ny"\n',
  '# c\n---\n# d\n---\na: 1\n',
  'a: 1\r\n---\r\nb: 2\r\n',
  'a: 1\r---\rb: 2\r',
  'a: 1\n...\nb: 2\n',
  'a: 1\n...\n---\nb: 2\n',
  'a: 1\n---',
  'a: 1\n---\u00a0\nb: 2\n',
  'a: [\n---\nb: 2\n',
];

function document(random: Random): string {
  return random.chance(0.1) ? `${flow(random, 3)}\n` : block(random, 0, 3);
}

function block(random: Random, indent: number, depth: number): string {
  const pad = ' '.repeat(indent);
  const names = new Set(Array.from({ length: 1 + random.below(4) }, () => key(random)));
  const isList = random.chance(0.3);
  return [...names]
    .map((name) => {
      const comment = random.chance(0.08) ? `${random.pick([pad, '', ' '])}# ${text(random)}\n` : '';
      const blank = random.chance(0.05) ? random.pick(['\n', '   \n', '\t\n']) : '';
      const head = isList ? `${pad}-` : `${pad}${name}:`;
      return comment + blank + head + value(random, indent, depth, isList);
    })
    .join('');
}

function value(random: Random, indent: number, depth: number, inList: boolean): string {
  const anchor = random.chance(0.08) ? ` &${random.pick(['a', 'b', 'c'])}` : '';
  const step = random.pick([1, 2, 2, 2, 4]);
  if (depth > 0 && random.chance(0.4)) {
    if (inList && random.chance(0.5) && anchor === '') {
      return ` ${block(random, indent + 2, depth - 1).slice(indent + 2)}`;
    }
    const same = !inList && random.chance(0.2) ? 0 : step;
    return `${anchor}\n${block(random, indent + same, depth - 1)}`;
  }
  if (random.chance(0.12)) return `${anchor} ${blockScalar(random, indent + step)}`;
  if (random.chance(0.03)) return ` *${random.pick(['a', 'b', 'c'])}\n`;
  const end = random.pick(['\n', '\n', '\n', '\n', ' \n', ' # c\n', '\t\n', '\r\n', '\n\n']);
  return `${anchor}${random.pick([' ', ' ', ' ', '  ', '\t'])}${random.chance(0.2) ? flow(random, 2) : scalar(random, indent + step)}${end}`;
}

function blockScalar(random: Random, indent: number): string {
  const head = random.pick(['|', '>']) + random.pick(['', '', '-', '+', String(1 + random.below(3)), '-2']);
  const lines = Array.from({ length: random.below(5) }, () =>
    random.chance(0.2)
      ? ' '.repeat(random.below(indent + 3))
      : ' '.repeat(indent + (random.chance(0.2) ? random.below(3) : 0)) + text(random),
  );
  return `${head}${random.pick(['', ' ', ' # c'])}\n${lines.map((line) => `${line}\n`).join('')}`;
}

function scalar(random: Random, indent: number): string {
  const words = Array.from({ length: 1 + random.below(4) }, () => text(random));
  const joint = random.pick([
    ' ',
    ' ',
    ' ',
    '  ',
    `\n${' '.repeat(indent)}`,
    `\n\n${' '.repeat(indent)}`,
    ` \n${' '.repeat(indent + 1)}`,
    '\n',
  ]);
  const joined = words.join(joint);
  switch (random.below(6)) {
    case 0:
      return `"${joined.replaceAll(/["\\]/g, '')}"`;
    case 1:
      return `'${joined.replaceAll("'", "''")}'`;
    case 2:
      return random.pick([...NUMBERS, ...WORDS]);
    default:
      return random.chance(0.8) ? words[0]! : joined;
  }
}

function flow(random: Random, depth: number): string {
  const gap = () => random.pick(['', '', ' ', '  ', '\n  ', '\t']);
  if (depth === 0 || random.chance(0.4)) {
    return random.pick([
      () => scalar(random, 4).replaceAll(/[[\]{},]/g, ''),
      () => random.pick(NUMBERS),
      () => `"${text(random).replaceAll(/["\\]/g, '')}"`,
    ])();
  }
  const items = Array.from({ length: random.below(4) }, () =>
    random.chance(0.5)
      ? flow(random, depth - 1)
      : `${key(random)}:${random.pick([' ', ' ', ' ', '', '  '])}${flow(random, depth - 1)}`,
  );
  const [open, close] = random.pick(['[]', '{}']);
  return `${open}${gap()}${items.join(`${gap()},${gap()}`)}${gap()}${close}`;
}

const KEYS = [
  'a',
  'b',
  'c',
  'name',
  'spec',
  'image',
  'y',
  'on',
  '"q"',
  "'s t'",
  '1',
  'a/b',
  'a.b',
  '__proto__',
  'constructor',
  'x-y',
  'é',
  '0x10',
  'a b',
  '1.5',
  'null-ish',
  '"a\\tb"',
];
const RISKY_KEYS = ['<<', '? k', '~', '*a ', '&a k', '!!str 5', '[f]', '- g'];

function key(random: Random): string {
  return random.pick(random.chance(0.04) ? RISKY_KEYS : KEYS);
}

const WORDS_OF_TEXT = [
  'web',
  'nginx:1.25',
  'a/b',
  'x=y',
  '--flag',
  'http://x/y',
  "it's",
  'say "hi"',
  'a#b',
  'ü',
  '😀',
  'true',
  '12',
  '0x1f',
  '1.0',
  'a,b',
  '\\n',
  'x?',
  '-1',
  'a:b',
  '.5',
  '<<',
  'x-',
  '(z)',
  '*.x'.slice(1),
  '~x',
  'no',
];
const RISKY_TEXT = [
  '#no',
  'a: b',
  '- x',
  '? y',
  '[z',
  '{w}',
  '&v',
  '*u',
  '!t',
  '%s',
  '@r',
  ':',
  '-',
  '|',
  'q: ',
  ': r',
  '...',
  '---',
];

function text(random: Random): string {
  return random.pick(random.chance(0.04) ? RISKY_TEXT : WORDS_OF_TEXT);
}

/** A text with up to two small damages. */
function damaged(random: Random, original: string): string {
  let result = original;
  for (let round = random.chance(0.35) ? 1 + random.below(2) : 0; round > 0 && result.length > 0; round--) {
    const at = random.below(result.length);
    const insert = random.pick([
      '',
      '',
      ' ',
      '\n',
      '\t',
      ':',
      '-',
      '#',
      '"',
      "'",
      '{',
      '}',
      '[',
      ']',
      ',',
      '&a ',
      '*a',
      '!',
      '|',
      '\r',
      '? ',
      '  ',
    ]);
    result = result.slice(0, at) + insert + result.slice(at + random.below(3));
  }
  return result.toWellFormed();
}

function json(random: Random, depth: number): unknown {
  if (depth === 0 || random.chance(0.3)) {
    return random.pick<unknown>([1, 1.5, 'x', true, null, '', -3, 1e21, 1e-9, 'ü', 9007199254740992]);
  }
  if (random.chance(0.4)) return Array.from({ length: random.below(4) }, () => json(random, depth - 1));
  return Object.fromEntries(
    Array.from({ length: random.below(4) }, () => [text(random), json(random, depth - 1)]),
  );
}

interface Random {
  below(limit: number): number;
  chance(share: number): boolean;
  pick<T>(list: readonly T[] | string): T;
}

/** mulberry32. */
function seeded(seed: number): Random {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  return {
    below: (limit) => Math.floor(next() * limit),
    chance: (share) => next() < share,
    pick: <T>(list: readonly T[] | string) => list[Math.floor(next() * list.length)] as T,
  };
}
