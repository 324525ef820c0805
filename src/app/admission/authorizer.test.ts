import assert from 'node:assert/strict';
import { test } from 'node:test';
import { request } from '../../policy/fixture.ts';
import type { Cluster } from '../../sources/index.ts';
import { createAuthorizer } from './authorizer.ts';

type Check = Parameters<ReturnType<typeof createAuthorizer>['authorize']>[0];

const CHECK: Check = {
  kind: 'resource',
  subject: { kind: 'request-user' },
  verb: 'list',
  group: '',
  resource: 'secrets',
  subresource: '',
  namespace: 'shop',
  name: '',
  fieldSelector: '',
  labelSelector: '',
};

function authorizer(answer: () => unknown = () => ({ status: { allowed: true, reason: 'because' } })) {
  const sent: Parameters<Cluster['send']>[0][] = [];
  const clock = { now: 0 };
  const of = createAuthorizer(
    {
      send: async (one) => {
        sent.push(one);
        return answer() as Record<string, unknown>;
      },
    },
    () => clock.now,
  );
  return { of, sent, clock };
}

const asked = () => request({ userInfo: { username: 'alice', groups: ['dev'] } });

test('a question is noted, asked once, and answered from then on for a while', async () => {
  const { of, sent, clock } = authorizer();
  const first = asked();
  assert.equal(of.authorize(CHECK, first), undefined);
  assert.equal(of.authorize(CHECK, first), undefined);
  await of.askFor(first);
  assert.equal(of.askFor(first), undefined);
  assert.deepEqual(of.authorize(CHECK, asked()), { allowed: true, reason: 'because' });
  assert.equal(sent.length, 1);
  assert.deepEqual((sent[0]!.body as { spec: object }).spec, {
    user: 'alice',
    groups: ['dev'],
    resourceAttributes: { group: '', version: '*', resource: 'secrets', verb: 'list', namespace: 'shop' },
  });
  clock.now += 10_001;
  assert.equal(of.authorize(CHECK, first), undefined);
});

test('another user, and a service account, are other questions', async () => {
  const { of, sent } = authorizer();
  const first = asked();
  of.authorize(CHECK, first);
  of.authorize({ ...CHECK, subject: { kind: 'service-account', namespace: 'shop', name: 'a' } }, first);
  await of.askFor(first);
  assert.deepEqual(
    sent.map(({ body }) => (body as { spec: { user: string } }).spec.user),
    ['alice', 'system:serviceaccount:shop:a'],
  );
  assert.equal(of.authorize(CHECK, request({ userInfo: { username: 'bob' } })), undefined);
});

test('a request that wants nothing waits for nothing', () => {
  assert.equal(authorizer().of.askFor(asked()), undefined);
});

test('without an answer nothing is allowed, and the error says why', async () => {
  const { of } = authorizer(() => {
    throw new Error('connection refused');
  });
  const first = asked();
  of.authorize(CHECK, first);
  await of.askFor(first);
  assert.deepEqual(of.authorize(CHECK, first), { allowed: false, error: 'connection refused' });
});

test('one request asks so many questions and no more', async () => {
  const { of, sent } = authorizer();
  const first = asked();
  for (let i = 0; i < 200; i++) of.authorize({ ...CHECK, name: `n${i}` }, first);
  await of.askFor(first);
  assert.equal(sent.length, 50);
});
