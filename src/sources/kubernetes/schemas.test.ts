import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FieldSchema, JsonMap } from '../../model/index.ts';
import { createSchemas } from './schemas.ts';

function at(schema: FieldSchema | undefined, path: string): FieldSchema | undefined {
  return path.split('.').reduce((found, name) => (name === '*' ? found?.items : found?.field(name)), schema);
}

const deployment = createSchemas(37).ofKind('apps/v1', 'Deployment');

test('fields are found through definitions, lists and maps', () => {
  assert.equal(at(deployment, 'spec.template.spec.containers.*.securityContext.privileged')?.type, 'boolean');
  assert.equal(at(deployment, 'spec.template.spec.containers.*.name')?.type, 'string');
  assert.equal(at(deployment, 'metadata.labels.anything')?.type, 'string');
  assert.equal(at(deployment, 'spec.replicas')?.format, 'int32');
  assert.equal(at(deployment, 'spec.tempalte'), undefined);
  assert.ok(at(deployment, 'spec')?.fieldNames.includes('template'));
});

test('list types and their keys', () => {
  const containers = at(deployment, 'spec.template.spec.containers')!;
  assert.deepEqual([containers.listType, containers.listMapKeys], ['map', ['name']]);
  const ports = at(containers, '*.ports')!;
  assert.deepEqual(ports.listMapKeys, ['containerPort', 'protocol']);
  assert.equal(at(deployment, 'spec.template.spec.tolerations')?.listType, 'atomic');
  assert.equal(at(deployment, 'metadata.finalizers')?.listType, 'set');
  assert.equal(at(deployment, 'spec.selector')?.atomic, true);
});

test('what may be an integer or a string', () => {
  const rolling = at(deployment, 'spec.strategy.rollingUpdate.maxSurge');
  assert.equal(rolling?.type, 'int-or-string');
  const limit = at(deployment, 'spec.template.spec.containers.*.resources.limits.cpu');
  assert.deepEqual([limit?.type, limit?.format], ['int-or-string', 'quantity']);
});

test('required fields', () => {
  assert.deepEqual(at(deployment, 'spec.template.spec')?.required, ['containers']);
});

test('fields come and go with the minor', () => {
  const field = 'spec.template.spec.evictionResponders';
  assert.equal(at(createSchemas(36).ofKind('apps/v1', 'Deployment'), field), undefined);
  assert.equal(at(deployment, field)?.type, 'array');
});

test('a recursive definition is finite and the same object each time', () => {
  const definition = createSchemas(37).ofKind('apiextensions.k8s.io/v1', 'CustomResourceDefinition');
  const first = at(definition, 'spec.versions.*.schema.openAPIV3Schema');
  assert.equal(first, at(first, 'not'));
  assert.ok(first?.name?.endsWith('JSONSchemaProps'));
});

test('kinds of subresources', () => {
  assert.ok(createSchemas(37).ofKind('autoscaling/v1', 'Scale'));
  assert.ok(createSchemas(37).ofKind('policy/v1', 'Eviction'));
});

test('an unknown kind has none', () => {
  assert.equal(createSchemas(37).ofKind('example.com/v1', 'Widget'), undefined);
  assert.equal(createSchemas(37).ofKind('v1', 'constructor'), undefined);
});

test('a custom kind by its definition', () => {
  const definition: JsonMap = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { kind: 'Widget', plural: 'widgets' },
      versions: [
        {
          name: 'v1',
          served: true,
          schema: {
            openAPIV3Schema: {
              type: 'object',
              properties: {
                spec: {
                  type: 'object',
                  required: ['parts'],
                  properties: {
                    parts: {
                      type: 'array',
                      'x-kubernetes-list-type': 'map',
                      'x-kubernetes-list-map-keys': ['id'],
                      items: {
                        type: 'object',
                        properties: { id: { type: 'string' }, port: { 'x-kubernetes-int-or-string': true } },
                      },
                    },
                    labels: { type: 'object', additionalProperties: { type: 'string' } },
                    free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
                    mode: { type: 'string', default: 'fast' },
                  },
                },
              },
            },
          },
        },
      ],
    },
  };
  const widget = createSchemas(37, [definition]).ofKind('example.com/v1', 'Widget');
  assert.deepEqual(widget?.fieldNames, ['apiVersion', 'kind', 'metadata', 'spec']);
  assert.equal(at(widget, 'metadata.name')?.type, 'string');
  assert.deepEqual(at(widget, 'spec')?.required, ['parts']);
  assert.deepEqual(at(widget, 'spec.parts')?.listMapKeys, ['id']);
  assert.equal(at(widget, 'spec.parts.*.port')?.type, 'int-or-string');
  assert.equal(at(widget, 'spec.labels.x')?.type, 'string');
  assert.equal(at(widget, 'spec.free')?.open, true);
  assert.equal(at(widget, 'spec.mode')?.default, 'fast');
  assert.equal(at(widget, 'spec.constructor'), undefined);
});
