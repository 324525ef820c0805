/** What the library says of the objects of a case, each case being all there is. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonMap, Resource } from '../../../src/model/index.ts';
import {
  compilePolicies,
  createEvaluator,
  createSurroundings,
  DEFAULT_SETTINGS,
  isWanted,
  relativeOf,
  wantedBy,
} from '../../../src/policy/index.ts';
import { createDefaults, createDiscovery, createSchemas, readManifest } from '../../../src/sources/index.ts';
import { type Case, yamlOf } from './cases.ts';

const ROOT = join(import.meta.dirname, '../../..');

/** Names of who reports an object: of ours `policy` and `policy#validation`, of a peer the ids of its checks. */
export type Reported = ReadonlySet<string>;

export function libraryFiles(): string[] {
  return globSync('library/policies/**/policy.yaml', { cwd: ROOT })
    .sort()
    .map((file) => join(ROOT, file));
}

export function libraryDocuments(): Resource[] {
  return libraryFiles().flatMap((file) => readManifest(readFileSync(file), { file, named: true }).resources);
}

/** Of each case, of each of its objects, in order. */
export function ourReports(cases: readonly Case[]): Reported[][] {
  const { policies } = compilePolicies(libraryDocuments());
  const minor = DEFAULT_SETTINGS['kubernetes.version'];
  const schemas = createSchemas(minor);
  const context = { discovery: createDiscovery(minor), schemas, defaults: createDefaults(minor, schemas) };
  const wanted = wantedBy(policies);
  const alone = createEvaluator({ policies }, context);
  return cases.map((each) => {
    const { resources } = readManifest(yamlOf(each), { file: `${each.name}.yaml`, named: true });
    if (resources.length !== each.objects.length)
      throw new Error(`${each.name}: not every object can be read`);
    const relatives = resources
      .map((resource) => relativeOf(wanted, resource, alone.begin(resource).request))
      .filter((relative) => isWanted(wanted, relative));
    const surroundings = createSurroundings(relatives, () => ({ kind: 'whole' }));
    const evaluator = createEvaluator({ policies }, { ...context, surroundings });
    return resources.map((resource) => {
      const reported = new Set<string>();
      for (const { verdict, policy, validation } of evaluator.scan(resource))
        if (verdict === 'violation') reported.add(`${policy}`).add(`${policy}#${validation}`);
      return reported;
    });
  });
}

/** Of each check of a peer that the library names, who stands for it: `policy` or `policy#validation`. */
export function claims(): Map<string, string[]> {
  const claimed = new Map<string, string[]>();
  const claim = (check: string, by: string) => claimed.set(check, [...(claimed.get(check) ?? []), by]);
  for (const { object, ref } of libraryDocuments()) {
    const spec = (object as JsonMap)['spec'] as {
      equivalents?: string[];
      validations: { name: string; equivalents?: string[] }[];
    };
    for (const check of spec.equivalents ?? []) claim(check, ref.name);
    for (const { name, equivalents } of spec.validations)
      for (const check of equivalents ?? []) claim(check, `${ref.name}#${name}`);
  }
  return claimed;
}

/** Checks of peers that a policy says ask for a part only of what it asks. */
export function narrowerChecks(): Set<string> {
  return new Set(
    libraryDocuments().flatMap(
      ({ object }) => ((object as JsonMap)['spec'] as { narrower?: string[] }).narrower ?? [],
    ),
  );
}
