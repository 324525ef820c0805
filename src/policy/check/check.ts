/** `rampart policies check`: what is wrong with policies, and what is probably wrong. */
import type { Issue } from '../../cel/source.ts';
import { DYN, listOf } from '../../cel/types.ts';
import type { Discovery, FieldSchema, Problem, Resource, ResourceInfo, Schemas } from '../../model/index.ts';
import { compileCode } from '../code.ts';
import {
  type CompileOptions,
  compilePolicies,
  compilerFor,
  optionsOf,
  type Surroundings,
} from '../compile.ts';
import { createCompiler } from '../environment/compiler.ts';
import { SCHEMALESS, type SubjectTypes } from '../environment/types.ts';
import { type CodeIssue, type CompiledPolicy, isKyverno } from '../form.ts';
import type { PolicySet } from '../load.ts';
import { apiVersionOf } from '../request.ts';
import { DEFAULT_SETTINGS } from '../settings/settings.ts';
import { createPlaces, type PolicySource } from '../source/places.ts';
import { kindsToCheck, nameOf } from './kinds.ts';
import { createSchemaTypes } from './schema-types.ts';

/** What is known of kinds; misspelt fields are found with it. */
export interface KindKnowledge {
  readonly discovery: Discovery;
  readonly schemas: Schemas;
}

export interface CheckReport {
  /** Policies that compile. */
  readonly policies: readonly CompiledPolicy[];
  /** Errors: the policy is refused. */
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
}

/** Compiles everything and adds the warnings. */
export function checkPolicies(
  documents: readonly Resource[],
  options: Omit<CompileOptions, 'lazy'> & KindKnowledge,
): CheckReport {
  const set = compilePolicies(documents, options);
  const policies = [...set.policies, ...set.inactive];
  const warnings = [...set.warnings, ...policyWarnings({ ...set, policies }, options)];
  return { policies, problems: set.problems, warnings: warnings.sort(byPlace) };
}

/** Misspelt fields, by the schemas of the kinds a policy names; functions too new for a new policy. */
function policyWarnings(
  set: Pick<PolicySet, 'policies' | 'settings'>,
  options: KindKnowledge & { readonly source?: PolicySource },
): Problem[] {
  const minor = (set.settings ?? DEFAULT_SETTINGS)['kubernetes.version'];
  const places = createPlaces(options.source);
  return set.policies.flatMap((policy) => {
    const stored = policy.dialect === 'vap' || policy.dialect === 'map';
    const tooNew = stored ? newFunctions(policy, minor) : [];
    const misspelt = typeIssues(policy, options, minor);
    return [...tooNew, ...misspelt].map(({ expression, issue, detail }) =>
      places.expression(policy.codeOrigin, policy.id, expression, issue, detail),
    );
  });
}

function byPlace(a: Problem, b: Problem): number {
  const { file, line, column } = a.origin;
  if (file !== b.origin.file) return file < b.origin.file ? -1 : 1;
  return line - b.origin.line || column - b.origin.column;
}

interface Warning extends CodeIssue {
  readonly detail: string;
}

/**
 * New objects are compiled at the version before the cluster's, so that a rollback finds nothing it does not know.
 * A policy that is already stored goes on with all functions.
 */
function newFunctions(policy: CompiledPolicy, minor: number): Warning[] {
  const { issues } = compileCode(policy, compilerFor(minor - 1));
  return issues.map((found) => ({
    ...found,
    detail: `Kubernetes 1.${minor} refuses this in a new policy, since 1.${minor - 1} does not know it: ${found.issue.message}`,
  }));
}

/** One warning for each fault, naming all kinds it was found for. */
function typeIssues(policy: CompiledPolicy, knowledge: KindKnowledge, minor: number): Warning[] {
  const merged = new Map<string, { found: CodeIssue; kinds: string[] }>();
  const kinds = kindsToCheck(policy, knowledge.discovery);
  for (const info of kinds) {
    for (const found of issuesFor(policy, info, knowledge, minor)) {
      const key = `${found.expression.pointer} ${found.issue.offset} ${found.issue.message}`;
      const known = merged.get(key);
      if (known === undefined) merged.set(key, { found, kinds: [nameOf(info)] });
      else known.kinds.push(nameOf(info));
    }
  }
  return [...merged.values()].map(({ found, kinds: of }) => ({
    ...found,
    detail: `${found.issue.message} (for ${of.join(', ')})`,
  }));
}

function issuesFor(
  policy: CompiledPolicy,
  info: ResourceInfo,
  { schemas }: KindKnowledge,
  minor: number,
): readonly CodeIssue[] {
  const schema = schemas.ofKind(apiVersionOf(info), info.kind);
  if (schema === undefined) return [];
  const compile = createCompiler({
    ...optionsOf(ownLibraries(policy) ?? minor),
    subject: subjectTypes(policy, schema, schemas),
  });
  // Output types were checked at load; a typed object may make them narrower.
  const { issues } = compileCode(policy, (text, names) => compile(text, names, null));
  // These are written for schemaless objects: only a field that does not exist is a fault there.
  if (policy.dialect === 'native' || ownLibraries(policy) !== undefined)
    return issues.filter(({ issue }) => issue.code === 'unknown-field');
  return issues.filter(({ issue }) => !comparesWithNull(issue));
}

/** Kyverno brings its own. */
function ownLibraries({ dialect }: CompiledPolicy): Surroundings | undefined {
  return isKyverno(dialect) ? dialect : undefined;
}

/** `x == null` does no harm on schemaless objects, and many write it; the API server's own check warns of it. */
function comparesWithNull({ code, message }: Issue): boolean {
  return code === 'no-overload' && /'_[!=]=_' applied to '\((?:null, .*|.*, null)\)'/.test(message);
}

function subjectTypes(policy: CompiledPolicy, schema: FieldSchema, schemas: Schemas): SubjectTypes {
  const types = createSchemaTypes();
  const { paramKind } = policy;
  const pod = policy.subject === 'pod' ? schemas.ofKind('v1', 'Pod') : undefined;
  const spec = pod?.field('spec');
  const containers = ['containers', 'ephemeralContainers'].flatMap((list) => spec?.field(list)?.items ?? []);
  return {
    ...SCHEMALESS,
    object: types.typeOf(schema),
    params: paramKind === null ? DYN : types.typeOf(schemas.ofKind(paramKind.apiVersion, paramKind.kind)),
    pod: types.typeOf(pod),
    containers: listOf(types.union(containers)),
    fields: types.fields,
    fieldNames: types.fieldNames,
  };
}
