/** Which ValidatingAdmissionPolicies and bindings are refused: ours against the API server's own validation. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonMap, Resource } from '../../src/model/index.ts';
import { compilePolicies } from '../../src/policy/index.ts';
import { type Spoilt, spoiltDocuments } from './admission-spoilt.ts';
import { interop, skipWithoutGo } from './interop.ts';

/** How many documents have two spoilt fields, beside those with one. */
const PAIRS = Number(process.env['RAMPART_ADMISSION_PAIRS'] ?? 3000);
const SEED = Number(process.env['RAMPART_ADMISSION_SEED'] ?? 2026);

test('policies and bindings are refused where the API server refuses them', {
  skip: skipWithoutGo,
}, async (t) => {
  const documents = spoiltDocuments(SEED, PAIRS);
  const answers = await interop<{ errors: string[]; panic?: string }>(
    'admission-validation',
    documents.map(({ document }) => document),
  );
  const differences: string[] = [];
  let refused = 0;
  for (const [i, spoilt] of documents.entries()) {
    const { errors, panic } = answers[i]!;
    assert.equal(panic, undefined, spoilt.what);
    const problems = problemsOf(spoilt);
    if (errors.length > 0) refused++;
    if (problems.length > 0 === errors.length > 0) continue;
    differences.push(`${spoilt.what}\n  ours:   ${problems.join('; ')}\n  theirs: ${errors.join('; ')}`);
  }
  assert.equal(
    differences.length,
    0,
    `${differences.length} differ:\n${differences.slice(0, 20).join('\n')}`,
  );
  t.diagnostic(`${documents.length} documents, ${refused} of them refused`);
});

function problemsOf({ document }: Spoilt): string[] {
  return compilePolicies([resourceOf(document), ...companions(document)]).problems.map(
    ({ detail }) => detail,
  );
}

/** A policy with a paramKind needs a binding here; in a cluster it may wait for one. */
function companions(document: JsonMap): Resource[] {
  if (document['kind'] !== 'ValidatingAdmissionPolicy') return [];
  const name = (document['metadata'] as JsonMap | null | undefined)?.['name'];
  const binding = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name: 'b' },
    spec: { policyName: typeof name === 'string' ? name : 'p', validationActions: ['Deny'] },
  };
  return typeof name === 'string' && /^[a-z0-9.-]+$/.test(name) ? [resourceOf(binding)] : [];
}

function resourceOf(object: JsonMap): Resource {
  const metadata = object['metadata'] as JsonMap | null | undefined;
  const name = typeof metadata?.['name'] === 'string' ? metadata['name'] : '';
  return {
    ref: { apiVersion: String(object['apiVersion']), kind: String(object['kind']), namespace: '', name },
    object,
    origin: { file: 'generated.json', document: 0, line: 1, pointer: '' },
  };
}
