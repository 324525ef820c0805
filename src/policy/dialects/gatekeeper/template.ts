import type { JsonMap, Resource } from '../../../model/index.ts';
import type { Expression } from '../../form.ts';
import { isMap } from '../../json.ts';
import { OPERATIONS } from '../../match/rules.ts';
import { read } from '../../shape/read.ts';
import { type DocumentFault, error, ofShape } from '../fault.ts';
import { identifierFault } from '../names.ts';
import { SET_ASIDE } from '../set-aside.ts';
import { notOneOf } from '../vap/validate-match.ts';
import { type CelSource, sourceShape, type TemplateSource, templateShape } from './shape.ts';

/** What constraints of a template share. */
export interface Template {
  /** Kind of its constraints. */
  readonly kind: string;
  readonly source: CelSource;
  /** JSON Pointer of the source in the template's document. */
  readonly pointer: string;
  /** Operations at admission; empty: all that the webhook is asked about. */
  readonly operations: readonly string[];
  /** Of the parameters; undefined: constraints have none. */
  readonly schema: JsonMap | undefined;
  /** Whether parameters that the schema does not name are refused. */
  readonly closed: boolean;
}

const ENGINE = 'K8sNativeValidation';
const TARGET = 'admission.k8s.gatekeeper.sh';
const RESERVED = 'gatekeeper_internal_';

/** Reads a ConstraintTemplate; no value when Gatekeeper would refuse it, or when it holds no CEL. */
export function loadTemplate(resource: Resource): { value?: Template; faults: DocumentFault[] } {
  const { value, issues } = read(templateShape, resource.object);
  const faults = issues.map((issue) => ofShape(issue, 'error'));
  if (faults.length > 0) return { faults };
  faults.push(...validateTemplate(value));
  if (faults.length > 0) return { faults };
  const found = findSource(value);
  if ('faults' in found) return { faults: found.faults };
  const { validation } = value.spec.crd.spec!;
  const schema = validation?.openAPIV3Schema;
  const legacy = isMap(validation) ? (validation as JsonMap)['legacySchema'] : undefined;
  return {
    faults,
    value: {
      kind: value.spec.crd.spec!.names!.kind!,
      source: found.source,
      pointer: found.pointer,
      operations: value.spec.targets[0]!.operations ?? [],
      schema: isMap(schema) ? schema : undefined,
      // Before v1 templates came from a time when schemas need not be structural.
      closed: !(typeof legacy === 'boolean' ? legacy : !resource.ref.apiVersion.endsWith('/v1')),
    },
  };
}

function validateTemplate({ metadata, spec }: TemplateSource): DocumentFault[] {
  const kind = spec.crd.spec?.names?.kind;
  if (kind === undefined || kind === '')
    return [error('/spec/crd/spec/names/kind', 'The kind of the constraints is required.')];
  if (metadata.name !== kind.toLowerCase())
    return [
      error(
        '/metadata/name',
        `The name must be the kind of the constraints in lower case: ${kind.toLowerCase()}.`,
      ),
    ];
  const [target, ...others] = spec.targets;
  if (target === undefined || others.length > 0)
    return [error('/spec/targets', `Expected one target, got ${spec.targets.length}.`)];
  if (target.target !== TARGET) return [notOneOf('/spec/targets/0/target', target.target ?? '', [TARGET])];
  return (target.operations ?? []).flatMap((operation, i) =>
    operation === '*' || (OPERATIONS as readonly string[]).includes(operation)
      ? []
      : [notOneOf(`/spec/targets/0/operations/${i}`, operation, [...OPERATIONS, '*'])],
  );
}

type Found = { readonly source: CelSource; readonly pointer: string } | { readonly faults: DocumentFault[] };

/** Of code in several languages Gatekeeper runs the CEL. */
function findSource({ spec }: TemplateSource): Found {
  const { code = [], rego } = spec.targets[0]!;
  const index = code.findIndex(({ engine }) => engine === ENGINE);
  if (index < 0)
    return { faults: [onlyRego(code.length > 0 ? '/spec/targets/0/code' : '/spec/targets/0/rego', rego)] };
  const pointer = `/spec/targets/0/code/${index}/source`;
  const { value, issues } = read(sourceShape, code[index]!.source);
  const faults = issues.map((issue) => {
    const fault = ofShape(issue, 'error');
    return { ...fault, pointer: pointer + fault.pointer };
  });
  if (faults.length > 0) return { faults };
  faults.push(...validateSource(value, pointer));
  return faults.length > 0 ? { faults } : { source: value, pointer };
}

function onlyRego(pointer: string, rego: string | undefined): DocumentFault {
  return {
    pointer: rego === undefined && pointer.endsWith('rego') ? '/spec/targets/0' : pointer,
    severity: 'error',
    reason: 'unsupported',
    detail: `The template has no ${ENGINE} code, and Rego is not run by this version.`,
    help: `Add code for the engine ${ENGINE} to the template, or ${SET_ASIDE}; Gatekeeper goes on running it.`,
  };
}

function validateSource(source: CelSource, pointer: string): DocumentFault[] {
  const faults: DocumentFault[] = [];
  const { failurePolicy } = source;
  if (failurePolicy !== undefined && failurePolicy !== 'Fail' && failurePolicy !== 'Ignore')
    faults.push(notOneOf(`${pointer}/failurePolicy`, failurePolicy, ['Fail', 'Ignore']));
  source.variables?.forEach(({ name = '', expression }, i) => {
    const at = `${pointer}/variables/${i}`;
    const fault = identifierFault(name);
    if (fault !== undefined) faults.push(error(`${at}/name`, `The name of a variable ${fault}.`));
    if (name.startsWith(RESERVED)) faults.push(error(`${at}/name`, `Names may not begin with ${RESERVED}.`));
    if (expression === undefined) faults.push(error(at, '"expression" is required.'));
  });
  source.matchCondition?.forEach(({ name = '', expression }, i) => {
    const at = `${pointer}/matchCondition/${i}`;
    if (name.startsWith(RESERVED)) faults.push(error(`${at}/name`, `Names may not begin with ${RESERVED}.`));
    if (expression === undefined) faults.push(error(at, '"expression" is required.'));
  });
  source.validations?.forEach(({ expression }, i) => {
    if (expression === undefined)
      faults.push(error(`${pointer}/validations/${i}`, '"expression" is required.'));
  });
  return faults;
}

export function expressionAt(text: string, pointer: string): Expression {
  return { text, pointer };
}
