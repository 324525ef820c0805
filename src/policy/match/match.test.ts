import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonMap } from '../../model/index.ts';
import { compileMatch } from '../dialects/match.ts';
import type { MatchSource } from '../dialects/vap/validate-match.ts';
import { discovery, pod, request } from '../fixture.ts';
import type { AdmissionRequest } from '../request.ts';
import { type MatchAnswer, matches } from './match.ts';
import { namespaceLabels } from './namespaces.ts';

const SHOP: JsonMap = {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'shop', labels: { env: 'prod' } },
};
const PODS = { apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['*'] };

/** The answer for a request, with the namespace `shop` at hand and all others unknown. */
function ask(match: MatchSource, of: Partial<AdmissionRequest> = {}, complete = false): MatchAnswer {
  const source = { objects: new Map([['shop', SHOP]]), complete };
  return matches(compileMatch(match), request(of), { discovery, namespaceLabels: namespaceLabels(source) });
}

const envIs = (env: string) => ({ matchLabels: { env } });
const answer = (match: MatchSource, of: Partial<AdmissionRequest> = {}) => ask(match, of).answer;

test('defaults: every namespace, every object, scope *, Equivalent', () => {
  assert.equal(answer({ resourceRules: [PODS] }), 'yes');
  assert.equal(compileMatch({}).matchPolicy, 'Equivalent');
  assert.equal(compileMatch({ resourceRules: [PODS] }).resourceRules[0]!.scope, '*');
});

test('namespaceSelector looks at the namespace of the request', () => {
  assert.equal(answer({ resourceRules: [PODS], namespaceSelector: envIs('prod') }), 'yes');
  assert.equal(answer({ resourceRules: [PODS], namespaceSelector: envIs('test') }), 'no');
});

test('every namespace has its name as a label', () => {
  const byName = (name: string) => ({ matchLabels: { 'kubernetes.io/metadata.name': name } });
  assert.equal(answer({ resourceRules: [PODS], namespaceSelector: byName('shop') }), 'yes');
  assert.equal(
    answer({ resourceRules: [PODS], namespaceSelector: byName('other') }, { namespace: 'other' }),
    'yes',
  );
  assert.equal(
    answer({ resourceRules: [PODS], namespaceSelector: byName('shop') }, { namespace: 'other' }),
    'no',
  );
});

test('a namespace that is not at hand leaves a selector open only where its labels decide', () => {
  const elsewhere = { namespace: 'elsewhere' };
  const open = ask({ resourceRules: [PODS], namespaceSelector: envIs('prod') }, elsewhere);
  assert.deepEqual(open, {
    answer: 'undecided',
    detail: 'namespaceSelector asks for label "env" of namespace "elsewhere", which is not among the files',
  });
  const mixed = { matchLabels: { env: 'prod', 'kubernetes.io/metadata.name': 'shop' } };
  assert.equal(answer({ resourceRules: [PODS], namespaceSelector: mixed }, elsewhere), 'no');
  assert.equal(answer({ resourceRules: [PODS], namespaceSelector: {} }, elsewhere), 'yes');
});

test('a selector that could not be decided matters only if the rules match', () => {
  const config = { ...PODS, resources: ['configmaps'] };
  assert.equal(
    answer({ resourceRules: [config], namespaceSelector: envIs('prod') }, { namespace: 'x' }),
    'no',
  );
  const excluded = { resourceRules: [PODS], excludeResourceRules: [PODS], namespaceSelector: envIs('prod') };
  assert.equal(answer(excluded, { namespace: 'x' }), 'no');
});

test('in a cluster a namespace that does not exist is an error, if the rules match', () => {
  const open = ask({ resourceRules: [PODS], namespaceSelector: envIs('prod') }, { namespace: 'x' }, true);
  assert.deepEqual(open, { answer: 'undecided', detail: 'namespaces "x" not found' });
});

test('cluster-scoped objects other than Namespaces always pass namespaceSelector', () => {
  const rule = { ...PODS, resources: ['nodes'] };
  const node = { resource: { group: '', version: 'v1', resource: 'nodes' }, namespace: '' };
  assert.equal(answer({ resourceRules: [rule], namespaceSelector: envIs('test') }, node), 'yes');
});

test('a Namespace is selected by its own labels on create and update, by the stored ones on delete', () => {
  const rule = { ...PODS, resources: ['namespaces'] };
  const match = { resourceRules: [rule], namespaceSelector: envIs('new') };
  const written = { ...SHOP, metadata: { name: 'shop', labels: { env: 'new' } } };
  const of = (operation: AdmissionRequest['operation'], object: JsonMap | null) => ({
    operation,
    object,
    name: 'shop',
    resource: { group: '', version: 'v1', resource: 'namespaces' },
    kind: { group: '', version: 'v1', kind: 'Namespace' },
  });
  assert.equal(answer(match, of('CREATE', written)), 'yes');
  assert.equal(answer(match, of('UPDATE', written)), 'yes');
  assert.equal(answer(match, of('DELETE', null)), 'no');
  assert.equal(answer({ ...match, namespaceSelector: envIs('prod') }, of('DELETE', null)), 'yes');
});

