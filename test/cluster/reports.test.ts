/** openreports and policyreport against the published CustomResourceDefinitions, judged by a real API server. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { JsonMap, Report, Reported } from '../../src/model/index.ts';
import { FORMATS } from '../../src/report/index.ts';
import { GATED_REPORT, HOSTILE_REPORT, REPORT } from '../fakes/report.ts';
import { skipWithoutCluster } from './binaries.ts';
import { type Cluster, startCluster } from './cluster.ts';
import { DEFINITIONS, define, definitionsOf, type Name } from './report-definitions.ts';

let cluster: Cluster;
before(async () => {
  if (skipWithoutCluster !== false) return;
  cluster = await startCluster();
  for (const name of Object.keys(DEFINITIONS) as Name[])
    for (const definition of definitionsOf(name)) await define(cluster, definition);
});
after(() => cluster?.stop());

interface Item {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly summary: Readonly<Record<string, number>>;
  readonly results: readonly JsonMap[];
}

async function itemsOf(name: Name, report: Report): Promise<Item[]> {
  const format = await FORMATS[name]();
  const options = {
    color: false,
    width: 80,
    version: '0.1.0',
    quiet: false,
    all: false,
    source: () => undefined,
  };
  const list = JSON.parse([...format(report, options)].join('')) as { kind: string; items: Item[] };
  assert.equal(list.kind, 'List');
  return list.items;
}

/** Created with strict validation, on which an unknown field is an error, then deleted. */
async function create(item: Item): Promise<{ status: number; body: JsonMap }> {
  const { namespace, name } = item.metadata;
  const within = namespace === undefined ? '' : `/namespaces/${namespace}`;
  const path = `/apis/${item.apiVersion}${within}/${item.kind.toLowerCase()}s`;
  const made = await cluster.call('POST', `${path}?fieldValidation=Strict`, item);
  if (made.status === 201) await cluster.call('DELETE', `${path}/${name}`);
  return made;
}

const many: Report = {
  ...REPORT,
  results: Array.from({ length: 4000 }, (_, index) => ({
    ...(REPORT.results[2] as Reported),
    detail: `ü${'x'.repeat(200)}`,
    fingerprint: String(index),
  })),
};

for (const name of Object.keys(DEFINITIONS) as Name[]) {
  test(`${name}: an API server takes what is written, as it is`, { skip: skipWithoutCluster }, async () => {
    for (const report of [REPORT, GATED_REPORT, HOSTILE_REPORT, many]) {
      const items = await itemsOf(name, report);
      assert.equal(
        items.reduce((sum, { results }) => sum + results.length, 0),
        report.results.length,
      );
      for (const item of items) {
        const { status, body } = await create(item);
        assert.equal(status, 201, JSON.stringify(body).slice(0, 500));
        const stored = body as unknown as Item;
        assert.deepEqual(stored.summary, item.summary);
        // A lone surrogate is no character: the server puts the replacement character in its place.
        assert.deepEqual(
          stored.results,
          JSON.parse(JSON.stringify(item.results).replace(/\\ud800/g, '\ufffd')),
        );
      }
    }
    assert.ok((await itemsOf(name, many)).length > 1);
    const [item] = await itemsOf(name, REPORT);
    const spoilt = { ...item!, results: [{ ...item!.results[0], outcome: 'pass' }] };
    assert.equal((await create(spoilt)).status, 400, 'an unknown field');
    assert.equal((await create({ ...item!, results: [{ policy: 'p', result: 'fine' }] })).status, 422);
  });
}
