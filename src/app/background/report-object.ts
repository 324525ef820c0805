/** The open findings of a namespace as one object that dashboards of a cluster know: OpenReports, or the PolicyReport of before. */
import type { Served } from '../../sources/index.ts';
import type { StoredFinding } from '../../store/index.ts';
import type { Right } from '../cluster/rbac.ts';

export interface ReportKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly clusterKind: string;
  readonly clusterPlural: string;
}

/** The first that the cluster serves is written. */
const REPORT_KINDS: readonly ReportKind[] = [
  {
    group: 'openreports.io',
    version: 'v1alpha1',
    kind: 'Report',
    plural: 'reports',
    clusterKind: 'ClusterReport',
    clusterPlural: 'clusterreports',
  },
  {
    group: 'wgpolicyk8s.io',
    version: 'v1alpha2',
    kind: 'PolicyReport',
    plural: 'policyreports',
    clusterKind: 'ClusterPolicyReport',
    clusterPlural: 'clusterpolicyreports',
  },
];

/** Undefined: the cluster serves none. */
export function kindIn({ resources }: Served): ReportKind | undefined {
  return REPORT_KINDS.find((kind) =>
    resources.some(
      ({ group, version, kind: name }) =>
        group === kind.group && version === kind.version && name === kind.kind,
    ),
  );
}

export const REPORT_NAME = 'rampart-background';
export const REPORT_LABEL = 'rampart.dev/background-report';

/** What it takes to keep reports; nothing where the cluster serves none. */
export function reportRights(said: Served): Right[] {
  const kind = kindIn(said);
  if (kind === undefined) return [];
  return [kind.plural, kind.clusterPlural].flatMap((resource) => [
    { group: kind.group, resource, verbs: ['list'] },
    { group: kind.group, resource, verbs: ['create', 'patch', 'delete'], names: [REPORT_NAME] },
  ]);
}

const LEFT_OUT = 'rampart.dev/left-out';

/** Results in one object. */
const MOST_RESULTS = 500;
/** Characters of JSON: etcd takes 1.5 MiB of UTF-8, of which a character may need three bytes. */
const LARGEST = 400_000;

/**
 * @param namespace Empty: of cluster-scoped objects.
 * @param pass How often a policy looked at an object and found nothing.
 * @param findings The worst first: what has no room is left out, and counted all the same.
 * @returns Null where there is nothing to report.
 */
export function reportObject(
  { group, version, kind, clusterKind }: ReportKind,
  namespace: string,
  findings: readonly StoredFinding[],
  pass: number,
): object | null {
  if (findings.length === 0) return null;
  const summary = { pass, fail: 0, warn: 0, error: 0, skip: 0 };
  const results: object[] = [];
  let size = 0;
  for (const finding of findings) {
    summary[outcomeOf(finding)]++;
    if (results.length >= MOST_RESULTS || size > LARGEST) continue;
    const result = resultOf(finding);
    size += JSON.stringify(result).length;
    results.push(result);
  }
  const leftOut = findings.length - results.length;
  return {
    apiVersion: `${group}/${version}`,
    kind: namespace === '' ? clusterKind : kind,
    metadata: {
      name: REPORT_NAME,
      ...(namespace === '' ? {} : { namespace }),
      labels: { 'app.kubernetes.io/managed-by': 'rampart', [REPORT_LABEL]: 'true' },
      ...(leftOut === 0 ? {} : { annotations: { [LEFT_OUT]: String(leftOut) } }),
    },
    summary,
    results,
  };
}

type Outcome = 'fail' | 'warn' | 'error' | 'skip';

/** `warn` is for policies that are not scored: whatever would not be denied. */
function outcomeOf({ verdict, effect }: StoredFinding): Outcome {
  if (verdict === 'error') return 'error';
  if (verdict === 'exempted') return 'skip';
  return effect === 'deny' ? 'fail' : 'warn';
}

/** Without times, which would make every report differ. */
function resultOf(finding: StoredFinding): object {
  const { policy, validation, severity, resource, detail, reason, stage, path, unevaluated } = finding;
  const { apiVersion, kind, namespace, name, uid } = resource;
  const outcome = outcomeOf(finding);
  return {
    source: 'rampart',
    policy,
    ...(validation === '' ? {} : { rule: validation }),
    severity,
    result: outcome,
    scored: outcome === 'fail',
    resources: [
      { apiVersion, kind, name, ...(namespace === '' ? {} : { namespace }), ...(uid === '' ? {} : { uid }) },
    ],
    message: detail.toWellFormed(),
    properties: {
      reason,
      stage,
      ...(path === undefined ? {} : { path }),
      ...(unevaluated ? { admitted: 'unevaluated' } : {}),
    },
  };
}