test('a resource that only shares its name with Namespaces is selected by its own labels, without one added', () => {
  const group = 'example.com';
  const rule = { ...PODS, apiGroups: [group], resources: ['namespaces'] };
  const byName = { matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'DoesNotExist' }] };
  const of = { resource: { group, version: 'v1', resource: 'namespaces' }, namespace: '', name: 'shop' };
  assert.equal(answer({ resourceRules: [rule], namespaceSelector: byName }, of), 'yes');
  assert.equal(answer({ resourceRules: [rule], namespaceSelector: envIs('prod') }, of), 'no');
});

test('objectSelector passes if object or oldObject matches', () => {
  const match = { resourceRules: [PODS], objectSelector: { matchLabels: { app: 'shop' } } };
  const labelled = pod({ metadata: { labels: { app: 'shop' } } });
  assert.equal(answer(match, { object: labelled }), 'yes');
  assert.equal(answer(match, { object: pod() }), 'no');
  assert.equal(answer(match, { operation: 'UPDATE', object: pod(), oldObject: labelled }), 'yes');
  assert.equal(answer(match, { operation: 'DELETE', object: null, oldObject: labelled }), 'yes');
  assert.equal(answer(match, { operation: 'DELETE', object: null, oldObject: null }), 'no');
});

test('an objectSelector that also selects absent labels does not select a missing object', () => {
  const match = {
    resourceRules: [PODS],
    objectSelector: { matchExpressions: [{ key: 'a', operator: 'DoesNotExist' }] },
  };
  assert.equal(answer(match, { object: pod() }), 'yes');
  assert.equal(answer(match, { object: null, oldObject: null }), 'no');
});

test('excludeResourceRules beat resourceRules', () => {
  const match = { resourceRules: [PODS], excludeResourceRules: [{ ...PODS, resourceNames: ['web'] }] };
  assert.equal(answer(match), 'no');
  assert.equal(answer(match, { name: 'other' }), 'yes');
});

test('resourceNames: any of them; a generated name is none of them', () => {
  const match = { resourceRules: [{ ...PODS, resourceNames: ['a', 'web'] }] };
  assert.equal(answer(match), 'yes');
  assert.equal(answer(match, { name: 'c' }), 'no');
  assert.equal(answer(match, { name: '' }), 'no');
});

test('pods does not match pods/status', () => {
  assert.equal(answer({ resourceRules: [PODS] }, { subresource: 'status' }), 'no');
  assert.equal(
    answer({ resourceRules: [{ ...PODS, resources: ['pods/status'] }] }, { subresource: 'status' }),
    'yes',
  );
});

test('without resource rules (in a binding) every resource matches as itself', () => {
  const found = ask({});
  assert.equal(found.answer, 'yes');
  assert.deepEqual(found.answer === 'yes' && found.matched.resource, {
    group: '',
    version: 'v1',
    resource: 'pods',
  });
});

const deployment = (version: string): Partial<AdmissionRequest> => ({
  resource: { group: 'apps', version, resource: 'deployments' },
  kind: { group: 'apps', version, kind: 'Deployment' },
});
const DEPLOYMENTS = {
  apiGroups: ['apps'],
  apiVersions: ['v1'],
  resources: ['deployments'],
  operations: ['*'],
};

test('Equivalent: another version of the kind matches, and says what must be converted', () => {
  const found = ask({ resourceRules: [DEPLOYMENTS] }, deployment('v1beta1'));
  assert.deepEqual(found, {
    answer: 'yes',
    matched: {
      resource: { group: 'apps', version: 'v1', resource: 'deployments' },
      kind: { group: 'apps', version: 'v1', kind: 'Deployment' },
      conversion: 'impossible',
    },
  });
  assert.equal(answer({ resourceRules: [DEPLOYMENTS], matchPolicy: 'Exact' }, deployment('v1beta1')), 'no');
});

test('Equivalent: exact rules are tried first, over all rules', () => {
  const beta = { ...DEPLOYMENTS, apiVersions: ['v1beta1'] };
  const found = ask({ resourceRules: [DEPLOYMENTS, beta] }, deployment('v1beta1'));
  assert.equal(found.answer === 'yes' && found.matched.conversion, 'none');
});

test('Equivalent excludes other versions too', () => {
  const all = { ...DEPLOYMENTS, apiVersions: ['*'] };
  const match = { resourceRules: [all], excludeResourceRules: [DEPLOYMENTS] };
  assert.equal(answer(match, deployment('v1beta1')), 'no');
  assert.equal(answer({ ...match, matchPolicy: 'Exact' }, deployment('v1beta1')), 'yes');
});

test('a subresource that carries another kind needs no conversion', () => {
  const rule = { ...DEPLOYMENTS, resources: ['deployments/scale'] };
  const scale = { ...deployment('v1beta1'), subresource: 'scale' };
  const found = ask(
    { resourceRules: [rule] },
    { ...scale, kind: { group: 'autoscaling', version: 'v1', kind: 'Scale' } },
  );
  assert.equal(found.answer === 'yes' && found.matched.conversion, 'none');
  assert.equal(found.answer === 'yes' && found.matched.kind.kind, 'Scale');
});
