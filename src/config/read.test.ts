import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readConfig } from './read.ts';
import type { Vocabulary } from './vocabulary.ts';

const VOCABULARY: Vocabulary = {
  formats: ['pretty', 'json'],
  selectionKeys: ['id', 'severity'],
  settings: { 'pss.version': { doc: '' }, 'kubernetes.version': { doc: '' } },
  nearest: (word, candidates) =>
    [...candidates].find((one) => one.toLowerCase().slice(0, 4) === word.toLowerCase().slice(0, 4)),
};

function mistakes(value: unknown): string[] {
  const reading = readConfig(value, VOCABULARY);
  return reading.ok ? [] : reading.mistakes.map(({ path, message }) => `/${path.join('/')}: ${message}`);
}

test('an empty file, and one with every key, are read', () => {
  assert.deepEqual(readConfig(null, VOCABULARY), { ok: true, file: {} });
  const whole = {
    policies: ['builtin', 'policies/'],
    select: ['id=a,b'],
    skip: ['severity=low'],
    settings: { 'pss.version': 'v1.20' },
    severity: { a: 'high' },
    failOn: 'none',
    changed: 'origin/main',
    stages: [
      { select: ['id=a'], stage: 'enforce', scope: { tiers: ['low'], namespaces: ['team-*'], percent: 25 } },
    ],
    tiers: { default: 'medium', namespaces: { pay: 'high' } },
    unsupported: [{ policy: 'x', reason: 'known' }],
    exclude: ['vendor/**'],
    strict: true,
    namespace: 'shop',
    defaults: false,
    context: ['c.yaml'],
    schemas: ['crds'],
    repositories: ['https://git.example/a'],
    userinfo: 'u.yaml',
    answers: 'a.yaml',
    format: 'json',
    output: { json: 'o.json' },
    coverageMin: new Number(90),
    environments: { prod: { failOn: 'low', policies: ['p'] } },
    paths: { 'a/**': { failOn: 'high' } },
  };
  const reading = readConfig(whole, VOCABULARY);
  assert.ok(reading.ok);
  assert.deepEqual(reading.file, { ...whole, coverageMin: 90 });
});

