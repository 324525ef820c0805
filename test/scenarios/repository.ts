/** A Git repository to scan in. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { folderWith } from './rampart.ts';

const ENVIRONMENT = {
  PATH: process.env['PATH'],
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_SYSTEM: '/dev/null',
  GIT_AUTHOR_NAME: 't',
  GIT_AUTHOR_EMAIL: 't@example.com',
  GIT_COMMITTER_NAME: 't',
  GIT_COMMITTER_EMAIL: 't@example.com',
};

export interface Repository {
  readonly folder: string;
  git(...args: string[]): string;
  /** Writes files (undefined: deletes them). */
  write(files: Readonly<Record<string, string | undefined>>): void;
  /** The same, and commits everything. */
  commit(files: Readonly<Record<string, string | undefined>>): void;
}

/** On branch main, with these files committed. */
export function repository(files: Readonly<Record<string, string>>): Repository {
  const folder = folderWith({});
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: folder, env: ENVIRONMENT, encoding: 'utf8', stdio: 'pipe' }).trim();
  const write: Repository['write'] = (some) => {
    for (const [name, content] of Object.entries(some)) {
      const path = join(folder, name);
      if (content === undefined) rmSync(path);
      else {
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, content);
      }
    }
  };
  const commit: Repository['commit'] = (some) => {
    write(some);
    git('add', '-A');
    git('commit', '-qm', 'change', '--allow-empty');
  };
  git('init', '-q', '-b', 'main');
  commit(files);
  return { folder, git, write, commit };
}
