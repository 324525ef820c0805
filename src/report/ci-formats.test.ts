/** junit, github, gitlab and markdown: each read back by a strict reader of what consumes it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import { micromark } from 'micromark';
import { gfm, gfmHtml } from 'micromark-extension-gfm';
import { parseFragment } from 'parse5';
import { SaxesParser } from 'saxes';
import { GATED_REPORT, HOSTILE, HOSTILE_REPORT, REPORT, SOURCES } from '../../test/fakes/report.ts';
import type { Report, Reported } from '../model/index.ts';
import { FORMATS, type FormatName, loadJobSummary } from './index.ts';

async function print(name: FormatName, report: Report): Promise<string> {
  const format = await FORMATS[name]();
  const source = (file: string) => SOURCES[file];
  const options = { color: false, width: 80, version: '0.1.0', quiet: false, all: false, source };
  return [...format(report, options)].join('');
}

const withMany = (count: number): Report => ({
  ...REPORT,
  results: Array.from({ length: count }, (_, index) => ({
    ...(REPORT.results[2] as Reported),
    origin: { file: 'shop/web.yaml', line: index + 1, column: 1 },
    fingerprint: String(index),
  })),
});
const EMPTY: Report = { ...REPORT, results: [] };

interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: (Element | string)[];
}

/** A strict XML 1.0 parser: throws on whatever is not well-formed. */
function parseXml(text: string): Element {
  const parser = new SaxesParser();
  const root: Element = { name: '', attributes: {}, children: [] };
  const open = [root];
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name, attributes }) => {
    const element: Element = { name, attributes: attributes as Record<string, string>, children: [] };
    open.at(-1)!.children.push(element);
    open.push(element);
  });
  parser.on('closetag', () => open.pop());
  parser.on('text', (part) => open.at(-1)!.children.push(part));
  parser.write(text).close();
  return root.children.find((child) => typeof child !== 'string')!;
}

const elements = ({ children }: Element) => children.filter((child) => typeof child !== 'string');

/** What the schema that Jenkins publishes lets stand where, with the attributes that must be there. */
const JUNIT: Readonly<
  Record<
    string,
    {
      readonly children: readonly string[];
      readonly required: readonly string[];
      readonly optional: readonly string[];
    }
  >
> = {
  testsuites: {
    children: ['testsuite'],
    required: [],
    optional: ['name', 'tests', 'failures', 'errors', 'skipped'],
  },
  testsuite: {
    children: ['testcase'],
    required: ['name'],
    optional: ['tests', 'failures', 'errors', 'skipped'],
  },
  testcase: {
    children: ['skipped', 'error', 'failure'],
    required: ['name', 'classname'],
    optional: ['file', 'line'],
  },
  failure: { children: [], required: [], optional: ['message', 'type'] },
  error: { children: [], required: [], optional: ['message', 'type'] },
  skipped: { children: [], required: [], optional: ['message', 'type'] },
};

function assertJunit(element: Element): void {
  const rule = JUNIT[element.name];
  assert.ok(rule, element.name);
  const names = Object.keys(element.attributes);
  for (const name of rule.required) assert.ok(names.includes(name), `${element.name} ${name}`);
  for (const name of names)
    assert.ok([...rule.required, ...rule.optional].includes(name), `${element.name} ${name}`);
  const outcomes = (wanted: string) =>
    elements(element)
      .flatMap((child) => (element.name === 'testsuites' ? elements(child) : [child]))
      .filter((child) => elements(child).some(({ name }) => name === wanted)).length;
  if (element.attributes['tests'] !== undefined) {
    assert.equal(Number(element.attributes['failures']), outcomes('failure'));
    assert.equal(Number(element.attributes['errors']), outcomes('error'));
    assert.equal(Number(element.attributes['skipped']), outcomes('skipped'));
  }
  for (const child of elements(element)) {
    assert.ok(rule.children.includes(child.name), `${child.name} in ${element.name}`);
    assertJunit(child);
  }
}

test('junit is well-formed and keeps to the schema, whatever is in a name', async () => {
  for (const report of [REPORT, GATED_REPORT, HOSTILE_REPORT, EMPTY]) {
    const root = parseXml(await print('junit', report));
    assertJunit(root);
    assert.equal(Number(root.attributes['tests']), Math.max(1, report.results.length));
  }
  assert.throws(() => parseXml('<a b="&"></a>'));
  assert.throws(() => assertJunit(parseXml('<testsuites><testcase name="a" classname="b"/></testsuites>')));
});

