import type { Report, Result, Summary } from '../model/index.ts';
import { plainJson } from './text.ts';

/** Version of the results schema, docs/reference/results.schema.json; not of Rampart. */
export const RESULTS_VERSION = '1';

/** `{version, results, summary}`, a result a line. */
export function* json(report: Report): Iterable<string> {
  yield `{\n  "version": "${RESULTS_VERSION}",\n  "results": [`;
  let separator = '\n    ';
  for (const result of report.results) {
    yield separator + plainJson(toJson(result));
    separator = ',\n    ';
  }
  yield report.results.length > 0 ? '\n  ],\n' : '],\n';
  yield `  "summary": ${plainJson(summaryToJson(report.summary), 2).replaceAll('\n', '\n  ')}\n}\n`;
}

/** A result a line, then `{summary}`. */
export function* ndjson(report: Report): Iterable<string> {
  for (const result of report.results) yield `${plainJson(toJson(result))}\n`;
  yield `${plainJson({ summary: summaryToJson(report.summary) })}\n`;
}

/** Members in the documented order, and no others. */
export function toJson(result: Result): object {
  return {
    policy: result.policy,
    ...(result.validation === undefined ? {} : { validation: result.validation }),
    severity: result.severity,
    verdict: result.verdict,
    action: result.action,
    reason: result.reason,
    detail: result.detail,
    resource:
      result.resource === null
        ? null
        : {
            apiVersion: result.resource.apiVersion,
            kind: result.resource.kind,
            namespace: result.resource.namespace,
            name: result.resource.name,
          },
    origin: {
      file: result.origin.file,
      line: result.origin.line,
      column: result.origin.column,
      ...(result.origin.commit === undefined ? {} : { commit: result.origin.commit }),
    },
    ...(result.path === undefined ? {} : { path: result.path }),
    ...(result.known === undefined ? {} : { known: result.known }),
    ...(result.stage === undefined ? {} : { stage: result.stage }),
    ...(result.environments === undefined ? {} : { environments: result.environments }),
    ...(result.note === undefined ? {} : { note: result.note }),
    fingerprint: result.fingerprint,
  };
}

function summaryToJson(summary: Summary): object {
  return {
    files: summary.files,
    resources: summary.resources,
    policies: summary.policies,
    notKubernetes: summary.notKubernetes,
    verdicts: summary.verdicts,
    severities: summary.severities,
    known: summary.known,
    staged: summary.staged,
    unchanged: summary.unchanged,
    undecided: summary.undecided,
    failOn: summary.failOn,
    failing: summary.failing,
    exitCode: summary.exitCode,
  };
}
