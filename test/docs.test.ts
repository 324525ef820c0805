/** Docs say what the code does: links resolve, commands and flags exist, printed output is the output, reference is generated. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import type { Command } from '../src/cli/command.ts';
import { COMMANDS } from '../src/cli/commands.ts';
import { referencePages } from '../src/cli/reference.ts';

const root = join(import.meta.dirname, '..');
const pages = globSync(['*.md', 'docs/**/*.md', 'library/**/*.md', 'examples/**/*.md'], { cwd: root }).sort();
const written = pages.filter((page) => !page.startsWith(join('docs', 'reference')));

function read(page: string): string {
  return readFileSync(join(root, page), 'utf8');
}

interface Block {
  readonly page: string;
  readonly language: string;
  readonly lines: readonly string[];
}

function blocks(page: string): Block[] {
  const fences = read(page).matchAll(/^ {0,3}```(\w*)\n([\s\S]*?)^ {0,3}```$/gm);
  return [...fences].map(([, language, body]) => ({
    page,
    language: language!,
    lines: body!.trimEnd().split('\n'),
  }));
}

test('the reference pages are what the code says', async () => {
  const generated = await referencePages();
  assert.ok(Object.keys(generated).length > 0);
  for (const [name, text] of Object.entries(generated)) {
    assert.equal(read(join('docs', 'reference', name)), text, `docs/reference/${name}: run npm run docs`);
  }
});

test('relative links lead to files', () => {
  const broken: string[] = [];
  for (const page of pages) {
    for (const [, target] of read(page).matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)[^)]*\)/g)) {
      if (!existsSync(join(root, dirname(page), target!))) broken.push(`${page}: ${target}`);
    }
  }
  assert.deepEqual(broken, []);
});

test('npm scripts that the docs name exist', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  const missing = written.flatMap((page) =>
    [...read(page).matchAll(/\bnpm (?:run )?(?!ci\b|install\b|run\b|pack\b|exec\b)([a-z][a-z:-]*)\b/g)]
      .filter(([, name]) =>
        blocksOrCode(page).some((code) => code.includes(`npm run ${name}`) || code === `npm ${name}`),
      )
      .map(([, name]) => name!)
      .filter((name) => scripts[name] === undefined)
      .map((name) => `${page}: npm run ${name}`),
  );
  assert.deepEqual(missing, []);
  assert.ok(scripts['start'] && scripts['test']);
});

function blocksOrCode(page: string): string[] {
  return [...read(page).matchAll(/`([^`\n]+)`/g)]
    .map((match) => match[1]!)
    .concat(blocks(page).flatMap((b) => b.lines));
}

test('commands and flags that the docs name exist', async () => {
  const commands = new Map<string, Command>();
  for (const [name, load] of Object.entries(COMMANDS)) commands.set(name, await load());
  const complaints: string[] = [];
  let seen = 0;
  for (const page of written) {
    for (const code of blocksOrCode(page)) {
      const words = /(?:^|[|;&] *|\$ )(?:npx )?rampart ([a-z][^|;&#]*)/.exec(code)?.[1]?.trim().split(/\s+/);
      if (!words) continue;
      seen++;
      const command = commands.get(`${words[0]} ${words[1]}`) ?? commands.get(words[0]!);
      if (!command) complaints.push(`${page}: no command: ${code}`);
      for (const word of words.filter((w) => w.startsWith('--') && w !== '--help')) {
        const name = word.slice(2).split('=')[0]!;
        if (command && !(name in command.flags)) complaints.push(`${page}: ${command.name} has no --${name}`);
      }
    }
  }
  assert.deepEqual(complaints, []);
  assert.ok(seen > 5, `saw ${seen} commands`);
});

test('output that the docs show is what the command prints', () => {
  // A block of language `console` starts with `$ command`; a line `…` stands for any lines left out.
  const shown = written.flatMap(blocks).filter((block) => block.language === 'console');
  assert.ok(shown.length > 0);
  for (const { page, lines } of shown) {
    const [first, ...expected] = lines;
    const words = first!.replace(/^\$ (npx )?rampart /, '').split(/\s+/);
    const actual = run(words)
      .split('\n')
      .map((line) => line.trimEnd());
    let from = 0;
    for (const part of expected.join('\n').split(/^…$\n?/m)) {
      const wanted = part
        .replace(/\n$/, '')
        .split('\n')
        .map((line) => line.trimEnd());
      if (wanted.join('') === '') continue;
      const at = indexOfRun(actual, wanted, from);
      assert.notEqual(at, -1, `${page}: ${first} does not print:\n${wanted.join('\n')}`);
      from = at + wanted.length;
    }
  }
});

function run(words: readonly string[]): string {
  try {
    return execFileSync(process.execPath, [join(root, 'bin', 'rampart.cjs'), ...words], {
      cwd: root,
      encoding: 'utf8',
      env: { ...process.env, NO_COLOR: '1', COLUMNS: '80' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  } catch (error) {
    // Findings make the exit code 1; what was printed is what counts here.
    return (error as { stdout: string }).stdout;
  }
}

function indexOfRun(lines: readonly string[], wanted: readonly string[], from: number): number {
  for (let at = from; at + wanted.length <= lines.length; at++) {
    if (wanted.every((line, offset) => lines[at + offset] === line)) return at;
  }
  return -1;
}
