import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { Ajv, type ValidateFunction } from 'ajv';
import { GATED_REPORT, HOSTILE, HOSTILE_REPORT, REPORT, SOURCES } from '../../test/fakes/report.ts';
import type { Report, Reported } from '../model/index.ts';
import { FORMAT_NAMES, FORMATS, type FormatName, type FormatOptions } from './index.ts';
import { resultsSchema } from './results-schema.ts';
import { displayWidth } from './text.ts';

const OPTIONS: FormatOptions = {
  color: false,
  width: 80,
  version: '0.1.0',
  quiet: false,
  all: false,
  source: (file) => SOURCES[file],
};

// biome-ignore lint/suspicious/noExplicitAny: the tests look into parsed output
function parseJson(text: string): any {
  return JSON.parse(text);
}

function assertValid(validate: ValidateFunction, value: unknown): void {
  assert.ok(validate(value), JSON.stringify(validate.errors));
}

async function print(
  name: FormatName,
  report: Report,
  options: Partial<FormatOptions> = {},
): Promise<string> {
  const format = await FORMATS[name]();
  return [...format(report, { ...OPTIONS, ...options })].join('');
}

test('pretty shows place, source line, caret, remedy, folded errors and the summary', async () => {
  assert.equal(
    await print('pretty', REPORT),
    `shop/web.yaml

  --> shop/web.yaml:3:1
   | Pod default/web
 3 | metadata:
   | ^^^^^^^^
   = medium: require-team/validations[0]
     the label team is missing
     would violate: the cluster only warns about this

  --> shop/web.yaml:9:25
   | Pod default/web
 9 |       securityContext: {privileged: true}
   |                         ^^^^^^^^^^^^^^^^
   = high: Privileged containers [pss-privileged]
     container "app" must not set securityContext.privileged to true
     remedy: Remove securityContext.privileged, or set it to false. Grant the
     one capability that is needed instead:
         capabilities: {add: [NET_BIND_SERVICE]}

Not evaluated

  --> shop/broken.yaml:3:5
   = error: unreadable-document
     expected the end of the flow mapping, got a block entry
     help: Mend the document, or leave the file out with --exclude.

  --> shop/web.yaml:3:1
   | Pod default/web
 3 | metadata:
   | ^^^^^^^^
   = error: evaluation-failed [require-team]
     no such key: labels
     2 times in all, also: Pod default/other (shop/web.yaml:4)

Not decided

   = skip: needs-user [who-may] 4 resources
     request.userInfo is not known; give --userinfo

note: require-team has no binding; it is evaluated as if bound everywhere with
      Deny.

3 files, 2 Kubernetes objects, 2 policies, 1,204 passes
2 violations: critical 0, high 1, medium 1, low 0, info 0
3 errors, 4 not decided, 1 document not Kubernetes (--all names them)
Failed: 3 errors; what was not evaluated is not a pass (exit 3).
`,
  );
});

test('pretty says a remedy in full once, and what stops several policies once', async () => {
  const [, , violation, error] = REPORT.results as [Reported, Reported, Reported, Reported];
  const elsewhere = { ...violation.origin, file: 'shop/other.yaml' };
  const malformed = ['a', 'b', 'c', 'd', 'e'].map((policy) => ({ ...error, policy }));
  const text = await print('pretty', {
    ...REPORT,
    results: [violation, { ...violation, origin: elsewhere }, ...malformed],
  });
  assert.equal(text.split('remedy: ').length, 3);
  assert.match(text, /other\.yaml.*remedy: as above\n/s);
  assert.equal(text.split('no such key: labels').length, 2);
  assert.match(text, /evaluation-failed \[a, b, c and 2 more\]\n/);
});

