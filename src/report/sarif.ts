import type { Log, ReportingDescriptor, Result as SarifResult } from 'sarif';
import type { Report, Reported, Verdict } from '../model/index.ts';
import { showable } from './conceal.ts';
import { linesOf, markedEnd } from './excerpt.ts';
import type { FormatOptions } from './format.ts';
import { LEVEL, ruleId, rulesOf } from './sarif-rules.ts';
import { plain, plainJson, plainLines } from './text.ts';

const SCHEMA = 'https://json.schemastore.org/sarif-2.1.0.json';

/** SARIF 2.1.0 (OASIS), as GitHub code scanning and editors read it: one run, relative URIs, UTF-16 columns. */
export function* sarif(report: Report, options: FormatOptions): Iterable<string> {
  const rules = rulesOf(report);
  const shell = plainJson(logOf(report, rules, options), 2);
  // Results are spliced in one by one: the log of a large scan never stands in memory as a whole.
  const [head, tail] = shell.split('"results": []') as [string, string];
  yield `${head}"results": [`;
  const resultOf = resultMaker(report, rules, options);
  let separator = '\n        ';
  for (const result of report.results) {
    yield separator + plainJson(resultOf(result));
    separator = ',\n        ';
  }
  yield `]${tail}\n`;
}

function logOf({ summary }: Report, rules: readonly ReportingDescriptor[], { version }: FormatOptions): Log {
  return {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'Rampart',
            semanticVersion: version,
            rules: [...rules],
          },
        },
        columnKind: 'utf16CodeUnits',
        originalUriBaseIds: { '%SRCROOT%': { description: { text: 'The folder that was scanned from.' } } },
        invocations: [{ executionSuccessful: summary.exitCode !== 3, exitCode: summary.exitCode }],
        properties: { files: summary.files, resources: summary.resources, policies: summary.policies },
        results: [],
      },
    ],
  };
}

function resultMaker(
  report: Report,
  rules: readonly ReportingDescriptor[],
  options: FormatOptions,
): (result: Reported) => SarifResult {
  const indexes = new Map(rules.map((rule, index) => [rule.id, index]));
  const lineAt = lineReader(options);
  return (result) => {
    const id = ruleId(result);
    return {
      ruleId: id,
      ruleIndex: indexes.get(id)!,
      kind: KIND[result.verdict],
      level:
        result.verdict === 'error'
          ? 'error'
          : KIND[result.verdict] === 'fail'
            ? LEVEL[result.severity]
            : 'none',
      message: { text: plainLines(result.detail).join('\n') || result.reason },
      locations: [locationOf(result, lineAt, report)],
      partialFingerprints: { 'rampart/v1': result.fingerprint },
      // Once one result is compared with a baseline, all are: a viewer filters by it.
      ...(report.summary.known > 0 && result.verdict === 'violation'
        ? { baselineState: result.known === true ? 'unchanged' : 'new' }
        : {}),
      ...(result.verdict === 'exempted' ? { suppressions: [{ kind: 'external', status: 'accepted' }] } : {}),
      properties: {
        severity: result.severity,
        verdict: result.verdict,
        action: result.action,
        reason: result.reason,
        ...(result.policy === null ? {} : { policy: result.policy }),
        ...(result.validation === undefined ? {} : { validation: result.validation }),
        ...(result.stage === undefined ? {} : { stage: result.stage }),
        ...(result.environments === undefined ? {} : { environments: result.environments.map(plain) }),
        ...(result.note === undefined ? {} : { note: plain(result.note) }),
      },
    };
  };
}

const KIND: Readonly<Record<Verdict, SarifResult.kind>> = {
  violation: 'fail',
  exempted: 'fail',
  error: 'fail',
  pass: 'pass',
  skip: 'notApplicable',
};

function locationOf(
  { origin, resource, path }: Reported,
  lineAt: (file: string, line: number) => string | undefined,
  report: Report,
): NonNullable<SarifResult['locations']>[number] {
  const text = lineAt(origin.file, origin.line);
  const end =
    text === undefined ? origin.column + 1 : Math.max(origin.column, markedEnd(text, origin.column)) + 1;
  const name =
    resource === null
      ? ''
      : [resource.kind, resource.namespace, resource.name].filter((part) => part !== '').join('/');
  return {
    physicalLocation: {
      artifactLocation: { uri: uriOf(origin.file), uriBaseId: '%SRCROOT%' },
      region: {
        startLine: origin.line,
        startColumn: origin.column,
        endLine: origin.line,
        endColumn: end,
        ...(text === undefined
          ? {}
          : { snippet: { text: plain(showable(report, origin.file, origin.line, text)) } }),
      },
    },
    ...(resource === null
      ? {}
      : {
          logicalLocations: [
            { fullyQualifiedName: plain(`${name}${path === undefined ? '' : `#${path}`}`), kind: 'resource' },
          ],
        }),
  };
}

/** A relative reference: every segment percent-encoded, so that no file name can leave the URI. */
export function uriOf(file: string): string {
  return file
    .split('/')
    .map((segment) => encodeURIComponent(segment.toWellFormed()))
    .join('/');
}

function lineReader(options: FormatOptions): (file: string, line: number) => string | undefined {
  let file: string | undefined;
  let at: (line: number) => string | undefined = () => undefined;
  return (wanted, line) => {
    if (wanted !== file) {
      const text = options.source(wanted);
      file = wanted;
      at = text === undefined ? () => undefined : linesOf(text);
    }
    return at(line);
  };
}
