/** The reference page of frameworks: each control that policies of the built-in library name, why they do, and which. */
import type { CatalogueEntry } from '../app/catalogue.ts';
import type { Framework } from '../app/frameworks.ts';

type Frameworks = Readonly<Record<string, Framework>>;

/** Markdown; links lead to the pages beside it. */
export function frameworksPage(
  frameworks: Frameworks,
  policies: readonly CatalogueEntry[],
  generated: string,
): string {
  return [
    '# Frameworks',
    '',
    generated,
    '',
    'Controls that built-in policies name, with what a policy does to count under one. A scan that finds nothing does not prove that a',
    'control is met: most ask for more than manifests show, and every one of these lists holds controls that are missing here.',
    '',
    'The checks of the Pod Security Standards (`pss-baseline`, `pss-restricted`) are on the pages of the policies, by their names.',
    '',
    ...Object.entries(frameworks).flatMap(([name, framework]) => section(name, framework, policies)),
  ].join('\n');
}

function section(
  name: string,
  { title, edition, controls }: Framework,
  policies: readonly CatalogueEntry[],
): string[] {
  return [
    `## ${name}`,
    '',
    `${title}, ${edition}.`,
    '',
    '| control | what a policy does to count under it | policies |',
    '|---|---|---|',
    ...Object.entries(controls).map(([id, control]) => {
      const under = policies.filter(({ frameworks }) => frameworks?.[name]?.includes(id));
      const links = under.map((policy) => `[${policy.id}](policies/${policy.id}.md)`);
      return `| **${id}** ${control.title} | ${control.counts} | ${links.join(', ')} |`;
    }),
    '',
  ];
}

/** Lines of a policy's page: each framework with its edition, each control with its title. */
export function titledControls({ frameworks: named = {} }: CatalogueEntry, frameworks: Frameworks): string[] {
  return Object.entries(named).map(([name, ids]) => {
    const framework = frameworks[name];
    if (framework === undefined) return `${name}: ${ids.join(', ')}`;
    const titled = ids.map((id) => `${id} ${framework.controls[id]?.title ?? ''}`.trim());
    return `[${name}](../frameworks.md#${name}) (${framework.title}, ${framework.edition}): ${titled.join('; ')}`;
  });
}
