import { JSON_SCHEMA, load, loadAll } from 'js-yaml';
import { compilePolicies } from '../compile.ts';
import { discovery, documents } from '../fixture.ts';
import type { Entry } from './folders.ts';
import type { TestIo } from './io.ts';

/** A file system of texts. */
export function filesIo(files: Readonly<Record<string, string>>): TestIo {
  const list = (folder: string): Entry[] | null => {
    const prefix = folder === '.' ? '' : `${folder}/`;
    const names = new Map<string, boolean>();
    for (const path of Object.keys(files)) {
      if (!path.startsWith(prefix)) continue;
      const [name, ...rest] = path.slice(prefix.length).split('/');
      names.set(name!, rest.length > 0);
    }
    if (names.size === 0) return null;
    return [...names]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, isFolder]) => ({ name, folder: isFolder }));
  };
  return {
    list,
    read: (path) => {
      const text = files[path];
      if (text === undefined) throw new Error(`no ${path}`);
      return text;
    },
    parse: (text, file) => {
      if (text.includes('BROKEN')) throw new Error('cannot be read');
      return { resources: documents(text, file), problems: [] };
    },
    value: (text) => load(text, { schema: JSON_SCHEMA }),
    values: (text) => loadAll(text, { schema: JSON_SCHEMA }).map((value, document) => ({ value, document })),
    compile: (resources, settings) => compilePolicies(resources, { settings }),
    locate: () => ({ line: 1, column: 1 }),
    diff: (expected, actual) => `-${JSON.stringify(expected)}\n+${JSON.stringify(actual)}\n`,
    context: () => ({ discovery }),
  };
}
