/** What Rampart says, in the words Kyverno has for it. */

import { reviewPayload } from '../../../src/policy/evaluate/payload.ts';
import {
  type AdmissionRequest,
  compilePolicies,
  createEvaluator,
  type EvaluationContext,
  type Evaluator,
  type PolicySet,
} from '../../../src/policy/index.ts';
import { createDiscovery, createSchemas } from '../../../src/sources/index.ts';
import type { Case } from './cases.ts';
import type { Rule, Said } from './compare.ts';
import { requestAbout } from './requests.ts';
import { type JsonMap, resourceOf } from './resources.ts';
import { CLUSTER, KINDS } from './world.ts';

/** Kyverno has the schemas of that version. */
const MINOR = 35;

/** CustomResourceDefinitions of the kinds that are not Kubernetes' own. */
const DEFINITIONS: readonly JsonMap[] = KINDS.filter(({ kind }) => kind === 'JobSet').map(definition);

function definition({ group, version, kind, resource }: (typeof KINDS)[number]): JsonMap {
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${resource}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind, plural: resource, singular: kind.toLowerCase() },
      versions: [{ name: version, served: true, storage: true, schema }],
    },
  };
}

export const DISCOVERY = createDiscovery(MINOR, DEFINITIONS);

const CONTEXT: EvaluationContext = {
  discovery: DISCOVERY,
  schemas: createSchemas(MINOR),
  objects: CLUSTER,
  complete: true,
  ask: (question) => {
    switch (question.kind) {
      case 'resource-get': {
        const { namespace, name } = question;
        const found = listed(question).find((o) => placeOf(o) === `${namespace}/${name}`);
        return { value: found ?? null };
      }
      case 'resource-list': {
        const { namespace, labels } = question;
        const items = listed(question).filter((o) => {
          const metadata = o['metadata'] as JsonMap;
          const own = (metadata['labels'] ?? {}) as JsonMap;
          const fits = Object.entries(labels).every(([key, value]) => own[key] === value);
          return fits && (namespace === '' || metadata['namespace'] === namespace);
        });
        return { value: { items } };
      }
      default:
        return undefined;
    }
  },
};

function listed({ apiVersion, resource }: { apiVersion: string; resource: string }): JsonMap[] {
  return CLUSTER.filter(
    ({ ref }) =>
      ref.apiVersion === apiVersion && DISCOVERY.ofKind(apiVersion, ref.kind).resource === resource,
  ).map(({ object }) => object);
}

function placeOf(object: JsonMap): string {
  const { namespace = '', name } = object['metadata'] as { namespace?: string; name: string };
  return `${namespace}/${name}`;
}

export interface Ours {
  readonly set: PolicySet;
  readonly evaluator: Evaluator;
}

/** @param change a defect put into the policies, for the control */
export function prepare(of: Case, change: (set: PolicySet) => PolicySet = (set) => set): Ours {
  const documents = [of.policy, ...of.exceptions].map(resourceOf);
  const set = change(compilePolicies(documents, { now: Date.now() }));
  return { set, evaluator: createEvaluator(set, CONTEXT) };
}

/** What the readings of a validating policy that match say. */
export function validated({ evaluator }: Ours, request: AdmissionRequest): Said {
  const rules = evaluator.review(request).flatMap(({ review }): Rule[] => {
    if (review.kind === 'not-evaluated') return [rule('error', review.detail)];
    if (review.kind !== 'reviewed') return [];
    return review.runs.map((entry) =>
      entry.kind === 'run' ? ofRun(entry.run) : rule('error', entry.detail),
    );
  });
  const actions = evaluator.findings(request).map(({ action }) => action);
  return { rules, allowed: !actions.includes('deny'), warned: actions.includes('warn') };
}

/** What a policy on JSON documents says of one. */
export function validatedDocument({ set }: Ours, { payload }: { readonly payload: JsonMap }): Said {
  const rules = set.policies.map((policy) => ofRun(reviewPayload(policy, payload, CONTEXT)));
  return { rules, allowed: true, warned: false };
}

