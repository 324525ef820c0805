import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isJson, targetOf, timeoutOf } from './address.ts';

test('paths are exact', () => {
  assert.equal(targetOf('/validate?timeout=10s'), 'validate');
  assert.equal(targetOf('/mutate'), 'mutate');
  assert.equal(targetOf('/healthz'), 'live');
  for (const url of [
    '',
    '/',
    '/validate/',
    '//validate',
    '/Validate',
    '/%76alidate',
    '*',
    'https://a/validate',
  ])
    assert.equal(targetOf(url), 'none', url);
});

test('the timeout is a Go duration', () => {
  const cases: readonly [string, number | undefined][] = [
    ['/validate?timeout=10s', 10_000],
    ['/validate?a=b&timeout=1m0s', 60_000],
    ['/validate?timeout=1.5s&a=b', 1_500],
    ['/validate?timeout=250ms', 250],
    ['/validate', undefined],
    ['/validate?timeout=', undefined],
    ['/validate?timeout=0s', undefined],
    ['/validate?timeout=-1s', undefined],
    ['/validate?timeout=10', undefined],
    ['/validate?timeout=9999999s', undefined],
    ['/validate?notimeout=10s', undefined],
  ];
  for (const [url, expected] of cases) assert.equal(timeoutOf(url), expected, url);
});

test('only JSON is JSON', () => {
  for (const type of ['application/json', 'application/json; charset=utf-8', 'Application/JSON ;a=b'])
    assert.ok(isJson(type), type);
  for (const type of [undefined, '', 'application/jsonp', 'application/json-patch+json', 'text/json'])
    assert.ok(!isJson(type), type);
});
