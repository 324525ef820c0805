import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AskContext, ContextQuestion } from './context.ts';
import { evaluate, fails, holds, refuses } from './testing.ts';
import { createExceptions, KYVERNO_VARIABLES } from './variables.ts';

const CONFIG = { apiVersion: 'v1', kind: 'ConfigMap', data: { a: 'b' }, spec: { n: 3, f: 0.5 } };

const ask: AskContext = (question) => {
  switch (question.kind) {
    case 'resource-get':
      if (question.name === 'gone') return { value: null };
      if (question.name === 'secret') return { error: 'permission denied: no' };
      return question.resource === 'configmaps' ? { value: CONFIG } : undefined;
    case 'resource-list':
      return { value: { items: [CONFIG], asked: question } };
    case 'resource-post':
      return { value: { asked: question } };
    case 'resource-mapping':
      return { value: { group: 'apps', version: 'v1', resource: `${question.objectKind.toLowerCase()}s` } };
    case 'http':
      if (question.url.endsWith('/fails')) return { error: 'request failed: refused' };
      return question.url.startsWith('https://known/')
        ? { value: { statusCode: 200, n: 1, asked: question } }
        : undefined;
    case 'global-context':
      return question.name === 'known' ? { value: [question.projection] } : undefined;
    case 'image-data':
      return question.image === 'nginx' ? { value: { digest: 'sha256:x', layers: 3 } } : undefined;
  }
};

describe('calls of the outside', () => {
  holds(
    [
      "resource.get('v1', 'configmaps', 'apps', 'x').data.a == 'b'",
      "resource.Get('v1', 'configmaps', 'apps', 'x').spec.n + 1 == 4",
      "resource.Get('v1', 'configmaps', 'apps', 'x').spec.f == 0.5",
      "dyn(resource.get('v1', 'configmaps', 'apps', 'gone')) == null",
      "resource.list('v1', 'pods', '').items.size() == 1",
      "resource.List('v1', 'pods', 'apps', {'a': 'b'}).asked.labels == {'a': 'b'}",
      "resource.post('v1', 'pods', {'n': 1}).asked.namespace == ''",
      "resource.Post('v1', 'pods', 'apps', {'n': [1]}).asked.body.n == [1]",
      "resource.list(resource.toGVR('apps/v1', 'Deployment'), 'x').asked.apiVersion == 'apps/v1'",
      "resource.list(resource.ToGVR('apps/v1', 'Deployment'), 'x', {'a': 'b'}).asked.resource == 'deployments'",
      "dyn(resource.toGVR('apps/v1', 'Deployment')).Resource == 'deployments'",
      "http.get('https://known/').n == 1",
      "type(http.Get('https://known/').n) == double",
      "type(http.Get('https://known/').statusCode) == int",
      "http.get('https://known/', {'A': 'b'}).asked.headers.A == 'b'",
      "http.post('https://known/', {'x': 1}).asked.body.x == 1",
      "http.Post('https://known/', 'text', {'A': 'b'}).asked.method == 'POST'",
      "http.client('-----BEGIN CERTIFICATE-----\\nx\\n-----END CERTIFICATE-----').get('https://known/').asked.caBundle != ''",
      "http.Client('').get('https://known/').asked.caBundle == ''",
      "globalContext.get('known') == ['']",
      "globalContext.Get('known', 'p') == ['p']",
      "image.getMetadata('nginx').digest == 'sha256:x'",
      "type(image.GetMetadata('nginx').layers) == double",
      "exceptions.allowedImages == ['nginx'] && 'a' in exceptions.allowedValues",
    ],
    { ask },
  );
  fails(
    {
      "resource.get('v1', 'configmaps', 'apps', 'secret')": 'failed to get resource: permission denied: no',
      "resource.get('v1', 'pods', 'apps', 'x')":
        'no answer to the call: resource.get("v1", "pods", "apps", "x")',
      "resource.list('v1', 'pods', '', dyn({'a': dyn('b'), 'c': dyn(1)}))":
        "invalid arg 4: unsupported type conversion from 'int' to string",
      "http.get('https://known/fails')": 'request failed: request failed: refused',
      "http.get('https://other/')": 'no answer to the call: http.get("https://other/")',
      "http.client('x')": 'request failed: failed to parse PEM CA bundle for APICall',
      "globalContext.get('x', 'p')": 'no answer to the call: globalContext.get("x", "p")',
      "image.getMetadata('x')": 'no answer to the call: image.getMetadata("x")',
    },
    { ask },
  );
  refuses({
    "resource.get('v1', 'pods', 'x')":
      "found no matching overload for 'get' applied to 'resource.Context.(string, string, string)'",
    'http.get(1)': "found no matching overload for 'get' applied to 'http.Context.(int)'",
    'globalContext.get()': "found no matching overload for 'get' applied to 'globalcontext.Context.()'",
    'image.getMetadata(1)':
      "found no matching overload for 'getMetadata' applied to 'imagedata.Context.(int)'",
    'exceptions.images': "undefined field 'images'",
  });

  it('has no answer: the error has its own code', () => {
    const outcome = evaluate("globalContext.get('x')");
    assert.ok('ok' in outcome && !outcome.ok);
    assert.equal(outcome.error.$code, 'needs-answer');
  });

  it('asks what was written', () => {
    const asked: ContextQuestion[] = [];
    evaluate("resource.get('v1', 'pods', 'apps', 'x')", {
      ask: (question) => {
        asked.push(question);
        return undefined;
      },
    });
    assert.deepEqual(asked[0], {
      kind: 'resource-get',
      apiVersion: 'v1',
      resource: 'pods',
      namespace: 'apps',
      name: 'x',
    });
  });
});

describe('exceptions', () => {
  holds(
    [
      'has(exceptions.allowedImages) && exceptions.?allowedValues.hasValue()',
      '!has(none.allowedImages) && none.allowedImages == [] && !none.?allowedValues.hasValue()',
      'type(none) == type(libs.Exception{})',
      "libs.Exception{allowedImages: ['a']}.allowedImages == ['a']",
    ],
    { variables: { none: [KYVERNO_VARIABLES.exceptions, createExceptions()] } },
  );
});

describe('calls of the outside from a policy in a namespace', () => {
  const options = { ask, namespaced: true };
  holds(
    [
      "resource.get('v1', 'configmaps', 'x').data.a == 'b'",
      "resource.list('v1', 'pods').asked.namespace == 'apps'",
      "resource.List('v1', 'pods', {'a': 'b'}).asked.labels.a == 'b'",
      "resource.list(resource.toGVR('apps/v1', 'Deployment'), {'a': 'b'}).asked.namespace == 'apps'",
      "resource.post('v1', 'pods', {}).asked.namespace == 'apps'",
      "http.get('https://known/').n == 1",
    ],
    options,
  );
  fails(
    {
      "globalContext.get('known')":
        'failed to get global reference: globalContext.* is not allowed in namespaced policies',
      "http.get('https://other/')":
        'request failed: http calls are not allowed in namespaced policies: set --allowHTTPInNamespacedPolicies to enable',
    },
    options,
  );
  refuses(
    {
      "resource.get('v1', 'configmaps', 'apps', 'x')":
        "found no matching overload for 'get' applied to 'resource.Context.(string, string, string, string)'",
    },
    options,
  );
});
