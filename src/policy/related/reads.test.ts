import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createEnvironment } from '../../cel/index.ts';
import { kubernetesLibraries } from '../../cel/libraries/index.ts';
import { DYN } from '../../cel/types.ts';
import { type Part, partOf, pruned, type Reads, readsOf } from './reads.ts';

const environment = createEnvironment({
  variables: { object: DYN, pod: DYN, containers: DYN, other: DYN },
  libraries: kubernetesLibraries(37),
});

function reads(text: string) {
  const compiled = environment.compile(text);
  assert.ok(compiled.ok, text);
  return readsOf([compiled.program.ast.expr]);
}

test('a path is as long as what is selected by name', () => {
  assert.deepEqual(
    reads("object.spec.a == 1 && has(object.spec.b) && object['x'].y.?z.orValue(1) == 2").object,
    [
      ['spec', 'a'],
      ['spec', 'b'],
      ['x', 'y', 'z'],
    ],
  );
  assert.deepEqual(reads('pod.spec.volumes[0].name').pod, [['spec', 'volumes']]);
  assert.deepEqual(reads("'a' in object.metadata.labels && object.rules.exists(r, r.x == other.y)").object, [
    ['metadata', 'labels'],
    ['rules'],
  ]);
});

test('what is handed on whole is read whole', () => {
  assert.deepEqual(reads('[object].exists(o, o.a == 1)').object, [[]]);
  assert.deepEqual(reads('object[other.name] == 1').object, [[]]);
  assert.deepEqual(reads('containers.exists(c, has(c.image))').pod, [
    ['spec', 'initContainers'],
    ['spec', 'containers'],
    ['spec', 'ephemeralContainers'],
  ]);
});

test('a name that a fold binds is no root', () => {
  assert.deepEqual(reads('[other].exists(object, object.a == 1)').object, []);
});

const OBJECT = {
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: {
    replicas: 2,
    template: { metadata: { labels: { a: 'b' } }, spec: { hostNetwork: true, volumes: [1] } },
  },
};

function prune(reads: Reads, template: string | undefined) {
  return pruned(OBJECT, partOf(reads, template) as Part);
}

test('what is not read goes, what is read stays, whichever path comes first', () => {
  const pod = [
    ['metadata', 'labels'],
    ['spec', 'hostNetwork'],
  ];
  const expected = {
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: { template: { metadata: { labels: { a: 'b' } }, spec: { hostNetwork: true } } },
  };
  assert.deepEqual(prune({ object: [], pod }, '/spec/template'), expected);
  for (const object of [
    [['spec'], ['spec', 'replicas']],
    [['spec', 'replicas'], ['spec']],
  ])
    assert.deepEqual(prune({ object, pod }, '/spec/template'), OBJECT);
  assert.equal(partOf({ object: [[]], pod }, '/spec/template'), null);
  // An absent field stays absent, and so what has() says of it.
  assert.deepEqual(prune({ object: [['status', 'phase']], pod: [] }, undefined), {
    kind: 'Deployment',
    metadata: { name: 'web' },
  });
  assert.deepEqual(OBJECT.spec.replicas, 2);
});
