/** Reads documents by what they are: policies, what belongs to them, and objects beside them. */
import type { Exemption, Problem, Resource } from '../model/index.ts';
import type { LoadedBinding } from './dialects/admission.ts';
import { type LoadedRuleException, loadRuleException } from './dialects/clusterpolicy/exception.ts';
import { loadClusterPolicy } from './dialects/clusterpolicy/load.ts';
import type { DocumentFault } from './dialects/fault.ts';
import { loadExpansion } from './dialects/gatekeeper/expansion.ts';
import type { LoadedTemplate } from './dialects/gatekeeper/load.ts';
import { loadTemplate } from './dialects/gatekeeper/template.ts';
import { type Role, roleOf } from './dialects/kinds.ts';
import { type LoadedException, loadException } from './dialects/kyverno/exception.ts';
import { loadValidatingPolicy } from './dialects/kyverno/load.ts';
import { loadMutatingPolicy } from './dialects/kyverno/mutating.ts';
import { loadMutating, loadMutatingBinding } from './dialects/map/load.ts';
import { loadExemption } from './dialects/native/exemption.ts';
import { loadNative } from './dialects/native/load.ts';
import type { PolicyParts } from './dialects/parts.ts';
import { loadBinding, loadPolicy } from './dialects/vap/load.ts';
import type { Binding, Expansion } from './form.ts';
import type { Settings } from './settings/settings.ts';
import type { Places } from './source/places.ts';

export interface Given {
  readonly settings: Settings;
  readonly now: number | undefined;
}

/** A policy read from a document, not yet bound. */
export interface Loaded {
  readonly parts: PolicyParts;
  /** Its other readings, for other kinds. */
  readonly others?: readonly PolicyParts[];
  readonly resource: Resource;
  /** Where its expressions stand, when that is another document. */
  readonly code?: Resource;
  /** The binding that is part of it. */
  readonly binding?: Binding;
}

/** Documents by what they are, read as far as each can be alone. */
export interface Sorted {
  readonly loaded: Loaded[];
  readonly bindings: FoundBinding[];
  readonly templates: LoadedTemplate[];
  readonly constraints: Resource[];
  readonly expansions: Expansion[];
  readonly exemptions: Exemption[];
  readonly exceptions: { readonly resource: Resource; readonly value: LoadedException }[];
  readonly ruleExceptions: { readonly resource: Resource; readonly value: LoadedRuleException }[];
  readonly objects: Resource[];
  readonly problems: Problem[];
  readonly warnings: Problem[];
}

export interface FoundBinding {
  readonly resource: Resource;
  readonly value: LoadedBinding;
  /** Of the policies it can name. */
  readonly dialect: 'vap' | 'map';
}

/**
 * Yields after each document.
 *
 * @param known What documents are that were read before; those that are read are added.
 */
export function* sortOut(
  documents: readonly Resource[],
  given: Given,
  places: Places,
  known?: WeakMap<Resource, Sorted>,
): Generator<void, Sorted> {
  const sorted = nothing();
  for (const resource of documents) {
    if (known === undefined) readDocument(resource, sorted, given, places);
    else append(sorted, remembered(resource, given, places, known));
    yield;
  }
  return sorted;
}

function nothing(): Sorted {
  return {
    loaded: [],
    bindings: [],
    templates: [],
    constraints: [],
    expansions: [],
    exemptions: [],
    exceptions: [],
    ruleExceptions: [],
    objects: [],
    problems: [],
    warnings: [],
  };
}

function readDocument(resource: Resource, into: Sorted, given: Given, places: Places): void {
  const role = roleOf(resource.ref.apiVersion, resource.ref.kind);
  const faults = typeof role === 'object' ? [refused(role)] : READERS[role](resource, into, given);
  report(faults, resource, into, places);
}

function remembered(
  resource: Resource,
  given: Given,
  places: Places,
  known: WeakMap<Resource, Sorted>,
): Sorted {
  let reading = known.get(resource);
  if (reading === undefined) {
    reading = nothing();
    readDocument(resource, reading, given, places);
    // Whether an exception has expired is asked anew each time.
    if (roleOf(resource.ref.apiVersion, resource.ref.kind) !== 'kyverno-exception')
      known.set(resource, reading);
  }
  return reading;
}

function append(sorted: Sorted, reading: Sorted): void {
  for (const part of Object.keys(sorted) as (keyof Sorted)[])
    if (reading[part].length > 0) (sorted[part] as unknown[]).push(...reading[part]);
}

