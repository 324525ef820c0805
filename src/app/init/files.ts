/** The files of a first configuration. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { yamlText } from '../../report/yaml.ts';
import { CONFIG_NAME } from '../config-file.ts';
import { PACKAGE_FOLDER } from '../package.ts';
import { NEEDED_NODE, VERSION } from '../version.ts';
import type { Forge, Survey } from './survey.ts';

export interface NewFile {
  /** From the working directory. */
  readonly path: string;
  readonly text: string;
}

export interface FileOptions {
  readonly forge: Forge | undefined;
  readonly branch: string;
  /** The file of known findings, where one is written. */
  readonly baseline: string | undefined;
  /** The file of exemptions, where suppressions were imported. */
  readonly exemptions: string | undefined;
}

export function filesFor(survey: Survey, options: FileOptions): NewFile[] {
  return [
    { path: CONFIG_NAME, text: configText(survey, options) },
    { path: '.pre-commit-config.yaml', text: `repos:\n${PRE_COMMIT_ENTRY}` },
    ...ciFiles(options),
  ];
}

const CONFIG_HEADER = `# What Rampart asks of this repository. rampart config show --explain says what counts and why; all keys:
# docs/reference/configuration.md of Rampart.
`;

function configText({ policies, charts }: Survey, { baseline, exemptions }: FileOptions): string {
  const own = new Set([...policies, ...(exemptions === undefined ? [] : [exemptions])]);
  const environments = environmentsOf(charts);
  return `${CONFIG_HEADER}${yamlText({
    policies: ['builtin', ...own],
    ...(baseline === undefined ? {} : { baseline }),
    ...(Object.keys(environments).length === 0 ? {} : { environments }),
  })}`;
}

function environmentsOf(charts: Survey['charts']): Record<string, object> {
  const names = [...new Set(charts.flatMap(({ environments }) => Object.keys(environments)))].sort();
  return Object.fromEntries(
    names.map((name) => {
      const helm = charts.flatMap(({ folder, environments }) =>
        environments[name] === undefined ? [] : [[folder, { values: [environments[name]] }] as const],
      );
      return [name, { helm: Object.fromEntries(helm) }];
    }),
  );
}

/** By the version of the package, which nobody can change; the hook of the repository itself would need a clone of it. */
export const PRE_COMMIT_ENTRY = `  - repo: local
    hooks:
      - id: rampart
        name: rampart
        entry: rampart scan --allow-empty
        language: node # ${NEEDED_NODE} or newer; with an older one on the machine: language_version: ${NEEDED_NODE}.0
        additional_dependencies: ["@rampart-dev/rampart@${VERSION}"]
        files: \\.(ya?ml|json)$
        require_serial: true
`;

function ciFiles({ forge, branch }: FileOptions): NewFile[] {
  if (forge === 'github') {
    const text = template('github/rampart.yml').replace(
      'branches: [main]',
      `branches: [${JSON.stringify(branch)}]`,
    );
    return [{ path: '.github/workflows/rampart.yml', text: versioned(text) }];
  }
  if (forge === 'gitlab')
    return [
      { path: '.gitlab/rampart.gitlab-ci.yml', text: versioned(template('gitlab/rampart.gitlab-ci.yml')) },
      { path: '.gitlab-ci.yml', text: GITLAB_INCLUDE },
    ];
  return [];
}

export const GITLAB_INCLUDE = `include:
  - local: .gitlab/rampart.gitlab-ci.yml
`;

function template(name: string): string {
  return readFileSync(join(PACKAGE_FOLDER, 'deploy', 'ci', name), 'utf8');
}

function versioned(text: string): string {
  return text.replace(/RAMPART_VERSION: "[^"]*"/, `RAMPART_VERSION: "${VERSION}"`);
}
