/** Which resources an expected result is about. */
import type { JsonMap, Resource, ResourceRef } from '../../../../model/index.ts';
import { parseApiVersion } from '../../../request.ts';
import type { ExpectedResult } from './shape.ts';

export type Subject =
  | {
      readonly name: string;
      readonly resource: Resource;
      readonly ref: ResourceRef;
      /** Whether it is one of the suite's `targetResources`. */
      readonly existing: boolean;
    }
  /** A JSON document, by the name of its file. */
  | { readonly name: string; readonly payload: JsonMap; readonly ref: null };

export type Choice =
  | { readonly subject: Subject; readonly pointer: string }
  | { readonly detail: string; readonly pointer: string };

/** Every resource the result names, each with its place in the suite; all when it names none. */
export function chooseResources(
  expected: ExpectedResult,
  subjects: readonly Subject[],
  pointer: string,
): Choice[] {
  const names = expected.resources ?? (expected.resource === undefined ? [] : [expected.resource]);
  const specs = expected.resourceSpecs ?? [];
  if (names.length === 0 && specs.length === 0)
    return ofKind(expected.kind, subjects).map((subject) => ({ subject, pointer }));
  const where = expected.resources === undefined ? `${pointer}/resource` : `${pointer}/resources`;
  return [
    ...names.flatMap((name, i) => {
      const at = expected.resources === undefined ? where : `${where}/${i}`;
      return found(ofKind(expected.kind, byName(name, subjects)), at, `there is no resource "${name}"`);
    }),
    ...specs.flatMap((spec, i) =>
      found(
        subjects.filter((subject) => fits(spec, subject)),
        `${pointer}/resourceSpecs/${i}`,
        `there is no resource ${JSON.stringify(spec)}`,
      ),
    ),
  ];
}

function found(subjects: readonly Subject[], pointer: string, otherwise: string): Choice[] {
  if (subjects.length === 0) return [{ detail: otherwise, pointer }];
  return subjects.map((subject) => ({ subject, pointer }));
}

function byName(name: string, subjects: readonly Subject[]): Subject[] {
  const exact = subjects.filter((subject) => subject.name === name);
  if (exact.length > 0) return exact;
  const [namespace, own, ...more] = name.split('/');
  if (own === undefined || more.length > 0) return [];
  return subjects.filter((subject) => subject.ref?.namespace === namespace && subject.name === own);
}

/** Kyverno passes over the kind; here it tells resources of one name apart, and is passed over where it fits none. */
function ofKind(kind: string | undefined, subjects: readonly Subject[]): readonly Subject[] {
  if (kind === undefined || kind === '') return subjects;
  const name = kind.slice(kind.lastIndexOf('/') + 1);
  const some = subjects.filter(({ ref }) => ref?.kind === name);
  return some.length > 0 ? some : subjects;
}

type Spec = NonNullable<ExpectedResult['resourceSpecs']>[number];

function fits(spec: Spec, { ref }: Subject): boolean {
  if (ref === null) return false;
  const { group, version } = parseApiVersion(ref.apiVersion);
  return (
    (spec.group ?? '') === group &&
    (spec.version ?? '') === version &&
    (spec.kind === undefined || spec.kind === ref.kind) &&
    (spec.namespace ?? '') === ref.namespace &&
    spec.name === ref.name
  );
}
