/** What a kustomization lists to be built, before and after a change. */
import { DEFAULT_LIMITS } from '../sources/index.ts';
import { readDocuments } from '../sources/manifests/documents.ts';

/** Fields whose every entry brings objects. */
const BRINGING = [
  'resources',
  'bases',
  'components',
  'generators',
  'configMapGenerator',
  'secretGenerator',
  'helmCharts',
];

/** Whether something is no longer listed, so that objects may be gone that no file of today tells of. */
export function hasLostEntries(before: string, now: string): boolean {
  const left = entriesOf(now);
  return [...entriesOf(before)].some((entry) => !left.has(entry));
}

/** What a generator makes is what it is called, wherever its data comes from. */
function entriesOf(text: string): ReadonlySet<string> {
  const values = readDocuments(text, DEFAULT_LIMITS).map(({ value }) => value);
  const fields = values.flatMap((value) =>
    typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [],
  );
  const entries = fields
    .filter(([field]) => BRINGING.includes(field))
    .flatMap(([field, list]) => (Array.isArray(list) ? list.map((entry: unknown) => [field, entry]) : []));
  return new Set(entries.map(([field, entry]) => JSON.stringify([field, nameOf(entry)])));
}

function nameOf(entry: unknown): unknown {
  const isNamed = typeof entry === 'object' && entry !== null && 'name' in entry;
  return isNamed ? entry.name : entry;
}
