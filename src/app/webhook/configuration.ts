/** The objects that make the API server ask: what for, of whom, and what happens while nobody answers. */
import type { CompiledPolicy } from '../../policy/index.ts';
import type { CompiledSnapshot } from '../snapshot/compile.ts';
import { type AskedAtom, atomsOf, rulesOf, type WebhookRule } from './atoms.ts';
import { type Need, needsOf, needsOfCarriers } from './needs.ts';
import { conditionsFor, isNever, type MatchCondition } from './never.ts';

export interface WebhookOptions {
  /** `metadata.name` of both. */
  readonly name: string;
  readonly client: WebhookClient;
  /** PEM of the CA that the webhook's certificate is of. */
  readonly authority: string;
  readonly failurePolicy: 'Ignore' | 'Fail';
  readonly timeoutSeconds: number;
  /** Whose requests are never asked about. */
  readonly excludedNamespaces: readonly string[];
}

export type WebhookClient =
  | { readonly kind: 'url' /** Without a path. */; readonly url: string }
  | { readonly kind: 'service'; readonly namespace: string; readonly name: string; readonly port: number };

/** What of a configuration the policies decide. */
export interface Asked {
  readonly rules: readonly WebhookRule[];
  readonly matchConditions: readonly MatchCondition[];
}

/** Null where no policy wants anything to be asked. */
export interface AskedAbout {
  readonly validate: Asked | null;
  readonly mutate: Asked | null;
}

export function askedAbout(snapshot: Pick<CompiledSnapshot, 'set' | 'podPaths'>): AskedAbout {
  const needs = [...needsOf(snapshot)];
  const of = (wanted: (policy: CompiledPolicy) => boolean): Need[] =>
    needs.flatMap(([policy, own]) => (wanted(policy) ? own : []));
  const changes = of(mutates);
  const carriers = needs.some(([policy]) => !mutates(policy)) ? needsOfCarriers(snapshot) : [];
  return {
    // What is changed is asked about again, and counts then.
    validate: asked([...of((policy) => !mutates(policy)), ...carriers, ...changes]),
    mutate: asked(changes),
  };
}

function mutates({ mutations }: CompiledPolicy): boolean {
  return mutations.length > 0;
}

function asked(needs: readonly Need[]): Asked | null {
  const atoms: AskedAtom[] = atomsOf(needs).filter((atom) => !isNever(atom));
  return atoms.length === 0 ? null : { rules: rulesOf(atoms), matchConditions: conditionsFor(atoms) };
}

/** One of each kind, of those that have something to ask. */
export function webhookConfigurations({ validate, mutate }: AskedAbout, options: WebhookOptions): object[] {
  return [
    ...(validate === null
      ? []
      : [configuration('ValidatingWebhookConfiguration', options, entry('validate', validate, options))]),
    ...(mutate === null
      ? []
      : [
          configuration('MutatingWebhookConfiguration', options, {
            ...entry('mutate', mutate, options),
            reinvocationPolicy: 'IfNeeded',
          }),
        ]),
  ];
}

function configuration(kind: string, { name }: WebhookOptions, webhook: object): object {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind,
    metadata: { name, labels: { 'app.kubernetes.io/managed-by': 'rampart' } },
    webhooks: [webhook],
  };
}

/** Names of all end so: doctor knows them by it. */
const DOMAIN = 'rampart.dev';

function entry(
  path: 'validate' | 'mutate',
  { rules, matchConditions }: Asked,
  { client, authority, failurePolicy, timeoutSeconds, excludedNamespaces }: WebhookOptions,
): object {
  return {
    name: `${path}.${DOMAIN}`,
    admissionReviewVersions: ['v1'],
    clientConfig: { ...addressOf(client, path), caBundle: Buffer.from(authority).toString('base64') },
    failurePolicy,
    matchPolicy: 'Equivalent',
    sideEffects: 'NoneOnDryRun',
    timeoutSeconds,
    // By its name, which no label can change.
    namespaceSelector: {
      matchExpressions: [
        { key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: excludedNamespaces },
      ],
    },
    ...(matchConditions.length === 0 ? {} : { matchConditions }),
    rules,
  };
}

function addressOf(client: WebhookClient, path: string): object {
  if (client.kind === 'url') return { url: `${client.url}/${path}` };
  const { namespace, name, port } = client;
  return { service: { namespace, name, port, path: `/${path}` } };
}
