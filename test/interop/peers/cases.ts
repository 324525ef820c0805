/**
 * What is shown to the peers: a case is a few objects that belong together, in a namespace of their own; most are one object.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dump, loadAll } from 'js-yaml';
import { Draw, type Fields } from './draw.ts';
import { binding, configuration, ingress, networkPolicy, rights, scaling, service } from './others.ts';
import { workload } from './workloads.ts';

export interface Case {
  /** Unique; part of a file name. */
  readonly name: string;
  readonly objects: readonly Fields[];
}

const ROOT = join(import.meta.dirname, '../../..');
const MAKERS = [
  workload,
  workload,
  workload,
  workload,
  workload,
  workload,
  rights,
  rights,
  rights,
  binding,
  service,
  ingress,
  networkPolicy,
  scaling,
  configuration,
] as const;

/** Changing either changes what is recorded. */
const SEED = 6;
const MADE = 1000;

/** All that is compared: a thousand made ones, and those of the library. */
export function comparedCases(): Case[] {
  return [...generatedCases(SEED, MADE), ...libraryCases()];
}

export function generatedCases(seed: number, count: number): Case[] {
  const draw = new Draw(seed);
  return Array.from({ length: count }, (_, index) => {
    const name = `made-${String(index).padStart(4, '0')}`;
    return { name, objects: draw.one(MAKERS)(draw, { name, namespace: `space-${name}` }) };
  });
}

/** The cases beside the policies of the library, but those for other settings than the defaults. */
export function libraryCases(): Case[] {
  const files = readdirSync(join(ROOT, 'library/policies'), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\/(pass|fail)\/[^/]+\.yaml$/.test(file))
    .sort();
  return files.map((file) => ({
    name: `library-${file.slice(0, -5).split('/').slice(2).join('-')}`,
    objects: objectsOf(join(ROOT, 'library/policies', file)),
  }));
}

export function objectsOf(file: string): Fields[] {
  return (loadAll(readFileSync(file, 'utf8')) as (Fields | null)[]).filter((object) => object !== null);
}

export function yamlOf({ objects }: Case): string {
  return objects.map((object) => dump(object, { noRefs: true })).join('---\n');
}
