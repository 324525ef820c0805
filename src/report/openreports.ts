import type { Report, Reported } from '../model/index.ts';
import { type Standing, standingOf } from './standing.ts';
import { plain, plainJson } from './text.ts';
import { notesOf, policyOf } from './wording.ts';

/** What the reports API was called, and is called since it moved; the results are of one form. */
interface Dialect {
  readonly apiVersion: string;
  readonly namespaced: string;
  readonly clusterScoped: string;
  /** Who made the report, beside who made each result. */
  readonly source: boolean;
}

const OPEN_REPORTS: Dialect = {
  apiVersion: 'openreports.io/v1alpha1',
  namespaced: 'Report',
  clusterScoped: 'ClusterReport',
  source: true,
};

const POLICY_REPORTS: Dialect = {
  apiVersion: 'wgpolicyk8s.io/v1alpha2',
  namespaced: 'PolicyReport',
  clusterScoped: 'ClusterPolicyReport',
  source: false,
};

/** Characters of JSON in one object at most: etcd takes 1.5 MiB of UTF-8, of which a character may need three bytes. */
const LARGEST = 400_000;
/** Of one message. */
const LONGEST = 10_000;

/** A List of openreports.io Reports, one a namespace, and ClusterReports for the rest, as `kubectl apply` takes it. */
export function openreports(report: Report): Iterable<string> {
  return listOf(report, OPEN_REPORTS);
}

/** The same as PolicyReports and ClusterPolicyReports. */
export function policyreport(report: Report): Iterable<string> {
  return listOf(report, POLICY_REPORTS);
}

function* listOf(report: Report, dialect: Dialect): Iterable<string> {
  yield '{"apiVersion":"v1","kind":"List","items":[';
  let separator = '\n';
  const namespaces = [...Map.groupBy(report.results, namespaceOf)].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [namespace, results] of namespaces) {
    for (const object of objects(report, dialect, namespace, results)) {
      yield separator + object;
      separator = ',\n';
    }
  }
  yield '\n]}\n';
}

/** A report stands in the namespace of what it is about, where that can be one (RFC 1123 label). */
function namespaceOf({ resource }: Reported): string {
  const namespace = resource?.namespace ?? '';
  return /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(namespace) ? namespace : '';
}

/** As many objects as the results need, each small enough for a cluster to store. */
function* objects(
  report: Report,
  dialect: Dialect,
  namespace: string,
  results: readonly Reported[],
): Iterable<string> {
  let number = 1;
  let held: string[] = [];
  let size = 0;
  let counts = noCounts();
  for (const result of results) {
    const outcome = OUTCOME[standingOf(result)];
    const text = plainJson(resultOf(report, result, outcome));
    if (size + text.length > LARGEST && held.length > 0) {
      yield objectOf(dialect, namespace, number++, counts, held);
      held = [];
      size = 0;
      counts = noCounts();
    }
    held.push(text);
    size += text.length;
    counts[outcome]++;
  }
  yield objectOf(dialect, namespace, number, counts, held);
}

function objectOf(
  dialect: Dialect,
  namespace: string,
  number: number,
  summary: Counts,
  results: readonly string[],
): string {
  const shell = plainJson({
    apiVersion: dialect.apiVersion,
    kind: namespace === '' ? dialect.clusterScoped : dialect.namespaced,
    metadata: {
      name: number === 1 ? 'rampart-scan' : `rampart-scan-${number}`,
      ...(namespace === '' ? {} : { namespace }),
      labels: { 'app.kubernetes.io/managed-by': 'rampart' },
    },
    ...(dialect.source ? { source: 'rampart' } : {}),
    summary,
  });
  return `${shell.slice(0, -1)},"results":[\n${results.join(',\n')}\n]}`;
}

type Outcome = 'pass' | 'fail' | 'warn' | 'error' | 'skip';
type Counts = Record<Outcome, number>;

function noCounts(): Counts {
  return { pass: 0, fail: 0, warn: 0, error: 0, skip: 0 };
}

/** `warn` is for policies that are not scored: whatever does not fail the run. An exemption is a selection by the user. */
const OUTCOME: Readonly<Record<Standing, Outcome>> = {
  error: 'error',
  failing: 'fail',
  below: 'warn',
  warn: 'warn',
  audit: 'warn',
  known: 'warn',
  exempted: 'skip',
  skip: 'skip',
  pass: 'pass',
};

/** Without a timestamp, which would make every run differ; a cluster notes when an object was applied. */
function resultOf(report: Report, result: Reported, outcome: Outcome): object {
  const { policy, validation, severity, reason, resource, detail } = result;
  const layer = policyOf(report, result)?.layer;
  const said = [plain(detail.slice(0, LONGEST)), ...notesOf(result)].join('; ');
  return {
    source: 'rampart',
    policy: policy === null ? `rampart/${reason}` : policy,
    ...(validation === undefined ? {} : { rule: validation }),
    ...(layer === undefined ? {} : { category: layer }),
    severity,
    result: outcome,
    // As the API words it: whether it counts for a score.
    scored: outcome === 'fail' || outcome === 'pass',
    ...(resource === null
      ? {}
      : { resources: [resource.namespace === '' ? clusterScoped(resource) : resource] }),
    message: said,
    properties: propertiesOf(result),
  };
}

function clusterScoped({ apiVersion, kind, name }: NonNullable<Reported['resource']>): object {
  return { apiVersion, kind, name };
}

/** Texts by name: all that other programs need to find the place, and to know the finding again. */
function propertiesOf(result: Reported): Readonly<Record<string, string>> {
  const { origin, path, reason, action, fingerprint, stage } = result;
  return {
    file: origin.file,
    line: String(origin.line),
    column: String(origin.column),
    ...(path === undefined ? {} : { path }),
    standing: standingOf(result),
    reason,
    action,
    ...(stage === undefined ? {} : { stage }),
    fingerprint,
  };
}
