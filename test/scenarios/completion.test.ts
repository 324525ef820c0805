/** Completion as each shell itself does it, at a terminal, when Tab is pressed. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { folderWith, rampart } from './rampart.ts';
import { afterTab, hasShell, type Shell } from './terminal.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
const scriptOf = (shell: Shell): string => rampart(['completion', shell]).out;
const skipWithout = (shell: Shell) => ({
  skip: hasShell(shell) ? false : `no ${shell} (or no script, which makes a terminal) on the path`,
});

/** What is typed, and what it becomes. */
const LINES: readonly (readonly [typed: string, completed: string])[] = [
  ['rampart sc', 'rampart scan '],
  ['rampart policies rea', 'rampart policies readiness '],
  ['rampart scan deploy --basel', 'rampart scan deploy --baseline '],
  ['rampart config show --expl', 'rampart config show --explain '],
  ['rampart scan --fail-on cr', 'rampart scan --fail-on critical '],
  ['rampart scan --fail-on=cr', 'rampart scan --fail-on=critical '],
  ['rampart scan --changed --fail-on med', 'rampart scan --changed --fail-on medium '],
  // `test` is a command, too, but here it is a path.
  ['rampart scan test --format sar', 'rampart scan test --format sarif '],
  ['rampart scan --select fram', 'rampart scan --select framework='],
  ['rampart scan --select set=pss-b', 'rampart scan --select set=pss-baseline '],
  ['rampart scan --select=set=pss-b', 'rampart scan --select=set=pss-baseline '],
  ['rampart policies list --skip id=pss-priv', 'rampart policies list --skip id=pss-privileged '],
  ['rampart explain pss-priv', 'rampart explain pss-privileged '],
  ['rampart completion z', 'rampart completion zsh '],
  ['rampart scan dep', 'rampart scan deploy/'],
  ['rampart scan --baseline dep', 'rampart scan --baseline deploy/'],
  ['rampart scan --values prod=val', 'rampart scan --values prod=values.yaml '],
];
const FILES = { 'deploy/a.yaml': '', 'values.yaml': '' };

for (const shell of SHELLS)
  test(
    `${shell}: commands, their second words, flags, values, ids and paths`,
    skipWithout(shell),
    async () => {
      const file = join(folderWith({ script: scriptOf(shell) }), 'script');
      const completed = await afterTab(
        shell,
        `source ${file}`,
        LINES.map(([typed]) => typed),
        FILES,
      );
      assert.deepEqual(
        completed,
        LINES.map(([, line]) => line),
      );
    },
  );

test('zsh: as a file of the fpath', skipWithout('zsh'), async () => {
  const folder = folderWith({ _rampart: scriptOf('zsh') });
  const setup = `fpath=(${folder} $fpath); autoload -Uz compinit && compinit -u`;
  const typed = ['rampart sc', 'rampart scan --fail-on=cr'];
  assert.deepEqual(await afterTab('zsh', setup, typed, FILES), [
    'rampart scan ',
    'rampart scan --fail-on=critical ',
  ]);
});

test('every command and flag is in every script', () => {
  const { out: help } = rampart(['--help']);
  for (const shell of SHELLS) {
    const { out, code } = rampart(['completion', shell]);
    assert.equal(code, 0);
    for (const [, name] of help.matchAll(/^ {2}(\w+)(?: \w+)? {2,}/gm))
      assert.match(out, new RegExp(`\\b${name}\\b`));
  }
  assert.equal(spawnSync('bash', ['-n'], { input: scriptOf('bash') }).status, 0);
  const wrong = rampart(['completion', 'tcsh']);
  assert.deepEqual([wrong.code, /bash, zsh, fish/.test(wrong.err)], [2, true]);
});