test('junit fails what fails the run, and skips with a reason what does not', async () => {
  const [suite] = elements(parseXml(await print('junit', GATED_REPORT)));
  assert.deepEqual(
    elements(suite!).map((testcase) => {
      const [outcome] = elements(testcase);
      return `${testcase.attributes['name']}: ${outcome!.name}: ${outcome!.attributes['message']}`;
    }),
    [
      'Pod default/web validations[0] /metadata/labels/team: skipped: warn only, medium: require-team/validations[0]: the label team is missing',
      'Pod default/second validations[0] /metadata/labels/team: skipped: audit only, medium: require-team/validations[0]: the label team is missing',
      'Pod default/third validations[0] /metadata/labels/team: skipped: does not fail the run, low: require-team/validations[0]: the label team is missing',
      'Pod default/web privileged /spec/containers/0/securityContext/privileged: failure: high: Privileged containers: container "app" must not set securityContext.privileged to true',
      'Pod default/old privileged /spec/containers/0/securityContext/privileged: skipped: known, high: Privileged containers: container "app" must not set securityContext.privileged to true',
      'Pod default/excused privileged /spec/containers/0/securityContext/privileged: skipped: exempted, high: Privileged containers: container "app" is privileged (allowed until 2027-01-31 at shop/web.yaml:8: moves next quarter)',
    ],
  );
});

interface Command {
  readonly name: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly data: string;
}

/** As the runner reads a line (ActionCommand.TryParseV2, and TryParse of the older form). */
function commandOf(line: string): Command | undefined {
  assert.ok(!/##\[|##vso\[/.test(line), `an order of the older form: ${line}`);
  const match = /^\s*::(.*?)::(.*)$/.exec(line);
  if (match === null) return undefined;
  const [name, ...rest] = match[1]!.split(' ');
  const unescaped = (text: string) =>
    text
      .replaceAll('%0D', '\r')
      .replaceAll('%0A', '\n')
      .replaceAll('%3A', ':')
      .replaceAll('%2C', ',')
      .replaceAll('%25', '%');
  const pairs = rest
    .join(' ')
    .split(',')
    .filter((pair) => pair !== '');
  return {
    name: name!,
    properties: Object.fromEntries(
      pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), unescaped(pair.slice(pair.indexOf('=') + 1))]),
    ),
    data: unescaped(match[2]!),
  };
}

const commands = (text: string) => text.split('\n').flatMap((line) => commandOf(line) ?? []);

test('github annotates what fails as errors, the rest by severity, and lists the others in the log', async () => {
  const text = await print('github', GATED_REPORT);
  assert.deepEqual(
    commands(text).map(({ name, properties }) =>
      `${name} ${properties['line'] ?? ''} ${properties['title'] ?? ''}`.trim(),
    ),
    [
      'error 9 high: Privileged containers',
      'warning 3 medium: require-team/validations[0]',
      'notice 3 low: require-team/validations[0]',
      'group',
      'endgroup',
    ],
  );
  const [error] = commands(text);
  assert.deepEqual(error!.properties, {
    file: 'shop/web.yaml',
    line: '9',
    endLine: '9',
    col: '25',
    endColumn: '40',
    title: 'high: Privileged containers',
  });
  assert.match(
    error!.data,
    /^Pod default\/web: container "app" must not set.*\nRemedy: Remove securityContext[\s\S]*\[pss-privileged\]$/,
  );
  assert.match(
    text,
    /::group::3 results listed only\n.*: audit only \(medium\): Pod default\/second.*\n.*: known \(high\): Pod default\/old.*\n.*: exempted \(high\): /,
  );
  assert.match(
    text,
    /\nFailed: 1 violation of medium or above, 1 audit only, 1 warn only, 1 known, 1 exempted, 7 left out as unchanged\n$/,
  );
});

test('github keeps to ten annotations of a level, and folds the others', async () => {
  const text = await print('github', withMany(25));
  assert.equal(commands(text).filter(({ name }) => name === 'error').length, 10);
  assert.match(
    text,
    /::group::15 results more than GitHub shows as annotations\n(?:shop\/web\.yaml.*\n){15}::endgroup::/,
  );
});