test('colour adds nothing but colour', async () => {
  const coloured = await print('pretty', REPORT, { color: true });
  assert.notEqual(coloured, await print('pretty', REPORT));
  assert.equal(coloured.replace(/\x1b\[\d+m/g, ''), await print('pretty', REPORT));
});

test('pretty keeps to its width, also with long source lines', async () => {
  const origin = { file: 'shop/long.yaml', line: 2, column: 304 };
  const long = {
    ...REPORT,
    results: REPORT.results.map((result) => ({ ...result, origin, detail: 'word '.repeat(60) })),
  };
  for (const width of [40, 80, 120])
    for (const line of (await print('pretty', long, { width })).split('\n'))
      if (!line.startsWith('Failed') && !/^\d+ (errors|violations)/.test(line))
        assert.ok(displayWidth(line) <= width, `${width}: ${line}`);
  assert.match(await print('pretty', long), /\.\.\.x+: \{privileged: true, y+\.\.\.\n/);
});

test('no control character of the input reaches any output, and JSON keeps the value', async () => {
  for (const name of FORMAT_NAMES) {
    const text = await print(name, HOSTILE_REPORT, { source: () => `${HOSTILE}\n` });
    const found = /[\p{Cc}\p{Cs}\p{Default_Ignorable_Code_Point}\u2028\u2029]/u.exec(
      text.replaceAll('\n', ''),
    );
    assert.equal(found, null, `${name}: ${JSON.stringify(found?.[0])}`);
  }
  const parsed = parseJson(await print('json', HOSTILE_REPORT));
  assert.equal(parsed.results[0].detail, HOSTILE);
});

test('json and ndjson satisfy docs/reference/results.schema.json', async () => {
  const validate = new Ajv({ allErrors: true, strict: true }).compile(resultsSchema());
  for (const report of [REPORT, GATED_REPORT, HOSTILE_REPORT, { ...REPORT, results: [] }]) {
    const parsed = parseJson(await print('json', report));
    assertValid(validate, parsed);
    const lines = (await print('ndjson', report))
      .trimEnd()
      .split('\n')
      .map((line) => parseJson(line));
    assert.deepEqual(lines, [...parsed.results, { summary: parsed.summary }]);
  }
  assert.ok(!validate({ version: '1', results: [{ verdict: 'fine' }], summary: {} }));
});

test('sarif validates against the SARIF 2.1.0 schema and says what viewers need', async () => {
  const require = createRequire(import.meta.url);
  const {
    $schema: _draft4,
    id: _id,
    ...schema
  } = require('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json');
  const validate = new Ajv({ strict: false, validateFormats: false, unicodeRegExp: false }).compile(schema);
  for (const report of [REPORT, GATED_REPORT, HOSTILE_REPORT, { ...REPORT, results: [] }]) {
    const log = parseJson(await print('sarif', report));
    assertValid(validate, log);
    assert.equal(log.runs[0].results.length, report.results.length);
    for (const { ruleId, ruleIndex } of log.runs[0].results)
      assert.equal(log.runs[0].tool.driver.rules[ruleIndex].id, ruleId);
  }
  assert.ok(!validate({ version: '2.1.0', runs: [{ results: [] }] }), 'the schema refuses what is wrong');
  const [run] = parseJson(await print('sarif', REPORT)).runs;
  assert.deepEqual(run.results[2].locations[0].physicalLocation.region, {
    startLine: 9,
    startColumn: 25,
    endLine: 9,
    endColumn: 41,
    snippet: { text: '      securityContext: {privileged: true}' },
  });
  assert.deepEqual(run.results[2].partialFingerprints, { 'rampart/v1': '02' });
  assert.equal(run.results[2].locations[0].physicalLocation.artifactLocation.uri, 'shop/web.yaml');
  const rule = run.tool.driver.rules.find(({ id }: { id: string }) => id === 'pss-privileged');
  assert.deepEqual(rule.properties.tags, [
    'security',
    'kubernetes',
    'owner/platform-security',
    'pss-baseline/privileged',
    'cis-kubernetes/5.2.2',
    'equivalent/KSV-0017',
  ]);
  assert.match(rule.help.text, /Remedy: Remove/);
});

test('pretty and sarif tell what is known, staged or excused from what is new', async () => {
  const text = await print('pretty', GATED_REPORT);
  for (const label of [
    'warn only (medium)',
    'audit only (medium)',
    'low',
    'high',
    'known (high)',
    'exempted (high)',
  ])
    assert.ok(text.includes(`\n   = ${label}: `), label);
  assert.match(text, /\n1 audit only, 1 warn only, 1 known, 1 exempted, 7 left out as unchanged, 1 document/);
  const { results } = parseJson(await print('sarif', GATED_REPORT)).runs[0];
  assert.deepEqual(
    results.map(
      (result: { baselineState?: string; suppressions?: object[]; properties: { stage?: string } }) => [
        result.baselineState,
        result.suppressions?.length,
        result.properties.stage,
      ],
    ),
    [
      ['new', undefined, 'warn'],
      ['new', undefined, 'audit'],
      ['new', undefined, undefined],
      ['new', undefined, undefined],
      ['unchanged', undefined, undefined],
      [undefined, 1, undefined],
    ],
  );
});
