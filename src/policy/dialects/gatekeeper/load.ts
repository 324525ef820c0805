/** Templates and their constraints, among the documents in any order. */
import type { Resource } from '../../../model/index.ts';
import type { Binding } from '../../form.ts';
import { didYouMean } from '../../nearest.ts';
import { type DocumentFault, error } from '../fault.ts';
import type { PolicyParts } from '../parts.ts';
import { loadConstraint } from './constraint.ts';
import type { Template } from './template.ts';

export interface LoadedTemplate {
  readonly resource: Resource;
  /** Undefined when it was refused. */
  readonly value: Template | undefined;
  /** Why it was refused. */
  readonly refusal: DocumentFault | undefined;
}

export interface LoadedConstraint {
  readonly parts: PolicyParts;
  readonly resource: Resource;
  /** The template's document, where the expressions stand. */
  readonly code: Resource;
  readonly binding: Binding;
}

export interface GatekeeperPolicies {
  readonly constraints: readonly LoadedConstraint[];
  readonly reports: readonly { readonly resource: Resource; readonly faults: readonly DocumentFault[] }[];
}

export function loadGatekeeper(
  templates: readonly LoadedTemplate[],
  constraints: readonly Resource[],
): GatekeeperPolicies {
  const byKind = new Map(templates.map((template) => [kindOf(template), template]));
  const loaded: LoadedConstraint[] = [];
  const reports: { resource: Resource; faults: readonly DocumentFault[] }[] = [];
  for (const resource of constraints) {
    const template = byKind.get(resource.ref.kind.toLowerCase());
    if (template?.value === undefined || template.value.kind !== resource.ref.kind) {
      reports.push({ resource, faults: [withoutTemplate(resource, template, templates)] });
      continue;
    }
    const { value, faults } = loadConstraint(resource, template.value);
    if (faults.length > 0) reports.push({ resource, faults });
    if (value !== undefined) loaded.push({ ...value, resource, code: template.resource });
  }
  const used = new Set(constraints.map(({ ref }) => ref.kind));
  for (const { resource, value } of templates)
    if (value !== undefined && !used.has(value.kind)) reports.push({ resource, faults: [unused(value)] });
  return { constraints: loaded, reports };
}

/** A template is named as its kind is in lower case, also when it could not be read. */
function kindOf({ resource }: LoadedTemplate): string {
  return resource.ref.name.toLowerCase();
}

function withoutTemplate(
  { ref }: Resource,
  template: LoadedTemplate | undefined,
  templates: readonly LoadedTemplate[],
): DocumentFault {
  if (template?.refusal !== undefined) {
    const { refusal } = template;
    const reason = refusal.reason === undefined ? {} : { reason: refusal.reason };
    const detail = `Its template ${template.resource.ref.name} was refused: ${refusal.detail}`;
    return { ...error('/kind', detail), ...reason };
  }
  const kinds = templates.flatMap(({ value }) => (value === undefined ? [] : [value.kind]));
  const hint = didYouMean(ref.kind, kinds);
  return {
    ...error('/kind', `No ConstraintTemplate among the policies makes the kind "${ref.kind}".${hint}`),
    help: 'Give its ConstraintTemplate by --policies too.',
  };
}

function unused({ kind }: Template): DocumentFault {
  return {
    pointer: '/metadata/name',
    severity: 'warning',
    reason: 'not-bound',
    detail: `No constraint of kind ${kind} is among the policies; the template has no effect.`,
  };
}
