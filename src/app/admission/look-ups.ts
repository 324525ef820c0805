/** What policies ask of what surrounds a request, as plain data: threads that evaluate them know nothing of it, and ask. */
import type { JsonMap, Resource } from '../../model/index.ts';
import type {
  Authorize,
  CompiledPolicy,
  EvaluationContext,
  Found,
  LookupQuestion,
  RelatedCoverage,
} from '../../policy/index.ts';

type Check = Parameters<Authorize>[0];
type AskContext = NonNullable<EvaluationContext['ask']>;
type ContextQuestion = Parameters<AskContext>[0];

/** Of each kind: what is asked, and what is answered. Lists are sent apart from the rest. */
export interface LookUps {
  namespace: { ask: { readonly name: string }; answer: JsonMap | undefined };
  /** Of namespaces that are not there. */
  namespaces: {
    ask: Record<never, never>;
    answer: { readonly complete: boolean; readonly doubt: string | undefined };
  };
  params: { ask: KindOfParam; answer: undefined; items: Resource };
  param: {
    ask: KindOfParam & { readonly namespace: string; readonly name: string };
    answer: Resource | undefined;
  };
  'params-doubt': { ask: KindOfParam; answer: string | undefined };
  related: { ask: AskedRelated; answer: Omit<Found, 'items'>; items: JsonMap };
  coverage: { ask: LookupPlace & { readonly namespace: string | undefined }; answer: RelatedCoverage };
  authorize: { ask: { readonly check: Check }; answer: ReturnType<Authorize> };
  context: { ask: { readonly question: ContextQuestion }; answer: ReturnType<AskContext> };
}

interface KindOfParam {
  readonly apiVersion: string;
  readonly paramKind: string;
}

/** A lookup of a policy, by its place among the policy's own. */
export interface LookupPlace {
  readonly policy: string;
  /** As {@link CompiledPolicy.variant}. */
  readonly variant: string;
  readonly index: number;
}

interface AskedRelated extends LookupPlace {
  readonly asked: LookupQuestion;
  readonly namespace: string | undefined;
}

export type LookUpKind = keyof LookUps;

export type LookUp<K extends LookUpKind = LookUpKind> = {
  [Kind in K]: { readonly kind: Kind } & LookUps[Kind]['ask'];
}[K];

export interface Answered<K extends LookUpKind = LookUpKind> {
  readonly value: LookUps[K]['answer'];
  readonly items: LookUps[K] extends { items: infer Item } ? readonly Item[] : readonly never[];
}

/** A look-up on its way to whoever knows. */
export interface SentLookUp {
  /** Of this line, from 1. */
  readonly number: number;
  readonly lookUp: LookUp;
}

/** Part of an answer: some of its items, until the last part. */
export type AnswerPart =
  | { readonly number: number; readonly items: readonly unknown[] }
  | { readonly number: number; readonly value: unknown }
  /** Nobody could answer: a defect. */
  | { readonly number: number; readonly fault: string };

/** Places in the numbers that a thread and whoever started it share. */
export const SHARED = {
  /** Goes up when a part of an answer was sent. */
  signal: 0,
  /** Which of the policies it was asked about the thread evaluates, or the first of those that it evaluates together; -1: none. */
  policy: 1,
  /** 1 while the thread waits for an answer. */
  waits: 2,
} as const;

export const SHARED_BYTES = 3 * Int32Array.BYTES_PER_ELEMENT;
