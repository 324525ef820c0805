/** Completion as bash itself does it; zsh runs the same function. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { rampart } from './rampart.ts';

const script = rampart(['completion', 'bash']).out;

function complete(...words: string[]): string[] {
  const asked = `${script}
COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _rampart
printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync('bash', ['--noprofile', '--norc', '-c', asked], { encoding: 'utf8' })
    .trim()
    .split('\n');
}

test('commands, their second words, flags and values', () => {
  assert.deepEqual(complete('rampart', 'sc'), ['scan']);
  assert.ok(complete('rampart', 'policies', '').includes('readiness'));
  assert.deepEqual(complete('rampart', 'scan', 'deploy', '--base'), ['--baseline']);
  assert.deepEqual(complete('rampart', 'scan', '--fail-on', 'cr'), ['critical']);
  assert.ok(complete('rampart', 'config', 'show', '--').includes('--explain'));
  assert.deepEqual(complete('rampart', 'scan', 'dep'), [''], 'paths are the shell’s');
});

test('every command and flag is in every script, and shells read them', () => {
  const { out: help } = rampart(['--help']);
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { out, code } = rampart(['completion', shell]);
    assert.equal(code, 0);
    for (const [, name] of help.matchAll(/^ {2}(\w+)(?: \w+)? {2,}/gm))
      assert.match(out, new RegExp(`\\b${name}\\b`));
  }
  assert.equal(spawnSync('bash', ['-n'], { input: script }).status, 0);
  const wrong = rampart(['completion', 'tcsh']);
  assert.deepEqual([wrong.code, /bash, zsh, fish/.test(wrong.err)], [2, true]);
});