/** What the readings of a mutating policy that match make of the object. */
export function mutated({ evaluator }: Ours, request: AdmissionRequest): Said {
  const { errors, skipped, applied, allowed, object } = evaluator.mutate(request);
  return { rules: rulesOf(errors, skipped, applied), allowed, warned: false, object };
}

/** What they make of each object that exists, in the order of their places. */
export function mutatedExisting({ evaluator }: Ours, trigger: AdmissionRequest | null): Said {
  const object: Record<string, unknown> = {};
  const rules: Rule[] = [];
  const answers = CLUSTER.map((resource) => ({
    place: placeOf(resource.object),
    answer: evaluator.mutateExisting(requestAbout(resource.object, 'CREATE'), trigger ?? undefined),
  }));
  // Objects that could not be chosen are told of with each of them.
  if (answers.every(({ answer }) => answer.errors.length > 0))
    return { rules: [], allowed: false, warned: false, object };
  for (const { answer, place } of answers) {
    const found = rulesOf(answer.errors, answer.skipped, answer.applied);
    rules.push(...found.map((one) => ({ ...one, properties: { ...one.properties, place } })));
    if (answer.applied.length > 0) object[place] = answer.object;
  }
  const inOrder = rules.sort((a, b) => (a.properties['place']! < b.properties['place']! ? -1 : 1));
  return { rules: inOrder, allowed: true, warned: false, object };
}

type Changes = ReturnType<Evaluator['mutate']>;

function rulesOf(
  errors: Changes['errors'],
  skipped: Changes['skipped'],
  applied: Changes['applied'],
): Rule[] {
  const variants = new Set([...errors, ...skipped, ...applied].map(({ variant }) => variant));
  return [...variants].map((variant): Rule => {
    const isOf = (one: { readonly variant: string }) => one.variant === variant;
    const error = errors.find(isOf);
    if (error !== undefined) return rule('error', error.message);
    const skip = skipped.find(isOf);
    if (skip === undefined) return rule('pass', 'success');
    const by = skip.detail.replace(/^exempted by /, '');
    if (by === skip.detail) return rule('skip', 'skip');
    return exempted(skip.as, by);
  });
}

function exempted(as: string, by: string): Rule {
  return rule(as, `rule is ${as === 'pass' ? 'passed' : 'skipped'} due to policy exception: ${by}`);
}

type Reviewed = ReturnType<Evaluator['review']>[number]['review'];
type Run = Extract<Extract<Reviewed, { kind: 'reviewed' }>['runs'][number], { kind: 'run' }>['run'];

function ofRun(run: Run): Rule {
  switch (run.kind) {
    case 'pass':
      return rule('pass', 'success');
    case 'condition-false':
      return rule('skip', 'skip');
    case 'condition-error':
      return rule('error', run.message);
    case 'exempted':
      return exempted(run.as, run.by.join(', '));
    case 'decided': {
      const [decision] = run.decisions;
      const published = Object.fromEntries(
        run.audit.flatMap((one) => (one.kind === 'publish' ? [[one.key, one.value]] : [])),
      );
      const wrong = run.audit.find((one) => one.kind !== 'publish');
      if (decision?.kind === 'error')
        return rule('error', decision.error.$message, { 'cel.validationIndex': String(decision.index) });
      // Kyverno tells of the annotation alone.
      if (wrong !== undefined)
        return rule(
          'error',
          wrong.kind === 'error' ? wrong.error.$message : wrong.message,
          decision === undefined ? {} : { 'cel.validationIndex': String(decision.index) },
        );
      if (decision === undefined) return rule('pass', 'success', published);
      return rule('fail', decision.message, { ...published, 'cel.validationIndex': String(decision.index) });
    }
  }
}

function rule(status: string, message: string, properties: Rule['properties'] = {}): Rule {
  return { status, message, properties };
}
