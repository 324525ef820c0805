/** The reference page of rampart.yaml. */
import {
  CONFIGURATION_SECTIONS,
  configurationKeys,
  type KeyReference,
} from '../app/configuration-reference.ts';
import { yamlText } from '../report/yaml.ts';
import type { Command } from './command.ts';

const SECTION_EXAMPLE = `environments:
  production:
    failOn: medium
paths:
  "legacy/**":
    failOn: critical
    skip: ["id=workload-image-latest"]
`;

export function configurationPage(commands: readonly Command[], generated: string): string {
  const keys = configurationKeys();
  return [
    '# rampart.yaml',
    '',
    generated,
    '',
    'Looked for in the working directory, then in the folders above it up to the root of the repository; `--config FILE` names',
    'another, `--no-config` takes none. Paths in it are relative to its folder. A `rampart.yaml` inside of what is scanned that is',
    'not the one in force has no effect, and the scan says so.',
    '',
    'What counts: a flag, else an environment variable, else an overlay of `paths`, else one of `environments`, else the file,',
    'else the default. Lists count as a whole, mappings entry by entry. A variable takes one value of a list, or one `NAME=VALUE`',
    'of a mapping, on each line. `rampart config show --explain` says where each value comes from.',
    '',
    'For editors there is a [JSON Schema](rampart.schema.json); a first line `# yaml-language-server: $schema=PATH` names it.',
    '',
    '| key | type | default | flag | variable |',
    '|---|---|---|---|---|',
    ...keys.map((key) => row(key, commands)),
    '',
    ...keys.flatMap(section),
    '## Overlays',
    '',
    ...Object.entries(CONFIGURATION_SECTIONS).flatMap(([name, doc]) => [`\`${name}\`: ${doc}`, '']),
    '```yaml',
    ...SECTION_EXAMPLE.trimEnd().split('\n'),
    '```',
    '',
  ].join('\n');
}

function row(key: KeyReference, commands: readonly Command[]): string {
  const flags = new Set(
    commands.flatMap(({ flags }) =>
      Object.entries(flags).flatMap(([flag, definition]) => (definition.key === key.name ? [flag] : [])),
    ),
  );
  const cells = [
    `[\`${key.name}\`](#${key.name.toLowerCase()})`,
    key.type,
    key.default === undefined ? '' : `\`${inline(key.default)}\``,
    [...flags].map((flag) => `\`--${flag}\``).join(', '),
    key.variable === undefined ? '' : `\`${key.variable}\``,
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function section({ name, doc, example, scope }: KeyReference): string[] {
  return [
    `## ${name}`,
    '',
    doc,
    SCOPES[scope],
    '',
    '```yaml',
    ...yamlText({ [name]: example })
      .trimEnd()
      .split('\n'),
    '```',
    '',
  ];
}

const SCOPES = {
  file: 'Only for all files.',
  environment: 'Also in `environments`.',
  path: 'Also in `environments` and `paths`.',
} as const;

/** A value on one line. */
function inline(value: unknown): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return yamlText(value).trimEnd();
  const entries = Object.entries(value).map(([name, inner]) => `${name}: ${inline(inner)}`);
  return `{${entries.join(', ')}}`;
}
