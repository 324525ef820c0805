/** Guards the rooms of src/ and the arrows between them: docs/ARCHITECTURE.md says why each stands. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Which rooms a room may import; type imports count. '*' is every room. */
const ARROWS: Readonly<Record<string, readonly string[] | '*'>> = {
  model: [],
  cel: [],
  policy: ['model', 'cel'],
  config: ['model', 'telemetry'],
  telemetry: ['model'],
  store: ['model', 'telemetry'],
  sources: ['model', 'telemetry'],
  render: ['model', 'sources', 'telemetry'],
  secrets: ['model', 'telemetry'],
  supplychain: ['model', 'telemetry'],
  drift: ['model', 'telemetry'],
  rollout: ['model', 'telemetry'],
  decision: ['model'],
  slo: ['model', 'telemetry'],
  alerts: ['model', 'telemetry'],
  remediation: ['model', 'telemetry'],
  audit: ['model', 'telemetry'],
  gates: ['model', 'policy', 'decision', 'telemetry'],
  report: ['model'],
  app: '*',
  server: ['app', 'model'],
  cli: ['app', 'model', 'report'],
};

interface SourceFile {
  /** Relative to the root, with `/`. */
  readonly path: string;
  readonly imports: readonly string[];
}

/** Every module specifier of a file, from `import`, `export … from` and `import()`; comments are cut first. */
function specifiers(text: string): string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  const found = [...code.matchAll(/\b(?:from|import)\s*\(?\s*(['"])([^'"\n]+)\1/g)];
  return found.map((match) => match[2]!);
}

function readSources(folder: string): SourceFile[] {
  const names = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
  return names
    .filter((name) => name.endsWith('.ts'))
    .map((name) => {
      const path = join(folder, name);
      const imports = specifiers(readFileSync(join(root, path), 'utf8'))
        .filter((specifier) => specifier.startsWith('.'))
        .map((specifier) => join(dirname(path), specifier));
      return { path: unix(path), imports: imports.map(unix) };
    })
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

function unix(path: string): string {
  return path.split(sep).join('/');
}

function roomOf(path: string): string | undefined {
  const [top, room] = path.split('/');
  return top === 'src' ? room : undefined;
}

function forbiddenArrows(files: readonly SourceFile[]): string[] {
  const complaints: string[] = [];
  for (const file of files) {
    const from = roomOf(file.path)!;
    const allowed = ARROWS[from];
    if (allowed === undefined) {
      complaints.push(`${file.path}: ${from} is not a room of the table`);
      continue;
    }
    for (const target of file.imports) {
      const to = roomOf(target);
      if (to === undefined && isFake(file, target)) continue;
      if (to === undefined) complaints.push(`${file.path}: src may not import ${target}`);
      else if (to !== from && allowed !== '*' && !allowed.includes(to))
        complaints.push(`${file.path}: ${from} may not import ${to}`);
    }
  }
  return complaints;
}

/** Tests beside the source may use what scenarios use. */
function isFake(file: SourceFile, target: string): boolean {
  return file.path.endsWith('.test.ts') && target.startsWith('test/fakes/');
}

/** Import cycles between files, type imports included, each named once by its smallest member. */
function cycles(files: readonly SourceFile[]): string[] {
  const imports = new Map(files.map((file) => [file.path, file.imports]));
  const state = new Map<string, 'open' | 'done'>();
  const found: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (state.get(path) === 'done') return;
    if (state.get(path) === 'open') {
      found.push([...trail.slice(trail.indexOf(path)), path].join(' → '));
      return;
    }
    state.set(path, 'open');
    for (const next of imports.get(path) ?? []) if (imports.has(next)) visit(next, [...trail, path]);
    state.set(path, 'done');
  };
  for (const file of files) visit(file.path, []);
  return found;
}

test('rooms import only along the arrows', () => {
  const files = readSources('src');
  assert.ok(files.length > 10, 'the sources were found');
  assert.deepEqual(forbiddenArrows(files), []);
});

test('no file is in an import cycle', () => {
  assert.deepEqual(cycles(readSources('src')), []);
});

test('every room has an index.ts with a @module sentence', () => {
  const rooms = readdirSync(join(root, 'src'), { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );
  for (const room of rooms) {
    const text = readFileSync(join(root, 'src', room.name, 'index.ts'), 'utf8');
    assert.match(text, /^\/\*\*\s+@module \S[^\n]*\*\/|@module \S/, `src/${room.name}/index.ts`);
  }
});

test('only src/app, src/cli and tests reach outside with process or the file system', () => {
  const pure = ['src/model/', 'src/cel/', 'src/policy/', 'src/report/'];
  const reaching = readSourcesText('src').filter(
    ({ path, text }) =>
      pure.some((folder) => path.startsWith(folder)) &&
      !path.endsWith('.test.ts') &&
      /from 'node:(fs|child_process|net|http|https|dns|worker_threads)/.test(text),
  );
  assert.deepEqual(
    reaching.map(({ path }) => path),
    [],
  );
});

function readSourcesText(folder: string): { path: string; text: string }[] {
  return readSources(folder).map(({ path }) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

test('the guard sees what it guards against', () => {
  const bad: SourceFile[] = [
    { path: 'src/policy/x.ts', imports: ['src/gates/index.ts'] },
    { path: 'src/attic/x.ts', imports: [] },
    { path: 'src/model/x.ts', imports: ['test/fakes/clock.ts', 'src/model/y.ts'] },
    { path: 'src/model/y.ts', imports: ['src/model/x.ts'] },
  ];
  assert.deepEqual(forbiddenArrows(bad), [
    'src/policy/x.ts: policy may not import gates',
    'src/attic/x.ts: attic is not a room of the table',
    'src/model/x.ts: src may not import test/fakes/clock.ts',
  ]);
  assert.deepEqual(cycles(bad), ['src/model/x.ts → src/model/y.ts → src/model/x.ts']);
  assert.deepEqual(
    specifiers(
      "import type { A } from './a.ts';\nconst b = await import('./b.ts');\n// from './no.ts'\nexport * from \"./c.ts\";",
    ),
    ['./a.ts', './b.ts', './c.ts'],
  );
});

test('the table of arrows stands in docs/ARCHITECTURE.md as it is here', () => {
  const page = readFileSync(join(root, 'docs', 'ARCHITECTURE.md'), 'utf8');
  const present = new Set(readdirSync(join(root, 'src')));
  for (const [room, allowed] of Object.entries(ARROWS)) {
    if (!present.has(room)) continue;
    const imports =
      allowed === '*' ? 'all rooms' : allowed.filter((name) => present.has(name)).join(', ') || 'nothing';
    assert.ok(
      page.includes(`| \`${room}\` | ${imports} |`),
      `docs/ARCHITECTURE.md lacks the row: | \`${room}\` | ${imports} |`,
    );
  }
});
