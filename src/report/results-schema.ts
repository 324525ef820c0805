import { REASONS, SEVERITIES } from '../model/index.ts';
import { RESULTS_VERSION } from './json.ts';

const VERDICTS = ['pass', 'violation', 'error', 'skip', 'exempted'];
const ACTIONS = ['deny', 'warn', 'audit', 'allow'];

/** JSON Schema (2020-12 without its novelties, so also draft-07) of `--format json`; a line of ndjson is one `result`. */
export function resultsSchema(): object {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Rampart results',
    description: 'What `rampart scan --format json` prints.',
    ...closed({
      version: { const: RESULTS_VERSION, description: 'Version of this schema.' },
      results: { type: 'array', items: { $ref: '#/definitions/result' } },
      summary: { $ref: '#/definitions/summary' },
    }),
    definitions: { result: resultSchema(), summary: summarySchema() },
  };
}

function resultSchema(): object {
  return {
    description: 'One policy × one resource × (for violations) one validation.',
    ...closed(
      {
        policy: { type: ['string', 'null'], description: 'Null for what could not be read.' },
        validation: { type: 'string', description: 'Name of the validation, or `validations[0]`.' },
        severity: { enum: SEVERITIES },
        verdict: { enum: VERDICTS },
        action: { enum: ACTIONS, description: 'What the cluster would do with the request.' },
        reason: { enum: Object.keys(REASONS), description: 'See reasons.md.' },
        detail: { type: 'string', description: 'What exactly.' },
        resource: {
          description: 'Null where there is none.',
          oneOf: [
            { type: 'null' },
            closed({
              apiVersion: { type: 'string' },
              kind: { type: 'string' },
              namespace: { type: 'string', description: 'Empty for cluster-scoped objects.' },
              name: { type: 'string', description: '`metadata.name`, or `metadata.generateName` and `*`.' },
            }),
          ],
        },
        origin: closed(
          {
            file: { type: 'string', description: 'Relative to the working directory, with `/`.' },
            line: { type: 'integer', minimum: 1 },
            column: { type: 'integer', minimum: 1, description: 'In UTF-16 code units.' },
            commit: { type: 'string' },
          },
          ['commit'],
        ),
        path: {
          type: 'string',
          description: 'JSON Pointer of the field that decided; it may be absent there.',
        },
        known: { const: true, description: 'It is in the baseline, and fails no run.' },
        stage: {
          enum: ['audit', 'warn', 'enforce'],
          description:
            'What rampart.lock says of its policy: audit and warn fail no run, enforce does. Else --fail-on decides.',
        },
        environments: {
          type: 'array',
          items: { type: 'string' },
          description:
            'What it was rendered for: environments of a chart, kustomizations, deployments. Absent for files as they stand.',
        },
        note: {
          type: 'string',
          description: 'Where the value comes from that a template only takes over.',
        },
        fingerprint: {
          type: 'string',
          pattern: '^[0-9a-f]+$',
          description: 'Survives reformatting and reordering of list-map items.',
        },
      },
      ['validation', 'path', 'known', 'stage', 'environments', 'note'],
    ),
  };
}

function summarySchema(): object {
  const count = { type: 'integer', minimum: 0 };
  const counts = (names: readonly string[]) => closed(Object.fromEntries(names.map((name) => [name, count])));
  return closed({
    files: count,
    resources: count,
    policies: count,
    notKubernetes: count,
    verdicts: counts(VERDICTS),
    severities: counts(SEVERITIES),
    known: count,
    staged: counts(['audit', 'warn']),
    unchanged: { type: ['integer', 'null'], minimum: 0, description: 'Null without --changed.' },
    undecided: {
      type: 'array',
      description: 'Skips for want of context, and errors, by cause.',
      items: closed({
        policy: { type: 'string' },
        verdict: { enum: ['skip', 'error'] },
        reason: { enum: Object.keys(REASONS) },
        detail: { type: 'string' },
        count: { type: 'integer', minimum: 1 },
      }),
    },
    failOn: { enum: [...SEVERITIES, 'none'] },
    failing: count,
    exitCode: { enum: [0, 1, 3] },
  });
}

/** An object of exactly these members, all required but the optional ones. */
function closed(properties: Record<string, object>, optional: readonly string[] = []): object {
  return {
    type: 'object',
    additionalProperties: false,
    required: Object.keys(properties).filter((name) => !optional.includes(name)),
    properties,
  };
}
