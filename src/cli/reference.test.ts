import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { COMMANDS } from './commands.ts';
import { commandHelp } from './help.ts';
import { referencePages } from './reference.ts';

test('docs/reference says what the code says', async () => {
  for (const [name, text] of Object.entries(await referencePages())) {
    const path = new URL(`../../docs/reference/${name}`, import.meta.url);
    assert.equal(readFileSync(path, 'utf8'), text, `docs/reference/${name} is stale; run npm run docs`);
  }
});

test('every command is found under its own name, and its help fits 80 columns', async () => {
  for (const [name, load] of Object.entries(COMMANDS)) {
    const command = await load();
    assert.equal(command.name, name);
    for (const line of commandHelp(command).split('\n')) assert.ok(line.length <= 80, line);
  }
});