test('nothing in a name is an order to the runner, in whatever format reaches the log', async () => {
  for (const name of [
    'pretty',
    'github',
    'markdown',
    'json',
    'ndjson',
    'sarif',
    'junit',
    'gitlab',
  ] as const) {
    const found = commands(await print(name, HOSTILE_REPORT)).map((command) => command.name);
    const ours = ['error', 'group', 'endgroup'];
    assert.deepEqual(
      found.filter((command) => name !== 'github' || !ours.includes(command)),
      [],
      name,
    );
  }
});

/** As GitLab documents it (doc/ci/testing/code_quality, "Code Quality report format"); others members are ignored. */
const CODE_QUALITY = {
  type: 'array',
  items: {
    type: 'object',
    additionalProperties: false,
    required: ['description', 'check_name', 'fingerprint', 'severity', 'location'],
    properties: {
      description: { type: 'string', minLength: 1 },
      check_name: { type: 'string', minLength: 1 },
      fingerprint: { type: 'string', minLength: 1 },
      severity: { enum: ['info', 'minor', 'major', 'critical', 'blocker'] },
      location: {
        type: 'object',
        additionalProperties: false,
        required: ['path', 'lines'],
        properties: {
          path: { type: 'string', minLength: 1, not: { pattern: '^\\./' } },
          lines: {
            type: 'object',
            additionalProperties: false,
            required: ['begin'],
            properties: { begin: { type: 'integer', minimum: 1 } },
          },
        },
      },
    },
  },
};

test('gitlab keeps to the format of Code Quality, with fingerprints that differ', async () => {
  const validate = new Ajv().compile(CODE_QUALITY);
  const twice = { ...REPORT, results: REPORT.results.map((result) => ({ ...result, fingerprint: 'aa' })) };
  for (const report of [REPORT, GATED_REPORT, HOSTILE_REPORT, EMPTY, twice]) {
    const issues = JSON.parse(await print('gitlab', report)) as { fingerprint: string }[];
    assert.ok(validate(issues), JSON.stringify(validate.errors));
    assert.equal(new Set(issues.map(({ fingerprint }) => fingerprint)).size, report.results.length);
  }
});

test('gitlab lists what is known or excused as info, so that it does not look mended', async () => {
  const issues = JSON.parse(await print('gitlab', GATED_REPORT)) as {
    severity: string;
    description: string;
  }[];
  assert.deepEqual(
    issues.map(({ severity, description }) => `${severity} ${description.slice(0, 30)}`),
    [
      'major [warn only] the label team is ',
      'info [audit only] the label team is',
      'minor the label team is missing',
      'critical Privileged containers: contain',
      'info [known] Privileged containers:',
      'info [exempted] Privileged containe',
    ],
  );
});

interface Node {
  readonly nodeName: string;
  readonly value?: string;
  readonly attrs?: readonly { name: string; value: string }[];
  readonly childNodes?: readonly Node[];
}

/** Markdown as GitHub renders it, then HTML as a browser reads it. */
function rendered(text: string): Node[] {
  const page = micromark(text, {
    extensions: [gfm()],
    htmlExtensions: [gfmHtml()],
    allowDangerousHtml: true,
  });
  const nodes: Node[] = [];
  const walk = (node: Node): void => {
    nodes.push(node);
    for (const child of node.childNodes ?? []) walk(child);
  };
  walk(parseFragment(page) as unknown as Node);
  return nodes;
}

const OURS = [
  '#document-fragment',
  '#text',
  'h3',
  'h4',
  'p',
  'ul',
  'li',
  'table',
  'thead',
  'tbody',
  'tr',
  'th',
  'td',
  'details',
  'summary',
  'b',
  'strong',
  'code',
  'pre',
];

