import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  AUTHORIZER_TYPE,
  type AuthorizationCheck,
  type Authorize,
  createAuthorizer,
  createRequestResource,
  RESOURCE_CHECK_TYPE,
} from './authz.ts';
import { costs, type EvaluateOptions, evaluate, fails, holds } from './testing.ts';

const RESOURCE = { group: 'apps', resource: 'deployments', subresource: '', namespace: 'ns', name: 'web' };

function withAuthorizer(authorize: Authorize | undefined): EvaluateOptions {
  return {
    variables: {
      authorizer: [AUTHORIZER_TYPE, createAuthorizer(authorize)],
      'authorizer.requestResource': [RESOURCE_CHECK_TYPE, createRequestResource(authorize, RESOURCE)],
    },
  };
}

describe('what is asked', () => {
  const asked = (expression: string): AuthorizationCheck => {
    const checks: AuthorizationCheck[] = [];
    const options = withAuthorizer((check) => {
      checks.push(check);
      return { allowed: true };
    });
    const outcome = evaluate(`${expression}.check('get').allowed()`, options);
    assert.ok('ok' in outcome && outcome.ok, JSON.stringify(outcome));
    assert.equal(checks.length, 1);
    return checks[0]!;
  };
  const user = { kind: 'request-user' };

  it('a path', () => {
    assert.deepEqual(asked('authorizer.path("/healthz")'), {
      kind: 'path',
      subject: user,
      verb: 'get',
      path: '/healthz',
    });
  });
  it('a resource with everything set', () => {
    const check = asked(
      'authorizer.group("g").resource("r").subresource("s").namespace("n").name("x")' +
        '.fieldSelector("a=b").labelSelector("c")',
    );
    assert.deepEqual(check, {
      kind: 'resource',
      subject: user,
      verb: 'get',
      group: 'g',
      resource: 'r',
      subresource: 's',
      namespace: 'n',
      name: 'x',
      fieldSelector: 'a=b',
      labelSelector: 'c',
    });
  });
  it('the resource of the request, changed', () => {
    const check = asked('authorizer.requestResource.name("other")');
    assert.deepEqual(check, {
      kind: 'resource',
      subject: user,
      verb: 'get',
      ...RESOURCE,
      name: 'other',
      fieldSelector: '',
      labelSelector: '',
    });
  });
  it('for a service account', () => {
    const { subject } = asked('authorizer.serviceAccount("ns", "sa.x").path("/a")');
    assert.deepEqual(subject, { kind: 'service-account', namespace: 'ns', name: 'sa.x' });
  });
});

describe('what is answered', () => {
  const options = withAuthorizer((check) =>
    check.verb === 'get' ? { allowed: true, reason: 'bound' } : { allowed: false, error: 'timeout' },
  );
  holds(
    [
      'authorizer.path("/a").check("get").allowed() && authorizer.path("/a").check("get").reason() == "bound"',
      'authorizer.path("/a").check("put").errored() && authorizer.path("/a").check("put").error() == "timeout"',
      '!authorizer.path("/a").check("get").errored() && authorizer.path("/a").check("get").error() == ""',
    ],
    options,
  );
  fails(
    {
      'authorizer.path(" \\u3000")': 'path must not be empty',
      'authorizer.group("").resource("")': 'resource must not be empty',
      'authorizer.serviceAccount("ns", "A")': 'Invalid service account name',
      'authorizer.serviceAccount("a.b", "a")': 'Invalid service account namespace',
      'authorizer == authorizer': 'no such overload',
    },
    options,
  );
  costs(
    {
      'authorizer.path("/a").check("get")': 350_002,
      'authorizer.group("").resource("pods").fieldSelector("spec.nodeName=a")': 415,
    },
    options,
  );
  it('three checks are too many', () => {
    const checks = Array.from({ length: 3 }, (_, i) => `!authorizer.path("/${i}").check("put").allowed()`);
    const outcome = evaluate(checks.join(' && '), options);
    assert.ok('ok' in outcome && !outcome.ok);
    assert.equal(outcome.error.$code, 'cost-exceeded');
  });
});

describe('without an answer', () => {
  const code = (expression: string, authorize: Authorize | undefined) => {
    const outcome = evaluate(expression, withAuthorizer(authorize));
    return 'ok' in outcome && !outcome.ok ? outcome.error.$code : outcome;
  };
  it('nobody made the request', () => {
    assert.equal(code('authorizer.path("/a").check("get").allowed()', undefined), 'needs-user');
  });
  it('a service account is known, its rights are not', () => {
    const expression = 'authorizer.serviceAccount("ns", "sa").path("/a").check("get").allowed()';
    assert.equal(code(expression, undefined), 'needs-answer');
  });
  it('the authorizer does not know', () => {
    assert.equal(
      code('authorizer.path("/a").check("get").allowed()', () => undefined),
      'needs-answer',
    );
  });
  it('building a check needs no answer', () => {
    const outcome = evaluate('authorizer.group("").resource("pods")', withAuthorizer(undefined));
    assert.ok('ok' in outcome && outcome.ok);
  });
});
