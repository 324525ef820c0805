import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Repository } from './repository.ts';

/** URLs of the remotes of a repository, as its configuration has them. */
export function remoteUrls({ commonDir }: Repository): string[] {
  let text: string;
  try {
    text = readFileSync(join(commonDir, 'config'), 'utf8');
  } catch {
    return [];
  }
  const urls: string[] = [];
  let inRemote = false;
  for (const line of text.split(/\r?\n/)) {
    const section = /^\s*\[\s*(\w+)/.exec(line);
    if (section !== null) inRemote = section[1] === 'remote';
    const url = inRemote ? /^\s*url\s*=\s*"?([^"#;]+)/.exec(line)?.[1] : undefined;
    if (url !== undefined) urls.push(url.trim());
  }
  return urls;
}

/** What CI systems say the repository is: a clone there may have been made from elsewhere. */
export function urlsOfCi(env: Readonly<Record<string, string | undefined>>): string[] {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: name } = env;
  const github = server === undefined || name === undefined ? undefined : `${server}/${name}`;
  const others = ['CI_PROJECT_URL', 'BUILD_REPOSITORY_URI', 'BITBUCKET_GIT_HTTP_ORIGIN'].map(
    (key) => env[key],
  );
  return [github, ...others].filter((url) => url !== undefined && url !== '').map(String);
}