test('each mistake says where, what was expected, what stands there, and what was meant', () => {
  const table: [unknown, string][] = [
    [{ stages: [{ select: ['id=a'] }] }, '/stages/0: stages[0].stage is missing'],
    [
      { stages: [{ select: ['id=a'], stage: 'warn', scop: {} }] },
      '/stages/0/scop: unknown key "scop" in stages[0]; did you mean scope?',
    ],
    [
      { stages: [{ select: ['id=a'], stage: 'warn', scope: { tier: [] } }] },
      '/stages/0/scope/tier: unknown key "tier" in stages[0].scope; did you mean tiers?',
    ],
    [
      { environments: { prod: { stages: [{ select: ['id=a'], stage: 'warn', scope: { perc: 1 } }] } } },
      '/environments/prod/stages/0/scope/perc: unknown key "perc" in environments.prod.stages[0].scope; did you mean percent?',
    ],
    [
      { stages: [{ select: ['id=a'], stage: 'enfore' }] },
      '/stages/0/stage: stages[0].stage: expected one of audit, warn, enforce, got "enfore"; did you mean enforce?',
    ],
    [
      { stages: [{ select: ['id=a'], stage: 'warn', scope: { percent: 101 } }] },
      '/stages/0/scope/percent: stages[0].scope.percent: expected a whole number from 0 to 100, got 101',
    ],
    [
      { stages: [{ select: [], stage: 'warn' }] },
      '/stages/0/select: stages[0].select: expected at least one KEY=VALUE, got a list',
    ],
    [
      { tiers: { default: 'hight' } },
      '/tiers/default: tiers.default: expected one of low, medium, high, got "hight"; did you mean high?',
    ],
    [
      { paths: { 'a/**': { tiers: {} } } },
      '/paths/a/**/tiers: tiers cannot be set in paths, only for all files',
    ],
    [[], '/: rampart.yaml: expected a mapping, got a list'],
    [{ failon: 'low' }, '/failon: unknown key "failon"; did you mean failOn?'],
    [
      { failOn: 'hig' },
      '/failOn: failOn: expected one of critical, high, medium, low, info, none, got "hig"',
    ],
    [
      { failOn: null },
      '/failOn: failOn: expected one of critical, high, medium, low, info, none, got nothing',
    ],
    [{ select: 'id=a' }, '/select: select: expected a list, got "id=a"'],
    [{ select: ['a'] }, '/select/0: select[0]: expected KEY=VALUE with a key of id, severity, got "a"'],
    [{ skip: [{}] }, '/skip/0: skip[0]: expected text, got a mapping'],
    [
      { settings: { 'pss.version': new Number(1.3) } },
      '/settings/pss.version: settings."pss.version": expected text, got 1.3; put it in quotes',
    ],
    [
      { settings: { 'pss.version': 'v2' } },
      '/settings/pss.version: settings."pss.version": expected a version such as v1.34, or latest, got "v2"',
    ],
    [
      { settings: { 'pss.versio': 'v1.2' } },
      '/settings/pss.versio: unknown key "pss.versio" in settings; did you mean pss.version?',
    ],
    [
      { settings: { x: 'v1.2' } },
      '/settings/x: unknown key "x" in settings; expected pss.version, kubernetes.version',
    ],
    [{ strict: 'yes' }, '/strict: strict: expected true or false, got "yes"'],
    ...(['--output=x', '', 'a b', 'true', ['main']] as const).map((changed): [unknown, string] => [
      { changed },
      `/changed: changed: expected true, false or a branch, tag or commit, got ${typeof changed === 'string' ? JSON.stringify(changed) : 'a list'}`,
    ]),
    [{ coverageMin: 101n }, '/coverageMin: coverageMin: expected a whole number from 0 to 100, got 101'],
    [
      { coverageMin: new Number(1.5) },
      '/coverageMin: coverageMin: expected a whole number from 0 to 100, got 1.5',
    ],
    [{ unsupported: [{ policy: 'x' }] }, '/unsupported/0: unsupported[0].reason is missing'],
    [
      { unsupported: [{ policy: 'x', reason: ' ' }] },
      '/unsupported/0/reason: unsupported[0].reason: expected text, got " "',
    ],
    [
      { environments: { 'a b': {} } },
      '/environments/a b: environments."a b": expected a name of letters, digits, hyphens, dots and underscores, got "a b"',
    ],
    [
      { environments: { a: { paths: {} } } },
      '/environments/a/paths: paths cannot be set in environments, only for all files',
    ],
    [
      { paths: { a: { policies: [] } } },
      '/paths/a/policies: policies cannot be set in paths, only for all files',
    ],
    [{ paths: { a: null } }, '/paths/a: paths.a: expected a mapping, got nothing'],
  ];
  for (const [value, expected] of table) assert.deepEqual(mistakes(value), [expected]);
});

test('a glob stays below the file, and can be matched quickly', () => {
  for (const glob of ['a', 'a/**', '**/a/*.yaml', './a', 'a.b/..c/*', '{a,b}/[xy]?', '**/*', 'a/'])
    assert.deepEqual(mistakes({ paths: { [glob]: {} } }), [], glob);
  for (const glob of [
    '',
    '/a',
    '!a',
    '../a',
    'a/../b',
    'a/..',
    '*********',
    '+(a|b)',
    '(a+)+',
    'a\\b',
    'a\0',
    'a'.repeat(201),
  ])
    assert.equal(mistakes({ paths: { [glob]: {} } }).length, 1, glob);
});

test('names that every object inherits are names like others', () => {
  const hostile = JSON.parse('{"__proto__": {"failOn": "none"}, "constructor": 1}') as unknown;
  assert.deepEqual(mistakes(hostile), [
    '/__proto__: unknown key __proto__',
    `/constructor: ${mistakes({ constructor: 1 })[0]!.slice('/constructor: '.length)}`,
  ]);
  const severity = JSON.parse('{"severity": {"__proto__": "low", "toString": "high"}}') as unknown;
  assert.deepEqual(mistakes(severity), ['/severity/__proto__: unknown key severity.__proto__']);
  const reading = readConfig(JSON.parse('{"severity": {"toString": "high"}}'), VOCABULARY);
  assert.ok(reading.ok && reading.file.severity?.['toString'] === 'high');
});

test('all mistakes are found at once', () => {
  const all = mistakes({ failOn: 1, strict: 'x', bad: 1, paths: { '/': { failOn: 2 }, b: { x: 1 } } });
  assert.deepEqual(
    all.map((mistake) => mistake.split(':')[0]),
    ['/failOn', '/strict', '/paths//', '/paths/b/x', '/bad'],
  );
});
