/** Test suites of other engines among the files: by name in a walk, whatever their name when they are named. */
import { type Folders, join } from '../folders.ts';

export interface SuiteFile {
  readonly path: string;
  readonly engine: 'gatekeeper' | 'kyverno';
}

const NAMES: Readonly<Record<string, SuiteFile['engine']>> = {
  'suite.yaml': 'gatekeeper',
  'suite.yml': 'gatekeeper',
  'kyverno-test.yaml': 'kyverno',
  'kyverno-test.yml': 'kyverno',
};

/** Kyverno keeps its suites in `.kyverno-test`, so hidden folders are looked into. */
const PASSED_OVER = new Set(['.git', 'node_modules']);

export function findSuites(path: string, io: Folders): SuiteFile[] {
  const entries = io.list(path);
  if (entries === null) {
    const engine = engineOf(path.slice(path.lastIndexOf('/') + 1));
    return engine === undefined ? [] : [{ path, engine }];
  }
  return entries.flatMap(({ name, folder }): SuiteFile[] => {
    if (folder) return PASSED_OVER.has(name) ? [] : findSuites(join(path, name), io);
    const engine = engineOf(name);
    return engine === undefined ? [] : [{ path: join(path, name), engine }];
  });
}

function engineOf(name: string): SuiteFile['engine'] | undefined {
  return Object.hasOwn(NAMES, name) ? NAMES[name] : undefined;
}