type Refused = Extract<Role, object>;

function refused({ unsupported: detail, help }: Refused): DocumentFault {
  return { pointer: '/kind', severity: 'error', reason: 'unsupported', detail, help };
}

/** Puts a document among what it is; says what is wrong with it. */
type Reader = (resource: Resource, into: Sorted, given: Given) => readonly DocumentFault[];

const READERS: Readonly<Record<Exclude<Role, Refused>, Reader>> = {
  object: (resource, { objects }) => {
    objects.push(resource);
    return [];
  },
  native: (resource, into, { settings }) => policy(resource, loadNative(resource, settings), into),
  exemption: (resource, { exemptions }) => {
    const { value, faults } = loadExemption(resource);
    if (value !== undefined) exemptions.push(value);
    return faults;
  },
  vap: (resource, into) => policy(resource, loadPolicy(resource), into),
  'vap-binding': (resource, { bindings }) => {
    const { value, faults } = loadBinding(resource);
    if (value !== undefined) bindings.push({ resource, value, dialect: 'vap' });
    return faults;
  },
  map: (resource, into) => policy(resource, loadMutating(resource), into),
  'map-binding': (resource, { bindings }) => {
    const { value, faults } = loadMutatingBinding(resource);
    if (value !== undefined) bindings.push({ resource, value, dialect: 'map' });
    return faults;
  },
  'kyverno-validating': (resource, { loaded }) => {
    const { value, faults } = loadValidatingPolicy(resource);
    if (value !== undefined)
      loaded.push(inReadings(resource, value.variants, { ...implicit(), actions: value.actions }));
    return faults;
  },
  'kyverno-mutating': (resource, { loaded }) => {
    const { value, faults } = loadMutatingPolicy(resource);
    if (value !== undefined) loaded.push(inReadings(resource, value, implicit()));
    return faults;
  },
  'kyverno-rules': (resource, { loaded }) => {
    const { rules, faults } = loadClusterPolicy(resource);
    loaded.push(...rules.map(({ readings, binding }) => inReadings(resource, readings, binding)));
    return faults;
  },
  'kyverno-exception': (resource, { exceptions }, { now }) => {
    const { value, faults } = loadException(resource, now);
    if (value !== undefined) exceptions.push({ resource, value });
    return faults;
  },
  'kyverno-rule-exception': (resource, { ruleExceptions }) => {
    const { value, faults } = loadRuleException(resource);
    if (value !== undefined) ruleExceptions.push({ resource, value });
    return faults;
  },
  'gatekeeper-template': (resource, { templates }) => {
    const { value, faults } = loadTemplate(resource);
    const refusal = faults.find(({ severity }) => severity === 'error');
    templates.push({ resource, value, refusal });
    return faults;
  },
  'gatekeeper-constraint': (resource, { constraints }) => {
    constraints.push(resource);
    return [];
  },
  'gatekeeper-expansion': (resource, { expansions }) => {
    const { value, faults } = loadExpansion(resource);
    if (value !== undefined) expansions.push(value);
    return faults;
  },
};

interface Read {
  readonly value?: PolicyParts;
  readonly faults: readonly DocumentFault[];
}

function policy(resource: Resource, { value, faults }: Read, { loaded }: Sorted): readonly DocumentFault[] {
  if (value !== undefined) loaded.push({ parts: value, resource });
  return faults;
}

function inReadings(resource: Resource, readings: readonly PolicyParts[], binding: Binding): Loaded {
  const [parts, ...others] = readings;
  return { parts: parts!, others, resource, binding };
}

/** The binding of what needs none. */
export function implicit(...actions: Binding['actions']): Binding {
  return { name: '', match: null, paramRef: null, params: null, actions };
}

export function report(
  faults: readonly DocumentFault[],
  resource: Resource,
  into: Sorted,
  places: Places,
): void {
  for (const fault of faults) {
    const problem = places.problem({
      origin: resource.origin,
      reason: fault.reason ?? 'invalid-policy',
      detail: fault.detail,
      pointer: fault.pointer,
      policy: policyName(resource),
      ...(fault.help === undefined ? {} : { help: fault.help }),
    });
    (fault.severity === 'error' ? into.problems : into.warnings).push(problem);
  }
}

/** As results call it, also when it was refused. */
function policyName({ ref }: Resource): string {
  return roleOf(ref.apiVersion, ref.kind) === 'gatekeeper-constraint' ? `${ref.kind}/${ref.name}` : ref.name;
}
