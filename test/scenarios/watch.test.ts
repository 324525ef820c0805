/** `rampart test --watch` on real files. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { BIN, folderWith, rampart } from './rampart.ts';

const pod = (name: string, spec = '') =>
  `{apiVersion: v1, kind: Pod, metadata: {name: ${name}}, spec: {containers: []${spec}}}`;
const HOST = pod('host', ', hostNetwork: true');
const POLICY = `
apiVersion: rampart.dev/v1
kind: HardeningPolicy
metadata: {name: no-host}
spec:
  title: No host network
  severity: low
  pods: {}
  validations: [{expression: "!has(pod.spec.hostNetwork)"}]
`;

test('a change runs what it touches, and the interrupt ends with the last outcome', {
  timeout: 60_000,
}, async () => {
  const cwd = folderWith({
    'no-host/policy.yaml': POLICY,
    'no-host/pass/a.yaml': pod('plain'),
    'no-host/fail/a.yaml': HOST,
  });
  const child = spawn(process.execPath, [BIN, 'test', '.', '--watch'], { cwd });
  let text = '';
  let heard = () => {};
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      heard();
    });
  const ended = new Promise<number | null>((end) => child.once('exit', end));
  const next = async (pattern: RegExp): Promise<string> => {
    while (!pattern.test(text) || !text.includes('Waiting for changes'))
      await new Promise<void>((go) => {
        heard = go;
      });
    const said = text;
    text = '';
    return said;
  };
  try {
    assert.match(await next(/skipped\n/), /2 passed, 0 failed/);
    writeFileSync(join(cwd, 'no-host', 'pass', 'b.yaml'), HOST);
    const worse = await next(/changed[\s\S]*skipped\n/);
    assert.match(worse, /no-host\/pass\/b\.yaml changed: ran 1 of 1 test\n/);
    assert.match(worse, /2 passed, 1 failed/);
    rmSync(join(cwd, 'no-host', 'fail', 'a.yaml'));
    assert.match(await next(/changed[\s\S]*skipped\n/), /1 passed, 1 failed, \d errors?/);
    writeFileSync(join(cwd, 'no-host', 'fail', 'a.yaml'), HOST);
    assert.match(await next(/changed[\s\S]*skipped\n/), /2 passed, 1 failed/);
    child.kill('SIGINT');
    assert.equal(await ended, 1);
  } finally {
    child.kill('SIGKILL');
  }
});

test('only the pretty format can be watched', () => {
  const { code, err } = rampart(['test', '.', '--watch', '--format', 'json']);
  assert.equal(code, 2);
  assert.match(err, /--watch goes with --format pretty/);
});
