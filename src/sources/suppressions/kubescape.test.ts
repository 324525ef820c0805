import assert from 'node:assert/strict';
import { test } from 'node:test';
import { holdsExceptions, readKubescapeExceptions } from './kubescape.ts';

const NO_FAULT = () => undefined;

function read(exception: object, faultOf: (pattern: string) => string | undefined = NO_FAULT) {
  const text = JSON.stringify([
    {
      name: 'an exception',
      policyType: 'postureExceptionPolicy',
      resources: [{ designatorType: 'Attributes', attributes: { kind: '.*' } }],
      posturePolicies: [{ controlID: 'C-0057' }],
      ...exception,
    },
  ]);
  return readKubescapeExceptions(text, faultOf).entries.map(({ said, scope }) => ({ said, scope }));
}

const designator = (attributes: object) => ({ designatorType: 'Attributes', attributes });
const excuse = (check: string, form = 'id') => ({
  tool: 'kubescape',
  form,
  check,
  comment: 'an exception',
  until: undefined,
});

test('controls of objects that attributes describe', () => {
  assert.deepEqual(
    read({
      reason: 'they know',
      expirationDate: '2027-03-01T12:00:00Z',
      resources: [designator({ kind: 'Deploy.*', namespace: 'shop', name: '', app: 'web' })],
      posturePolicies: [{ frameworkName: 'NSA', controlID: 'C-0057' }, { controlID: 'C-00.*' }],
    }),
    [
      ['C-0057', 'id'],
      ['C-00.*', 'regex'],
    ].map(([check, form]) => ({
      said: { ...excuse(check!, form), comment: 'they know', until: '2027-02-28' },
      scope: {
        by: 'designator',
        designators: [{ kind: 'Deploy.*', namespace: 'shop', labels: [['app', 'web']] }],
      },
    })),
  );
});

test('without controls it is about all of them', () => {
  const [one] = read({ posturePolicies: undefined });
  assert.deepEqual(one?.said, excuse('every control', 'all'));
  assert.deepEqual(read({ posturePolicies: [{}] })[0]?.said, excuse('every control', 'all'));
});

test('what reaches further than can be known here is left', () => {
  const left = (exception: object) => {
    const said = read(exception).map((entry) => entry.said);
    assert.ok(
      said.some((one) => 'unplaceable' in one),
      JSON.stringify(said),
    );
  };
  left({ posturePolicies: [{ frameworkName: 'NSA' }] });
  left({ posturePolicies: [{ controlName: 'Privileged container' }] });
  left({ posturePolicies: [{ controlID: 'C-0057', ruleName: 'a-rule' }] });
  left({ resources: [designator({ kind: 'Pod', cluster: 'prod' })] });
  left({ resources: [designator({ resourceID: '1' })] });
  left({ resources: [{ designatorType: 'Wlid', wlid: 'wlid://cluster-a' }] });
  assert.equal('form' in read({ resources: [designator({ kind: 'Pod', cluster: '.*' })] })[0]!.said, true);
});

test('an exception of other things is none', () => {
  assert.deepEqual(read({ policyType: 'vulnerabilityExceptionPolicy' }), []);
});

test('what is wrong has a place', () => {
  const fault = (exception: object, faultOf?: (pattern: string) => string | undefined) =>
    assert.ok(
      read(exception, faultOf).some(({ said }) => 'fault' in said),
      JSON.stringify(exception),
    );
  fault({ resources: undefined });
  fault({ posturePolicies: 3 });
  fault({ posturePolicies: ['C-0057'] });
  fault({ posturePolicies: [{ controlID: 57 }] });
  fault({ expirationDate: 'soon' });
  fault({ resources: [designator({})] });
  fault({ resources: [designator({ kind: 3 })] });
  fault({ resources: [designator({ kind: 'x'.repeat(1001) })] });
  fault({ resources: [designator({ kind: '(' })] }, (pattern) => (pattern === '(' ? 'missing )' : undefined));
  const [entry] = readKubescapeExceptions('[\n  {"resources": 3}]', NO_FAULT).entries;
  assert.deepEqual([entry?.line, entry?.column], [2, 3]);
  assert.equal(readKubescapeExceptions('[', NO_FAULT).entries.length, 1);
});

test('a text says itself that it holds exceptions', () => {
  assert.equal(holdsExceptions('[{"policyType": "postureExceptionPolicy"}]'), true);
  assert.equal(holdsExceptions('{"kind": "Pod"}'), false);
});
