/** What becomes of policies that people already have, document by document. */
import type { Problem, Resource } from '../model/index.ts';
import { type CompileOptions, compilePolicies } from './compile.ts';
import { roleOf } from './dialects/kinds.ts';

/**
 * `unchanged`: runs as it is. `convertible`: runs after the change that `why` names. `stays`: with the engine it was
 * written for. `refused`: its own engine, or the API server, would refuse it as well.
 */
export type ReadinessStatus = 'unchanged' | 'convertible' | 'stays' | 'refused';

export interface Readiness {
  readonly resource: Resource['ref'];
  readonly file: string;
  /** Of the document's first token. */
  readonly line: number;
  readonly status: ReadinessStatus;
  /** Empty when it runs unchanged and nothing is missing. */
  readonly why: string;
}

/** One entry for each document that is a policy or belongs to one, in their order. */
export function assessReadiness(
  documents: readonly Resource[],
  options: Omit<CompileOptions, 'source'> = {},
): Readiness[] {
  // Without a source every problem points at its document's first line, which tells whose it is.
  const { problems } = compilePolicies(documents, options);
  return documents
    .filter(({ ref }) => roleOf(ref.apiVersion, ref.kind) !== 'object')
    .map((document) => ({
      resource: document.ref,
      file: document.origin.file,
      line: document.origin.line,
      ...judge(document, problems),
    }));
}

function judge(document: Resource, problems: readonly Problem[]): Pick<Readiness, 'status' | 'why'> {
  const own = problems.find((problem) => isOf(problem, document));
  if (own === undefined) return { status: 'unchanged', why: '' };
  // It would run; only its binding is not here.
  if (own.reason === 'needs-params') return { status: 'unchanged', why: own.detail };
  const role = roleOf(document.ref.apiVersion, document.ref.kind);
  if (own.reason !== 'unsupported') return { status: 'refused', why: own.detail };
  if (typeof role === 'object' && role.convertible !== undefined)
    return { status: 'convertible', why: role.convertible };
  return { status: 'stays', why: own.detail };
}

function isOf({ origin, policy }: Problem, { origin: place, ref }: Resource): boolean {
  return (
    origin.file === place.file &&
    origin.line === place.line &&
    // Ids hold the kind, the namespace or the rule besides.
    (policy === undefined || policy.split('/').includes(ref.name))
  );
}
