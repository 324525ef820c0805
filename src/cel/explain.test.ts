import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createEnvironment } from './environment.ts';
import { explain, locate, type Origins } from './explain.ts';
import { kubernetesLibraries } from './libraries/index.ts';
import type { Program } from './program.ts';
import { DYN } from './types.ts';
import type { Value } from './values.ts';

const environment = createEnvironment({
  variables: { object: DYN, containers: DYN, variables: DYN, params: DYN },
  libraries: kubernetesLibraries(37),
});

function compile(text: string): Program {
  const compiled = environment.compile(text);
  assert.ok(compiled.ok, text);
  return compiled.program;
}

const OBJECT = {
  metadata: { name: 'web', labels: { app: 'web', 'a/b~c': 'x' } },
  spec: {
    hostNetwork: true,
    initContainers: [{ name: 'init', image: 'evil.example/init' }],
    containers: [
      { name: 'a', image: 'good.example/a', securityContext: { privileged: false, drop: ['ALL'] } },
      { name: 'b', image: 'evil.example/b', securityContext: { drop: ['KILL', 'ALL'] } },
      {
        name: 'c',
        image: 'good.example/c',
        securityContext: { privileged: true },
        ports: [{ hostPort: 80 }],
      },
    ],
  },
  rules: [{ verbs: ['get'] }, { verbs: ['list', '*'] }],
};

const ORIGINS: Origins = { object: { pointer: '' } };

const vars = { object: OBJECT, params: { max: 1 } };

/** It is the same when the result is known beforehand. */
function pointer(text: string, more: object = {}, origins: Origins = {}): string | undefined {
  const program = compile(text);
  const all = { ...vars, ...more };
  const from = { ...ORIGINS, ...origins };
  const found = explain(program, all, from);
  for (const precedence of [undefined, byText, (a: Value, b: Value) => byText(b, a)]) {
    const outcome = program.evaluate(all);
    const result = outcome.ok && typeof outcome.value === 'boolean' ? outcome.value : undefined;
    assert.deepEqual(
      explain(program, all, from, { precedence, result }),
      explain(program, all, from, { precedence }),
      text,
    );
  }
  return found?.pointer;
}

function byText(a: Value, b: Value): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1;
}

const CASES: readonly (readonly [expression: string, pointer: string | undefined])[] = [
  ['object.spec.hostNetwork == false', '/spec/hostNetwork'],
  ['!object.spec.hostNetwork', '/spec/hostNetwork'],
  ['!(has(object.spec.hostNetwork) && object.spec.hostNetwork)', '/spec/hostNetwork'],
  ['has(object.spec.hostPID)', '/spec/hostPID'],
  ['has(object.spec.securityContext) && object.spec.securityContext.runAsNonRoot', '/spec/securityContext'],
  [
    'object.spec.containers.all(c, !has(c.securityContext) || !has(c.securityContext.privileged) || c.securityContext.privileged == false)',
    '/spec/containers/2/securityContext/privileged',
  ],
  [
    'object.spec.containers.all(c, has(c.securityContext) && c.securityContext.privileged == false)',
    '/spec/containers/2/securityContext/privileged',
  ],
  [
    'object.spec.containers.all(c, has(c.securityContext) && has(c.securityContext.privileged))',
    '/spec/containers/1/securityContext/privileged',
  ],
  [
    '(object.spec.containers + (has(object.spec.initContainers) ? object.spec.initContainers : [])).all(c, c.name != "init")',
    '/spec/initContainers/0/name',
  ],
  [
    'object.spec.containers.filter(c, has(c.ports)).all(c, c.ports.all(p, p.hostPort == 0))',
    '/spec/containers/2/ports/0/hostPort',
  ],
  ['object.spec.containers.map(c, c.image).all(i, i.startsWith("good."))', '/spec/containers/1/image'],
  ['size(object.spec.containers.filter(c, c.image.startsWith("evil."))) == 0', '/spec/containers/1'],
  [
    'object.spec.containers.all(c, ["good.example/", "other/"].exists(r, c.image.startsWith(r)))',
    '/spec/containers/1/image',
  ],
  ['!object.rules.exists(r, "*" in r.verbs)', '/rules/1/verbs/1'],
  ['!object.rules.exists(r, r.verbs.exists(v, v in ["bind", "*"]))', '/rules/1/verbs/1'],
  ['["app", "team"].all(k, k in object.metadata.labels)', '/metadata/labels/team'],
  ['object.metadata.labels.all(k, v, v != "x")', '/metadata/labels/a~1b~0c'],
  ['object.metadata.labels["a/b~c"] == "y"', '/metadata/labels/a~1b~0c'],
  ['object.spec.?securityContext.?runAsNonRoot.orValue(false)', '/spec/securityContext'],
  ['object.spec.containers[1].image.startsWith("good.")', '/spec/containers/1/image'],
  ['object.spec.missing.deeper == 1', '/spec/missing'],
  ['size(object.spec.containers) <= params.max', '/spec/containers'],
  ['params.max > 1', undefined],
  ['false', undefined],
  ['object.spec.hostNetwork ? object.metadata.name == "x" : true', '/metadata/name'],
  ['object.spec.hostNetwork ? false : true', '/spec/hostNetwork'],
  ['object.spec.containers.exists(c, c.name == "x")', '/spec/containers'],
  ['object.spec.initContainers.exists(c, c.name == "x")', '/spec/initContainers/0/name'],
];

for (const [expression, expected] of CASES) {
  test(`points at ${expected ?? 'nothing'}: ${expression}`, () => {
    assert.equal(pointer(expression), expected);
  });
}

test('descends into composed variables', () => {
  const all = compile('object.spec.containers + object.spec.initContainers');
  const isSafe = compile('!has(object.spec.hostNetwork) || !object.spec.hostNetwork');
  const origins: Origins = { 'variables.all': { program: all }, 'variables.isSafe': { program: isSafe } };
  const variables = { all: [...OBJECT.spec.containers, ...OBJECT.spec.initContainers], isSafe: false };
  assert.equal(
    pointer('variables.all.all(c, c.name != "init")', { variables }, origins),
    '/spec/initContainers/0/name',
  );
  assert.equal(pointer('variables.isSafe', { variables }, origins), '/spec/hostNetwork');
});

test('follows lists put together by the caller', () => {
  const containers = [...OBJECT.spec.initContainers, ...OBJECT.spec.containers];
  const items = ['/spec/initContainers/0', '/spec/containers/0', '/spec/containers/1', '/spec/containers/2'];
  const origins: Origins = { containers: { items } };
  assert.equal(
    pointer(
      'containers.all(c, c.?securityContext.?privileged.orValue(true) == false)',
      { containers },
      origins,
    ),
    '/spec/initContainers/0/securityContext',
  );
  assert.equal(
    pointer(
      'containers.all(c, c.?securityContext.privileged.orValue(false) == false)',
      { containers },
      origins,
    ),
    '/spec/containers/2/securityContext/privileged',
  );
});

test('locates the value of a path', () => {
  const at = (text: string) => locate(compile(text), vars, ORIGINS)?.pointer;
  assert.equal(at('object.spec.containers[0].image'), '/spec/containers/0/image');
  assert.equal(at('object.spec.containers.filter(c, c.name == "b")[0].image'), '/spec/containers/1/image');
  assert.equal(at('object.spec.?nothing'), '/spec/nothing');
  assert.equal(at('"text"'), undefined);
});