test('markdown holds no markup but its own, and what stands in names is shown as it is', async () => {
  for (const report of [REPORT, GATED_REPORT, HOSTILE_REPORT]) {
    const nodes = rendered(await print('markdown', report));
    const names = new Set(nodes.map(({ nodeName }) => nodeName));
    assert.deepEqual(
      [...names].filter((name) => ![...OURS, '#comment'].includes(name)),
      [],
    );
    assert.deepEqual(nodes.filter(({ nodeName }) => nodeName === '#comment').length, 1);
    assert.ok(
      nodes.every(({ attrs = [] }) => attrs.every(({ name }) => name === 'open' || name === 'align')),
    );
  }
  const shown = rendered(await print('markdown', HOSTILE_REPORT))
    .filter(({ nodeName }) => nodeName === '#text')
    .map(({ value }) => value!)
    .join('');
  assert.ok(shown.includes('<b onclick=x>&amp;</script><!--]]>`*_[x](http'), 'letter by letter');
});

test('markdown mentions nobody, refers to nothing and gives GitLab no quick action', async () => {
  // In code GitHub and GitLab look for neither; elsewhere a zero-width space keeps the words apart.
  const text = await print('markdown', {
    ...HOSTILE_REPORT,
    notices: ['/close', '@everyone see #1, !2, www.evil.example'],
  });
  const page = micromark(text, {
    extensions: [gfm()],
    htmlExtensions: [gfmHtml()],
    allowDangerousHtml: true,
  });
  const outside = page.replace(/<code>[\s\S]*?<\/code>/g, '');
  assert.match(outside, /@\u200beveryone see #\u200b1, !\u200b2, www\u200b\.evil/);
  assert.doesNotMatch(outside, /@everyone|#\d|:\/\/evil/);
  assert.ok(HOSTILE.includes('@everyone'));
  assert.doesNotMatch(text, /^\s*\/[a-z]/m);
});

test('markdown fits into a comment, and says what it left out, the least grave', async () => {
  const report = withMany(3000);
  const text = await print('markdown', {
    ...report,
    results: [...report.results, ...(GATED_REPORT.results as Reported[])],
  });
  assert.ok(text.length <= 65_536 && text.length > 60_000, String(text.length));
  const listed = text.split('\n').filter((line) => line.startsWith('- `')).length;
  const left = /\*\*([\d,]+) results not shown here\*\*/.exec(text)![1]!.replace(',', '');
  assert.equal(listed + Number(left), 3006);
  assert.doesNotMatch(text, /#### Known/);
  const open = text.split('<details').length;
  assert.equal(text.split('</details>').length, open);
});

test('the summary of a job fits into its bytes, and carries no marker', async () => {
  const jobSummary = await loadJobSummary();
  const wide = withMany(500);
  const text = jobSummary(
    { ...wide, results: wide.results.map((result) => ({ ...result, detail: 'ä'.repeat(90) })) },
    20_000,
  );
  assert.ok(Buffer.byteLength(text) <= 20_000 && Buffer.byteLength(text) > 18_000);
  assert.match(text, /^### Rampart · Failed/);
  assert.match(text, /results not shown here/);
});

test('markdown says the verdict, then what fails the run, then the rest', async () => {
  const text = await print('markdown', GATED_REPORT);
  assert.deepEqual(
    text.split('\n').filter((line) => /^(###|<details|- )/.test(line)),
    [
      '### Rampart · Failed: 1 violation of medium or above',
      '#### Fails the run',
      '<details open><summary><b>high</b> Privileged containers <code>pss-privileged</code></summary>',
      '- `shop/web.yaml:9` `Pod default/web`: container "app" must not set securityContext.privileged to true',
      '#### Listed, does not fail the run',
      '<details><summary><b>medium</b> <code>require-team/validations[0]</code> · 3</summary>',
      '- `shop/web.yaml:3` `Pod default/web` (warn only): the label team is missing',
      '- `shop/web.yaml:3` `Pod default/second` (audit only): the label team is missing',
      '- `shop/web.yaml:3` `Pod default/third`: the label team is missing',
      '#### Known',
      '<details><summary><b>high</b> Privileged containers <code>pss-privileged</code></summary>',
      '- `shop/web.yaml:9` `Pod default/old`: container "app" must not set securityContext.privileged to true',
      '#### Exempted',
      '<details><summary><b>high</b> Privileged containers <code>pss-privileged</code></summary>',
      '- `shop/web.yaml:9` `Pod default/excused`: container "app" is privileged (allowed until 2027-01-31 at shop/web.yaml:8: moves next quarter); value: values-prod.yaml:3; rendered for: prod, staging',
    ],
  );
});
