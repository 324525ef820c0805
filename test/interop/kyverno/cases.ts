/** How the policies of this folder are written: the spec in full, the rest in short. */
import { documentsOf, type JsonMap } from './resources.ts';

/** A policy with its exceptions, and the kinds of objects it is asked about. */
export interface Case {
  /** What it is about. */
  readonly about: string;
  readonly policy: JsonMap;
  readonly exceptions: readonly JsonMap[];
  readonly kinds: readonly string[];
}

export interface CaseOptions {
  readonly kind?: string;
  /** More of the metadata, as YAML in braces without them. */
  readonly meta?: string;
  readonly version?: string;
  /** Specs of PolicyExceptions, each under a name. */
  readonly exceptions?: Readonly<Record<string, string>>;
  readonly kinds?: readonly string[];
}

/** A policy of policies.kyverno.io; `spec` is YAML indented by two. */
export function celPolicy(about: string, defaultKind: string, spec: string, options: CaseOptions = {}): Case {
  const { kind = defaultKind, meta = '', version = 'v1', exceptions = {}, kinds = PODS } = options;
  const policy = `
apiVersion: policies.kyverno.io/${version}
kind: ${kind}
metadata: {name: p${meta}}
spec:
${spec}
`;
  return {
    about,
    policy: one(policy),
    exceptions: Object.entries(exceptions).map(([name, body]) => exception(name, kind, body)),
    kinds,
  };
}

export const PODS: readonly string[] = ['Pod', 'Pod', 'Deployment', 'CronJob'];

/** @param name with `!n` after it: of that priority */
function exception(name: string, kind: string, spec: string): JsonMap {
  const [plain, priority] = name.split('!');
  const labels = priority === undefined ? '' : `, labels: {polex.kyverno.io/priority: "${priority}"}`;
  return one(`
apiVersion: policies.kyverno.io/v1
kind: PolicyException
metadata: {name: ${plain}, namespace: shop${labels}}
spec:
  policyRefs: [{name: p, kind: ${kind}}]
${spec}
`);
}

function one(text: string): JsonMap {
  const [document] = documentsOf(text);
  return document!;
}
