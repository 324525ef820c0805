/** Reference pages of the built-in library: one a policy, a list of all, and the controls of frameworks that they name. */
import { type Explanation, explainAll } from '../app/explain.ts';
import { type Framework, readFrameworks } from '../app/frameworks.ts';
import { frameworksPage, titledControls } from './reference-frameworks.ts';

/** By file name below docs/reference. */
export function policyPages(generated: string): Record<string, string> {
  const explained = explainAll({
    policies: ['builtin'],
    cwd: '/',
    set: [],
    select: [],
    skip: [],
    cache: undefined,
  });
  const frameworks = readFrameworks();
  return Object.fromEntries([
    ['policies/README.md', listPage(explained, generated)],
    [
      'frameworks.md',
      frameworksPage(
        frameworks,
        explained.map(({ policy }) => policy),
        generated,
      ),
    ],
    ...explained.map(
      (one) => [`policies/${one.policy.id}.md`, policyPage(one, frameworks, generated)] as const,
    ),
  ]);
}

function listPage(explained: readonly Explanation[], generated: string): string {
  const groups = new Map<string, Explanation[]>();
  for (const one of explained) groups.set(groupOf(one), [...(groups.get(groupOf(one)) ?? []), one]);
  return [
    '# Built-in policies',
    '',
    generated,
    '',
    `${explained.length} policies; a scan asks those with a star (\`--select set=recommended\`, the default), \`--select set=all\` asks all.`,
    '',
    ...[...groups].flatMap(([group, members]) => [
      `## ${group}`,
      '',
      '| policy | severity | about |',
      '|---|---|---|',
      ...members.map(({ policy }) => {
        const star = policy.sets.includes('recommended') ? ' ★' : '';
        return `| [${policy.id}](${policy.id}.md)${star} | ${policy.severity} | ${cell(policy.title)} |`;
      }),
      '',
    ]),
  ].join('\n');
}

/** The folder of its folder: `workload`. */
function groupOf({ policy }: Explanation): string {
  return policy.origin.file.split('/').at(-3) ?? '';
}

function policyPage(
  { policy, example }: Explanation,
  frameworks: Readonly<Record<string, Framework>>,
  generated: string,
): string {
  const { id, title, description = '', remediation = '', validations, sets, equivalents = [] } = policy;
  return [
    `# ${id}`,
    '',
    generated,
    '',
    `**${title}** · severity ${policy.severity}`,
    '',
    description.trim(),
    '',
    '## Remedy',
    '',
    remediation.trimEnd(),
    '',
    ...(example === undefined ? [] : ['Before and after:', '', '```diff', example, '```', '']),
    '## Validations',
    '',
    ...validations.map(({ name, message }) => `- \`${name}\`: ${message}`),
    '',
    '## Who else asks for it',
    '',
    ...[
      ...titledControls(policy, frameworks).map((line) => `- ${line}`),
      ...(equivalents.length === 0 ? [] : [`- checks of other tools: ${equivalents.join(', ')}`]),
      `- sets: ${sets.join(', ')}`,
    ],
    '',
  ].join('\n');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
